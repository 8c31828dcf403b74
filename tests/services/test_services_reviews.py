from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from house_kit import open_house
from sight_kit import revival_room
from world_kit import ANN, BOB, GUILD, MOD, Fuse, Killed, ann

from bot.domain.images import Role
from bot.domain.jobs import Job, JobState
from bot.domain.reviews import ReviewState, Watch, Watching
from bot.errors import BadInput, NotFound, PictureDenied, TooLate
from bot.storage.audit import Audit
from bot.texts import speaking

if TYPE_CHECKING:
    from house_kit import House
    from world_kit import World

ROOM = 750
"""The moderators' channel."""


async def watch(house: House, what: Watch = Watch.ALL) -> None:
    await house.watchfulness.choose(Watching(what, ROOM), GUILD, MOD)


async def acts(house: House) -> list[str]:
    return [line.action for line in reversed(await Audit(house.database).recent(GUILD, 50))]


async def held(house: House, prompt: str = "a lighthouse", **more) -> Job:
    job = await house.done(prompt, **more)
    assert job.waits_for_moderators
    return job


async def test_pictures_wait_and_are_shown_and_charged_when_a_moderator_says_yes(house: House):
    await watch(house)
    job = await held(house)
    assert house.world.board.shown == []
    assert house.world.bench.posted == [(job.id, 1, ROOM)]
    assert house.world.bench.held == [job.id]
    assert await house.open_holds() == 1

    review = await house.reviews.approve(job.id, GUILD, MOD)
    await house.rest()

    assert (review.state, review.decided_by) == (ReviewState.APPROVED, MOD)
    assert [result.job.id for result in house.world.board.shown] == [job.id]
    assert (await house.job(job.id)).state is JobState.SETTLED
    assert await house.used() == 1
    assert house.world.bench.closed == [review]
    assert await acts(house) == ["safety.review", "review.held", "review.approved"]


async def test_what_is_watched_from_while_it_is_drawn_on_waits_too(house: House):
    provider = house.world.provider

    async def watched_meanwhile(request):
        await watch(house)
        return provider.draw(request)

    provider.script = [watched_meanwhile]

    await held(house)

    assert house.world.board.shown == []


async def test_a_no_gives_the_money_back_and_forgets_the_pictures(house: House):
    await watch(house)
    job = await held(house)
    (picture,) = await house.pictures.of_job(job.id, Role.RESULT)

    await house.reviews.deny(job.id, GUILD, MOD, "Not here")
    await house.rest()

    ((told, error),) = house.world.board.sorry
    assert told.id == job.id
    assert isinstance(error, PictureDenied)
    assert "Not here." in str(error)
    assert str(MOD) not in str(error), "who decided is not told"
    assert (await house.job(job.id)).state is JobState.FAILED
    assert await house.used() == 0
    assert await house.absorbed() > 0, "the provider billed it all the same"
    assert await house.pictures.of_job(job.id, Role.RESULT) == ()
    with pytest.raises(NotFound):
        await house.blobs.get(picture.blob)


async def test_one_of_two_moderators_decides(house: House):
    await watch(house)
    job = await held(house)

    outcomes = await asyncio.gather(
        house.reviews.approve(job.id, GUILD, MOD),
        house.reviews.deny(job.id, GUILD, BOB, ""),
        return_exceptions=True,
    )
    await house.rest()

    (late,) = [one for one in outcomes if isinstance(one, BaseException)]
    assert isinstance(late, TooLate)
    assert str(late) in {f"<@{who}> has decided on this already." for who in (MOD, BOB)}
    assert sum(action in {"review.approved", "review.denied"} for action in await acts(house)) == 1
    assert len(house.world.board.shown) + len(house.world.board.sorry) == 1


async def test_moderators_of_another_server_know_nothing_of_it(house: House):
    await watch(house)
    job = await held(house)

    for decide in (house.reviews.approve(job.id, GUILD + 1, MOD), house.reviews.find(1, GUILD)):
        with pytest.raises(NotFound):
            await decide
    assert await house.reviews.waiting(GUILD + 1, 5) == ()
    ((review, waiting, pictures),) = await house.reviews.waiting(GUILD, 5)
    assert (review.user_id, waiting.id, len(pictures)) == (ANN, job.id, 1)


async def test_only_what_is_watched_for_waits_where_that_was_chosen(house: House):
    await watch(house, Watch.FLAGGED)
    await house.words.add(GUILD, MOD, ["?weird"])

    plain, weird = await house.done("a plain cat"), await held(house, "a weird cat")
    elsewhere = await house.done("a weird cat", ann(guild_id=None))

    assert plain.state is elsewhere.state is JobState.SETTLED
    review = await house.reviews.find(weird.id, GUILD)
    assert review.why == "?weird"


async def test_what_waits_is_seen_by_nobody_by_other_ways(house: House):
    await watch(house)
    job = await held(house)

    _, pictures = await house.studio.show(job.id, ann(shown=frozenset({job.id})))
    assert pictures == ()
    with pytest.raises(NotFound):
        await revival_room(house).revive(job.id, ann())
    assert await house.watchfulness.hides(job)
    assert not await house.watchfulness.may_draw(ann())


async def test_what_nobody_decides_on_ends_by_itself_without_a_charge(house: House):
    await watch(house)
    job = await held(house)
    house.world.clock.move(hours=23)
    await house.reviews.tend()
    assert (await house.job(job.id)).waits_for_moderators

    house.world.clock.move(hours=2)
    await house.reviews.tend()
    await house.rest()

    assert (await house.job(job.id)).state is JobState.FAILED
    assert "in time" in str(house.world.board.sorry[0][1])
    assert (await acts(house))[-1] == "review.expired"
    with pytest.raises(TooLate, match="too long"):
        await house.reviews.approve(job.id, GUILD, MOD)


async def test_what_could_not_be_brought_before_moderators_is_brought_later(house: House):
    await watch(house)
    house.world.bench.is_empty = True
    job = await held(house)
    assert house.world.bench.posted == []

    house.world.bench.is_empty = False
    for _ in range(2):
        await house.reviews.tend()
    assert house.world.bench.posted == [(job.id, 1, ROOM)]


async def test_choosing_another_channel_brings_what_waits_there(house: House):
    await watch(house)
    house.world.bench.shut = "the channel is gone."
    job = await held(house)
    house.world.bench.shut = ""

    await house.watchfulness.choose(Watching(Watch.ALL, 751), GUILD, MOD)
    await house.reviews.tend()

    assert house.world.bench.posted == [(job.id, 1, 751)]
    assert not (await house.watchfulness.of(GUILD)).is_lost


async def test_a_review_without_a_place_for_it_is_refused(house: House):
    with pytest.raises(BadInput, match="channel"):
        await house.watchfulness.choose(Watching(Watch.ALL, None), GUILD, MOD)

    assert (await house.done()).state is JobState.SETTLED


async def test_switching_it_off_leaves_to_moderators_what_waits_already(house: House):
    await watch(house)
    job = await held(house)
    await house.watchfulness.choose(Watching(Watch.OFF, ROOM), GUILD, MOD)

    assert (await house.done()).state is JobState.SETTLED
    await house.reviews.approve(job.id, GUILD, MOD)
    await house.rest()
    assert (await house.job(job.id)).state is JobState.SETTLED


async def take_up(house: House) -> list[Job]:
    """Do what the start of a process does, as itself."""
    left = await house.leases.take_all(house.world.clock())
    for job in left:
        house.queue.put(job)
    await house.rest()
    return left


@pytest.mark.sampled(2)
@pytest.mark.parametrize("decision", ["approve", "deny", "expire"])
@pytest.mark.parametrize("is_decided_before", [False, True])
async def test_a_process_that_dies_meanwhile_changes_nothing(
    world: World, decision: str, is_decided_before: bool
):
    async def decide(house: House, job: Job) -> None:
        if decision == "approve":
            await house.reviews.approve(job.id, GUILD, MOD)
        elif decision == "deny":
            await house.reviews.deny(job.id, GUILD, MOD, "")
        else:
            world.clock.move(hours=25)
            await house.reviews.tend()

    async with open_house(world) as house:
        await watch(house)
        job = await held(house)
        if is_decided_before:
            house.reviews.wakes = None  # the decision is written, and the process dies
            await decide(house, job)
    async with open_house(world) as house:
        assert [left.id for left in await take_up(house)] == [job.id]
        if not is_decided_before:
            assert (await house.job(job.id)).waits_for_moderators, "taken up, it waits on"
            await decide(house, job)
            await house.rest()

        ended = await house.job(job.id)
        assert ended.state is (JobState.SETTLED if decision == "approve" else JobState.FAILED)
        assert len(world.board.shown) == (decision == "approve")
        assert len(world.board.sorry) == (decision != "approve")
        assert await house.open_holds() == 0
        assert await house.used() == (decision == "approve")
        assert len(world.bench.posted) == 1
        assert len(world.provider.bodies) == 1, "nothing is drawn again"


@pytest.mark.sampled(6)
@pytest.mark.parametrize("at", range(1, 31))
async def test_killed_at_any_step_a_picture_is_drawn_once_and_shown_only_after_a_yes(world: World, at: int):
    fuse = Fuse(at)
    async with open_house(world, fuse) as house:
        await watch(house)
        fuse.around(house.gate._rows, "hold", "posted", "decide")
        fuse.around(house.reviews._rows, "posted", "decide")
        job = await house.order()
        assert job is not None
        await house.rest()
        if (await house.job(job.id)).waits_for_moderators:
            with suppress(Killed):
                await house.reviews.approve(job.id, GUILD, MOD)
        await house.rest()

    async with open_house(world) as house:
        await take_up(house)
        if (await house.job(job.id)).waits_for_moderators:
            assert world.board.shown == []
            await house.reviews.approve(job.id, GUILD, MOD)
            await house.rest()

        ended = await house.job(job.id)
        assert ended.state in {JobState.SETTLED, JobState.FAILED}
        assert await house.open_holds() == 0
        assert await house.used() == (ended.state is JobState.SETTLED)
        assert len(world.provider.bodies) <= 1
        review = await house.gate._rows.get(job.id)
        assert ended.state is JobState.FAILED or (review and review.state is ReviewState.APPROVED)


async def test_whoever_asked_is_told_in_their_language_that_it_waits_whoever_says_so(house: House):
    await watch(house)
    house.world.bench.is_empty = True
    with speaking("fr"):
        job = await held(house)
    house.world.bench.is_empty = False

    with speaking("de"):
        await house.reviews.tend()

    assert house.world.bench.posted == [(job.id, 1, ROOM)]
    assert house.world.bench.spoken == ["fr", "fr"]
