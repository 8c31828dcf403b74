"""Turns that are forgotten: emptied, with all that tells of them; their places stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import quotations
from bot.storage.strays import let_go
from bot.storage.turn_traces import DROP_READINGS, DROP_SUMMARIES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

FORGET_WAY = "DELETE FROM turn_return WHERE turn_id = :id"
FORGET_FOUND = "DELETE FROM turn_found WHERE turn_id = :id"
BLOBS = "SELECT DISTINCT blob FROM turn_file WHERE turn_id = :id"
FORGET_FILES = "DELETE FROM turn_file WHERE turn_id = :id"
FORGET = """
    UPDATE turn SET forgotten = 1, text = '', name = '', reasoning = '', annotations = '[]', user_id = NULL,
        job_id = NULL, awaiting = 0, unusable = '[]'
    WHERE id = :id
"""
FORGET_ALL = (
    *(FORGET_FILES, quotations.DROP, FORGET_FOUND, FORGET_WAY, FORGET),
    *(DROP_SUMMARIES, DROP_READINGS),
)
UNSEEN = """
    SELECT asked.id FROM turn AS answer JOIN turn AS asked ON asked.id = answer.parent_id
    WHERE answer.id = :id AND answer.speaker = 'easel' AND asked.speaker = 'person'
    AND NOT EXISTS (SELECT 1 FROM turn_message WHERE turn_id = asked.id)
    AND NOT EXISTS (
        SELECT 1 FROM turn AS other WHERE other.parent_id = asked.id AND other.speaker = 'easel'
        AND other.id <> answer.id AND other.forgotten = 0
    )
"""
"""A question that was asked by a command stands in Discord above its answers alone."""


def forget(
    connection: sqlite3.Connection, turn_ids: Iterable[int], quoting: Iterable[int] = ()
) -> tuple[str, ...]:
    """Empty turns, what quotes them, what `quoting` turns quote, and what was summed up after any of them.

    Let go the blobs that nothing holds any more, and return these.
    """
    blobs = quotations.drop(connection, quoting)
    for turn_id in sorted(turn_ids):
        values = {"id": turn_id}
        blobs |= quotations.drop(connection, quotations.of_carried(connection, turn_id))
        blobs |= dict.fromkeys(row["blob"] for row in connection.execute(BLOBS, values))
        for statement in FORGET_ALL:
            connection.execute(statement, values)
    return let_go(connection, blobs)


def take_back(connection: sqlite3.Connection, turn_ids: Iterable[int]) -> tuple[str, ...]:
    """Empty turns, and questions that are shown above them alone; return blobs as `forget` does."""
    blobs: dict[str, None] = {}
    for turn_id in dict.fromkeys(turn_ids):
        unseen = [row["id"] for row in connection.execute(UNSEEN, {"id": turn_id})]
        blobs |= dict.fromkeys(forget(connection, [turn_id, *unseen]))
    return tuple(blobs)
