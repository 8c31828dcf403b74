"""Looks at everything that Easel needs, and says what is wrong and how to mend it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from bot.doctor.discord import examine_discord
from bot.doctor.finding import Finding, Grade
from bot.doctor.house import examine_house
from bot.doctor.provider import examine_provider
from bot.transport.client import open_client

if TYPE_CHECKING:
    from bot.settings import Settings

__all__ = ["Finding", "Grade", "examine"]


async def examine(settings: Settings) -> tuple[Finding, ...]:
    """Return what was found of the machine, of Discord and of the model provider, in this order."""
    async with aclosing(open_client()) as http:
        found = await asyncio.gather(
            examine_house(settings), examine_discord(settings, http), examine_provider(settings, http)
        )
    return tuple(finding for part in found for finding in part)
