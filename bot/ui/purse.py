"""What moderators see of allowances: rules, a member, the budget, and what they just changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain import amounts, money
from bot.domain.purse import EVERYBODY, Target
from bot.domain.quotas import Meter
from bot.domain.rules import Scope
from bot.texts import named, percent, strung, tr, trn
from bot.ui import meters
from bot.ui.cards import done_above, panel
from bot.ui.press import ActButton, PickMenu
from bot.ui.text import cut, meter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.purse import Budget, Overview
    from bot.domain.quotas import Grant
    from bot.domain.rules import Entitlement, Rule

PAGE, CHANGE, END = "quotapage", "quotachange", "quotaend"
"""Turns the pages of the rules; opens a member's form; takes a grant back."""
SETUP, SETUP_FORM = "setup", "setup"
ON_PAGE = 8
"""Roles and people on one page of rules."""
GRANTS_LISTED = 25
"""What one menu of Discord takes."""
ALL = 100
"""Percent of a budget."""


def mention(target: Target) -> str:
    """Name those for whom a rule is; nobody is told, for no mention of Easel's notifies."""
    if target.scope is Scope.DEFAULT:
        return tr("everybody")
    return f"<@&{target.id}>" if target.scope is Scope.ROLE else f"<@{target.id}>"


def rules_said(rules: Sequence[Rule]) -> str:
    """Show rules, one on each line."""
    return "\n".join(named(amounts.each(rule.meter), f"**{_cap(rule.meter, rule.cap)}**") for rule in rules)


def listing(overview: Overview, page: int, done: str = "") -> ui.LayoutView:
    """Show what holds in a server: the budget, everybody, then roles and people by pages."""
    others = [target for target in overview.targets() if target != EVERYBODY]
    last = max(0, (len(others) - 1) // ON_PAGE)
    page = min(page, last)
    parts = done_above(done)
    heading = f"### {tr('Allowances in this server')}"
    parts.append(ui.TextDisplay[Any](heading if page else f"{heading}\n{_everybody(overview)}"))
    shown = others[page * ON_PAGE : (page + 1) * ON_PAGE]
    if shown:
        parts.append(
            ui.TextDisplay[Any]("\n".join(f"{mention(one)}\n{_small(overview.of(one))}" for one in shown))
        )
    parts.append(ui.TextDisplay[Any](f"-# {_order()}"))
    if last:
        parts.append(_pages(page, last))
    return panel(*parts)


def role(target: Target, overview: Overview, done: str = "") -> ui.LayoutView:
    """Show what holds for a role, or for everybody."""
    rules = overview.of(target)
    said = rules_said(rules) or tr("No limit of its own: what holds for everybody holds here too.")
    heading = tr("Allowance of {who}", who=mention(target))
    text = f"### {heading}\n{said}\n-# {_order()}"
    return panel(*done_above(done), ui.TextDisplay[Any](text))


def person(user_id: int, entitlement: Entitlement, done: str = "") -> ui.LayoutView:
    """Show a member's meters with their rules and grants, and what can be done."""
    heading = tr("Allowance of {who}", who=f"<@{user_id}>")
    parts: list[ui.Item[Any]] = [
        *done_above(done),
        ui.TextDisplay[Any](cut(f"### {heading}\n{meters.lines(entitlement)}", 3500)),
        ui.ActionRow[Any](
            ActButton(CHANGE, user_id, label=tr("Change…"), emoji="✏️", style=discord.ButtonStyle.primary)
        ),
    ]
    granted = [grant for reading in entitlement.readings for grant in reading.grants]
    if granted:
        parts.append(ui.ActionRow[Any](_grants(user_id, granted[:GRANTS_LISTED])))
    return panel(*parts)


def budget(overview: Overview, done: str = "") -> ui.LayoutView:
    """Show what a server may spend, and what it has spent."""
    return panel(
        *done_above(done),
        ui.TextDisplay[Any](f"### {tr('Budget of this server')}\n{_budget(overview.budget)}"),
    )


def zone(overview: Overview) -> ui.LayoutView:
    """Say in which time zone days and months begin now."""
    said = tr("Days and months begin in the time zone **{zone}** from now on.", zone=overview.zone)
    note = tr("What was used stays used: it is counted anew in the days of that zone.")
    return panel(ui.TextDisplay[Any](f"{said}\n-# {note}"))


def set_up(overview: Overview, roles: Sequence[int]) -> ui.LayoutView:
    """Show what the set-up has decided, and what to do next."""
    free = strung(f"<@&{one}>" for one in roles)
    facts = [
        (tr("Time zone"), overview.zone),
        (amounts.each(Meter.IMAGES_PER_DAY), _cap_of(overview, Meter.IMAGES_PER_DAY)),
        (amounts.each(Meter.MESSAGES_PER_DAY), _cap_of(overview, Meter.MESSAGES_PER_DAY)),
        (tr("Budget a month"), _cap(Meter.USD_PER_MONTH, overview.budget.microusd)),
        (tr("Without a daily limit"), free or tr("nobody")),
    ]
    said = "\n".join(tr("**{name}:** {value}", name=name, value=value) for name, value in facts)
    later = "\n".join(
        (
            tr("**/manage quota set** gives a role or a person more, or less."),
            tr("**/manage quota grant** adds pictures for a while, as a thank-you or for an event."),
            tr("**/manage budget** says when you hear of what is spent."),
            tr("**/imagine** draws the first picture."),
        )
    )
    again = ActButton(SETUP, label=tr("Change…"), emoji="✏️", style=discord.ButtonStyle.primary)
    return panel(
        ui.TextDisplay[Any](f"### {tr('Easel is set up here')}\n{said}"),
        ui.Separator[Any](),
        ui.TextDisplay[Any](f"**{tr('What to do next')}**\n{later}"),
        ui.ActionRow[Any](again),
    )


def _everybody(overview: Overview) -> str:
    default = dict(overview.defaults)
    rows: list[str] = []
    own = {rule.meter: rule for rule in overview.of(EVERYBODY)}
    for one in Meter:
        if one in own:
            rows.append(named(amounts.each(one), f"**{_cap(one, own[one].cap)}**"))
        elif one in default:
            whose = tr("Easel's own default")
            rows.append(named(amounts.each(one), f"{_cap(one, default[one])} · {whose}"))
    said = "\n".join(rows) or tr("No limit.")
    zone = tr("Days and months begin in the time zone {zone}.", zone=overview.zone)
    spending = f"**{tr('Budget of this server')}**\n{_budget(overview.budget)}"
    return f"**{tr('Everybody')}**\n{said}\n{spending}\n-# {zone}"


def _budget(one: Budget) -> str:
    spent = money.brief(one.spent_microusd)
    rows: list[str] = []
    if one.microusd is None:
        rows.append(tr("No budget is set. {spent} spent this month.", spent=spent))
    else:
        total = one.spent_microusd + one.held_microusd
        amount = money.show(one.microusd)
        left = money.brief(max(0, one.microusd - total))
        said = tr("{left} of {amount} left, {spent} spent", left=left, amount=amount, spent=spent)
        rows.append(f"`{meter(total, one.microusd)}` {said}")
        rows.append(
            "-# "
            + tr(
                "Moderators hear of it at {percent} and at {all}. It starts again {when}.",
                percent=percent(one.percent / ALL),
                all=percent(1),
                when=f"<t:{one.ends_at}:R>",
            )
        )
    if one.held_microusd:
        held = money.brief(one.held_microusd)
        rows.append(f"-# {tr('{held} more is held for what is under way.', held=held)}")
    if one.operator_microusd is not None:
        most = money.show(one.operator_microusd)
        said = tr("The bot's operator lets each server spend {most} a month at most.", most=most)
        rows.append(f"-# {said}")
    return "\n".join(rows)


def _order() -> str:
    return tr(
        "A person's own limit comes before those of their roles, of which the most generous counts, "
        "and those come before everybody's."
    )


def _small(rules: Sequence[Rule]) -> str:
    said = " · ".join(named(amounts.each(rule.meter), _cap(rule.meter, rule.cap)) for rule in rules)
    return f"-# {said}"


def _pages(page: int, last: int) -> ui.ActionRow[Any]:
    at = tr("Page {page} of {pages}", page=page + 1, pages=last + 1)
    return ui.ActionRow[Any](
        ActButton(PAGE, max(0, page - 1), "b", label="◀", disabled=page == 0),
        ActButton(PAGE, page, "s", label=at, disabled=True),
        ActButton(PAGE, page + 1, "f", label="▶", disabled=page == last),
    )


def _grants(user_id: int, granted: Sequence[Grant]) -> PickMenu:
    options = [
        discord.SelectOption(
            label=cut(f"{amounts.number(one.meter, one.left)} · {amounts.each(one.meter)}", 100),
            value=str(one.id),
            description=cut(one.reason, 100),
        )
        for one in granted
    ]
    count = len(granted)
    placeholder = trn("Take back the grant…", "Take back one of {count} grants…", count)
    return PickMenu(END, user_id, options=options, placeholder=placeholder)


def _cap_of(overview: Overview, one: Meter) -> str:
    return _cap(one, overview.cap(one))


def _cap(one: Meter, cap: int | None) -> str:
    return tr("unlimited") if cap is None else amounts.number(one, cap)
