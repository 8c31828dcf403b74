"""Takes an order: holds its price, acknowledges it within Discord's three seconds, and sets it going."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

import aiohttp
import discord
import structlog

from bot.domain.standing import Glimpse
from bot.errors import UserFacingError
from bot.ui import cards
from bot.ui.parse import origin, requester
from bot.ui.patience import LOST, TROUBLE
from bot.ui.places import reference

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from discord.ui import LayoutView

    from bot.domain.drawn import Drawn
    from bot.domain.jobs import Job, Origin
    from bot.domain.requests import PictureRequest, Requester
    from bot.domain.standing import Standing

    Interaction = discord.Interaction[discord.Client]
    Card = Callable[[], LayoutView]
    """Makes the card of a job that waits or begins."""

T = TypeVar("T")
P = ParamSpec("P")
log = structlog.get_logger(__name__)
PATIENCE_S = 1.5
"""How long an order may be checked before Discord is told to wait; its own limit is 3 seconds."""
UNTOLD = (discord.HTTPException, aiohttp.ClientError, OSError, asyncio.CancelledError)
"""What leaves the asker without an answer."""


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
        drawn: Drawn | None = None,
    ) -> Job | None:
        """Hold and write down a job, perhaps one that has its pictures; None if this very click has one."""
        ...

    async def shown(self, job: Job, message_id: int) -> None:
        """Note which message waits for a job's pictures."""
        ...

    def expect(self, job: Job) -> Standing:
        """Return where a job will stand once it is started."""
        ...

    def start(self, job: Job, shown: Standing) -> None:
        """Let a job take its turn, whose card says where it stands."""
        ...

    async def withdraw(self, job: Job) -> None:
        """Give back what a job holds."""
        ...

    async def retract(self, job: Job) -> None:
        """Let the card of a withdrawn job say so, if it stands there all the same."""
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
        job = await _opened(orders, opening, PATIENCE_S)
    except TimeoutError:
        await _take_slowly(interaction, orders, request, opening)
        return
    if job is not None:
        await _acknowledge(interaction, orders, job)


async def take_message(
    message: discord.Message | discord.PartialMessage,
    orders: Orders,
    request: PictureRequest,
    who: Requester,
    where: Origin,
    *,
    job_id: int,
    parent_job_id: int | None = None,
    drawn: Drawn | None = None,
) -> Job | None:
    """Open a job that a message asks for, show its card as a reply, and set it going; None if it has one.

    The message waits: a process that stops meanwhile leaves the job to the next start.
    """
    opening = asyncio.create_task(
        orders.open(job_id, who, request, where, parent_job_id=parent_job_id, drawn=drawn)
    )
    job = await _opened(orders, opening, waits=True)
    if job is None:
        return None

    async def show(card: Card) -> int:
        sent = await message.channel.send(
            view=card(),
            reference=reference(message.id, message.channel.id, message.guild.id if message.guild else None),
            nonce=f"card-{job.id}",
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return sent.id

    await start_once_told(orders, job, lambda card: once_more(show, card), waits=True)
    return job


async def _opened(
    orders: Orders, opening: asyncio.Task[Job | None], patience_s: float | None = None, *, waits: bool = False
) -> Job | None:
    """Wait for a job to be opened, or raise TimeoutError; withdraw it where its asker will not know.

    An asker who `waits` whatever becomes of this process has it from the next.
    """
    try:
        return await asyncio.wait_for(asyncio.shield(opening), patience_s)
    except asyncio.CancelledError as error:
        with suppress(UserFacingError):
            if (job := await asyncio.shield(opening)) is not None and not waits:
                await _give_back(orders, job, error)
        raise


async def _acknowledge(interaction: Interaction, orders: Orders, job: Job) -> None:
    async def show(card: Card) -> int | None:
        answer = await interaction.response.send_message(view=card(), ephemeral=job.request.private)
        return answer.message_id

    await start_once_told(orders, job, show)


async def _take_slowly(
    interaction: Interaction, orders: Orders, request: PictureRequest, opening: asyncio.Task[Job | None]
) -> None:
    """Say “thinking” first, because checking takes long; a refusal then takes that back."""
    log.warning("slow order")
    try:
        await interaction.response.defer(ephemeral=request.private, thinking=True)
    except UNTOLD as error:
        if (job := await asyncio.shield(opening)) is not None:
            await _give_back(orders, job, error)
        raise
    try:
        job = await _opened(orders, opening)
    except BaseException:
        with suppress(discord.HTTPException):
            await interaction.delete_original_response()
        raise
    if job is not None:

        async def show(card: Card) -> int:
            return (await interaction.edit_original_response(view=card())).id

        await start_once_told(orders, job, lambda card: once_more(show, card))


async def start_once_told(
    orders: Orders,
    job: Job,
    show: Callable[[Card], Awaitable[int | None]],
    *,
    waits: bool = False,
    reveal: Callable[[int, Card], Awaitable[object]] | None = None,
) -> None:
    """Start a job whose asker sees it; give back what it holds where that fails.

    What is shown may become the card by `reveal`, once it is noted which message that is.

    Where the process stops meanwhile, the card may stand there all the same. An asker who `waits` whatever
    becomes of this process has the pictures from the next, which finds it.
    """
    standing = orders.expect(job)

    def card() -> LayoutView:
        return cards.drawing(job, Glimpse(standing))

    try:
        message_id = await show(card)
    except UNTOLD as error:
        if not (waits and isinstance(error, asyncio.CancelledError)):
            await _give_back(orders, job, error)
        raise
    if message_id is not None:
        await orders.shown(job, message_id)
        job = replace(job, card_message_id=message_id)
        if reveal is not None:
            with suppress(discord.HTTPException, *TROUBLE):  # what comes of it is shown there in any case
                await reveal(message_id, card)
    orders.start(job, standing)


async def _give_back(orders: Orders, job: Job, error: BaseException) -> None:
    """Give back what a job holds. Where Discord is in trouble, its card may stand there all the same."""
    await asyncio.shield(orders.withdraw(job))
    if isinstance(error, TROUBLE):
        await orders.retract(job)


async def once_more(tell: Callable[P, Awaitable[T]], *given: P.args, **named: P.kwargs) -> T:
    """Send a message, a second time where its answer was lost; discord.py does that for statuses alone.

    First answers see to that themselves (`FirstAnswers`).
    """
    try:
        return await tell(*given, **named)
    except LOST:
        return await tell(*given, **named)
