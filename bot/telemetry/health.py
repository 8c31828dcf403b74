"""A small server that says whether Easel lives, whether it can work, and what it counted."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from bot.errors import EaselError, StartupError
from bot.telemetry.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[str | None]]
"""Says what is wrong in one sentence, or None when all is well."""

CHECK_TIMEOUT_S = 2.0


@asynccontextmanager
async def served_health(
    host: str,
    port: int,
    metrics: Metrics,
    checks: Mapping[str, Check],
    *,
    measure: Check | None = None,
    timeout_s: float = CHECK_TIMEOUT_S,
) -> AsyncGenerator[int]:
    """Serve /healthz, /readyz and /metrics while the block runs; yield the port (a free one for 0).

    `measure` is called before each reading of the metrics, for gauges that nobody keeps up to date.
    """
    runner = web.AppRunner(_app(metrics, checks, measure or _nothing, timeout_s), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise StartupError(_refusal(host, port, error)) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _nothing() -> None:
    """Measure nothing."""


def _app(metrics: Metrics, checks: Mapping[str, Check], measure: Check, timeout_s: float) -> web.Application:
    async def found() -> dict[str, str | None]:
        answers = await asyncio.gather(*(_ask(check, timeout_s) for check in checks.values()))
        return dict(zip(checks, answers, strict=True))

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_request: web.Request) -> web.Response:
        trouble = await found()
        is_ready = not any(trouble.values())
        body = {"ready": is_ready, "checks": {name: wrong or "ok" for name, wrong in trouble.items()}}
        return web.json_response(body, status=200 if is_ready else 503)

    async def counted(_request: web.Request) -> web.Response:
        for part, wrong in (await found()).items():
            metrics.ready.labels(part).set(not wrong)
        if (wrong := await _ask(measure, timeout_s)) is not None:
            log.warning("not measured: %s", wrong)
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", counted)])
    return app


async def _ask(check: Check, timeout_s: float) -> str | None:
    """Return what a check finds wrong; a check that fails or hangs is wrong itself."""
    try:
        async with asyncio.timeout(timeout_s):
            return await check()
    except TimeoutError:
        return f"no answer within {timeout_s:g} seconds"
    except (OSError, EaselError) as error:
        return str(error) or type(error).__name__


def _refusal(host: str, port: int, error: OSError) -> str:
    """Return the sentence for an address that cannot be listened on."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: stop what uses it, or set HTTP_PORT to another port."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights: set HTTP_PORT to a port above 1023."
    return f"Health cannot be served on {host}: set HTTP_HOST to an address of this machine."
