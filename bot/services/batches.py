"""Batches, for those whose they are: a list is read and priced, started, paused, cancelled, drawn again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.batches import MAX_BYTES, parse
from bot.domain.runs import MAX_UNDER_WAY, Batch, BatchState, Draft, Offer, fits
from bot.errors import BadInput, NotAllowed, NotFound, OptionUnsupported, TooBusy, TooLate
from bot.storage.batches import TooMany
from bot.texts import language, mark, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.jobs import Origin
    from bot.domain.requests import PictureRequest, Requester, Upload
    from bot.domain.runs import BatchRow, Snapshot
    from bot.services.allowances import Allowances
    from bot.services.batch_outlook import Outlook
    from bot.services.batch_runs import BatchRuns
    from bot.services.studio import Studio
    from bot.storage.batch_drafts import BatchDrafts
    from bot.storage.batches import Batches as Rows

LIFE = timedelta(hours=1)
"""How long a list that was read waits for a word."""
MAX_TITLE = 80
GONE = mark("This has been started or left already, or has waited too long. Use /batch again.")


class Batches:
    """Takes lists of prompts, and answers to the buttons of batches."""

    def __init__(
        self,
        *,
        rows: Rows,
        drafts: BatchDrafts,
        studio: Studio,
        allowances: Allowances,
        runs: BatchRuns,
        outlook: Outlook,
        fetch: Callable[[Upload, int], Awaitable[bytes]],
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._drafts = drafts
        self._studio = studio
        self._allowances = allowances
        self._runs = runs
        self._outlook = outlook
        self._fetch = fetch
        self._clock = clock

    async def read(
        self, draft_id: int, who: Requester, upload: Upload, request: PictureRequest, template: str | None
    ) -> Offer:
        """Read a list and keep it until it is started; return what that would draw and cost.

        `request` is what all rows have in common. Raise BadInput naming the row, OptionUnsupported, or what
        the door says.
        """
        await self._studio.admit(who)
        if upload.size_bytes > MAX_BYTES:
            raise BadInput(
                tr(
                    "“{filename}” is over {megabytes} MB. A list is smaller.",
                    filename=upload.filename,
                    megabytes=MAX_BYTES // 1024**2,
                )
            )
        data = await self._fetch(upload, MAX_BYTES)
        entries = await asyncio.to_thread(parse, data, upload.filename, template)
        draft = Draft(upload.filename[:MAX_TITLE], request, entries)
        offer = await self._offer(who, draft)
        now = self._clock()
        await self._drafts.keep(draft_id, who.user_id, draft, now, now + LIFE)
        return offer

    async def drop(self, draft_id: int, who: Requester) -> None:
        """Forget a list that was read, or raise NotFound."""
        if not await self._drafts.forget(draft_id, who.user_id, self._clock()):
            raise NotFound(tr(GONE))

    async def start(self, draft_id: int, who: Requester, origin: Origin) -> Snapshot:
        """Begin to draw a list that was read, once, or raise NotFound, TooBusy, or what the door says."""
        await self._studio.admit(who)
        now = self._clock()
        draft = await self._drafts.get(draft_id, who.user_id, now)
        if draft is None:
            raise NotFound(tr(GONE))
        batch = Batch(
            id=draft_id,
            state=BatchState.RUNNING,
            user_id=who.user_id,
            guild_id=who.guild_id,
            channel_id=who.channel_id,
            role_ids=who.role_ids,
            title=draft.title,
            request=draft.request,
            origin=origin,
            created_at=now,
            parent_id=who.parent_id,
            language=language(),
        )
        try:
            if not await self._rows.start(batch, draft, now, MAX_UNDER_WAY):
                raise NotFound(tr(GONE))
        except TooMany:
            raise TooBusy(
                tr(
                    "You have {most} batches that have not ended. Let one end, or cancel it; /queue shows "
                    "them.",
                    most=MAX_UNDER_WAY,
                )
            ) from None
        self._runs.look_after(batch.id)
        return await self._outlook.snapshot(batch)

    async def pause(self, batch_id: int, who: Requester) -> Snapshot:
        """Draw no more rows until somebody resumes it; what is under way is finished."""
        batch = await self._in_charge(batch_id, who)
        if not await self._rows.pause(batch.id, None, self._clock()):
            raise TooLate(tr("This batch does not run, so it cannot pause."))
        return await self._changed(batch.id)

    async def resume(self, batch_id: int, who: Requester, origin: Origin) -> Snapshot:
        """Go on with a batch that has paused."""
        batch = await self._in_charge(batch_id, who)
        await self._answer(batch, who, origin)
        if not await self._rows.resume(batch.id, self._clock()):
            raise TooLate(tr("This batch has not paused, so there is nothing to resume."))
        return await self._changed(batch.id)

    async def cancel(self, batch_id: int, who: Requester) -> Snapshot:
        """Draw no more rows for ever; what waits or is drawn is called off, what is drawn is shown."""
        batch = await self._in_charge(batch_id, who)
        if not await self._rows.cancel(batch.id, self._clock()):
            raise TooLate(tr("This batch has ended already, so there is nothing to cancel."))
        return await self._changed(batch.id)

    async def retry(self, batch_id: int, who: Requester, origin: Origin) -> Snapshot:
        """Draw the rows again that failed."""
        batch = await self._in_charge(batch_id, who)
        await self._answer(batch, who, origin)
        if not await self._rows.retry(batch.id, self._clock()):
            raise TooLate(tr("No row of this batch waits to be drawn again."))
        return await self._changed(batch.id)

    async def failed(self, batch_id: int, who: Requester) -> tuple[BatchRow, ...]:
        """Return the rows that failed, to who may see the batch."""
        batch = await self._seen(batch_id, who)
        return await self._rows.failed(batch.id)

    async def snapshot(self, batch_id: int, who: Requester) -> Snapshot:
        """Return how far a batch is, to who may see it."""
        return await self._outlook.snapshot(await self._seen(batch_id, who))

    async def under_way(self, who: Requester, *, server: bool = False) -> tuple[Snapshot, ...]:
        """Return someone's batches that have not ended, in all places; with `server`, a server's.

        Raise NotAllowed for who does not moderate it.
        """
        if not server:
            batches = await self._rows.under_way_of_person(who.user_id)
        elif who.guild_id is None or not who.may_moderate:
            raise NotAllowed(tr("Only moderators of a server may see all of its requests."))
        else:
            batches = await self._rows.under_way_of_server(who.guild_id)
        return tuple([await self._outlook.snapshot(batch) for batch in batches])

    async def _offer(self, who: Requester, draft: Draft) -> Offer:
        """Price every row; the first that cannot be drawn is named."""
        prices: list[int] = []
        model_id = ""
        for entry in draft.entries:
            seed = draft.request.seed if entry.seed is None else entry.seed
            try:
                plan = self._studio.price(replace(draft.request, prompt=entry.prompt, seed=seed))
            except OptionUnsupported:
                raise
            except BadInput as error:
                raise BadInput(tr("Row {row}: {error}", row=entry.row, error=error)) from error
            prices.append(plan.upper_microusd)
            model_id = plan.model_id
        readings = await self._allowances.readings(who, self._clock())
        return Offer(draft, model_id, sum(prices), fits(prices, readings), readings)

    async def _changed(self, batch_id: int) -> Snapshot:
        self._runs.look_after(batch_id)
        return await self._outlook.snapshot(await self._rows.known(batch_id))

    async def _answer(self, batch: Batch, who: Requester, origin: Origin) -> None:
        """Let what comes answer to the press of its owner: only then is a private answer theirs."""
        if who.user_id == batch.user_id:
            await self._rows.answer(batch.id, origin, who.channel_id)

    async def _in_charge(self, batch_id: int, who: Requester) -> Batch:
        batch = await self._rows.known(batch_id)
        if not _is_in_charge(batch, who):
            raise NotAllowed(tr("Only the person who started this batch, or a moderator, may do that."))
        return batch

    async def _seen(self, batch_id: int, who: Requester) -> Batch:
        batch = await self._rows.known(batch_id)
        is_here = batch.channel_id == who.channel_id and batch.guild_id == who.guild_id
        if not (_is_in_charge(batch, who) or (is_here and not batch.request.private)):
            raise NotFound(tr("This batch is no longer here."))
        return batch


def _is_in_charge(batch: Batch, who: Requester) -> bool:
    """Tell whether a batch is someone's own, or of the server that they moderate."""
    moderates = who.may_moderate and batch.guild_id is not None and batch.guild_id == who.guild_id
    return batch.user_id == who.user_id or moderates
