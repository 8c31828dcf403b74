"""Reports of members: kept, brought before moderators or else before the owner, and decided on once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.domain.images import Role
from bot.domain.reports import Case, Reach, Report, Reported, ReportState
from bot.errors import BadInput, NotFound, TooBusy, TooLate, Undeliverable
from bot.services.watchfulness import CHANNEL
from bot.storage.audit import AuditLine
from bot.storage.log_channels import CHANNEL as LOG
from bot.storage.reports import TooMany
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.requests import Requester
    from bot.services.gate import Gate
    from bot.services.owner_notices import OwnerNotices
    from bot.services.sweeper import Sweeper
    from bot.services.watchfulness import Watchfulness
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures
    from bot.storage.reports import Reports as Rows
    from bot.storage.server_settings import ServerSettings

ROUND = 20
"""Reports of one round that are shown or carried out late."""


class Postbox(Protocol):
    """Where moderators read reports; Discord's side."""

    async def show(self, case: Case, channel_id: int) -> int | None:
        """Show a case to moderators, anew or in its card, and return the card; None where that cannot be now.

        Raise Undeliverable where the channel takes nothing.
        """
        ...

    def is_apart(self, channel_id: int) -> bool:
        """Tell whether a channel is known, and not for everybody."""
        ...

    async def close(self, reported: Reported) -> bool:
        """Let the card say what was decided; False where Discord is in trouble, and may take it later."""
        ...

    async def remove(self, reported: Reported) -> bool:
        """Take the reported message away; False as for `close`."""
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
        gate: Gate,
        settings: ServerSettings,
        notices: OwnerNotices,
        postbox: Postbox,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._jobs = jobs
        self._pictures = pictures
        self._sweeper = sweeper
        self._watchfulness = watchfulness
        self._gate = gate
        self._settings = settings
        self._notices = notices
        self._postbox = postbox
        self._clock = clock

    async def file(self, who: Requester, message_id: int, job_id: int | None, reason: str) -> Reach:
        """Take a report on a message where somebody is, or raise BadInput, TooLate or TooBusy.

        Return who knows of it now.
        """
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
            raise TooLate(tr("You have reported this already."))
        case = await self.case(message_id, who.guild_id)
        if case.reported.state is not ReportState.OPEN:
            return Reach.DECIDED
        is_told = await self._bring(case) or await self._tell_others(who.guild_id, message_id)
        return Reach.MODERATORS if is_told else Reach.NOBODY

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
        return await self._decide(message_id, guild_id, by, ReportState.DELETED)

    async def tend(self) -> None:
        """Carry out what was decided and broke off, and show in their channels what could not be shown."""
        for reported in await self._rows.due(ROUND):
            await self._carry_out(reported)
        for reported in await self._rows.unseen(CHANNEL, ROUND):
            await self._bring(await self.case(reported.message_id, reported.guild_id))

    async def _bring(self, case: Case) -> bool:
        """Show a case in the moderators' channel, or tell the owner that there is none any more.

        False where nobody hears of it now.
        """
        about = case.reported
        channel_id = await self._watchfulness.place(about.guild_id)
        if channel_id is None:
            return False
        try:
            card_id = await self._postbox.show(case, channel_id)
        except Undeliverable as error:
            is_told = await self._gate.lose(about.guild_id, channel_id, str(error))
            if is_told:
                await self._notices.told_otherwise(about.guild_id)
            return is_told
        if card_id is None:
            return False
        await self._watchfulness.find(about.guild_id, channel_id)
        await self._notices.settled(about.message_id)
        if (channel_id, card_id) != (about.card_channel_id, about.card_message_id):
            await self._rows.posted(about.message_id, channel_id, card_id)
        return True

    async def _tell_others(self, guild_id: int, message_id: int) -> bool:
        """Let the log of a server say it, which every report is in, or tell the owner.

        Tell whether this very report reaches somebody by itself; it is kept in any case.
        """
        log_id = (await self._settings.of(guild_id)).get(LOG, "")
        if log_id.isdecimal() and self._postbox.is_apart(int(log_id)):
            return True
        return await self._notices.report(guild_id, message_id)

    async def _decide(self, message_id: int, guild_id: int, by: int, after: ReportState) -> Reported:
        case = await self.case(message_id, guild_id)
        subject = "" if case.job is None else str(case.job.user_id)
        about = case.reported
        detail = {"message": message_id, "channel": about.channel_id, "job": about.job_id}
        line = AuditLine(guild_id, by, f"report.{after.value}", subject, detail, self._clock())
        is_first = await self._rows.decide(message_id, after, line)
        decided = (await self.case(message_id, guild_id)).reported
        if not is_first:
            raise TooLate(tr("<@{moderator}> has decided on this already.", moderator=decided.decided_by))
        await self._notices.settled(message_id)
        await self._carry_out(decided)
        return decided

    async def _carry_out(self, decided: Reported) -> None:
        """Close the card, and take away what is to be deleted; what fails is for the next round."""
        is_done = await self._postbox.close(decided)
        if decided.state is ReportState.DELETED:
            if decided.job_id is not None and await self._jobs.forget_pictures(decided.job_id):
                await self._sweeper.sweep_soon()
            is_done = await self._postbox.remove(decided) and is_done
        if is_done:
            await self._rows.done(decided.message_id)
