"""The form behind Vary…: which picture, how strongly, how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.variation import Strength
from bot.errors import BadInput
from bot.texts import mark, tr, trn
from bot.ui.fields import chosen, submitted
from bot.ui.modals import FORM_LIFE_S
from bot.ui.press import custom_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.images import Picture

    Interaction = discord.Interaction[discord.Client]

VERB = "vary"
MOST = 4
"""Variations at once; more can be had by varying again."""
STRENGTHS = (
    (Strength.SUBTLE, mark("Subtle"), mark("The same picture, with small differences")),
    (Strength.MEDIUM, mark("Medium"), mark("The same subject and style, composed anew")),
    (Strength.STRONG, mark("Strong"), mark("The same idea, in another way")),
)


class VaryForm(ui.Modal):
    """Asks how to vary a card's pictures; what is sent is read by `read`, restarts or not."""

    def __init__(self, job_id: int, pictures: Sequence[Picture]) -> None:
        super().__init__(title=tr("Vary"), custom_id=custom_id(VERB, job_id), timeout=FORM_LIFE_S)
        if len(pictures) > 1:
            options = [
                discord.SelectOption(label=tr("Picture {number}", number=n), value=picture.id, default=n == 1)
                for n, picture in enumerate(pictures, start=1)
            ]
            menu = ui.Select[Any](custom_id="picture", options=options, required=True)
            self.add_item(ui.Label(text=tr("Which picture?"), component=menu))
        strengths = [
            discord.RadioGroupOption(
                label=tr(label),
                value=strength.value,
                description=tr(says),
                default=strength is Strength.MEDIUM,
            )
            for strength, label, says in STRENGTHS
        ]
        group = ui.RadioGroup[Any](custom_id="strength", options=strengths, required=True)
        self.add_item(ui.Label(text=tr("How strongly?"), component=group))
        counts = [
            discord.SelectOption(
                label=trn("{count} picture", "{count} pictures", n), value=str(n), default=n == 1
            )
            for n in range(1, MOST + 1)
        ]
        menu = ui.Select[Any](custom_id="count", options=counts, required=True)
        self.add_item(ui.Label(text=tr("How many?"), component=menu))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


@dataclass(frozen=True, slots=True)
class Variation:
    """What someone filled in; `picture_id` is None where there is one picture alone."""

    picture_id: str | None
    strength: Strength
    count: int


def read(interaction: Interaction) -> Variation:
    """Read a submitted form; BadInput where it is none of ours."""
    fields = submitted(interaction)
    try:
        return Variation(
            picture_id=chosen(fields, "picture"),
            strength=Strength(chosen(fields, "strength") or Strength.MEDIUM),
            count=min(MOST, max(1, int(chosen(fields, "count") or 1))),
        )
    except ValueError as error:
        raise BadInput(tr("This form is from another version of Easel. Press Vary… again.")) from error
