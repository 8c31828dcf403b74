"""The card of /manage usage: figures, and the words that go with them."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.catalogues import COMMAND
from bot.charts.figures import MOST_SERIES, Bars, Course, Days, Figure
from bot.domain.asks import Purpose
from bot.domain.money import MICRO, alike, brief, scale
from bot.domain.requests import Kind
from bot.domain.usage import Amount, By, Stretch
from bot.texts import brief_day, language, named, of_command, strung, tr, trn
from bot.ui.cards import ALT_TEXT, panel
from bot.ui.press import ActButton, PickMenu
from bot.ui.text import cut, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.charts.figures import Charts
    from bot.domain.usage import Course as Budget
    from bot.domain.usage import Usage

STRETCH, TABLE = "usage", "usagecsv"
"""The menu that chooses how far back, and the button that gives the table."""
SQUARES = "🟧🟦🟩🟪🟨🟥⬜"
"""The colours of the figures, in their order."""
TIED = "\u00a0"
"""Between what a line must not break apart."""
SHOWN = MOST_SERIES
"""People, commands and models with a bar of their own; the last one is for the rest where there are more."""
ROOMY, TIGHT = 0.38, 0.26
"""Hundreds of pixels for a bar; Discord shows nothing higher than 350 pixels, so many have to be tight."""
REST = ""
"""The key of what is not shown by itself."""


def stretch_named(stretch: Stretch) -> str:
    """Return a stretch of time in words."""
    return {
        Stretch.WEEK: tr("The last 7 days"),
        Stretch.DAYS_30: tr("The last 30 days"),
        Stretch.MONTH: tr("This month"),
        Stretch.MONTH_BEFORE: tr("Last month"),
    }[stretch]


async def card(usage: Usage, charts: Charts) -> tuple[ui.LayoutView, list[discord.File]]:
    """Return the card and its figures, or raise TooBusy where they cannot be drawn."""
    files: list[discord.File] = []
    items: list[ui.Item[Any]] = [
        ui.TextDisplay(f"### {_heading(usage)}\n{_sum(usage.report.total, usage.report.by_itself)}")
    ]

    async def add(name: str, figure: Figure, said: str, words: str) -> None:
        file = discord.File(io.BytesIO(await charts.draw(figure)), f"{name}.png")
        files.append(file)
        items.append(ui.TextDisplay(words))
        described = discord.MediaGalleryItem(file, description=cut(said, ALT_TEXT))
        items.append(ui.MediaGallery[Any](described))

    if usage.report.entries:
        await add("days", _days(usage), _days_said(usage), _legend(usage))
        people = _top(usage.report.by(By.PERSON))
        await add("people", _people(people), _people_said(people), _people_listed(people))
        kinds = [_top(usage.report.by(by)) for by in (By.COMMAND, By.MODEL)]
        heading = f"**{tr('By command, and by model')}**"
        await add("kinds", _kinds(*kinds), " ".join(map(_kinds_said, kinds)), heading)
    if usage.budget is not None:
        said = _budget_said(usage.budget)
        words = f"**{tr('Against the budget of this month')}**\n-# {said}"
        await add("budget", _course(usage.budget), said, words)
    items.append(ui.ActionRow[Any](_menu(usage.stretch)))
    button = ActButton(TABLE, usage.stretch.value, label=tr("All of it as CSV"), emoji="📄")
    items.append(ui.ActionRow[Any](button))
    return panel(*items), files


def _heading(usage: Usage) -> str:
    return tr("Spending · {stretch}", stretch=stretch_named(usage.stretch))


def _sum(total: Amount, by_itself: int) -> str:
    """Say what was spent; what Easel did by itself, such as captions, is no request of anybody's."""
    if not total.requests:
        return tr("Nothing was asked of Easel in this time.")
    parts = [
        f"**{brief(total.charged_microusd)}**",
        trn("{count} request", "{count} requests", total.requests - by_itself),
        trn("{count} picture", "{count} pictures", total.images),
    ]
    if total.messages:
        parts.append(trn("{count} message", "{count} messages", total.messages))
    if by_itself:
        parts.append(
            trn(
                "{count} caption, title or summary by Easel itself",
                "{count} captions, titles and summaries by Easel itself",
                by_itself,
            )
        )
    if total.held_microusd:
        parts.append(tr("{amount} held for what is under way", amount=brief(total.held_microusd)))
    return " · ".join(parts)


def _days(usage: Usage) -> Figure:
    series = [usage.report.of_day(By.COMMAND, name) for name in _commands(usage)]
    rest = [
        amount.microusd - sum(values[place] for values in series)
        for place, amount in enumerate(usage.report.by(By.DAY).values())
    ]
    stacked = [*series, rest] if any(rest) else series
    days, values = list(map(brief_day, usage.report.days)), [[_usd(n) for n in one] for one in stacked]
    highest = max(amount.microusd for amount in usage.report.by(By.DAY).values())
    return Figure([Days(days, values, _scale(highest))], 3.6)


def _commands(usage: Usage) -> list[str]:
    """Return the commands that have a colour of their own; the last colour is for the rest of them."""
    names = list(usage.report.by(By.COMMAND))
    return names if len(names) <= MOST_SERIES else names[: MOST_SERIES - 1]


def _legend(usage: Usage) -> str:
    sums, shown = usage.report.by(By.COMMAND), _commands(usage)
    said = [
        f"{square}{TIED}{plain(_command(name), 40)}" for square, name in zip(SQUARES, shown, strict=False)
    ]
    if len(sums) > len(shown):
        said.append(f"{SQUARES[-1]}{TIED}{tr('rest')}")
    return f"**{tr('Day by day')}**\n-# {' · '.join(said)}"


def _days_said(usage: Usage) -> str:
    spent = {day: amount for day, amount in usage.report.by(By.DAY).items() if amount.microusd}
    amounts = alike(amount.microusd for amount in spent.values())
    said = strung(named(str(day), amount) for day, amount in zip(spent, amounts, strict=True))
    return tr("Spending by day. {days}", days=said)


def _people(top: Mapping[str, Amount]) -> Figure:
    return Figure([_bars(_places(top), list(top.values()))], _height(len(top)))


def _people_listed(top: Mapping[str, Amount]) -> str:
    said = [
        f"{place}{TIED}{_person(key)}" for place, key in zip(_places(top), top, strict=True) if key != REST
    ]
    return f"**{tr('Who')}**\n-# {' · '.join(said)}"


def _people_said(top: Mapping[str, Amount]) -> str:
    return tr("Spending by person. {people}", people=_said(_places(top), top.values()))


def _places(top: Mapping[str, Amount]) -> list[str]:
    """Return the numbers of people; the rest of them together have none."""
    return [tr("rest") if key == REST else f"#{place}" for place, key in enumerate(top, start=1)]


def _person(key: str) -> str:
    return f"<@{key}>" if key != "0" else tr("nobody in person: captions, and people whose data was deleted")


def _kinds(commands: Mapping[str, Amount], models: Mapping[str, Amount]) -> Figure:
    of_commands = _bars([cut(_command(name), 24) for name in commands], list(commands.values()))
    spare = [name or "…" for name in commands]
    of_models = _bars([cut(_command(name).rpartition("/")[2], 24) for name in models], list(models.values()))
    return Figure(
        [replace(of_commands, has_colours=True, spare=spare), of_models],
        _height(len(commands) + len(models), TIGHT),
    )


def _kinds_said(top: Mapping[str, Amount]) -> str:
    return _said([_command(name) for name in top], top.values()) + "."


def _command(name: str) -> str:
    """Return what people call a command, or what Easel does without one; anything else as it is."""
    if name in {Kind.IMAGINE, Kind.EDIT, Kind.BLEND, Kind.BATCH, Purpose.DESCRIBE, Purpose.EXTRACT}:
        return f"/{of_command(COMMAND, name, language()) or name}"
    known = {
        REST: tr("rest"),
        Kind.VARY: tr("Vary…"),
        Kind.TALK: tr("pictures in answers"),
        Purpose.CHAT: tr("conversation"),
        Purpose.CAPTION: tr("captions"),
        Purpose.TITLE: tr("titles of threads"),
        Purpose.SUMMARY: tr("summaries"),
    }
    return known.get(name, name)


def _said(names: Sequence[str], amounts: Iterable[Amount]) -> str:
    spent = alike(one.microusd for one in amounts)
    return strung(named(name, amount) for name, amount in zip(names, spent, strict=True))


def _bars(names: Sequence[str], amounts: Sequence[Amount]) -> Bars:
    spent = [amount.microusd for amount in amounts]
    return Bars(names, [_usd(one) for one in spent], alike(spent))


def _top(sums: Mapping[str, Amount]) -> dict[str, Amount]:
    """Return the largest sums, and under REST what all others come to."""
    items = list(sums.items())
    if len(items) <= SHOWN:
        return dict(items)
    return {**dict(items[: SHOWN - 1]), REST: sum((one for _, one in items[SHOWN - 1 :]), Amount())}


def _course(budget: Budget) -> Figure:
    days = [brief_day(day) for day in budget.days]
    values, cap = list(accumulate(budget.spent)), budget.reading.limit.cap
    said, scale_said = brief(sum(budget.spent)), _scale(max(cap, *values))
    return Figure([Course(days, [_usd(one) for one in values], _usd(cap), scale_said, said, brief(cap))], 3.2)


def _budget_said(budget: Budget) -> str:
    reading = budget.reading
    return tr(
        "{used} of {cap} are used, {left} are left.",
        used=brief(reading.used),
        cap=brief(reading.limit.cap),
        left=brief(reading.left),
    )


def _menu(chosen: Stretch) -> PickMenu:
    options = [
        discord.SelectOption(label=stretch_named(one), value=one.value, default=one is chosen)
        for one in Stretch
    ]
    return PickMenu(STRETCH, options=options, placeholder=tr("How far back"))


def _height(rows: int, each: float = ROOMY) -> float:
    return 1.1 + each * rows


def _scale(highest_microusd: int) -> list[tuple[float, str]]:
    """Return what an axis names, in the language of whoever reads it."""
    return [(_usd(amount), said) for amount, said in scale(highest_microusd)]


def _usd(amount_microusd: int) -> float:
    return amount_microusd / MICRO
