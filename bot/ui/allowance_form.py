"""The form of moderators for a member's allowance, and what was written in it where that cannot be done."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain import amounts
from bot.domain.purse import DAYS, MOST_REASON, Gift
from bot.domain.quotas import Meter, Owner
from bot.errors import BadInput
from bot.texts import folded, tr
from bot.ui import fields, given_back
from bot.ui.modals import FORM_LIFE_S
from bot.ui.press import act_id
from bot.ui.purse import CHANGE
from bot.ui.text import cut, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.rules import Entitlement

    Interaction = discord.Interaction[discord.Client]

GRANT, SET, CLEAR, RESET = "grant", "set", "clear", "reset"
MOST_AMOUNT, MOST_DIGITS = 20, 3
"""Characters of an amount, and of the days of a grant."""
ACTS = {name[0]: name for name in (GRANT, SET, CLEAR, RESET)}
METERS = {one[0] + one.rpartition("_")[2][0]: one.value for one in Meter}
"""What stands for them in ids, where a reason needs the room: g is a grant, im pictures a month."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form says, as it was written; of an id, the fields in this order."""

    act: str = GRANT
    meter: str = Meter.IMAGES_PER_DAY
    amount: str = ""
    days: str = str(DAYS)
    reason: str = ""

    def decided(self) -> tuple[str, Meter]:
        """Return what is to be done, and of which meter, or raise BadInput."""
        if self.meter not in set(Meter) or self.act not in _names():
            raise BadInput(tr("Choose what to do, and of what."))
        return self.act, Meter(self.meter)

    def gift(self, meter: Meter) -> Gift:
        """Return the grant, or raise BadInput."""
        days = folded(self.days) or str(DAYS)
        if not (days.isascii() and days.isdecimal()):
            raise BadInput(tr("The days have to be a whole number, such as 30."))
        return Gift(meter, self.amount, self.reason, int(days))


class AllowanceForm(ui.Modal):
    """Asks what is to become of a member's allowance; what they have stands beside each meter."""

    def __init__(self, user_id: int, name: str, entitlement: Entitlement, before: Wish | None = None) -> None:
        title = cut(tr("Allowance of {who}", who=name), 45)
        super().__init__(title=title, custom_id=act_id(CHANGE, user_id), timeout=FORM_LIFE_S)
        known = before or Wish()
        self.add_item(ui.Label(text=tr("What to do"), component=_acts(known.act)))
        self.add_item(ui.Label(text=tr("Of what"), component=_meters(entitlement, known.meter)))
        amount = _line("amount", known.amount, MOST_AMOUNT, placeholder="10")
        told = tr("A number, dollars for spending; a limit can be unlimited")
        self.add_item(ui.Label(text=tr("Amount"), description=told, component=amount))
        reason = _line("reason", known.reason, MOST_REASON)
        told = tr("For a grant; the member sees it")
        self.add_item(ui.Label(text=tr("Reason"), description=told, component=reason))
        days = _line("days", known.days, MOST_DIGITS)
        self.add_item(ui.Label(text=tr("Days until a grant expires"), component=days))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def read(interaction: Interaction) -> Wish:
    """Return what a submitted form says."""
    form = fields.submitted(interaction)
    return Wish(
        fields.chosen(form, "act") or "",
        fields.chosen(form, "meter") or "",
        fields.words(form, "amount"),
        fields.words(form, "days"),
        fields.words(form, "reason"),
    )


def rejected(sentence: str, user_id: int, given: Wish) -> ui.LayoutView:
    """Say what is wrong with a form, give back what was written, and offer the form again."""
    meter = amounts.each(Meter(given.meter)) if given.meter in set(Meter) else ""
    said = (
        (tr("What to do"), _names().get(given.act, "")),
        (tr("Of what"), meter),
        (tr("Amount"), plain(given.amount, 2 * MOST_AMOUNT)),
        (tr("Reason"), plain(given.reason, 2 * MOST_REASON)),
        (tr("Days until a grant expires"), plain(given.days, 2 * MOST_DIGITS)),
    )
    return given_back.card(sentence, said, CHANGE, user_id, *packed(user_id, given))


def packed(user_id: int, given: Wish) -> tuple[str, ...]:
    """Return what was written as a word of a button's id, without a reason that is too long for one."""
    whole = given_back.packed(_lines(given), CHANGE, user_id)
    return whole or given_back.packed(_lines(replace(given, reason="")), CHANGE, user_id)


def unpacked(arguments: Sequence[str]) -> Wish | None:
    """Return what `packed` put into an id after the member, or None."""
    given = given_back.unpacked(arguments[1:]).split("\n", 4)
    if len(given) != len(astuple(Wish())):
        return None
    act, meter, *written = given
    return Wish(ACTS.get(act, ""), METERS.get(meter, ""), *written)


def _lines(given: Wish) -> str:
    act = next((sign for sign, name in ACTS.items() if name == given.act), "")
    meter = next((sign for sign, name in METERS.items() if name == given.meter), "")
    return f"{act}\n{meter}\n{given.amount}\n{given.days}\n{given.reason}"


def _line(name: str, before: str, most: int, *, placeholder: str | None = None) -> ui.TextInput[Any]:
    default = before[:most] or None
    return ui.TextInput[Any](
        custom_id=name, max_length=most, required=False, default=default, placeholder=placeholder
    )


def _names() -> dict[str, str]:
    return {
        GRANT: tr("Grant more"),
        SET: tr("Set a limit of their own"),
        CLEAR: tr("Remove the limit of their own"),
        RESET: tr("Reset what is used"),
    }


def _acts(before: str) -> ui.RadioGroup[Any]:
    about = {
        GRANT: tr("Used after the allowance, until it expires"),
        SET: tr("Instead of what their roles give"),
        RESET: tr("So far counts no more"),
    }
    options = [
        discord.RadioGroupOption(
            label=label, value=value, description=about.get(value), default=value == before
        )
        for value, label in _names().items()
    ]
    return ui.RadioGroup[Any](custom_id="act", options=options, required=True)


def _meters(entitlement: Entitlement, before: str) -> ui.Select[Any]:
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
                label=amounts.each(meter), value=meter.value, description=said, default=meter == before
            )
        )
    return ui.Select[Any](custom_id="meter", options=options, required=True)
