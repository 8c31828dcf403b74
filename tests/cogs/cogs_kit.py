"""The real bot on a loopback Discord, with the house below it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from people_kit import finished, happen

if TYPE_CHECKING:
    from checks_kit import Call
    from discord_kit import Discord
    from house_kit import House

    from bot.app import Easel

CALLBACK, EDIT = "POST /interactions/#/token/callback", "PATCH /webhooks/#/token/messages/@original"
DELETE = "DELETE /webhooks/#/token/messages/@original"


@dataclass(repr=False)  # see House
class Stage:
    """People on one side, the house on the other, and what went over the wire between them."""

    bot: Easel
    house: House
    remote: Discord

    async def act(self, payload: dict[str, Any]) -> list[Call]:
        """Let somebody do something; return the requests that came of it, when all of it is over."""
        before, tasks = len(self.remote.calls), asyncio.all_tasks()
        await happen(self.bot, payload)
        await self.house.rest()
        await finished(tasks)  # what was drawn may still be on its way to Discord
        return self.remote.calls[before:]

    async def said(self, payload: dict[str, Any]) -> str:
        """Return the private sentence that answers an action, and assert that it is all."""
        (call,) = await self.act(payload)
        assert call.name == CALLBACK
        assert call.payload["data"]["flags"] & 64
        return call.payload["data"]["content"]
