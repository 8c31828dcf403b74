"""Every act of the audit as a sentence: an area adds its own table here, and to SENTENCES.

    QUOTA = {"quota.set": lambda told: tr("{actor} set … for {subject}.", **told.named)}

A line whose action is not in the table is shown by its name and its values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain import amounts
from bot.domain.audit import EASEL
from bot.domain.money import show
from bot.domain.quotas import Meter
from bot.texts import named, tr, trn
from bot.ui import meters
from bot.ui.text import cut, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.storage.audit import AuditLine

    Sentence = Callable[["Told"], str]

ALL = 100
"""Percent of a budget."""
LONGEST = 340
"""Characters of one line; ten of them fit into a message."""
MENTIONS = {"person": "<@{id}>", "user": "<@{id}>", "role": "<@&{id}>", "channel": "<#{id}>"}
"""How the kinds of subjects are shown that Discord knows by name; everyone's role is the server's own."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line, and what sentences are made of."""

    line: AuditLine

    @property
    def named(self) -> Mapping[str, str]:
        """Return who did it and to whom, as values of a sentence."""
        return {"actor": actor(self.line), "subject": subject(self.line)}

    def words(self, name: str, limit: int = 200) -> str:
        """Return a detail as people may read it; empty where it is not there."""
        value = self.line.detail.get(name)
        return "" if value is None else plain(str(value), limit)

    def number(self, name: str) -> int:
        """Return a detail that is a whole number; 0 where it is not there."""
        value = self.line.detail.get(name)
        return value if isinstance(value, int) else 0

    def when(self, name: str) -> str:
        """Return a detail in seconds since 1970 as Discord shows it; empty where it is not there."""
        return f"<t:{self.number(name)}:f>" if self.number(name) else ""

    def because(self, sentence: str) -> str:
        """Return a sentence with the reason that was given, if one was."""
        if not (reason := self.words("reason")):
            return sentence
        return tr("{sentence} Reason: {reason}", sentence=sentence, reason=reason)


def actor(line: AuditLine) -> str:
    """Return who did something."""
    return "Easel" if line.actor_id == EASEL else f"<@{line.actor_id}>"


def subject(line: AuditLine) -> str:
    """Return whom or what something was done to."""
    kind, _, about = line.subject.partition(":")
    if kind == "role" and about == str(line.guild_id):
        return "@everyone"
    if about.isdecimal() and kind in MENTIONS:
        return MENTIONS[kind].replace("{id}", about)
    return plain(line.subject.replace(":", " "), 100)


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


def family(name: str) -> str:
    """Return what a family of commands is to people."""
    names = {"draw": tr("Pictures"), "talk": tr("Conversation"), "read": tr("Reading")}
    return names.get(name, plain(name, 40))


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
    what = _kept_to(told, MENTIONS["role"], tr("everyone"))
    return tr("{actor} chose who may use Easel. {what}", **told.named, what=what)


def _keep(told: Told) -> str:
    days = told.number("days")
    return trn(
        "{actor} let lines of the audit be kept for {count} day.",
        "{actor} let lines of the audit be kept for {count} days.",
        days,
        **told.named,
    )


def _amount(told: Told, name: str) -> str:
    """Return an amount of the meter that a line is about."""
    meter, value = told.line.detail.get("meter"), told.line.detail.get(name)
    if not isinstance(value, int) or meter not in set(Meter):
        return tr("unlimited")
    return amounts.show(Meter(meter), value)


def _meter(told: Told) -> str:
    meter = told.line.detail.get("meter")
    return meters.each(Meter(meter)) if meter in set(Meter) else told.words("meter")


def _quota(told: Told) -> str:
    return tr(
        "{actor} set for {subject}: {meter} {amount}.",
        **told.named,
        meter=_meter(told),
        amount=_amount(told, "cap"),
    )


def _grant(told: Told) -> str:
    said = tr(
        "{actor} granted {subject} more: {meter} {amount}.",
        **told.named,
        meter=_meter(told),
        amount=_amount(told, "amount"),
    )
    return told.because(said)


def _budget(told: Told) -> str:
    budget = told.line.detail.get("budget")
    if isinstance(budget, str) and budget.isdecimal():
        return tr("{actor} set this server's budget to {amount}.", **told.named, amount=show(int(budget)))
    return tr("{actor} changed this server's budget.", **told.named)


def _alert(told: Told) -> str:
    spent, budget = show(told.number("spent_microusd")), show(told.number("budget_microusd"))
    if told.number("percent") < ALL:
        return tr(
            "{percent} % of this server's budget is spent: {spent} of {budget} this month.",
            percent=told.number("percent"),
            spent=spent,
            budget=budget,
        )
    return tr(
        "This server's budget is used up: {spent} of {budget} are spent this month, "
        "and what is left is too little for what was asked.",
        spent=spent,
        budget=budget,
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
    "quota.clear": lambda told: tr("{actor} removed limits of {subject}.", **told.named),
    "quota.grant": _grant,
    "quota.revoke": lambda told: tr("{actor} took a grant back from {subject}.", **told.named),
    "quota.reset": lambda told: tr("{actor} let what {subject} used count no more.", **told.named),
    "quota.zone": lambda told: tr(
        "{actor} chose the time zone {zone}.", **told.named, zone=told.words("zone")
    ),
    "quota.setup": lambda told: tr("{actor} set Easel up here.", **told.named),
    "budget.set": _budget,
    "budget.alert": _alert,
}
SENTENCES: dict[str, Sentence] = {**ACCESS, **LOG, **CHAT, **QUOTA}
