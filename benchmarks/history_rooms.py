"""What the gallery and conversations hold after a long history, and what is asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.gallery import Search
from bot.domain.requests import Requester
from bot.storage import gallery, threads, turn_rows, turns

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANNEL = 700
PAGE = 10
LONG = 20
"""Turns of a conversation."""
WORD = "lighthouse"
"""A tenth of all prompts hold it."""

FOUND = """
    INSERT INTO gallery
        (id, picture_id, job_id, user_id, guild_id, channel_id, private, place, model_id, style, prompt,
        created_at)
    SELECT created_at, id || '-0', id, user_id, :server, 700, 0,
        'u' || user_id || ' g' || :server || ' m0 o' || :server || ' c700', 'm', NULL,
        CASE (id - :first) % 10 WHEN 1 THEN 'a lighthouse at dusk' ELSE 'boat number ' || (id - :first) END,
        created_at
    FROM job WHERE state = 'settled'
"""
FAVOURITES = """
    INSERT INTO favourite (user_id, picture_id, added_at)
    SELECT :person, id || '-0', created_at FROM job WHERE state = 'settled' AND (id - :first) % 100 = 1
"""
TURNS = """
    INSERT INTO turn
        (id, channel_id, guild_id, parent_id, speaker, user_id, name, text, reasoning, annotations, job_id,
        forgotten, awaiting, private, created_at)
    SELECT id - :first + 1, 700, :server, CASE WHEN (id - :first) % 20 THEN id - :first END,
        CASE (id - :first) % 2 WHEN 0 THEN 'person' ELSE 'easel' END, :person, 'Ann', 'What is a boat?', '',
        '[]', NULL, 0, CASE WHEN state = 'queued' AND (id - :first) % 2 = 0 THEN 1 ELSE 0 END, 0, created_at
    FROM job
"""
MESSAGES = """
    INSERT INTO turn_message (message_id, turn_id, position) SELECT id, id - :first + 1, 0 FROM job
"""
SUMMARIES = """
    INSERT INTO turn_summary (turn_id, text, created_at)
    SELECT id - :first + 1, 'They spoke of boats.', created_at FROM job WHERE (id - :first) % 20 = 10
"""
TIDY = "INSERT INTO gallery_text (gallery_text) VALUES ('optimize')"
"""In how many parts the index lies at a moment comes of when SQLite last merged some; a search asks each."""
FILL = (FOUND, FAVOURITES, TIDY, TURNS, MESSAGES, SUMMARIES)
"""Of each job one picture in the gallery and one turn, all in one channel."""

Question = tuple[str, dict[str, Any]]


def found(person: int, server: int, newest: int) -> Iterator[tuple[str, Question]]:
    """Yield what the gallery asks, by what it is for: the first page of everything someone may look for."""
    who = Requester(person, server, CHANNEL)
    for name, search in {
        "the gallery, all": Search(),
        "the gallery, one person's": Search(of=person),
        "the gallery, a word": Search(words=f"{WORD} dusk"),
        "the gallery, the beginning of a word": Search(words=WORD[:3]),
        "the gallery, more of a word": Search(words=WORD[:6]),
        "the gallery, favourites with it": Search(words=WORD[:6], favourites=True),
        "the gallery, favourites": Search(favourites=True),
    }.items():
        values = {"match": gallery.match(search, who), "before": gallery.LAST, "most": PAGE}
        yield name, (gallery.OLDER, values | {"least": gallery.FIRST})
    yield "a find of the gallery", (gallery.FIND, {"id": newest, "user_id": person})


def said(first_message: int, turn: int) -> Iterator[tuple[str, Question]]:
    """Yield what a conversation asks, of a turn in the middle of one."""
    begun = (turn - 1) // LONG * LONG
    of_turn = {"id": begun + LONG, "channel_id": CHANNEL}
    yield (
        "the turn of a message",
        (
            turns.OF_MESSAGE,
            {"message_id": first_message + begun + LONG - 1, "channel_id": CHANNEL},
        ),
    )
    yield "what was said before a turn", (turns.LEADING_TO, of_turn | {"most": 10 * LONG})
    yield "the answer to a question", (turns.ANSWER, {"id": begun + LONG - 1, "channel_id": CHANNEL})
    yield "a channel's latest turn", (turns.LATEST, {"channel_id": CHANNEL})
    yield "a turn's files", (turn_rows.FILES, {"turn_id": begun + LONG})
    yield "a turn's summary", (turns.SUMMARY, {"turn_id": begun + LONG // 2 + 1})
    yield "questions without an answer", (turns.AWAITING, {})
    yield "a channel's thread", (threads.GET, {"channel_id": CHANNEL})
