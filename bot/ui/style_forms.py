"""The forms of styles: writing one, and saying the words that one asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.styles import MAX_NAME, MAX_NOTE, MAX_TEMPLATE, MAX_VALUE, Written, fill, missing
from bot.errors import BadInput
from bot.texts import mark, tr
from bot.ui.cards import MUTED, panel
from bot.ui.fields import submitted, words
from bot.ui.modals import FORM_LIFE_S
from bot.ui.press import ActButton, act_id
from bot.ui.text import block, cut, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.requests import PictureRequest

    Interaction = discord.Interaction[discord.Client]

FILL = "fill"
"""Says the words that a style asks for; the button of this name shows the form again."""
VARIABLE = "v"
"""Fields are named by the place of their variable: a name may be in any script, an id may not."""
HOW = mark(
    "{{subject}} is what somebody asks for. {{colour}} asks for a colour, {{colour=red}} has a default."
)


class StyleForm(ui.Modal):
    """Asks for a style's name, template and note."""

    def __init__(self, custom_id: str, title: str, before: Written | None = None) -> None:
        super().__init__(title=cut(title, 45), custom_id=custom_id, timeout=FORM_LIFE_S)
        known = before or Written("", "")
        name = ui.TextInput[Any](custom_id="name", default=known.name or None, max_length=MAX_NAME)
        template = ui.TextInput[Any](
            style=discord.TextStyle.paragraph,
            custom_id="template",
            default=known.template or None,
            placeholder=tr("{{subject}}, painted in thick oil, {{light=evening}} light"),
            max_length=MAX_TEMPLATE,
        )
        remark = ui.TextInput[Any](
            custom_id="note", default=known.note or None, max_length=MAX_NOTE, required=False
        )
        self.add_item(ui.Label(text=tr("Name"), component=name))
        self.add_item(ui.Label(text=tr("Template"), description=tr(HOW), component=template))
        self.add_item(ui.Label(text=tr("Note"), description=tr("What it is good for"), component=remark))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


class FillForm(ui.Modal):
    """Asks for the words that a style needs; `asks` are its variables."""

    def __init__(self, custom_id: str, name: str, asks: Sequence[str]) -> None:
        super().__init__(
            title=cut(tr("Style: {style}", style=name), 45), custom_id=custom_id, timeout=FORM_LIFE_S
        )
        for place, variable in enumerate(asks):
            field = ui.TextInput[Any](custom_id=f"{VARIABLE}{place}", max_length=MAX_VALUE)
            self.add_item(ui.Label(text=variable, component=field))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def written(interaction: Interaction) -> Written:
    """Read a style from a submitted form."""
    fields = submitted(interaction)
    return Written(words(fields, "name"), words(fields, "template"), words(fields, "note"))


def values(interaction: Interaction, asks: Sequence[str]) -> dict[str, str]:
    """Read the words that a style asked for, or raise BadInput where one is missing."""
    fields = submitted(interaction)
    found = {name: words(fields, f"{VARIABLE}{place}")[:MAX_VALUE] for place, name in enumerate(asks)}
    for name, value in found.items():
        if not value:
            raise BadInput(tr("Say something for “{variable}”, or draw without this style.", variable=name))
    return found


def with_words(interaction: Interaction, begun: PictureRequest) -> PictureRequest:
    """Return a request whose style has the words that were filled in, or raise BadInput where one lacks."""
    style = begun.style
    asks = missing(style.template) if style else ()
    if style is None or not asks:
        return begun
    return replace(begun, style=replace(style, template=fill(style.template, values(interaction, asks))))


def fill_id(draft_id: int, *left_out: str) -> str:
    """Return the id of the form that fills in what waits under `draft_id`."""
    return act_id(FILL, draft_id, *left_out)


def refill(sentence: str, draft_id: int, left_out: Sequence[str]) -> ui.LayoutView:
    """Say what is wrong with a form, and offer it again: what it was about still waits."""
    button = ActButton(FILL, draft_id, *left_out, label=tr("Fill it in again"), emoji="✏️")
    return panel(ui.TextDisplay[Any](cut(sentence, 2000)), ui.ActionRow[Any](button), colour=MUTED)


def rejected(sentence: str, style: Written) -> ui.LayoutView:
    """Say what is wrong with a style, and give its words back: Discord forgets what was in a form."""
    name = plain(style.name, 100).strip() or tr("a style without a name")
    note = "\n" + tr("-# with the note {note}", note=plain(style.note, 400)) if style.note else ""
    wrote = tr("-# You wrote for {style}", style=name)
    words = ui.TextDisplay[Any](f"{wrote}\n{block(style.template or ' ')}{note}")
    return panel(ui.TextDisplay[Any](cut(sentence, 500)), words, colour=MUTED)
