"""A line of the audit, and what its sentence is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.audit import EASEL
from bot.texts import tr
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.storage.audit import AuditLine

    Sentence = Callable[["Told"], str]

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

    def channel(self, name: str) -> str:
        """Return a detail that is a channel, as Discord shows it; empty where it is not there."""
        return MENTIONS["channel"].replace("{id}", str(self.number(name))) if self.number(name) else ""

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
    if line.subject == "everyone":
        return tr("everybody")
    if kind == "role" and about == str(line.guild_id):
        return "@everyone"
    if not about and kind.isdecimal() and int(kind):
        return f"<@{kind}>"
    if about.isdecimal() and kind in MENTIONS:
        return MENTIONS[kind].replace("{id}", about)
    return plain(line.subject.replace(":", " "), 100)


def family(name: str) -> str:
    """Return what a family of commands is to people."""
    names = {"draw": tr("Pictures"), "talk": tr("Conversation"), "read": tr("Reading")}
    return names.get(name, plain(name, 40))
