"""What the moderators of servers want to look at before it is shown, and where."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.reviews import Watch, Watching
from bot.errors import BadInput
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.jobs import Job
    from bot.domain.requests import Requester
    from bot.services.safety import BlockedWords
    from bot.storage.server_settings import ServerSettings

AGAIN = timedelta(minutes=10)
"""After how long a channel is tried again that took nothing."""
WATCH, CHANNEL, LOST = "safety.review", "safety.review_channel", "safety.review_lost"


async def _nothing(_guild_id: int | None) -> bool:
    return False


class Watchfulness:
    """Knows what the moderators of servers want to look at first."""

    def __init__(
        self,
        settings: ServerSettings,
        words: BlockedWords,
        clock: Callable[[], datetime],
        checks: Callable[[int | None], Awaitable[bool]] = _nothing,
    ) -> None:
        self._settings = settings
        self._words = words
        self._clock = clock
        self._checks = checks
        self._shut: dict[tuple[int, int], datetime] = {}
        """Channels of servers that took nothing, and until when they are left alone."""

    async def of(self, guild_id: int) -> Watching:
        """Return what was chosen for a server."""
        chosen = await self._settings.of(guild_id)
        known = chosen.get(WATCH, "")
        watch = Watch(known) if known in set(Watch) else Watch.OFF
        channel = chosen.get(CHANNEL, "")
        is_lost = bool(channel) and chosen.get(LOST) == channel
        return Watching(watch, int(channel) if channel.isdecimal() else None, is_lost)

    async def looks(self, guild_id: int) -> bool:
        """Tell whether anybody looks at pictures in a server before they are shown there."""
        return (await self.of(guild_id)).watch is not Watch.OFF or await self._checks(guild_id)

    async def choose(self, chosen: Watching, guild_id: int, actor_id: int) -> None:
        """Choose for a server, or raise BadInput where there is no place for moderators to look."""
        if chosen.watch is not Watch.OFF and chosen.channel_id is None:
            raise BadInput(tr("Say in which channel moderators look at pictures: `channel`."))
        channel = None if chosen.channel_id is None else str(chosen.channel_id)
        watch = None if chosen.watch is Watch.OFF else chosen.watch.value
        detail = {"pictures": chosen.watch.value, "channel": chosen.channel_id}
        line = AuditLine(guild_id, actor_id, "safety.review", "", detail, self._clock())
        await self._settings.choose({WATCH: watch, CHANNEL: channel, LOST: None}, line)

    async def place(self, guild_id: int) -> int | None:
        """Return the channel that shows moderators what waits; None for none, or one that took nothing."""
        channel_id, now = (await self.of(guild_id)).channel_id, self._clock()
        if channel_id is None or self._shut.get((guild_id, channel_id), now) > now:
            return None
        return channel_id

    async def lose(self, guild_id: int, channel_id: int, why: str) -> bool:
        """Note that a channel shows moderators nothing any more; False where that is known."""
        self._shut[guild_id, channel_id] = self._clock() + AGAIN
        watching = await self.of(guild_id)
        if watching.is_lost or watching.channel_id != channel_id:
            return False
        subject = f"channel:{channel_id}"
        line = AuditLine(guild_id, 0, "review.lost", subject, {"why": why}, self._clock())
        await self._settings.choose({LOST: str(channel_id)}, line)
        return True

    async def find(self, guild_id: int, channel_id: int) -> None:
        """Note that a channel took something, also where it was lost."""
        self._shut.pop((guild_id, channel_id), None)
        if not (await self.of(guild_id)).is_lost:
            return
        line = AuditLine(guild_id, 0, "review.found", f"channel:{channel_id}", {}, self._clock())
        await self._settings.choose({LOST: None}, line)

    async def why(self, job: Job) -> str | None:
        """Return why moderators look at a job's pictures first, or None where they do not."""
        if job.guild_id is None:
            return None
        watch = (await self.of(job.guild_id)).watch
        if watch is Watch.OFF:
            return None
        found = await self._words.watched(job.guild_id, job.request.words())
        if found is None:
            return "" if watch is Watch.ALL else None
        return found.written

    async def hides(self, job: Job) -> bool:
        """Tell whether nobody sees a job's pictures while they are drawn: somebody looks at them first."""
        return await self._checks(job.guild_id) or await self.why(job) is not None

    async def may_draw(self, who: Requester) -> bool:
        """Tell whether a model may draw in its answers: those pictures pass no gate."""
        if await self._checks(who.guild_id):
            return False
        return who.guild_id is None or (await self.of(who.guild_id)).watch is Watch.OFF
