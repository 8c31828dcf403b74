"""Amounts are integer micro-dollars; this is where they come from and how they are shown."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

MICRO = 1_000_000


def microusd(dollars: Decimal | float | str) -> int:
    """Return an amount of dollars in micro-dollars, halves rounded up."""
    return int((Decimal(str(dollars)) * MICRO).to_integral_value(ROUND_HALF_UP))


def microusd_ceiling(dollars: Decimal) -> int:
    """Return an amount of dollars in micro-dollars, rounded up: for estimates that must not fall short."""
    return int((dollars * MICRO).to_integral_value(ROUND_CEILING))


def show(amount_microusd: int) -> str:
    """Return an amount as people read it: cents and up with two to four decimals, less with six."""
    sign = "-" if amount_microusd < 0 else ""
    dollars = Decimal(abs(amount_microusd)) / MICRO
    places = 6 if 0 < dollars < Decimal("0.0001") else 4
    text = f"{dollars:.{places}f}"
    whole, _, fraction = text.partition(".")
    return f"{sign}${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def dollars(amount_microusd: int) -> str:
    """Return an amount as a plain number of dollars with six decimals, for tables that programs read."""
    return f"{Decimal(amount_microusd) / MICRO:.6f}"
