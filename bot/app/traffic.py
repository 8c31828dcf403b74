"""Watches what Discord counts against a bot: identifications, and requests that it calls invalid."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

import aiohttp

from bot.telemetry.metrics import INVALID_STATUSES
from bot.telemetry.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.telemetry.alarms import Alarms
    from bot.telemetry.metrics import Metrics

CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
TOO_LATE = 404
"""Discord's answer to a first answer of ours after its three seconds."""
REMEMBERED = 1000
"""Interactions whose answer is waited for; more are under way in no bot that works."""
INVALID_MOST = 1000
"""In ten minutes; at 10,000 Discord bans the address for a while."""
INVALID_WITHIN_S = 600.0
IDENTIFIES_MOST = 100
"""In a day; at 1,000 Discord resets the token."""
IDENTIFIES_WITHIN_S = 24 * 3600.0


class Traffic:
    """Counts, and raises an alarm at a tenth of what Discord punishes."""

    def __init__(
        self, metrics: Metrics, alarms: Alarms, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._metrics = metrics
        self._alarms = alarms
        self._timer = timer
        self._came: OrderedDict[int, float] = OrderedDict()
        self._invalid = Tally(INVALID_WITHIN_S)
        self._identifies = Tally(IDENTIFIES_WITHIN_S)

    def trace(self) -> aiohttp.TraceConfig:
        """Return what lets aiohttp report the answers to Discord's client."""
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._answered)
        return config

    @property
    def is_calm(self) -> bool:
        """Tell whether requests that nobody needs may be made."""
        return self._invalid.count(self._timer()) < INVALID_MOST

    def came(self, interaction_id: int) -> None:
        """Note that somebody acted."""
        self._came[interaction_id] = self._timer()
        while len(self._came) > REMEMBERED:
            self._came.popitem(last=False)

    def _acknowledged(self, path: str, status: int) -> None:
        """Measure how long somebody waited for the first answer, and count those that came too late."""
        if (found := CALLBACK.search(path)) is None:
            return
        if status == TOO_LATE:
            self._metrics.late_acks.inc()
        if (came := self._came.pop(int(found[1]), None)) is not None:
            self._metrics.ack_seconds.observe(self._timer() - came)

    def identified(self) -> None:
        """Note that a connection to the gateway begins anew."""
        self._metrics.identifies.inc()
        if self._identifies.note(self._timer()) >= IDENTIFIES_MOST:
            self._alarms.sound(
                "identify",
                f"Easel connected anew to Discord {IDENTIFIES_MOST} times within a day; "
                "at 1,000 Discord resets the token. Look at the network and at what restarts Easel.",
            )

    async def _answered(
        self, _session: aiohttp.ClientSession, _context: object, params: aiohttp.TraceRequestEndParams
    ) -> None:
        response = params.response
        self._acknowledged(params.url.path, response.status)
        if response.status not in INVALID_STATUSES or response.headers.get("X-RateLimit-Scope") == "shared":
            return
        self._metrics.invalid_requests.labels(str(response.status)).inc()
        if self._invalid.note(self._timer()) >= INVALID_MOST:
            self._alarms.sound(
                "invalid_requests",
                f"Discord refused {INVALID_MOST} requests within ten minutes; "
                "at 10,000 it bans this address. Progress is not shown meanwhile. "
                "Look for a channel or a server that took rights away.",
            )
