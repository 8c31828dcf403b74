"""The allowances that a server's moderators set, for all, for a role or for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.quotas import Meter
from bot.domain.rules import Rule, Scope
from bot.storage import audit, server_settings
from bot.storage.codec import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.storage.audit import AuditLine
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
SAME = """
    SELECT * FROM policy
    WHERE guild_id = :guild_id AND scope = :scope AND subject_id = :subject_id AND meter = :meter
"""
RESET = """
    INSERT INTO allowance_reset (guild_id, user_id, meter, reset_at)
    VALUES (:guild_id, :user_id, :meter, :reset_at)
    ON CONFLICT (guild_id, user_id, meter) DO UPDATE SET reset_at = MAX(reset_at, excluded.reset_at)
"""
LATEST = "SELECT MAX(anchor_at) AS anchor_at FROM ledger WHERE user_id = :user_id AND guild_id = :guild_id"
OF_SERVER = "SELECT * FROM policy WHERE guild_id = :guild_id ORDER BY scope, subject_id, meter"


class Policies:
    """The rules of all servers; every change leaves a line in the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set(
        self, rules: Sequence[Rule], line: AuditLine, chosen: Mapping[str, str | None] | None = None
    ) -> tuple[Rule, ...]:
        """Set rules in place of those before them, and what is `chosen` for the server, all at once.

        Return the rules that were there, of the same subjects and meters. Where it is one rule, the audit
        says what held before.
        """

        def work(connection: sqlite3.Connection) -> tuple[Rule, ...]:
            before = tuple(found for rule in rules for found in _same(connection, rule))
            for rule in rules:
                connection.execute(SET, {**_key(rule), "cap": rule.cap})
            server_settings.put(connection, line.guild_id, chosen or {}, line.at)
            detail = {**line.detail, "before": _cap(before)} if len(rules) == 1 else line.detail
            audit.insert(connection, replace(line, detail=detail))
            return before

        return await self._database.write(work)

    async def unset(self, rules: Sequence[Rule], line: AuditLine) -> tuple[Rule, ...]:
        """Remove the rules of these subjects and meters, whatever their caps; return those that there were.

        Where there were none, nothing is changed and the audit has no line.
        """

        def work(connection: sqlite3.Connection) -> tuple[Rule, ...]:
            before = tuple(found for rule in rules for found in _same(connection, rule))
            for rule in before:
                connection.execute(UNSET, _key(rule))
            if before:
                detail = {**line.detail, **{rule.meter.value: _cap([rule]) for rule in before}}
                audit.insert(connection, replace(line, detail=detail))
            return before

        return await self._database.write(work)

    async def reset(self, user_id: int, meters: Sequence[Meter], line: AuditLine) -> datetime:
        """Let what a person spent until now count no more on some meters, and return since when it counts.

        The ledger keeps every row. Requests that were held before are forgiven, however they end; whatever is
        held after this counts.
        """
        whose = {"guild_id": line.guild_id, "user_id": user_id}

        def work(connection: sqlite3.Connection) -> datetime:
            latest = connection.execute(LATEST, whose).fetchone()["anchor_at"]
            reset_at = max(to_micros(line.at), (latest or 0) + 1)
            for meter in meters:
                connection.execute(RESET, {**whose, "meter": meter.value, "reset_at": reset_at})
            audit.insert(connection, line)
            return from_micros(reset_at)

        return await self._database.write(work)

    async def of_server(self, guild_id: int) -> tuple[Rule, ...]:
        """Return a server's rules."""
        rows = await self._database.read(OF_SERVER, {"guild_id": guild_id})
        return tuple(map(_rule, rows))


def _same(connection: sqlite3.Connection, rule: Rule) -> list[Rule]:
    return [_rule(row) for row in connection.execute(SAME, _key(rule))]


def _cap(rules: Sequence[Rule]) -> int | str | None:
    """Show a cap in the audit: none where there was no rule."""
    if not rules:
        return None
    return "unlimited" if rules[0].cap is None else rules[0].cap


def _rule(row: sqlite3.Row) -> Rule:
    return Rule(row["guild_id"], Scope(row["scope"]), row["subject_id"], Meter(row["meter"]), row["cap"])


def _key(rule: Rule) -> dict[str, str | int]:
    """Return what a rule is about, as parameters."""
    return {
        "guild_id": rule.guild_id,
        "scope": rule.scope.value,
        "subject_id": rule.subject_id,
        "meter": rule.meter.value,
    }
