"""The form of the set-up: its five questions, and what was answered where that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain import amounts
from bot.domain.purse import Answers
from bot.domain.quotas import Meter
from bot.texts import strung, tr
from bot.ui import fields, given_back, subjects
from bot.ui.modals import FORM_LIFE_S
from bot.ui.press import act_id
from bot.ui.purse import SETUP, SETUP_FORM
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.purse import Overview

    Interaction = discord.Interaction[discord.Client]

MOST_FREE_ROLES = 10
MOST_ANSWER = 60
"""Characters of an answer of the set-up."""
ANSWERS = 4
"""Answers of the set-up that are words; roles are chosen."""


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
    return given_back.packed(f"{given.zone}\n{given.images}\n{given.messages}\n{given.budget}", SETUP)


def unpacked(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the answers that `packed` put into an id; none where there are none."""
    given = given_back.unpacked(arguments).split("\n")
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


def rejected(sentence: str, given: Answers) -> ui.LayoutView:
    """Say what is wrong with the set-up's answers, give them back, and offer the form again."""
    said = [
        (tr("Time zone"), plain(given.zone, MOST_ANSWER)),
        (amounts.each(Meter.IMAGES_PER_DAY), plain(given.images, MOST_ANSWER)),
        (amounts.each(Meter.MESSAGES_PER_DAY), plain(given.messages, MOST_ANSWER)),
        (tr("Budget a month"), plain(given.budget, MOST_ANSWER)),
    ]
    if given.free:
        said.append((tr("Without a daily limit"), strung(f"<@&{one.id}>" for one in given.free)))
    return given_back.card(sentence, said, SETUP, *packed(given))
