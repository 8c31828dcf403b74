"""What a lost call has cost, asked again until the provider says it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from house_kit import House, open_house
from provider_kit import FLUX, GEMINI, breaks, hangs, loses, trouble
from test_services_wordsmith import NoLock
from time_kit import until
from world_kit import ann

from bot.domain.asks import Purpose
from bot.domain.requests import PictureRequest
from bot.domain.words import Message, WordsCall
from bot.errors import OutcomeUnknown
from bot.model.client import GENERATION_ATTEMPTS
from bot.services.inquiry import SOONEST
from bot.storage import database as storage
from bot.storage.estimates import Estimates

if TYPE_CHECKING:
    from world_kit import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def is_away(world: World) -> None:
    world.provider.lookup = lambda _: trouble(503)


def is_back(world: World, dollars: float | None = None) -> None:
    world.provider.lookup = None
    world.provider.generations = {} if dollars is None else {"gen-9": dollars}
    world.provider.lookups.clear()


async def agrees(house: House) -> None:
    """Make sure that what limits are read from is what the rows say, and that nobody is charged."""
    assert await house.ledger.drifted() == 0
    assert await house.ledger.booked() == await house.absorbed()
    assert await house.used() == 0
    assert await house.open_holds() == 0


async def test_what_a_lost_call_has_cost_is_counted_once_it_is_known(world: World):
    world.provider.script = [loses]
    is_away(world)
    async with open_house(world) as house:
        job = await house.done()

        def counted() -> float | None:
            labels = {"model": job.plan.model_id}
            return house.metrics.registry.get_sample_value("easel_cost_microusd_total", labels)

        await house.inquiry.ask_soon()
        assert counted() == 0

        is_back(world, 0.0085)
        world.clock.now += HOUR
        await house.inquiry.ask_again()

        assert counted() == await house.absorbed() == 8_500


async def test_a_cost_that_cannot_be_asked_is_the_operator_s_estimate_until_it_can(
    world: World,
):
    world.provider.script = [loses]
    is_away(world)
    async with open_house(world) as house:
        job = await house.done()
        assert await house.absorbed() == job.held.microusd > 11_303
        await agrees(house)

    async with open_house(world) as house:
        is_back(world, 0.011303)
        for _ in range(2):
            await house.inquiry.ask_again()

        assert world.provider.lookups == ["gen-9"], "once is enough"
        assert await house.absorbed() == 11_303
        assert (await house.calls(job.id))[0].cost_microusd == 11_303
        await agrees(house)


async def test_two_who_ask_at_once_correct_once(world: World):
    world.provider.script = [loses]
    is_away(world)
    async with open_house(world) as house:
        await house.done()
        is_back(world, 0.011303)

        await asyncio.gather(house.inquiry.ask_again(), house.inquiry.ask_again())

        assert await house.absorbed() == 11_303
        await agrees(house)


async def test_a_call_that_was_recorded_late_is_booked_though_it_first_counted_as_free(world: World):
    world.provider.script = [loses]
    async with open_house(world) as house:
        await house.done()
        await house.inquiry.ask_soon()
        assert await house.absorbed() == 0
        await agrees(house)

        is_back(world, 0.02)
        await house.inquiry.ask_again()
        assert await house.absorbed() == 0, "it is not asked for at once"
        world.clock.now += SOONEST
        await house.inquiry.ask_again()

        assert await house.absorbed() == 20_000
        await agrees(house)


async def test_who_lost_a_picture_hears_of_it_before_the_provider_says_what_it_cost(world: World):
    asked, answers = asyncio.Event(), asyncio.Event()

    async def slowly(_request: object):
        asked.set()
        await answers.wait()
        return httpx.Response(200, json={"data": {"id": "gen-9", "total_cost": 0.011303}})

    world.provider.script, world.provider.lookup = [loses], slowly
    async with open_house(world) as house:
        job = await house.done()
        ((_, said),) = world.board.sorry
        assert isinstance(said, OutcomeUnknown)
        assert not asked.is_set()
        assert await house.absorbed() == job.held.microusd
        await agrees(house)

        asking = asyncio.create_task(house.inquiry.ask_soon())
        await asked.wait()
        answers.set()
        await asking

        assert await house.absorbed() == 11_303
        await agrees(house)


async def test_a_lost_call_is_asked_for_soon_after_the_rest_of_its_job_has_come(world: World):
    world.caps.max_running = 1
    drawn = asyncio.Event()

    async def slowly(request: httpx.Request):
        await drawn.wait()
        return world.provider.draw(request)

    world.provider.script, world.provider.generations = [loses, slowly], {"gen-9": 0.011303}
    async with open_house(world) as house:
        await house.order(PictureRequest("a fox", count=2, seed=1, model=FLUX))
        await until(lambda: len(world.provider.bodies) == 2)
        await house.inquiry.ask_soon()
        assert world.provider.lookups == []

        drawn.set()
        await house.rest()
        for _ in range(2):
            await house.inquiry.ask_soon()

        assert world.provider.lookups == ["gen-9"], "once is enough"
        assert await house.absorbed() == 11_303
        assert await house.used() == 1
        assert await house.ledger.drifted() == 0


async def test_a_provider_that_is_away_is_not_asked_again_at_once(world: World):
    world.provider.script = [loses, loses]
    is_away(world)
    async with open_house(world) as house:
        held = (await house.done()).held.microusd + (await house.done()).held.microusd
        await house.inquiry.ask_soon()
        asked = len(world.provider.lookups)
        await house.inquiry.ask_soon()

        assert len(world.provider.lookups) == asked > 0
        assert await house.absorbed() == held


@pytest.mark.further
async def test_a_provider_that_stays_away_is_asked_for_one_call_and_more_and_more_rarely(world: World):
    world.provider.script = [loses, loses]
    is_away(world)
    async with open_house(world) as house:
        held = (await house.done()).held.microusd + (await house.done()).held.microusd
        rounds: list[int] = []
        for _ in range(48):
            world.provider.lookups.clear()
            await house.inquiry.ask_again()
            rounds.append(len(world.provider.lookups))
            world.clock.now += HOUR

        assert max(rounds) <= GENERATION_ATTEMPTS, "one call a round"
        assert sum(map(bool, rounds)) < 16
        assert await house.absorbed() == held

        world.clock.now += 29 * DAY
        for _ in range(3):
            await house.inquiry.ask_again()
        is_back(world, 0.001)
        await house.inquiry.ask_again()

        assert world.provider.lookups == [], "after 30 days the estimate stays"
        assert await house.absorbed() == held


@pytest.mark.parametrize("model", [None, GEMINI], ids=["all or nothing", "as far as it came"])
async def test_what_has_no_record_after_a_day_was_not_charged(world: World, model: str | None):
    world.provider.script = [loses]
    is_away(world)
    async with open_house(world) as house:
        await house.done(PictureRequest("a fox", model=model))
        held = await house.absorbed()
        is_back(world)

        await house.inquiry.ask_again()
        assert await house.absorbed() == (0 if model is None else held)
        assert held > 0

        world.clock.now += DAY
        await house.inquiry.ask_again()
        assert await house.absorbed() == 0
        await agrees(house)


async def test_a_job_that_goes_on_is_corrected_after_its_end(world: World):
    world.provider.script = [loses]
    is_away(world)
    async with open_house(world) as house:
        job = await house.done()
        await house.database.change("UPDATE call SET ask_at = 0", {})
        estimates = Estimates(house.database)
        (call,) = await estimates.due(world.clock(), 9)
        assert (call.job_id, call.generation_id) == (job.id, "gen-9")

        again = await house.order(start=False)
        assert again is not None
        await house.database.change(
            "UPDATE call SET ask_at = 0, estimate_microusd = 0, generation_id = 'gen-8' WHERE job_id = :id",
            {"id": again.id},
        )

        assert await estimates.due(world.clock(), 9) == (call,)


async def test_without_an_id_there_is_nothing_to_ask(world: World):
    world.provider.script = [breaks]
    async with open_house(world) as house:
        job = await house.done(PictureRequest("a fox", model=GEMINI))

        assert await Estimates(house.database).due(world.clock() + DAY, 9) == ()
        assert await house.absorbed() == job.held.microusd


async def test_an_answer_that_a_kill_cut_off_before_it_had_a_name_stays_at_its_highest_price(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(storage, "_lock_current", lambda _path: NoLock())
    world.provider.script = [hangs]
    asked = WordsCall((Message.user("Good evening"),))

    async def ask(house: House) -> None:
        async with house.wordsmith.bill(ann(), Purpose.CHAT) as bill:
            await bill.answer(asked)

    async with open_house(world) as killed, open_house(world) as house:
        asking = asyncio.create_task(ask(killed))
        await world.provider.reached.wait()
        ((held,),) = await house.database.read("SELECT microusd FROM ledger")
        await house.till.recover(is_alone=True)
        await house.till.aclose(5)
        world.clock.now += 2 * DAY
        await house.inquiry.ask_again()

        assert world.provider.lookups == []
        assert await house.absorbed() == held > 0
        await agrees(house)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await killed.till.aclose(5)


async def test_words_are_put_right_as_well(world: World):
    world.provider.script = [loses]
    is_away(world)
    async with open_house(world) as house:
        with pytest.raises(OutcomeUnknown):
            async with house.wordsmith.bill(ann(), Purpose.CHAT) as bill:
                await bill.answer(WordsCall((Message.user("Good evening"),)))
        await house.till.aclose(5)
        assert await house.absorbed() > 0

        is_back(world, 0.000077)
        await house.inquiry.ask_again()

        assert await house.absorbed() == 77
        await agrees(house)
