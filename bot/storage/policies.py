"""The allowances that a server's moderators set, for all, for a role or for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.quotas import Meter

if TYPE_CHECKING:
    from bot.storage.database import Database

SET = """
    INSERT INTO policy (guild_id, scope, subject_id, meter, cap)
    VALUES (:guild_id, :scope, :subject_id, :meter, :cap)
    ON CONFLICT (guild_id, scope, subject_id, meter) DO UPDATE SET cap = excluded.cap
"""
UNSET = """
    DELETE FROM policy
    WHERE guild_id = :guild_id AND scope = :scope AND subject_id = :subject_id AND meter = :meter
"""
OF_SERVER = "SELECT * FROM policy WHERE guild_id = :guild_id ORDER BY scope, subject_id, meter"


class Scope(StrEnum):
    """For whom a rule holds."""

    DEFAULT = "default"
    ROLE = "role"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Rule:
    """One cap that was set; a cap of None lifts the limit. `subject_id` is 0 for the default."""

    guild_id: int
    scope: Scope
    subject_id: int
    meter: Meter
    cap: int | None


class Policies:
    """The rules of all servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set(self, rule: Rule) -> None:
        """Set a rule in place of the one before it."""
        values = {**_key(rule), "cap": rule.cap}
        await self._database.change(SET, values)

    async def unset(self, rule: Rule) -> bool:
        """Remove the rule for a subject and meter, whatever its cap; False where there is none."""
        return await self._database.change(UNSET, _key(rule)) == 1

    async def of_server(self, guild_id: int) -> tuple[Rule, ...]:
        """Return a server's rules."""
        rows = await self._database.read(OF_SERVER, {"guild_id": guild_id})
        return tuple(
            Rule(row["guild_id"], Scope(row["scope"]), row["subject_id"], Meter(row["meter"]), row["cap"])
            for row in rows
        )


def _key(rule: Rule) -> dict[str, str | int]:
    """Return what a rule is about, as parameters."""
    return {
        "guild_id": rule.guild_id,
        "scope": rule.scope.value,
        "subject_id": rule.subject_id,
        "meter": rule.meter.value,
    }
