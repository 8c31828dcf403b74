"""How what is under way comes to its end when a process stops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


async def brought_to_an_end(tasks: Collection[asyncio.Task[Any]], timeout_s: float) -> int:
    """Let tasks end by themselves for a while, break off the rest, and return how many those were."""
    if not tasks:
        return 0
    _, late = await asyncio.wait(tasks, timeout=timeout_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return len(late)
