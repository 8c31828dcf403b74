"""Kept pictures and where they came from; their bytes are in blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.gallery import unjointed
from bot.domain.images import Picture, PictureInfo, Role
from bot.domain.results import Came
from bot.storage import calls
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from bot.storage.database import Database

INSERT = """
    INSERT INTO picture
        (id, job_id, role, ordinal, call_ordinal, blob, media_type, width, height, size_bytes, seed,
        delicate, created_at)
    VALUES (:id, :job_id, :role, :ordinal, :call_ordinal, :blob, :media_type, :width, :height, :size_bytes,
        :seed, :delicate, :now)
    ON CONFLICT (id) DO NOTHING
"""
INSERT_PARENT = """
    INSERT INTO picture_parent (picture_id, position, parent_id) VALUES (:picture_id, :position, :parent_id)
"""
BY_ID = """
    SELECT picture.*, caption, parent_id FROM picture
    LEFT JOIN gallery ON gallery.picture_id = picture.id
    LEFT JOIN picture_parent AS link ON link.picture_id = picture.id
    WHERE picture.id = :id ORDER BY position
"""
OF_JOB = """
    SELECT picture.*, caption, parent_id FROM picture
    LEFT JOIN gallery ON gallery.picture_id = picture.id
    LEFT JOIN picture_parent AS link ON link.picture_id = picture.id
    WHERE picture.job_id = :job_id AND role = :role ORDER BY ordinal, position
"""
PARENTS = """
    SELECT picture.*, caption, grand.parent_id AS parent_id FROM picture_parent AS link
    JOIN picture ON picture.id = link.parent_id
    LEFT JOIN gallery ON gallery.picture_id = picture.id
    LEFT JOIN picture_parent AS grand ON grand.picture_id = picture.id
    WHERE link.picture_id = :id ORDER BY link.position, grand.position
"""
FAMILY = """
    WITH RECURSIVE
    up (id, depth) AS (
        SELECT id, 0 FROM picture WHERE job_id = :job_id AND role = 'result'
        UNION
        SELECT link.parent_id, up.depth + 1 FROM up JOIN picture_parent AS link ON link.picture_id = up.id
        WHERE up.depth < :depth
    ),
    down (id, depth) AS (
        SELECT picture.id, 0 FROM (SELECT id FROM up LIMIT :most) AS near
        JOIN picture AS one ON one.id = near.id AND one.role = 'result'
        JOIN picture ON picture.job_id = one.job_id AND picture.role = 'result'
        UNION
        SELECT link.picture_id, down.depth + 1 FROM down
        JOIN picture_parent AS link ON link.parent_id = down.id
        WHERE down.depth < :depth
    )
    SELECT picture.*, caption, origin.parent_id AS parent_id
    FROM (SELECT DISTINCT id FROM (SELECT id FROM down LIMIT :most) AS near) AS kin
    JOIN picture ON picture.id = kin.id AND picture.role = 'result'
    LEFT JOIN gallery ON gallery.picture_id = picture.id
    LEFT JOIN picture_parent AS link ON link.picture_id = picture.id
    LEFT JOIN picture_parent AS origin ON origin.picture_id = link.parent_id
    ORDER BY picture.job_id, picture.ordinal, link.position, origin.position
"""
"""A limit, not an order, keeps the recursion from going on: the nearest come first, and it stops there."""
GENERATIONS = 16
KIN = 200
"""How many steps are taken from picture to picture, in either direction."""
HOLDERS = """
    SELECT 1 FROM picture WHERE blob = :blob UNION ALL SELECT 1 FROM turn_file WHERE blob = :blob
    UNION ALL SELECT 1 FROM storing WHERE blob = :blob AND is_left = 0 LIMIT 1
"""
RESULT_BLOBS = "SELECT DISTINCT blob FROM picture WHERE job_id = :job_id AND role = 'result' ORDER BY blob"
HOME = "SELECT id, guild_id FROM job WHERE id = :job_id"
DELETE = "DELETE FROM picture WHERE id = :id"
DELETE_RESULTS = "DELETE FROM picture WHERE job_id = :job_id AND role = 'result'"


class Pictures:
    """The pictures of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, picture: Picture, now: datetime) -> bool:
        """Keep a picture whose blob is stored already; False where its id is kept."""
        return await self._database.write(lambda connection: insert(connection, picture, now))

    async def get(self, picture_id: str) -> Picture | None:
        """Return a picture, or None where it is not known (any more)."""
        return next(iter(_pictures(await self._database.read(BY_ID, {"id": picture_id}))), None)

    async def of_job(self, job_id: int, role: Role) -> tuple[Picture, ...]:
        """Return a job's pictures of one role, in their order."""
        return _pictures(await self._database.read(OF_JOB, {"job_id": job_id, "role": role.value}))

    async def came_of(self, job_id: int) -> Came:
        """Return a job's paid calls and the pictures that they brought, both of one moment."""
        return await self._database.examine(lambda connection: came_of(connection, job_id))

    async def parents(self, picture_id: str) -> tuple[Picture, ...]:
        """Return the kept pictures that a picture was made from, in their order."""
        return _pictures(await self._database.read(PARENTS, {"id": picture_id}))

    async def family(self, job_id: int) -> tuple[Picture, ...]:
        """Return the results that a job's results came from, those beside them, and what came of all these.

        The oldest first; `parents` are the results each was made from, not its references. Bounded: of a
        large family it is the part nearest to the job.
        """
        values = {"job_id": job_id, "depth": 2 * GENERATIONS, "most": KIN}
        return _pictures(await self._database.read(FAMILY, values))

    async def homes(self, job_ids: Collection[int]) -> dict[int, int | None]:
        """Return the servers that jobs were asked for in, None for direct messages."""

        def work(connection: sqlite3.Connection) -> dict[int, int | None]:
            rows = [connection.execute(HOME, {"job_id": one}).fetchone() for one in job_ids]
            return {row["id"]: row["guild_id"] for row in rows if row is not None}

        return await self._database.examine(work)


def insert(connection: sqlite3.Connection, picture: Picture, now: datetime) -> bool:
    """Insert a picture and its parents; False where its id is there already."""
    values = {
        "id": picture.id,
        "job_id": picture.job_id,
        "role": picture.role.value,
        "ordinal": picture.ordinal,
        "call_ordinal": picture.call_ordinal,
        "blob": picture.blob,
        "media_type": picture.info.media_type,
        "width": picture.info.width,
        "height": picture.info.height,
        "size_bytes": picture.info.size_bytes,
        "seed": picture.seed,
        "delicate": int(picture.is_delicate),
        "now": to_micros(now),
    }
    if connection.execute(INSERT, values).rowcount == 0:
        return False
    for position, parent_id in enumerate(picture.parents):
        values = {"picture_id": picture.id, "position": position, "parent_id": parent_id}
        connection.execute(INSERT_PARENT, values)
    return True


def results(connection: sqlite3.Connection, job_id: int) -> tuple[Picture, ...]:
    """Return what a job brought, in its order."""
    return _pictures(connection.execute(OF_JOB, {"job_id": job_id, "role": Role.RESULT.value}))


def came_of(connection: sqlite3.Connection, job_id: int) -> Came:
    """Return a job's paid calls and the pictures that they brought."""
    return Came(calls.of_job(connection, job_id), results(connection, job_id))


def delete_results(connection: sqlite3.Connection, job_id: int) -> tuple[str, ...]:
    """Delete a job's results; return their blobs, which others may hold."""
    blobs = [row["blob"] for row in connection.execute(RESULT_BLOBS, {"job_id": job_id})]
    connection.execute(DELETE_RESULTS, {"job_id": job_id})
    return tuple(blobs)


def delete(connection: sqlite3.Connection, gone: Sequence[Picture]) -> tuple[str, ...]:
    """Delete some pictures; return their blobs, which others may hold."""
    connection.executemany(DELETE, [{"id": one.id} for one in gone])
    return tuple(sorted({one.blob for one in gone}))


def is_held(connection: sqlite3.Connection, blob: str) -> bool:
    """Tell whether a picture or a turn has these bytes, or is about to have them."""
    return connection.execute(HOLDERS, {"blob": blob}).fetchone() is not None


def _pictures(rows: Iterable[sqlite3.Row]) -> tuple[Picture, ...]:
    """Return pictures from rows of a picture and one parent each, in the order of the rows."""
    parents: dict[str, list[str]] = {}
    firsts: dict[str, sqlite3.Row] = {}
    for row in rows:
        firsts.setdefault(row["id"], row)
        known = parents.setdefault(row["id"], [])
        if row["parent_id"] is not None:
            known.append(row["parent_id"])
    return tuple(_picture(row, tuple(parents[row["id"]])) for row in firsts.values())


def _picture(row: sqlite3.Row, parents: tuple[str, ...]) -> Picture:
    """Return the picture that a row holds."""
    return Picture(
        id=row["id"],
        job_id=row["job_id"],
        role=Role(row["role"]),
        ordinal=row["ordinal"],
        blob=row["blob"],
        info=PictureInfo(row["media_type"], row["width"], row["height"], row["size_bytes"]),
        seed=row["seed"],
        call_ordinal=row["call_ordinal"],
        parents=parents,
        caption=row["caption"] and unjointed(row["caption"]),
        is_delicate=bool(row["delicate"]),
    )
