"""What is measured, what it is held to, and how runs become one figure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Values = dict[str, float]
"""A measure's values in one run, by contender: `easel`, and where there is one `bare` and `limit`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    `ahead` is the target: of the ratio Easel to bare, or of Easel's own value where `is_absolute`.
    """

    key: str
    says: str
    unit: str
    ahead: float | None = None
    better: Literal["less", "more"] = "less"
    is_absolute: bool = False


FIGURES = (
    Figure("P1 p50", "time to acknowledge, idle, p50", "ms", 1.3),
    Figure("P1 p99", "time to acknowledge, idle, p99", "ms", 1.3),
    Figure("P2", "time to acknowledge, 100 pictures of 2 MiB under way, p99", "ms", 0.25),
    Figure("P2 p50", "the same, p50", "ms"),
    Figure("P2 lost", "orders that brought no picture, of 400", "", 0, is_absolute=True),
    Figure("P3", "processor time for a picture of 2 MiB, checked", "ms", 1.1),
    Figure("P3 rest", "the same without the time to decode it for the check", "ms", 0.5),
    Figure("P4", "pictures a second and core, without that check", "/s", 2.0, "more"),
    Figure("P5", "peak of memory, 100 pictures of 2 MiB", "MiB", 0.3),
    Figure("P6", "peak of memory, 100 pictures of 10 MiB", "MiB", 0.15),
    Figure("P6 lost", "orders of these that brought no picture, of 100", "", 0, is_absolute=True),
    Figure("P7", "memory of a call that waits for the model", "KiB", 100, is_absolute=True),
    Figure("P8", "time beyond the model's own, 10 under way, p50", "ms", 0.4),
    Figure("P9", "decoding a reply of 10 MiB", "ms", 0.06),
    Figure("P9 memory", "memory for it", "MiB", 0.26),
    Figure("P10", "jobs opened and their price held, 200 at once, a second", "/s", 2.8, "more"),
    Figure("P10 over", "holds beyond the limit of 50, of 200 at once", "", 0, is_absolute=True),
    Figure("P11", "a phone's photo of 12 megapixels made ready, 2048 pixels", "ms", 0.32),
    Figure("P11 small", "the same, 1024 pixels", "ms", 0.32),
    Figure("P12 p99", "lag of the event loop during 40 of these, p99", "ms", 4, is_absolute=True),
    Figure("P12 max", "the same, at most", "ms", 15, is_absolute=True),
    Figure("P13", "messages of others taken in, a second and core", "/s", 3.5, "more"),
    Figure("P14", "allowance against defer and edit, a second and core", "/s", 0.8, "more"),
    Figure("P14 one", "allowance against one plain answer, a second and core", "/s", 0.8, "more"),
    Figure("mentions", "streamed answers a second, 200 people at once with a mention each", "/s", 3, "more"),
    Figure("mentions lost", "of these, not answered", "", 0, is_absolute=True),
    Figure("mentions cpu", "processor time for one of them", "ms"),
    Figure("P15", "start until ready", "s", 0.7, is_absolute=True),
    Figure("P15 first", "the first start, with an empty folder", "s"),
    Figure("P16", "1000 jobs found delivered after a crash, settled", "s", 1, is_absolute=True),
    Figure("P16 sent", "1000 jobs found sent after a crash, ended and people told", "s"),
    Figure("P17 rss", "memory gained in an hour, by a short soak", "MiB/h", 1, is_absolute=True),
    Figure("P17 files", "open files gained", "", 0, is_absolute=True),
    Figure("P17 wal", "write-ahead log at its largest", "MiB", 64, is_absolute=True),
)


@dataclass
class Outcome:
    """A figure over its runs."""

    figure: Figure
    runs: list[Values] = field(default_factory=list[Values])

    def median(self, contender: str) -> float | None:
        """Return a contender's middle value, or None where it was not measured."""
        values = [run[contender] for run in self.runs if contender in run]
        return statistics.median(values) if values else None

    @property
    def ratio(self) -> float | None:
        """Return the middle of the runs' own ratios Easel to bare: both sides of each are of one run."""
        ratios = [run["easel"] / run["bare"] for run in self.runs if run.get("bare")]
        return statistics.median(ratios) if ratios else None

    @property
    def is_ahead(self) -> bool | None:
        """Tell whether the target is reached; None where there is none."""
        figure = self.figure
        value = self.median("easel") if figure.is_absolute else self.ratio
        if figure.ahead is None or value is None:
            return None
        return value <= figure.ahead if figure.better == "less" else value >= figure.ahead


def gather(measured: Iterable[tuple[str, Values]]) -> list[Outcome]:
    """Sort what was measured by figure, in the order of the table."""
    outcomes = {figure.key: Outcome(figure) for figure in FIGURES}
    for key, values in measured:
        outcomes[key].runs.append(values)
    return [outcome for outcome in outcomes.values() if outcome.runs]


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a table in Markdown."""
    heads = ("", "what", "unit", "bare", "Easel", "limit", "Easel / bare", "target", "")
    rows = [heads, tuple("---" for _ in heads), *map(_row, outcomes)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(outcome: Outcome) -> tuple[str, ...]:
    figure = outcome.figure
    sign = {"less": "≤", "more": "≥"}[figure.better]
    target = "" if figure.ahead is None else f"{sign} {_shown(figure.ahead)}"
    if target and not figure.is_absolute:
        target += " ×"
    values = [_shown(outcome.median(name)) for name in ("bare", "easel", "limit")]
    ratio = f"{_shown(outcome.ratio)} ×" if outcome.ratio is not None else ""
    verdict = {True: "ahead", False: "short", None: ""}[outcome.is_ahead]
    return (figure.key, figure.says, figure.unit, *values, ratio, target, verdict)


def _shown(value: float | None) -> str:
    """Return a number with as many digits as mean something."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
