"""How what is under way comes to its end: with the work that it belongs to, or when a process stops."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection, Coroutine

    Begin = Callable[[Coroutine[Any, Any, object]], None]


@asynccontextmanager
async def beside() -> AsyncGenerator[Begin]:
    """Yield what begins work that the block goes on beside; leaving the block waits for its end."""
    begun: list[asyncio.Task[Any]] = []
    try:
        yield lambda work: begun.append(asyncio.create_task(work))
    finally:
        await asyncio.gather(*begun)


async def brought_to_an_end(tasks: Collection[asyncio.Task[Any]], timeout_s: float) -> int:
    """Let tasks end by themselves for a while, break off the rest, and return how many those were."""
    if not tasks:
        return 0
    _, late = await asyncio.wait(tasks, timeout=timeout_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return len(late)


async def surely_cancelled(task: asyncio.Task[Any], every_s: float) -> None:
    """Break a task off, again and again where it swallows that; raise what it ends with."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=every_s)
    await task
