from __future__ import annotations

import asyncio

import pytest
from house_kit import House, open_house
from provider_kit import FLUX, GEMINI, MINI, PRICE_MICROUSD, refusal
from world_kit import ANN, BOB, World, ann, bob, moderator

from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.domain.requests import MAX_SEED, PictureRequest, Stored
from bot.errors import (
    BadInput,
    ModelGone,
    NotAllowed,
    NotFound,
    OptionUnsupported,
    QuotaExceeded,
    TooBusy,
)


async def _count(house: House) -> int:
    return int((await house.database.read("SELECT COUNT(*) AS n FROM job"))[0]["n"])


async def test_twenty_orders_at_once_at_an_allowance_of_one_open_exactly_one_job(world: World):
    world.caps.person = {Meter.IMAGES_PER_DAY: 1}
    async with open_house(world) as house:
        opened = await asyncio.gather(*(house.order() for _ in range(20)), return_exceptions=True)
        await house.rest()

        jobs = [one for one in opened if not isinstance(one, BaseException)]
        assert len(jobs) == 1
        assert sum(isinstance(one, QuotaExceeded) for one in opened) == 19
        assert len(world.provider.bodies) == 1
        assert await house.used() == 1


async def test_an_order_over_the_allowance_leaves_no_trace_and_says_when_it_lifts(world: World):
    world.caps.person = {Meter.IMAGES_PER_DAY: 3}
    async with open_house(world) as house:
        with pytest.raises(QuotaExceeded, match=r"4 pictures.*allowance of 3 pictures a day"):
            await house.order(PictureRequest("a fox", count=4))
        await house.done(PictureRequest("a fox", count=3))

        with pytest.raises(QuotaExceeded, match=r"is used up\. It starts again <t:\d+:R>"):
            await house.order()

        assert await _count(house) == 1


async def test_a_server_s_allowance_stops_everyone_in_it_and_nobody_elsewhere(world: World):
    world.caps.server = {Meter.IMAGES_PER_DAY: 1}
    async with open_house(world) as house:
        await house.done(who=ann())

        with pytest.raises(QuotaExceeded, match=r"[Tt]his server's"):
            await house.order(who=bob())

        assert await house.order(who=bob(guild_id=71)) is not None
        assert await house.order(who=bob(guild_id=None)) is not None


async def test_the_operator_s_budget_stops_everyone_and_keeps_its_amount_to_itself(world: World):
    world.caps.operator = {Meter.USD_PER_DAY: PRICE_MICROUSD * 2 + 1000}
    async with open_house(world) as house:
        await house.done()

        with pytest.raises(QuotaExceeded, match="allowance for today is used up") as stopped:
            await house.order(who=bob(guild_id=None))

        assert "$" not in str(stopped.value)


async def test_a_zero_cap_means_that_nothing_can_be_drawn(world: World):
    world.caps.person = {Meter.IMAGES_PER_MONTH: 0}
    async with open_house(world) as house:
        with pytest.raises(QuotaExceeded, match="set to zero"):
            await house.order()


@pytest.mark.parametrize("prompt", ["", "  ", "\n\t"], ids=["empty", "blanks", "lines"])
async def test_an_empty_prompt_is_refused_before_anything_is_held(house: House, prompt: str):
    with pytest.raises(BadInput, match="prompt is empty"):
        await house.order(prompt)

    assert await _count(house) == 0


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        (
            PictureRequest("a", seed=1, model=MINI),
            OptionUnsupported,
            "the model flux.2-pro, which can",
        ),
        (PictureRequest("a", aspect="21:9", seed=1, quality="max"), OptionUnsupported, "cannot do"),
        (PictureRequest("a", model="acme/none"), OptionUnsupported, "not offered here"),
        (PictureRequest(" \u200b\u2060\n"), BadInput, "prompt is empty"),
        (
            PictureRequest("a", background="transparent", output_format="jpeg", model=FLUX),
            OptionUnsupported,
            "png or webp",
        ),
        (
            PictureRequest("a", references=tuple(Stored(str(n)) for n in range(5))),
            BadInput,
            "At most 4",
        ),
    ],
    ids=[
        "option of another model",
        "nobody can",
        "model not on the list",
        "nothing to see",
        "a clear jpeg",
        "too many references",
    ],
)
async def test_what_no_model_can_do_is_refused_before_any_charge(house: House, request_, error, words):
    with pytest.raises(error, match=words):
        await house.order(request_)

    assert await _count(house) == 0
    assert await house.used() == 0


async def test_the_same_click_delivered_twice_holds_once(house: House):
    first = await house.order(job_id=5, start=False)
    second = await house.order(job_id=5, start=False)

    assert first is not None
    assert second is None
    assert await house.used() == 1


async def test_a_closed_studio_takes_no_orders(house: House):
    house.studio.close()

    with pytest.raises(TooBusy, match="restarting"):
        await house.order()

    assert await _count(house) == 0


async def test_a_full_queue_takes_no_orders(world: World):
    world.caps.max_waiting, world.caps.max_running = 2, 0
    async with open_house(world) as house:
        for _ in range(2):
            await house.order()

        with pytest.raises(TooBusy, match="hands full"):
            await house.order(who=bob())


async def test_a_person_may_have_so_many_requests_under_way_however_fast_they_come(world: World):
    world.caps.max_per_person, world.caps.person = 3, {}
    async with open_house(world) as house:
        opened = await asyncio.gather(*(house.order(start=False) for _ in range(12)), return_exceptions=True)

        assert sum(isinstance(one, TooBusy) for one in opened) == 9
        assert "3 requests under way" in str(next(one for one in opened if isinstance(one, TooBusy)))
        assert await house.order(who=bob(), start=False) is not None


@pytest.mark.parametrize("restarted", [False, True], ids=["at once", "by the next start"])
async def test_a_withdrawn_order_gives_everything_back_and_its_card_says_so_once(
    house: House, restarted: bool
):
    job = await house.order(start=False)
    assert job is not None

    await house.studio.withdraw(job)

    assert (await house.job(job.id)).state is JobState.CANCELLED
    assert await house.used() == 0
    if restarted:
        assert [one.id for one in await house.take_up()] == [job.id]
        await house.rest()
    else:
        await house.studio.retract(job)
    ((_, error),) = house.world.board.retracted
    assert str(error).startswith("Discord did not take Easel's answer in time.")
    assert await house.take_up() == []
    assert house.world.provider.bodies == []


async def test_the_hold_is_the_upper_price_of_all_pictures(house: House):
    job = await house.order(PictureRequest("a fox", count=3), start=False)
    assert job is not None

    assert job.held.images == 3
    assert job.held.microusd >= 3 * 20_000
    assert job.plan.count == 3


class TestShow:
    async def test_an_unknown_job_is_not_found(self, house: House):
        with pytest.raises(NotFound, match="no longer here"):
            await house.studio.show(1, ann())

    @pytest.mark.sampled(2)
    @pytest.mark.parametrize(
        ("asked_by", "looked_at_by", "private", "seen"),
        [
            (ann(), bob(), False, True),
            (ann(), bob(channel_id=701), False, False),
            (ann(), bob(channel_id=701, sees={700}.__contains__), False, True),
            (ann(), bob(channel_id=701, sees={700}.__contains__), True, False),
            (ann(), bob(guild_id=71, sees={700}.__contains__), False, False),
            (ann(), bob(guild_id=71), False, False),
            (ann(), bob(guild_id=None), False, False),
            (ann(), bob(), True, False),
            (ann(), moderator(), True, False),
            (ann(), ann(), True, True),
            (ann(guild_id=None), ann(guild_id=None, channel_id=9), False, True),
            (ann(guild_id=None), bob(guild_id=None), False, True),
            (ann(guild_id=None), bob(guild_id=None, channel_id=9), False, False),
        ],
        ids=[
            "same server",
            "other channel",
            "other channel, which sees this one",
            "private, from a channel which sees this one",
            "other server, whatever it sees",
            "other server",
            "from a direct message",
            "private to others",
            "private to moderators",
            "private to its owner",
            "owner from anywhere",
            "group channel",
            "other channel, no server",
        ],
    )
    async def test_pictures_are_seen_where_they_belong(
        self, house: House, asked_by, looked_at_by, private, seen
    ):
        job = await house.done(PictureRequest("a fox", private=private), asked_by)

        if not seen:
            with pytest.raises(NotFound):
                await house.studio.show(job.id, looked_at_by)
            return

        shown, pictures = await house.studio.show(job.id, looked_at_by)
        assert shown.id == job.id
        assert len(pictures) == 1

    async def test_a_card_is_gone_on_from_before_discord_answers_that_it_shows_it(self, house: House):
        house.world.board.script = [OSError("Discord is away")]
        job = await house.done()
        assert job.state is JobState.PRODUCED

        _, unseen = await house.studio.show(job.id, ann())
        _, seen = await house.studio.show(job.id, ann(shown=frozenset({job.id})))

        assert (len(unseen), len(seen)) == (0, 1)


class TestRemove:
    async def test_another_person_may_not_delete(self, house: House):
        job = await house.done()

        with pytest.raises(NotAllowed, match="Only the person who asked"):
            await house.studio.remove(job.id, bob())

        assert len(await house.pictures.of_job(job.id, Role.RESULT)) == 1

    async def test_a_moderator_of_another_server_may_not_even_see_it(self, house: House):
        job = await house.done()

        with pytest.raises(NotFound):
            await house.studio.remove(job.id, moderator(guild_id=71))

    @pytest.mark.parametrize("who", [ann(), moderator()], ids=["owner", "moderator"])
    async def test_pictures_and_their_bytes_are_gone(self, house: House, who):
        job = await house.done()
        (picture,) = await house.pictures.of_job(job.id, Role.RESULT)

        await house.studio.remove(job.id, who)

        assert await house.pictures.of_job(job.id, Role.RESULT) == ()
        assert not await house.blobs.exists(picture.blob)
        assert await house.used() == 1, "what was drawn stays charged"

    async def test_pictures_are_not_deleted_from_under_a_job_that_is_not_settled_yet(self, house: House):
        house.world.board.script = [OSError("Discord is away")]
        job = await house.done()
        assert job.state is JobState.PRODUCED

        with pytest.raises(TooBusy):
            await house.studio.remove(job.id, ann())

        await house.take_up()
        assert await house.used() == 1

    async def test_bytes_that_another_picture_has_too_are_kept(self, house: House):
        from provider_kit import images, picture_bytes

        same = picture_bytes()
        house.world.provider.script = [lambda _: images(same), lambda _: images(same)]
        first, second = await house.done(), await house.done()
        (kept,) = await house.pictures.of_job(second.id, Role.RESULT)

        await house.studio.remove(first.id, ann())

        assert await house.blobs.get(kept.blob) == same


async def test_a_gone_model_asked_for_by_name_is_said_and_nothing_is_held(house: House):
    house.catalogue.mark_gone(GEMINI)

    with pytest.raises(ModelGone):
        await house.order(PictureRequest("a fox", model=GEMINI))

    assert await house.used() == 0


async def test_the_last_seed_of_the_largest_order_still_fits_what_providers_take(house: House):
    job = await house.order(PictureRequest("a fox", seed=MAX_SEED, count=10, model=FLUX), start=False)
    assert job is not None

    assert max(call.seed or 0 for call in job.plan.calls) <= 2**31 - 1


async def test_people_are_counted_by_id_whatever_else_they_are(house: House):
    world = house.world
    world.provider.script = [lambda _: refusal()]
    await house.done(who=ann())
    await house.done(who=bob())

    assert (await house.used(who=ann()), await house.used(who=bob())) == (0, 1)
    assert {ANN, BOB} == {101, 102}
