"""Where the cards of pictures hang that an answer draws: under a message, or after an interaction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import discord
import structlog

from bot.errors import Unreachable
from bot.texts import mark, tr
from bot.ui import cards, hearing, parse
from bot.ui.places import ReplyPlace
from bot.ui.reception import once_more, start_once_told, take_message

if TYPE_CHECKING:
    from bot.domain.drawn import Drawn
    from bot.domain.jobs import Job
    from bot.domain.requests import PictureRequest, Requester
    from bot.ui.places import InteractionPlace
    from bot.ui.reception import Card, Orders

    Interaction = discord.Interaction[discord.Client]

log = structlog.get_logger(__name__)
NO_CARD = mark("The card for the pictures could not be posted. Nothing was charged.")
ANSWERED_S = 10.0
"""How long the first words to an interaction may take: what follows them cannot come before."""
TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)


async def hang_after(webhook: discord.Webhook, orders: Orders, job: Job) -> None:
    """Show the card of a job as a follow-up of an interaction, and set it going.

    Where one person alone sees that, no later process can look for it: it looks like work only once it is
    noted which message it is.
    """
    silent, private = discord.AllowedMentions.none(), job.request.private

    async def show(card: Card) -> int:
        view = cards.ordered() if private else card()
        return (await webhook.send(view=view, ephemeral=private, allowed_mentions=silent, wait=True)).id

    async def reveal(message_id: int, card: Card) -> None:
        await webhook.edit_message(message_id, view=card(), allowed_mentions=silent)

    revealed = reveal if private else None
    await start_once_told(orders, job, lambda card: once_more(show, card), waits=True, reveal=revealed)


def below(client: discord.Client, message_id: int, who: Requester) -> ReplyPlace:
    """Return where the answer to somebody's message goes."""
    return ReplyPlace(
        client,
        message_id=message_id,
        channel_id=who.channel_id,
        guild_id=who.guild_id,
        author_id=who.user_id,
    )


class ReplyWall:
    """Under a message in its channel."""

    is_private = False

    def __init__(
        self,
        client: discord.Client,
        orders: Orders,
        who: Requester,
        message_id: int,
    ) -> None:
        self._client = client
        self._orders = orders
        self._who = who
        self._message_id = message_id

    async def hang(
        self, job_id: int, request: PictureRequest, parent_job_id: int | None, drawn: Drawn | None = None
    ) -> Job | None:
        """Open a job and show its card as a reply; raise Unreachable where Discord does not take it."""
        channel = self._client.get_partial_messageable(self._who.channel_id, guild_id=self._who.guild_id)
        message = channel.get_partial_message(self._message_id)
        where = hearing.origin(message, self._client.application_id or 0)
        try:
            return await take_message(
                message,
                self._orders,
                request,
                self._who,
                where,
                job_id=job_id,
                parent_job_id=parent_job_id,
                drawn=drawn,
            )
        except TROUBLE as error:
            log.info("no card", reason=str(error))
            raise Unreachable(tr(NO_CARD)) from error


class InteractionWall:
    """After the answer to an interaction, as private as that is."""

    def __init__(self, interaction: Interaction, place: InteractionPlace, orders: Orders) -> None:
        self._interaction = interaction
        self._place = place
        self._orders = orders

    @property
    def is_private(self) -> bool:
        """Tell whether the answer is private."""
        return self._place.is_private

    async def hang(
        self, job_id: int, request: PictureRequest, parent_job_id: int | None, drawn: Drawn | None = None
    ) -> Job | None:
        """Open a job and show its card as a follow-up; raise Unreachable where Discord does not take it."""
        try:
            async with asyncio.timeout(ANSWERED_S):
                await self._place.answered.wait()
            return await self._take(job_id, request, parent_job_id, drawn)
        except TROUBLE as error:
            log.info("no card", reason=str(error))
            raise Unreachable(tr(NO_CARD)) from error

    async def _take(
        self, job_id: int, request: PictureRequest, parent_job_id: int | None, drawn: Drawn | None
    ) -> Job | None:
        who, where = parse.requester(self._interaction), parse.origin(self._interaction)
        job = await self._orders.open(job_id, who, request, where, parent_job_id=parent_job_id, drawn=drawn)
        if job is not None:
            await hang_after(self._interaction.followup, self._orders, job)
        return job
