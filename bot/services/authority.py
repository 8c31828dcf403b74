"""Who may administer Easel in a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import NotAllowed
from bot.texts import tr

if TYPE_CHECKING:
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
