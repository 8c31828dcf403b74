"""What is used of a limit, by the ledger alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.quotas import Charge, Owner
from bot.storage.spent import spent

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.quotas import Limit


def used(connection: sqlite3.Connection, limit: Limit) -> int:
    """Return what is used of a limit, in its own unit. The operator pays what nobody else does."""
    total = spent(connection, limit.owner, limit.counted, user_id=limit.user_id, guild_id=limit.guild_id)
    absorbed = total.absorbed_microusd if limit.owner is Owner.OPERATOR else 0
    return limit.needs(Charge(total.images, total.microusd + absorbed, total.messages))
