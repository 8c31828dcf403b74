"""The forms of moderators: a member's allowance, and the five questions of the set-up."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain import amounts
from bot.domain.purse import DAYS, MOST_REASON, Answers, Gift
from bot.domain.quotas import Meter, Owner
from bot.errors import BadInput
from bot.texts import folded, named, strung, tr
from bot.ui import fields, subjects
from bot.ui.cards import MUTED, panel
from bot.ui.modals import FORM_LIFE_S
from bot.ui.press import ActButton, act_id
from bot.ui.purse import CHANGE, SETUP, SETUP_FORM
from bot.ui.text import cut, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.purse import Overview
    from bot.domain.rules import Entitlement

    Interaction = discord.Interaction[discord.Client]

GRANT, SET, CLEAR, RESET = "grant", "set", "clear", "reset"
MOST_FREE_ROLES = 10
MOST_ANSWER = 60
"""Characters of an answer of the set-up."""
ANSWERS = 4
"""Answers of the set-up that are words; roles are chosen."""
MOST_ID = 100
"""Characters of an id (Discord's limit)."""


class AllowanceForm(ui.Modal):
    """Asks what is to become of a member's allowance; what they have stands beside each meter."""

    def __init__(self, user_id: int, name: str, entitlement: Entitlement) -> None:
        title = cut(tr("Allowance of {who}", who=name), 45)
        super().__init__(title=title, custom_id=act_id(CHANGE, user_id), timeout=FORM_LIFE_S)
        self.add_item(ui.Label(text=tr("What to do"), component=_acts()))
        self.add_item(ui.Label(text=tr("Of what"), component=_meters(entitlement)))
        amount = ui.TextInput[Any](custom_id="amount", max_length=20, required=False, placeholder="10")
        self.add_item(
            ui.Label(
                text=tr("Amount"),
                description=tr("A number, dollars for spending; a limit can be unlimited"),
                component=amount,
            )
        )
        reason = ui.TextInput[Any](custom_id="reason", max_length=MOST_REASON, required=False)
        self.add_item(
            ui.Label(text=tr("Reason"), description=tr("For a grant; the member sees it"), component=reason)
        )
        days = ui.TextInput[Any](custom_id="days", max_length=3, required=False, default=str(DAYS))
        self.add_item(ui.Label(text=tr("Days until a grant expires"), component=days))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


class SetupForm(ui.Modal):
    """Asks the five questions of the set-up; the answers are what was written before, or what holds."""

    def __init__(self, overview: Overview, before: Sequence[str] = ()) -> None:
        super().__init__(title=tr("Set Easel up"), custom_id=act_id(SETUP_FORM), timeout=FORM_LIFE_S)
        zone, images, messages, budget = before or _now(overview)
        self._ask("zone", tr("1 · Time zone"), tr("Where days begin: a city, such as Berlin"), zone)
        number = tr("A number, or unlimited")
        self._ask("images", tr("2 · Pictures a day for each person"), number, images)
        self._ask("messages", tr("3 · Messages a day for each person"), number, messages)
        told = tr("In dollars; empty for none")
        self._ask("budget", tr("4 · Budget a month for the server"), told, budget, required=False)
        roles = ui.RoleSelect[Any](custom_id="free", min_values=0, max_values=MOST_FREE_ROLES, required=False)
        self.add_item(
            ui.Label(
                text=tr("5 · Roles without a daily limit"),
                description=tr("Who has one uses as much as they like. Leave it empty to add none"),
                component=roles,
            )
        )

    def _ask(self, name: str, label: str, description: str, before: str, *, required: bool = True) -> None:
        default = before[:MOST_ANSWER] or None
        field = ui.TextInput[Any](custom_id=name, default=default, max_length=MOST_ANSWER, required=required)
        self.add_item(ui.Label(text=label, description=description, component=field))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def _now(overview: Overview) -> tuple[str, ...]:
    """Return what holds as the answers to the first four questions."""
    budget = overview.budget.microusd
    daily = (
        amounts.written(one, overview.cap(one)) for one in (Meter.IMAGES_PER_DAY, Meter.MESSAGES_PER_DAY)
    )
    return overview.zone, *daily, "" if budget is None else amounts.plain(Meter.USD_PER_MONTH, budget)


def packed(given: Answers) -> tuple[str, ...]:
    """Return the first four answers as a word of a button's id; none where they are too long for one."""
    text = f"{given.zone}\n{given.images}\n{given.messages}\n{given.budget}"
    word = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return (word,) if len(act_id(SETUP, word)) <= MOST_ID else ()


def unpacked(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the answers that `packed` put into an id; none where there are none."""
    try:
        word = "".join(arguments)
        given = base64.b64decode(word + "=" * (-len(word) % 4), b"-_", validate=True).decode().split("\n")
    except ValueError:
        return ()
    return tuple(given) if len(given) == ANSWERS else ()


def answers(interaction: Interaction) -> Answers:
    """Read the set-up's answers."""
    form = fields.submitted(interaction)
    chosen = [int(one) for one in form.get("free", {}).get("values", [])]
    return Answers(
        zone=fields.words(form, "zone"),
        images=fields.words(form, "images"),
        messages=fields.words(form, "messages"),
        budget=fields.words(form, "budget"),
        free=tuple(subjects.find_role(interaction, one) for one in chosen if one != interaction.guild_id),
    )


def act(form: Mapping[str, Mapping[str, Any]]) -> tuple[str, Meter]:
    """Read what is to be done, and of which meter."""
    meter = fields.chosen(form, "meter")
    chosen = fields.chosen(form, "act")
    if meter not in set(Meter) or chosen not in {GRANT, SET, CLEAR, RESET}:
        raise BadInput(tr("Choose what to do, and of what."))
    return chosen, Meter(meter)


def gift(form: Mapping[str, Mapping[str, Any]], meter: Meter) -> Gift:
    """Read a grant, or raise BadInput."""
    days = folded(fields.words(form, "days")) or str(DAYS)
    if not (days.isascii() and days.isdecimal()):
        raise BadInput(tr("The days have to be a whole number, such as 30."))
    return Gift(meter, fields.words(form, "amount"), fields.words(form, "reason"), int(days))


def rejected(sentence: str, given: Answers) -> ui.LayoutView:
    """Say what is wrong with the set-up's answers, give them back, and offer the form again."""
    said = (
        (tr("Time zone"), given.zone),
        (amounts.each(Meter.IMAGES_PER_DAY), given.images),
        (amounts.each(Meter.MESSAGES_PER_DAY), given.messages),
        (tr("Budget a month"), given.budget),
    )
    rows = [f"-# {named(name, plain(value, MOST_ANSWER) or '–')}" for name, value in said]
    if given.free:
        free = strung(f"<@&{one.id}>" for one in given.free)
        rows.append(f"-# {named(tr('Without a daily limit'), free)}")
    words = "\n".join(rows)
    button = ActButton(SETUP, *packed(given), label=tr("Fill it in again"), emoji="✏️")
    nothing = tr("Nothing was changed. You wrote:")
    text = ui.TextDisplay[Any](f"{cut(sentence, 1600)}\n-# {nothing}\n{words}")
    return panel(text, ui.ActionRow[Any](button), colour=MUTED)


def _acts() -> ui.RadioGroup[Any]:
    known = (
        (GRANT, tr("Grant more"), tr("Used after the allowance, until it expires")),
        (SET, tr("Set a limit of their own"), tr("Instead of what their roles give")),
        (CLEAR, tr("Remove the limit of their own"), None),
        (RESET, tr("Reset what is used"), tr("So far counts no more")),
    )
    options = [
        discord.RadioGroupOption(label=label, value=value, description=description, default=value == GRANT)
        for value, label, description in known
    ]
    return ui.RadioGroup[Any](custom_id="act", options=options, required=True)


def _meters(entitlement: Entitlement) -> ui.Select[Any]:
    readings = {one.limit.meter: one for one in entitlement.readings if one.limit.owner is Owner.PERSON}
    options: list[discord.SelectOption] = []
    for meter in Meter:
        reading = readings.get(meter)
        said = tr("unlimited")
        if reading is not None:
            left, cap = amounts.brief(meter, reading.room), amounts.number(meter, reading.limit.cap)
            said = tr("{left} left of {cap}", left=left, cap=cap)
        options.append(
            discord.SelectOption(
                label=amounts.each(meter),
                value=meter.value,
                description=said,
                default=meter is Meter.IMAGES_PER_DAY,
            )
        )
    return ui.Select[Any](custom_id="meter", options=options, required=True)
