"""Brings batches to people: one card that is edited, and pages of pictures, each posted once.

In a channel where Easel may post, and in direct messages, a message carries a nonce by which Discord takes
it once. Answers to an interaction have none: there an empty message is put first, written down, and then
filled by an edit, which does no harm when it is done again. Where the interaction's token has died, private
batches and those in places where Easel may not post go on in direct messages.
"""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord
import structlog

from bot.domain.results import Card
from bot.errors import NotFound, PictureUnusable, Undeliverable, Unreachable
from bot.texts import tr
from bot.transport.gate import Gate
from bot.ui import batch as cards
from bot.ui.patience import CLOSED, GONE, TOO_LARGE, TROUBLE, passes, patiently
from bot.ui.posts import Post, only
from bot.ui.ways import lives

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from bot.domain.runs import Batch, Ending, Page, Shot, Snapshot
    from bot.ui.prints import Prints

log = structlog.get_logger(__name__)
PAGES_AT_ONCE = 2
"""Pages on their way to Discord at the same time; their files are held meanwhile."""
TOO_MANY_FOLLOW_UPS = 40094
SILENT = discord.AllowedMentions.none()


class BatchCourier:
    """The board of batches, for Discord."""

    def __init__(self, client: discord.Client, prints: Prints, *, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._prints = prints
        self._clock = clock
        self._pages = Gate(PAGES_AT_ONCE)

    async def show(self, snapshot: Snapshot) -> Card | None:
        """Edit a batch's card, or post a new one where there is none that can be edited.

        A card that somebody deleted stays deleted. Raise Undeliverable where another try may do.
        """
        batch = snapshot.batch
        try:
            if batch.card_message_id is not None and await self._edited(batch, snapshot):
                return None
            nonce = f"{batch.id:x}-card"
            return await self._by_any_way(batch, lambda: Post(cards.card(snapshot)), nonce, None)
        except Unreachable as error:
            log.info("batch has no card", batch=batch.id, reason=str(error))
        except (discord.HTTPException, *TROUBLE) as error:
            raise Undeliverable(tr("The card could not be shown.")) from error
        return None

    async def place(self, batch: Batch, page: Page) -> int | None:
        """Put an empty answer where a page goes, if it goes into answers to an interaction."""
        if self._posts_in_channel(batch) or not self._token_lives(batch):
            return None
        try:
            message = await self._webhook(batch).send(
                view=cards.coming(batch), ephemeral=batch.request.private, wait=True, allowed_mentions=SILENT
            )
        except (discord.HTTPException, *TROUBLE) as error:
            log.info("page not placed", batch=batch.id, page=page.ordinal, reason=str(error))
            return None
        return message.id

    async def page(self, batch: Batch, page: Page, shots: Sequence[Shot]) -> Card:
        """Post a page by the first way that is open, or raise Undeliverable; Unreachable where none is."""
        limit = batch.origin.upload_limit_bytes
        while True:
            try:
                async with self._pages.inside():
                    content = await self._content(batch, page, shots, limit)
                    return await self._by_any_way(batch, content, page.nonce, page.message_id)
            except (NotFound, PictureUnusable) as error:
                raise Undeliverable(
                    tr("The picture could not be made ready. Nothing was charged.")
                ) from error
            except discord.HTTPException as error:
                if passes(error):
                    raise  # waited out in vain: tried again later
                if (error.status != 413 and error.code not in TOO_LARGE) or limit < 64 * 1024:
                    raise Undeliverable(
                        tr("Discord did not take the picture. Nothing was charged.")
                    ) from error
                limit //= 2
                log.warning("too large for Discord", next_limit=limit)

    async def files(self, batch: Batch, page: Page, paths: Sequence[Path], ending: Ending | None) -> Card:
        """Post zip files by the first way that is open, or raise Undeliverable."""
        async with self._pages.inside():
            kept = [(path.name, await asyncio.to_thread(path.read_bytes)) for path in paths]

            def post() -> Post:
                files = [discord.File(io.BytesIO(data), name) for name, data in kept]
                return Post(cards.files(batch, files, ending), files)

            mentions = SILENT if ending is None else only(batch.user_id)
            try:
                return await self._by_any_way(batch, post, page.nonce, page.message_id, mentions)
            except discord.HTTPException as error:
                if passes(error):
                    raise  # waited out in vain: tried again later
                raise Undeliverable(tr("Discord did not take the files.")) from error

    async def _content(
        self, batch: Batch, page: Page, shots: Sequence[Shot], each: int
    ) -> Callable[[], Post]:
        where = self._client.get_channel(batch.channel_id)
        ready = await self._prints.ready([shot.picture for shot in shots], each, channel=where)

        def post() -> Post:
            files = ready()
            return Post(cards.page(batch, shots, files, page), files)

        return post

    async def _edited(self, batch: Batch, snapshot: Snapshot) -> bool:
        """Edit the card; False where a new one has to be posted."""
        message_id = batch.card_message_id or 0
        post = Post(cards.card(snapshot))
        try:
            if batch.card_channel_id is not None:
                channel = self._client.get_partial_messageable(batch.card_channel_id, guild_id=batch.guild_id)
                await channel.get_partial_message(message_id).edit(view=post.view, allowed_mentions=SILENT)
            elif not self._token_lives(batch):
                return False
            else:
                await self._filled(batch, message_id, post)
        except discord.HTTPException as error:
            if not _is_closed(error):
                raise
            return batch.card_channel_id is not None
        return True

    async def _by_any_way(
        self,
        batch: Batch,
        content: Callable[[], Post],
        nonce: str,
        placed: int | None,
        mentions: discord.AllowedMentions = SILENT,
    ) -> Card:
        ways: list[Callable[[], Awaitable[Card]]] = []
        if placed is not None and self._token_lives(batch):
            ways.append(lambda: self._filled(batch, placed, content()))
        elif self._posts_in_channel(batch):
            ways.append(lambda: self._post(batch, content(), nonce, mentions))
        elif nonce.endswith("card") and self._token_lives(batch):
            ways.append(lambda: self._follow_up(batch, content()))
        ways.append(lambda: self._direct(batch, content(), nonce))
        for way in ways:
            try:
                return await patiently(way)
            except discord.HTTPException as error:
                if not _is_closed(error):
                    raise
                log.info("way closed", code=error.code, status=error.status)
        raise Unreachable(tr("There is no way left to send you the pictures."))

    async def _post(self, batch: Batch, post: Post, nonce: str, mentions: discord.AllowedMentions) -> Card:
        channel = self._client.get_partial_messageable(batch.channel_id, guild_id=batch.guild_id)
        return await post.send(channel, nonce=nonce, mentions=mentions)

    async def _direct(self, batch: Batch, post: Post, nonce: str) -> Card:
        channel = await self._client.create_dm(discord.Object(batch.user_id))
        return await post.send(channel, nonce=nonce, mentions=SILENT)

    async def _follow_up(self, batch: Batch, post: Post) -> Card:
        """Answer an interaction; 0 for the channel says that its token alone can edit this."""
        message = await self._webhook(batch).send(
            view=post.view, ephemeral=batch.request.private, wait=True, allowed_mentions=SILENT
        )
        return Card(channel_id=0, message_id=message.id)

    async def _filled(self, batch: Batch, message_id: int, post: Post) -> Card:
        try:
            await self._webhook(batch).edit_message(
                message_id, view=post.view, attachments=post.files, allowed_mentions=SILENT
            )
        finally:
            post.close()
        return Card(channel_id=batch.channel_id, message_id=message_id)

    def _webhook(self, batch: Batch) -> discord.Webhook:
        webhook = discord.Webhook.partial(
            batch.origin.application_id, batch.origin.token, client=self._client
        )
        webhook.type = discord.WebhookType.application  # without it discord.py refuses ephemeral messages
        return webhook

    def _posts_in_channel(self, batch: Batch) -> bool:
        return batch.origin.can_post_in_channel and not batch.request.private

    def _token_lives(self, batch: Batch) -> bool:
        return lives(batch.origin, self._clock())


def _is_closed(error: discord.HTTPException) -> bool:
    """Tell whether another way has to be gone."""
    return error.code in GONE or error.code == TOO_MANY_FOLLOW_UPS or error.status in CLOSED
