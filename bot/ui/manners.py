"""How Easel answers in a channel, as a card and as a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.manners import MOST_PERSONA, ChannelManner
from bot.domain.money import show
from bot.errors import BadInput
from bot.texts import folded, mark, tr, trn
from bot.ui import fields, given_back
from bot.ui.cards import MUTED, done_above, panel
from bot.ui.press import ActButton, act_id
from bot.ui.text import block, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.manners import Offered

    Interaction = discord.Interaction[discord.Client]

CHANGE, RESET = "chatchange", "chatreset"
DECIDES = "-"
FORM_LIFE_S = 900
SOBER = mark("0 is sober, 2 is wild; empty for the model's own")
MODELS = mark("One that draws answers in words and pictures in one turn, and costs more")
KEPT = mark("Empty for as long as the bot's operator lets it be kept")
ELSEWHERE = mark("This card is of another channel. Use /chat settings in the channel itself.")
NO_SERVER = mark("Only channels of a server that Easel is a member of have settings.")


def place(interaction: Interaction) -> int:
    """Return the channel that is set, for a thread the one it is in, or raise BadInput."""
    by_person_alone = interaction.is_user_integration() and not interaction.is_guild_integration()
    if interaction.guild_id is None or by_person_alone:
        raise BadInput(tr(NO_SERVER))
    channel = interaction.channel
    return channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id or 0


def card(
    channel_id: int, chosen: ChannelManner, models: Sequence[Offered] = (), done: str = ""
) -> ui.LayoutView:
    """Show what holds in a channel, with buttons to change it, below what was just done."""
    persona = plain(chosen.persona, 1500) if chosen.persona else tr("Easel's own")
    days = tr("as long as the bot's operator lets it be")
    if chosen.days is not None:
        days = trn("for {count} day", "for {count} days", chosen.days)
    facts = (
        (tr("Model"), _told(chosen.model, models)),
        (
            tr("Temperature"),
            f"{chosen.temperature:g}" if chosen.temperature is not None else tr("the model's own"),
        ),
        (tr("Goes on from what was said before"), tr("yes") if chosen.history else tr("no")),
        (tr("What is said is kept"), days),
        (tr("Persona"), persona),
    )
    said = ui.TextDisplay[Any](
        tr("### How Easel answers in {channel}", channel=f"<#{channel_id}>")
        + "\n"
        + "\n".join(tr("**{name}:** {value}", name=name, value=value) for name, value in facts)
        + "\n"
        + tr("-# It holds for the threads in it as well.")
    )
    row = ui.ActionRow[Any](
        ActButton(CHANGE, channel_id, label=tr("Change…"), emoji="✏️", style=discord.ButtonStyle.primary),
        ActButton(RESET, channel_id, label=tr("Reset"), emoji="↩️"),
    )
    return panel(*done_above(done), said, row)


class Form(ui.Modal):
    """Asks how to answer in a channel. `read` reads what is sent, not this object."""

    def __init__(self, channel_id: int, chosen: ChannelManner, models: Sequence[Offered]) -> None:
        super().__init__(
            title=tr("How Easel answers here"), custom_id=act_id(CHANGE, channel_id), timeout=FORM_LIFE_S
        )
        self.add_item(_persona(chosen.persona))
        if models:
            self.add_item(_model(chosen.model, models))
        self.add_item(_line("temperature", tr("Temperature"), tr(SOBER), _shown(chosen.temperature)))
        self.add_item(_line("days", tr("Forget after so many days"), tr(KEPT), _shown(chosen.days)))
        self.add_item(
            ui.Label(
                text=tr("Go on from what was said before"),
                component=ui.Checkbox[Any](custom_id="history", default=chosen.history),
            )
        )

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def read(interaction: Interaction, before: ChannelManner) -> ChannelManner:
    """Read a submitted form, or raise BadInput; a model that was not asked for stays."""
    form = fields.submitted(interaction)
    model = fields.chosen(form, "model") if "model" in form else before.model
    return ChannelManner(
        persona=fields.words(form, "persona") or None,
        model=None if model == DECIDES else model,
        temperature=_number(fields.words(form, "temperature")),
        history=fields.checked(form, "history"),
        days=_days(fields.words(form, "days")),
    )


def rejected(sentence: str, interaction: Interaction) -> ui.LayoutView:
    """Say what is wrong with a submitted form, and give back the persona, which took the longest to write."""
    parts: list[ui.Item[Any]] = [ui.TextDisplay[Any](sentence)]
    if persona := fields.words(fields.submitted(interaction), "persona"):
        parts.append(ui.TextDisplay[Any](f"{given_back.heading()}\n{block(persona)}"))
    return panel(*parts, colour=MUTED)


def _persona(before: str | None) -> ui.Label[Any]:
    return ui.Label(
        text=tr("Persona"),
        description=tr("Who Easel is here and how it talks; empty for its own"),
        component=ui.TextInput[Any](
            style=discord.TextStyle.paragraph,
            custom_id="persona",
            default=before,
            max_length=MOST_PERSONA,
            required=False,
        ),
    )


def _model(before: str | None, models: Sequence[Offered]) -> ui.Label[Any]:
    listed = [one for one in models if len(one.id) <= 100][:24]
    is_listed = any(one.id == before for one in listed)
    options = [discord.SelectOption(label=tr("Easel chooses"), value=DECIDES, default=not is_listed)]
    options += [
        discord.SelectOption(label=one.id, value=one.id, description=_does(one), default=one.id == before)
        for one in listed
    ]
    menu = ui.Select[Any](custom_id="model", options=options, required=True)
    return ui.Label(text=tr("Model"), description=tr(MODELS), component=menu)


def _does(model: Offered) -> str:
    """Say what a model does in an answer, and at what price at most."""
    price = show(model.upper_microusd)
    if model.draws:
        return tr("Talks and draws in one turn; up to {price} an answer with a picture", price=price)
    return tr("Answers in words; up to {price} for a short question", price=price)


def _told(model_id: str | None, models: Sequence[Offered]) -> str:
    """Return the model of a channel as its card shows it."""
    if model_id is None:
        return tr("Easel chooses")
    known = next((one for one in models if one.id == model_id), None)
    if known is None:
        return tr("`{model}`, which is not there any more; Easel chooses", model=model_id)
    return f"`{model_id}`. {_does(known)}" if known.draws else f"`{model_id}`"


def _line(name: str, label: str, description: str, before: str | None) -> ui.Label[Any]:
    field = ui.TextInput[Any](custom_id=name, default=before, max_length=10, required=False)
    return ui.Label(text=label, description=description, component=field)


def _shown(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(folded(text).replace(",", "."))
    except ValueError:
        raise BadInput(tr("The temperature has to be a number such as 0.7.")) from None


def _days(text: str) -> int | None:
    if not text:
        return None
    text = folded(text)
    if not text.isascii() or not text.isdecimal():
        raise BadInput(tr("The days have to be a whole number such as 30."))
    return int(text)
