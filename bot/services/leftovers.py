"""Ends what is under way for somebody whose data is to be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import UNFINISHED
from bot.domain.requests import Requester

if TYPE_CHECKING:
    from bot.services.batches import Batches
    from bot.services.chat import Chat
    from bot.services.gate import Gate
    from bot.services.shelf import Shelf
    from bot.services.studio import Studio
    from bot.storage.batches import Batches as BatchRows
    from bot.storage.jobs import Jobs


def is_of_words(job_id: int) -> bool:
    """Tell whether a job is one for words: those have no Discord event's id."""
    return job_id < 0


class Leftovers:
    """Answers, jobs and batches, called off as their owners would."""

    def __init__(
        self,
        *,
        chat: Chat,
        studio: Studio,
        shelf: Shelf,
        gate: Gate,
        jobs: Jobs,
        batches: Batches,
        batch_rows: BatchRows,
    ) -> None:
        self._chat = chat
        self._studio = studio
        self._shelf = shelf
        self._gate = gate
        self._jobs = jobs
        self._batches = batches
        self._batch_rows = batch_rows

    async def hush(self, user_id: int) -> bool:
        """Stop all answers to somebody, and wait until they have ended; False where some have not."""
        return await self._chat.hush(user_id)

    async def call_off_job(self, job_id: int) -> None:
        """Call a job off and give back what it holds, or raise NotFound or TooLate.

        What moderators have not decided on is called off as well, and their card says so.
        """
        if is_of_words(job_id) or await self._shelf.drop(job_id):
            return  # words end within a minute by themselves
        job = await self._jobs.get(job_id)
        if job is None:
            return
        if job.review is not None and job.state not in UNFINISHED:  # its card does not say so yet
            await self._gate.close(job_id)
        else:
            await self._studio.cancel(job_id, job.requester)

    async def call_off_batch(self, batch_id: int) -> None:
        """Cancel a batch, or raise NotFound or TooLate."""
        batch = await self._batch_rows.known(batch_id)
        await self._batches.cancel(batch_id, Requester(batch.user_id, batch.guild_id, batch.channel_id))
