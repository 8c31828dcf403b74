"""Answers in words, begun by tests under a question in a channel of the loopback Discord."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from time_kit import settle, until
from ui_kit import POST
from world_kit import ANN, CHANNEL, GUILD

from bot.ui.places import ReplyPlace
from bot.ui.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import discord
    from discord_kit import Discord
    from time_kit import LoopClock

    from bot.ui.pages import Page, Posted

PATCH = "PATCH /channels/#/messages/#"
TYPING = "POST /channels/#/typing"
QUESTION = 1_300_000_000_000_000_009
PARAGRAPHS = [f"{letter} goes on and on. " * 80 for letter in "ABCDEFGH"]
"""Each takes most of a message."""
MENTIONS = "@everyone and @here, <@12345678901234567> and <@&12345678901234567>"


class Slow(ReplyPlace):
    """A channel whose edits wait for a test."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.opened = asyncio.Event()
        self.waiting = 0

    async def edit(self, posted: Posted, page: Page) -> None:
        self.waiting += 1
        await self.opened.wait()
        self.waiting -= 1
        await super().edit(posted, page)


@pytest.fixture
def place(client: discord.Client) -> ReplyPlace:
    return ReplyPlace(client, message_id=QUESTION, channel_id=CHANNEL, guild_id=GUILD, author_id=ANN)


@pytest.fixture
async def begin(client: discord.Client, loop_clock: LoopClock) -> AsyncIterator[Callable[..., Scribe]]:
    """Begin answers of a client on the loop's clock; nothing of them may be left running."""
    begun: list[Scribe] = []

    def begin(place: ReplyPlace, **more: Any) -> Scribe:
        begun.append(Scribe(place, stop="77", timer=asyncio.get_running_loop().time, **more))
        return begun[-1]

    before = asyncio.all_tasks()
    yield begin
    for scribe in begun:
        await scribe.aclose()
    await settle()
    ours = {task for task in asyncio.all_tasks() - before if task.get_name() in {"scribe", "typing"}}
    assert ours == set()


def writes(remote: Discord) -> list[tuple[str, str]]:
    """Return what was posted and what was edited, in order."""
    return [
        ("post" if call.method == "POST" else "edit", call.payload["content"])
        for call in remote.calls
        if call.name in {POST, PATCH}
    ]


def pressable(payload: dict[str, Any]) -> list[str]:
    return [one["custom_id"] for row in payload["components"] for one in row["components"]]


async def shown(remote: Discord, count: int) -> None:
    """Wait until so many writes have been answered."""
    await until(lambda: len(writes(remote)) >= count)
    await settle()
