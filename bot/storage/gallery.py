"""What can be found again: a row for each picture that was shown, searched by words and by where it stands.

`place` holds one word for each thing to choose by: whose a picture is (u…), the server it is in (g…), its
model (m…) and style (s…), who holds it as a favourite (f…), and, where it is not private, in which server
(o…) and channel (c…) others may find it. So a page is read from one index, however many pictures there are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.domain.gallery import Find, Search, Trace, jointed, sought, unjointed
from bot.domain.images import Picture, PictureInfo, Role
from bot.domain.jobs import drawn_of
from bot.domain.results import Card
from bot.storage.codec import clean, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.jobs import Job
    from bot.domain.requests import Requester
    from bot.storage.database import Database, Value

FIRST, LAST = 0, 2**62
"""Before and after every id."""
SOME = 200
"""Pictures that are read at a time where they may be very many."""
PREFIX = 2
"""Letters with which a word may begin; one alone stands for itself, since every other word begins with it.

The index lists all beginnings of 2 to 15 letters. Of longer ones SQLite merges the lists of whole words.
"""

INSERT = """
    INSERT INTO gallery
        (id, picture_id, job_id, user_id, guild_id, channel_id, private, place, model_id, style, prompt,
        created_at)
    VALUES (MAX(:now, (SELECT COALESCE(MAX(id), 0) + 1 FROM gallery)), :picture_id, :job_id, :user_id,
        :guild_id, :channel_id, :private, :place, :model_id, :style, :prompt, :now)
    ON CONFLICT (picture_id) DO NOTHING
"""
"""The id is the moment, or the next that is free: what is newer has the greater id."""
TRACE = "gallery.id, user_id, guild_id, channel_id, private, model_id, style"
OLDER = f"""
    SELECT {TRACE} FROM gallery_text CROSS JOIN gallery ON gallery.id = gallery_text.rowid
    WHERE gallery_text MATCH :match AND gallery_text.rowid >= :least AND gallery_text.rowid < :before
    ORDER BY gallery_text.rowid DESC LIMIT :most
"""  # noqa: S608 - columns of our own
NEWER = f"""
    SELECT {TRACE} FROM gallery_text CROSS JOIN gallery ON gallery.id = gallery_text.rowid
    WHERE gallery_text MATCH :match AND gallery_text.rowid > :after AND gallery_text.rowid < :before
    ORDER BY gallery_text.rowid LIMIT :most
"""  # noqa: S608 - as above
FIND = """
    SELECT gallery.*, picture.role, picture.ordinal, picture.call_ordinal, picture.blob, picture.media_type,
        picture.width, picture.height, picture.size_bytes, picture.seed, picture.delicate,
        job.cost_microusd, job.card_channel_id, job.card_message_id,
        (SELECT COUNT(*) FROM picture AS one WHERE one.job_id = gallery.job_id AND one.role = 'result')
        AS drawn,
        EXISTS (
            SELECT 1 FROM favourite WHERE favourite.user_id = :user_id
            AND favourite.picture_id = gallery.picture_id
        ) AS is_favourite
    FROM gallery JOIN picture ON picture.id = gallery.picture_id JOIN job ON job.id = gallery.job_id
    WHERE gallery.id = :id
"""
HIDE = """
    UPDATE gallery SET private = 1, place = TRIM(REPLACE(REPLACE(
        ' ' || place || ' ', ' o' || guild_id || ' ', ' '), ' c' || channel_id || ' ', ' '))
    WHERE picture_id IN (SELECT id FROM picture WHERE job_id = :job_id AND role = 'result') AND private = 0
"""
SHOWN_IN = """
    SELECT gallery.job_id, gallery.channel_id
    FROM gallery_text CROSS JOIN gallery ON gallery.id = gallery_text.rowid
    WHERE gallery_text MATCH :match ORDER BY gallery_text.rowid DESC LIMIT :most
"""
CAPTION = "UPDATE gallery SET caption = :caption WHERE picture_id = :picture_id"
FAVOURITES_OF_JOB = """
    SELECT favourite.picture_id FROM picture
    JOIN favourite ON favourite.user_id = :user_id AND favourite.picture_id = picture.id
    WHERE picture.job_id = :job_id AND picture.role = 'result' ORDER BY picture.ordinal
"""
ADD_FAVOURITE = """
    INSERT INTO favourite (user_id, picture_id, added_at)
    SELECT :user_id, picture_id, :now FROM gallery WHERE picture_id = :picture_id
    ON CONFLICT (user_id, picture_id) DO NOTHING
"""
REMOVE_FAVOURITE = "DELETE FROM favourite WHERE user_id = :user_id AND picture_id = :picture_id"
QUERIES = {"older": OLDER, "newer": NEWER, "find": FIND, "favourites of a card": FAVOURITES_OF_JOB}
"""What the gallery reads, by name, for those who measure it."""


class GalleryRows:
    """The rows of the gallery, and people's favourites among them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def older(
        self, search: Search, who: Requester, before: int | None, hidden: Collection[int], most: int
    ) -> list[Trace]:
        """Return what was found before an id, the newest first; nothing of the channels that are hidden.

        Not all of it may be found by who asks: that is for `may_find` to say.
        """
        values = _values(search, who, hidden, most)
        if before is not None:
            values["before"] = min(before, int(values["before"] or LAST))
        return [_trace(row) for row in await self._database.read(OLDER, values)]

    async def newer(
        self, search: Search, who: Requester, after: int, hidden: Collection[int], most: int
    ) -> list[Trace]:
        """Return what was found after an id, the oldest first; otherwise as `older`."""
        values = _values(search, who, hidden, most)
        values["after"] = max(after, int(values.pop("least") or FIRST) - 1)
        return [_trace(row) for row in await self._database.read(NEWER, values)]

    async def finds(self, ids: Sequence[int], user_id: int) -> tuple[Find, ...]:
        """Return what is still there of what was found, in the order of its ids."""

        def work(connection: sqlite3.Connection) -> list[sqlite3.Row | None]:
            values = ({"id": one, "user_id": user_id} for one in ids)
            return [connection.execute(FIND, value).fetchone() for value in values]

        return tuple(_find(row) for row in await self._database.examine(work) if row is not None)

    async def set_caption(self, picture_id: str, caption: str) -> bool:
        """Keep what a picture shows, in words; False where it is not in the gallery (any more)."""
        values = {"picture_id": picture_id, "caption": jointed(clean(caption))}
        return await self._database.change(CAPTION, values) == 1

    async def favourites_of_job(self, user_id: int, job_id: int) -> tuple[str, ...]:
        """Return which of a job's pictures are someone's favourites, in their order."""
        rows = await self._database.read(FAVOURITES_OF_JOB, {"user_id": user_id, "job_id": job_id})
        return tuple(row["picture_id"] for row in rows)

    async def change_favourites(
        self, user_id: int, add: Collection[str], remove: Collection[str], now: datetime
    ) -> None:
        """Let pictures be someone's favourites, or not any more; those not in the gallery are left out."""

        def work(connection: sqlite3.Connection) -> None:
            values: dict[str, Value] = {"user_id": user_id, "now": to_micros(now)}
            for picture_id in add:
                connection.execute(ADD_FAVOURITE, {**values, "picture_id": picture_id})
            for picture_id in remove:
                connection.execute(REMOVE_FAVOURITE, {**values, "picture_id": picture_id})

        await self._database.write(work)


def insert(connection: sqlite3.Connection, job: Job, pictures: Sequence[Picture], now: datetime) -> None:
    """Let a job's pictures be found; the first of them as the newest, so that they are listed in order."""
    style = None if job.request.style is None else clean(job.request.style.name)
    values = {
        "job_id": job.id,
        "user_id": job.user_id,
        "guild_id": job.guild_id or 0,
        "channel_id": job.channel_id,
        "private": int(not job.is_for_others),
        "place": _place(job, style),
        "model_id": job.plan.model_id,
        "style": style,
        "now": to_micros(now),
    }
    for picture in reversed(pictures):
        prompt = jointed(clean(drawn_of(job, picture)))
        connection.execute(INSERT, {**values, "picture_id": picture.id, "prompt": prompt})


def hide(connection: sqlite3.Connection, job_id: int) -> None:
    """Let a job's pictures be found by their owner alone."""
    connection.execute(HIDE, {"job_id": job_id})


def shown_in(connection: sqlite3.Connection, channel_id: int) -> tuple[int, ...]:
    """Return jobs whose pictures others find in a channel, some at a time."""
    rows = connection.execute(SHOWN_IN, {"match": f"place : c{channel_id}", "most": SOME})
    return tuple(dict.fromkeys(row["job_id"] for row in rows))


def channels(connection: sqlite3.Connection, guild_id: int) -> tuple[int, ...]:
    """Return the channels in which others find a server's newest pictures."""
    rows = connection.execute(SHOWN_IN, {"match": f"place : o{guild_id}", "most": SOME})
    return tuple(dict.fromkeys(row["channel_id"] for row in rows))


def _place(job: Job, style: str | None) -> str:
    """Return the words that a job's pictures are chosen by."""
    guild_id = job.guild_id or 0
    words = [f"u{job.user_id}", f"g{guild_id}", f"m{_mark(job.plan.model_id)}"]
    if style is not None:
        words.append(f"s{_mark(style)}")
    if job.is_for_others:
        words += [f"o{guild_id}", f"c{job.channel_id}"]
    return " ".join(words)


def _mark(name: str) -> str:
    """Return a word that stands for a name, of whatever characters that is."""
    return hashlib.sha256(name.casefold().encode()).hexdigest()[:16]


def _values(search: Search, who: Requester, hidden: Collection[int], most: int) -> dict[str, Value]:
    return {
        "match": match(search, who, hidden),
        "least": FIRST if search.since is None else to_micros(search.since),
        "before": LAST if search.until is None else to_micros(search.until),
        "most": most,
    }


def match(search: Search, who: Requester, hidden: Collection[int] = ()) -> str:
    """Return a search in the words of SQLite's full-text search; BadInput where there is nothing in it."""
    places = [_sight(search.of, who, hidden)]
    places += [f"m{_mark(search.model)}"] if search.model is not None else []
    places += [f"s{_mark(clean(search.style))}"] if search.style is not None else []
    places += [f"f{who.user_id}"] if search.favourites else []
    parts = [f"place : ({' AND '.join(places)})"]
    if search.words:
        *whole, last = sought(search.words)
        phrases = [*(f'"{word}"' for word in whole), f'"{last}"{_star(last)}']
        parts.append(f"{{prompt caption}} : ({' AND '.join(phrases)})")
    return " AND ".join(parts)


def _sight(of: int | None, who: Requester, hidden: Collection[int]) -> str:
    """Return where to look for what someone may find, of one person or of all."""
    own, named = f"u{who.user_id}", f"u{of}"
    if who.guild_id is None:
        return own if of is None else f"({own} AND {named})"
    mine = f"(g{who.guild_id} AND {own})"
    if of == who.user_id:
        return mine
    others = f"o{who.guild_id}"
    if hidden:
        others = f"({others} NOT ({' OR '.join(f'c{channel_id}' for channel_id in sorted(hidden))}))"
    return f"({others} OR {mine})" if of is None else f"({others} AND {named})"


def _star(word: str) -> str:
    """Let a word that may not be typed to its end stand for all that begin with it."""
    return " *" if len(word.rsplit(maxsplit=1)[-1]) >= PREFIX else ""


def _trace(row: sqlite3.Row) -> Trace:
    return Trace(
        id=row["id"],
        user_id=row["user_id"] or 0,
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        private=bool(row["private"]),
        model_id=row["model_id"],
        style=row["style"],
    )


def _find(row: sqlite3.Row) -> Find:
    info = PictureInfo(row["media_type"], row["width"], row["height"], row["size_bytes"])
    return Find(
        id=row["id"],
        picture=Picture(
            row["picture_id"],
            row["job_id"],
            Role(row["role"]),
            row["ordinal"],
            row["blob"],
            info,
            row["seed"],
            row["call_ordinal"],
            caption=row["caption"] and unjointed(row["caption"]),
            is_delicate=bool(row["delicate"]),
        ),
        user_id=row["user_id"] or 0,
        model_id=row["model_id"],
        style=row["style"],
        prompt=unjointed(row["prompt"]),
        created_at=from_micros(row["created_at"]),
        cost_microusd=row["cost_microusd"] // max(1, row["drawn"]),
        is_favourite=bool(row["is_favourite"]),
        card=_card(row),
    )


def _card(row: sqlite3.Row) -> Card | None:
    where, message_id = row["card_channel_id"], row["card_message_id"]
    return None if where is None or message_id is None else Card(where, message_id)
