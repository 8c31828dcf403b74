"""Pictures and answers that come whole but without their price: nobody pays more than what is known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from house_kit import House, open_house
from provider_kit import GEMINI, chat, hangs, images, picture_bytes, refusal, trouble, words
from rooms_kit import chat_rooms
from test_services_chat import Sheet, said
from world_kit import ann

from bot.domain.asks import Purpose
from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest
from bot.domain.words import Message, WordsCall
from bot.errors import PictureRefused
from bot.services import caller

if TYPE_CHECKING:
    import httpx
    from world_kit import World

CALL = WordsCall((Message.user("Good evening"),))
ID = {"X-Generation-Id": "gen-9"}


def drawn(_request: httpx.Request) -> httpx.Response:
    return images(picture_bytes(), cost=None, headers=ID)


def drawn_by_chat(_request: httpx.Request) -> httpx.Response:
    return chat(picture_bytes(), cost=None)


def told(_request: httpx.Request) -> httpx.Response:
    return words("Good evening.", cost=None, headers=ID)


async def paid(house: House) -> int:
    """Return what the person was charged."""
    return (await house.reading(Meter.USD_PER_DAY)).used


async def agrees(house: House) -> None:
    assert await house.ledger.drifted() == 0
    assert await house.open_holds() == 0
    assert await house.ledger.booked() == await house.absorbed() + await paid(house)


@pytest.fixture(autouse=True)
def limits(world: World) -> None:
    world.caps.person |= {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


class TestPictures:
    @pytest.mark.parametrize(
        ("request_", "answer", "name"),
        [
            (PictureRequest("a fox"), drawn, "gen-9"),
            (PictureRequest("a fox", model=GEMINI), drawn_by_chat, "gen-1"),
        ],
        ids=["pictures' endpoint", "chat, whose id is in the body"],
    )
    async def test_the_provider_s_word_is_charged_and_shown(
        self, world: World, request_: PictureRequest, answer: Any, name: str
    ):
        world.provider.script, world.provider.generations = [answer], {name: 0.011303}
        async with open_house(world) as house:
            job = await house.done(request_)

            assert job.state is JobState.SETTLED
            assert world.board.shown[0].cost_microusd == 11_303
            assert await paid(house) == job.cost_microusd == 11_303
            assert await house.absorbed() == 0
            await agrees(house)

    @pytest.mark.parametrize("is_away", [True, False], ids=["provider away", "recorded late"])
    async def test_what_nobody_knows_yet_is_the_operator_s_until_it_is_known(
        self, world: World, is_away: bool
    ):
        world.provider.script = [drawn]
        world.provider.lookup = (lambda _: trouble(503)) if is_away else None
        async with open_house(world) as house:
            job = await house.done()
            assert job.state is JobState.SETTLED
            assert await paid(house) == 0
            assert await house.used() == 1, "the picture counts"
            assert await house.absorbed() == job.held.microusd > 11_303
            await agrees(house)

            world.provider.lookup, world.provider.generations = None, {"gen-9": 0.011303}
            for _ in range(2):
                await house.inquiry.ask_again()

            assert await paid(house) == 0
            assert await house.absorbed() == 11_303
            (call,) = await house.calls(job.id)
            assert (call.cost_microusd, call.withheld_microusd) == (11_303, 11_303)
            await agrees(house)

    async def test_they_do_not_wait_long_for_their_price(self, world: World, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(caller, "PRICED_S", 0.01)
        world.provider.script, world.provider.lookup = [drawn], hangs
        async with open_house(world) as house:
            job = await house.done()

            assert job.state is JobState.SETTLED
            assert await paid(house) == 0

    async def test_without_an_id_nothing_can_be_asked_and_nobody_is_charged(self, world: World):
        world.provider.script = [lambda _: images(picture_bytes(), cost=None)]
        async with open_house(world) as house:
            job = await house.done()

            assert world.provider.lookups == []
            assert await paid(house) == 0
            assert await house.absorbed() == job.held.microusd
            await agrees(house)

    async def test_a_damaged_one_is_booked_at_what_the_provider_says(self, world: World):
        broken = picture_bytes()[:-20]
        world.provider.script = [lambda _: images(broken, cost=None, headers=ID)]
        world.provider.generations = {"gen-9": 0.004}
        async with open_house(world) as house:
            job = await house.done()

            assert job.state is JobState.FAILED
            assert await paid(house) == 0
            assert await house.absorbed() == 4000

    async def test_one_that_is_damaged_and_whose_price_nobody_knows_is_put_right_later(self, world: World):
        broken = picture_bytes()[:-20]
        world.provider.script = [lambda _: images(broken, cost=None, headers=ID)]
        world.provider.lookup = lambda _: trouble(503)
        async with open_house(world) as house:
            job = await house.done()
            assert await house.absorbed() == job.held.microusd

            world.provider.lookup, world.provider.generations = None, {"gen-9": 0.004}
            await house.inquiry.ask_again()

            assert await house.absorbed() == 4000
            await agrees(house)


class TestAnswers:
    async def ask(self, house: House, *, rounds: int = 1) -> None:
        async with house.wordsmith.bill(ann(), Purpose.CHAT) as bill:
            for _ in range(rounds):
                await bill.answer(CALL)

    @pytest.mark.parametrize(
        ("answer", "name"),
        [(told, "gen-9"), (lambda _: words("Good evening.", cost=None), "gen-w")],
        ids=["by header", "by the body alone"],
    )
    async def test_the_provider_s_word_is_charged(self, world: World, answer: Any, name: str):
        world.provider.script, world.provider.generations = [answer], {name: 0.000041}
        async with open_house(world) as house:
            await self.ask(house)
            await house.till.aclose(5)

            assert await paid(house) == 41
            assert await house.absorbed() == 0
            await agrees(house)

    async def test_what_nobody_knows_yet_is_the_operator_s_until_it_is_known(self, world: World):
        world.provider.script = [told]
        async with open_house(world) as house:
            await self.ask(house)
            await house.till.aclose(5)
            assert await paid(house) == 0
            assert await house.absorbed() > 41
            assert (await house.reading(Meter.MESSAGES_PER_DAY)).used == 1
            await agrees(house)

            world.provider.generations = {"gen-9": 0.000041}
            await house.inquiry.ask_again()

            assert await paid(house) == 0
            assert await house.absorbed() == 41
            await agrees(house)

    async def test_one_that_did_not_reach_its_person_is_not_booked_at_another_s_price(self, world: World):
        world.provider.script = [told, lambda _: refusal()]
        world.provider.generations = {"gen-9": 0.000041}
        async with open_house(world) as house:
            with pytest.raises(PictureRefused):
                await self.ask(house, rounds=2)
            await house.till.aclose(5)

            assert await paid(house) == 0
            assert await house.absorbed() == 41
            await agrees(house)

    async def test_it_is_there_at_once_and_says_its_price_later(self, world: World):
        recorded = asyncio.Event()

        async def late(_request: httpx.Request) -> httpx.Response:
            await recorded.wait()
            world.provider.lookup = None
            return trouble(404)

        world.provider.script = [lambda _: words("Good evening.", streams=True, cost=None, headers=ID)]
        world.provider.lookup, world.provider.generations = late, {"gen-9": 0.000041}
        async with open_house(world) as house:
            sheet = await said(chat_rooms(house), "hello", sheet=Sheet())
            assert (sheet.text, sheet.notes) == ("Good evening.", ())

            recorded.set()
            await house.till.aclose(5)

            assert sheet.notes == ("$0.000041",)
            assert await paid(house) == 41
