"""Where an answer goes that an earlier process owed: to who asked by a command, by whatever way is left."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import discord
import structlog

from bot.errors import DiscordAway, Unreachable
from bot.texts import tr
from bot.ui import parse
from bot.ui.answering import AGAIN
from bot.ui.pages import NOBODY, Page, Posted, edit, is_closed, named, partial
from bot.ui.patience import patiently, trouble_told
from bot.ui.places import NO_WAY
from bot.ui.posts import ORIGINAL, only
from bot.ui.press import ACT
from bot.ui.reception import once_more, start_once_told
from bot.ui.scribe import STOP
from bot.ui.walls import NO_CARD, TROUBLE, hang_after
from bot.ui.ways import TOKEN_MARGIN, lives

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.domain.drawn import Drawn
    from bot.domain.jobs import Job
    from bot.domain.requests import PictureRequest, Requester
    from bot.domain.ways import Way
    from bot.storage.turns import Left
    from bot.ui.reception import Card, Orders

log = structlog.get_logger(__name__)
LOOKED_AT = 50
"""Messages after a question among which a begun answer is looked for."""
CHANNELS_AT_ONCE = 4
"""In which a start answers what is left; what people say meanwhile comes on top."""


async def in_turn(lefts: Sequence[Left], answer: Callable[[Left, int], Awaitable[None]]) -> None:
    """Answer whoever is left: in each channel one after another, in some channels at once."""
    channels: dict[int, list[tuple[Left, int]]] = {}
    for left in lefts:
        if (user_id := left.turn.user_id) is not None:
            channels.setdefault(left.turn.channel_id, []).append((left, user_id))
    at_once = asyncio.Semaphore(CHANNELS_AT_ONCE)

    async def answer_all(here: Sequence[tuple[Left, int]]) -> None:
        async with at_once:
            for left, user_id in here:
                try:
                    await answer(left, user_id)
                except DiscordAway as error:
                    log.warning("left to the next start", turn=left.turn.id, reason=str(error))

    async with asyncio.TaskGroup() as group:
        for here in channels.values():
            group.create_task(answer_all(here))


async def take_away_begun(
    client: discord.Client,
    who: Requester,
    event_id: int,
    turn_id: int | None,
    original_id: int | None = None,
) -> bool:
    """Delete what an earlier process had begun to write for an event: it would look like work for ever.

    The event is a message, or an interaction, whose original answer is written anew. Where that cannot be, as
    where the channel's history may not be read, it stays. Return True where the turn's whole answer stands
    there, and leave everything: the process was killed before it could note that. Trouble of Discord's is
    waited out, since nobody knows meanwhile what stands there; DiscordAway where that was in vain.
    """
    try:
        with trouble_told():
            return await patiently(lambda: _taken_away(client, who, event_id, turn_id, original_id))
    except TROUBLE as error:
        log.info("what was begun stays", reason=str(error))
    return False


async def _taken_away(
    client: discord.Client, who: Requester, event_id: int, turn_id: int | None, original_id: int | None
) -> bool:
    channel = client.get_partial_messageable(who.channel_id, guild_id=who.guild_id)
    after = channel.history(limit=LOOKED_AT, after=discord.Object(event_id))
    own = [one async for one in after if one.author.id == parse.me(client)]
    if turn_id is not None and any(_offers(one, AGAIN, turn_id) for one in own):
        return True
    is_cut_off = any(_can_be_stopped(one, event_id) for one in own)  # else it says why it ended
    begun = [one for one in own if is_cut_off and one.id != original_id and _is_begun(one, event_id)]
    for message in sorted(begun, key=lambda one: _can_be_stopped(one, event_id)):  # last what tells
        with suppress(discord.NotFound):
            await message.delete()
    return False


class LeftPlace:
    """The answer to an interaction while its token lives; then its channel, naming who asked; then they."""

    think_s: float | None = 1.0

    def __init__(
        self,
        client: discord.Client,
        way: Way,
        who: Requester,
        *,
        private: bool,
        clock: Callable[[], datetime] = discord.utils.utcnow,
    ) -> None:
        self._client = client
        self._way = way
        self._who = who
        self.is_private = private
        self._clock = clock
        self._may_post = way.origin.can_post_in_channel and not private
        self._by_token: set[int] = set()
        self._channel: discord.PartialMessageable | discord.DMChannel | None = None

    async def is_answered(self) -> bool:
        """Tell whether an answer stands there: a card, files or buttons, and none that can be stopped."""
        if (shown := await self.original()) is None:
            return False
        return bool(shown.attachments or shown.components) and not _can_be_stopped(shown)

    async def original(self) -> discord.Message | None:
        """Return what stands where the answer is written, or None where that cannot be seen any more."""
        if not self._token_lives():
            return None
        try:
            return await self.webhook().fetch_message(ORIGINAL)
        except discord.HTTPException as error:
            log.info("nothing stands there", code=error.code, status=error.status)
            return None

    async def type(self) -> None:
        """Leave that to Discord, which says “thinking” itself."""

    async def post(self, page: Page, nonce: str) -> Posted:
        """Edit what waits, or follow up on it; where that is over, post in the channel or directly."""
        if self._token_lives():
            try:
                return await self._post_by_token(page)
            except discord.HTTPException as error:
                if not is_closed(error) or page.files:  # it may be about the files alone
                    raise
                log.info("interaction closed to an answer", code=error.code, status=error.status)
        if self._may_post:
            channel = self._client.get_partial_messageable(self._who.channel_id, guild_id=self._who.guild_id)
            try:
                return await self._send(channel, page, nonce)
            except discord.HTTPException as error:
                if not is_closed(error) or page.files:
                    raise
                self._may_post = False
        try:
            return await self._send(
                await self._client.create_dm(discord.Object(self._who.user_id)), page, nonce
            )
        except discord.HTTPException as error:
            if not is_closed(error):
                raise
            raise Unreachable(tr(NO_WAY)) from error

    async def _post_by_token(self, page: Page) -> Posted:
        if self._by_token or self._way.agreed:  # a press has its answers after the message that it is on
            message = await self.webhook().send(
                **page.shown(),
                ephemeral=self.is_private,
                suppress_embeds=True,
                allowed_mentions=NOBODY,
                wait=True,
            )
        else:
            message = await self.webhook().edit_message(ORIGINAL, **page.changed(), allowed_mentions=NOBODY)
        self._by_token.add(message.id)
        return Posted(message.id, self._who.channel_id)

    async def _send(
        self, channel: discord.PartialMessageable | discord.DMChannel, page: Page, nonce: str
    ) -> Posted:
        """Post where nobody waits: the first message names who asked."""
        names = self._who.user_id if self._channel is None else None
        self._channel = channel
        message = await channel.send(
            **named(page, names).shown(),
            nonce=nonce,
            suppress_embeds=True,
            allowed_mentions=only(self._who.user_id),
        )
        return Posted(message.id, channel.id, names=names)

    async def edit(self, posted: Posted, page: Page) -> None:
        """Make a message show something else: by the token, later as the bot that wrote it."""
        if posted.message_id in self._by_token and self._token_lives():
            await self.webhook().edit_message(posted.message_id, **page.changed(), allowed_mentions=NOBODY)
        else:
            await edit(self._client, posted, page)

    async def delete(self, posted: Posted) -> None:
        """Take a message away."""
        if posted.message_id in self._by_token and self._token_lives():
            await self.webhook().delete_message(posted.message_id)
        else:
            await partial(self._client, posted).delete()

    async def whisper(self, page: Page, instead_of: Posted | None, nonce: str) -> Posted:
        """Say it where the answer would stand: it cannot become private any more."""
        if instead_of is None:
            return await self.post(page, nonce)
        await self.edit(instead_of, page)
        return instead_of

    def hushes(self) -> bool:
        """Tell that others may see what is whispered."""
        return False

    def closes_in_s(self) -> float | None:
        """Return how long the token lives, where what it shows cannot be changed after it."""
        if self._may_post or not self._by_token:
            return None
        ends_at = self._way.origin.token_expires_at - TOKEN_MARGIN
        return max(0.0, (ends_at - self._clock()).total_seconds())

    def webhook(self) -> discord.Webhook:
        """Return what writes by the token."""
        origin = self._way.origin
        webhook = discord.Webhook.partial(origin.application_id, origin.token, client=self._client)
        webhook.type = discord.WebhookType.application  # without it discord.py refuses ephemeral messages
        return webhook

    def channel(self) -> discord.PartialMessageable | discord.DMChannel | None:
        """Return where messages of its own stand, once there are any."""
        return self._channel

    def _token_lives(self) -> bool:
        return lives(self._way.origin, self._clock())


class LeftWall:
    """Beside such an answer, as private as it is."""

    def __init__(self, place: LeftPlace, orders: Orders, who: Requester, way: Way) -> None:
        self._place = place
        self._orders = orders
        self._who = who
        self._way = way

    @property
    def is_private(self) -> bool:
        """Tell whether the answer is private."""
        return self._place.is_private

    async def hang(
        self, job_id: int, request: PictureRequest, parent_job_id: int | None, drawn: Drawn | None = None
    ) -> Job | None:
        """Open a job and show its card; raise Unreachable where Discord does not take it."""
        try:
            job = await self._orders.open(
                job_id, self._who, request, self._way.origin, parent_job_id=parent_job_id, drawn=drawn
            )
            if job is not None:
                await self._hang(job)
        except TROUBLE as error:
            log.info("no card", reason=str(error))
            raise Unreachable(tr(NO_CARD)) from error
        return job

    async def _hang(self, job: Job) -> None:
        if (channel := self._place.channel()) is None:
            await hang_after(self._place.webhook(), self._orders, job)
            return

        async def show(card: Card) -> int:
            silent = discord.AllowedMentions.none()
            return (await channel.send(view=card(), nonce=f"card-{job.id}", allowed_mentions=silent)).id

        await start_once_told(self._orders, job, lambda card: once_more(show, card), waits=True)


def _is_begun(message: discord.Message, question_id: int) -> bool:
    """Tell whether a message is of an answer that has not ended: its last, or its first of several."""
    if _can_be_stopped(message, question_id):
        return True
    is_below = message.reference is not None and message.reference.message_id == question_id
    return is_below and not message.components and not message.attachments


def _can_be_stopped(message: discord.Message, key: int | None = None) -> bool:
    """Tell whether a message shows an answer that has not ended: any, or that of one event."""
    return _offers(message, STOP, key)


def _offers(message: discord.Message, verb: str, about: int | None) -> bool:
    """Tell whether a message has a button that does something: about anything, or about one thing."""
    wanted = re.compile(rf"{ACT}:{verb}:{about or '[0-9]+'}")
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    ids = [getattr(child, "custom_id", None) or "" for row in rows for child in row.children]
    return any(wanted.fullmatch(one) for one in ids)
