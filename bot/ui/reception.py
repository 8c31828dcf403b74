"""Takes an order: holds its price, acknowledges it within Discord's three seconds, and sets it going."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import discord
import structlog

from bot.ui import cards
from bot.ui.parse import origin, requester

if TYPE_CHECKING:
    from bot.domain.jobs import Job, Origin
    from bot.domain.requests import PictureRequest, Requester

    Interaction = discord.Interaction[discord.Client]

log = structlog.get_logger(__name__)
PATIENCE_S = 1.5
"""How long an order may be checked before Discord is told to wait; its own limit is 3 seconds."""


class Orders(Protocol):
    """Whoever opens jobs and carries them out."""

    async def open(
        self,
        job_id: int,
        who: Requester,
        request: PictureRequest,
        origin: Origin,
        *,
        parent_job_id: int | None = None,
    ) -> Job | None:
        """Hold and write down a job; None if this very click has one already."""
        ...

    def start(self, job: Job) -> None:
        """Let a job take its turn."""
        ...

    async def withdraw(self, job: Job) -> None:
        """Give back what a job holds."""
        ...


async def take(
    interaction: Interaction, orders: Orders, request: PictureRequest, *, parent_job_id: int | None = None
) -> None:
    """Open a job for an interaction. What cannot be done is said privately, before anything public."""
    opening = asyncio.create_task(
        orders.open(
            interaction.id, requester(interaction), request, origin(interaction), parent_job_id=parent_job_id
        )
    )
    try:
        job = await asyncio.wait_for(asyncio.shield(opening), PATIENCE_S)
    except TimeoutError:
        await _take_slowly(interaction, orders, request, opening)
        return
    if job is not None:
        await _acknowledge(interaction, orders, job)


async def _acknowledge(interaction: Interaction, orders: Orders, job: Job) -> None:
    try:
        await interaction.response.send_message(view=cards.drawing(job), ephemeral=job.request.private)
    except (discord.HTTPException, OSError, asyncio.CancelledError):
        await asyncio.shield(orders.withdraw(job))
        raise
    orders.start(job)


async def _take_slowly(
    interaction: Interaction, orders: Orders, request: PictureRequest, opening: asyncio.Task[Job | None]
) -> None:
    """Say “thinking” first, because checking takes long; a refusal then takes that back."""
    log.warning("slow order")
    await interaction.response.defer(ephemeral=request.private, thinking=True)
    try:
        job = await opening
    except BaseException:
        await interaction.delete_original_response()
        raise
    if job is not None:
        await interaction.edit_original_response(view=cards.drawing(job))
        orders.start(job)
