"""What the settings of servers say about /manage, read from Discord and kept until they change."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

import discord
import structlog

from bot.app.client import TROUBLE
from bot.domain.overrides import Override, Target
from bot.ui.parse import MANAGE, SLASH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.app.client import Easel

T = TypeVar("T")
log = structlog.get_logger(__name__)
KEPT_S = 300.0
"""How long an answer holds without news; Discord tells of every change, but not of those it could not."""
MOST_SERVERS = 1000
READ_S = 2.0
"""How long a read may take, waiting for another included: a press has to be answered within three seconds."""
FAILED_S = 30.0
"""How long it is not tried again after a read that failed: one press asks several times."""


class Overrides:
    """The settings of the servers that moderators act in.

    Where Discord does not tell, what was known last holds, or nothing: then who has Manage Server may use
    /manage, who could change the settings anyway.
    """

    def __init__(self, bot: Easel, timer: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._timer = timer
        self._known: dict[int, tuple[float, tuple[Override, ...]]] = {}
        self._failed: dict[int, float] = {}
        self._reading: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._news = 0
        self._command_id: int | None = None
        bot.add_listener(self._changed, "on_raw_app_command_permissions_update")
        bot.add_listener(self._reconnected, "on_ready")
        bot.add_listener(self._reconnected, "on_shard_ready")

    async def of(self, guild_id: int) -> Sequence[Override]:
        """Return what a server set, READ_S seconds later at the most."""
        if (known := self._fresh(guild_id)) is not None:
            return known
        news, lock = self._news, self._reading.setdefault(guild_id, asyncio.Lock())
        try:
            async with asyncio.timeout(READ_S), lock:
                if (known := self._fresh(guild_id)) is not None:  # another has read meanwhile
                    return known
                news = self._news
                found = await self._read(guild_id)
                if news == self._news:  # else they may have changed while they were read
                    _keep(self._known, guild_id, (self._timer(), found))
                return found
        except (discord.HTTPException, TimeoutError, *TROUBLE) as error:
            log.warning("settings of /manage not read", guild=guild_id, reason=type(error).__name__)
            if news == self._news:
                _keep(self._failed, guild_id, self._timer())
            return self._last(guild_id)

    def _fresh(self, guild_id: int) -> Sequence[Override] | None:
        """Return what holds without reading; None where it has to be read."""
        now, (read_at, known) = self._timer(), self._known.get(guild_id, (None, ()))
        if read_at is not None and now - read_at < KEPT_S:
            return known
        failed_at = self._failed.get(guild_id)
        return known if failed_at is not None and now - failed_at < FAILED_S else None

    def _last(self, guild_id: int) -> Sequence[Override]:
        """Return what was known last, however old."""
        return self._known.get(guild_id, (None, ()))[1]

    async def _read(self, guild_id: int) -> tuple[Override, ...]:
        app_id = self._bot.application_id or 0
        if self._command_id is None:
            published = await self._bot.http.get_global_commands(app_id)
            self._command_id = next(
                (
                    int(one["id"])
                    for one in published
                    if one["name"] == MANAGE and one.get("type", 1) == SLASH
                ),
                None,
            )
        entries = await self._bot.http.get_guild_application_command_permissions(app_id, guild_id)
        return tuple(self._overrides(entries, app_id))

    def _overrides(self, entries: Sequence[Mapping[str, Any]], app_id: int) -> Iterator[Override]:
        for entry in entries:
            if (about := int(entry["id"])) in {app_id, self._command_id}:
                for one in entry["permissions"]:
                    yield Override(
                        Target(one["type"]),
                        int(one["id"]),
                        bool(one["permission"]),
                        of_command=about != app_id,
                    )

    async def _changed(self, event: discord.RawAppCommandPermissionsUpdateEvent) -> None:
        self._news += 1
        self._failed.pop(event.guild.id, None)
        read_at, known = self._known.pop(event.guild.id, (None, ()))
        if read_at is not None:
            self._known[event.guild.id] = read_at - KEPT_S, known

    async def _reconnected(self, *_: object) -> None:
        """Read everything anew: a session that is not resumed has missed what happened meanwhile."""
        self._news += 1
        self._failed.clear()
        self._known.clear()


def _keep(kept: dict[int, T], guild_id: int, what: T) -> None:
    """Put something into a bounded memory, as its newest."""
    kept.pop(guild_id, None)
    kept[guild_id] = what
    while len(kept) > MOST_SERVERS:
        del kept[next(iter(kept))]
