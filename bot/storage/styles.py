"""The styles that people and servers keep: a server's own have user 0, a person's own guild 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.styles import Source, Style, Written, key
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.storage.database import Database

PREVIEW = """
    COALESCE((SELECT id FROM picture WHERE id = style.preview_job_id || '-0'), style.preview_picture_id)
"""
"""What was drawn to be the preview, once it is there; else what was chosen or drawn before."""
LIST = f"""
    SELECT *, {PREVIEW} AS preview FROM style WHERE guild_id = :guild_id AND user_id = :user_id
    ORDER BY name_key
"""  # noqa: S608 - made of constants alone
GET = f"SELECT *, {PREVIEW} AS preview FROM style WHERE id = :id"  # noqa: S608 - made of constants alone
LAST = "SELECT COALESCE(MAX(id), 0) AS id FROM style"
COUNT = "SELECT COUNT(*) AS n FROM style WHERE guild_id = :guild_id AND user_id = :user_id"
INSERT = """
    INSERT INTO style (id, guild_id, user_id, name, name_key, template, note, created_by, updated_at)
    SELECT :id, :guild_id, :user_id, :name, :name_key, :template, :note, :by, :now
    WHERE (SELECT COUNT(*) FROM style WHERE guild_id = :guild_id AND user_id = :user_id) < :most
    ON CONFLICT (guild_id, user_id, name_key) DO NOTHING
"""
REPLACE = """
    UPDATE style SET name = :name, template = :template, note = :note, updated_at = :now
    WHERE guild_id = :guild_id AND user_id = :user_id AND name_key = :name_key
"""
CHANGE = """
    UPDATE OR IGNORE style
    SET name = :name, name_key = :name_key, template = :template, note = :note, updated_at = :now
    WHERE id = :id
"""
DELETE = "DELETE FROM style WHERE id = :id"
CHOOSE = """
    UPDATE style SET preview_picture_id = :picture_id, preview_job_id = NULL, updated_at = :now
    WHERE id = :id AND EXISTS (SELECT 1 FROM picture WHERE id = :picture_id)
"""
AWAIT = f"""
    UPDATE style SET preview_picture_id = {PREVIEW}, preview_job_id = :job_id, updated_at = :now
    WHERE id = :id
"""  # noqa: S608 - made of constants alone


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose styles: a person's, or a server's."""

    user_id: int = 0
    guild_id: int = 0


class NoRoomForStyles(Exception):
    """An owner has as many styles as they may have."""


class NameTaken(Exception):
    """An owner has a style of that name; `name` is it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class StyleRows:
    """Everybody's styles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, owner: Owner) -> tuple[Style, ...]:
        """Return someone's styles, or a server's, by name."""
        return tuple(_style(row) for row in await self._database.read(LIST, _owner(owner)))

    async def get(self, style_id: int) -> tuple[Style, Owner] | None:
        """Return a style and whose it is, or None where it is not there (any more)."""
        rows = await self._database.read(GET, {"id": style_id})
        return (_style(rows[0]), Owner(rows[0]["user_id"], rows[0]["guild_id"])) if rows else None

    async def add(
        self,
        owner: Owner,
        styles: Sequence[Written],
        *,
        by: int,
        most: int,
        now: datetime,
        replace: bool = False,
    ) -> tuple[str, ...]:
        """Keep styles, all or none, and return the refs of the new ones.

        Raise NameTaken where one has its name already, unless it is to `replace` that one; NoRoomForStyles
        where they would be more than `most`.
        """

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            added: list[str] = []
            for written in styles:
                values = {**_owner(owner), **_fields(written, now), "by": by, "most": most}
                if replace and connection.execute(REPLACE, values).rowcount:
                    continue
                values["id"] = _next_id(connection, now)
                if not connection.execute(INSERT, values).rowcount:
                    full = connection.execute(COUNT, _owner(owner)).fetchone()["n"] >= most
                    raise NoRoomForStyles if full else NameTaken(written.name)
                added.append(str(values["id"]))
            return tuple(added)

        return await self._database.write(work)

    async def change(self, style_id: int, written: Written, now: datetime) -> bool:
        """Change a style; raise NameTaken where its owner has another of the new name. False: it is gone."""
        values = {**_fields(written, now), "id": style_id}

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(CHANGE, values).rowcount:
                return True
            if connection.execute(GET, {"id": style_id}).fetchone() is not None:
                raise NameTaken(written.name)
            return False

        return await self._database.write(work)

    async def delete(self, style_id: int) -> bool:
        """Forget a style; what was drawn in it keeps its words. False: it was gone."""
        return await self._database.change(DELETE, {"id": style_id}) > 0

    async def choose_preview(self, style_id: int, picture_id: str, now: datetime) -> bool:
        """Show a style by a picture from now on. False: one of both is gone."""
        values = {"id": style_id, "picture_id": picture_id, "now": to_micros(now)}
        return await self._database.change(CHOOSE, values) > 0

    async def await_preview(self, style_id: int, job_id: int, now: datetime) -> None:
        """Show a style by what comes of a job, as soon as it is there."""
        values = {"id": style_id, "job_id": job_id, "now": to_micros(now)}
        await self._database.change(AWAIT, values)


def _next_id(connection: sqlite3.Connection, now: datetime) -> int:
    """Return an id that no style had before: buttons name styles by it, deleted ones too."""
    return max(to_micros(now), connection.execute(LAST).fetchone()["id"] + 1)


def _style(row: sqlite3.Row) -> Style:
    return Style(
        ref=str(row["id"]),
        source=Source.OWN if row["user_id"] else Source.SERVER,
        name=row["name"],
        template=row["template"],
        note=row["note"],
        preview_picture_id=row["preview"],
    )


def _owner(owner: Owner) -> dict[str, int]:
    return {"user_id": owner.user_id, "guild_id": owner.guild_id}


def _fields(written: Written, now: datetime) -> dict[str, str | int]:
    return {
        "name": written.name,
        "name_key": key(written.name),
        "template": written.template,
        "note": written.note,
        "now": to_micros(now),
    }
