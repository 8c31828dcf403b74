"""Keeps the list of models fresh: at the start, every day, and sooner after a failure."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from datetime import datetime

    from bot.model.catalogue import Catalogue
    from bot.storage.meta import Meta

log = structlog.get_logger(__name__)
DAY_S = 24 * 3600.0
FIRST_TRY_S = 10.0
"""How long a start without yesterday's list waits for today's; after that it goes on without."""
RETRY_S = (5.0, 15.0, 60.0, 300.0, 900.0)
DOUBT_S = 30.0
"""How long a model that the provider called gone is passed over at least, though it may still be listed."""
KEY = "catalogue"


class Askable(Protocol):
    """A client that knows which calls it would refuse."""

    def available(self, model_id: str) -> None:
        """Raise ModelUnavailable where a model is known to be down."""
        ...

    def solvent(self) -> None:
        """Raise AccountTrouble where the key was refused or its credit is used up."""
        ...


@dataclass(frozen=True, slots=True)
class Configured:
    """The operator's lists, best first: the models that draw, and those that answer in words."""

    image_models: Sequence[str]
    chat_models: Sequence[str] = ()


def why_nothing_draws(catalogue: Catalogue, model: Askable, image_models: Sequence[str]) -> str | None:
    """Say why what names no model cannot be drawn now, or None where it can.

    That goes to the first model that is left of the operator's list and to no other, however well those work.
    """
    if not catalogue.ready:
        return "the list of models was never read"
    try:
        model.solvent()
        first = catalogue.resolve(image_models)[0].id
    except ModelError as error:
        return str(error)
    try:
        model.available(first)
    except ModelError as error:
        return f"{first}, which draws where no model is named: {error}"
    return None


@asynccontextmanager
async def kept_catalogue(
    catalogue: Catalogue, meta: Meta, configured: Configured, clock: Callable[[], datetime]
) -> AsyncGenerator[None]:
    """Keep a catalogue fresh while the block runs; yesterday's list serves where today's cannot be read."""
    if (kept := await meta.get(KEY)) is not None:
        catalogue.load(kept)
    first = asyncio.create_task(_refresh(catalogue, meta, configured, clock), name="models-first")
    if not catalogue.ready and not (await asyncio.wait({first}, timeout=FIRST_TRY_S))[0]:
        log.warning("the list of models takes long; going on without it")
    keeping = asyncio.create_task(_keep(first, catalogue, meta, configured, clock), name="models")
    try:
        yield
    finally:
        for task in (keeping, first):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _keep(
    first: asyncio.Task[bool],
    catalogue: Catalogue,
    meta: Meta,
    configured: Configured,
    clock: Callable[[], datetime],
) -> None:
    fresh, failures = await first, 0
    while True:
        failures = 0 if fresh else failures + 1
        wait_s = DAY_S if fresh else RETRY_S[min(failures, len(RETRY_S)) - 1]
        with suppress(TimeoutError):
            await asyncio.wait_for(catalogue.doubted.wait(), wait_s)
            log.warning("a listed model was called gone; the list is read again")
            await asyncio.sleep(DOUBT_S)
        fresh = await _refresh(catalogue, meta, configured, clock)


async def _refresh(
    catalogue: Catalogue, meta: Meta, configured: Configured, clock: Callable[[], datetime]
) -> bool:
    try:
        await catalogue.refresh(clock())
    except ModelError as error:
        log.warning("the list of models could not be read", reason=str(error))
        return False
    await meta.set(KEY, catalogue.dump())
    today = clock().date()
    for notice in catalogue.notices(configured.image_models, today):
        log.warning("models", notice=notice)
    for notice in catalogue.chat_notices(configured.chat_models, today):
        log.warning("chat models", notice=notice)
    return True
