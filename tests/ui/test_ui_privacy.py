from __future__ import annotations

from german_kit import german

from bot.domain.privacy import Holdings
from bot.texts import speaking
from bot.ui.privacy import lines

__all__ = ["german"]


def test_sizes_are_written_as_the_reader_writes_numbers(german):
    holdings = Holdings(pictures=1, picture_bytes=1_572_864)

    assert lines(holdings) == ["1 picture, 1.50 MB"]
    with speaking("de"):
        (said,) = lines(holdings)
    assert "1,50" in said
