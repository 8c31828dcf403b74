"""Bans from Easel: set and lifted by moderators; what the person has under way is called off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.access import MOST_REASON, PAGE, Ban, Banned, BanPage
from bot.errors import NotAllowed, NotFound, TooLate
from bot.services.access import stamp, until_after
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.hierarchy import Subject
    from bot.domain.requests import Requester
    from bot.services.authority import Authority
    from bot.services.batches import Batches
    from bot.services.studio import Studio
    from bot.storage.access import AccessRows
    from bot.storage.batches import Batches as BatchRows
    from bot.storage.jobs import Jobs

    Find = Callable[[int], Awaitable[Subject]]


class Bans:
    """The bans of servers, for their moderators."""

    def __init__(
        self,
        *,
        rows: AccessRows,
        authority: Authority,
        jobs: Jobs,
        studio: Studio,
        batch_rows: BatchRows,
        batches: Batches,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._authority = authority
        self._jobs = jobs
        self._studio = studio
        self._batch_rows = batch_rows
        self._batches = batches
        self._clock = clock

    async def ban(
        self, who: Requester, subject: Subject, length: str | None, reason: str, find: Find
    ) -> Banned:
        """Ban somebody for a while or for good, in place of an earlier ban, and call off what they asked for.

        What is drawn already is shown and settled; what waits, for its turn or for moderators, or is drawn
        now is released. Raise NotAllowed, or BadInput for a length that is none. `find` tells how high a
        person stands: a ban of somebody above is not changed.
        """
        if subject.id == who.user_id:
            raise NotAllowed(tr("You cannot ban yourself."))
        guild_id = await self._authority.require_over(who, subject)
        await self._require_undoing(who, guild_id, subject.id, find)
        now = self._clock()
        ban = Ban(subject.id, who.user_id, reason[:MOST_REASON], now, until_after(now, length))
        detail = {"until": stamp(ban.until), "reason": ban.reason}
        line = AuditLine(guild_id, who.user_id, "access.ban", f"person:{subject.id}", detail, now)
        await self._rows.ban(ban, line)
        return Banned(ban, await self._call_off(who, guild_id, subject.id))

    async def unban(self, who: Requester, subject: Subject, find: Find) -> None:
        """Let somebody use Easel again, or raise NotAllowed as `ban` does, or NotFound where no ban holds."""
        guild_id = await self._authority.require_over(who, subject)
        await self._require_undoing(who, guild_id, subject.id, find)
        line = AuditLine(guild_id, who.user_id, "access.unban", f"person:{subject.id}", {}, self._clock())
        if not await self._rows.unban(subject.id, line):
            raise NotFound(tr("That person is not banned from Easel here."))

    async def page(self, who: Requester, page: int) -> BanPage:
        """Return a page of the bans that hold, or the last page there is."""
        guild_id = await self._authority.require(who)
        now = self._clock()
        total = (await self._rows.overview(guild_id, now)).bans
        page = max(0, min(page, BanPage((), 0, total).pages - 1))
        bans = await self._rows.bans(guild_id, now, count=PAGE, skipped=page * PAGE)
        return BanPage(bans, page, total)

    async def _require_undoing(self, who: Requester, guild_id: int, user_id: int, find: Find) -> None:
        ban = await self._rows.ban_of(guild_id, user_id, self._clock())
        if ban is not None:
            await self._authority.require_undoing(who, await find(ban.banned_by))

    async def _call_off(self, who: Requester, guild_id: int, user_id: int) -> int:
        """Cancel what somebody has under way in a server, in the name of the moderator."""
        acting = replace(who, uses_manage=True)  # was let in by `ban`: nobody is asked again
        called_off = 0
        for batch in await self._batch_rows.under_way_of_person(user_id):
            if batch.guild_id == guild_id:
                try:
                    await self._batches.cancel(batch.id, acting)
                except (TooLate, NotFound):
                    continue
                called_off += 1
        for job in await self._jobs.unfinished_of_person(user_id):
            if job.guild_id == guild_id:
                try:
                    await self._studio.cancel(job.id, acting)
                except (TooLate, NotFound):  # ended meanwhile, or was a batch's and went with it
                    continue
                called_off += 1
        return called_off
