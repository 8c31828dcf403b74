"""What several prompts at once will draw, and what that costs at most: asked before anything is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.requests import MAX_COUNT
from bot.texts import number, tr, trn
from bot.ui.cards import left, panel, settings_of
from bot.ui.press import ActButton
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.capabilities import Plan
    from bot.domain.quotas import Reading
    from bot.domain.requests import PictureRequest

DRAW, AS_WRITTEN, LEAVE = "draw", "aswritten", "leave"
SHOWN = 300
"""Characters of each prompt; ten of them fit into a message."""


def card(draft_id: int, request: PictureRequest, plan: Plan, readings: Sequence[Reading]) -> ui.LayoutView:
    """Show each prompt, the price, and what is left; ask whether to go on."""
    each = len(request.drawn_seeds())
    pictures, of = number(plan.count), number(len(request.variants))
    head = (
        tr(
            "### {pictures} pictures of {prompts} prompts, each {times} times",
            pictures=pictures,
            prompts=of,
            times=each,
        )
        if each > 1
        else tr("### {pictures} pictures of {prompts} prompts", pictures=pictures, prompts=of)
    )
    prompts = "\n".join(f"{n}. {plain(one, SHOWN)}" for n, one in enumerate(request.variants, start=1))
    chosen = settings_of(request)
    small = [*chosen, tr("up to {cost}", cost=show(plan.upper_microusd)), *left(readings)]
    said = ui.TextDisplay[Any](
        f"{head}\n{prompts}\n" + tr("-# {facts}. What is not drawn is not charged.", facts=" · ".join(small))
    )
    row = ui.ActionRow[Any](
        ActButton(
            DRAW,
            draft_id,
            label=trn("Draw {count} picture", "Draw {count} pictures", plan.count),
            emoji="🎨",
            style=discord.ButtonStyle.primary,
        ),
        ActButton(AS_WRITTEN, draft_id, label=tr("Draw it as written"), emoji="✍️"),
        ActButton(LEAVE, draft_id, label=tr("Leave it"), emoji="✖️"),
    )
    return panel(said, row)


def too_many(draft_id: int, request: PictureRequest) -> ui.LayoutView:
    """Say that a prompt stands for more pictures than can be drawn; its braces may not have meant that."""
    said = ui.TextDisplay[Any](
        tr(
            "### {prompts} prompts, {pictures} pictures",
            prompts=number(len(request.variants)),
            pictures=number(request.total),
        )
        + "\n"
        + tr(
            "At most {most} can be drawn at once: leave some choices out, or use `/batch`. "
            "If the braces are part of the picture, draw the prompt as it is written.",
            most=MAX_COUNT,
        )
    )
    row = ui.ActionRow[Any](
        ActButton(AS_WRITTEN, draft_id, label=tr("Draw it as written"), emoji="✍️"),
        ActButton(LEAVE, draft_id, label=tr("Leave it"), emoji="✖️"),
    )
    return panel(said, row)


def left_alone() -> ui.LayoutView:
    """Say that nothing was drawn."""
    return panel(ui.TextDisplay[Any](tr("Left alone. Nothing was drawn, and nothing was charged.")))
