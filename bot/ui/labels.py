"""Alt text on cards that are posted: said anew of the same files, which are not sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import aiohttp
import discord
import structlog

from bot.domain.images import FILENAME
from bot.ui.cards import alt_text
from bot.ui.press import unremembered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.domain.jobs import Job

log = structlog.get_logger(__name__)
SILENT = discord.AllowedMentions.none()
TOKEN_MARGIN = timedelta(seconds=20)
TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError)


class Labels:
    """Puts captions on cards, where those are still there and Easel may edit them."""

    def __init__(
        self, client: discord.Client, *, may_edit: Callable[[], bool], clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._may_edit = may_edit
        self._clock = clock

    async def put(self, job: Job, captions: Mapping[str, str]) -> None:
        """Let a job's card say what its pictures show; trouble is logged and no more."""
        if job.card_message_id is None or job.card_channel_id is None or not self._may_edit():
            return
        for way in self._ways(job):
            try:
                await way(job.card_message_id, captions)
            except TROUBLE as error:
                log.info("no alt text on the card", job=job.id, reason=str(error))
            else:
                return

    def _ways(self, job: Job) -> list[Callable[[int, Mapping[str, str]], Awaitable[None]]]:
        """Return the interaction while its token lives, then the channel; a direct message is a channel."""
        channel = self._client.get_partial_messageable(job.card_channel_id or 0)

        async def by_token(message_id: int, captions: Mapping[str, str]) -> None:
            origin = job.origin
            webhook = discord.Webhook.partial(origin.application_id, origin.token, client=self._client)
            view = relabelled(await webhook.fetch_message(message_id), captions)
            if view is not None:
                await webhook.edit_message(message_id, view=view, allowed_mentions=SILENT)

        async def in_channel(message_id: int, captions: Mapping[str, str]) -> None:
            view = relabelled(await channel.fetch_message(message_id), captions)
            if view is not None:
                message = channel.get_partial_message(message_id)
                await message.edit(view=view, allowed_mentions=SILENT)

        token_lives = self._clock() < job.origin.token_expires_at - TOKEN_MARGIN
        is_elsewhere = job.card_channel_id != job.channel_id
        return [by_token, in_channel] if token_lives and not is_elsewhere else [in_channel]


def relabelled(message: discord.Message, captions: Mapping[str, str]) -> discord.ui.LayoutView | None:
    """Return what a message shows, with captions as alt text; None where none of the pictures is there.

    The files stay where they are: Discord finds what a message has already by `attachment://` as well. By
    their addresses it would take them for links, and links expire.
    """
    view = unremembered(discord.ui.LayoutView.from_message(message, timeout=None))
    is_changed = False
    for child in view.walk_children():
        if not isinstance(child, discord.ui.MediaGallery):
            continue
        for place, item in enumerate(child.items, start=1):
            name = unquote(urlsplit(item.media.url).path.rpartition("/")[2])
            if item.media.attachment_id is not None:
                item.media = f"attachment://{name}"
            found = FILENAME.fullmatch(name)
            if found is not None and (caption := captions.get(found["id"])) is not None:
                item.description = alt_text(caption, place, len(child.items))
                is_changed = True
    return view if is_changed else None
