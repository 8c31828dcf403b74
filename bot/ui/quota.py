"""The card of /quota: what is left, when it returns, and what a picture costs."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.quotas import Meter, Owner
from bot.ui.cards import panel
from bot.ui.text import meter, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.capabilities import PictureModel
    from bot.domain.quotas import Reading

NAMES = {
    Meter.IMAGES_PER_DAY: "Pictures today",
    Meter.IMAGES_PER_MONTH: "Pictures this month",
    Meter.MESSAGES_PER_DAY: "Messages today",
    Meter.USD_PER_DAY: "Spending today",
    Meter.USD_PER_MONTH: "Spending this month",
}
MODELS_SHOWN = 5


def card(
    readings: Sequence[Reading], prices: Sequence[tuple[PictureModel, Sequence[tuple[str, int]]]]
) -> ui.LayoutView:
    """Show someone their allowance as meters, with the prices that use it up."""
    meters = "\n".join(_line(reading) for reading in readings) or "Nothing limits you here."
    costs = "\n".join(_price(model, rows) for model, rows in prices[:MODELS_SHOWN])
    return panel(
        ui.TextDisplay(f"### Your allowance\n{meters}"),
        ui.Separator(),
        ui.TextDisplay(f"**One picture costs at most**\n{costs or 'No model is available right now.'}"),
    )


def _line(reading: Reading) -> str:
    limit = reading.limit
    name = NAMES[limit.meter]
    if limit.owner is Owner.SERVER:
        name = f"This server: {name[0].lower()}{name[1:]}"
    left, cap = (show(n) if limit.meter.is_money else str(n) for n in (reading.left, limit.cap))
    return (
        f"**{name}**\n`{meter(reading.used, limit.cap)}` {left} of {cap} left\n"
        f"-# Full again {when(limit.window.ends_at)}"
    )


def _price(model: PictureModel, rows: Sequence[tuple[str, int]]) -> str:
    costs = " · ".join(f"{quality} {show(cost)}".strip() for quality, cost in rows)
    if len({cost for _, cost in rows}) == 1:
        costs = show(rows[0][1])
    ends = ""
    if model.expires_on is not None:
        ends = f" · ends {discord.utils.format_dt(datetime.combine(model.expires_on, time(), UTC), 'D')}"
    return f"{discord.utils.escape_markdown(model.name)}{ends}\n-# {costs}"
