"""A turn of a conversation as the parameters and the columns of its rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.conversation import Attached, FileKind, Manner, Speaker, Turn, Unusable
from bot.domain.ways import Way
from bot.domain.words import Annotation, Detail, Effort
from bot.storage import quotations
from bot.storage.codec import clean, dump, from_micros, to_micros
from bot.storage.job_rows import origin_from_row, origin_to_values

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

PATH = """path (id, depth) AS (
        SELECT id, 0 FROM turn WHERE id = :id AND channel_id = :channel_id
        UNION ALL
        SELECT parent.id, path.depth + 1 FROM path
        JOIN turn AS child ON child.id = path.id
        JOIN turn AS parent ON parent.id = child.parent_id
        WHERE parent.channel_id = :channel_id AND path.depth + 1 < :most
    )"""
"""What leads to a turn in its channel, as a table of a recursive statement."""
INSERT_WAY = """
    INSERT INTO turn_return
        (turn_id, application_id, token, token_expires_at, upload_limit_bytes, can_post_in_channel, event_id,
        manner, agreed)
    VALUES (:turn_id, :application_id, :token, :token_expires_at, :upload_limit_bytes, :can_post_in_channel,
        :event_id, :manner, :agreed)
    ON CONFLICT (turn_id) DO UPDATE SET application_id = excluded.application_id, token = excluded.token,
        token_expires_at = excluded.token_expires_at, upload_limit_bytes = excluded.upload_limit_bytes,
        can_post_in_channel = excluded.can_post_in_channel, event_id = excluded.event_id,
        manner = excluded.manner, agreed = excluded.agreed
"""
TAKEN_OVER = "DELETE FROM owed WHERE id = :event_id"
"""From here on the turn waits for its answer."""
WAY = "SELECT * FROM turn_return WHERE turn_id = :turn_id"
FILES = "SELECT * FROM turn_file WHERE turn_id = :turn_id ORDER BY position"
FOUND = "SELECT picture_id FROM turn_found WHERE turn_id = :turn_id ORDER BY position"


def turn_to_values(turn: Turn) -> dict[str, str | int | None]:
    """Return a turn as parameters of its row."""
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
        "unusable": unusable_to_text(turn.unusable),
    }


def file_to_values(turn_id: int, position: int, file: Attached) -> dict[str, str | int | None]:
    """Return a file as parameters of its row."""
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
        "attachment_id": file.attachment_id,
        "is_quoted": int(file.is_quoted),
    }


def turn_from_row(connection: sqlite3.Connection, row: sqlite3.Row) -> Turn:
    """Return the turn that a row holds, with its files."""
    files = connection.execute(FILES, {"turn_id": row["id"]})
    by_easel = row["speaker"] == Speaker.EASEL.value
    found = connection.execute(FOUND, {"turn_id": row["id"]}) if by_easel else ()
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
        quotation=None if by_easel else quotations.of_turn(connection, row["id"]),
        files=tuple(_file(file) for file in files),
        reasoning=row["reasoning"],
        annotations=tuple(Annotation(*one) for one in json.loads(row["annotations"])),
        job_id=row["job_id"],
        found=tuple(one["picture_id"] for one in found),
        forgotten=bool(row["forgotten"]),
        awaiting=bool(row["awaiting"]),
        private=bool(row["private"]),
        language=row["language"],
        unusable=unusable_from_text(row["unusable"]),
    )


def unusable_to_text(unusable: Iterable[Unusable]) -> str:
    """Return files that cannot be used as the value of their column."""
    quoted = {False: (), True: (True,)}
    return json.dumps([[clean(one.sentence), one.attachment_id, *quoted[one.is_quoted]] for one in unusable])


def unusable_from_text(text: str) -> tuple[Unusable, ...]:
    """Return the files that cannot be used, of the value of their column."""
    return tuple(Unusable(*one) for one in json.loads(text))


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
        attachment_id=row["attachment_id"],
        is_quoted=bool(row["is_quoted"]),
    )


def insert_way(connection: sqlite3.Connection, turn_id: int, way: Way) -> None:
    """Keep the way back to who asked, in place of an earlier one."""
    effort = way.manner.effort
    wished = {
        "detail": way.manner.detail.value,
        "effort": None if effort is None else effort.value,
        "about": way.about,
    }
    values = {
        "turn_id": turn_id,
        **origin_to_values(way.origin),
        "event_id": way.event_id,
        "manner": dump(wished),
        "agreed": int(way.agreed),
    }
    connection.execute(INSERT_WAY, values)
    connection.execute(TAKEN_OVER, values)


def way_back(connection: sqlite3.Connection, turn_id: int) -> Way | None:
    """Return the way back to who asked, where the question was not a message."""
    row = connection.execute(WAY, {"turn_id": turn_id}).fetchone()
    if row is None:
        return None
    wished = json.loads(row["manner"])
    effort = None if wished["effort"] is None else Effort(wished["effort"])
    manner = Manner(detail=Detail(wished["detail"]), effort=effort)
    return Way(row["event_id"], origin_from_row(row), manner, bool(row["agreed"]), wished.get("about"))
