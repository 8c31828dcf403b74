"""The audit of a server, as its moderators read it, and the channel that it is posted to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.audit import LEAST_DAYS, MOST_DAYS, PAGE, USUAL_DAYS, LogState
from bot.errors import BadInput, NotFound
from bot.storage.audit import AuditLine, Found
from bot.storage.log_channels import CHANNEL
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.domain.audit import Search
    from bot.domain.requests import Requester
    from bot.services.authority import Authority
    from bot.storage.audit import Audit
    from bot.storage.log_channels import LogChannels
    from bot.storage.server_settings import ServerSettings

DAYS = "audit_days"
"""The name of the server's setting that says how long lines are kept."""


class Logbook:
    """Reads the audit, and decides where it is posted and how long it is kept."""

    def __init__(
        self,
        *,
        audit: Audit,
        channels: LogChannels,
        settings: ServerSettings,
        authority: Authority,
        clock: Callable[[], datetime],
    ) -> None:
        self._audit = audit
        self._channels = channels
        self._settings = settings
        self._authority = authority
        self._clock = clock

    async def find(self, who: Requester, search: Search, page: int = 0) -> Found:
        """Return a page of the lines that fit, or the last page there is; raise NotAllowed."""
        guild_id = await self._authority.require(who)
        total = await self._audit.count(guild_id, search)
        page = max(0, min(page, Found((), 0, total).pages - 1))
        lines = await self._audit.find(guild_id, search, count=PAGE, skipped=page * PAGE)
        return Found(lines, page, total)

    async def state(self, who: Requester) -> LogState:
        """Return where lines go and how long they are kept, or raise NotAllowed."""
        return _state(await self._settings.of(await self._authority.require(who)))

    async def follow(self, who: Requester, channel_id: int) -> LogState:
        """Post every line from now on to a channel, whose permissions are checked by who asks."""
        line = await self._line(who, "log.set", f"channel:{channel_id}", {})
        await self._channels.begin(channel_id, line)
        return await self.state(who)

    async def stop(self, who: Requester) -> LogState:
        """Post lines nowhere any more, or raise NotFound where they are posted nowhere."""
        before = await self.state(who)
        if before.channel_id is None:
            raise NotFound(tr("No channel gets the log of this server."))
        await self._channels.end(await self._line(who, "log.stop", f"channel:{before.channel_id}", {}))
        return await self.state(who)

    async def keep(self, who: Requester, days: int) -> LogState:
        """Keep lines for so many days, or raise BadInput; older ones go in the night."""
        if not LEAST_DAYS <= days <= MOST_DAYS:
            raise BadInput(tr("Lines are kept for {least} to {most} days.", least=LEAST_DAYS, most=MOST_DAYS))
        before = await self.state(who)
        line = await self._line(who, "audit.keep", "server", {"days": days, "before": before.days})
        await self._settings.choose({DAYS: str(days)}, line)
        return await self.state(who)

    async def expire(self) -> int:
        """Remove the lines that are older than their servers keep them, and return how many."""
        now = self._clock()
        chosen = {
            guild_id: now - timedelta(days=int(days))
            for guild_id, days in (await self._settings.servers_with(DAYS)).items()
        }
        return await self._audit.expire(DAYS, now - timedelta(days=USUAL_DAYS), chosen)

    async def _line(
        self, who: Requester, action: str, subject: str, detail: Mapping[str, str | int | None]
    ) -> AuditLine:
        guild_id = await self._authority.require(who)
        return AuditLine(guild_id, who.user_id, action, subject, detail, self._clock())


def _state(chosen: Mapping[str, str]) -> LogState:
    channel = chosen.get(CHANNEL)
    return LogState(None if channel is None else int(channel), int(chosen.get(DAYS, USUAL_DAYS)))
