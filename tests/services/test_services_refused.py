"""Calls that were refused and wait to be sent again: nothing is at the provider, so nothing was charged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from house_kit import House, open_house
from provider_kit import GEMINI, breaks, trouble
from world_kit import ann

from bot.domain.asks import Purpose
from bot.domain.jobs import CallState, Job, JobState
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest
from bot.domain.words import Message, WordsCall
from bot.errors import Cancelled, OutcomeUnknown

if TYPE_CHECKING:
    import httpx
    from world_kit import World

REQUEST = PictureRequest("a fox", model=GEMINI)
CALL = WordsCall((Message.user("Good evening"),))


def refused(_request: httpx.Request) -> httpx.Response:
    """Refuse with an id, as some gateways do."""
    return trouble(503, **{"X-Generation-Id": "gen-refused"})


class Waiting:
    """Lets a process stand still where a call waits to be sent again."""

    def __init__(self, house: House) -> None:
        self.reached = asyncio.Event()
        house.workshop._caller._model._sleep = self._sleep

    async def _sleep(self, _seconds: float) -> None:
        self.reached.set()
        await asyncio.Event().wait()


async def waits(house: House) -> Job:
    """Order something that is refused, and return once it waits to be sent again."""
    house.world.provider.script.append(refused)
    waiting = Waiting(house)
    job = await house.order(REQUEST)
    assert job is not None
    await waiting.reached.wait()
    return job


async def ask(house: House, **more: Any) -> None:
    async with house.wordsmith.bill(ann(), Purpose.CHAT) as bill:
        await bill.answer(CALL, **more)


async def is_free(house: House) -> None:
    """Make sure that nothing is booked, held or to be asked."""
    await house.till.aclose(5)
    rows = await house.database.read("SELECT SUM(cost_microusd) AS cost, COUNT(ask_at) AS asked FROM call")
    assert (rows[0]["cost"], rows[0]["asked"]) == (0, 0)
    assert await house.absorbed() == 0
    assert await house.ledger.booked() == 0
    assert await house.used() == 0
    assert await house.open_holds() == 0


@pytest.fixture(autouse=True)
def limits(world: World) -> None:
    world.caps.person |= {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


async def test_one_that_is_cancelled_meanwhile_costs_nothing(world: World):
    async with open_house(world) as house:
        job = await waits(house)

        await house.studio.cancel(job.id, ann())

        assert (await house.job(job.id)).state is JobState.CANCELLED
        assert world.provider.lookups == []
        await is_free(house)


async def test_one_whose_process_ends_meanwhile_is_sent_by_the_next(world: World):
    async with open_house(world) as house:
        job = await waits(house)
        (call,) = await house.calls(job.id)
        assert (call.state, call.generation_id) == (CallState.PLANNED, None)

    async with open_house(world) as house:
        await house.take_up()

        assert (await house.job(job.id)).state is JobState.SETTLED
        assert len(world.provider.bodies) == 2
        assert await house.absorbed() == 0


async def test_an_answer_that_is_stopped_meanwhile_costs_nothing(world: World):
    world.provider.script.append(refused)
    async with open_house(world) as house:
        waiting, stop = Waiting(house), asyncio.Event()
        asking = asyncio.create_task(ask(house, stop=stop))
        await waiting.reached.wait()

        stop.set()
        with pytest.raises(Cancelled):
            await asking

        await is_free(house)


async def test_an_answer_whose_process_is_told_to_end_meanwhile_costs_nothing(world: World):
    world.provider.script.append(refused)
    async with open_house(world) as house:
        waiting = Waiting(house)
        asking = asyncio.create_task(ask(house))
        await waiting.reached.wait()

        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

        await is_free(house)


async def test_an_answer_whose_process_is_gone_meanwhile_is_released_for_nothing(world: World):
    world.provider.script.append(refused)
    async with open_house(world) as house:
        waiting = Waiting(house)
        asking = asyncio.create_task(ask(house))
        await waiting.reached.wait()
        house.till._jobs._owner = "another"

        assert await house.till.recover(is_alone=True) == 1

        await is_free(house)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def test_the_id_of_what_was_refused_is_not_that_of_what_was_lost(world: World):
    world.provider.script = [refused, breaks]
    world.provider.generations["gen-refused"] = 0.0
    async with open_house(world) as house:
        job = await house.done(REQUEST)

        (call,) = await house.calls(job.id)
        assert (call.state, call.generation_id) == (CallState.LOST, None)
        assert world.provider.lookups == []
        assert await house.absorbed() == job.held.microusd > 0


async def test_an_answer_that_is_lost_is_not_asked_for_by_the_id_of_what_was_refused(world: World):
    world.provider.script = [refused, breaks]
    world.provider.generations["gen-refused"] = 0.0
    async with open_house(world) as house:
        with pytest.raises(OutcomeUnknown):
            await ask(house)
        await house.till.aclose(5)

        rows = await house.database.read("SELECT generation_id, cost_microusd FROM call")
        assert rows[0]["generation_id"] is None
        assert world.provider.lookups == []
        assert await house.absorbed() == rows[0]["cost_microusd"] > 0


async def test_what_is_sent_again_is_charged_as_if_it_were_the_first(world: World):
    world.provider.script = [refused]
    async with open_house(world) as house:
        job = await house.done(REQUEST)
        await ask(house)

        assert job.state is JobState.SETTLED
        assert await house.absorbed() == 0
        assert await house.used() == 1
