"""Owners hear of money that runs out and of raids where no log channel tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from world_kit import MOD

from bot.services.owner_notices import OwnerNotices
from bot.storage.audit import Audit, AuditLine
from bot.storage.log_channels import LogChannels
from bot.storage.meta import Meta

if TYPE_CHECKING:
    from house_kit import House

HERE, THERE = 70, 71


class Owners:
    """Owners at their doors; some do not open."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.heard: list[tuple[int, str]] = []
        self.deaf = deaf

    async def ring(self, line: AuditLine) -> bool:
        self.heard.append((line.guild_id, line.action))
        return not self.deaf


def line(house: House, action: str, guild_id: int = HERE) -> AuditLine:
    return AuditLine(guild_id, 0, action, "", {}, house.world.clock())


async def test_an_owner_hears_each_alert_once_and_nothing_else(house: House):
    audit, owners = Audit(house.database), Owners()
    notices = OwnerNotices(audit, Meta(house.database), owners, house.world.clock)
    await audit.add(line(house, "budget.alert"))
    house.world.clock.move(hours=1, seconds=1)
    assert await notices.tell_new() == 0, "that is no news any more"

    for action in ("access.pause", "budget.alert", "safety.raid_began", "safety.raid_ended"):
        await audit.add(line(house, action))

    assert await notices.tell_new() == 2
    assert await OwnerNotices(audit, Meta(house.database), owners, house.world.clock).tell_new() == 0, (
        "after a restart as well"
    )
    assert owners.heard == [(HERE, "budget.alert"), (HERE, "safety.raid_began")]


async def test_where_a_log_channel_tells_it_the_owner_is_left_alone(house: House):
    audit, owners = Audit(house.database), Owners()
    notices = OwnerNotices(audit, Meta(house.database), owners, house.world.clock)
    await LogChannels(house.database).begin(
        760, AuditLine(HERE, MOD, "log.set", "channel:760", {}, house.world.clock())
    )

    for guild_id in (HERE, THERE):
        await audit.add(line(house, "safety.raid_began", guild_id))
    await notices.tell_new()

    assert owners.heard == [(THERE, "safety.raid_began")]


async def test_who_cannot_be_reached_is_not_tried_for_ever(house: House):
    audit, owners = Audit(house.database), Owners(deaf=True)
    notices = OwnerNotices(audit, Meta(house.database), owners, house.world.clock)
    await audit.add(line(house, "budget.alert"))

    assert [await notices.tell_new() for _ in range(2)] == [0, 0]
    assert owners.heard == [(HERE, "budget.alert")]
