"""Every act of the audit as a sentence: an area adds its own table here, and to SENTENCES.

    QUOTA = {"quota.set": lambda told: tr("{actor} set … for {subject}.", **told.named)}

A line whose action is not in the table is shown by its name and its values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import amounts
from bot.domain.money import alike, show
from bot.domain.purse import FREE
from bot.domain.quotas import Meter
from bot.texts import named, noted, percent, strung, tr, trn
from bot.ui.audit_safety import PRIVACY, SAFETY
from bot.ui.audit_told import MENTIONS, Told, family
from bot.ui.text import cut

if TYPE_CHECKING:
    from bot.storage.audit import AuditLine
    from bot.ui.audit_told import Sentence

ALL = 100
"""Percent of a budget."""
FREE_SHOWN = 3
"""Roles without a daily limit that the line of a set-up names."""
LONGEST = 340
"""Characters of one line; ten of them fit into a message."""


def sentence(line: AuditLine) -> str:
    """Return a line as a sentence of at most LONGEST characters."""
    return cut(SENTENCES.get(line.action, _by_name)(Told(line)), LONGEST)


def _by_name(told: Told) -> str:
    values = ", ".join(f"{name} {told.words(name, 60)}" for name in told.line.detail)
    said = f"{told.line.action} · {values}" if values else told.line.action
    return tr("{actor} · {subject} · {act}", **told.named, act=said)


def _ban(told: Told) -> str:
    if until := told.when("until"):
        return told.because(
            tr("{actor} banned {subject} from Easel until {until}.", **told.named, until=until)
        )
    return told.because(tr("{actor} banned {subject} from Easel.", **told.named))


def _pause(told: Told) -> str:
    if until := told.when("until"):
        return told.because(tr("{actor} paused Easel here until {until}.", **told.named, until=until))
    return told.because(tr("{actor} paused Easel here.", **told.named))


def _kept_to(told: Told, mention: str, nothing: str) -> str:
    """Return each family that was changed, with what it is kept to now."""
    said: list[str] = []
    for name, value in told.line.detail.items():
        ids = [one for one in str(value or "").split() if one.isdecimal()]
        shown = " ".join(mention.replace("{id}", one) for one in ids[:5])
        rest = f" +{len(ids) - 5}" if len(ids) > 5 else ""
        said.append(named(family(name), f"{shown or nothing}{rest}"))
    return "; ".join(said)


def _channels(told: Told) -> str:
    what = _kept_to(told, MENTIONS["channel"], tr("everywhere"))
    return tr("{actor} chose where Easel may be used. {what}", **told.named, what=what)


def _roles(told: Told) -> str:
    what = _kept_to(told, MENTIONS["role"], tr("everybody"))
    return tr("{actor} chose who may use Easel. {what}", **told.named, what=what)


def _keep(told: Told) -> str:
    days = told.number("days")
    return trn(
        "{actor} let lines of the audit be kept for {count} day.",
        "{actor} let lines of the audit be kept for {count} days.",
        days,
        **told.named,
    )


def _limit(told: Told, name: str) -> str:
    """Return a meter, and an amount of it that a line has."""
    meter, value = told.line.detail.get("meter"), told.line.detail.get(name)
    if meter not in set(Meter):
        return told.words("meter")
    return _measured(Meter(meter), value)


def _measured(meter: Meter, value: object) -> str:
    return named(amounts.each(meter), _amount(meter, value))


def _amount(meter: Meter, value: object) -> str:
    return amounts.number(meter, value) if isinstance(value, int) else tr("unlimited")


def _quota(told: Told) -> str:
    before, meter = told.line.detail.get("before"), told.line.detail.get("meter")
    what = _limit(told, "cap")
    if before is not None and meter in set(Meter):
        what = noted(what, tr("{amount} before", amount=_amount(Meter(meter), before)))
    return tr("{actor} set a limit for {subject}. {what}.", **told.named, what=what)


def _clear(told: Told) -> str:
    what = strung(_measured(Meter(one), cap) for one, cap in told.line.detail.items() if one in set(Meter))
    return tr("{actor} removed limits of {subject}, which were: {what}.", **told.named, what=what)


def _grant(told: Told) -> str:
    said = trn(
        "{actor} granted {subject} more for {count} day. {what}.",
        "{actor} granted {subject} more for {count} days. {what}.",
        told.number("days"),
        **told.named,
        what=_limit(told, "amount"),
    )
    return told.because(said)


def _revoke(told: Told) -> str:
    return tr(
        "{actor} took back what {subject} had left of a grant. {what}.",
        **told.named,
        what=_limit(told, "left"),
    )


def _reset(told: Told) -> str:
    meter = told.line.detail.get("meter")
    what = amounts.each(Meter(meter)) if meter in set(Meter) else tr("all meters")
    return tr("{actor} let what {subject} used count no more: {what}.", **told.named, what=what)


def _setup(told: Told) -> str:
    chosen = told.line.detail
    budget, roles = _digits(told, "budget"), str(chosen.get("free_roles") or "").split(",")
    free = " ".join(MENTIONS["role"].replace("{id}", one) for one in roles[:FREE_SHOWN] if one.isdecimal())
    rest = f" +{len(roles) - FREE_SHOWN}" if len(roles) > FREE_SHOWN else ""
    facts = [
        named(tr("Time zone"), told.words("zone", 60)),
        *(_measured(one, chosen.get(one.value)) for one in FREE),
        named(tr("Budget a month"), tr("unlimited") if budget is None else show(budget)),
        *([named(tr("Without a daily limit"), f"{free}{rest}")] if free else []),
    ]
    return tr("{actor} set Easel up here. {what}", **told.named, what="; ".join(facts))


def _budget(told: Told) -> str:
    amount, alert = _digits(told, "budget"), _digits(told, "budget_alert")
    if "budget" not in told.line.detail:
        said = tr("{actor} changed this server's budget.", **told.named)
    elif amount is None:
        said = tr("{actor} lifted this server's budget.", **told.named)
    else:
        said = tr("{actor} set this server's budget to {amount}.", **told.named, amount=show(amount))
    if not alert:
        return said
    return f"{said} {tr('Moderators hear of it at {percent}.', percent=percent(alert / ALL))}"


def _digits(told: Told, name: str) -> int | None:
    """Return a number that a setting holds as digits; None where there is none."""
    value = told.line.detail.get(name)
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def _alert(told: Told) -> str:
    spent, budget = told.number("spent_microusd"), told.number("budget_microusd")
    values = dict(zip(("spent", "budget"), alike((spent, budget)), strict=True))
    if told.number("percent") < ALL:
        return tr(
            "{percent} of this server's budget is spent: {spent} of {budget} this month.",
            percent=percent(told.number("percent") / ALL),
            **values,
        )
    if spent >= budget:
        return tr("This server's budget is used up: {spent} of {budget} are spent this month.", **values)
    return tr(
        "This server's budget is used up: {spent} of {budget} are spent this month, "
        "and what is left is too little for what was asked.",
        **values,
    )


ACCESS: dict[str, Sentence] = {
    "access.ban": _ban,
    "access.unban": lambda told: tr("{actor} lets {subject} use Easel again.", **told.named),
    "access.pause": _pause,
    "access.resume": lambda told: tr("{actor} let Easel go on here.", **told.named),
    "access.channels": _channels,
    "access.roles": _roles,
}
LOG: dict[str, Sentence] = {
    "log.set": lambda told: tr("{actor} has this log posted in {subject}.", **told.named),
    "log.stop": lambda told: tr("{actor} had this log posted in {subject} no longer.", **told.named),
    "log.lost": lambda told: tr(
        "Easel can no longer post this log in {subject}: {why}", **told.named, why=told.words("why")
    ),
    "audit.keep": _keep,
}
CHAT: dict[str, Sentence] = {
    "chat.settings": lambda told: tr("{actor} chose how Easel answers in {subject}.", **told.named),
    "chat.reset": lambda told: tr("{actor} let Easel answer in {subject} as everywhere.", **told.named),
}
QUOTA: dict[str, Sentence] = {
    "quota.set": _quota,
    "quota.clear": _clear,
    "quota.grant": _grant,
    "quota.revoke": _revoke,
    "quota.reset": _reset,
    "quota.zone": lambda told: tr(
        "{actor} chose the time zone {zone}.", **told.named, zone=told.words("zone")
    ),
    "quota.setup": _setup,
    "budget.set": _budget,
    "budget.alert": _alert,
}
SENTENCES: dict[str, Sentence] = {**ACCESS, **LOG, **CHAT, **QUOTA, **SAFETY, **PRIVACY}
LEFT_OUT: dict[str, str] = {
    "audit.keep": "before",
    "chat.settings": "channel persona persona_changed model temperature history days",
    "chat.reset": "channel persona persona_changed model temperature history days",
    "quota.revoke": "grant",
    "quota.setup": "*",
    "budget.set": "*",
    "budget.alert": "month",
    "safety.caption": "place",
    "safety.words_added": "count",
    "safety.words_removed": "count",
    "review.held": "job",
    "review.approved": "job",
    "review.denied": "job",
    "review.expired": "job reason",
    "review.called_off": "job reason",
    "report.filed": "job",
    "report.dismissed": "job",
    "report.deleted": "job",
    "safety.flagged": "job whose",
    "safety.unchecked": "job",
    "safety.apart": "job",
}
"""What sentences leave out on purpose; `*` is details of any name.

Numbers of jobs say nothing to people, and what was chosen is read where it is chosen.
"""
