"""Work that others go on beside."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.endings import beside


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
