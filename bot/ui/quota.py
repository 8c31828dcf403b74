"""The card of /quota: what is left, when it returns, and what a picture costs."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.domain.money import show
from bot.texts import language, tr
from bot.ui import meters
from bot.ui.cards import panel
from bot.ui.text import cut

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.domain.capabilities import PictureModel
    from bot.domain.rules import Entitlement

MODELS_SHOWN = 5
PRICES_KEPT = 64
"""Lines of prices that are written already, in each language; models and prices seldom change."""
METERS_SHOWN = 3000
"""Characters of the meters; a message holds 4,000 in all."""


def card(
    entitlement: Entitlement, prices: Sequence[tuple[PictureModel, Sequence[tuple[str, int]]]]
) -> ui.LayoutView:
    """Show someone their allowance as meters, with the prices that use it up."""
    tag = language()
    costs = "\n".join(
        _price(model.name, model.expires_on, tuple(rows), tag) for model, rows in prices[:MODELS_SHOWN]
    )
    return panel(
        ui.TextDisplay(f"### {tr('Your allowance')}\n{cut(meters.lines(entitlement), METERS_SHOWN)}"),
        ui.Separator(),
        ui.TextDisplay(
            f"**{tr('One picture costs at most')}**\n{costs or tr('No model is available right now.')}"
        ),
    )


@lru_cache(PRICES_KEPT)
def _price(name: str, expires_on: date | None, rows: tuple[tuple[str, int], ...], _language: str) -> str:
    costs = " · ".join(f"{quality} {show(cost)}".strip() for quality, cost in rows)
    if len({cost for _, cost in rows}) == 1:
        costs = show(rows[0][1])
    ends = ""
    if expires_on is not None:
        day = discord.utils.format_dt(datetime.combine(expires_on, time(), UTC), "D")
        ends = " · " + tr("ends {day}", day=day)
    return f"{discord.utils.escape_markdown(name)}{ends}\n-# {costs}"
