from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.blocked import MOST_CHARACTERS, How, Slow, WordList, entry
from bot.errors import BadInput

LIST = (
    "gore",
    "blood bath",
    "*nazi*",
    "kill*",
    "ass",
    "хуй",
    "血腥",
    "🍆",
    "/b[o0]{2}m+/",
)


def found(text: str, *lines: str) -> str | None:
    words = WordList.of(map(entry, lines or LIST))
    one = words.find([text]) or words.search([text])
    return None if one is None else one.written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("some gore", "gore"),
        ("GORE!", "gore"),
        ("Gôrè", "gore"),
        ("g\u200bo\u00adre", "gore"),
        ("gоrе", "gore"),
        ("ｇｏｒｅ", "gore"),
        ("𝐠𝐨𝐫𝐞", "gore"),
        ("🅶🅾🆁🅴", "gore"),
        ("g0r3", "gore"),
        ("goooooore", "gore"),
        ("g.o.r.e", "gore"),
        ("g o r e", "gore"),
        ("a blood,\nbath", "blood bath"),
        ("neonazism", "*nazi*"),
        ("killers", "kill*"),
        ("a55", "ass"),
        ("какой ХУЙ", "хуй"),
        ("我要血腥画", "血腥"),
        ("an 🍆!", "🍆"),
        ("B00MMM", "/b[o0]{2}m+/"),
        ("go.re", "gore"),
        ("some go-re, please", "gore"),
        ("go|re", "gore"),
        ("||go||re", "gore"),
        ("go\nre", "gore"),
        ("go\r\nre", "gore"),
        ("go_re", "gore"),
        ("**g**ore", "gore"),
        ("<g>ore", "gore"),
        ("go/re", "gore"),
        ("a very.go.re thing", "gore"),
        ("g0-r3", "gore"),
        ("gooo-re", "gore"),
        ("**k**illers", "kill*"),
        ("na-zi", "*nazi*"),
        ("blood-bath", "blood bath"),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, written: str):
    assert found(text) == written


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "classy assessment", "a skill", "ignore it", "blood in a bath", "24 5", "forgo red"),
        *("boom", "go, re", "go re", "go. Re-enter", "go-real", "Ego-re", "a go - re", "go\n\nre"),
        *("let it go\n re", "Tirana-Zimbabwe", "as's", "as 's"),
    ],
)
def test_what_only_looks_like_it_is_let_in(text: str):
    assert found(text, *(line for line in LIST if not line.startswith("/"))) is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "*",
        "**",
        "?",
        "...",
        "x" * (MOST_CHARACTERS + 1),
        "/[/",
        "/a*/",
        "/(a+)+$/",
        "/(x+x+)+y/",
        f"/{'a' * 300}/",
        "/a{9999999}/",
        "(a+)+$",
        "g[o0]re",
        "f*ck",
        "c++",
        "a$$",
        "🍆 pic",
    ],
)
def test_a_line_that_could_not_be_looked_for_is_refused(line: str):
    with pytest.raises(BadInput):
        entry(line)


def test_what_is_watched_is_marked_and_written_as_it_was():
    one = entry(" ?weird   thing ")

    assert (one.written, one.is_watched, one.how) == ("?weird thing", True, How.WORDS)


def test_a_pattern_that_was_let_in_is_bounded_all_the_same():
    slow = WordList.of([entry("/(a+)+$/", is_tried=True)])
    began = time.perf_counter()

    with pytest.raises(Slow):
        slow.search(["a" * 6000 + "!"])

    assert time.perf_counter() - began < 2


def test_an_entry_that_is_kept_already_goes_on_meaning_what_it_meant():
    assert entry("who?", is_tried=True).sought == " who "


def test_signs_within_words_are_looked_through_in_no_time():
    words = WordList.of(
        [*(entry(f"word{n}x") for n in range(250)), *(entry(f"*part{n}y*") for n in range(50))]
    )
    began = time.perf_counter()

    assert words.find(["a.b-c1|" * 850]) is None

    assert time.perf_counter() - began < 1


@given(st.text(max_size=300))
def test_every_text_can_be_read(text: str):
    words = WordList.of(map(entry, ("gore", "*nazi*", "🍆", "blood bath")))

    words.find([text])
    assert words.find([f"{text} gore"]) is not None


@given(st.text(max_size=60))
def test_every_line_is_an_entry_that_finds_itself_or_is_refused(line: str):
    try:
        one = entry(line)
    except BadInput:
        return

    if one.how is not How.PATTERN:
        assert WordList.of([one]).find([one.written.lstrip("?")]) is one
