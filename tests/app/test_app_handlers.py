from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from discord_kit import an_easel

from bot.app.handlers import Handlers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from discord_kit import Discord
    from house_kit import House


def at_work(handlers: Handlers, work: Callable[[], Awaitable[object]]) -> asyncio.Task[object]:
    async def handle() -> object:
        handlers.join()
        return await work()

    return asyncio.create_task(handle())


async def test_with_nobody_at_work_there_is_nothing_to_wait_for():
    async with asyncio.timeout(1):
        await Handlers().drain(60)


async def test_those_at_work_come_to_their_end():
    handlers, end = Handlers(), asyncio.Event()
    task = at_work(handlers, end.wait)
    await asyncio.sleep(0)

    draining = asyncio.create_task(handlers.drain(60))
    await asyncio.sleep(0)
    assert not draining.done()
    end.set()
    await draining

    assert task.result() is True
    await handlers.drain(60)


async def test_those_who_take_longer_are_broken_off_and_waited_for():
    handlers, tidied = Handlers(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidied.set()

    task = at_work(handlers, work)
    await asyncio.sleep(0)

    await handlers.drain(0)

    assert task.cancelled()
    assert tidied.is_set()


async def test_one_that_begins_meanwhile_is_waited_for_the_next_time():
    handlers, end = Handlers(), asyncio.Event()
    at_work(handlers, end.wait)
    await asyncio.sleep(0)
    draining = asyncio.create_task(handlers.drain(60))
    late = at_work(handlers, asyncio.Event().wait)
    await asyncio.sleep(0)

    end.set()
    await draining
    assert not late.done()
    await handlers.drain(0)

    assert late.cancelled()


@pytest.mark.usefixtures("remote")
async def test_what_discord_tells_is_at_work_until_it_is_handled(house: House, remote: Discord):
    easel, end = an_easel(house), asyncio.Event()
    handled: list[str] = []

    async def on_message(_message: object) -> None:
        await end.wait()
        handled.append("message")

    await easel.log_in("token")
    easel.add_listener(on_message)
    easel.dispatch("message", None)
    draining = asyncio.create_task(easel.handlers.drain(60))
    await asyncio.sleep(0)
    assert not draining.done()

    end.set()
    await draining

    assert handled == ["message"]
    await easel.close()
