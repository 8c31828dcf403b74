from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.gallery import MOST_WORDS, jointed, moment, sought, unjointed
from bot.errors import BadInput
from bot.texts import speaking

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "ends", "means"),
    [
        ("today", False, "2026-11-20T23:00"),
        ("today", True, "2026-11-21T23:00"),
        (" Yesterday ", False, "2026-11-19T23:00"),
        ("2026-03-28", True, "2026-03-28T23:00"),
        ("2026-03-29", True, "2026-03-29T22:00"),
        ("7d", False, "2026-11-13T23:30"),
        ("2 weeks ago", True, "2026-11-06T23:30"),
        ("1y", False, "2025-11-20T23:30"),
        ("７ｄ", False, "2026-11-13T23:30"),
    ],
)
def test_a_day_is_a_day_of_the_zone_and_its_end_is_the_next(written: str, ends: bool, means: str):
    assert moment(written, NOW, BERLIN, ends=ends) == datetime.fromisoformat(f"{means}+00:00")


def test_today_and_yesterday_are_known_in_the_language_of_whoever_asks():
    with speaking("ja"):
        assert moment("昨日", NOW, BERLIN) == moment("yesterday", NOW, BERLIN)
        assert moment("今日", NOW, BERLIN) == moment("today", NOW, BERLIN)


@pytest.mark.parametrize(
    "written", ["", "soon", "2026-13-01", "9999y", "d", "-1d", "9999-12-31", "0001-01-01", "1²d"]
)
def test_what_is_no_time_is_said_to_be_none(written: str):
    with pytest.raises(BadInput, match="Write a time"):
        moment(written, NOW, BERLIN, ends=True)


@given(st.text())
def test_whatever_is_written_is_only_letters_numbers_and_marks_afterwards(words: str):
    try:
        found = sought(words)
    except BadInput:
        return

    assert 0 < len(found) <= MOST_WORDS
    assert not set("".join(found)) & set("\"'*^:(){}-+\x00\u200b")
    assert all(word.strip() == word != "" for word in found)


@given(st.text(st.characters(exclude_characters="\u200b")))
def test_joints_are_taken_out_again(words: str):
    assert unjointed(jointed(words)) == words
