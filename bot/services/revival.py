"""Brings back cards that there were, to those who may still see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.access import Asked, Family
from bot.domain.images import Role
from bot.domain.requests import Stored
from bot.domain.results import Card, Result
from bot.errors import NotAllowed, NotFound
from bot.texts import mark, tr

if TYPE_CHECKING:
    from bot.domain.jobs import Job
    from bot.domain.requests import Requester
    from bot.services.door import Door
    from bot.services.studio import Studio
    from bot.services.watchfulness import Watchfulness
    from bot.services.whereabouts import Whereabouts
    from bot.storage.pictures import Pictures

GONE = mark("These pictures are no longer here. Start again with /imagine.")


class Revival:
    """Brings cards back."""

    def __init__(
        self,
        studio: Studio,
        pictures: Pictures,
        whereabouts: Whereabouts,
        door: Door,
        watchfulness: Watchfulness,
    ) -> None:
        self._studio = studio
        self._pictures = pictures
        self._whereabouts = whereabouts
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
        pictures = tuple(Stored(picture.id) for picture in found.pictures)
        await self._door.admit(who, Asked(Family.DRAW, (found.job.request.prompt,), pictures))
        if who.guild_id not in (None, found.job.guild_id) and await self._watchfulness.looks(who.guild_id):
            raise NotAllowed(
                tr("Pictures are looked at first in this server. Show this one to yourself, without `here`.")
            )
        _, looked_at = await self._studio.show(job_id, who)
        return replace(found, pictures=looked_at)

    async def before(self, job_id: int, who: Requester) -> Result:
        """Return what the card shows that a job went on from, or raise NotFound."""
        await self._studio.show(job_id, who)
        for reference in await self._studio.references(job_id):
            for picture_id in reference.parents:
                picture = await self._pictures.get(picture_id)
                if picture is not None and picture.role is Role.RESULT:
                    return await self.revive(picture.job_id, who)
        raise NotFound(tr("The picture before this one is no longer here."))

    async def _is_lost(self, job: Job, who: Requester) -> bool:
        """Look whether a card is still where it was posted, where that matters for who asks."""
        if job.user_id == who.user_id or job.id in who.shown:
            return False
        if job.card_message_id is None or job.card_channel_id is None:
            return False
        return bool(await self._whereabouts.gone([Card(job.card_channel_id, job.card_message_id)]))
