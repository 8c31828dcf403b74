"""Pictures that wait for moderators, and are called off before anybody decides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from batch_kit import works
from desk_kit import bans_of, desk_of
from house_kit import open_house
from privacy_kit import count, erase, forgetful, later
from time_kit import until
from world_kit import ANN, GUILD, MOD, Killed, ann

from bot.domain.hierarchy import Rank, Subject
from bot.domain.jobs import JobState
from bot.domain.requests import Requester
from bot.domain.reviews import ReviewState, Watch, Watching
from bot.errors import TooLate
from bot.storage.audit import Audit

if TYPE_CHECKING:
    from batch_kit import Factory
    from house_kit import House
    from world_kit import World

    from bot.domain.jobs import Job

__all__ = ["works"]
ROOM = 750


async def held(house: House, prompt: str = "a lighthouse") -> Job:
    await house.watchfulness.choose(Watching(Watch.ALL, ROOM), GUILD, MOD)
    job = await house.done(prompt)
    assert job.waits_for_moderators
    return job


async def nobody(user_id: int) -> Subject:
    raise AssertionError(user_id)


async def gone(house: House, job: Job) -> None:
    """Hold that nothing is shown, held, charged or kept of a job, and that the card says so."""
    assert (await house.job(job.id)).state is JobState.CANCELLED
    assert house.world.board.shown == []
    assert await house.open_holds() == 0
    assert await house.used() == 0
    assert await house.absorbed() > 0, "the provider billed it all the same"
    assert [one.state for one in house.world.bench.closed] == [ReviewState.CALLED_OFF]
    assert await count(house, "picture") == 0


async def test_deleting_calls_off_what_waits_for_moderators(house: House):
    job = await held(house)
    rooms = forgetful(house)
    await later(house)

    assert await erase(rooms), "nothing is left for later"

    await gone(house, job)
    assert [file for file in (house.world.folder / "blobs").rglob("*") if file.is_file()] == []
    assert await count(house, "review") == 0
    for moderator_s in (house.reviews.approve(job.id, GUILD, MOD), house.reviews.find(job.id, GUILD)):
        with pytest.raises(Exception, match="no longer here"):
            await moderator_s
    await house.reviews.tend()
    await house.rest()
    assert house.world.board.shown == []


async def test_a_ban_calls_off_what_waits_for_moderators(house: House):
    job = await held(house)
    desk = desk_of(house)
    who = Requester(MOD, GUILD, 700, may_manage=True, rank=Rank(role=(5, 0)))

    done = await bans_of(house, desk, forgetful(house).works.batches).ban(who, Subject(ANN), None, "", nobody)

    assert done.called_off == 1
    await gone(house, job)
    with pytest.raises(TooLate, match="called off"):
        await house.reviews.approve(job.id, GUILD, MOD)
    assert "review.called_off" in [one.action for one in await Audit(house.database).recent(GUILD, 9)]


async def test_whoever_asked_may_take_it_back_and_is_told(house: House):
    job = await held(house)

    await house.studio.cancel(job.id, ann())

    await gone(house, job)
    ((told, error),) = house.world.board.retracted
    assert (told.id, str(error)) == (job.id, "Cancelled. Nothing was charged.")


async def test_a_batch_that_is_cancelled_takes_along_what_waits(works: Factory):
    house = works.house
    await house.watchfulness.choose(Watching(Watch.ALL, ROOM), GUILD, MOD)
    batch_id = await works.start(["a fox", "another fox"])
    await until(lambda: len(house.world.bench.posted) == 2)

    await works.batches.cancel(batch_id, ann())
    await until(lambda: len(house.world.bench.closed) == 2)
    await house.rest()

    assert await house.open_holds() == 0
    assert await works.spent() == 0


@pytest.mark.parametrize("is_approved_first", [True, False])
async def test_of_an_approval_and_a_withdrawal_one_counts(house: House, is_approved_first: bool):
    job = await held(house)
    acts = [house.reviews.approve(job.id, GUILD, MOD), house.studio.cancel(job.id, ann())]

    outcomes = await asyncio.gather(*(acts if is_approved_first else reversed(acts)), return_exceptions=True)
    await house.rest()

    assert [type(one) for one in outcomes if isinstance(one, BaseException)] == [TooLate]
    ended = await house.job(job.id)
    assert len(house.world.board.shown) == (ended.state is JobState.SETTLED)
    assert await house.used() == (ended.state is JobState.SETTLED)
    assert await house.open_holds() == 0


async def test_a_card_that_is_posted_a_moment_too_late_is_closed(house: House, monkeypatch):
    post = house.world.bench.post

    async def slow(review, job, pictures, channel_id):
        message_id = await post(review, job, pictures, channel_id)
        await house.studio.cancel(job.id, ann())
        return message_id

    monkeypatch.setattr(house.world.bench, "post", slow)
    await house.watchfulness.choose(Watching(Watch.ALL, ROOM), GUILD, MOD)
    await house.done()

    (closed,) = [one for one in house.world.bench.closed if one.message_id is not None]
    assert (closed.state, closed.message_id) == (ReviewState.CALLED_OFF, 8001)
    assert house.world.bench.held == [], "nobody is told that it waits"


async def test_a_process_that_dies_before_the_card_is_closed_closes_it_later(world: World, monkeypatch):
    async def die(_review) -> None:
        raise Killed

    async with open_house(world) as house:
        await held(house)
        await later(house)
        close = world.bench.close
        monkeypatch.setattr(world.bench, "close", die)
        with pytest.raises(Killed):
            await erase(forgetful(house))
        monkeypatch.setattr(world.bench, "close", close)
    async with open_house(world) as house:
        await forgetful(house).privacy.tend()

        assert [one.state for one in world.bench.closed] == [ReviewState.CALLED_OFF]
        assert await count(house, "review") == 0
        assert await count(house, "picture") == 0
