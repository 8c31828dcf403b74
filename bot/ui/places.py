"""Where an answer in words is written: under a message, or in answer to an interaction."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import discord
import structlog
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from bot.errors import Unreachable
from bot.texts import mark, tr
from bot.ui.explain import UNTOLD
from bot.ui.first_answers import ACKNOWLEDGED, UNKNOWN
from bot.ui.pages import ITS_AUTHOR, NOBODY, Page, Posted, edit, is_closed, named, partial
from bot.ui.posts import ORIGINAL, only

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    Interaction = discord.Interaction[discord.Client]

log = structlog.get_logger(__name__)
NO_REPLY = {160002, 50035}
"""The bot may not reply here, or what it replies to is no message: it posts without."""
NO_TOKEN = {UNKNOWN, 10015, 50027}
"""Codes where a token is over, or was never taken up: the interaction was acknowledged too late."""
TOKEN_MARGIN = timedelta(seconds=20)
NO_WAY = mark("There is no way left to send you the answer.")


class ReplyPlace:
    """Under a message in a channel; in direct messages to its author where the channel is closed."""

    think_s: float | None = None

    def __init__(
        self,
        client: discord.Client,
        *,
        message_id: int,
        channel_id: int,
        guild_id: int | None,
        author_id: int | None = None,
    ) -> None:
        self._client = client
        self._channel: discord.PartialMessageable | discord.DMChannel = client.get_partial_messageable(
            channel_id, guild_id=guild_id
        )
        self._author_id = author_id
        self._reference: discord.MessageReference | None = reference(message_id, channel_id, guild_id)

    async def type(self) -> None:
        """Show that the bot is typing."""
        await self._client.http.send_typing(self._channel.id)

    async def post(self, page: Page, nonce: str) -> Posted:
        """Post as a reply first, then as plain messages; where the channel is closed, to the author."""
        try:
            return await self._post_here(page, nonce)
        except discord.HTTPException as error:
            if not is_closed(error) or page.files:  # it may be about the files alone
                raise
            log.info("channel closed to an answer", code=error.code, status=error.status)
            if self._author_id is None or isinstance(self._channel, discord.DMChannel):
                raise Unreachable(tr(NO_WAY)) from error
        return await self._post_directly(page, nonce)

    async def _post_here(self, page: Page, nonce: str) -> Posted:
        try:
            return await self._send(page, nonce)
        except discord.HTTPException as error:
            if self._reference is None or error.code not in NO_REPLY:
                raise
        self._reference = None
        return await self._send(page, nonce)

    async def _post_directly(self, page: Page, nonce: str) -> Posted:
        try:
            self._channel = await self._client.create_dm(discord.Object(self._author_id or 0))
            self._reference = None
            return await self._send(page, nonce)
        except discord.HTTPException as error:
            if not is_closed(error):
                raise
            raise Unreachable(tr(NO_WAY)) from error

    async def _send(self, page: Page, nonce: str) -> Posted:
        pings = self._reference is not None
        reference: Any = {"reference": self._reference} if pings else {}
        message = await self._channel.send(
            **page.shown(),
            **reference,
            nonce=nonce,
            suppress_embeds=True,
            allowed_mentions=ITS_AUTHOR if pings else NOBODY,
        )
        self._reference = None
        return Posted(message.id, self._channel.id, pings)

    async def edit(self, posted: Posted, page: Page) -> None:
        """Make a message show something else."""
        await edit(self._client, posted, page)

    async def delete(self, posted: Posted) -> None:
        """Take a message away."""
        await partial(self._client, posted).delete()

    async def whisper(self, page: Page, instead_of: Posted | None, nonce: str) -> Posted:
        """Say it as a reply: a channel knows nothing private."""
        if instead_of is None:
            return await self.post(page, nonce)
        await self.edit(instead_of, page)
        return instead_of

    def hushes(self) -> bool:
        """Tell that others see what is whispered."""
        return False

    def closes_in_s(self) -> float | None:
        """Stay open."""
        return None


class InteractionPlace:
    """In answer to an interaction, for the fifteen minutes of its token; then in the channel if the bot may.

    Acknowledge it by the first message, where the caller has not.
    """

    think_s: float | None = 1.0

    def __init__(
        self,
        interaction: Interaction,
        *,
        private: bool = False,
        clock: Callable[[], datetime] = discord.utils.utcnow,
    ) -> None:
        self._interaction = interaction
        self._private = private
        self._clock = clock
        self._has_original = self._follows = self._is_over = self._is_public = False
        self._by_token: set[int] = set()
        self.answered = asyncio.Event()
        """Set once something is shown, so that more can follow it."""
        may_post = interaction.is_guild_integration() and (
            interaction.guild_id is None
            or interaction.app_permissions.send_messages
            or interaction.app_permissions.send_messages_in_threads
        )
        self._may_post = may_post and not private

    @property
    def is_private(self) -> bool:
        """Tell whether only the person who asked sees it."""
        return self._private

    async def follow(self, page: Page) -> None:
        """Acknowledge a press by letting the message that it is on say something else; answers follow it.

        Where Discord does not take that, the first answer acknowledges the press.
        """
        try:
            await self._interaction.response.edit_message(**page.changed(), allowed_mentions=NOBODY)
        except UNTOLD as error:
            if not isinstance(error, discord.HTTPException) or error.code != ACKNOWLEDGED:
                log.info("message of a press not changed", reason=str(error))
                return
        self._has_original = self._follows = True

    async def type(self) -> None:
        """Leave that to Discord, which says “thinking” itself."""

    async def post(self, page: Page, nonce: str) -> Posted:
        """Answer, edit the placeholder or follow up; post in the channel when the token is over."""
        if self._token_lives():
            try:
                return await self._post_by_token(page)
            except discord.HTTPException as error:
                was_over = self._was_over(error)
                if not is_closed(error) or (page.files and not was_over):  # it may be about the files alone
                    raise
                log.info("interaction closed to an answer", code=error.code, status=error.status)
        if not self._may_post:
            raise Unreachable(tr(NO_WAY))
        return await self._post_in_channel(page, nonce)

    async def _post_by_token(self, page: Page) -> Posted:
        if not self._has_original:
            return await self._answer(page)
        message = await self._interaction.followup.send(
            **page.shown(),
            ephemeral=self._private,
            suppress_embeds=True,
            allowed_mentions=NOBODY,
            wait=True,
        )
        return self._written(message.id)

    async def _answer(self, page: Page) -> Posted:
        """Answer for the first time; what the caller acknowledged is edited."""
        message_id: int | None = None
        if not self._interaction.response.is_done():
            try:
                message_id = await self._respond(page, private=self._private)
            except discord.HTTPException as error:
                if error.code != ACKNOWLEDGED:  # the first of discord.py's tries may have arrived
                    raise
        if message_id is None:
            message_id = await self._edit_by_token(ORIGINAL, page, first=True)
        self._has_original = True
        return self._written(message_id)

    async def _respond(self, page: Page, *, private: bool) -> int | None:
        answer = await self._interaction.response.send_message(
            **page.shown(),
            ephemeral=private,
            suppress_embeds=True,
            allowed_mentions=NOBODY,
        )
        return answer.message_id

    async def _edit_by_token(self, message_id: int, page: Page, *, first: bool = False) -> int:
        """Edit by the interaction's token; discord.py's own edits cannot keep links from unfurling."""
        more = page.changed()
        if first:
            more["flags"] = discord.MessageFlags(suppress_embeds=True)
        http = self._interaction.client.http
        with handle_message_parameters(**more, allowed_mentions=NOBODY) as params:
            data = await async_context.get().edit_webhook_message(
                self._interaction.application_id,
                self._interaction.token,
                message_id,
                session=self._interaction.followup.session,
                proxy=http.proxy,
                proxy_auth=http.proxy_auth,
                payload=params.payload,
                multipart=params.multipart,
                files=params.files,
                with_components=True,
            )
        return int(data["id"])

    async def _post_in_channel(self, page: Page, nonce: str) -> Posted:
        """Post as the bot; where nothing of the answer stands below its command, say who asked."""
        asker_id = self._interaction.user.id
        names = None if self._by_token or self._is_public else asker_id
        channel = self._interaction.client.get_partial_messageable(
            self._interaction.channel_id or 0, guild_id=self._interaction.guild_id
        )
        try:
            message = await channel.send(
                **named(page, names).shown(),
                nonce=nonce,
                suppress_embeds=True,
                allowed_mentions=NOBODY if names is None else only(names),
            )
        except discord.HTTPException as error:
            if not is_closed(error):
                raise
            self._may_post = False
            raise Unreachable(tr(NO_WAY)) from error
        self._is_public = True
        return Posted(message.id, channel.id, names=names)

    async def edit(self, posted: Posted, page: Page) -> None:
        """Make a message show something else: by the token that wrote it, later as the bot."""
        if self._is_by_token(posted):
            try:
                await self._edit_by_token(posted.message_id, page)
            except discord.HTTPException as error:
                if not self._was_over(error) or not self._may_post:
                    raise
            else:
                return
        await edit(self._interaction.client, posted, page)

    async def delete(self, posted: Posted) -> None:
        """Take a message away."""
        if self._is_by_token(posted):
            await self._interaction.followup.delete_message(posted.message_id)
        else:
            await partial(self._interaction.client, posted).delete()

    async def whisper(self, page: Page, instead_of: Posted | None, nonce: str) -> Posted:
        """Say it to who asked alone; what stood there in public is taken away."""
        if instead_of is not None and not self._is_by_token(instead_of):
            await self.edit(instead_of, page)
            return instead_of
        if not self._token_lives():
            return await self.post(page, nonce)
        if not self._follows and not self._interaction.response.is_done():
            self._private = True
            return await self._answer(page)
        if self._private:
            if instead_of is None:
                return await self.post(page, nonce)
            await self.edit(instead_of, page)
            return instead_of
        self._has_original = self._private = True
        if instead_of is None and not self._follows:
            # a follow-up to “thinking” would take its place, and be as public
            await self._interaction.delete_original_response()
        posted = await self._post_by_token(page)
        if instead_of is not None:
            await self.delete(instead_of)
        return posted

    def hushes(self) -> bool:
        """Tell whether nobody but who asked sees what is whispered now."""
        return self._token_lives() and not self._is_public

    def closes_in_s(self) -> float | None:
        """Return how long the token lives, where nothing can be posted after it."""
        if self._may_post:
            return None
        return max(0.0, (self._interaction.expires_at - TOKEN_MARGIN - self._clock()).total_seconds())

    def _written(self, message_id: int) -> Posted:
        """Note what the token wrote."""
        self.answered.set()
        self._by_token.add(message_id)
        return Posted(message_id, self._interaction.channel_id or 0)

    def _is_by_token(self, posted: Posted) -> bool:
        """Tell whether a message is changed by the token: one in the channel never is."""
        return posted.message_id in self._by_token and self._token_lives()

    def _was_over(self, error: discord.HTTPException) -> bool:
        """Tell whether that is the token's end, which may come before its time; then it is used no more."""
        self._is_over = self._is_over or error.code in NO_TOKEN
        return self._is_over

    def _token_lives(self) -> bool:
        return not self._is_over and self._clock() < self._interaction.expires_at - TOKEN_MARGIN


def reference(message_id: int, channel_id: int, guild_id: int | None) -> discord.MessageReference:
    """Point to a message that may be gone; discord.py would write numbers, Discord's document wants text."""
    return discord.MessageReference(
        message_id=cast("int", str(message_id)),
        channel_id=cast("int", str(channel_id)),
        guild_id=None if guild_id is None else cast("int", str(guild_id)),
        fail_if_not_exists=False,
    )
