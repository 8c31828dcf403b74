"""Brings back cards that there were, to those who may still see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import structlog

from bot.domain.access import Asked, Family
from bot.domain.images import Role
from bot.domain.results import Result
from bot.errors import NotAllowed, NotFound
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.jobs import Job
    from bot.domain.requests import Requester
    from bot.services.door import Door
    from bot.services.gate import Watchfulness
    from bot.services.studio import Studio
    from bot.storage.cards import CardRows
    from bot.storage.pictures import Pictures

log = structlog.get_logger(__name__)
GONE = mark("These pictures are no longer here. Start again with /imagine.")


class Sight(Protocol):
    """Looks at channels; Discord's side."""

    async def is_gone(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message was deleted; False where that cannot be known."""
        ...


class Revival:
    """Brings cards back, and follows those that somebody deletes by hand.

    Such a picture stays in its owner's gallery. What its channel no longer shows, nobody else finds.
    """

    def __init__(
        self,
        studio: Studio,
        pictures: Pictures,
        rows: CardRows,
        sight: Sight,
        door: Door,
        watchfulness: Watchfulness,
    ) -> None:
        self._studio = studio
        self._pictures = pictures
        self._rows = rows
        self._sight = sight
        self._door = door
        self._watchfulness = watchfulness

    async def revive(self, job_id: int, who: Requester) -> Result:
        """Return what a job's card shows, to someone who may see it; NotFound where its pictures are gone.

        A card may have been deleted while Easel was down, so its channel is looked at before anybody but
        its owner gets it, or someone who has it in view.
        """
        job, pictures = await self._studio.show(job_id, who)
        if not pictures or await self._is_lost(job, who):
            raise NotFound(tr(GONE))
        return Result(job, pictures, job.cost_microusd, shortfall=None, readings=())

    async def bring(self, job_id: int, who: Requester) -> Result:
        """Return what a card shows, for everybody in the channel to see.

        Raise what the door says, as for a new picture, and NotAllowed where moderators or their model look
        at pictures before they are shown: those of another place they have not seen.
        """
        found = await self.revive(job_id, who)
        await self._door.admit(who, Asked(Family.DRAW, (found.job.request.prompt,)))
        if who.guild_id not in (None, found.job.guild_id) and await self._watchfulness.looks(who.guild_id):
            raise NotAllowed(
                tr("Pictures are looked at first in this server. Show this one to yourself, without `here`.")
            )
        return found

    async def before(self, job_id: int, who: Requester) -> Result:
        """Return what the card shows that a job went on from, or raise NotFound."""
        await self._studio.show(job_id, who)
        for reference in await self._studio.references(job_id):
            for picture_id in reference.parents:
                picture = await self._pictures.get(picture_id)
                if picture is not None and picture.role is Role.RESULT:
                    return await self.revive(picture.job_id, who)
        raise NotFound(tr("The picture before this one is no longer here."))

    async def deleted(self, message_ids: Collection[int]) -> None:
        """Follow messages that were deleted: if they were cards, their owners alone find their pictures."""
        if count := await self._rows.lost(message_ids):
            log.info("cards deleted by hand", jobs=count)

    async def _is_lost(self, job: Job, who: Requester) -> bool:
        """Look whether a card is still where it was posted, where that matters for who asks."""
        if job.user_id == who.user_id or job.id in who.shown:
            return False
        if job.card_message_id is None or job.card_channel_id is None:
            return False
        if not await self._sight.is_gone(job.card_channel_id, job.card_message_id):
            return False
        await self.deleted([job.card_message_id])
        return True
