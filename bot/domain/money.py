"""Amounts are integer micro-dollars; this is where they come from and how they are shown."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bot.texts import dollars

if TYPE_CHECKING:
    from collections.abc import Iterable

MICRO = 1_000_000
CENT = Decimal("0.01")
HALF_A_CENT = 5_000
CENTS, SMALL = 10_000, 100
"""Micro-dollars of a cent, and those below which four decimals show nothing."""


def microusd(amount: Decimal | float | str) -> int:
    """Return an amount of dollars in micro-dollars, halves rounded up."""
    return int((Decimal(str(amount)) * MICRO).to_integral_value(ROUND_HALF_UP))


def microusd_ceiling(amount: Decimal) -> int:
    """Return an amount of dollars in micro-dollars, rounded up: for estimates that must not fall short."""
    return int((amount * MICRO).to_integral_value(ROUND_CEILING))


def show(amount_microusd: int) -> str:
    """Return an amount as people read it: cents and up with two to four decimals, less with six."""
    amount = Decimal(amount_microusd) / MICRO
    return dollars(amount, 6 if 0 < abs(amount) < Decimal("0.0001") else 4)


def exact(amount_microusd: int) -> str:
    """Return an amount as people read it, to the micro-dollar: for two that `show` shows alike."""
    return dollars(Decimal(amount_microusd) / MICRO, 6)


def scale(highest_microusd: int) -> tuple[tuple[int, str], ...]:
    """Return up to six round amounts from nothing to the highest, each with what is written beside it.

    All have as many decimals as the steps between them need.
    """
    rounds = (n * 10**power for power in range(18) for n in (10, 20, 25, 50))
    highest = highest_microusd or MICRO
    step = next(one for one in rounds if one * 5 >= highest)
    places = next(one for one in (0, 2, 4, 6) if step * 10**one % MICRO == 0)
    amounts = range(0, max(highest, step) + 1, step)
    return tuple((one, dollars(Decimal(one) / MICRO, places, least=places)) for one in amounts)


def brief(amount_microusd: int) -> str:
    """Return a sum as people read it in passing: in whole cents from a dollar on, below it as `show` does."""
    if abs(amount_microusd) < MICRO:
        return show(amount_microusd)
    return _in_cents(amount_microusd)


def alike(amounts_microusd: Iterable[int]) -> list[str]:
    """Return amounts that are read side by side: all in cents where the largest is a dollar or more.

    Below that all have two decimals where that is exact, or else all have four, as far as they do not vanish.
    """
    found = list(amounts_microusd)
    if max(map(abs, found), default=0) < MICRO:
        least = 2 if all(one % CENTS == 0 for one in found) else 4
        return [dollars(Decimal(one) / MICRO, 6 if 0 < one < SMALL else 4, least=least) for one in found]
    return [f"< {dollars(CENT, 2)}" if 0 < one < HALF_A_CENT else _in_cents(one) for one in found]


def _in_cents(amount_microusd: int) -> str:
    return dollars((Decimal(amount_microusd) / MICRO).quantize(CENT, ROUND_HALF_UP), 2)


def in_dollars(amount_microusd: int) -> str:
    """Return an amount as a plain number of dollars with six decimals, for tables that programs read."""
    return f"{Decimal(amount_microusd) / MICRO:.6f}"


def written(amount_microusd: int) -> str:
    """Return an amount as tables and forms hold it, in any language alike: 2.50, without a currency.

    It never has three decimals, which some read as thousands.
    """
    text = f"{Decimal(amount_microusd) / MICRO:.6f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(4 if len(fraction) > 2 else 2, '0')}"
