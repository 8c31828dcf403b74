"""What was spent, day by day, as a table for the operator."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.money import show
from bot.services.reconciliation import last
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.meta import Meta

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from bot.settings import Settings
    from bot.storage.ledger import Total

HEADINGS = ("day", "jobs", "pictures", "charged", "held", "absorbed")


async def spending(settings: Settings, days: int) -> str:
    """Return the table of the last days, the newest first; StartupError where the database cannot be read.

    Charged is what people paid with their allowances, held is reserved for jobs under way, and absorbed is
    what the provider billed without giving a picture, which nobody is charged for.
    """
    async with aclosing(await Database.open_beside(settings.database_url)) as database:
        totals = await Ledger(database).days(datetime.now(UTC), settings.zone, days)
        compared = await last(Meta(database))
    shown = table(totals, settings.zone)
    return shown if compared is None else f"{shown}\n\nReconciled: {compared}"


def table(totals: Sequence[Total], zone: ZoneInfo) -> str:
    """Return totals as aligned columns with their sum below."""
    rows = [
        HEADINGS,
        *(_row(f"{total.window.starts_at.astimezone(zone):%Y-%m-%d}", [total]) for total in totals),
    ]
    rows.append(_row("all", totals))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(_aligned(row, widths)) for row in rows)


def _row(name: str, totals: Sequence[Total]) -> tuple[str, ...]:
    return (
        name,
        str(sum(total.jobs for total in totals)),
        str(sum(total.charged.images for total in totals)),
        show(sum(total.charged.microusd for total in totals)),
        show(sum(total.held.microusd for total in totals)),
        show(sum(total.absorbed_microusd for total in totals)),
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Pad a row: its name to the left, numbers to the right."""
    return [
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
