"""Whom a server lets use a command, in its own settings (Server Settings > Integrations).

The order is Discord's (interactions/application-commands#permissions, and its help article "Updates to
Command Permissions" of February 2023): channels first, then the person, then roles, of which one that allows
is enough, then everyone. What is set for the command stands before what is set for the whole app; what is
set for the app can take the command away, and does not hand it to who lacks its default permission.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.domain.requests import Requester


class Target(IntEnum):
    """What an override is for, by Discord's numbers."""

    ROLE = 1
    PERSON = 2
    CHANNEL = 3


@dataclass(frozen=True, slots=True)
class Override:
    """What a server set for a role, a person or a channel."""

    target: Target
    id: int
    allows: bool
    of_command: bool = True
    """Whether it is for the command itself, and not for all commands of the app."""


def lets(overrides: Iterable[Override], who: Requester, guild_id: int) -> bool | None:
    """Tell whether a server lets somebody use a command: None leaves it to the command's default permission.

    The role of everyone has the server's id, and all channels its id less one; neither allows anything that
    the default permission does not.
    """
    chosen: dict[tuple[Target, int], Override] = {}
    for one in sorted(overrides, key=lambda one: one.of_command):
        chosen[one.target, one.id] = one
    if not _is_open(chosen, who, guild_id):
        return False
    if own := chosen.get((Target.PERSON, who.user_id)):
        return _verdict(own)
    roles = [chosen[key] for role in who.role_ids - {guild_id} if (key := (Target.ROLE, role)) in chosen]
    if roles:
        return max((_verdict(one) for one in roles), key=_generosity)
    everyone = chosen.get((Target.ROLE, guild_id))
    return None if everyone is None or everyone.allows else False


def _is_open(chosen: Mapping[tuple[Target, int], Override], who: Requester, guild_id: int) -> bool:
    """Tell whether the command may be used in this channel; a thread goes by the channel it is in."""
    place = who.channel_id if who.parent_id is None else who.parent_id
    here = chosen.get((Target.CHANNEL, place)) or chosen.get((Target.CHANNEL, guild_id - 1))
    return here is None or here.allows


def _verdict(one: Override) -> bool | None:
    if not one.allows:
        return False
    return True if one.of_command else None


def _generosity(verdict: bool | None) -> int:
    return {True: 2, None: 1, False: 0}[verdict]
