"""Which alerts about a server's budget were given: each once, for a month and an amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import audit

if TYPE_CHECKING:
    import sqlite3

    from bot.storage.audit import AuditLine
    from bot.storage.database import Database

GIVE = """
    INSERT INTO budget_alert (guild_id, month, budget, percent)
    SELECT :guild_id, :month, :budget, :percent WHERE NOT EXISTS (
        SELECT 1 FROM budget_alert
        WHERE guild_id = :guild_id AND month = :month AND budget = :budget AND percent >= :percent
    )
"""


class BudgetAlerts:
    """The alerts of all servers. They are lines in the audit, which moderators read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def give(self, month: str, budget_microusd: int, percent: int, line: AuditLine) -> bool:
        """Give an alert, unless this or a graver one was given for the month and the budget."""
        values = {
            "guild_id": line.guild_id,
            "month": month,
            "budget": budget_microusd,
            "percent": percent,
        }

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(GIVE, values).rowcount == 0:
                return False
            audit.insert(connection, line)
            return True

        return await self._database.write(work)
