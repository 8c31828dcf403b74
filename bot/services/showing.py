"""How a server's pictures are shown: covered or not, and with captions or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.spoilers import Showing, Spoilers
from bot.errors import NotFound
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.requests import Requester
    from bot.storage.server_settings import ServerSettings

SPOILERS, CAPTIONS, APART = "safety.spoilers", "safety.captions", "safety.apart"
OFF, ON = "off", "on"


class Showings:
    """Knows what moderators chose for pictures, over what the operator set for all servers."""

    def __init__(self, settings: ServerSettings, spoilers: Spoilers, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._spoilers = spoilers
        self._clock = clock

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

    async def require_place(self, job: Job, pictures: Sequence[Picture], who: Requester) -> None:
        """Raise NotFound where a job's pictures are delicate, and not shown where somebody is.

        What they have in view they may still act on: it was posted before that was chosen.
        """
        is_seen = who.is_among_adults or job.id in who.shown
        is_delicate = any(picture.is_delicate for picture in pictures)
        if is_delicate and not is_seen and await self.keeps_apart(job.guild_id):
            raise NotFound(tr("These pictures are shown only in age-restricted channels of their server."))

    async def captions(self, job: Job) -> bool:
        """Tell whether a job's pictures get captions, as far as its server has a say in it."""
        return job.guild_id is None or (await self.of(job.guild_id)).captions
