"""Rules, grants and use as tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain import amounts
from bot.texts import tr
from bot.ui.cards import panel
from bot.ui.posts import Post

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.purse import Export

RULES = ("for", "id", "meter", "limit")
GRANTS = ("id", "person", "meter", "amount", "used", "reason", "by", "given_at", "expires_at")
USE = ("person", "meter", "used")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a cell begins that spreadsheets would run (CWE-1236)."""


def post(export: Export) -> Post:
    """Return the tables as three files, which spreadsheets open."""
    tables = {
        "rules.csv": _csv(RULES, _rules(export)),
        "grants.csv": _csv(GRANTS, _grants(export)),
        "use.csv": _csv(
            USE, ((str(who), meter, amounts.plain(meter, used)) for who, meter, used in export.used)
        ),
    }
    files = [
        discord.File(io.BytesIO(content), name, description=tr("Allowances of this server, as a table"))
        for name, content in tables.items()
    ]
    said = tr("Rules, grants, and what everybody has used so far today and this month.")
    shown: list[ui.Item[Any]] = [ui.File[Any](file) for file in files]
    return Post(panel(ui.TextDisplay[Any](f"### {tr('Allowances in this server')}\n{said}"), *shown), files)


def _rules(export: Export) -> Iterable[Sequence[object]]:
    for rule in export.overview.rules:
        yield rule.scope.value, rule.subject_id or "", rule.meter.value, amounts.plain(rule.meter, rule.cap)


def _grants(export: Export) -> Iterable[Sequence[object]]:
    for one in export.grants:
        amount, used = (amounts.plain(one.meter, number) for number in (one.amount, one.used))
        times = (one.created_at.isoformat(), one.expires_at.isoformat())
        yield one.id, one.user_id, one.meter.value, amount, used, _cell(one.reason), one.actor_id, *times


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(rows)
    return file.getvalue().encode("utf-8-sig")
