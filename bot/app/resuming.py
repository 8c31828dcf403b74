"""Resuming a session of the gateway also where the first connection after a drop fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord.gateway import ReconnectWebSocket

if TYPE_CHECKING:
    import discord

TRIES = 8
"""Connections that try to resume; by then, some minutes later, Discord has forgotten the session."""
LONGEST_EXPONENT = 5
"""Half a minute between two connections at most; discord.py lets it grow to a quarter of an hour."""
CALM_S = 120
"""After so long without a failure a first one is tried again at once; discord.py takes half an hour."""


def resume_first(info: discord.ShardInfo) -> None:
    """Let a shard resume where discord.py 2.7 begins a new session: after a reconnection that failed.

    Discord tells a session that resumes what it missed; to a new one nothing of that is ever told.
    """
    shard = info._parent  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the one way to what reconnects
    lost, tries = shard.ws, 0

    async def reconnect() -> None:
        nonlocal lost, tries
        lost, tries = shard.ws, tries + 1 if shard.ws is lost else 1
        may_resume = tries <= TRIES and shard.ws.session_id is not None
        await shard.reidentify(ReconnectWebSocket(shard.id, resume=may_resume))

    shard.reconnect = reconnect
    _hurry(shard)


def _hurry(shard: Any) -> None:  # noqa: ANN401 - its private corner has no types
    """Bound how long a shard waits between two connections."""
    shard._backoff._max, shard._backoff._reset_time = LONGEST_EXPONENT, CALM_S  # noqa: SLF001 - as above
