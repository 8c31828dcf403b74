"""Breaks for people who are turned away again and again, by the list of words or by the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.conduct import MEMORY, cooled_until
from bot.errors import NotAllowed
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from bot.domain.access import Asked
    from bot.domain.requests import Requester
    from bot.storage.audit import Audit
    from bot.storage.conduct import ConductRows


class Conduct:
    """Turns away who takes a break; one of the checks of the door."""

    def __init__(
        self,
        rows: ConductRows,
        audit: Audit,
        *,
        after: int,
        least: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._audit = audit
        self._after = after
        self._least = least
        self._clock = clock

    async def __call__(self, who: Requester, _asked: Asked) -> None:
        """Raise NotAllowed for who takes a break; moderators hear of it once."""
        now, guild_id = self._clock(), who.guild_id or 0
        refused = await self._rows.refused(guild_id, who.user_id, now - MEMORY)
        until = cooled_until(refused, self._after, self._least)
        if until is None or until <= now:
            return
        if not await self._rows.is_told(guild_id, who.user_id, max(refused)):
            detail = {"refused": len(refused), "until": int(until.timestamp())}
            line = AuditLine(guild_id, 0, "safety.cooled", str(who.user_id), detail, now)
            await self._audit.add(line)
        raise NotAllowed(_said(until, in_server=who.guild_id is not None))

    async def forgive(self, guild_id: int, user_id: int, by: int) -> bool:
        """Forget what somebody was refused so far; False where that was nothing."""
        now = self._clock()
        had = await self._rows.refused(guild_id, user_id, now - MEMORY)
        if not had:
            return False
        detail = {"refused": len(had)}
        await self._audit.add(AuditLine(guild_id, by, "safety.forgiven", str(user_id), detail, now))
        return True

    async def forget_old(self) -> None:
        """Delete what is remembered of deleted requests, once it counts no more."""
        await self._rows.forget(self._clock())


def _said(until: datetime, *, in_server: bool) -> str:
    moment = int(until.timestamp()) + 1
    if in_server:
        return tr(
            "Several of your requests were refused, so there is a break: ask again <t:{moment}:R>. "
            "A moderator can end it sooner.",
            moment=moment,
        )
    return tr(
        "Several of your requests were refused, so there is a break: ask again <t:{moment}:R>.", moment=moment
    )
