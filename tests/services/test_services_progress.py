from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from house_kit import House, open_house
from provider_kit import NOW
from time_kit import until
from world_kit import Clock, World, ann

from bot.domain.calls import PictureBytes
from bot.domain.jobs import JobState
from bot.domain.standing import NOWHERE, Glimpse, Standing
from bot.services import progress as module
from bot.services.progress import MAX_EDITS, Progress

if TYPE_CHECKING:
    from bot.domain.jobs import Job


class Easel:
    """A card whose edits are kept, and a time that passes when it is told to."""

    def __init__(self) -> None:
        self.seen: list[Glimpse] = []
        self.standing = Standing(position=1)
        self.naps: list[asyncio.Future[None]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.painting = self.most = 0
        self.answer: bool | Exception = True
        self.clock = Clock()
        self.progress = Progress(self, sleep=self.sleep, clock=self.clock)

    async def sleep(self, seconds: float) -> None:
        assert seconds == 2.0
        nap = asyncio.get_running_loop().create_future()
        self.naps.append(nap)
        await nap

    async def repaint(self, job: Job, glimpse: Glimpse) -> bool:
        assert job.state is JobState.QUEUED
        self.painting += 1
        self.most = max(self.most, self.painting)
        try:
            await self.gate.wait()
        finally:
            self.painting -= 1
        if isinstance(self.answer, Exception):
            raise self.answer
        self.seen.append(glimpse)
        return self.answer

    def stands(self, **standing) -> None:
        self.standing = Standing(**standing)
        self.progress.moved()

    async def pass_time(self) -> None:
        await settled()
        naps, self.naps = self.naps, []
        for nap in naps:
            if not nap.done():
                nap.set_result(None)
        await settled()

    def follow(self, job: Job) -> None:
        self.progress.follow(job, lambda: self.standing)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
async def job(house: House) -> Job:
    opened = await house.order(start=False)
    assert opened is not None
    return opened


@pytest.fixture
async def easel():
    one = Easel()
    yield one
    one.gate.set()
    await one.progress.aclose()


def positions(easel: Easel) -> list[int | None]:
    return [glimpse.standing.position for glimpse in easel.seen]


async def test_a_place_is_shown_at_most_every_two_seconds(easel: Easel, job: Job):
    easel.stands(position=4)
    easel.follow(job)
    for position in (3, 2):
        easel.stands(position=position)
    await settled()
    assert easel.seen == [], "the placeholder has only just been posted"

    await easel.pass_time()
    easel.stands(position=1)
    await settled()
    assert positions(easel) == [2]

    await easel.pass_time()
    assert positions(easel) == [2, 1]


async def test_no_news_is_no_edit(easel: Easel, job: Job):
    soon = NOW + timedelta(minutes=1)
    easel.stands(position=2, ready_at=soon)
    easel.follow(job)
    await easel.pass_time()
    for seconds in (0, 3, -9):
        easel.stands(position=2, ready_at=soon + timedelta(seconds=seconds))
        await easel.pass_time()
    assert len(easel.seen) == 1

    easel.stands(position=2, ready_at=soon + timedelta(seconds=30))
    await easel.pass_time()
    easel.stands(position=2)
    await easel.pass_time()
    assert len(easel.seen) == 3


@pytest.mark.parametrize("place", [{"running_since": NOW}, {"position": 1}], ids=["runs", "waits"])
async def test_no_card_goes_on_to_say_that_something_was_ready_in_the_past(easel: Easel, job: Job, place):
    soon = NOW + timedelta(seconds=0.01)
    easel.stands(**place, ready_at=soon)
    easel.follow(job)
    await easel.pass_time()
    assert easel.seen[-1].standing.ready_at == soon

    easel.standing = Standing(**place)  # nobody says that it has changed
    easel.clock.now = soon
    await asyncio.sleep(0.02)
    await easel.pass_time()
    await until(lambda: len(easel.seen) == 2)

    assert easel.seen[-1].standing.ready_at is None


async def test_what_the_card_says_already_is_no_news_until_it_is_over(easel: Easel, job: Job):
    soon = NOW + timedelta(seconds=20)
    shown = Standing(running_since=NOW, ready_at=soon)
    easel.stands(running_since=NOW, ready_at=soon + timedelta(seconds=0.1))  # it began a moment later
    easel.progress.follow(job, lambda: easel.standing, Glimpse(shown))
    for seconds in (0, 19, 1):
        easel.clock.move(seconds=seconds)
        easel.progress.moved()
        await easel.pass_time()
    assert easel.seen == []

    easel.clock.move(seconds=1)
    easel.stands(running_since=NOW)
    await easel.pass_time()
    assert [glimpse.standing for glimpse in easel.seen] == [Standing(running_since=NOW)]


async def test_that_easel_stops_is_news(easel: Easel, job: Job):
    easel.follow(job)
    await easel.pass_time()
    easel.stands(position=1, is_left=True)
    await easel.pass_time()

    assert [glimpse.standing.is_left for glimpse in easel.seen] == [False, True]


async def test_the_start_is_shown_once_and_a_retry_not_at_all(easel: Easel, job: Job):
    easel.follow(job)
    await easel.pass_time()
    for n in (1, 2, 3):
        easel.stands(running_since=NOW, ready_at=NOW + timedelta(minutes=n))
        await easel.pass_time()
    easel.standing = NOWHERE
    easel.progress.moved()
    await easel.pass_time()

    assert positions(easel) == [1, None]


async def test_a_model_that_is_asked_again_later_is_news_and_so_is_that_it_was(easel: Easel, job: Job):
    for again_at in (None, NOW, NOW, None):
        easel.progress.held_up(job, again_at)
        await easel.pass_time()

    assert [glimpse.standing.again_at for glimpse in easel.seen] == [NOW, None]
    assert all(glimpse.standing.running_since for glimpse in easel.seen)


async def test_what_reads_the_same_of_a_busy_model_is_no_news(easel: Easel, job: Job):
    again_at = NOW + timedelta(seconds=20)
    easel.stands(running_since=NOW, ready_at=NOW + timedelta(seconds=5))
    easel.follow(job)
    for seconds in (0, 0.4, -1.5):
        easel.progress.held_up(job, again_at + timedelta(seconds=seconds))
        await easel.pass_time()
    easel.clock.move(seconds=6)  # when it was to be ready nobody reads
    easel.stands(running_since=NOW)
    await easel.pass_time()
    assert [glimpse.standing.again_at for glimpse in easel.seen] == [again_at]

    easel.progress.held_up(job, again_at + timedelta(seconds=2))
    await easel.pass_time()
    assert len(easel.seen) == 2


async def test_pictures_are_shown_as_they_sharpen_the_latest_of_each_call(easel: Easel, job: Job):
    def step(text: bytes) -> PictureBytes:
        return PictureBytes(text, "image/png")

    for ordinal, text in ((1, b"b1"), (0, b"a1"), (0, b"a2")):
        easel.progress.sharpened(job, ordinal, step(text))
    await easel.pass_time()
    easel.progress.sharpened(job, 1, step(b"b1"))
    await easel.pass_time()
    easel.progress.sharpened(job, 1, step(b"b2"))
    await easel.pass_time()

    shown = [tuple(picture.data for picture in glimpse.pictures) for glimpse in easel.seen]
    assert shown == [(b"a2", b"b1"), (b"a2", b"b2")]


class TestLeaving:
    async def test_an_edit_under_way_is_waited_for_and_none_follows(self, easel: Easel, job: Job):
        easel.follow(job)
        easel.gate.clear()
        await easel.pass_time()
        leaving = asyncio.create_task(easel.progress.leave(job.id))
        easel.stands(position=9)
        await settled()
        assert not leaving.done()

        easel.gate.set()
        await leaving
        await easel.pass_time()

        assert positions(easel) == [1]

    async def test_an_edit_that_takes_too_long_is_stopped(self, easel: Easel, job: Job, monkeypatch):
        monkeypatch.setattr(module, "LAST_EDIT_S", 0.01)
        easel.follow(job)
        easel.gate.clear()
        await easel.pass_time()

        await easel.progress.leave(job.id)

        assert (easel.painting, easel.seen) == (0, [])

    async def test_one_who_is_cut_off_while_leaving_leaves_no_edit_behind(self, easel: Easel, job: Job):
        easel.follow(job)
        easel.gate.clear()
        await easel.pass_time()
        leaving = asyncio.create_task(easel.progress.leave(job.id))
        await settled()

        leaving.cancel()
        await settled()

        assert easel.painting == 0

    async def test_what_nobody_follows_is_left_at_once(self, easel: Easel):
        await easel.progress.leave(5)


@pytest.mark.parametrize("answer", [False, RuntimeError("a mistake")], ids=["gone", "a mistake"])
async def test_a_card_that_cannot_be_edited_is_left_alone(easel: Easel, job: Job, answer, logged):
    easel.answer = answer
    easel.follow(job)
    await easel.pass_time()
    easel.stands(position=2)
    await easel.pass_time()

    assert easel.naps == []
    assert len(easel.seen) == (answer is False)
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == (
        [] if answer is False else ["progress not shown"]
    )
    await easel.progress.leave(job.id)


async def test_only_so_many_cards_are_edited_at_the_same_time(easel: Easel, house: House):
    house.world.caps.person = {}
    easel.gate.clear()
    for n in range(MAX_EDITS + 4):
        opened = await house.order(who=ann(user_id=9000 + n), start=False)
        assert opened is not None
        easel.follow(opened)
    await easel.pass_time()
    assert easel.painting == MAX_EDITS

    easel.gate.set()
    await settled()

    assert (easel.most, len(easel.seen)) == (MAX_EDITS, MAX_EDITS + 4)


async def test_a_job_that_starts_at_once_needs_no_edit(world: World):
    async with open_house(world) as house:
        await house.done()

        assert house.queue._progress._watches == {}
        assert world.board.painted == []
