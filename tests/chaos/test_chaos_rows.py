"""The list of faults is whole, and names tests that exist."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
LIST = Path(__file__).with_name("faults.md").read_text()
ROWS = 62


def rows() -> dict[int, str]:
    """Return what stands below each heading."""
    parts = re.split(r"^## (\d+)\. .+$", LIST, flags=re.MULTILINE)
    return {int(number): below for number, below in zip(parts[1::2], parts[2::2], strict=True)}


@cache
def functions_of(name: str) -> set[str]:
    file = TESTS / name
    return set(re.findall(r"\bdef (test_\w+)", file.read_text())) if file.is_file() else set()


def test_no_row_is_missing_and_none_is_empty():
    assert list(rows()) == list(range(1, ROWS + 1))
    said = re.compile(r"^- (`|→ \w)", re.MULTILINE)
    assert [number for number, below in rows().items() if not said.search(below)] == []


def test_every_test_that_is_named_exists():
    named = re.findall(r"^- `(.+)::(\w+)`$", LIST, re.MULTILINE)

    assert len(named) > 2 * ROWS
    assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == []
