"""Batches: refusals first, then what is drawn, held, charged and shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from batch_kit import drawn, foxes, works
from provider_kit import FLUX, PRICE_MICROUSD, hangs, refusal, trouble
from world_kit import ann, bob, moderator, policy

from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest
from bot.domain.runs import AT_ONCE, MAX_UNDER_WAY, BatchState
from bot.errors import (
    BadInput,
    NotAllowed,
    NotFound,
    OptionUnsupported,
    StorageTrouble,
    TooBusy,
    TooLate,
    TurnedAway,
    Undeliverable,
    Unreachable,
)
from bot.services.door import OPEN, Door

if TYPE_CHECKING:
    from batch_kit import Factory
    from house_kit import House

    from bot.domain.access import Asked
    from bot.domain.requests import Requester

__all__ = ["works"]


def allow(house: House, meter: Meter, cap: int) -> None:
    house.allowances.terms = replace(house.allowances.terms, person=policy({meter: cap}))


async def shut(_who: Requester, _asked: Asked) -> None:
    raise TurnedAway("Not here.")


@pytest.mark.further
async def test_who_may_not_draw_is_told_before_the_price_and_before_the_start(works: Factory):
    works.batches._door = Door(shut)
    with pytest.raises(TurnedAway):
        await works.offer(["fox"])

    works.batches._door = OPEN
    draft_id = await works.offer(["fox"])
    works.batches._door = Door(shut)
    with pytest.raises(TurnedAway):
        await works.batches.start(draft_id, ann(), works.house.origin())
    assert await works.all_rows(draft_id) == []

    works.batches._door = OPEN
    assert await works.batches.start(draft_id, ann(), works.house.origin())
    await works.rest()


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("lines", "more", "error", "says"),
    [
        (["fine", "\u200b"], {}, BadInput, "Row 2: The prompt is empty"),
        (["fox"], {"aspect": "9:1"}, OptionUnsupported, "cannot do aspect 9:1"),
        (["fox"], {"template": "a {b} {c}"}, BadInput, "needs one variable"),
        (["prompt,seed", "fox,7"], {"name": "a.csv"}, OptionUnsupported, "cannot do a seed"),
    ],
)
async def test_what_cannot_be_drawn_is_refused_before_anything_is_kept(works, lines, more, error, says):
    with pytest.raises(error, match=says):
        await works.offer(lines, **more)

    assert await works.house.database.read("SELECT 1 FROM draft") == []


async def test_nobody_starts_or_drops_another_person_s_list(works: Factory):
    draft_id = await works.offer(foxes(2))

    with pytest.raises(NotFound, match="Use /batch again"):
        await works.batches.start(draft_id, bob(), works.house.origin())
    with pytest.raises(NotFound):
        await works.batches.drop(draft_id, bob())


async def test_a_list_is_started_once_and_not_after_it_was_dropped_or_is_old(works: Factory):
    first, second, third = [await works.offer(foxes(1)) for _ in range(3)]
    await works.batches.start(first, ann(), works.house.origin())
    await works.batches.drop(second, ann())
    works.house.world.clock.move(hours=2)

    for draft_id in (first, second, third):
        with pytest.raises(NotFound):
            await works.batches.start(draft_id, ann(), works.house.origin())
    await works.rest()
    assert drawn(works.house) == ["fox 1"]


@pytest.mark.further
async def test_somebody_has_a_few_batches_at_most_and_the_next_list_is_kept(works: Factory):
    works.house.world.provider.script = [hangs] * MAX_UNDER_WAY
    started = [await works.start(foxes(1)) for _ in range(MAX_UNDER_WAY)]
    for batch_id in started:
        await works.batches.pause(batch_id, ann())
    draft_id = await works.offer(foxes(1))

    with pytest.raises(TooBusy, match=f"{MAX_UNDER_WAY} batches"):
        await works.batches.start(draft_id, ann(), works.house.origin())

    await works.batches.cancel(started[0], ann())
    await works.batches.start(draft_id, ann(), works.house.origin())


async def test_only_its_owner_and_moderators_of_its_server_steer_a_batch(works: Factory):
    batch_id = await works.done(foxes(1))
    origin = works.house.origin()

    for who in (bob(), moderator(guild_id=71)):
        for act in (works.batches.pause, works.batches.cancel):
            with pytest.raises(NotAllowed, match="person who started"):
                await act(batch_id, who)
        for act in (works.batches.resume, works.batches.retry):
            with pytest.raises(NotAllowed, match="person who started"):
                await act(batch_id, who, origin)
    with pytest.raises(TooLate, match="does not run"):
        await works.batches.pause(batch_id, moderator())
    with pytest.raises(TooLate, match="has not paused"):
        await works.batches.resume(batch_id, ann(), origin)
    with pytest.raises(TooLate, match="ended already"):
        await works.batches.cancel(batch_id, ann())
    with pytest.raises(TooLate, match="No row"):
        await works.batches.retry(batch_id, ann(), origin)


@pytest.mark.further
async def test_a_private_batch_is_nobody_else_s_business(works: Factory):
    batch_id = await works.done(foxes(1), private=True)

    with pytest.raises(NotFound):
        await works.batches.snapshot(batch_id, bob())
    with pytest.raises(NotFound):
        await works.batches.failed(batch_id, bob(channel_id=1))


async def test_rows_that_fail_are_named_not_charged_and_drawn_again(works: Factory):
    works.house.world.provider.script = [
        works.house.world.provider.draw,
        lambda _: refusal(),
        lambda _: trouble(400, "No."),
    ]
    batch_id = await works.done(foxes(4))

    assert sorted(await works.states(batch_id)) == ["done", "done", "failed", "failed"]
    failed = await works.batches.failed(batch_id, ann())
    assert all(row.failure for row in failed)
    assert works.house.world.board.sorry == [], "the batch tells it, not a card of its own"
    assert await works.spent() == 2

    await works.batches.retry(batch_id, ann(), works.house.origin())
    await works.rest()

    assert await works.states(batch_id) == ["done"] * 4
    assert sorted(works.wall.rows) == [1, 2, 3, 4]
    assert await works.spent() == 4
    assert [(one.tally.done, one.earlier) for one in works.wall.endings] == [(2, 0), (4, 2)]
    assert works.wall.zip_names == ["list-1.zip", "list-again-1.zip"]
    first, again = ([row for row in names if "row" in row] for (names,) in works.wall.zips.values())
    assert sorted(first + again) == [f"row-{n:04}.png" for n in range(1, 5)], "each picture once"
    _, (listed,) = works.wall.lists.values()
    assert [(one["row"], one["file"] or one["earlier_file"]) for one in listed] == [
        (n, f"row-{n:04}.png") for n in range(1, 5)
    ]
    assert [one["file"] for one in listed if one["file"]] == again


@pytest.mark.further
async def test_many_failures_in_a_row_pause_a_batch(works: Factory):
    works.house.world.provider.script = [lambda _: trouble(400, "No.")] * 40
    batch_id = await works.done(foxes(40))

    snapshot = await works.batches.snapshot(batch_id, ann())
    assert snapshot.batch.state is BatchState.PAUSED
    assert "5 rows in a row" in (snapshot.batch.reason or "")
    assert snapshot.tally.failed < 5 + AT_ONCE
    assert await works.house.open_holds() == 0


async def test_a_used_up_allowance_pauses_shows_what_is_there_and_says_when_it_lifts(works: Factory):
    allow(works.house, Meter.IMAGES_PER_DAY, 4)
    batch_id = await works.done(foxes(6))

    snapshot = await works.batches.snapshot(batch_id, ann())
    assert snapshot.batch.state is BatchState.PAUSED
    assert "4 pictures a day is used up. It starts again <t:" in (snapshot.batch.reason or "")
    assert (snapshot.tally.done, snapshot.tally.waiting) == (4, 2)
    assert await works.house.used() == 4
    assert works.wall.shown[-1].batch.state is BatchState.PAUSED

    works.house.world.clock.move(days=1)
    await works.batches.resume(batch_id, ann(), works.house.origin())
    await works.rest()

    assert await works.states(batch_id) == ["done"] * 6
    assert len(drawn(works.house)) == 6


@pytest.mark.further
async def test_money_that_is_held_for_more_than_it_costs_lets_a_batch_go_on(works: Factory):
    upper = works.house.studio.price(PictureRequest("fox 1")).upper_microusd
    allow(works.house, Meter.USD_PER_DAY, 3 * PRICE_MICROUSD + upper)
    batch_id = await works.done(foxes(4))

    assert await works.states(batch_id) == ["done"] * 4
    assert await works.house.used(Meter.USD_PER_DAY) == 4 * PRICE_MICROUSD


async def test_pages_hold_ten_pictures_and_the_files_come_at_the_end(works: Factory):
    batch_id = await works.done(foxes(23))

    assert [len(shots) for shots in works.wall.pages.values()] == [10, 10, 3]
    assert sorted(works.wall.rows) == list(range(1, 24))
    ((names,),) = works.wall.zips.values()
    assert sorted(names) == [*(["manifest.csv", "manifest.json"]), *(f"row-{n:04}.png" for n in range(1, 24))]
    assert [(one.tally.done, one.left_out) for one in works.wall.endings] == [(23, 0)]
    assert works.wall.shown[-1].batch.state is BatchState.DONE
    assert await works.spent() == 23
    assert (await works.batches.snapshot(batch_id, ann())).tally.cost_microusd == 23 * PRICE_MICROUSD


@pytest.mark.further
async def test_files_come_in_parts_that_discord_takes_and_what_is_left_out_is_counted(works: Factory):
    batch_id = await works.offer(foxes(43), name="Füchse & Co.txt")
    small = works.house.origin(upload_limit_bytes=5200)
    await works.batches.start(batch_id, ann(), small)
    await works.rest()

    messages = list(works.wall.zips.values())
    assert [len(parts) for parts in messages] == [10, 10, 10, 10]
    assert [one.left_out for one in works.wall.endings] == [3]
    assert works.wall.zip_names[:2] == ["F-chse-Co-1.zip", "F-chse-Co-2.zip"]


@pytest.mark.further
async def test_files_that_cannot_be_posted_do_not_keep_a_batch_from_its_end(works: Factory):
    works.wall.takes_no_files = True
    batch_id = await works.done(foxes(2))

    snapshot = await works.batches.snapshot(batch_id, ann())
    assert (snapshot.batch.state, works.wall.zips) == (BatchState.DONE, {})


async def test_columns_and_seeds_reach_the_model(works: Factory):
    lines = ["animal,seed", "fox,7", "cat,"]
    await works.done(lines, name="a.csv", template="a red {animal}", seed=3, model=FLUX)

    asked = sorted((body["prompt"], body["seed"]) for body in works.house.world.provider.bodies)
    assert asked == [("a red cat", 3), ("a red fox", 7)]


async def test_a_page_that_can_be_posted_nowhere_waits_on_the_shelf_and_is_not_charged(works: Factory):
    works.wall.script = [Unreachable("No way.")]
    batch_id = await works.done(foxes(3))

    snapshot = await works.batches.snapshot(batch_id, ann())
    assert snapshot.batch.state is BatchState.PAUSED
    assert (snapshot.tally.done, snapshot.tally.kept) == (3, 3)
    kept = await works.house.studio.under_way(ann())
    assert [one.job.waits_for_owner for one in kept] == [True] * 3
    assert await works.house.open_holds() == 3

    await works.house.shelf.fetch(kept[0].job.id, ann(), works.house.origin())
    await works.house.rest()

    (shown,) = works.house.world.board.shown
    assert shown.job.id == kept[0].job.id, "shown by itself"
    assert await works.house.open_holds() == 2


async def test_a_page_that_discord_refuses_is_not_charged_and_can_be_drawn_again(works: Factory):
    works.wall.script = [Undeliverable("Discord did not take the picture. Nothing was charged.")]
    batch_id = await works.done(foxes(2))

    assert await works.all_rows(batch_id) == [
        (n, "failed", "Discord did not take the picture. Nothing was charged.") for n in (1, 2)
    ]
    assert await works.spent() == 0


async def test_again_on_a_batch_s_picture_is_an_order_of_its_own(works: Factory):
    await works.done(foxes(1))
    (row,) = await works.rows.done((await works.house.database.read("SELECT id FROM batch"))[0]["id"])
    request = await works.house.studio.again(await works.house.job(row.job_id))

    await works.house.done(request)

    assert len(works.house.world.board.shown) == 1
    assert len(works.wall.pages) == 1


async def test_pages_and_files_wait_for_pictures_that_are_out_of_reach(
    works: Factory, monkeypatch: pytest.MonkeyPatch
):
    get, tries = works.house.blobs.get, iter(range(3))

    async def out_of_reach(name: str) -> bytes:
        if next(tries, None) is not None:
            raise StorageTrouble("out of reach")
        return await get(name)

    monkeypatch.setattr(works.house.blobs, "get", out_of_reach)
    works.wall.script = [StorageTrouble("out of reach")] * 3

    batch_id = await works.done(foxes(3))

    assert await works.states(batch_id) == ["done"] * 3
    assert works.wall.rows == [1, 2, 3]
    assert len(works.wall.zips) == 1
    assert (next(tries, None), works.wall.script) == (None, [])
