"""The gateway's silence: told after as long as discord.py waits, whatever came before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from time_kit import LoopClock, loop_clock, settle, until

from bot.app.silence import Socket

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["loop_clock"]
WAIT_S = 60.0


@pytest.fixture
def said() -> asyncio.Queue[str]:
    """Return what the gateway has yet to say; an empty string closes the connection."""
    return asyncio.Queue()


@pytest.fixture
async def socket(said: asyncio.Queue[str]) -> AsyncGenerator[Socket]:
    async def speak(request: web.Request) -> web.WebSocketResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        while text := await said.get():
            await answer.send_str(text)
        await answer.close()
        return answer

    application = web.Application()
    application.router.add_get("/", speak)
    async with (
        TestServer(application) as server,
        aiohttp.ClientSession(ws_response_class=Socket) as session,
        session.ws_connect(server.make_url("/"), autoclose=False) as connection,
    ):
        assert isinstance(connection, Socket)
        yield connection
        said.put_nowait("")


def hearing(socket: Socket) -> asyncio.Task[aiohttp.WSMessage]:
    return asyncio.create_task(socket.receive(timeout=WAIT_S))


async def is_told_after_the_wait(socket: Socket, loop_clock: LoopClock) -> None:
    """Find that silence breaks a wait off when it is over, and no sooner."""
    heard = hearing(socket)
    await settle()

    await loop_clock.move(WAIT_S - 1)
    assert not heard.done()
    await loop_clock.move(2)

    with pytest.raises(TimeoutError):
        await heard
    assert heard.cancelling() == 0


async def test_what_comes_is_heard(socket: Socket, said: asyncio.Queue[str]):
    said.put_nowait("one")
    said.put_nowait("two")

    assert [(await socket.receive(timeout=WAIT_S)).data for _ in range(2)] == ["one", "two"]


async def test_silence_is_told_once_the_wait_is_over_and_not_before(socket: Socket, loop_clock: LoopClock):
    await is_told_after_the_wait(socket, loop_clock)


async def test_each_message_begins_the_wait_anew(
    socket: Socket, said: asyncio.Queue[str], loop_clock: LoopClock
):
    heard = hearing(socket)
    await settle()
    await loop_clock.move(WAIT_S - 1)
    said.put_nowait("late")
    assert (await heard).data == "late"

    await is_told_after_the_wait(socket, loop_clock)


async def test_who_does_not_listen_is_not_broken_off(
    socket: Socket, said: asyncio.Queue[str], loop_clock: LoopClock
):
    said.put_nowait("one")
    await socket.receive(timeout=WAIT_S)

    await loop_clock.move(3 * WAIT_S)

    said.put_nowait("two")
    assert (await socket.receive(timeout=WAIT_S)).data == "two"


async def test_whoever_is_cancelled_is_cancelled(socket: Socket, loop_clock: LoopClock):
    heard = hearing(socket)
    await settle()

    heard.cancel()

    with pytest.raises(asyncio.CancelledError):
        await heard
    await loop_clock.move(2 * WAIT_S)


async def test_a_connection_that_is_over_is_watched_no_more(
    socket: Socket, said: asyncio.Queue[str], loop_clock: LoopClock
):
    said.put_nowait("")
    assert (await socket.receive(timeout=WAIT_S)).type is aiohttp.WSMsgType.CLOSE
    await socket.close()
    await until(lambda: socket.closed)

    await loop_clock.move(2 * WAIT_S)

    assert (await socket.receive(timeout=WAIT_S)).type is aiohttp.WSMsgType.CLOSED
