"""Turns whose messages are edited: what is taken out of them is forgotten, with all that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.words import READING
from bot.storage.strays import let_go
from bot.storage.turn_rows import unusable_from_text, unusable_to_text
from bot.storage.turn_traces import DROP_READINGS, DROP_SUMMARIES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from bot.domain.conversation import Turn
    from bot.domain.words import Annotation

SAID = "SELECT text, unusable FROM turn WHERE id = :id AND speaker = 'person' AND forgotten = 0"
EDIT = "UPDATE turn SET text = :text, unusable = :unusable WHERE id = :id AND forgotten = 0"
CAME_AS = """
    SELECT attachment_id, blob FROM turn_file
    WHERE turn_id = :id AND attachment_id IS NOT NULL AND is_quoted = 0
"""
FORGET_FILE = """
    DELETE FROM turn_file WHERE turn_id = :id AND attachment_id = :attachment_id AND is_quoted = 0
"""
DOCUMENTS = """
    WITH RECURSIVE before (id) AS (
        SELECT :parent_id
        UNION SELECT turn.parent_id FROM turn JOIN before ON turn.id = before.id WHERE parent_id IS NOT NULL
    )
    SELECT DISTINCT filename FROM turn_file WHERE kind = 'document' AND turn_id IN (SELECT id FROM before)
"""


def still_read(connection: sqlite3.Connection, turn: Turn) -> tuple[Annotation, ...]:
    """Return what the provider noted for an answer, without documents that were forgotten meanwhile."""
    rows = connection.execute(DOCUMENTS, {"parent_id": turn.parent_id})
    there = {row["filename"] for row in rows}
    return tuple(one for one in turn.annotations if one.kind != READING or one.title in there)


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
    return let_go(connection, blobs)


def _still_attached(unusable: str, attachment_ids: Collection[int] | None) -> str:
    """Return the files that cannot be used without those that came as other attachments than these."""
    if attachment_ids is None:
        return unusable
    kept = [
        one
        for one in unusable_from_text(unusable)
        if one.is_quoted or one.attachment_id in {None, *attachment_ids}
    ]
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
