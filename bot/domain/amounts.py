"""Amounts of a meter as people write and read them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bot import texts
from bot.domain import money
from bot.errors import BadInput
from bot.texts import folded, tr, trn, typed

if TYPE_CHECKING:
    from bot.domain.quotas import Meter

MOST = 1_000_000
"""Pictures, messages or dollars of one rule: more is no limit."""
SIGNS = frozenset({"∞", "-"})
"""What stands for no limit in no language."""
HARD_SPACES = str.maketrans("", "", "\u00a0\u202f")
"""What stands between thousands where a number is copied; a space that is typed may be a slip."""
COUNT = re.compile(r"[0-9]{1,7}")
DOLLARS = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,6}))?")


def parse_cap(text: str, meter: Meter) -> int | None:
    """Return a cap in the unit of its meter, None for no limit, or raise BadInput."""
    if text.strip() in SIGNS or texts.means(text, unlimited()):
        return None
    return parse_amount(text, meter)


def unlimited() -> tuple[str, ...]:
    """Return the words for no limit, in every language."""
    return typed("unlimited, no limit, none, infinite, inf", anywhere=True)


def parse_amount(text: str, meter: Meter) -> int:
    """Return an amount in the unit of its meter, or raise BadInput."""
    words = folded(text.translate(HARD_SPACES))
    if meter.is_money:
        found = DOLLARS.fullmatch(words.removeprefix("$").removesuffix("$").strip())
        amount = None if found is None else money.microusd(Decimal(f"{found[1]}.{found[2] or 0}"))
        most = MOST * money.MICRO
    else:
        amount = int(words) if COUNT.fullmatch(words) else None
        most = MOST
    if amount is None:
        if meter.is_money:
            raise BadInput(tr("Write dollars as a number, such as 5 or 2.50, or the word unlimited."))
        raise BadInput(tr("Write a whole number, such as 20, or the word unlimited."))
    if amount > most:
        raise BadInput(tr("That is more than one limit can be. Write unlimited to lift it."))
    return amount


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


def written(meter: Meter, amount: int | None) -> str:
    """Write an amount as somebody can write it in again."""
    return tr("unlimited") if amount is None else plain(meter, amount)


def plain(meter: Meter, amount: int | None) -> str:
    """Write an amount as tables want it, whoever reads them."""
    if amount is None:
        return "unlimited"
    return money.written(amount) if meter.is_money else str(amount)
