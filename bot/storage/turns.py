"""The turns of conversations, a tree in each channel; what is read of one never leaves its channel."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.conversation import Attached, FileKind, Speaker, Turn
from bot.domain.words import Annotation
from bot.storage import pictures
from bot.storage.codec import clean, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.storage.database import Database

INSERT = """
    INSERT INTO turn
        (channel_id, guild_id, parent_id, speaker, user_id, name, text, reasoning, annotations, job_id,
        forgotten, awaiting, private, created_at, language)
    VALUES (:channel_id, :guild_id, :parent_id, :speaker, :user_id, :name, :text, :reasoning, :annotations,
        :job_id, 0, :awaiting, :private, :created_at, :language)
    RETURNING id
"""
INSERT_MESSAGE = """
    INSERT INTO turn_message (message_id, turn_id, position) VALUES (:message_id, :turn_id, :position)
    ON CONFLICT (message_id) DO NOTHING
"""
INSERT_FILE = """
    INSERT INTO turn_file
        (turn_id, position, kind, blob, media_type, filename, size_bytes, width, height, pages, caption)
    VALUES (:turn_id, :position, :kind, :blob, :media_type, :filename, :size_bytes, :width, :height, :pages,
        :caption)
"""
KNOWN = "SELECT turn_id FROM turn_message WHERE message_id = :message_id"
OF_MESSAGE = """
    SELECT turn.* FROM turn_message JOIN turn ON turn.id = turn_message.turn_id
    WHERE message_id = :message_id AND channel_id = :channel_id
"""
BY_ID = "SELECT * FROM turn WHERE id = :id AND channel_id = :channel_id AND forgotten = 0"
ANSWER = """
    WITH RECURSIVE after (id) AS (
        SELECT id FROM turn WHERE parent_id = :id AND channel_id = :channel_id AND speaker = 'easel'
        UNION
        SELECT turn.id FROM turn JOIN after ON turn.parent_id = after.id WHERE speaker = 'easel'
    )
    SELECT turn.* FROM after JOIN turn ON turn.id = after.id
    WHERE job_id IS NULL AND forgotten = 0 ORDER BY turn.id DESC LIMIT 1
"""
"""Between a question and its answer stand the pictures that the answer had drawn."""
LATEST = """
    SELECT * FROM turn WHERE channel_id = :channel_id AND forgotten = 0 AND private = 0
    ORDER BY id DESC LIMIT 1
"""
OF_JOB = "SELECT * FROM turn WHERE job_id = :job_id AND channel_id = :channel_id ORDER BY id LIMIT 1"
PATH = """
    WITH RECURSIVE path (id, depth) AS (
        SELECT id, 0 FROM turn WHERE id = :id AND channel_id = :channel_id
        UNION ALL
        SELECT parent.id, path.depth + 1 FROM path
        JOIN turn AS child ON child.id = path.id
        JOIN turn AS parent ON parent.id = child.parent_id
        WHERE parent.channel_id = :channel_id AND path.depth + 1 < :most
    )
    SELECT turn.* FROM path JOIN turn ON turn.id = path.id ORDER BY path.depth DESC
"""
FILES = "SELECT * FROM turn_file WHERE turn_id = :turn_id ORDER BY position"
SUMMARY = "SELECT text FROM turn_summary WHERE turn_id = :turn_id"
KEEP_SUMMARY = """
    INSERT INTO turn_summary (turn_id, text, created_at)
    SELECT id, :text, :now FROM turn WHERE id = :turn_id AND forgotten = 0
    ON CONFLICT (turn_id) DO UPDATE SET text = excluded.text, created_at = excluded.created_at
"""
AWAITING = """
    SELECT turn.*, message_id FROM turn LEFT JOIN turn_message ON turn_id = turn.id
    WHERE awaiting = 1 ORDER BY turn.id
"""
ANSWERED = "UPDATE turn SET awaiting = 0 WHERE id = :id"
WAIT_AGAIN = """
    UPDATE turn SET awaiting = 1
    WHERE id = :id AND awaiting = 0 AND forgotten = 0 AND NOT EXISTS (
        SELECT 1 FROM turn AS answer
        WHERE answer.parent_id = :id AND answer.speaker = 'easel' AND answer.forgotten = 0
    )
"""
EDIT = "UPDATE turn SET text = :text WHERE id = :id AND forgotten = 0"
CAPTION = "UPDATE turn_file SET caption = :caption WHERE turn_id = :turn_id AND position = :position"
OF_CHANNEL = "SELECT id FROM turn WHERE channel_id = :channel_id AND forgotten = 0"
BLOBS = "SELECT DISTINCT blob FROM turn_file WHERE turn_id = :id"
FORGET_FILES = "DELETE FROM turn_file WHERE turn_id = :id"
FORGET = """
    UPDATE turn SET forgotten = 1, text = '', name = '', reasoning = '', annotations = '[]', user_id = NULL,
        job_id = NULL, awaiting = 0
    WHERE id = :id
"""
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


@dataclass(frozen=True, slots=True)
class Summary:
    """What was said up to a turn, in short."""

    turn_id: int
    text: str


class Turns:
    """The turns of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, turn: Turn, message_ids: Sequence[int] = ()) -> Turn | None:
        """Keep a turn with the messages that carry it, and return it with its id; its blobs are stored.

        None where one of the messages carries a turn already: an event that came twice is one turn.
        """

        def work(connection: sqlite3.Connection) -> Turn | None:
            if any(connection.execute(KNOWN, {"message_id": one}).fetchone() for one in message_ids):
                return None
            turn_id = int(connection.execute(INSERT, _values(turn)).fetchone()["id"])
            for position, message_id in enumerate(message_ids):
                carried = {"message_id": message_id, "turn_id": turn_id, "position": position}
                connection.execute(INSERT_MESSAGE, carried)
            for position, file in enumerate(turn.files):
                connection.execute(INSERT_FILE, _file_values(turn_id, position, file))
            return replace(turn, id=turn_id)

        return await self._database.write(work)

    async def of_message(self, message_id: int, channel_id: int) -> Turn | None:
        """Return the turn that a message of a channel carries, or None."""
        return await self._one(OF_MESSAGE, {"message_id": message_id, "channel_id": channel_id})

    async def carry(self, turn_id: int, message_ids: Sequence[int]) -> None:
        """Note the messages that carry a turn, beside those that are known."""

        def work(connection: sqlite3.Connection) -> None:
            for position, message_id in enumerate(message_ids):
                carried = {"message_id": message_id, "turn_id": turn_id, "position": position}
                connection.execute(INSERT_MESSAGE, carried)

        await self._database.write(work)

    async def forget(self, turn_id: int) -> tuple[str, ...]:
        """Forget a turn; return the blobs that nothing holds any more."""
        return await self._database.write(lambda connection: forget(connection, [turn_id]))

    async def get(self, turn_id: int, channel_id: int) -> Turn | None:
        """Return a turn of a channel, or None."""
        return await self._one(BY_ID, {"id": turn_id, "channel_id": channel_id})

    async def answer_to(self, turn: Turn) -> Turn | None:
        """Return Easel's last answer to a turn, or None."""
        return await self._one(ANSWER, {"id": turn.id, "channel_id": turn.channel_id})

    async def of_job(self, job_id: int, channel_id: int) -> Turn | None:
        """Return the turn that began a job for pictures, or None."""
        return await self._one(OF_JOB, {"job_id": job_id, "channel_id": channel_id})

    async def latest(self, channel_id: int) -> Turn | None:
        """Return the last turn of a channel that all of it can see, or None."""
        return await self._one(LATEST, {"channel_id": channel_id})

    async def path(self, turn: Turn, most: int) -> tuple[Turn, ...]:
        """Return the turns that lead to one, itself the last; `most` of them, and none of another channel."""
        values = {"id": turn.id, "channel_id": turn.channel_id, "most": most}
        return await self._database.examine(
            lambda connection: tuple(read(connection, row) for row in connection.execute(PATH, values))
        )

    async def summary(self, path: Sequence[Turn]) -> Summary | None:
        """Return the latest summary that a path has, or None."""

        def work(connection: sqlite3.Connection) -> Summary | None:
            for turn in reversed(path):
                row = connection.execute(SUMMARY, {"turn_id": turn.id}).fetchone()
                if row is not None:
                    return Summary(turn.id, row["text"])
            return None

        return await self._database.examine(work)

    async def keep_summary(self, summary: Summary, now: datetime) -> None:
        """Keep what was said up to a turn, unless the turn is gone meanwhile."""
        values = {"turn_id": summary.turn_id, "text": clean(summary.text), "now": to_micros(now)}
        await self._database.change(KEEP_SUMMARY, values)

    async def edit(self, message_id: int, channel_id: int, text: str) -> bool:
        """Change what a person said with a message; False where it carries nothing of theirs."""
        turn = await self.of_message(message_id, channel_id)
        if turn is None or turn.speaker is not Speaker.PERSON or turn.forgotten or turn.text == text:
            return False
        return await self._database.change(EDIT, {"id": turn.id, "text": clean(text)}) == 1

    async def awaiting(self) -> tuple[tuple[Turn, int | None], ...]:
        """Return the turns that wait for an answer, the oldest first, with the message that carries each."""

        def work(connection: sqlite3.Connection) -> tuple[tuple[Turn, int | None], ...]:
            rows = connection.execute(AWAITING).fetchall()
            return tuple((read(connection, row), row["message_id"]) for row in rows)

        return await self._database.examine(work)

    async def answered(self, turn_id: int) -> None:
        """Note that a turn waits for nothing any more."""
        await self._database.change(ANSWERED, {"id": turn_id})

    async def wait_again(self, turn_id: int) -> bool:
        """Let a turn without an answer wait for one, to one of those who ask at once."""
        return await self._database.change(WAIT_AGAIN, {"id": turn_id}) == 1

    async def caption(self, turn_id: int, position: int, caption: str) -> None:
        """Keep what a picture shows, for when it is not shown any more."""
        await self._database.change(
            CAPTION, {"turn_id": turn_id, "position": position, "caption": clean(caption)}
        )

    async def forget_messages(self, message_ids: Sequence[int]) -> tuple[str, ...]:
        """Forget the turns that messages carry; return the blobs that nothing holds any more."""

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            rows = [
                connection.execute(KNOWN, {"message_id": message_id}).fetchone() for message_id in message_ids
            ]
            return forget(connection, {row["turn_id"] for row in rows if row is not None})

        return await self._database.write(work)

    async def forget_channel(self, channel_id: int) -> tuple[str, ...]:
        """Forget everything that was said in a channel; return the blobs that nothing holds any more."""

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            rows = connection.execute(OF_CHANNEL, {"channel_id": channel_id}).fetchall()
            return forget(connection, {row["id"] for row in rows})

        return await self._database.write(work)

    async def _one(self, sql: str, values: dict[str, int]) -> Turn | None:
        def work(connection: sqlite3.Connection) -> Turn | None:
            row = connection.execute(sql, values).fetchone()
            return None if row is None else read(connection, row)

        return await self._database.examine(work)


def forget(connection: sqlite3.Connection, turn_ids: Iterable[int]) -> tuple[str, ...]:
    """Empty turns, and what was summed up after them; return the blobs that nothing holds any more."""
    blobs: dict[str, None] = {}
    for turn_id in sorted(turn_ids):
        values = {"id": turn_id}
        blobs |= dict.fromkeys(row["blob"] for row in connection.execute(BLOBS, values))
        for statement in (FORGET_FILES, FORGET, DROP_SUMMARIES, DROP_READINGS):
            connection.execute(statement, values)
    return tuple(blob for blob in blobs if not pictures.is_held(connection, blob))


def _values(turn: Turn) -> dict[str, str | int | None]:
    raw = [[one.kind, one.title, one.url, one.raw] for one in turn.annotations]
    return {
        "channel_id": turn.channel_id,
        "guild_id": turn.guild_id,
        "parent_id": turn.parent_id,
        "speaker": turn.speaker.value,
        "user_id": turn.user_id,
        "name": clean(turn.name),
        "text": clean(turn.text),
        "reasoning": clean(turn.reasoning),
        "annotations": json.dumps(raw),
        "job_id": turn.job_id,
        "awaiting": int(turn.awaiting),
        "private": int(turn.private),
        "language": turn.language,
        "created_at": to_micros(turn.created_at),
    }


def _file_values(turn_id: int, position: int, file: Attached) -> dict[str, str | int | None]:
    width, height = file.size or (None, None)
    return {
        "turn_id": turn_id,
        "position": position,
        "kind": file.kind.value,
        "blob": file.blob,
        "media_type": file.media_type,
        "filename": clean(file.filename),
        "size_bytes": file.size_bytes,
        "width": width,
        "height": height,
        "pages": file.pages,
        "caption": None if file.caption is None else clean(file.caption),
    }


def read(connection: sqlite3.Connection, row: sqlite3.Row) -> Turn:
    """Return the turn that a row holds, with its files."""
    files = connection.execute(FILES, {"turn_id": row["id"]})
    return Turn(
        id=row["id"],
        channel_id=row["channel_id"],
        guild_id=row["guild_id"],
        parent_id=row["parent_id"],
        speaker=Speaker(row["speaker"]),
        user_id=row["user_id"],
        name=row["name"],
        text=row["text"],
        created_at=from_micros(row["created_at"]),
        files=tuple(_file(file) for file in files),
        reasoning=row["reasoning"],
        annotations=tuple(Annotation(*one) for one in json.loads(row["annotations"])),
        job_id=row["job_id"],
        forgotten=bool(row["forgotten"]),
        awaiting=bool(row["awaiting"]),
        private=bool(row["private"]),
        language=row["language"],
    )


def _file(row: sqlite3.Row) -> Attached:
    return Attached(
        kind=FileKind(row["kind"]),
        blob=row["blob"],
        media_type=row["media_type"],
        filename=row["filename"],
        size_bytes=row["size_bytes"],
        size=None if row["width"] is None else (row["width"], row["height"]),
        pages=row["pages"],
        caption=row["caption"],
    )
