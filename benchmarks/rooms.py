"""Measures of single rooms, each in a process of its own: decoding, holding, pictures (P9 to P12)."""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image, ImageOps
from pybase64 import b64decode

from benchmarks import ledgers, proc
from benchmarks.model import reply
from benchmarks.pictures import MIB, noise_png, phone_photo
from benchmarks.scale import FULL, TINY
from bot.images.inspect import inspect, verify, working_bytes
from bot.images.pool import PicturePool
from bot.images.prepare import prepare
from bot.model.splitter import Splitter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.figures import Values
    from benchmarks.scale import Scale

CHUNK_BYTES = 64 * 1024
"""What httpx hands on at a time."""
PROBE_S = 0.002
HEAVY_BYTES = 10 * MIB
OPENING = b'"b64_json": "'


class Rooms:
    """Runs one measure after another in fresh processes on the measured core, or on all."""

    def __init__(self, cores: proc.Cores, *, is_tiny: bool) -> None:
        self._cores = cores
        self._is_tiny = is_tiny

    async def measure(self, *name: str, on_all_cores: bool = False) -> Values:
        """Return what a measure's process printed."""
        scale = ["--tiny"] if self._is_tiny else []
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.rooms", *name, *scale),
            cwd=str(ledgers.ROOT),
            stdout=asyncio.subprocess.PIPE,
        )
        os.sched_setaffinity(process.pid, self._cores.all if on_all_cores else {self._cores.measured})
        printed, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"the measure {' '.join(name)} broke off")
        return json.loads(printed)


async def all_rooms(rooms: Rooms) -> list[tuple[str, Values]]:
    """P9 to P12."""
    contenders = ("bare", "easel", "limit")
    with tempfile.NamedTemporaryFile(prefix="easel-bench-") as file:
        file.write(reply(HEAVY_BYTES))
        file.flush()
        decoded = {name: await rooms.measure(f"decode-{name}", file.name) for name in contenders}
    held = await rooms.measure("hold")
    lags = {name: await rooms.measure(f"lag-{name}", on_all_cores=True) for name in contenders}
    return [
        ("P9", {name: values["ms"] for name, values in decoded.items()}),
        ("P9 memory", {name: values["bytes"] / MIB for name, values in decoded.items()}),
        ("P10", {name: held[name] for name in contenders}),
        ("P10 over", {"easel": held["over"]}),
        ("P11", await rooms.measure("photo-2048")),
        ("P11 small", await rooms.measure("photo-1024")),
        ("P12 p99", {name: values["p99"] for name, values in lags.items()}),
        ("P12 max", {name: values["max"] for name, values in lags.items()}),
    ]


def middle_ms(work: Callable[[], object], repeats: int) -> float:
    """Return the middle of the times that some work takes, in milliseconds."""
    times: list[float] = []
    for _ in range(repeats):
        started_at = time.perf_counter()
        work()
        times.append(time.perf_counter() - started_at)
    return sorted(times)[repeats // 2] * 1000


def decode_bare(file: BinaryIO) -> bytes:
    """Decode as `httpx.Response.json()` and the standard library do."""
    whole = b"".join(iter(partial(file.read, CHUNK_BYTES), b""))
    return base64.b64decode(json.loads(whole)["data"][0]["b64_json"])


def decode_easel(file: BinaryIO) -> bytes:
    """Decode as Easel does, chunk by chunk."""
    splitter = Splitter(length=os.fstat(file.fileno()).st_size)  # as Content-Length says it
    for chunk in iter(partial(file.read, CHUNK_BYTES), b""):
        splitter.feed(chunk)
    return splitter.close().pictures[0]


def decode_limit(file: BinaryIO) -> bytes:
    """Cut and decode, knowing the reply."""
    whole = file.read()
    start = whole.find(OPENING) + len(OPENING)
    return b64decode(memoryview(whole)[start : whole.find(b'"', start)], validate=True)


DECODERS = {"bare": decode_bare, "easel": decode_easel, "limit": decode_limit}


def decode(who: str, path: Path, scale: Scale) -> Values:
    """Return how long a reply of 10 MiB takes, read from a file piece by piece, and how much memory."""

    def once() -> None:
        with path.open("rb", buffering=0) as file:
            if len(DECODERS[who](file)) != HEAVY_BYTES:
                raise RuntimeError("the decoded picture is of another size")

    resident = proc.forget_peak(os.getpid())
    once()
    memory = proc.peak_bytes(os.getpid()) - resident
    return {"ms": middle_ms(once, scale.repeats), "bytes": memory}


def photo_bare(data: bytes, side: int) -> bytes:
    """Make a photo ready as most do: decode, turn, shrink, save."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def photo(side: int, scale: Scale) -> Values:
    """Return how long a phone's photo takes."""
    data = phone_photo()
    return {
        "bare": middle_ms(lambda: photo_bare(data, side), scale.repeats),
        "easel": middle_ms(lambda: prepare(data, max_side=side), scale.repeats),
    }


async def lag(work: Callable[[], Awaitable[object]], scale: Scale) -> Values:
    """Return how late the event loop is while photos are worked on, all asked for at one moment."""
    late: list[float] = []
    clock = asyncio.get_running_loop().time

    async def probe() -> None:
        while True:
            due = clock() + PROBE_S
            await asyncio.sleep(PROBE_S)
            late.append(clock() - due)

    probing = asyncio.create_task(probe())
    await asyncio.sleep(10 * PROBE_S)
    late.clear()
    await asyncio.gather(*(work() for _ in range(scale.photos)))
    await asyncio.sleep(2 * PROBE_S)
    probing.cancel()
    return {"p99": sorted(late)[int(0.99 * len(late))] * 1000, "max": max(late) * 1000}


async def lag_of(who: str, scale: Scale) -> Values:
    """P12: in the loop itself, in Easel's pool, and with nothing to do."""
    data = phone_photo()
    pool = PicturePool()
    weight = working_bytes(inspect(data))

    async def inline() -> None:
        photo_bare(data, 2048)

    async def pooled() -> None:
        await pool.run(prepare, data, weight_bytes=weight, max_job_s=60)

    async def nothing() -> None:
        await asyncio.sleep(0.5)

    return await lag({"bare": inline, "easel": pooled, "limit": nothing}[who], scale)


def measure(name: str, path: Path, scale: Scale) -> Values:
    """Run the measure of that name; `path` is the reply to decode."""
    kind, _, rest = name.partition("-")
    if kind == "decode":
        return decode(rest, path, scale)
    if kind == "photo":
        return photo(int(rest), scale)
    if kind == "lag":
        return asyncio.run(lag_of(rest, scale))
    if kind == "hold":
        return asyncio.run(ledgers.hold(scale))
    picture = noise_png(2 * MIB)
    return {"easel": middle_ms(lambda: verify(picture), 5 * scale.repeats)}


def main() -> None:
    """Measure and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("path", nargs="?", type=Path, default=Path())
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args()
    print(json.dumps(measure(given.name, given.path, TINY if given.tiny else FULL)))


if __name__ == "__main__":
    main()
