"""The turns of conversations, a tree in each channel; what is read of one never leaves its channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.storage import quotations, turn_edits
from bot.storage.codec import clean, to_micros
from bot.storage.turn_forgetting import FORGET_WAY, forget, take_back
from bot.storage.turn_rows import PATH, file_to_values, insert_way, turn_from_row, turn_to_values, way_back

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.conversation import Turn
    from bot.domain.ways import Way
    from bot.storage.database import Database

INSERT = """
    INSERT INTO turn
        (channel_id, guild_id, parent_id, speaker, user_id, name, text, reasoning, annotations, job_id,
        forgotten, awaiting, private, created_at, language, unusable)
    VALUES (:channel_id, :guild_id, :parent_id, :speaker, :user_id, :name, :text, :reasoning, :annotations,
        :job_id, 0, :awaiting, :private, :created_at, :language,
        :unusable)
    RETURNING id
"""
INSERT_MESSAGE = """
    INSERT INTO turn_message (message_id, turn_id, position) VALUES (:message_id, :turn_id, :position)
    ON CONFLICT (message_id) DO NOTHING
"""
INSERT_FILE = """
    INSERT INTO turn_file
        (turn_id, position, kind, blob, media_type, filename, size_bytes, width, height, pages, caption,
        attachment_id, is_quoted)
    VALUES (:turn_id, :position, :kind, :blob, :media_type, :filename, :size_bytes, :width, :height, :pages,
        :caption, :attachment_id, :is_quoted)
"""
INSERT_FOUND = """
    INSERT INTO turn_found (turn_id, position, picture_id)
    SELECT :turn_id, :position, id FROM picture WHERE id = :picture_id
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
LEADING_TO = f"""
    WITH RECURSIVE {PATH}
    SELECT turn.* FROM path JOIN turn ON turn.id = path.id ORDER BY path.depth DESC
"""  # noqa: S608 - made of constants alone
TOLD = """
    SELECT turn.text AS text, turn_quote.text AS quoted
    FROM turn LEFT JOIN turn_quote ON turn_quote.turn_id = turn.id
    WHERE turn.id = :id AND forgotten = 0
"""
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
CAPTION = "UPDATE turn_file SET caption = :caption WHERE turn_id = :turn_id AND blob = :blob"
OF_CHANNEL = "SELECT id FROM turn WHERE channel_id = :channel_id AND forgotten = 0"


@dataclass(frozen=True, slots=True)
class Summary:
    """What was said up to a turn, in short."""

    turn_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Left:
    """A turn that an earlier process left unanswered: the message that carries it, or another way back."""

    turn: Turn
    message_id: int | None
    way: Way | None = None

    @property
    def key(self) -> int | None:
        """Return the event that asked for the answer, where it is known."""
        return self.message_id if self.way is None else self.way.event_id


class Turns:
    """The turns of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, turn: Turn, message_ids: Sequence[int] = (), way: Way | None = None) -> Turn | None:
        """Keep a turn with the messages that carry it, and return it with its id; its blobs are stored.

        None where one of the messages carries a turn already: an event that came twice is one turn.
        """
        return await self._database.write(lambda connection: _add(connection, turn, message_ids, way))

    async def add_answer(
        self, turn: Turn, question_id: int, message_ids: Sequence[int] = ()
    ) -> tuple[Turn, tuple[str, ...]]:
        """Keep what Easel says to a question as `add` does, and return it with the blobs that nothing holds.

        Where the question is forgotten by then, nothing is kept but that its messages carry a forgotten turn.
        """

        def work(connection: sqlite3.Connection) -> tuple[Turn, tuple[str, ...]]:
            if connection.execute(TOLD, {"id": question_id}).fetchone():
                return _add(connection, turn, message_ids) or turn, ()
            late = _add(connection, replace(turn, parent_id=None), message_ids)
            if late is None:
                return turn, ()
            return replace(late, forgotten=True), forget(connection, [late.id])

        return await self._database.write(work)

    async def of_message(self, message_id: int, channel_id: int) -> Turn | None:
        """Return the turn that a message of a channel carries, or None."""
        return await self._one(OF_MESSAGE, {"message_id": message_id, "channel_id": channel_id})

    async def carry(self, turn_id: int, message_ids: Sequence[int], *, answers: int | None = None) -> None:
        """Note the messages that carry a turn, beside those that are known, and which turn it `answers`.

        That one waits for nothing any more, whatever becomes of who notes it.
        """

        def work(connection: sqlite3.Connection) -> None:
            if answers is not None:
                _end_wait(connection, answers)
            for position, message_id in enumerate(message_ids):
                carried = {"message_id": message_id, "turn_id": turn_id, "position": position}
                connection.execute(INSERT_MESSAGE, carried)

        await self._database.write(work)

    async def forget(self, turn_id: int) -> tuple[str, ...]:
        """Forget a turn; return the blobs that nothing holds any more."""
        return await self._database.write(lambda connection: forget(connection, [turn_id]))

    async def take_back(self, turn_id: int) -> tuple[str, ...]:
        """Forget a turn as `forget` does, and a question that is shown above it alone."""
        return await self._database.write(lambda connection: take_back(connection, [turn_id]))

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

        def work(connection: sqlite3.Connection) -> tuple[Turn, ...]:
            return tuple(turn_from_row(connection, row) for row in connection.execute(LEADING_TO, values))

        return await self._database.examine(work)

    async def summary(self, path: Sequence[Turn]) -> Summary | None:
        """Return the latest summary that a path has, or None."""

        def work(connection: sqlite3.Connection) -> Summary | None:
            for turn in reversed(path):
                row = connection.execute(SUMMARY, {"turn_id": turn.id}).fetchone()
                if row is not None:
                    return Summary(turn.id, row["text"])
            return None

        return await self._database.examine(work)

    async def keep_summary(self, summary: Summary, told: Sequence[Turn], now: datetime) -> None:
        """Keep what was said up to a turn, unless something of what it tells is gone or changed meanwhile."""
        values = {"turn_id": summary.turn_id, "text": clean(summary.text), "now": to_micros(now)}

        def work(connection: sqlite3.Connection) -> None:
            rows = [connection.execute(TOLD, {"id": turn.id}).fetchone() for turn in told]
            if [row and tuple(row) for row in rows] == [_words(turn) for turn in told]:
                connection.execute(KEEP_SUMMARY, values)

        await self._database.write(work)

    async def edit(
        self, turn_id: int, text: str, attachment_ids: Collection[int] | None = None
    ) -> tuple[str, ...] | None:
        """Change what a person said, and forget the files of theirs that are not attached any more.

        Return the blobs that nothing holds any more, or None where nothing changes. Without attachments, all
        files stay.
        """
        return await self._database.write(
            lambda connection: turn_edits.edit(connection, turn_id, clean(text), attachment_ids)
        )

    async def awaiting(self) -> tuple[Left, ...]:
        """Return the turns that wait for an answer, the oldest first, and how it comes to who asked."""

        def work(connection: sqlite3.Connection) -> tuple[Left, ...]:
            rows = connection.execute(AWAITING).fetchall()
            return tuple(
                Left(turn_from_row(connection, row), row["message_id"], way_back(connection, row["id"]))
                for row in rows
            )

        return await self._database.examine(work)

    async def answered(self, turn_id: int) -> None:
        """Note that a turn waits for nothing any more."""
        await self._database.write(lambda connection: _end_wait(connection, turn_id))

    async def wait_again(self, turn_id: int, way: Way | None = None) -> bool:
        """Let a turn without an answer wait for one, to one of those who ask at once."""

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(WAIT_AGAIN, {"id": turn_id}).rowcount == 0:
                return False
            if way is not None:
                insert_way(connection, turn_id, way)
            return True

        return await self._database.write(work)

    async def caption(self, turn_id: int, blob: str, caption: str) -> bool:
        """Keep what a picture shows, for when it is not shown any more; False where it is gone."""
        values = {"turn_id": turn_id, "blob": blob, "caption": clean(caption)}
        return await self._database.change(CAPTION, values) > 0

    async def forget_messages(self, message_ids: Sequence[int]) -> tuple[str, ...]:
        """Take back the turns that messages carry, and what is quoted of these messages.

        Return the blobs that nothing holds any more.
        """

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            rows = [
                connection.execute(KNOWN, {"message_id": message_id}).fetchone() for message_id in message_ids
            ]
            quoted = forget(connection, (), quotations.of_messages(connection, message_ids))
            taken = take_back(connection, [row["turn_id"] for row in rows if row is not None])
            return tuple(dict.fromkeys((*quoted, *taken)))

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
            return None if row is None else turn_from_row(connection, row)

        return await self._database.examine(work)


def _add(
    connection: sqlite3.Connection, turn: Turn, message_ids: Sequence[int], way: Way | None = None
) -> Turn | None:
    if any(connection.execute(KNOWN, {"message_id": one}).fetchone() for one in message_ids):
        return None
    if turn.annotations:
        turn = replace(turn, annotations=turn_edits.still_read(connection, turn))
    turn_id = int(connection.execute(INSERT, turn_to_values(turn)).fetchone()["id"])
    for position, message_id in enumerate(message_ids):
        carried = {"message_id": message_id, "turn_id": turn_id, "position": position}
        connection.execute(INSERT_MESSAGE, carried)
    for position, file in enumerate(turn.files):
        connection.execute(INSERT_FILE, file_to_values(turn_id, position, file))
    if turn.quotation is not None:
        quotations.insert(connection, turn_id, turn.quotation)
    for position, picture_id in enumerate(turn.found):
        found = {"turn_id": turn_id, "position": position, "picture_id": picture_id}
        connection.execute(INSERT_FOUND, found)
    if way is not None:
        insert_way(connection, turn_id, way)
    return replace(turn, id=turn_id)


def _words(turn: Turn) -> tuple[str, str | None]:
    """Return what a turn says and quotes as its row has it."""
    return clean(turn.text), None if turn.quotation is None else clean(turn.quotation.text)


def _end_wait(connection: sqlite3.Connection, turn_id: int) -> None:
    connection.execute(ANSWERED, {"id": turn_id})
    connection.execute(FORGET_WAY, {"id": turn_id})
