"""How many answers are being written at once, as Discord takes only so much of one bot."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

CHANGES_PER_S = 20
"""Discord takes 50 requests a second of one bot: others than these want theirs of them."""


class Crowd:
    """The answers that change as their words come."""

    def __init__(self) -> None:
        self._present = 0

    @contextmanager
    def joined(self) -> Generator[None]:
        """Count one more while the block runs."""
        self._present += 1
        try:
            yield
        finally:
            self._present -= 1

    def every_s(self) -> float:
        """Return how many seconds each has to leave between two changes, so that all have their turn."""
        return self._present / CHANGES_PER_S


EVERYBODY = Crowd()
"""All answers of this process: Discord counts the requests of a bot, not of a channel."""
