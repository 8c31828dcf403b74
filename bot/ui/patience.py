"""Discord in trouble, and ways that are closed: what is waited out, and what is not."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import discord
import stamina

from bot.errors import DiscordAway
from bot.texts import mark
from bot.ui.senders import tried_once

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

T = TypeVar("T")
TOO_LARGE = {40005, 50045}
GONE = {10003, 10004, 10008, 10015, 10062, 50001, 50007, 50013, 50027, 50083, 160005, 200000, 240000, 400001}
"""Codes after which the next way is tried: gone, expired, forbidden, closed, locked or blocked."""
CLOSED = {401, 403, 404}
"""Statuses that say the same where the code is one that nobody knows."""
LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError)
"""A line that broke, or an answer that broke off in its middle: what was sent may have arrived."""
TROUBLE = (discord.DiscordServerError, discord.RateLimited, *LOST)
ANY_TROUBLE = (*TROUBLE, aiohttp.ClientError, TimeoutError)
"""Trouble of whatever kind, also where what was sent cannot have arrived."""
UNSHOWN = mark("Discord is in trouble, so the answer could not be shown.")
PATIENCE_S = 600.0
"""How long trouble on Discord's side is waited out."""
HERE_S = 2.0
"""How long it is waited out with files at hand; then these are given back, and it is tried anew later."""
KNOWN_S = 60.0
"""How long a place counts as in trouble after it was."""


def passes(error: Exception) -> bool | float:
    """Tell whether trouble is on Discord's side and passes by itself; a number says in how many seconds.

    discord.py waits for a 429 of Discord's own, up to a minute; it raises those with longer waits as
    RateLimited, and those from the edge before Discord as they are.
    """
    if isinstance(error, discord.RateLimited):
        return error.retry_after <= PATIENCE_S and error.retry_after
    return isinstance(error, TROUBLE) or _is_too_much(error)


def passes_soon(error: Exception) -> bool:
    """Tell whether trouble is on Discord's side and passes by itself, before nobody waits any more."""
    if isinstance(error, discord.RateLimited):
        return False
    return isinstance(error, ANY_TROUBLE) or _is_too_much(error)


def _is_too_much(error: Exception) -> bool:
    return isinstance(error, discord.HTTPException) and error.status == 429


def closes(error: discord.HTTPException | discord.RateLimited) -> bool:
    """Tell whether the next way is to be tried, since this one is closed or will be for long."""
    if isinstance(error, discord.RateLimited):
        return not passes(error)
    return error.code in GONE or error.status in CLOSED


@contextmanager
def trouble_told() -> Generator[None]:
    """Raise trouble that was waited out in vain as DiscordAway."""
    try:
        yield
    except (discord.HTTPException, *TROUBLE) as error:
        if not passes(error):
            raise
        raise DiscordAway(f"{type(error).__name__}: {error}", getattr(error, "retry_after", 0.0)) from error


class Trouble:
    """Where Discord was in trouble just now: what comes next for there is tried once, and waits nothing out.

    So a server whose channels take nothing does not keep what goes to others.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._until_s: dict[int, float] = {}

    def patience_s(self, place: int) -> float:
        """Return how long trouble in a place is to be waited out with files at hand."""
        return HERE_S if self._timer() >= self._until_s.get(place, 0.0) else 0.0

    @contextmanager
    def told(self, place: int) -> Generator[None]:
        """Raise trouble in a place that was waited out in vain as DiscordAway, and remember it."""
        try:
            with trouble_told():
                yield
        except DiscordAway:
            now_s = self._timer()
            self._until_s = {one: until_s for one, until_s in self._until_s.items() if now_s < until_s}
            self._until_s[place] = now_s + KNOWN_S
            raise
        self._until_s.pop(place, None)


async def patiently(way: Callable[[], Awaitable[T]], for_s: float = PATIENCE_S) -> T:
    """Go a way, again and again for so long while Discord is in trouble; with no time for that once.

    discord.py tries nothing again of what goes by a token meanwhile.
    """
    if not for_s:
        with tried_once():
            return await way()

    def on(error: Exception) -> bool | float:
        wait_s = passes(error)
        return wait_s if isinstance(wait_s, bool) else wait_s <= for_s and wait_s

    async for attempt in stamina.retry_context(on=on, timeout=for_s, attempts=None, wait_max=60):
        with attempt, tried_once():
            return await way()
    raise AssertionError("stamina returns or raises")
