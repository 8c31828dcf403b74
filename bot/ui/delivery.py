"""Brings results to people: into the message that waits for them, else the channel, else a direct message."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
import structlog

from bot.domain.requests import Kind
from bot.errors import (
    AccountTrouble,
    BadInput,
    ModelGone,
    ModelRejected,
    NotFound,
    PictureDeclined,
    PictureDenied,
    PictureRefused,
    PictureUnusable,
    Undeliverable,
    Unreachable,
    UserFacingError,
)
from bot.texts import mark, tr
from bot.transport.gate import Gate
from bot.ui import cards
from bot.ui.explain import sentence
from bot.ui.late_edits import LateEdits
from bot.ui.patience import (
    CLOSED,
    GONE,
    HERE_S,
    PATIENCE_S,
    TOO_LARGE,
    TROUBLE,
    Trouble,
    closes,
    passes,
    patiently,
)
from bot.ui.posts import Post
from bot.ui.strays import with_card
from bot.ui.text import plain
from bot.ui.ways import Ways, is_bare, own

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from bot.domain.jobs import Job
    from bot.domain.results import Card, Result
    from bot.domain.standing import Glimpse
    from bot.errors import Cancelled
    from bot.ui.prints import Prints

    Edit = Callable[[Job, Post], Coroutine[Any, Any, Card]]

log = structlog.get_logger(__name__)
HOPELESS = (
    AccountTrouble,
    BadInput,
    ModelGone,
    ModelRejected,
    NotFound,
    PictureDeclined,
    PictureDenied,
    PictureRefused,
)
"""Failures that asking for the same again does not mend."""
DELIVERIES_AT_ONCE = 8
"""Results on their way to Discord at the same time; the files of each are held meanwhile."""
ELSEWHERE = mark("The answer could not be posted here. It is in your direct messages.")
WORDS_SHOWN = 600
"""Characters of what a model said instead of drawing."""


async def _never(_job: Job) -> bool:
    return False


class Courier:
    """The presenter of the workshop, for Discord."""

    def __init__(
        self,
        client: discord.Client,
        prints: Prints,
        *,
        clock: Callable[[], datetime],
        hides: Callable[[Job], Awaitable[bool]] = _never,
    ) -> None:
        self._client = client
        self._prints = prints
        self._hides = hides
        self._ways = Ways(client, clock)
        self._deliveries = Gate(DELIVERIES_AT_ONCE)
        self._late = LateEdits()
        self._trouble = Trouble()

    async def present(self, result: Result) -> Card:
        """Post a result by the first way that works, or raise Undeliverable; Unreachable where none is open.

        Editing the original is idempotent and a message carries the job as its nonce, so that trying
        again after an answer that never arrived shows nothing twice. Raise DiscordAway where that is due.
        """
        with self._trouble.told(_place(result.job)):
            job = await with_card(self._client, result.job, HERE_S)
            return await self._presented(replace(result, job=job))

    async def _presented(self, result: Result) -> Card:
        limit = known = result.job.origin.upload_limit_bytes
        place = _place(result.job)
        while True:
            try:
                async with self._deliveries.inside():
                    content = await self._content(result, limit)
                    card = await self._by_any_way(result.job, content, self._trouble.patience_s(place))
                    return card if limit == known else replace(card, limit_bytes=limit)
            except (NotFound, PictureUnusable) as error:
                raise Undeliverable(
                    tr("The pictures could not be made ready. Nothing was charged.")
                ) from error
            except discord.HTTPException as error:
                if passes(error):
                    raise
                if (error.status != 413 and error.code not in TOO_LARGE) or limit < 64 * 1024:
                    raise Undeliverable(
                        tr("Discord did not take the pictures. Nothing was charged.")
                    ) from error
                limit //= 2
                log.warning("too large for Discord", next_limit=limit)

    async def apologise(self, job: Job, error: UserFacingError) -> bool:
        """Say why there is no picture; False where Discord is in trouble for long, and may take it later.

        Bad input and what moderators decided is the asker's own business: it leaves the channel.
        """
        text = sentence(error)
        if isinstance(error, PictureDeclined) and error.words.strip():
            text += " " + tr("It said:") + f"\n> {plain(' '.join(error.words.split()), WORDS_SHOWN)}"
        retry = not isinstance(error, HOPELESS)
        shown = None if isinstance(error, PictureRefused | PictureDenied) else job.request.prompt
        try:
            job = await with_card(self._client, job)
            own = isinstance(error, BadInput | PictureDenied) and not job.request.private
            if own and self._ways.token_lives(job) and await self._taken_back(job, text):
                return True
            await self._by_any_way(job, lambda: Post(cards.apology(text, job.id, retry=retry, prompt=shown)))
        except (discord.HTTPException, Undeliverable, *TROUBLE) as failure:
            log.warning("could not apologise", reason=str(failure))
            return not passes(failure)
        return True

    async def repaint(self, job: Job, glimpse: Glimpse) -> bool:
        """Show in its placeholder how far a job has come; False where that cannot be edited any more.

        Trouble is no matter here: the next edit, or the result, makes up for it.
        """
        edit = self._ways.edit_of(job)
        if edit is None:
            return False
        try:
            files = await self._prints.partials(
                () if glimpse.pictures and await self._hides(job) else glimpse.pictures,
                job.origin.upload_limit_bytes,
                channel=self._client.get_channel(job.channel_id),
            )
            painting = edit(job, Post(cards.drawing(job, glimpse, files), files))
            if self._ways.token_lives(job):
                await self._late.paint(job.id, painting)
            else:  # in a channel discord.py would let the result wait for an edit that goes on
                await painting
        except discord.HTTPException as error:
            log.info("progress not shown", status=error.status, code=error.code)
            return error.code not in GONE and error.status not in CLOSED
        except (UserFacingError, *TROUBLE) as error:
            log.info("progress not shown", reason=str(error))
        return True

    async def withheld(self, job: Job) -> None:
        """Leave it to the bench of the moderators, which edits a job's own card."""

    async def retract(self, job: Job, error: Cancelled) -> bool:
        """Let a job's own card say that it was called off; False where it cannot be edited. Post nothing new.

        Trouble on Discord's side is waited out.
        """
        post = Post(cards.apology(sentence(error), job.id, prompt=job.request.prompt))
        job = await self._looked_up(job)
        message = self._ways.card_of(job)
        if is_bare(job):
            return False
        if self._ways.token_lives(job) and await self._done(
            lambda: patiently(lambda: self._laid(job, self._ways.edit_original, lambda: post))
        ):
            return True
        if message is None:
            return False
        edit = partial(self._ways.edit_card, message)
        return await self._done(lambda: self._laid(job, edit, lambda: post))

    async def hold(self, job: Job, *, is_seen: bool) -> None:
        """Let a job's own card say that moderators look at its pictures first; post nothing new."""
        job = await self._looked_up(job)
        edit = self._ways.edit_of(job)
        if edit is not None and job.request.kind is not Kind.BATCH:
            await self._done(lambda: self._laid(job, edit, lambda: Post(cards.held(job, is_seen=is_seen))))

    async def aclose(self, timeout_s: float = 0.0) -> None:
        """Leave no edit under way; those that are have a while to come to their end."""
        await self._late.aclose(timeout_s)

    async def _looked_up(self, job: Job) -> Job:
        """Return a job with its card if that can be found now; where it cannot, that is no matter."""
        try:
            return await with_card(self._client, job)
        except (discord.HTTPException, *TROUBLE) as error:
            log.info("card not found", reason=str(error))
            return job

    async def _taken_back(self, job: Job, text: str) -> bool:
        """Say it privately and leave the channel; False where Discord will not have that."""
        webhook = self._ways.webhook(job)
        webhook.type = discord.WebhookType.application  # without it discord.py refuses ephemeral messages
        try:
            await webhook.send(text, ephemeral=True, wait=True)
            if not is_bare(job):
                await webhook.delete_message(own(job))
        except (discord.HTTPException, *TROUBLE) as error:
            log.info("could not take back", reason=str(error))
            return False
        return True

    async def _by_any_way(self, job: Job, content: Callable[[], Post], for_s: float = PATIENCE_S) -> Card:
        ways: list[Callable[[], Awaitable[Card]]] = []
        if (edit := self._ways.edit_of(job)) is not None:
            ways.append(lambda: self._laid(job, edit, content))
        if job.origin.can_post_in_channel and not job.request.private:
            ways.append(lambda: self._ways.post(job, content()))
        ways.append(lambda: self._ways.direct(job, content()))
        is_clear = False
        for tried, way in enumerate(ways):
            try:
                card = await patiently(way, for_s)
            except (discord.HTTPException, discord.RateLimited) as error:
                if not closes(error):
                    raise
                log.info("way closed", reason=str(error))
                if getattr(error, "status", 0) in {401, 404}:  # an edit whose answer was lost may show it all
                    is_clear = is_clear or await self._taken_away(job)
            else:
                if not is_clear and (tried or edit is None):
                    await self._clear(job, card)
                return card
        raise Unreachable(tr("There is no way left to send you the pictures."))

    async def _clear(self, job: Job, card: Card) -> None:
        """Take the placeholder away, or let it say where the answer is: it must not look like work."""
        if is_bare(job):
            return
        if self._ways.token_lives(job) and card.channel_id != job.channel_id:
            elsewhere = Post(cards.apology(tr(ELSEWHERE)))
            if await self._done(lambda: self._laid(job, self._ways.edit_original, lambda: elsewhere)):
                return
        await self._taken_away(job)

    async def _taken_away(self, job: Job) -> bool:
        """Delete the placeholder; False where there is none that can be."""
        if self._ways.token_lives(job):
            webhook = self._ways.webhook(job)
            if await self._done(lambda: webhook.delete_message(own(job))):
                return True
        message = self._ways.card_of(job)
        return message is not None and await self._done(message.delete)

    async def _done(self, way: Callable[[], Awaitable[object]]) -> bool:
        """Tell whether a card could be cleared or changed; where it cannot, that is no matter."""
        try:
            await way()
        except (discord.HTTPException, *TROUBLE) as error:
            log.info("card not changed", reason=str(error))
            return False
        return True

    async def _laid(self, job: Job, edit: Edit, content: Callable[[], Post]) -> Card:
        """Let a job's own card show something that stays, whatever of its progress is still under way."""
        return await self._late.over(job.id, lambda: edit(job, content()))

    async def _content(self, result: Result, each: int) -> Callable[[], Post]:
        """Return what makes the message, anew for each try."""
        ready = await self._prints.ready(
            result.pictures,
            each,
            wanted=result.job.request.output_format,
            channel=self._client.get_channel(result.job.channel_id),
        )

        def post() -> Post:
            files = ready()
            return Post(cards.result(result, files), files)

        return post


def _place(job: Job) -> int:
    """Return where a job's result goes, as far as trouble is concerned."""
    return job.guild_id or job.channel_id
