"""Which process looks after which batch, so that another may go on where one has died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import LEASE
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage.database import Database, Value

RENEW = "UPDATE batch SET lease_until = :until WHERE pending = 1 AND lease_owner = :owner"
FREE = """
    UPDATE batch SET lease_owner = NULL, lease_until = NULL WHERE pending = 1 AND lease_owner = :owner
"""
TAKE_OVER = """
    UPDATE batch SET lease_owner = :owner, lease_until = :until
    WHERE pending = 1 AND (lease_owner IS NULL OR lease_owner <> :owner)
    AND (lease_until IS NULL OR lease_until <= :now OR :is_alone = 1)
    RETURNING id
"""


class BatchLeases:
    """The leases of one process; a batch that it starts is its own from the start (`Batches.start`)."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def renew(self, now: datetime) -> int:
        """Keep what is ours for another while, and return how many batches that are."""
        return await self._database.change(RENEW, self._values(now))

    async def free(self) -> int:
        """Leave what is ours to whoever comes, and return how many batches that are."""
        return await self._database.change(FREE, {"owner": self._owner})

    async def take(self, now: datetime, *, is_alone: bool) -> tuple[int, ...]:
        """Take what nobody looks after any more; all there is where no other process can be alive."""
        values = {**self._values(now), "now": to_micros(now), "is_alone": int(is_alone)}
        return await self._database.write(
            lambda connection: tuple(sorted(row["id"] for row in connection.execute(TAKE_OVER, values)))
        )

    def _values(self, now: datetime) -> dict[str, Value]:
        return {"owner": self._owner, "until": to_micros(now + LEASE)}
