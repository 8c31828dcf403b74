"""How a server's pictures are shown: covered or not, and with captions or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.spoilers import APART as APART_SAID
from bot.domain.spoilers import Showing, Spoilers, Venue, View
from bot.errors import KeptApart
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Protocol

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.requests import Requester
    from bot.storage.server_settings import ServerSettings

    class Viewed(Protocol):
        """A picture as far as that decides how it may be seen."""

        @property
        def job_id(self) -> int:
            """Return the job that it belongs to."""
            ...

        @property
        def is_delicate(self) -> bool:
            """Tell whether it is nearly what is not allowed."""
            ...

    Views = Callable[[Sequence[Viewed | None], Venue], Awaitable[Sequence[View]]]

SPOILERS, CAPTIONS, APART = "safety.spoilers", "safety.captions", "safety.apart"
OFF, ON = "off", "on"


class Showings:
    """Knows what moderators chose for pictures, over what the operator set for all servers.

    `homes` returns for jobs the servers that they were asked for in, None for direct messages.
    """

    def __init__(
        self,
        settings: ServerSettings,
        spoilers: Spoilers,
        clock: Callable[[], datetime],
        homes: Callable[[Collection[int]], Awaitable[Mapping[int, int | None]]],
    ) -> None:
        self._settings = settings
        self._spoilers = spoilers
        self._clock = clock
        self._homes = homes

    async def of(self, guild_id: int) -> Showing:
        """Return what was chosen for a server."""
        chosen = await self._settings.of(guild_id)
        known = chosen.get(SPOILERS, "")
        return Showing(
            Spoilers(known) if known in set(Spoilers) else None,
            captions=chosen.get(CAPTIONS) != OFF,
            keeps_apart=chosen.get(APART) == ON,
        )

    async def choose(self, chosen: Showing, guild_id: int, actor_id: int) -> None:
        """Choose for a server."""
        spoilers = None if chosen.spoilers is None else chosen.spoilers.value
        detail = {
            "spoilers": spoilers,
            "captions": int(chosen.captions),
            "apart": int(chosen.keeps_apart),
        }
        line = AuditLine(guild_id, actor_id, "safety.pictures", "", detail, self._clock())
        captions, apart = None if chosen.captions else OFF, ON if chosen.keeps_apart else None
        await self._settings.choose({SPOILERS: spoilers, CAPTIONS: captions, APART: apart}, line)

    async def spoilers(self, guild_id: int | None) -> Spoilers:
        """Return what is covered in a server, or in direct messages."""
        if guild_id is None:
            return self._spoilers
        chosen = (await self.of(guild_id)).spoilers
        return self._spoilers if chosen is None else chosen

    async def keeps_apart(self, guild_id: int | None) -> bool:
        """Tell whether delicate pictures of a server are shown in its age-restricted channels alone."""
        return guild_id is not None and (await self.of(guild_id)).keeps_apart

    async def views(self, pictures: Sequence[Viewed | None], venue: Venue) -> tuple[View, ...]:
        """Say of each picture whether it may be seen somewhere, and covered or not.

        Whatever shows or hands out kept pictures asks here. Of one that is None nothing is known yet. What a
        server keeps apart it keeps apart everywhere: its pictures elsewhere, and pictures from elsewhere.
        """
        spoilers = await self.spoilers(venue.guild_id)
        apart = await self._apart([one for one in pictures if one is not None and one.is_delicate], venue)
        views: list[View] = []
        for one in pictures:
            is_delicate = one is not None and one.is_delicate
            covers = spoilers.covers(is_age_restricted=venue.is_age_restricted, is_delicate=is_delicate)
            is_apart = one is not None and is_delicate and one.job_id in apart
            views.append(View.APART if is_apart else View.COVERED if covers else View.OPEN)
        return tuple(views)

    async def _apart(self, delicate: Sequence[Viewed], venue: Venue) -> frozenset[int]:
        """Return the jobs whose delicate pictures may not be seen somewhere."""
        if not delicate or venue.is_age_restricted:
            return frozenset()
        job_ids = frozenset(one.job_id for one in delicate)
        if await self.keeps_apart(venue.guild_id):
            return job_ids
        homes = await self._homes(job_ids)
        strict = {one for one in set(homes.values()) if await self.keeps_apart(one)}
        return frozenset(job_id for job_id in job_ids if homes.get(job_id) in strict)

    async def require_place(self, job: Job, pictures: Sequence[Picture], who: Requester) -> None:
        """Raise KeptApart where a job's pictures are delicate, and not shown where somebody is.

        What they have in view they may still act on: it was posted before that was chosen. It is shown
        nowhere anew: that say `views`.
        """
        is_seen = who.is_among_adults or job.id in who.shown
        is_delicate = any(picture.is_delicate for picture in pictures)
        if is_delicate and not is_seen and await self.keeps_apart(job.guild_id):
            raise KeptApart(tr(APART_SAID))

    async def captions(self, job: Job) -> bool:
        """Tell whether a job's pictures get captions, as far as its server has a say in it."""
        return job.guild_id is None or (await self.of(job.guild_id)).captions
