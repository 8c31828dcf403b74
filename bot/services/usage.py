"""What a server spent, for those who answer for it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from bot.domain.money import in_dollars
from bot.domain.quotas import Meter, Owner, window
from bot.domain.usage import By, Course, Report, Stretch, Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from bot.domain.quotas import Reading, Window
    from bot.domain.requests import Requester
    from bot.services.allowances import Allowances
    from bot.storage.usage import UsageRows

    Days = tuple[tuple[date, Window], ...]

COLUMNS = ("day", "person", "command", "model", "requests", "pictures", "messages", "charged_usd", "held_usd")


class UsageDesk:
    """Reads what servers spent. Who may see it is checked by who asks."""

    def __init__(
        self,
        rows: UsageRows,
        allowances: Allowances,
        zone_of: Callable[[int], Awaitable[ZoneInfo]],
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._allowances = allowances
        self._zone_of = zone_of
        self._clock = clock

    async def of_server(self, who: Requester, stretch: Stretch) -> Usage:
        """Return the spending of the server that someone is in, in its own days."""
        guild_id, now = who.guild_id or 0, self._clock()
        zone = await self._zone_of(guild_id)
        days = days_of(stretch, now, zone)
        reading = await self._budget(who, now)
        if reading is None:
            return Usage(stretch, await self._report(days, guild_id), None)
        limited = reading.limit.window
        month = _until(limited.ends_at, limited.starts_at, zone)
        begun = tuple(day for day in month if day[1].starts_at <= now)
        both = await self._report(tuple(sorted({*days, *begun}, key=itemgetter(0))), guild_id)
        spent = tuple(amount.microusd for amount in both.of_days(_dates(begun)).by(By.DAY).values())
        return Usage(stretch, both.of_days(_dates(days)), Course(reading, _dates(month), spent))

    async def table(self, who: Requester, stretch: Stretch) -> bytes:
        """Return the same as CSV: a row for each day, person, command and model, amounts in dollars."""
        guild_id = who.guild_id or 0
        days = days_of(stretch, self._clock(), await self._zone_of(guild_id))
        report = await self._report(days, guild_id)
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(COLUMNS)
        for entry in report.entries:
            amount = entry.amount
            writer.writerow(
                (
                    entry.day.isoformat(),
                    entry.user_id or "",
                    entry.command,
                    entry.model,
                    amount.requests,
                    amount.images,
                    amount.messages,
                    in_dollars(amount.charged_microusd),
                    in_dollars(amount.held_microusd),
                )
            )
        return written.getvalue().encode()

    async def _report(self, days: Days, guild_id: int) -> Report:
        return Report(_dates(days), await self._rows.entries(days, guild_id))

    async def _budget(self, who: Requester, now: datetime) -> Reading | None:
        """Return how far what a server may spend in a month is used; None where nothing limits it."""
        for reading in await self._allowances.readings(who, now):
            if reading.limit.owner is Owner.SERVER and reading.limit.meter is Meter.USD_PER_MONTH:
                return reading
        return None


def days_of(stretch: Stretch, now: datetime, zone: ZoneInfo) -> Days:
    """Return the calendar days of a stretch in a time zone, the oldest first; none of them is ahead."""
    today = window(Meter.USD_PER_DAY, now, zone)
    this_month = window(Meter.USD_PER_MONTH, now, zone)
    if stretch is Stretch.MONTH:
        return _until(today.ends_at, this_month.starts_at, zone)
    if stretch is Stretch.MONTH_BEFORE:
        before = window(Meter.USD_PER_MONTH, this_month.starts_at - timedelta(hours=1), zone)
        return _until(before.ends_at, before.starts_at, zone)
    return last_days(7 if stretch is Stretch.WEEK else 30, now, zone)


def last_days(count: int, now: datetime, zone: ZoneInfo) -> Days:
    """Return the last calendar days of a time zone, today the last of them."""
    windows = [window(Meter.USD_PER_DAY, now, zone)]
    while len(windows) < count:
        windows.append(window(Meter.USD_PER_DAY, windows[-1].starts_at - timedelta(microseconds=1), zone))
    return tuple(_day(one, zone) for one in reversed(windows))


def _until(end: datetime, start: datetime, zone: ZoneInfo) -> Days:
    """Return the calendar days from a midnight to another."""
    days = [window(Meter.USD_PER_DAY, start, zone)]
    while days[-1].ends_at < end:
        days.append(window(Meter.USD_PER_DAY, days[-1].ends_at, zone))
    return tuple(_day(one, zone) for one in days)


def _dates(days: Days) -> tuple[date, ...]:
    return tuple(day for day, _ in days)


def _day(one: Window, zone: ZoneInfo) -> tuple[date, Window]:
    return one.starts_at.astimezone(zone).date(), one
