"""Reports of members: kept, brought before moderators, and decided on once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.domain.images import Role
from bot.domain.reports import Case, Report, Reported, ReportState
from bot.errors import BadInput, NotFound, TooBusy, TooLate
from bot.storage.audit import AuditLine
from bot.storage.reports import TooMany
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.requests import Requester
    from bot.services.sweeper import Sweeper
    from bot.services.watchfulness import Watchfulness
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures
    from bot.storage.reports import Reports as Rows


class Postbox(Protocol):
    """Where moderators read reports; Discord's side."""

    async def show(self, case: Case, channel_id: int) -> int | None:
        """Show a case to moderators, anew or in its card, and return the card; None where that cannot be."""
        ...

    async def close(self, reported: Reported) -> None:
        """Let the card say what was decided; where it cannot, that is no matter."""
        ...

    async def remove(self, reported: Reported) -> None:
        """Take the reported message away; where it is gone, that is no matter."""
        ...


class Reports:
    """Takes reports and decisions on them. Who may decide is checked by who asks."""

    def __init__(
        self,
        *,
        rows: Rows,
        jobs: Jobs,
        pictures: Pictures,
        sweeper: Sweeper,
        watchfulness: Watchfulness,
        postbox: Postbox,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._jobs = jobs
        self._pictures = pictures
        self._sweeper = sweeper
        self._watchfulness = watchfulness
        self._postbox = postbox
        self._clock = clock

    async def file(self, who: Requester, message_id: int, job_id: int | None, reason: str) -> None:
        """Take a report on a message where somebody is, or raise BadInput, TooLate or TooBusy."""
        if who.guild_id is None:
            raise BadInput(tr("Only pictures in a server that Easel is a member of can be reported."))
        job = None if job_id is None else await self._jobs.get(job_id)
        if job is not None and job.guild_id != who.guild_id:
            job = None
        reported = Reported(message_id, who.channel_id, who.guild_id, None if job is None else job.id)
        now = self._clock()
        detail = {"message": message_id, "channel": who.channel_id, "job": reported.job_id}
        subject = "" if job is None else str(job.user_id)
        line = AuditLine(who.guild_id, who.user_id, "report.filed", subject, detail, now)
        try:
            is_new = await self._rows.file(reported, Report(who.user_id, reason, now), line)
        except TooMany:
            raise TooBusy(
                tr("You have reported a lot in the last hour. Tell a moderator directly.")
            ) from None
        if not is_new:
            raise TooLate(tr("You have reported this already; the moderators of this server know."))
        await self._bring(await self.case(message_id, who.guild_id))

    async def case(self, message_id: int, guild_id: int) -> Case:
        """Return what was reported in a server, or raise NotFound."""
        reported = await self._rows.get(message_id)
        if reported is None or reported.guild_id != guild_id:
            raise NotFound(tr("This report is no longer here."))
        job = None if reported.job_id is None else await self._jobs.get(reported.job_id)
        pictures = () if job is None else await self._pictures.of_job(job.id, Role.RESULT)
        return Case(reported, await self._rows.on(message_id), job, pictures)

    async def open_of(self, guild_id: int, most: int) -> tuple[Case, ...]:
        """Return what a server's moderators have not decided on, the oldest first."""
        return tuple(
            [await self.case(one.message_id, guild_id) for one in await self._rows.open_of(guild_id, most)]
        )

    async def dismiss(self, message_id: int, guild_id: int, by: int) -> Reported:
        """Leave a message as it is; raise NotFound, or TooLate where somebody has decided."""
        return await self._decide(message_id, guild_id, by, ReportState.DISMISSED)

    async def delete(self, message_id: int, guild_id: int, by: int) -> Reported:
        """Take a message away and forget its pictures; raise as `dismiss` does."""
        decided = await self._decide(message_id, guild_id, by, ReportState.DELETED)
        if decided.job_id is not None and await self._jobs.forget_pictures(decided.job_id):
            await self._sweeper.sweep()
        await self._postbox.remove(decided)
        return decided

    async def _bring(self, case: Case) -> None:
        """Show a case in the moderators' channel; once it is decided on it is not shown again."""
        channel_id = (await self._watchfulness.of(case.reported.guild_id)).channel_id
        if channel_id is None or case.reported.state is not ReportState.OPEN:
            return
        card_id = await self._postbox.show(case, channel_id)
        if card_id is not None and case.reported.card_message_id is None:
            await self._rows.posted(case.reported.message_id, channel_id, card_id)

    async def _decide(self, message_id: int, guild_id: int, by: int, after: ReportState) -> Reported:
        case = await self.case(message_id, guild_id)
        subject = "" if case.job is None else str(case.job.user_id)
        detail = {"message": message_id, "job": case.reported.job_id}
        line = AuditLine(guild_id, by, f"report.{after.value}", subject, detail, self._clock())
        is_first = await self._rows.decide(message_id, after, line)
        decided = (await self.case(message_id, guild_id)).reported
        if not is_first:
            raise TooLate(tr("<@{moderator}> has decided on this already.", moderator=decided.decided_by))
        await self._postbox.close(decided)
        return decided
