"""The list above the composer: commands, choices and what the bot suggests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.page.parts import box, button, dress, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nicegui.element import Element


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row: what it says, and what happens when it is taken."""

    label: str
    take: Callable[[], object]
    detail: str = ""
    note: str = ""


class Suggestions:
    """A list that the keyboard walks through while the focus stays in the field below."""

    def __init__(self) -> None:
        self._rows: list[tuple[Suggestion, Element]] = []
        self._at = 0
        self._box = box("dc-suggest", id="dc-suggest")

    def show(self, title: str, detail: str = "", rows: Sequence[Suggestion] = ()) -> None:
        """Show a heading and rows, the first one highlighted."""
        self._box.clear()
        self._rows, self._at = [], 0
        with self._box:
            with box("dc-suggest-head"):
                words(title, "dc-suggest-title")
                words(detail, "dc-suggest-detail")
            with box("dc-suggest-rows", role="listbox", aria_label=title):
                for row in rows:
                    self._rows.append((row, self._row(row)))
        self._box.classes(add="dc-open", remove="" if rows else "dc-choosing")
        if rows:
            self._box.classes(add="dc-choosing")
        self._mark()

    def hide(self) -> None:
        """Show nothing."""
        self._box.clear()
        self._rows = []
        self._box.classes(remove="dc-open dc-choosing")

    @property
    def is_choosing(self) -> bool:
        """Tell whether there is a row to take."""
        return bool(self._rows)

    def move(self, by: int) -> None:
        """Highlight the next row, or the one before."""
        if self._rows:
            self._at = (self._at + by) % len(self._rows)
            self._mark()
            self._rows[self._at][1].run_method("scrollIntoView", {"block": "nearest"})

    def take(self) -> None:
        """Take the highlighted row."""
        self._rows[self._at][0].take()

    def _row(self, row: Suggestion) -> Element:
        element = button("dc-suggestion", row.take, role="option", tabindex=-1)
        element.on("mousedown", js_handler="(e) => e.preventDefault()")
        with element:
            with box("dc-suggestion-words", "span"):
                words(row.label, "dc-suggestion-label")
                if row.detail:
                    words(row.detail, "dc-suggestion-detail")
            if row.note:
                words(row.note, "dc-suggestion-note")
        return element

    def _mark(self) -> None:
        for index, (_, element) in enumerate(self._rows):
            dress(element, aria_selected="true" if index == self._at else "false")
