"""What is used of limits, by the ledger alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.quotas import Charge, Owner
from bot.storage.spent import Sum, spent

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.quotas import Limit, Window


class Spending:
    """Adds up what limits count, inside one transaction: limits on the same window are added up once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[Owner, Window, int, int], Sum] = {}

    def used(self, limit: Limit) -> int:
        """Return what is used of a limit, in its own unit. The operator pays what nobody else does."""
        total = self._sum(limit)
        absorbed = total.absorbed_microusd if limit.owner is Owner.OPERATOR else 0
        return limit.needs(Charge(total.images, total.microusd + absorbed, total.messages))

    def _sum(self, limit: Limit) -> Sum:
        key = (limit.owner, limit.counted, limit.user_id, limit.guild_id)
        if key not in self._known:
            self._known[key] = spent(
                self._connection,
                limit.owner,
                limit.counted,
                user_id=limit.user_id,
                guild_id=limit.guild_id,
            )
        return self._known[key]


def used(connection: sqlite3.Connection, limit: Limit) -> int:
    """Return what is used of one limit."""
    return Spending(connection).used(limit)
