"""How a shard of discord.py comes back, as far as its private corners are relied on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from discord.shard import Shard

from bot.app.resuming import CALM_S, LONGEST_EXPONENT, TRIES, resume_first

if TYPE_CHECKING:
    import pytest
    from discord.backoff import ExponentialBackoff
    from discord.gateway import ReconnectWebSocket


def a_shard() -> Any:
    """Return a shard whose new connections all fail, and which keeps how they were tried."""
    client: Any = SimpleNamespace(dispatch=lambda *_: None, _reconnect=True)
    session: Any = SimpleNamespace(shard_id=0, session_id="kept")
    shard: Any = Shard(session, client, lambda _: None)
    shard.tried = []

    async def reidentify(error: ReconnectWebSocket) -> None:
        shard.tried.append(error.resume)

    shard.reidentify = reidentify
    info: Any = SimpleNamespace(_parent=shard)
    resume_first(info)
    return shard


async def test_a_session_is_resumed_until_discord_has_forgotten_it() -> None:
    shard = a_shard()
    for _ in range(TRIES + 1):
        await shard.reconnect()
    shard.ws = SimpleNamespace(shard_id=0, session_id="new")
    await shard.reconnect()

    assert shard.tried == [*[True] * TRIES, False, True]


def test_it_never_waits_for_long_and_after_a_calm_hardly_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("discord.backoff.time", SimpleNamespace(monotonic=lambda: now))
    backoff: ExponentialBackoff[Any] = a_shard()._backoff
    monkeypatch.setattr(backoff, "_randfunc", lambda _least, most: most)

    waits = [backoff.delay() for _ in range(9)]
    now += CALM_S + 1
    after = backoff.delay()

    assert waits == [2, 4, 8, 16, *[2**LONGEST_EXPONENT] * 5]
    assert after == 2
