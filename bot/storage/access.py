"""Who may not use Easel in a server, and where and with which roles it may be used."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from bot.domain.access import Ban, Family, Kind, Overview, Pause, Rules
from bot.storage import audit
from bot.storage.codec import clean, dump, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.storage.audit import AuditLine
    from bot.storage.database import Database
    from bot.storage.memory import Topic

PAUSE = "access.pause"
"""The name of the server's setting that says that Easel rests."""
RULES = """
    SELECT 'ban' AS kind, banned_by AS number, at, until, reason AS words
    FROM ban WHERE guild_id = :guild_id AND user_id = :user_id
    UNION ALL
    SELECT kind, target_id, NULL, NULL, NULL
    FROM access_rule WHERE guild_id = :guild_id AND family = :family
    UNION ALL
    SELECT 'pause', NULL, NULL, NULL, value
    FROM server_setting WHERE guild_id = :guild_id AND name = :pause
"""
OVERVIEW = """
    SELECT 'rule' AS what, family, kind, target_id AS number, NULL AS words
    FROM access_rule WHERE guild_id = :guild_id
    UNION ALL
    SELECT 'bans', NULL, NULL, COUNT(*), NULL
    FROM ban WHERE guild_id = :guild_id AND (until IS NULL OR until > :now)
    UNION ALL
    SELECT 'pause', NULL, NULL, NULL, value
    FROM server_setting WHERE guild_id = :guild_id AND name = :pause
"""
BAN = """
    INSERT INTO ban (guild_id, user_id, banned_by, reason, at, until)
    VALUES (:guild_id, :user_id, :banned_by, :reason, :at, :until)
    ON CONFLICT (guild_id, user_id) DO UPDATE SET
        banned_by = excluded.banned_by, reason = excluded.reason, at = excluded.at, until = excluded.until
"""
BAN_OF = """
    SELECT * FROM ban WHERE guild_id = :guild_id AND user_id = :user_id AND (until IS NULL OR until > :now)
"""
UNBAN = (
    "DELETE FROM ban WHERE guild_id = :guild_id AND user_id = :user_id AND (until IS NULL OR until > :now)"
)
BANS = """
    SELECT * FROM ban WHERE guild_id = :guild_id AND (until IS NULL OR until > :now)
    ORDER BY at DESC, user_id LIMIT :count OFFSET :skipped
"""
FORGET_ENDED = "DELETE FROM ban WHERE until <= :now"
CLEAR = "DELETE FROM access_rule WHERE guild_id = :guild_id AND family = :family AND kind = :kind"
ALLOW = """
    INSERT INTO access_rule (guild_id, family, kind, target_id)
    VALUES (:guild_id, :family, :kind, :target_id)
"""


class AccessRows:
    """The bans and the rules of all servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules(self, guild_id: int, user_id: int, family: Family) -> Rules:
        """Return what holds for a person and a family, by one read of a few keys."""
        key = {"guild_id": guild_id, "user_id": user_id, "family": family.value, "pause": PAUSE}

        def work(connection: sqlite3.Connection) -> Rules:
            return _rules(user_id, connection.execute(RULES, key))

        about: tuple[Topic, ...] = ("ban", "access_rule", "server_setting")
        return await self._database.recall(("rules", guild_id, user_id, family), about, work)

    async def overview(self, guild_id: int, now: datetime) -> Overview:
        """Return all that holds in a server."""
        found: dict[tuple[Family, Kind], set[int]] = defaultdict(set)
        bans = 0
        pause: Pause | None = None
        key = {"guild_id": guild_id, "now": to_micros(now), "pause": PAUSE}
        for row in await self._database.read(OVERVIEW, key):
            if row["what"] == "bans":
                bans = row["number"]
            elif row["what"] == "pause":
                pause = pause_from_text(row["words"])
            else:
                found[Family(row["family"]), Kind(row["kind"])].add(row["number"])
        return Overview(pause, bans, {key: frozenset(ids) for key, ids in found.items()})

    async def ban(self, ban: Ban, line: AuditLine) -> None:
        """Ban somebody from the server of the line, in place of an earlier ban."""
        values = {
            "guild_id": line.guild_id,
            "user_id": ban.user_id,
            "banned_by": ban.banned_by,
            "reason": clean(ban.reason),
            "at": to_micros(ban.at),
            "until": _micros(ban.until),
        }

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(BAN, values)
            audit.insert(connection, line)

        await self._database.write(work)

    async def unban(self, user_id: int, line: AuditLine) -> bool:
        """Let somebody use Easel again; False where no ban held, and then no line is written."""
        key = {"guild_id": line.guild_id, "user_id": user_id, "now": to_micros(line.at)}

        def work(connection: sqlite3.Connection) -> bool:
            if not connection.execute(UNBAN, key).rowcount:
                return False
            audit.insert(connection, line)
            return True

        return await self._database.write(work)

    async def bans(self, guild_id: int, now: datetime, *, count: int, skipped: int) -> tuple[Ban, ...]:
        """Return bans that hold, the newest first."""
        key = {"guild_id": guild_id, "now": to_micros(now), "count": count, "skipped": skipped}
        return tuple(_ban(row) for row in await self._database.read(BANS, key))

    async def ban_of(self, guild_id: int, user_id: int, now: datetime) -> Ban | None:
        """Return the ban that holds for somebody, or None."""
        key = {"guild_id": guild_id, "user_id": user_id, "now": to_micros(now)}
        rows = await self._database.read(BAN_OF, key)
        return _ban(rows[0]) if rows else None

    async def forget_ended(self, now: datetime) -> None:
        """Remove the bans that are over; they hold no more anyway."""
        await self._database.change(FORGET_ENDED, {"now": to_micros(now)})

    async def keep_to(self, kind: Kind, allowed: Mapping[Family, frozenset[int]], line: AuditLine) -> None:
        """Keep families to these channels or roles of the line's server, in place of those before."""

        def work(connection: sqlite3.Connection) -> None:
            for family, ids in allowed.items():
                key = {"guild_id": line.guild_id, "family": family.value, "kind": kind.value}
                connection.execute(CLEAR, key)
                connection.executemany(ALLOW, [{**key, "target_id": one} for one in sorted(ids)])
            audit.insert(connection, line)

        await self._database.write(work)


def _rules(user_id: int, rows: Iterable[sqlite3.Row]) -> Rules:
    found: dict[str, set[int]] = defaultdict(set)
    ban: Ban | None = None
    pause: Pause | None = None
    for row in rows:
        if row["kind"] == "ban":
            ban = Ban(user_id, row["number"], row["words"], from_micros(row["at"]), _moment(row["until"]))
        elif row["kind"] == "pause":
            pause = pause_from_text(row["words"])
        else:
            found[row["kind"]].add(row["number"])
    return Rules(ban, pause, frozenset(found[Kind.CHANNEL]), frozenset(found[Kind.ROLE]))


def _ban(row: sqlite3.Row) -> Ban:
    times = from_micros(row["at"]), _moment(row["until"])
    return Ban(row["user_id"], row["banned_by"], row["reason"], *times)


def pause_to_text(pause: Pause) -> str:
    """Return a pause as the value of its setting."""
    times = {"until": _micros(pause.until), "at": _micros(pause.at)}
    return dump({"reason": pause.reason, **times})


def pause_from_text(text: str) -> Pause:
    """Return the pause that a setting's value holds."""
    fields = json.loads(text)
    return Pause(fields["reason"], _moment(fields["until"]), _moment(fields.get("at")))


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
