from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ui.text import cut, meter, plain, when

PING = re.compile(r"@(everyone|here)|<@[!&]?\d{17,20}>")
PIECES = st.sampled_from(
    [
        "@everyone",
        "@here",
        "<@12345678901234567>",
        "<@&12345678901234567>",
        "@\u200beveryone",
        "@\u202eeveryone",
        "**",
        "`",
        "||",
        "# ",
        "> ",
        "[a](https://b)",
        "\u202e",
        "\u200d",
        "\x00",
        "\n",
        "🧑‍🎨",
        "é",
        " ",
    ]
)
WORDS = st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join)


@given(WORDS, st.integers(1, 120))
@example("@\u200beveryone", 100)
@example("@\x00here", 100)
@example("*" * 50, 20)
def test_words_never_ping_never_hide_and_never_grow_past_the_limit(words: str, limit: int):
    shown = plain(words, limit)

    assert len(shown) <= limit
    assert not PING.search(shown)
    ours = shown.replace("@\u200b", "@")
    assert not [
        char for char in ours if char not in "\n\u200d" and unicodedata.category(char) in {"Cc", "Cf", "Co"}
    ]


@given(st.text("*_`~|", min_size=1, max_size=30))
def test_every_mark_of_markdown_is_escaped(marks: str):
    shown = plain(marks, 1000)

    assert shown == "".join(f"\\{mark}" for mark in marks)


@given(WORDS, st.integers(1, 60))
def test_what_is_cut_ends_in_an_ellipsis_and_never_in_half_an_escape(words: str, limit: int):
    shown = plain(words, limit)

    if len(plain(words, 10_000)) > limit:
        assert shown.endswith("…")
        assert not re.search(r"(?<!\\)(\\\\)*\\…$", shown)


@pytest.mark.parametrize(
    "text",
    ["[https://discord.com](https://evil.example)", "# big", "> quote", "-# small", "- item", "||spoiler||"],
)
def test_nothing_is_shown_as_something_else(text: str):
    assert plain(text, 1000) != text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u2066c\ufeff", "abc"),
        ("family 👩\u200d👧", "family 👩\u200d👧"),
        ("two\nlines", "two\nlines"),
        ("\ue000private", "private"),
        ("bell\x07", "bell"),
    ],
    ids=["bidi", "joined emoji", "line break", "private use", "control"],
)
def test_hidden_characters_go_and_visible_ones_stay(text: str, shown: str):
    assert plain(text, 100) == shown


def test_text_that_fits_is_left_alone():
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"


@given(st.integers(0, 1000), st.integers(0, 100))
@example(99, 100)
def test_a_meter_is_always_as_wide_and_empty_only_when_nothing_is_left(used: int, cap: int):
    bar = meter(used, cap)

    assert len(bar) == 10
    assert ("▰" in bar) == (used < cap)


def test_a_meter_empties():
    assert [meter(used, 10) for used in (0, 5, 10)] == ["▰" * 10, "▰" * 5 + "▱" * 5, "▱" * 10]


def test_a_moment_is_shown_in_the_reader_s_own_time():
    assert when(datetime(2026, 11, 22, tzinfo=UTC)) == "<t:1795305600:f> (<t:1795305600:R>)"
