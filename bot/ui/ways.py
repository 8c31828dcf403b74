"""The ways to a person: a job's own card by its token or as a message, its channel, a direct message."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.results import Card
from bot.ui.posts import ORIGINAL, Post, only

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from bot.domain.jobs import Job, Origin

    Edit = Callable[[Job, Post], Coroutine[Any, Any, Card]]

TOKEN_MARGIN = timedelta(seconds=20)


class Ways:
    """Sends and edits, once each; whether a way is open shows when it is gone."""

    def __init__(self, client: discord.Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    def card_of(self, job: Job) -> discord.PartialMessage | None:
        """Return the message that waits for a job, where it can be reached without the token."""
        if job.card_message_id is None or job.request.private:
            return None
        channel = self._client.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
        return channel.get_partial_message(job.card_message_id)

    async def edit_original(self, job: Job, post: Post) -> Card:
        """Edit the message that waits for a job, by its token."""
        with closing(post):
            message = await self.webhook(job).edit_message(
                own(job),
                view=post.view,
                attachments=post.files,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        return Card(channel_id=job.channel_id, message_id=message.id)

    def edit_of(self, job: Job) -> Edit | None:
        """Return how a job's own card is edited: by its token; without one, as any message of ours."""
        if is_bare(job):
            return None
        if self.token_lives(job):
            return self.edit_original
        was_asked_by_message = not job.origin.token
        message = self.card_of(job) if was_asked_by_message else None
        return None if message is None else partial(self.edit_card, message)

    async def edit_card(self, message: discord.PartialMessage, job: Job, post: Post) -> Card:
        """Edit the message that waits for a job, as any message of ours."""
        with closing(post):
            await message.edit(
                view=post.view, attachments=post.files, allowed_mentions=discord.AllowedMentions.none()
            )
        return Card(channel_id=job.channel_id, message_id=message.id)

    async def post(self, job: Job, post: Post) -> Card:
        """Post in the job's channel, with a mention of who asked, and of nobody else."""
        channel = self._client.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
        post.view.add_item(discord.ui.TextDisplay(f"<@{job.user_id}>"))
        return await post.send(channel, nonce=str(job.id), mentions=only(job.user_id))

    async def direct(self, job: Job, post: Post) -> Card:
        """Post to who asked alone."""
        channel = await self._client.create_dm(discord.Object(job.user_id))
        return await post.send(channel, nonce=str(job.id), mentions=discord.AllowedMentions.none())

    def webhook(self, job: Job) -> discord.Webhook:
        """Return what acts by a job's token."""
        return discord.Webhook.partial(job.origin.application_id, job.origin.token, client=self._client)

    def token_lives(self, job: Job) -> bool:
        """Tell whether a job's token can still be used."""
        return lives(job.origin, self._clock())


def lives(origin: Origin, now: datetime) -> bool:
    """Tell whether the token of where an answer goes can still be used."""
    return now < origin.token_expires_at - TOKEN_MARGIN


def is_bare(job: Job) -> bool:
    """Tell whether no message waits for a job: an answer in words is not one, though pictures follow it."""
    return job.request.follows_answer and job.card_message_id is None


def own(job: Job) -> int:
    """Return the message that waits for a job: of an answer's pictures one that follows the answer."""
    if job.request.follows_answer and job.card_message_id is not None:
        return job.card_message_id
    return ORIGINAL
