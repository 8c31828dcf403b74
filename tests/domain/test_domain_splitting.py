from __future__ import annotations

import re

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.splitting import LIMIT, split

PIECES = [
    *("word", "a", "longer words that go on", "schön", "日本語。", "ไทย", "x" * 70, "é" * 9),
    *("🇩🇪🇫🇷", "👩\u200d👩\u200d👧", " ", "  ", "\n", "\n\n", "\n \n", ". ", "! ", "\t", ":"),
    *("`", "``", "```", "\n```\n", "\n```py\n", "\n````md\n", "`code here`", "**bold**"),
    *("\n- item ", "\n| a | b |", "\n1. one", "\n# Head\n", "\n> said", "<@123456789012345678>", "<@&1>"),
    *("https://example.org/a?b=c", "[a link](https://example.org)", "[", "]("),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=400)
LIMITS = st.integers(100, 180)
CODES = st.lists(
    st.sampled_from(["x = 1", "", "    y(2)  # why", "z" * 30, "`a`", "é"]), min_size=1, max_size=12
)


def bare(text: str) -> str:
    """Return a text without whitespace."""
    return re.sub(r"\s", "", text)


@given(TEXTS, LIMITS)
@example("`" * 300, 100)
@example("a" * 98 + "```", 100)
def test_every_part_fits_and_shows_something(text: str, limit: int):
    parts = split(text, limit)

    assert all(len(part) <= limit and part.strip() == part != "" for part in parts)


@given(TEXTS, LIMITS, st.data())
@example("```py\n" + "x" * 89 + "``" + "`", 100, None)
def test_a_part_that_has_another_after_it_never_changes_again(
    text: str, limit: int, data: st.DataObject | None
):
    ends = range(len(text)) if data is None else [data.draw(st.integers(0, len(text)))]

    for end in ends:
        written = split(text[:end], limit)[:-1]
        assert written == split(text, limit)[: len(written)]


@given(TEXTS.map(lambda text: text.replace("```", "")), LIMITS)
def test_prose_loses_nothing_but_the_whitespace_at_its_borders(text: str, limit: int):
    assert bare("".join(split(text, limit))) == bare(text)


@given(
    CODES, st.sampled_from(["", "Look:\n", "word " * 15 + "\n\n"]), st.sampled_from(["", "\nand on"]), LIMITS
)
def test_a_block_that_fits_is_in_one_part_whole(lines: list[str], before: str, after: str, limit: int):
    block = "```py\n" + "\n".join(["first", *lines])[: limit - 12] + "\n```"

    parts = split(before + block + after, limit)

    assert any(block in part for part in parts)


@given(st.lists(st.sampled_from(["x = 1", "    y(2)", "z" * 60]), min_size=40, max_size=80), LIMITS)
def test_every_part_of_a_longer_block_is_a_block_of_its_language_and_of_whole_lines(
    lines: list[str], limit: int
):
    parts = split("```py\n" + "\n".join(lines) + "\n```\nThat is all.", limit)

    blocks = [part.partition("\nThat is all.")[0] for part in parts]
    blocks = [block for block in blocks if block != "That is all."]
    assert all(block.startswith("```py\n") and block.endswith("\n```") for block in blocks)
    inside = "\n".join(block.removeprefix("```py\n").removesuffix("\n```") for block in blocks)
    assert inside.splitlines() == lines


@given(st.integers(0, 60), st.sampled_from(["👩‍👩‍👧‍👦", "🇩🇪", "e\u0301", "👍🏽", "क्षि"]), LIMITS)
def test_no_grapheme_is_cut(start: int, grapheme: str, limit: int):
    text = "a" * start + grapheme * 60

    parts = split(text, limit)

    assert [one for part in parts for one in regex.findall(r"\X", part)] == regex.findall(r"\X", text)


@pytest.mark.parametrize(
    "piece",
    [
        "<@123456789012345678>",
        "<a:party:123456789012345678>",
        "[the words of a link](https://example.org/and/where)",
        "https://example.org/a/path/that/is/long",
        "`some words of code`",
    ],
)
@given(st.integers(0, 140), st.sampled_from(["a", "b c. ", "語"]))
def test_links_mentions_and_code_words_are_of_one_piece(piece: str, start: int, filling: str):
    text = (filling * 140)[:start] + piece + " " + "end " * 30

    assert any(piece in part for part in split(text, 100))


def test_paragraphs_go_before_lines_lines_before_sentences_and_those_before_words():
    paragraph, sentence = "One line.\nAnd a second. It ends.", "Words that make a sentence. " * 5

    assert split(paragraph + "\n\n" + paragraph + "\n\n" + paragraph + "\n\n" + paragraph, 110) == (
        "\n\n".join([paragraph] * 3),
        paragraph,
    )
    assert split("a" * 60 + "\n" + "b" * 30 + " " + "c" * 30, 100) == ("a" * 60, "b" * 30 + " " + "c" * 30)
    assert split(sentence, 100)[0] == sentence[:83]
    assert split("word " * 30, 100)[0] == "word " * 19 + "word"


def test_rows_of_tables_and_lists_are_whole():
    rows = [f"| {n} | a cell with words. And more words |" for n in range(12)]

    parts = split("\n".join(rows), 130)

    assert [row for part in parts for row in part.splitlines()] == rows


def test_a_heading_is_not_left_behind_by_what_it_is_over():
    parts = split("a" * 70 + "\n\n## Next\n\n" + "word " * 15, 100)

    assert parts == ("a" * 70, "## Next\n\n" + ("word " * 15).strip())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Look:\n```py", "Look:"),
        ("Look:\n```py\n", "Look:"),
        ("Look:\n```py\nx = 1", "Look:\n```py\nx = 1\n```"),
        ("Look:\n```py\nx = 1\n``", "Look:\n```py\nx = 1\n```"),
        ("Look:\n```py\nx = 1\n```", "Look:\n```py\nx = 1\n```"),
    ],
)
def test_a_block_that_is_still_being_written_shows_as_a_block(written: str, shown: str):
    assert split(written) == (shown,)


@pytest.mark.parametrize("text", ["", "  \n ", "```", "```py\n", "```\n\n```"])
def test_nothing_makes_no_part(text: str):
    assert split(text) == ()


def test_characters_are_counted_as_discord_counts_them():
    assert split("🎨" * LIMIT) == ("🎨" * LIMIT,)
    assert [len(part) for part in split("🎨" * (LIMIT + 1))] == [LIMIT, 1]
