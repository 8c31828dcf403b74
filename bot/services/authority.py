"""Who may administer Easel in a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.hierarchy import is_own, stands_over
from bot.errors import NotAllowed
from bot.texts import tr

if TYPE_CHECKING:
    from bot.domain.hierarchy import Subject
    from bot.domain.requests import Requester


class Authority:
    """Tells who may use /manage and what hangs on it; asked on every command, press and form."""

    async def require(self, who: Requester) -> int:
        """Return the server that someone may administer, or raise NotAllowed."""
        if who.guild_id is None:
            raise NotAllowed(tr("This works only in a server that Easel is a member of."))
        if not who.may_manage:
            raise NotAllowed(tr("Only people who may manage this server can do that."))
        return who.guild_id

    async def require_over(self, who: Requester, subject: Subject) -> int:
        """Return the server as `require` does, or raise NotAllowed also for a person or role not below them.

        Nobody but the owner and administrators acts on themselves or on a role of theirs: an allowance that
        somebody may raise for others is not one that they raise for themselves.
        """
        guild_id = await self.require(who)
        if not stands_over(who, subject):
            raise NotAllowed(_why(who, subject))
        return guild_id


def _why(who: Requester, subject: Subject) -> str:
    """Say why somebody may not act on a person or a role."""
    if is_own(who, subject):
        if subject.is_role:
            return tr("You have that role yourself. Ask an administrator, or the owner of this server.")
        return tr("You cannot do that to yourself. Ask an administrator, or the owner of this server.")
    if subject.is_role:
        return tr("That role is not below your highest one. Ask somebody who stands above it.")
    return tr("That person's highest role is not below yours. Ask somebody who stands above them.")
