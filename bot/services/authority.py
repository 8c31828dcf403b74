"""Who may administer Easel in a server, and whom they may act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.domain.hierarchy import is_own, may_undo, stands_over
from bot.domain.overrides import lets
from bot.errors import NotAllowed
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.hierarchy import Subject
    from bot.domain.overrides import Override
    from bot.domain.requests import Requester


class ServerOverrides(Protocol):
    """Knows what the settings of servers say about /manage."""

    async def of(self, guild_id: int) -> Sequence[Override]:
        """Return what a server set; nothing where it set nothing, or where Discord does not tell."""
        ...


class NoOverrides:
    """Knows nothing: who manages the server may use /manage."""

    async def of(self, guild_id: int) -> Sequence[Override]:  # noqa: ARG002 - the shape of ServerOverrides
        """Return nothing."""
        return ()


class Authority:
    """Tells who may use /manage and what hangs on it; asked on every command, press and form.

    By default that is who has Manage Server; a server can give it to others and take it away (Server
    Settings > Integrations). A use of /manage itself was let through by Discord. Buttons and forms, which
    Discord lets anybody send, are held to the same settings.
    """

    def __init__(self, overrides: ServerOverrides | None = None) -> None:
        self._overrides = overrides or NoOverrides()

    async def require(self, who: Requester) -> int:
        """Return the server that someone may administer, or raise NotAllowed."""
        if who.guild_id is None:
            raise NotAllowed(tr("This works only in a server that Easel is a member of."))
        if who.uses_manage or who.rank.is_top:
            return who.guild_id
        verdict = lets(await self._overrides.of(who.guild_id), who, who.guild_id)
        if verdict is False:
            raise NotAllowed(tr("This server does not let you use /manage here, nor what hangs on it."))
        if verdict is None and not who.may_manage:
            raise NotAllowed(tr("Only people who may manage this server can do that."))
        return who.guild_id

    async def moderates(self, who: Requester, guild_id: int | None, channel_id: int) -> bool:
        """Tell whether somebody may stop, end or delete what others have in a channel.

        Who administers the server may, wherever in it that is. In the channel that they are in, who has
        Discord's Manage Messages may as well: there they can delete Easel's messages anyway.
        """
        if guild_id is None or guild_id != who.guild_id:
            return False
        if who.may_moderate and channel_id == who.channel_id:
            return True
        try:
            await self.require(who)
        except NotAllowed:
            return False
        return True

    async def require_over(self, who: Requester, subject: Subject) -> int:
        """Return the server as `require` does, or raise NotAllowed also for a person or role not below them.

        Nobody but the owner and administrators acts on themselves or on a role of theirs: an allowance that
        somebody may raise for others is not one that they raise for themselves.
        """
        guild_id = await self.require(who)
        if not stands_over(who, subject):
            raise NotAllowed(_why(who, subject))
        return guild_id

    async def require_undoing(self, who: Requester, by: Subject) -> int:
        """Return the server as `require` does, or raise NotAllowed for what somebody above them decided."""
        guild_id = await self.require(who)
        if not may_undo(who, by):
            raise NotAllowed(
                tr("Somebody who stands above you decided that. Ask them, or somebody who stands as high.")
            )
        return guild_id

    async def require_apart(self, who: Requester, user_id: int) -> int:
        """Return the server as `require` does, or raise NotAllowed for who would decide on their own.

        The owner and administrators may: above them there is nobody to ask.
        """
        guild_id = await self.require(who)
        if who.user_id == user_id and not who.rank.is_top:
            raise NotAllowed(
                tr("These are your own. Another moderator has to decide, or the owner of this server.")
            )
        return guild_id


def _why(who: Requester, subject: Subject) -> str:
    """Say why somebody may not act on a person or a role."""
    if is_own(who, subject):
        if subject.is_role:
            return tr("You have that role yourself. Ask an administrator, or the owner of this server.")
        return tr("You cannot do that to yourself. Ask an administrator, or the owner of this server.")
    if subject.is_role:
        return tr(
            "{role} is not below your highest role. Ask somebody who stands above it.",
            role=f"<@&{subject.id}>",
        )
    return tr("That person's highest role is not below yours. Ask somebody who stands above them.")
