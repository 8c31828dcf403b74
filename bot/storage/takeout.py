"""What is somebody's, read page by page for their export: theirs alone, and nobody else's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.storage.codec import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from bot.storage.database import Database, Value

FIRST = -(2**62)
PAGE = 200
NESTED = frozenset({"request", "plan", "content", "chosen", "annotations", "detail", "unusable"})
SECTIONS = {
    "requests": """
        SELECT id AS cursor, id, kind, state, guild_id, channel_id, request, plan, failure, cost_microusd,
            created_at, language, role_ids
        FROM job WHERE user_id = :user_id AND id > :after AND created_at >= :since ORDER BY id LIMIT :most
    """,
    "calls": """
        SELECT call.rowid AS cursor, job_id, ordinal, count, seed, call.state, generation_id,
            call.cost_microusd, call.failure, sent_at, ended_at
        FROM job CROSS JOIN call ON call.job_id = job.id
        WHERE job.user_id = :user_id AND call.rowid > :after AND job.created_at >= :since
        ORDER BY call.rowid LIMIT :most
    """,
    "pictures": """
        SELECT picture.rowid AS cursor, picture.id, picture.job_id, role, blob, media_type, width, height,
            size_bytes, seed, picture.created_at, gallery.prompt, caption, gallery.style,
            (SELECT json_group_array(parent_id) FROM picture_parent WHERE picture_id = picture.id)
            AS made_from
        FROM job CROSS JOIN picture ON picture.job_id = job.id
        LEFT JOIN gallery ON gallery.picture_id = picture.id
        WHERE job.user_id = :user_id AND picture.rowid > :after AND picture.created_at >= :since
        ORDER BY picture.rowid LIMIT :most
    """,
    "conversations": """
        SELECT id AS cursor, id, channel_id, guild_id, parent_id, speaker, name, text, reasoning, annotations,
            job_id, private, created_at, language, unusable,
            (SELECT text FROM turn_quote WHERE turn_id = turn.id) AS quoted
        FROM turn WHERE user_id = :user_id AND id > :after AND forgotten = 0 AND created_at >= :since
        ORDER BY id LIMIT :most
    """,
    "conversation_files": """
        SELECT turn_file.rowid AS cursor, turn_id, position, kind, blob, media_type, filename, size_bytes,
            caption
        FROM turn CROSS JOIN turn_file ON turn_file.turn_id = turn.id
        WHERE turn.user_id = :user_id AND turn_file.rowid > :after AND created_at >= :since
        ORDER BY turn_file.rowid LIMIT :most
    """,
    "quotations": """
        SELECT MIN(turn_id) AS cursor, message_id, text FROM turn_quote
        WHERE user_id = :user_id AND :since >= 0
        GROUP BY message_id, text HAVING MIN(turn_id) > :after ORDER BY MIN(turn_id) LIMIT :most
    """,
    "batches": """
        SELECT id AS cursor, id, state, guild_id, channel_id, title, request, created_at, language
        FROM batch WHERE user_id = :user_id AND id > :after AND created_at >= :since ORDER BY id LIMIT :most
    """,
    "batch_rows": """
        SELECT batch_row.rowid AS cursor, batch_id, ordinal, prompt, seed, batch_row.state, job_id, failure
        FROM batch CROSS JOIN batch_row ON batch_row.batch_id = batch.id
        WHERE user_id = :user_id AND batch_row.rowid > :after AND created_at >= :since
        ORDER BY batch_row.rowid LIMIT :most
    """,
    "styles": """
        SELECT id AS cursor, id, guild_id, name, template, note, updated_at FROM style
        WHERE (user_id = :user_id OR created_by = :user_id) AND id > :after AND :since >= 0
        ORDER BY id LIMIT :most
    """,
    "favourites": """
        SELECT rowid AS cursor, picture_id, added_at FROM favourite
        WHERE user_id = :user_id AND rowid > :after AND :since >= 0 ORDER BY rowid LIMIT :most
    """,
    "references": """
        SELECT rowid AS cursor, guild_id, picture_id, added_at, expires_at FROM tray
        WHERE user_id = :user_id AND rowid > :after AND :since >= 0 ORDER BY rowid LIMIT :most
    """,
    "drafts": """
        SELECT id AS cursor, id, content, expires_at FROM draft
        WHERE user_id = :user_id AND id > :after AND :since >= 0 ORDER BY id LIMIT :most
    """,
    "preferences": """
        SELECT user_id AS cursor, chosen, updated_at FROM preference
        WHERE user_id = :user_id AND user_id > :after AND :since >= 0 LIMIT :most
    """,
    "privacy": """
        SELECT user_id AS cursor, keeps_talk, days, exported_at, updated_at FROM privacy_choice
        WHERE user_id = :user_id AND user_id > :after AND :since >= 0 LIMIT :most
    """,
    "deletions": """
        SELECT id AS cursor, extent, since_at, before_at, asked_at FROM erasure
        WHERE user_id = :user_id AND id > :after AND :since >= 0 ORDER BY id LIMIT :most
    """,
    "threads": """
        SELECT channel_id AS cursor, channel_id, guild_id, title, ended, created_at FROM chat_thread
        WHERE owner_id = :user_id AND channel_id > :after AND created_at >= :since
        ORDER BY channel_id LIMIT :most
    """,
    "allowances": """
        SELECT rowid AS cursor, guild_id, meter, cap FROM policy
        WHERE scope = 'person' AND subject_id = :user_id AND rowid > :after AND :since >= 0
        ORDER BY rowid LIMIT :most
    """,
    "grants": """
        SELECT id AS cursor, guild_id, meter, amount, used, reason, created_at, expires_at
        FROM allowance_grant
        WHERE user_id = :user_id AND id > :after AND created_at >= :since ORDER BY id LIMIT :most
    """,
    "resets": """
        SELECT guild_id AS cursor, guild_id, meter, reset_at FROM allowance_reset
        WHERE user_id = :user_id AND guild_id > :after AND reset_at >= :since ORDER BY guild_id LIMIT :most
    """,
    "bans": """
        SELECT guild_id AS cursor, guild_id, reason, at, until FROM ban
        WHERE user_id = :user_id AND guild_id > :after AND at >= :since ORDER BY guild_id LIMIT :most
    """,
    "reports": """
        SELECT message_id AS cursor, message_id, reason, created_at FROM report
        WHERE reporter_id = :user_id AND message_id > :after AND created_at >= :since
        ORDER BY message_id LIMIT :most
    """,
    "ledger": """
        SELECT id AS cursor, id, job_id, kind, guild_id, images, messages, microusd, anchor_at, recorded_at
        FROM ledger WHERE user_id = :user_id AND id > :after AND anchor_at >= :since ORDER BY id LIMIT :most
    """,
    "acts_as_moderator": """
        SELECT id AS cursor, id, guild_id, action, at FROM audit
        WHERE actor_id = :user_id AND id > :after AND at >= :since ORDER BY id LIMIT :most
    """,
}
"""Each section of an export, in pages: rows after a cursor."""
BYTES = """
    SELECT (SELECT COALESCE(SUM(size_bytes), 0) FROM job JOIN picture ON picture.job_id = job.id
            WHERE job.user_id = :user_id AND picture.created_at >= :since)
        + (SELECT COALESCE(SUM(size_bytes), 0) FROM turn JOIN turn_file ON turn_file.turn_id = turn.id
            WHERE turn.user_id = :user_id AND turn.created_at >= :since) AS bytes
"""

Row = dict[str, Any]


class TakeoutRows:
    """Reads what is somebody's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pages(self, section: str, user_id: int, since: datetime) -> AsyncGenerator[list[Row]]:
        """Yield a section in pages of at most PAGE rows, times as ISO 8601."""
        after: int = FIRST
        while True:
            values: dict[str, Value] = {"user_id": user_id, "after": after, "most": PAGE}
            rows = await self._database.read(SECTIONS[section], {**values, "since": to_micros(since)})
            if rows:
                yield [_shown(row) for row in rows]
                after = rows[-1]["cursor"]
            if len(rows) < PAGE:
                return

    async def size_bytes(self, user_id: int, since: datetime) -> int:
        """Return how large the pictures and files of somebody are together."""
        rows = await self._database.read(BYTES, {"user_id": user_id, "since": to_micros(since)})
        return int(rows[0]["bytes"])


def _shown(row: sqlite3.Row) -> Row:
    return {name: _value(name, row[name]) for name in row.keys() if name != "cursor"}  # noqa: SIM118 - a row yields its values


def _value(name: str, value: str | int | None) -> object:
    if isinstance(value, int) and (name.endswith("_at") or name == "at"):
        return from_micros(value).isoformat()
    if isinstance(value, str) and (name in NESTED or name == "made_from"):
        return json.loads(value)
    if isinstance(value, str) and name in {"prompt", "caption"}:
        return value.replace("\u200b", "")
    return value
