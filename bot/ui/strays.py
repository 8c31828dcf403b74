"""Finds the card that Discord took for a job while nobody lived to note which: it would look like work."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
import structlog

from bot.domain.requests import Kind
from bot.ui import parse
from bot.ui.patience import PATIENCE_S, passes, patiently
from bot.ui.press import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.domain.jobs import Job

log = structlog.get_logger(__name__)
LOOKED_AT = 100
"""Messages after what asked for pictures among which their card is looked for: what Discord shows at once."""


async def with_card(client: discord.Client, job: Job, for_s: float = PATIENCE_S) -> Job:
    """Return a job with the message that waits for it, or shows it already, if that stands in its channel.

    It stays unknown where the channel's history may not be read, and where only one person sees it. Trouble
    on Discord's side is waited out for `for_s`, and raised where that was in vain: later it may be found.
    """
    if not _may_be_stray(job):
        return job
    try:
        message_id = await patiently(lambda: _seen(client, job), for_s)
    except (discord.HTTPException, discord.RateLimited) as error:
        if passes(error):
            raise
        log.info("card not looked for", reason=str(error))
        return job
    return job if message_id is None else replace(job, card_message_id=message_id)


def _may_be_stray(job: Job) -> bool:
    """Tell whether a job's card is a message of its own that is not known; a first answer is always found."""
    if job.card_message_id is not None or job.request.private or job.request.kind is Kind.BATCH:
        return False
    return job.request.follows_answer or not job.origin.token


async def _seen(client: discord.Client, job: Job) -> int | None:
    """Look for a message of ours whose buttons act on a job.

    Where Discord took the card more than once, as its answer was lost, the later ones are taken away.
    """
    channel = client.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
    button, cancel = (re.compile(rf"{VERSION}:{verb}:{job.id}") for verb in ("[a-z]+", "cancel"))
    found: int | None = None
    async for message in channel.history(limit=LOOKED_AT, after=discord.Object(job.id)):
        if message.author.id != parse.me(client) or not _has(message, button):
            continue
        if found is None:
            found = message.id
        elif _has(message, cancel):
            with suppress(discord.NotFound, discord.Forbidden):
                await message.delete()
    return found


def _has(message: discord.Message, button: re.Pattern[str]) -> bool:
    return any(map(button.fullmatch, _ids(message.components)))


def _ids(components: Iterable[Any]) -> Iterator[str]:
    """Return the ids of all that can be pressed, however deep it stands."""
    for one in components:
        if isinstance(own := getattr(one, "custom_id", None), str):
            yield own
        yield from _ids(getattr(one, "children", ()))
