"""Showing partial pictures to someone slow: the stream never waits, and nothing comes late."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.calls import PictureBytes
from bot.model.partials import Partials

PICTURE = PictureBytes(b"x", "image/png")


class Viewer:
    """Looks at each picture until told to go on."""

    def __init__(self):
        self.seen, self.left = [], []
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def show(self, index, _):
        self.seen.append(index)
        try:
            await self.go_on.wait()
        finally:
            self.left.append(index)
        if self.error:
            raise self.error


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_while_one_is_shown_only_the_latest_waits():
    viewer = Viewer()
    async with Partials(viewer.show) as partials:
        partials.take(0, PICTURE)
        await settle()
        for index in (1, 2, 3):
            partials.take(index, PICTURE)
        viewer.go_on.set()
        await settle()

    assert viewer.seen == [0, 3]


async def test_someone_quick_sees_each():
    viewer = Viewer()
    viewer.go_on.set()
    async with Partials(viewer.show) as partials:
        for index in range(3):
            partials.take(index, PICTURE)
            await settle()

    assert viewer.seen == [0, 1, 2]


async def test_one_that_comes_in_the_last_moment_of_another_is_shown():
    seen = []

    async def show(index, picture):
        seen.append(index)
        if index == 0:
            # Runs after the showing has ended, and before anyone was told so.
            task = asyncio.current_task()
            assert task is not None
            task.add_done_callback(lambda _: None)
            asyncio.get_running_loop().call_soon(partials.take, 1, PICTURE)

    async with Partials(show) as partials:
        partials.take(0, PICTURE)
        await settle()

    assert seen == [0, 1]


async def test_the_end_lets_the_one_being_shown_finish_and_drops_the_next():
    viewer = Viewer()
    async with Partials(viewer.show) as partials:
        partials.take(0, PICTURE)
        await settle()
        partials.take(1, PICTURE)
        asyncio.get_running_loop().call_soon(viewer.go_on.set)

    assert (viewer.seen, viewer.left) == ([0], [0])


async def test_the_end_does_not_wait_for_someone_who_never_ends():
    viewer = Viewer()
    async with asyncio.timeout(30):
        async with Partials(viewer.show, last_show_s=0.02) as partials:
            partials.take(0, PICTURE)
            await settle()

    assert viewer.left == [0]


async def test_trouble_ends_the_showing_at_once():
    viewer = Viewer()

    async def break_off():
        async with asyncio.timeout(30), Partials(viewer.show, last_show_s=60) as partials:
            partials.take(0, PICTURE)
            await settle()
            raise RuntimeError("broke")

    with pytest.raises(RuntimeError, match="broke"):
        await break_off()

    assert viewer.left == [0]


async def test_a_failure_to_show_is_logged_and_ends_the_showing_alone(caplog):
    viewer = Viewer()
    viewer.error = ValueError("no message to edit")
    viewer.go_on.set()
    async with Partials(viewer.show) as partials:
        for index in range(3):
            partials.take(index, PICTURE)
            await settle()

    assert viewer.seen == [0]
    assert "partial picture not shown" in caplog.text


async def test_nothing_to_show_is_nothing_to_wait_for():
    viewer = Viewer()
    async with Partials(viewer.show):
        pass

    assert viewer.seen == []
