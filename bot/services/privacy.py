"""What is kept of a person, for how long, and what they decide of it; the same for a server."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.privacy import BEGINNING, MOST_DAYS, Erasure, Extent, Rules, Span, Standing
from bot.errors import BadInput
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.privacy import Holdings
    from bot.domain.requests import Requester
    from bot.services.authority import Authority
    from bot.services.discretion import Discretion
    from bot.services.erasing import Eraser
    from bot.storage.choices import PrivacyChoices
    from bot.storage.server_settings import ServerSettings

DAYS = "privacy.days"
"""For how many days a server lets things be kept."""


class Privacy:
    """Decides with people what is kept of them."""

    def __init__(
        self,
        *,
        choices: PrivacyChoices,
        eraser: Eraser,
        discretion: Discretion,
        settings: ServerSettings,
        authority: Authority,
        operator_days: int | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._choices = choices
        self._eraser = eraser
        self._discretion = discretion
        self._settings = settings
        self._authority = authority
        self._operator_days = operator_days
        self._clock = clock

    async def standing(self, who: Requester) -> Standing:
        """Return what is kept of somebody, and for how long where they are."""
        choices = await self._choices.of(who.user_id)
        server = None if who.guild_id is None else await self.server_days(who.guild_id)
        return Standing(
            holdings=await self.holdings(who.user_id, Extent.EVERYTHING, *self.all_time()),
            choices=choices,
            rules=Rules(choices.days, server, self._operator_days),
            deleting=await self._eraser.under_way(who.user_id),
        )

    def all_time(self) -> tuple[datetime, datetime]:
        """Return the beginning and now."""
        return BEGINNING, self._clock()

    async def holdings(self, user_id: int, extent: Extent, since: datetime, before: datetime) -> Holdings:
        """Return how much is kept of somebody, of a stretch of time; raise BadInput where it is none."""
        if since >= before:
            raise BadInput(tr("That is no stretch of time: its end lies before its beginning."))
        return await self._eraser.holdings(Erasure(extent, Span(since, before), user_id=user_id))

    async def delete(self, user_id: int, extent: Extent, since: datetime, before: datetime) -> bool:
        """Delete it; False where what is still being drawn goes a little later."""
        return await self._eraser.erase_person(user_id, extent, since, before)

    async def old(self, user_id: int, days: int) -> Holdings:
        """Return how much of somebody's is older than some days, and would go."""
        before = self._before(days)
        return await self._eraser.holdings(Erasure(Extent.HISTORY, Span(BEGINNING, before), user_id=user_id))

    async def keep_for(self, user_id: int, days: int | None) -> None:
        """Keep what is somebody's for some days from now on, or for ever; what is older goes now."""
        _check(days)
        await self._choices.keep_for(user_id, days, self._clock())
        if days is not None:
            await self._eraser.expire(days, user_id=user_id)

    async def keep_talk(self, user_id: int, *, keeps: bool) -> None:
        """Keep somebody's conversations, or forget them: what was said, and what will be once answered."""
        await self._choices.keep_talk(user_id, self._clock(), keeps=keeps)
        if not keeps:
            await self._eraser.erase_person(user_id, Extent.TALK, *self.all_time())

    async def server_days(self, guild_id: int) -> int | None:
        """Return for how many days a server lets things be kept; None is for ever."""
        chosen = (await self._settings.of(guild_id)).get(DAYS)
        return None if chosen is None else int(chosen)

    async def old_of_server(self, who: Requester, days: int) -> Holdings:
        """Return how much of a server's is older than some days, and would go; or raise NotAllowed."""
        guild_id = await self._authority.require(who)
        before = self._before(days)
        return await self._eraser.holdings(
            Erasure(Extent.HISTORY, Span(BEGINNING, before), guild_id=guild_id)
        )

    async def keep_for_server(self, who: Requester, days: int | None) -> None:
        """Let things be kept in a server for some days, or for ever; what is older goes in the night."""
        guild_id = await self._authority.require(who)
        _check(days)
        line = AuditLine(
            guild_id, who.user_id, "privacy.retention", f"server:{guild_id}", {"days": days}, self._clock()
        )
        await self._settings.choose({DAYS: None if days is None else str(days)}, line)

    async def expire(self) -> None:
        """Delete what is older than its person or its server lets it be kept, and old names in the books."""
        await self._eraser.close_books()
        for user_id, days in await self._choices.with_days():
            await self._eraser.expire(days, user_id=user_id)
        for guild_id, days in (await self._settings.servers_with(DAYS)).items():
            await self._eraser.expire(int(days), guild_id=guild_id)

    async def tend(self) -> None:
        """Go on with what was broken off."""
        await self._eraser.resume()
        await self._discretion.catch_up()

    def _before(self, days: int) -> datetime:
        _check(days)
        return self._clock() - timedelta(days=days)


def _check(days: int | None) -> None:
    if days is not None and not 0 < days <= MOST_DAYS:
        raise BadInput(tr("Choose from 1 to {most} days.", most=MOST_DAYS))
