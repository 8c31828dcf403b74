"""How step 0003 lets the gallery be searched, and finds what was drawn before it was there."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

STATEMENTS = (
    "DROP TABLE gallery_text",
    """
    CREATE VIRTUAL TABLE gallery_text USING fts5(
        place, prompt, caption, content='gallery', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='2 3'
    )
    """,
    """
    CREATE TRIGGER favourite_added AFTER INSERT ON favourite BEGIN
        UPDATE gallery SET place = place || ' f' || NEW.user_id WHERE picture_id = NEW.picture_id;
    END
    """,
    """
    CREATE TRIGGER favourite_removed AFTER DELETE ON favourite BEGIN
        UPDATE gallery SET place = TRIM(REPLACE(' ' || place || ' ', ' f' || OLD.user_id || ' ', ' '))
        WHERE picture_id = OLD.picture_id;
    END
    """,
    """
    CREATE TRIGGER gallery_forgets_people AFTER UPDATE OF user_id ON gallery WHEN NEW.user_id IS NULL BEGIN
        UPDATE gallery SET place = TRIM(REPLACE(' ' || place || ' ', ' u' || OLD.user_id || ' ', ' '))
        WHERE id = NEW.id;
    END
    """,
)
"""In SQLite's words; PostgreSQL will want its own beside them."""
DRAWN = """
    SELECT picture.id AS picture_id, job_id, user_id, guild_id, channel_id, request, plan, call_ordinal,
        picture.created_at AS created_at
    FROM picture JOIN job ON job.id = picture.job_id
    WHERE picture.role = 'result' AND job.state IN ('delivered', 'settled')
    ORDER BY picture.created_at, job_id, picture.ordinal DESC
"""
INSERT = sa.text("""
    INSERT INTO gallery
        (id, picture_id, job_id, user_id, guild_id, channel_id, private, place, model_id, style, prompt,
        created_at)
    VALUES (:id, :picture_id, :job_id, :user_id, :guild_id, :channel_id, :private, :place, :model_id, :style,
        :prompt, :created_at)
""")
AT_ONCE = 500
ALONE = (
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
BETWEEN = re.compile(rf"(?<={ALONE})(?=\w)|(?<=\w)(?={ALONE})")
"""As the bot does it: a joint that shows nothing lets each character be found of scripts without spaces."""


def fill(connection: sa.Connection) -> None:
    """Add a row for each picture that was shown, a few hundred at a time; newer ones have greater ids."""
    rows = enumerate(connection.execute(sa.text(DRAWN)).mappings(), start=1)
    found = (_row(n, dict(row)) for n, row in rows)
    for some in _some(found):
        connection.execute(INSERT, some)


def _some(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(itertools.islice(rows, AT_ONCE)):
        yield some


def _row(n: int, found: dict[str, Any]) -> dict[str, Any]:
    """Return the row of the n-th picture; its id is a moment, and greater than those before."""
    request, plan = json.loads(found.pop("request")), json.loads(found.pop("plan"))
    call, style = found.pop("call_ordinal"), request.get("style")
    variants, private = request.get("variants"), bool(request["private"])
    prompt = variants[plan["calls"][call][3]] if variants and call is not None else request["prompt"]
    guild_id = found["guild_id"] or 0
    words = [f"u{found['user_id']}"] if found["user_id"] is not None else []
    words += [f"g{guild_id}", f"m{_mark(plan['model_id'])}"]
    words += [f"s{_mark(_clean(style[0]))}"] if style else []
    words += [] if private else [f"o{guild_id}", f"c{found['channel_id']}"]
    return found | {
        "id": found["created_at"] + n,
        "guild_id": guild_id,
        "private": int(private),
        "place": " ".join(words),
        "model_id": plan["model_id"],
        "style": _clean(style[0]) if style else None,
        "prompt": BETWEEN.sub("\u200b", _clean(prompt)),
    }


def _mark(name: str) -> str:
    return hashlib.sha256(name.casefold().encode()).hexdigest()[:16]


def _clean(words: str) -> str:
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
