from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import structlog
from time_kit import PATIENCE_S

from bot.app.chores import APART_S, SOON_S, Chore, Nights, every, kept_up, next_night, nightly
from bot.errors import StorageTrouble


class Work:
    """A chore that counts its rounds; `script` holds what goes wrong in the next ones."""

    def __init__(self, *script: BaseException) -> None:
        self.script = list(script)
        self.rounds = 0
        self.third = asyncio.Event()

    async def __call__(self) -> None:
        self.rounds += 1
        if self.rounds == 3:
            self.third.set()
        if self.script:
            raise self.script.pop(0)


async def test_a_chore_that_fails_is_logged_and_done_again(caplog: pytest.LogCaptureFixture):
    work = Work(OSError("the disk is full"), ValueError("a mistake of ours"))

    async with kept_up([Chore("sweeping", work, every(0))]), asyncio.timeout(PATIENCE_S):
        await work.third.wait()

    assert work.rounds >= 3


async def test_one_that_the_disk_has_no_room_for_is_no_failure_of_ours_and_done_again():
    work = Work(StorageTrouble("no room"))

    with structlog.testing.capture_logs() as lines:
        async with kept_up([Chore("sweeping", work, every(0))]), asyncio.timeout(PATIENCE_S):
            await work.third.wait()

    assert lines == [
        {"event": "chore put off, for want of room", "chore": "sweeping", "log_level": "warning"}
    ]


async def test_one_that_hangs_holds_up_no_other_and_ends_with_the_block():
    hung: list[str] = []

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            hung.append("ended")

    work = Work()
    async with kept_up([Chore("hanging", hangs, every(0)), Chore("sweeping", work, every(0))]):
        async with asyncio.timeout(PATIENCE_S):
            await work.third.wait()

    assert hung == ["ended"]


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-27T02:59:00", "2026-11-27T03:00:00"),
        ("2026-11-27T03:00:00", "2026-11-28T03:00:00"),
        ("2026-11-27T23:30:00", "2026-11-28T03:00:00"),
        ("2026-03-28T12:00:00", "2026-03-29T02:00:00"),  # the clocks go forward in between
    ],
)
def test_the_next_night_is_at_four_by_the_zone_s_clocks(now: str, night: str):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = next_night(moment, ZoneInfo("Europe/Berlin"))

    assert found == datetime.fromisoformat(night).replace(tzinfo=UTC)
    assert nightly(lambda: moment, ZoneInfo("Europe/Berlin"))() == (found - moment).total_seconds()


class Notes:
    """What is written down of an installation."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def set(self, key: str, value: str) -> None:
        self.kept[key] = value


async def test_what_missed_its_night_is_done_soon_after_a_start_one_thing_after_the_other():
    notes, moment, work = Notes(), datetime(2026, 11, 27, 12, tzinfo=UTC), Work()

    async def nights() -> Nights:
        made = Nights(notes, lambda: moment, ZoneInfo("UTC"))  # pyright: ignore[reportArgumentType] - the notes of a test
        await made.load()
        return made

    first = await nights()
    one, other = first.chore("one", work), first.chore("other", work)
    assert (one.wait_s(), other.wait_s()) == (SOON_S + APART_S, SOON_S + 2 * APART_S)
    assert one.wait_s() == 16 * 3600, "then at night, as ever"
    await one.work()

    assert work.rounds == 1
    later = await nights()
    assert later.chore("one", work).wait_s() == 16 * 3600, "it was done today"
    assert later.chore("other", work).wait_s() == SOON_S + APART_S
    moment = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert (await nights()).chore("one", work).wait_s() == SOON_S + APART_S


async def test_one_that_failed_is_still_late():
    notes, work = Notes(), Work(OSError("the disk is full"))
    made = Nights(notes, lambda: datetime(2026, 11, 27, 12, tzinfo=UTC), ZoneInfo("UTC"))  # pyright: ignore[reportArgumentType] - as above

    with pytest.raises(OSError, match="full"):
        await made.chore("one", work).work()

    assert notes.kept == {}


def test_a_chore_may_begin_sooner_than_it_goes_on():
    wait_s = every(3600, first_s=300)

    assert [wait_s(), wait_s(), wait_s()] == [300, 3600, 3600]
