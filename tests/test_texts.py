from __future__ import annotations

import ast
import asyncio
import re
from pathlib import Path

import pytest

from bot.texts import ENGLISH, language, named, noted, speaking, strung, tr, trn


def test_values_are_filled_in_and_braces_in_values_mean_nothing():
    assert tr("Only {count} of {what} came.", count=2, what="{x}") == "Only 2 of {x} came."


def test_a_count_chooses_its_form():
    assert [
        trn("{count} picture of {who}", "{count} pictures of {who}", n, who="Ann") for n in (0, 1, 2)
    ] == [
        "0 pictures of Ann",
        "1 picture of Ann",
        "2 pictures of Ann",
    ]


def test_a_language_without_a_catalogue_is_answered_in_english():
    with speaking("tlh"):
        assert tr("Nothing was charged.") == "Nothing was charged."


async def test_two_people_are_answered_each_in_their_language():
    met = asyncio.Barrier(2)

    async def answer(chosen: str) -> str:
        with speaking(chosen):
            await met.wait()
            return language()

    assert await asyncio.gather(answer("de"), answer("ja")) == ["de", "ja"]
    assert language() == ENGLISH


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("en", "Model: flux (yours), 1, 2"),
        ("fr", "Model\u00a0: flux (yours), 1, 2"),
        ("ja", "Model：flux（yours）、1、2"),
    ],
)
def test_colons_brackets_and_commas_are_the_languages_own(chosen: str, said: str):
    with speaking(chosen):
        assert strung([named("Model", noted("flux", "yours")), "1", "2"]) == said


@pytest.mark.further
@pytest.mark.parametrize("room", ["bot/ui", "cogs"])
def test_quotation_marks_are_the_languages_own(room: str):
    found = [
        (file.name, node.lineno)
        for file in (Path(__file__).parents[1] / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.JoinedStr) and re.search("[“”]", ast.unparse(node))
    ]

    assert found == []
