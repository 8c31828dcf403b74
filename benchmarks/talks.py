"""Measures of conversation: many people at once, each with a mention, answered as the words come."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from benchmarks import proc
from benchmarks.model import LAST
from benchmarks.stage import EASEL, Contender, opened, places_for

if TYPE_CHECKING:
    from benchmarks.figures import Values
    from benchmarks.proc import Cores
    from benchmarks.scale import Scale
    from benchmarks.stage import Stage
    from sandbox.discord.people import Person

PER_MESSAGE = Contender("bare", "benchmarks.per_message")
PATIENCE_S = 120.0
SMALL_BYTES = 16 * 1024


async def mentions(cores: Cores, scale: Scale) -> list[tuple[str, Values]]:
    """Compare with a bot that opens a client for each message."""
    rates: Values = {}
    lost: Values = {}
    cpu: Values = {}
    settings = {
        "MAX_RUNNING_CALLS": places_for(scale.mentions),
        "DEFAULT_MESSAGES_PER_DAY": "",
        "CAPTION_RESULTS": "false",
    }
    for contender in (PER_MESSAGE, EASEL):
        async with opened(
            contender, cores, picture_bytes=SMALL_BYTES, latency_s=scale.latency_s, settings=settings
        ) as stage:
            rates[contender.name], lost[contender.name], cpu[contender.name] = await _answered(
                stage, scale.mentions
            )
    return [("mentions", rates), ("mentions lost", lost), ("mentions cpu", cpu)]


async def _answered(stage: Stage, count: int) -> tuple[float, float, float]:
    """Return answers a second, how many never came, and the processor time of one in milliseconds."""
    await stage.start()
    people = _people(stage, count)
    await _ask(stage, people[:2])
    await stage.settled()
    cpu_s = proc.cpu_s(stage.pid)
    answered, wall_s = await _ask(stage, people)
    await stage.settled()
    spent_ms = (proc.cpu_s(stage.pid) - cpu_s) * 1000
    return answered / wall_s, len(people) - answered, spent_ms / max(1, answered)


async def _ask(stage: Stage, people: list[Person]) -> tuple[int, float]:
    """Let everybody mention the bot at once; return how many answers came whole, and after how long."""
    world = stage.sandbox.world
    started_at = time.monotonic()
    said = [await one.say(f"<@{world.bot.id}> What goes with teal?") for one in people]
    asked = {message.id for message in said}
    channel = said[0].channel

    def whole() -> int:
        replies = (one for one in channel.messages.values() if one.reply_to and one.reply_to.id in asked)
        return sum(LAST in one.content for one in replies)

    try:
        async with asyncio.timeout(PATIENCE_S):
            await world.changed.until(lambda: whole() == len(asked), PATIENCE_S)
    except TimeoutError:
        pass  # those that did not come are counted
    wall_s = time.monotonic() - started_at
    answered = whole()
    for message in [*channel.messages.values()]:
        world.remove(message)
    world.requests.clear()
    return answered, wall_s


def _people(stage: Stage, count: int) -> list[Person]:
    """Return so many members of the server, each at their client."""
    world = stage.sandbox.world
    guild = world.channel("studio").guild
    if guild is None:
        raise RuntimeError("the studio belongs to no server")
    names = [f"Talker {number}" for number in range(count)]
    for name in names:
        world.add_member(guild, world.add_user(name))
    return [world.person(name) for name in names]
