"""Owners hear of money that runs out, of raids and of reports where nobody else there would: each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from world_kit import MOD, Killed

from bot.errors import Undeliverable, Unreachable
from bot.services.owner_notices import MOST_AN_HOUR, OwnerNotices
from bot.storage.audit import Audit, AuditLine
from bot.storage.log_channels import LogChannels
from bot.storage.owner_notices import NoticeKind
from bot.storage.owner_notices import OwnerNotices as Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from house_kit import House

    from bot.storage.owner_notices import Notice

HERE, THERE, ELSEWHERE = 70, 71, 72
BUDGET, RAID = "budget.alert", "safety.raid_began"
REPORTED = "report"


class Owners:
    """Owners at their doors: what they heard, and what went wrong with the next messages."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str | int]] = []
        self.trouble: list[BaseException] = []
        self.tries = 0

    def serves(self, guild_id: int) -> bool:
        return guild_id != ELSEWHERE

    async def ring(self, notice: Notice) -> None:
        self._hear(notice.guild_id, REPORTED if notice.line is None else notice.line.action)

    async def ring_more(self, notices: Sequence[Notice]) -> None:
        self._hear(notices[0].guild_id, len(notices))

    def _hear(self, guild_id: int, said: str | int) -> None:
        self.tries += 1
        if self.trouble:
            raise self.trouble.pop(0)
        self.heard.append((guild_id, said))


@pytest.fixture
def owners() -> Owners:
    return Owners()


def started(house: House, owners: Owners) -> OwnerNotices:
    """Return what tells owners, as it is after a start."""
    return OwnerNotices(Rows(house.database), owners, house.world.clock)


async def happens(house: House, action: str = BUDGET, guild_id: int = HERE) -> None:
    line = AuditLine(guild_id, 0, action, "", {}, house.world.clock())
    await Audit(house.database).add(line)


async def test_an_owner_hears_each_alert_once_and_nothing_else(house: House, owners: Owners):
    await happens(house)
    house.world.clock.move(hours=2, seconds=1)
    assert await started(house, owners).tell_new() == 0, "that is no news any more"

    for action in ("access.pause", BUDGET, RAID, "safety.raid_ended"):
        await happens(house, action)

    assert await started(house, owners).tell_new() == 2
    assert await started(house, owners).tell_new() == 0, "after a restart as well"
    assert owners.heard == [(HERE, BUDGET), (HERE, RAID)]


async def test_where_a_log_channel_tells_it_the_owner_is_left_alone_until_it_is_lost(
    house: House, owners: Owners
):
    channels, notices = LogChannels(house.database), started(house, owners)
    await channels.begin(760, AuditLine(HERE, MOD, "log.set", "channel:760", {}, house.world.clock()))
    for guild_id in (HERE, THERE):
        await happens(house, RAID, guild_id)
    await notices.tell_new()
    assert owners.heard == [(THERE, RAID)]

    await channels.lose(AuditLine(HERE, 0, "log.lost", "channel:760", {}, house.world.clock()))
    await happens(house, BUDGET)
    await notices.tell_new()

    assert owners.heard == [(THERE, RAID), (HERE, BUDGET)]


async def test_who_takes_no_messages_is_not_tried_again(house: House, owners: Owners):
    notices = started(house, owners)
    owners.trouble.extend([Undeliverable("closed")])
    await happens(house)

    assert [await notices.tell_new() for _ in range(2)] == [0, 0]
    assert owners.tries == 1


async def test_an_alert_in_times_of_trouble_is_told_when_that_is_over(house: House, owners: Owners):
    owners.trouble.extend([Unreachable("down")] * 2)
    await happens(house)
    for seconds, tries in ((0, 1), (29, 1), (1, 2), (59, 2), (1, 3), (600, 3)):
        house.world.clock.move(seconds=seconds)
        await started(house, owners).tell_new()
        assert owners.tries == tries

    assert owners.heard == [(HERE, BUDGET)]


async def test_what_nobody_could_be_told_for_hours_is_given_up(house: House, owners: Owners):
    notices = started(house, owners)
    owners.trouble.extend([Unreachable("down")] * 100)
    await happens(house)
    for _ in range(30):
        await notices.tell_new()
        house.world.clock.move(minutes=10)

    assert 10 <= owners.tries <= 20
    assert await Rows(house.database).servers(house.world.clock()) == ()


async def test_what_a_kill_cut_off_is_told_by_the_next_start(house: House, owners: Owners):
    owners.trouble.extend([Killed()])
    await happens(house)
    with pytest.raises(Killed):
        await started(house, owners).tell_new()

    assert await started(house, owners).tell_new() == 1


async def test_servers_of_another_process_are_left_to_it(house: House, owners: Owners):
    await happens(house, BUDGET, ELSEWHERE)

    assert await started(house, owners).tell_new() == 0
    assert owners.tries == 0
    assert await Rows(house.database).servers(house.world.clock()) == ((ELSEWHERE, NoticeKind.ALERT),)


async def test_beyond_enough_for_an_hour_one_line_says_how_many_more_there_were(house: House, owners: Owners):
    most, notices = MOST_AN_HOUR[NoticeKind.ALERT], started(house, owners)
    for _ in range(most + 3):
        await happens(house, RAID)
        await notices.tell_new()
    await happens(house, RAID, THERE)
    assert await notices.tell_new() == 1, "another server's owner is another matter"
    assert len(owners.heard) == most + 1

    house.world.clock.move(minutes=59)
    assert await notices.tell_new() == 0
    house.world.clock.move(minutes=1)
    assert await started(house, owners).tell_new() == 3, "after a restart as well"
    assert owners.heard[-1] == (HERE, 3)
    assert await notices.tell_new() == 0


async def test_reports_are_told_once_an_hour_and_counted_when_it_is_over(house: House, owners: Owners):
    assert await started(house, owners).report(HERE, 1)
    house.world.clock.move(minutes=30)
    for message_id in (2, 3, 4):
        assert not await started(house, owners).report(HERE, message_id), "a restart begins no new hour"
    await started(house, owners).settled(3)
    await happens(house)
    assert await started(house, owners).tell_new() == 1, "reports drown no alert"

    house.world.clock.move(minutes=30)
    await started(house, owners).tell_new()

    assert owners.heard == [(HERE, REPORTED), (HERE, BUDGET), (HERE, 2)]


async def test_a_report_that_came_alone_within_the_hour_is_told_as_itself(house: House, owners: Owners):
    notices = started(house, owners)
    await notices.told_otherwise(HERE)
    assert not await notices.report(HERE, 1)

    house.world.clock.move(hours=1)
    await notices.tell_new()

    assert owners.heard == [(HERE, REPORTED)]


async def test_a_report_in_times_of_trouble_is_told_later(house: House, owners: Owners):
    notices = started(house, owners)
    owners.trouble.extend([Unreachable("down")])
    assert not await notices.report(HERE, 1)
    assert not await notices.report(HERE, 2), "it is not worth trying yet"

    house.world.clock.move(seconds=30)
    await notices.tell_new()
    house.world.clock.move(hours=1)
    await notices.tell_new()

    assert owners.heard == [(HERE, REPORTED), (HERE, REPORTED)]
