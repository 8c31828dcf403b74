"""Work that others go on beside, and work that does not want to end."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.endings import beside, surely_cancelled


async def test_the_block_goes_on_beside_and_leaving_it_waits():
    told: list[str] = []
    is_read = asyncio.Event()

    async def note() -> None:
        await is_read.wait()
        told.append("noted")

    async with beside() as begin:
        begin(note())
        told.append("read")
        is_read.set()

    assert told == ["read", "noted"]


async def test_a_block_that_fails_waits_as_well_and_fails_as_it_did():
    told: list[str] = []

    async def note() -> None:
        told.append("noted")

    async def read() -> None:
        async with beside() as begin:
            begin(note())
            raise ValueError("unreadable")

    with pytest.raises(ValueError, match="unreadable"):
        await read()

    assert told == ["noted"]


async def test_work_that_fails_fails_the_block_at_its_end():
    async def fails() -> None:
        raise OSError("no disk")

    async def read() -> None:
        async with beside() as begin:
            begin(fails())

    with pytest.raises(OSError, match="no disk"):
        await read()


async def test_who_overhears_a_cancellation_is_told_again():
    overheard = []

    async def go_on() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if len(overheard) == 2:
                    raise
                overheard.append("again")

    task = asyncio.create_task(go_on())
    await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await surely_cancelled(task, every_s=0.001)

    assert overheard == ["again", "again"]


async def test_what_has_ended_by_itself_is_raised_as_it_did():
    async def fail() -> None:
        raise KeyError

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(KeyError):
        await surely_cancelled(task, every_s=60)
