from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import migrations
from bot.domain.audit import Area, Search
from bot.domain.requests import Requester
from bot.errors import BadInput, NotAllowed, Undeliverable, Unreachable
from bot.services.authority import Authority
from bot.services.log_follower import LogFollower
from bot.services.logbook import Logbook
from bot.storage.audit import Audit, AuditLine
from bot.storage.database import Database
from bot.storage.log_channels import LogChannels
from bot.storage.server_settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from bot.storage.log_channels import Behind

NOW = datetime.now(UTC)
LINUS = Requester(9, 70, 7, may_manage=True)


@dataclass
class Posts:
    """Takes what is posted, or raises what it is told to."""

    taken: list[list[str]] = field(default_factory=list[list[str]])
    lost: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    trouble: list[Exception] = field(default_factory=list[Exception])
    most: int = 2
    is_served: bool = True

    def serves(self, guild_id: int) -> bool:
        return self.is_served and guild_id > 0

    def fits(self, lines: Sequence[AuditLine]) -> int:
        return min(self.most, len(lines))

    async def post(self, behind: Behind, lines: Sequence[AuditLine]) -> None:
        assert behind.channel_id
        self.taken.append([line.action for line in lines])
        if self.trouble:
            raise self.trouble.pop(0)

    async def tell_lost(self, user_id: int, behind: Behind, reason: str) -> None:
        assert behind.channel_id
        self.lost.append((user_id, reason))


class Rooms:
    def __init__(self, database: Database) -> None:
        self.audit = Audit(database)
        self.channels = LogChannels(database)
        self.posts = Posts()
        self.seconds = 0.0
        settings = ServerSettings(database)
        self.book = Logbook(
            audit=self.audit,
            channels=self.channels,
            settings=settings,
            authority=Authority(),
            clock=lambda: NOW,
        )
        self.follower = self.restarted()

    def restarted(self) -> LogFollower:
        return LogFollower(self.channels, self.posts, lambda: NOW, lambda: self.seconds)

    async def happens(self, *actions: str, guild_id: int = 70, at: datetime = NOW) -> None:
        for action in actions:
            await self.audit.add(AuditLine(guild_id, 9, action, "person:5", {}, at))


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    url = f"sqlite:///{tmp_path / 'easel.db'}"
    await asyncio.to_thread(migrations.upgrade, url, backups=None)
    database = await Database.open(url)
    yield Rooms(database)
    await database.aclose()


async def test_a_channel_gets_every_line_from_its_choice_on_in_order(rooms):
    await rooms.happens("access.ban")
    await rooms.book.follow(LINUS, 33)
    await rooms.happens("access.unban", "access.pause")
    await rooms.happens("access.ban", guild_id=71)

    for _ in range(3):
        await rooms.follower.post_new()

    assert rooms.posts.taken == [["log.set", "access.unban"], ["access.pause"]]


@pytest.mark.further
async def test_what_was_cut_off_is_posted_with_the_same_lines_again(rooms):
    await rooms.book.follow(LINUS, 33)
    rooms.posts.trouble = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await rooms.follower.post_new()
    await rooms.happens("access.ban")

    await rooms.restarted().post_new()

    assert rooms.posts.taken == [["log.set"], ["log.set"]]


@pytest.mark.further
async def test_trouble_is_waited_out_longer_each_time(rooms):
    await rooms.book.follow(LINUS, 33)
    rooms.posts.trouble = [Unreachable("down"), Unreachable("down")]

    tries = []
    for second in range(20):
        rooms.seconds = float(second)
        before = len(rooms.posts.taken)
        await rooms.follower.post_new()
        tries += [second] * (len(rooms.posts.taken) - before)

    assert tries == [0, 5, 15]


async def test_a_channel_that_takes_nothing_is_given_up_and_the_next_goes_on_from_there(rooms):
    await rooms.book.follow(LINUS, 33)
    await rooms.follower.post_new()
    await rooms.happens("access.ban")
    rooms.posts.trouble = [Undeliverable("the channel is gone.")]

    await rooms.follower.post_new()
    after = await rooms.book.state(LINUS)
    await rooms.book.follow(LINUS, 34)
    for _ in range(3):
        await rooms.follower.post_new()

    assert after.channel_id is None
    assert rooms.posts.lost == [(9, "the channel is gone.")]
    assert rooms.posts.taken[2:] == [["access.ban"], ["log.lost", "log.set"]]


@pytest.mark.further
async def test_nothing_is_posted_after_a_stop_nor_for_servers_of_others(rooms):
    await rooms.book.follow(LINUS, 33)
    rooms.posts.is_served = False
    await rooms.follower.post_new()
    rooms.posts.is_served = True
    await rooms.book.stop(LINUS)

    await rooms.follower.post_new()

    assert rooms.posts.taken == []


async def test_lines_are_found_by_who_whom_what_and_when(rooms):
    await rooms.happens("access.ban", "quota.set", "log.set")
    await rooms.audit.add(AuditLine(70, 8, "grant.add", "role:6", {}, NOW - timedelta(days=2)))

    async def found(**search) -> list[str]:
        return [line.action for line in (await rooms.book.find(LINUS, Search(**search))).lines]

    assert await found() == ["grant.add", "log.set", "quota.set", "access.ban"]
    assert await found(actor_id=8) == ["grant.add"]
    assert await found(subject_id=6) == ["grant.add"]
    assert await found(area=Area.ALLOWANCES) == ["grant.add", "quota.set"]
    assert await found(since=NOW - timedelta(days=1), subject_id=5) == ["log.set", "quota.set", "access.ban"]
    with pytest.raises(NotAllowed):
        await rooms.book.find(Requester(1, 70, 7), Search())


async def test_lines_about_everyone_are_found_by_the_role_of_everyone(rooms):
    for guild_id in (70, 71):
        for subject in ("everyone", "role:70", "role:6", "server"):
            await rooms.audit.add(AuditLine(guild_id, 9, f"on.{subject}", subject, {}, NOW))

    found = (await rooms.book.find(LINUS, Search(subject_id=70))).lines

    assert [line.subject for line in found] == ["role:70", "everyone"]


@pytest.mark.further
async def test_old_lines_go_as_each_server_keeps_them_and_young_ones_never(rooms):
    for days in (400, 200, 10):
        await rooms.happens(f"old.{days}", at=NOW - timedelta(days=days))
        await rooms.happens(f"old.{days}", at=NOW - timedelta(days=days), guild_id=71)
    await rooms.book.keep(Requester(9, 71, 7, may_manage=True), 100)

    assert await rooms.book.expire() == 3

    assert [line.action for line in await rooms.audit.recent(70, 9)] == ["old.10", "old.200"]
    assert [line.action for line in await rooms.audit.recent(71, 9)] == ["audit.keep", "old.10"]
    with pytest.raises(BadInput, match="30 to"):
        await rooms.book.keep(LINUS, 29)
