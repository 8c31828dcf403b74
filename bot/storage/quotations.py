"""What turns quote: it stands beside them, and goes or changes with the message that it is from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.quotations import Quotation
from bot.storage.codec import clean, from_micros, to_micros
from bot.storage.strays import let_go
from bot.storage.turn_traces import DROP_READINGS, DROP_SUMMARIES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from bot.domain.quotations import Edition
    from bot.storage.database import Database

INSERT = """
    INSERT INTO turn_quote (turn_id, message_id, user_id, text, edited_at)
    VALUES (:turn_id, :message_id, :user_id, :text, :edited_at)
"""
OF_TURN = "SELECT * FROM turn_quote WHERE turn_id = :turn_id"
OF_MESSAGE = "SELECT turn_id FROM turn_quote WHERE message_id = :message_id ORDER BY turn_id"
ABOUT = """
    SELECT turn_id FROM turn_quote WHERE message_id = :message_id
    UNION ALL SELECT NULL FROM draft WHERE quoted_message_id = :message_id
"""
OF_CARRIED = """
    SELECT turn_quote.turn_id AS turn_id FROM turn_message
    JOIN turn_quote ON turn_quote.message_id = turn_message.message_id
    WHERE turn_message.turn_id = :turn_id
"""
OLDER = """
    SELECT turn_id, user_id FROM turn_quote
    WHERE message_id = :message_id AND (edited_at IS NULL OR edited_at < :edited_at)
"""
RENEW = "UPDATE turn_quote SET text = :text, edited_at = :edited_at WHERE turn_id = :turn_id"
DROP = "DELETE FROM turn_quote WHERE turn_id = :id"
FILES = """
    SELECT position, blob, attachment_id, filename FROM turn_file WHERE turn_id = :turn_id AND is_quoted = 1
"""
FORGET_FILE = "DELETE FROM turn_file WHERE turn_id = :turn_id AND position = :position"
UNUSABLE = "SELECT unusable FROM turn WHERE id = :id AND unusable <> '[]'"
KEEP_UNUSABLE = "UPDATE turn SET unusable = :unusable WHERE id = :id"
DROP_DRAFTS = "DELETE FROM draft WHERE quoted_message_id = :message_id"


class Quotations:
    """The quotations of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def quoting(self, message_id: int) -> tuple[int | None, ...]:
        """Return the turns that quote a message; None stands for what is begun about it."""
        rows = await self._database.read(ABOUT, {"message_id": message_id})
        return tuple(row["turn_id"] for row in rows)

    async def renew(self, edition: Edition) -> tuple[str, ...]:
        """Quote what an edit leaves of a message, unless a later one is known.

        Files that do not hang on it any more are forgotten; return the blobs that nothing holds any more.
        """
        values = {"message_id": edition.message_id, "edited_at": to_micros(edition.edited_at)}

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            blobs: dict[str, None] = {}
            connection.execute(DROP_DRAFTS, values)
            for row in connection.execute(OLDER, values).fetchall():
                renewed = {**values, "turn_id": row["turn_id"], "text": clean(edition.text)}
                connection.execute(RENEW, renewed)
                blobs |= _forget_files(connection, row["turn_id"], edition)
                _unsay(connection, row["turn_id"])
            return let_go(connection, blobs)

        return await self._database.write(work)


def insert(connection: sqlite3.Connection, turn_id: int, quotation: Quotation) -> None:
    """Keep what a turn quotes."""
    values = {
        "turn_id": turn_id,
        "message_id": quotation.message_id,
        "user_id": quotation.user_id,
        "text": clean(quotation.text),
        "edited_at": None if quotation.edited_at is None else to_micros(quotation.edited_at),
    }
    connection.execute(INSERT, values)


def of_turn(connection: sqlite3.Connection, turn_id: int) -> Quotation | None:
    """Return what a turn quotes, or None."""
    row = connection.execute(OF_TURN, {"turn_id": turn_id}).fetchone()
    if row is None:
        return None
    edited_at = None if row["edited_at"] is None else from_micros(row["edited_at"])
    return Quotation(row["message_id"], row["user_id"], row["text"], edited_at)


def of_messages(connection: sqlite3.Connection, message_ids: Iterable[int]) -> list[int]:
    """Return the turns that quote messages which are gone; what is begun about them goes at once."""
    turn_ids: list[int] = []
    for message_id in message_ids:
        values = {"message_id": message_id}
        connection.execute(DROP_DRAFTS, values)
        turn_ids += [row["turn_id"] for row in connection.execute(OF_MESSAGE, values)]
    return turn_ids


def of_carried(connection: sqlite3.Connection, turn_id: int) -> list[int]:
    """Return the turns that quote a message which carries a turn."""
    return [row["turn_id"] for row in connection.execute(OF_CARRIED, {"turn_id": turn_id})]


def drop(connection: sqlite3.Connection, turn_ids: Iterable[int]) -> dict[str, None]:
    """Forget what turns quote, words and files; return the blobs of those, which others may hold."""
    blobs: dict[str, None] = {}
    for turn_id in turn_ids:
        connection.execute(DROP, {"id": turn_id})
        blobs |= _forget_files(connection, turn_id)
        _unsay(connection, turn_id)
    return blobs


def _forget_files(
    connection: sqlite3.Connection, turn_id: int, edition: Edition | None = None
) -> dict[str, None]:
    """Forget the files that came with a quotation, but for those that an edition still has."""
    blobs: dict[str, None] = {}
    for row in connection.execute(FILES, {"turn_id": turn_id}).fetchall():
        if edition is None or not edition.has(row["attachment_id"], row["filename"]):
            connection.execute(FORGET_FILE, {"turn_id": turn_id, "position": row["position"]})
            blobs[row["blob"]] = None
    return blobs


def _unsay(connection: sqlite3.Connection, turn_id: int) -> None:
    """Forget what was summed up after a turn, what was read of its documents, and what could not be."""
    for statement in (DROP_SUMMARIES, DROP_READINGS):
        connection.execute(statement, {"id": turn_id})
    for row in connection.execute(UNUSABLE, {"id": turn_id}).fetchall():
        own = [one for one in json.loads(row["unusable"]) if True not in one[2:]]
        connection.execute(KEEP_UNUSABLE, {"id": turn_id, "unusable": json.dumps(own)})
