"""Amounts of a meter as people write and read them."""

from __future__ import annotations

import re
from decimal import Decimal

from bot import texts
from bot.domain import money
from bot.domain.quotas import Meter
from bot.errors import BadInput
from bot.texts import folded, tr, trn, typed

MOST = 1_000_000
"""Pictures, messages or dollars of one rule: more is no limit."""
NO_LIMIT = "∞"
SIGNS = frozenset({NO_LIMIT, "-"})
"""What stands for no limit in no language."""
HARD_SPACES = str.maketrans("", "", "\u00a0\u202f")
"""What stands between thousands where a number is copied; a space that is typed may be a slip."""
COUNT = re.compile(r"[0-9]{1,7}")
THOUSANDS = 3
"""Digits after which one language goes on with thousands, and another with the fraction."""
SHOWN = 60
"""Characters of what somebody wrote that a sentence gives back."""
DOLLARS = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,6}))?")


def parse_cap(text: str, meter: Meter) -> int | None:
    """Return a cap in the unit of its meter, None for no limit, or raise BadInput."""
    if text.strip() in SIGNS or texts.means(text, unlimited()):
        return None
    amount = _read(text, meter)
    if amount is None:
        raise BadInput(_refused(text, _wanted_cap(meter)))
    if amount > _most(meter):
        raise BadInput(tr("That is more than one limit can be. Write unlimited to lift it."))
    return amount


def unlimited() -> tuple[str, ...]:
    """Return the words for no limit, in every language."""
    return typed("unlimited, no limit, none, infinite, inf", anywhere=True)


def parse_amount(text: str, meter: Meter) -> int:
    """Return an amount in the unit of its meter, which has to be one, or raise BadInput."""
    amount = _read(text, meter)
    if amount is None:
        raise BadInput(_refused(text, _wanted_amount(meter)))
    if amount > _most(meter):
        raise BadInput(tr("That is more than can be given at once. Write a smaller number."))
    return amount


def _read(text: str, meter: Meter) -> int | None:
    """Return a number in the unit of a meter, None for what is none; BadInput where it may mean two."""
    words = folded(text.translate(HARD_SPACES))
    if not meter.is_money:
        return int(words) if COUNT.fullmatch(words) else None
    found = DOLLARS.fullmatch(words.removeprefix("$").removesuffix("$").strip())
    if found is None:
        return None
    whole, fraction = found[1], found[2] or "0"
    amount = money.microusd(Decimal(f"{whole}.{fraction}"))
    if len(fraction) == THOUSANDS and not whole.startswith("0"):
        raise BadInput(
            tr(
                "“{text}” can be read in two ways. Write {many}, or {few}.",
                text=text.strip(),
                many=whole + fraction,
                few=money.written(amount),
            )
        )
    return amount


def _most(meter: Meter) -> int:
    return MOST * money.MICRO if meter.is_money else MOST


def _refused(text: str, wanted: str) -> str:
    """Say that something is no amount, and which one is wanted: a form has several fields for them."""
    said = text.strip()
    return f"{tr('“{text}” is not an amount.', text=said[:SHOWN])} {wanted}" if said else wanted


def _wanted_cap(meter: Meter) -> str:
    if meter.is_money:
        return tr(
            "Write dollars as a number, such as 5 or {cents}, or the word unlimited.",
            cents=texts.decimal(2.5),
        )
    return tr("Write a whole number, such as 20, or the word unlimited.")


def _wanted_amount(meter: Meter) -> str:
    if meter.is_money:
        return tr("Write dollars as a number, such as 5 or {cents}.", cents=texts.decimal(2.5))
    return tr("Write a whole number, such as 20.")


def each(meter: Meter) -> str:
    """Name a meter as what a rule is about."""
    names = {
        Meter.IMAGES_PER_DAY: tr("Pictures a day"),
        Meter.IMAGES_PER_MONTH: tr("Pictures a month"),
        Meter.MESSAGES_PER_DAY: tr("Messages a day"),
        Meter.USD_PER_DAY: tr("Dollars a day"),
        Meter.USD_PER_MONTH: tr("Dollars a month"),
    }
    return names[meter]


def show(meter: Meter, amount: int | None) -> str:
    """Show an amount of a meter, or that there is no limit."""
    if amount is None:
        return tr("unlimited")
    if meter.is_money:
        return money.show(amount)
    if meter.counts_messages:
        return trn("{count} message", "{count} messages", amount)
    return trn("{count} picture", "{count} pictures", amount)


def number(meter: Meter, amount: int) -> str:
    """Show an amount where its unit is said already."""
    return money.show(amount) if meter.is_money else texts.number(amount)


def brief(meter: Meter, amount: int) -> str:
    """Show what was counted, such as what is left, where its unit is said already."""
    return money.brief(amount) if meter.is_money else texts.number(amount)


def written(meter: Meter, amount: int | None) -> str:
    """Write an amount as somebody can write it in again."""
    return tr("unlimited") if amount is None else plain(meter, amount)


def plain(meter: Meter, amount: int | None) -> str:
    """Write an amount as tables want it, whoever reads them."""
    if amount is None:
        return "unlimited"
    return money.written(amount) if meter.is_money else str(amount)
