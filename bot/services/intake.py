"""How fast a server's requests are taken: slower for a while when a crowd of accounts floods it."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.domain.access import Asked, Family
from bot.domain.conduct import CALM, Crowd
from bot.errors import TooBusy
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.requests import Requester
    from bot.services.authority import Authority
    from bot.storage.server_settings import ServerSettings

log = structlog.get_logger(__name__)
NAME = "safety.slow_until"
MOST_SERVERS = 10_000
"""Servers that are remembered; those that were quiet for the longest are forgotten."""
EACH = timedelta(minutes=1)
"""How often one person may ask while a server is slow."""
SAME = timedelta(seconds=10)
"""What is said and its answer are asked about apart, and are one request."""
MOST_A_MINUTE = 20
"""Requests that a slow server takes of all people together."""


@dataclass(slots=True)
class _Server:
    """What is known of a server."""

    slow_until: datetime | None
    crowd: Crowd = field(default_factory=Crowd)
    served: dict[int, datetime] = field(default_factory=dict[int, datetime])
    recent: deque[datetime] = field(default_factory=deque[datetime])


class Intake:
    """Notices raids and slows servers down; one of the checks of the door.

    Who asks is remembered here alone: a server's requests all come to one process. What is decided of it
    is in the server's settings, and survives.
    """

    def __init__(
        self,
        settings: ServerSettings,
        authority: Authority,
        *,
        accounts: int | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._accounts = accounts
        self._clock = clock
        self._servers: OrderedDict[int, _Server] = OrderedDict()

    async def __call__(self, who: Requester, asked: Asked) -> None:
        """Raise TooBusy for who has to wait while a server is slow; moderators never have to."""
        now = self._clock()
        server = await self._slow(who, now)
        if server is not None and not _is_same(server, who.user_id, asked, now):
            _require_turn(server, who.user_id, now)
            server.served[who.user_id] = now
            server.recent.append(now)

    async def look(self, who: Requester, _asked: Asked) -> None:
        """Raise TooBusy for who says something new while it is not their turn; take nobody's turn."""
        now = self._clock()
        server = await self._slow(who, now)
        if server is not None:
            _require_turn(server, who.user_id, now)

    async def _slow(self, who: Requester, now: datetime) -> _Server | None:
        """Note who asks, and return their server where it is slow for them."""
        if who.guild_id is None or self._accounts is None:
            return None
        server = await self._server(who.guild_id)
        server.crowd.note(who.user_id, now)
        if server.slow_until is not None and server.slow_until <= now:
            server.slow_until = None
            server.served.clear()
        if server.slow_until is None and server.crowd.weight(now) >= self._accounts:
            await self._slow_down(who.guild_id, server, now)
        if server.slow_until is None or await self._authority.moderates(who, who.guild_id, who.channel_id):
            return None
        return server

    async def calm(self, guild_id: int, by: int) -> bool:
        """End a server's slowness; False where it is not slow."""
        server, now = await self._server(guild_id), self._clock()
        was_slow = server.slow_until is not None and server.slow_until > now
        server.slow_until, server.crowd = None, Crowd()
        if was_slow:
            line = AuditLine(guild_id, by, "safety.raid_ended", "", {}, now)
            await self._settings.choose({NAME: None}, line)
        return was_slow

    async def _slow_down(self, guild_id: int, server: _Server, now: datetime) -> None:
        server.slow_until = until = now + CALM
        server.served.clear()
        detail = {
            "accounts": len(server.crowd.people()),
            "young": server.crowd.young(now),
            "until": int(until.timestamp()),
        }
        log.warning("a server is flooded", guild=guild_id, **detail)
        line = AuditLine(guild_id, 0, "safety.raid_began", "", detail, now)
        await self._settings.choose({NAME: until.isoformat()}, line)

    async def _server(self, guild_id: int) -> _Server:
        server = self._servers.get(guild_id)
        if server is None:
            written = (await self._settings.of(guild_id)).get(NAME)
            until = None if written is None else datetime.fromisoformat(written).astimezone(UTC)
            server = self._servers.setdefault(guild_id, _Server(until))
        self._servers.move_to_end(guild_id)
        while len(self._servers) > MOST_SERVERS:
            self._servers.popitem(last=False)
        return server


def _is_same(server: _Server, user_id: int, asked: Asked, now: datetime) -> bool:
    """Tell whether somebody was let in for this already."""
    last = server.served.get(user_id)
    return last is not None and asked.family is Family.TALK and now - last < SAME


def _require_turn(server: _Server, user_id: int, now: datetime) -> None:
    """Raise TooBusy where it is not somebody's turn."""
    while server.recent and now - server.recent[0] > EACH:
        server.recent.popleft()
    last, until = server.served.get(user_id), server.slow_until or now
    if last is not None and now - last < EACH:
        raise TooBusy(_wait(last + EACH, until))
    if len(server.recent) >= MOST_A_MINUTE:
        raise TooBusy(_wait(server.recent[0] + EACH, until))


def _wait(at: datetime, until: datetime) -> str:
    return tr(
        "Requests are taken slowly here until <t:{until}:t>. Try again <t:{at}:R>; nothing was charged.",
        until=int(until.timestamp()) + 1,
        at=int(at.timestamp()) + 1,
    )
