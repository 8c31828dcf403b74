"""Measures of whole bots, each a process at work between the servers (P1 to P8, P13 to P15)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

from benchmarks import proc
from benchmarks.load import crowd_draws, crowd_texts, quantile
from benchmarks.pictures import MIB
from benchmarks.stage import BARE, EASEL, ROOT, opened, places_for
from sandbox.discord.rendering import event_payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Values
    from benchmarks.load import Crowd
    from benchmarks.proc import Cores
    from benchmarks.rooms import Rooms
    from benchmarks.scale import Scale
    from benchmarks.stage import Contender, Stage

SMALL_BYTES = 16 * 1024
PAUSE_S = 0.05
"""After a picture is shown, Easel settles it and the gateway tells of it; then nothing goes on."""
CONTENDERS = (BARE, EASEL)
Measured = list[tuple[str, "Values"]]


async def starts(cores: Cores, _scale: Scale) -> Measured:
    """P15: how long until people can be served, the first time and then."""
    first: Values = {}
    again: Values = {}
    for contender in CONTENDERS:
        async with opened(contender, cores, picture_bytes=SMALL_BYTES) as stage:
            first[contender.name] = await stage.start()
            await stage.stop()
            again[contender.name] = await stage.start()
    return [("P15", again), ("P15 first", first)]


async def idle(cores: Cores, scale: Scale) -> Measured:
    """P1: one order at a time, the next when nothing is left to do for the last."""
    middle: Values = {}
    slowest: Values = {}
    for contender in CONTENDERS:
        async with opened(contender, cores, picture_bytes=SMALL_BYTES, latency_s=0.02) as stage:
            await stage.start()
            await crowd_draws(stage, 1, 5)
            seen = await crowd_draws(stage, 1, scale.idle_orders, pause_s=PAUSE_S)
            middle[contender.name] = quantile(seen.acks(), 0.5) * 1000
            slowest[contender.name] = quantile(seen.acks(), 0.99) * 1000
    return [("P1 p50", middle), ("P1 p99", slowest)]


class Load:
    """What a crowd cost a contender: seconds of processor time, bytes of memory, and what people saw."""

    def __init__(self, crowd: Crowd, cpu_s: float, peak_bytes: int) -> None:
        self.crowd = crowd
        self.cpu_ms = cpu_s * 1000 / max(1, len(crowd.ends()))
        self.peak_bytes = peak_bytes


async def loaded(stage: Stage, at_once: int, each: int, *, over_s: float = 0.0) -> Load:
    """Start a contender, warm it up, and let a crowd ask."""
    await stage.start()
    await crowd_draws(stage, 2, 1)
    await stage.settled()
    resident, cpu_s = proc.forget_peak(stage.pid), proc.cpu_s(stage.pid)
    crowd = await crowd_draws(stage, at_once, each, over_s=over_s)
    await stage.settled()
    return Load(crowd, proc.cpu_s(stage.pid) - cpu_s, proc.peak_bytes(stage.pid) - resident)


async def limited(stage: Stage, at_once: int, each: int, *, over_s: float = 0.0) -> Values:
    """Let the limit program carry as many pictures as a crowd asks for."""
    world = stage.sandbox.world
    channel = world.channel("studio")
    upload = f"{stage.sandbox.environment()['DISCORD_API_URL']}/channels/{channel.id}/messages"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.limit", f"{stage.model.url}/images", upload, world.token),
        *(str(at_once), str(each), str(over_s)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    os.sched_setaffinity(process.pid, {stage.cores.measured})
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the limit program broke off")
    return json.loads(printed)


async def busy(cores: Cores, scale: Scale, rooms: Rooms) -> Measured:
    """P2 to P5: many orders of 2 MiB under way all the time."""
    at_once, each = scale.at_once, scale.each
    loads: dict[str, Load] = {}
    for contender in CONTENDERS:
        async with opened(contender, cores, picture_bytes=2 * MIB, latency_s=scale.latency_s) as stage:
            loads[contender.name] = await loaded(stage, at_once, each)
    async with opened(BARE, cores, picture_bytes=2 * MIB, latency_s=scale.latency_s) as stage:
        limit = await limited(stage, at_once, each)
    verify_ms = (await rooms.measure("verify"))["easel"]
    return list(_of_loads(loads, limit, verify_ms, skip=at_once if each > 1 else 0))


def _of_loads(
    loads: dict[str, Load], limit: Values, verify_ms: float, *, skip: int
) -> Iterator[tuple[str, Values]]:
    """Yield the figures of a busy time; the first orders, all given at one moment, say nothing of P2."""
    acks = {name: load.crowd.acks(skip) for name, load in loads.items()}
    yield "P2", {name: quantile(times, 0.99) * 1000 for name, times in acks.items()}
    yield "P2 p50", {name: quantile(times, 0.5) * 1000 for name, times in acks.items()}
    yield "P2 lost", {name: load.crowd.lost for name, load in loads.items()}
    whole = {name: load.cpu_ms for name, load in loads.items()} | {"limit": limit["cpu_ms"]}
    rest = whole | {"easel": whole["easel"] - verify_ms}
    yield "P3", whole
    yield "P3 rest", rest
    yield "P4", {name: 1000 / cpu_ms for name, cpu_ms in rest.items()}
    peaks = {name: load.peak_bytes / MIB for name, load in loads.items()}
    yield "P5", peaks | {"limit": limit["peak_bytes"] / MIB}


async def heavy(cores: Cores, scale: Scale) -> Measured:
    """P6: many pictures of 10 MiB at one moment."""
    peaks: Values = {}
    lost: Values = {}
    for contender in CONTENDERS:
        async with opened(contender, cores, picture_bytes=10 * MIB, latency_s=scale.latency_s) as stage:
            load = await loaded(stage, scale.at_once, 1)
            peaks[contender.name] = load.peak_bytes / MIB
            lost[contender.name] = load.crowd.lost
    async with opened(BARE, cores, picture_bytes=10 * MIB, latency_s=scale.latency_s) as stage:
        peaks["limit"] = (await limited(stage, scale.at_once, 1))["peak_bytes"] / MIB
    return [("P6", peaks), ("P6 lost", lost)]


async def held(cores: Cores, scale: Scale) -> Measured:
    """P7: calls that wait for the model, and nothing else."""
    settings = {"MAX_RUNNING_CALLS": places_for(scale.held)}
    each: Values = {}
    for contender in CONTENDERS:
        async with opened(
            contender, cores, picture_bytes=SMALL_BYTES, latency_s=0, settings=settings
        ) as stage:
            each[contender.name] = await _held(stage, scale.held) / 1024
    return [("P7", each)]


async def _held(stage: Stage, count: int) -> float:
    """Return the bytes that a held call takes."""
    await stage.start()
    await crowd_draws(stage, 10, 2)
    await stage.settled()
    resident = proc.rss_bytes(stage.pid)
    stage.model.pause()
    asking = asyncio.create_task(crowd_draws(stage, count, 1))
    async with asyncio.timeout(60):
        while stage.model.in_flight < count:  # noqa: ASYNC110 - the count has no event
            await asyncio.sleep(0.05)
    await stage.settled()
    taken = proc.rss_bytes(stage.pid) - resident
    stage.model.resume()
    await asking
    return taken / count


async def few(cores: Cores, scale: Scale) -> Measured:
    """P8: a few at a time, as on most days."""
    beyond: Values = {}
    for contender in CONTENDERS:
        async with opened(contender, cores, picture_bytes=2 * MIB, latency_s=scale.latency_s) as stage:
            load = await loaded(stage, 10, scale.each, over_s=stage.model.latency_s)
            beyond[contender.name] = (quantile(load.crowd.ends(), 0.5) - stage.model.latency_s) * 1000
    async with opened(BARE, cores, picture_bytes=2 * MIB, latency_s=scale.latency_s) as stage:
        limit = await limited(stage, 10, scale.each, over_s=stage.model.latency_s)
        beyond["limit"] = (limit["done_p50_s"] - stage.model.latency_s) * 1000
    return [("P8", beyond)]


async def texts(cores: Cores, scale: Scale) -> Measured:
    """P14: answers in words."""
    easel = await _text_rate(EASEL, cores, scale, "quota", is_edited=False)
    edited = await _text_rate(BARE, cores, scale, "quota", is_edited=True)
    plain = await _text_rate(BARE, cores, scale, "ping", is_edited=False)
    return [("P14", {"easel": easel, "bare": edited}), ("P14 one", {"easel": easel, "bare": plain})]


async def _text_rate(
    contender: Contender, cores: Cores, scale: Scale, command: str, *, is_edited: bool
) -> float:
    """Return how many answers a second a core gives, by its processor time."""
    async with opened(contender, cores, picture_bytes=SMALL_BYTES) as stage:
        await stage.start()
        await crowd_texts(stage, command, 10, 5, is_edited=is_edited)
        cpu_s = proc.cpu_s(stage.pid)
        crowd = await crowd_texts(stage, command, 50, scale.texts, is_edited=is_edited)
        await stage.settled()
        return len(crowd.samples) / (proc.cpu_s(stage.pid) - cpu_s)


async def flood(cores: Cores, scale: Scale) -> Measured:
    """P13: what people say to each other in the servers, which concerns the bot in no way."""
    return [("P13", {contender.name: await _flooded(contender, cores, scale) for contender in CONTENDERS})]


async def _flooded(contender: Contender, cores: Cores, scale: Scale) -> float:
    """Return how many messages of others a second a core takes in, by its processor time."""
    async with opened(contender, cores, picture_bytes=SMALL_BYTES) as stage:
        await stage.start()
        world = stage.sandbox.world
        message = await stage.people()[0].say("the light over the harbour was the colour of old brass, " * 9)
        event = event_payload(world, message, has_content_intent=True)
        await stage.settled()
        cpu_s = proc.cpu_s(stage.pid)
        for session in stage.sandbox.gateway.sessions.values():  # whatever they subscribed to
            for number in range(scale.events):
                session.dispatch("MESSAGE_CREATE", {**event, "id": str(message.id + number + 1)})
        await stage.settled()
        return scale.events / max(proc.cpu_s(stage.pid) - cpu_s, 1 / proc.TICKS_PER_S)
