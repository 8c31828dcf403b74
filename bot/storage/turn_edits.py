"""Turns whose messages are edited: what is taken out of them is forgotten, with all that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import pictures
from bot.storage.turn_rows import unusable_from_text, unusable_to_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

SAID = "SELECT text, unusable FROM turn WHERE id = :id AND speaker = 'person' AND forgotten = 0"
EDIT = "UPDATE turn SET text = :text, unusable = :unusable WHERE id = :id AND forgotten = 0"
CAME_AS = "SELECT attachment_id, blob FROM turn_file WHERE turn_id = :id AND attachment_id IS NOT NULL"
FORGET_FILE = "DELETE FROM turn_file WHERE turn_id = :id AND attachment_id = :attachment_id"
DROP_SUMMARIES = """
    WITH RECURSIVE after (id) AS (
        SELECT :id UNION SELECT turn.id FROM turn JOIN after ON turn.parent_id = after.id
    )
    DELETE FROM turn_summary WHERE turn_id IN (SELECT id FROM after)
"""
"""What was summed up after a turn may speak of it."""
DROP_READINGS = """
    UPDATE turn SET annotations = '[]' WHERE speaker = 'easel' AND annotations <> '[]' AND id IN (
        WITH RECURSIVE after (id) AS (
            SELECT :id UNION SELECT turn.id FROM turn JOIN after ON turn.parent_id = after.id
        )
        SELECT id FROM after
    )
"""
"""What the provider noted of a document holds all of its words."""


def edit(
    connection: sqlite3.Connection, turn_id: int, text: str, attachment_ids: Collection[int] | None
) -> tuple[str, ...] | None:
    """Change a person's turn as `Turns.edit` does."""
    said = connection.execute(SAID, {"id": turn_id}).fetchone()
    if said is None:
        return None
    blobs = _detach(connection, turn_id, attachment_ids)
    unusable = _still_attached(said["unusable"], attachment_ids)
    if not blobs and (said["text"], said["unusable"]) == (text, unusable):
        return None
    connection.execute(EDIT, {"id": turn_id, "text": text, "unusable": unusable})
    connection.execute(DROP_SUMMARIES, {"id": turn_id})
    return tuple(blob for blob in blobs if not pictures.is_held(connection, blob))


def _still_attached(unusable: str, attachment_ids: Collection[int] | None) -> str:
    """Return the files that cannot be used without those that came as other attachments than these."""
    if attachment_ids is None:
        return unusable
    kept = [one for one in unusable_from_text(unusable) if one.attachment_id in {None, *attachment_ids}]
    return unusable_to_text(kept)


def _detach(
    connection: sqlite3.Connection, turn_id: int, attachment_ids: Collection[int] | None
) -> dict[str, None]:
    """Forget a turn's files that came as other attachments than these, and return their blobs."""
    blobs: dict[str, None] = {}
    for row in connection.execute(CAME_AS, {"id": turn_id}).fetchall():
        if attachment_ids is not None and row["attachment_id"] not in attachment_ids:
            connection.execute(FORGET_FILE, {"id": turn_id, "attachment_id": row["attachment_id"]})
            blobs[row["blob"]] = None
    if blobs:
        connection.execute(DROP_READINGS, {"id": turn_id})
    return blobs
