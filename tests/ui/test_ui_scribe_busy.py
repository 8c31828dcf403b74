"""What stands for an answer whose model is busy."""

from __future__ import annotations

import re

import pytest
from scribe_kit import begin, place, shown, writes
from time_kit import settle

from bot.texts import speaking
from bot.ui.laying import THINKING

__all__ = ["begin", "place"]


@pytest.fixture
async def thinking(begin, place, remote, loop_clock):
    """Return an answer that says that it is thought about."""
    scribe = begin(place)
    await settle()
    await loop_clock.move(4.1)
    await shown(remote, 1)
    return scribe


def said(remote):
    """Return what was posted and edited, moments apart."""
    return [(how, re.sub("<t:[0-9]+:R>", "<when>", text)) for how, text in writes(remote)]


async def test_it_says_when_the_model_is_asked_again_and_later_that_it_thinks(thinking, remote, loop_clock):
    thinking.held_up(20.0)
    await loop_clock.move(2.1)
    await shown(remote, 2)
    thinking.held_up(0.0)
    await loop_clock.move(2.1)
    await shown(remote, 3)

    assert said(remote) == [
        ("post", THINKING),
        ("edit", "-# The model is busy · Easel asks again <when>"),
        ("edit", THINKING),
    ]


async def test_nothing_more_is_posted_for_it_than_for_thinking(begin, place, remote, loop_clock):
    scribe = begin(place)
    await settle()
    scribe.held_up(20.0)
    await loop_clock.move(3.0)
    early = said(remote)
    await loop_clock.move(1.1)
    await shown(remote, 1)

    assert early == []
    assert said(remote) == [("post", "-# The model is busy · Easel asks again <when>")]


async def test_changes_are_two_seconds_apart_and_none_where_all_is_as_before(thinking, remote, loop_clock):
    await loop_clock.move(2.1)
    thinking.held_up(20.0)
    await shown(remote, 2)
    for seconds in (0.0, 9.0, 0.0, 30.0):
        thinking.held_up(seconds)
    await loop_clock.move(1.0)
    early = len(said(remote))
    await loop_clock.move(1.1)
    await shown(remote, 3)
    thinking.held_up(0.0)
    thinking.held_up(30.0)
    await loop_clock.move(5.0)

    assert early == 2
    assert [how for how, _ in said(remote)] == ["post", "edit", "edit"]


async def test_the_first_words_wait_for_nothing(thinking, remote):
    thinking.held_up(20.0)
    await thinking.hear("Light")
    await shown(remote, 2)

    assert said(remote) == [("post", THINKING), ("edit", "Light")]


async def test_it_speaks_the_language_of_who_asked(begin, place, remote, loop_clock):
    with speaking("de"):
        scribe = begin(place)
    await settle()
    scribe.held_up(20.0)
    await loop_clock.move(4.1)
    await shown(remote, 1)

    ((_, text),) = said(remote)
    assert text == "-# Das Modell ist ausgelastet · Easel fragt <when> noch einmal"
