from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from checks_kit import check_document, check_limits
from discord_kit import CUT, EDGE_429
from people_kit import BOT, slash
from reception_kit import Orders, take
from time_kit import until
from ui_kit import POST
from world_kit import CHANNEL, ann

from bot.domain.requests import PictureRequest
from bot.domain.standing import Standing
from bot.errors import TooBusy
from bot.ui import first_answers, hearing, reception

if TYPE_CHECKING:
    from discord_kit import Discord


CALLBACK, ORIGINAL = "POST /interactions/#/token/callback", "PATCH /webhooks/#/token/messages/@original"


@pytest.fixture
def seen(client: discord.Client) -> discord.Interaction:
    return discord.Interaction(data=slash("imagine"), state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let checking take longer than Discord waits, until the event."""
    monkeypatch.setattr(reception, "PATIENCE_S", 0.01)
    return asyncio.Event()


async def test_a_refusal_comes_before_anything_public(seen, remote: Discord):
    orders = Orders(error=TooBusy("later"))

    with pytest.raises(TooBusy):
        await take(seen, orders, PictureRequest("a fox"))

    assert remote.calls == []
    assert not seen.response.is_done()


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_an_order_is_acknowledged_with_its_card_and_then_started(seen, remote: Discord, private: bool):
    orders = Orders()

    await take(seen, orders, PictureRequest("a fox @everyone", private=private), parent_job_id=7)

    (call,) = remote.calls
    assert call.payload["type"] == 4
    check_limits(call.payload["data"])
    assert bool(call.payload["data"]["flags"] & 64) is private
    assert call.payload["data"]["allowed_mentions"]["parse"] == []
    assert orders.started == [seen.id]
    assert orders.opened[0].parent_job_id == 7
    check_document(call)


async def test_the_first_card_of_who_has_to_wait_says_so(seen, remote: Discord):
    ready_at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    orders = Orders(standing=Standing(position=3, ready_at=ready_at))

    await take(seen, orders, PictureRequest("a fox"))

    (call,) = remote.calls
    said = call.payload["data"]["components"][0]["components"][0]["content"]
    assert said.startswith(f"### Waiting · number 3 in line · ready <t:{int(ready_at.timestamp())}:R>")
    assert orders.started == [seen.id]


async def test_broken_off_while_it_is_opened_an_order_is_withdrawn(seen, remote: Discord):
    orders = Orders(waits=asyncio.Event())
    taking = asyncio.create_task(take(seen, orders, PictureRequest("a fox")))
    await asyncio.sleep(0.01)

    taking.cancel()
    await asyncio.sleep(0)
    assert orders.waits is not None
    orders.waits.set()
    await asyncio.wait({taking})

    assert taking.cancelled()
    assert (remote.calls, orders.started, orders.withdrawn) == ([], [], [seen.id])


async def test_broken_off_while_its_card_is_on_its_way_an_order_by_a_command_is_withdrawn(
    seen, remote: Discord, monkeypatch: pytest.MonkeyPatch
):
    orders, asked = Orders(), asyncio.Event()
    monkeypatch.setattr(discord.InteractionResponse, "send_message", lambda *_here, **_said: never(asked))
    taking = asyncio.create_task(take(seen, orders, PictureRequest("a fox")))
    await asyncio.wait_for(asked.wait(), 5)

    taking.cancel()
    await asyncio.wait({taking})

    assert (orders.started, orders.withdrawn) == ([], [seen.id])


@pytest.mark.parametrize("is_open", [False, True], ids=["while it is opened", "while its card is on its way"])
async def test_an_order_by_a_message_that_is_broken_off_is_left_to_the_next_start(
    client: discord.Client, remote: Discord, monkeypatch: pytest.MonkeyPatch, is_open: bool
):
    orders = Orders(waits=None if is_open else asyncio.Event())
    channel, asked = client.get_partial_messageable(CHANNEL), asyncio.Event()
    monkeypatch.setattr(discord.abc.Messageable, "send", lambda *_place, **_said: never(asked))
    message = channel.get_partial_message(70)
    where = hearing.origin(message, BOT)
    taking = asyncio.create_task(
        reception.take_message(message, orders, PictureRequest("a fox"), ann(), where, job_id=71)
    )
    if is_open:
        await asyncio.wait_for(asked.wait(), 5)
    else:
        await asyncio.sleep(0.01)

    taking.cancel()
    await asyncio.sleep(0)
    if orders.waits is not None:
        orders.waits.set()
    await asyncio.wait({taking})

    assert taking.cancelled()
    assert [job.id for job in orders.opened] == [71]
    assert (orders.started, orders.withdrawn, orders.retracted) == ([], [], [])


async def test_an_order_by_a_message_whose_card_discord_does_not_take_is_withdrawn(
    client: discord.Client, remote: Discord
):
    orders, message = Orders(), client.get_partial_messageable(CHANNEL).get_partial_message(70)
    remote.refuse(POST, 502, times=50)

    with pytest.raises(discord.DiscordServerError):
        await reception.take_message(
            message, orders, PictureRequest("a fox"), ann(), hearing.origin(message, BOT), job_id=71
        )

    assert (orders.started, orders.withdrawn, orders.retracted) == ([], [71], [71])


async def test_broken_off_while_somebody_waits_for_a_slow_order_it_is_withdrawn(
    seen, remote: Discord, slow: asyncio.Event
):
    orders = Orders(waits=slow)
    taking = asyncio.create_task(take(seen, orders, PictureRequest("a fox")))
    await until(lambda: bool(remote.named(CALLBACK)))
    await asyncio.sleep(0.05)

    taking.cancel()
    await asyncio.sleep(0)
    slow.set()
    await asyncio.wait({taking})

    assert taking.cancelled()
    assert (orders.started, orders.withdrawn) == ([], [seen.id])


async def test_the_same_click_twice_is_left_to_the_first(seen, remote: Discord):
    orders = Orders(twice=True)

    await take(seen, orders, PictureRequest("a fox"))

    assert (remote.calls, orders.started) == ([], [])


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (403, 50013)], ids=["expired", "forbidden"])
async def test_what_cannot_be_acknowledged_is_withdrawn_and_never_started(
    seen, remote: Discord, status, code
):
    orders = Orders()
    remote.refuse(CALLBACK, status, code, times=5)

    with pytest.raises((discord.HTTPException, aiohttp.ClientError)):
        await take(seen, orders, PictureRequest("a fox"))

    assert (orders.started, orders.withdrawn, orders.retracted) == ([], [seen.id], [])


async def test_a_card_that_may_stand_there_all_the_same_is_retracted(
    seen, remote: Discord, monkeypatch: pytest.MonkeyPatch
):
    orders = Orders()
    monkeypatch.setattr(first_answers, "LIMIT_S", 0.2)
    remote.refuse(CALLBACK, 502, times=50)

    with pytest.raises(discord.DiscordServerError):
        await take(seen, orders, PictureRequest("a fox"))

    assert (orders.started, orders.withdrawn, orders.retracted) == ([], [seen.id], [seen.id])


async def test_an_acknowledgement_is_sent_again_while_discord_waits(
    seen, remote: Discord, monkeypatch: pytest.MonkeyPatch
):
    orders = Orders()
    monkeypatch.setattr(first_answers, "FIRST_WAIT_S", 0.001)
    for broken in (0, 0, 0, 0, EDGE_429, 502):
        remote.refuse(CALLBACK, broken)

    await take(seen, orders, PictureRequest("a fox"))

    assert [call.name for call in remote.calls] == [CALLBACK] * 7
    assert (orders.started, orders.withdrawn) == ([seen.id], [])


@pytest.mark.parametrize("lost", [502, CUT], ids=["an error", "half of it"])
async def test_an_acknowledgement_that_arrived_though_its_answer_did_not_starts_the_job(
    seen, remote: Discord, lost: int
):
    orders = Orders()
    remote.refuse(CALLBACK, lost)
    remote.refuse(CALLBACK, 400, 40060)

    await take(seen, orders, PictureRequest("a fox"))

    assert (orders.started, orders.withdrawn) == ([seen.id], [])


@pytest.mark.usefixtures("slow")
class TestSlowly:
    async def test_an_order_that_takes_long_is_acknowledged_first_and_shown_later(
        self, seen, remote, slow: asyncio.Event
    ):
        orders = Orders(waits=slow)

        taking = asyncio.create_task(take(seen, orders, PictureRequest("a fox", private=True)))
        await until(lambda: remote.calls)
        assert [call.payload["type"] for call in remote.calls] == [5]
        slow.set()
        await taking

        assert remote.calls[0].payload["data"]["flags"] & 64
        assert remote.calls[-1].name == ORIGINAL
        check_limits(remote.calls[-1].payload)
        assert orders.started == [seen.id]

    async def test_a_late_refusal_takes_the_thinking_back(self, seen, remote: Discord):
        orders = Orders(error=TooBusy("later"), waits=_Late(remote))

        with pytest.raises(TooBusy):
            await take(seen, orders, PictureRequest("a fox"))

        assert [call.method for call in remote.calls] == ["POST", "DELETE"]

    async def test_a_refusal_that_cannot_be_taken_back_is_still_the_refusal(self, seen, remote: Discord):
        orders = Orders(error=TooBusy("later"))
        remote.refuse("DELETE /webhooks/#/token/messages/@original", 404, 10008)
        orders.waits = _Late(remote)

        with pytest.raises(TooBusy):
            await take(seen, orders, PictureRequest("a fox"))

    @pytest.mark.parametrize("lost", [0, CUT], ids=["no answer", "half an answer"])
    async def test_a_card_whose_answer_was_lost_is_shown_again(self, seen, remote: Discord, lost: int):
        orders = Orders()
        orders.waits = _Late(remote)
        remote.refuse(ORIGINAL, lost)

        await take(seen, orders, PictureRequest("a fox"))

        assert [call.name for call in remote.calls] == [CALLBACK, ORIGINAL, ORIGINAL]
        assert (orders.started, orders.withdrawn) == ([seen.id], [])

    @pytest.mark.parametrize("name", [CALLBACK, ORIGINAL], ids=["thinking", "the card"])
    async def test_what_cannot_be_said_is_withdrawn(self, seen, remote: Discord, name: str):
        orders = Orders()
        orders.waits = _Late(remote)
        remote.refuse(name, 404, 10062)

        with pytest.raises(discord.HTTPException):
            await take(seen, orders, PictureRequest("a fox"))

        assert (orders.started, orders.withdrawn) == ([], [seen.id])

    async def test_a_refusal_beside_a_failed_acknowledgement_holds_nothing(self, seen, remote: Discord):
        orders = Orders(error=TooBusy("later"))
        orders.waits = _Late(remote)
        remote.refuse(CALLBACK, 404, 10062)

        with pytest.raises((TooBusy, discord.HTTPException)):
            await take(seen, orders, PictureRequest("a fox"))

        assert (orders.started, orders.withdrawn) == ([], [])


async def never(asked: asyncio.Event) -> Any:
    """Be asked, and never answer."""
    asked.set()
    await asyncio.Event().wait()


class _Late(asyncio.Event):
    """An event that comes by itself, but after Discord was told to be patient."""

    def __init__(self, remote: Discord) -> None:
        super().__init__()
        self._remote = remote

    async def wait(self):  # pyright: ignore[reportIncompatibleMethodOverride] - comes by itself
        await until(lambda: self._remote.calls)
        return True
