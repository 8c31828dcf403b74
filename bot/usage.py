"""What was spent, as a table for the operator: the figures of /manage usage, of all servers or one."""

from __future__ import annotations

import csv
import io
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.money import in_dollars, show
from bot.domain.usage import By, Report
from bot.services.reconciliation import last
from bot.services.usage import last_days
from bot.storage.database import Database
from bot.storage.meta import Meta
from bot.storage.usage import UsageRows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.usage import Amount
    from bot.settings import Settings

NAMED = {
    By.PERSON: {"0": "nobody: captions, deleted data"},
    By.SERVER: {"0": "direct messages"},
    By.MODEL: {"": "unknown"},
}
"""What stands in the table for what has no id; the CSV has it as it is."""
HEADINGS = ("requests", "pictures", "messages", "charged", "held", "absorbed")


async def spending(
    settings: Settings, days: int, *, by: By = By.DAY, server: int | None = None, as_csv: bool = False
) -> str:
    """Return what the last days cost; StartupError where the database cannot be read.

    Charged is what people paid with their allowances, held is reserved for jobs under way, and absorbed is
    what the provider billed without giving a picture, which nobody is charged for. The table has its sum at
    the end; the CSV has none, its amounts are in dollars, and 0 is no server or nobody.
    """
    async with aclosing(await Database.open_beside(settings.database_url)) as database:
        stretch = last_days(days, datetime.now(UTC), settings.zone)
        entries = await UsageRows(database).entries(stretch, server)
        compared = await last(Meta(database))
    report = Report(tuple(day for day, _ in stretch), entries)
    if as_csv:
        return _csv(report, by)
    shown = table(report, by)
    return shown if compared is None else f"{shown}\n\nReconciled: {compared}"


def table(report: Report, by: By) -> str:
    """Return a report as aligned columns with their sum below; days come the newest first."""
    named = [(NAMED.get(by, {}).get(key, key), *cells) for key, *cells in _rows(report, by, show)]
    rows = [(by.value, *HEADINGS), *named, ("all", *_cells(report.total, show))]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(_aligned(row, widths)) for row in rows)


def _csv(report: Report, by: By) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(
        [(by.value, *HEADINGS), *_rows(report, by, in_dollars)]
    )
    return written.getvalue().rstrip("\n")


def _rows(report: Report, by: By, money: Callable[[int], str]) -> list[tuple[str, ...]]:
    rows = [(key, *_cells(amount, money)) for key, amount in report.by(by).items()]
    return rows[::-1] if by is By.DAY else rows


def _cells(amount: Amount, money: Callable[[int], str]) -> tuple[str, ...]:
    return (
        str(amount.requests),
        str(amount.images),
        str(amount.messages),
        money(amount.charged_microusd),
        money(amount.held_microusd),
        money(amount.absorbed_microusd),
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Pad a row: its name to the left, numbers to the right."""
    return [
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
