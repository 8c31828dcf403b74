"""Who stands above whom in a server: the owner, then administrators, then whose highest role is higher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.requests import Requester

NO_ROLE = (-1, 0)
"""Below the role of everyone, which is in place 0."""


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """How high somebody or a role stands; a greater one is higher."""

    is_owner: bool = False
    is_administrator: bool = False
    role: tuple[int, int] = NO_ROLE
    """The highest role: its position, and its id below zero, for of two in one place the older is higher."""

    @property
    def is_top(self) -> bool:
        """Tell whether nobody has to be asked: the owner, or an administrator."""
        return self.is_owner or self.is_administrator


LOWEST = Rank()
"""Of who is not, or no longer, in the server."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or a role that somebody acts on."""

    id: int
    rank: Rank = LOWEST
    is_role: bool = False


def is_own(who: Requester, subject: Subject) -> bool:
    """Tell whether a subject is somebody themselves, or a role that they have."""
    return subject.id in who.role_ids if subject.is_role else subject.id == who.user_id


def may_undo(who: Requester, by: Subject) -> bool:
    """Tell whether somebody may undo what another decided: their own, and that of nobody above them."""
    return who.user_id == by.id or who.rank >= by.rank


def stands_over(who: Requester, subject: Subject) -> bool:
    """Tell whether somebody may act on a person or a role of their server.

    Equals may not act on each other, and nobody but the owner and administrators on themselves or on a role
    that they have. The role of everyone is the server itself, which all may act on who administer it.
    """
    if subject.is_role and subject.id == who.guild_id:
        return True
    if is_own(who, subject):
        return who.rank.is_top
    return who.rank > subject.rank
