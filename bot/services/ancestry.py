"""What pictures came from and what came of them, as far as whoever asks may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.images import Role, job_of
from bot.domain.lineage import Offer, OnCard, Source, Versions, candidates, versions
from bot.domain.requests import Stored
from bot.errors import KeptApart, NotFound
from bot.texts import tr

if TYPE_CHECKING:
    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.requests import Reference, Requester
    from bot.services.studio import Studio
    from bot.storage.pictures import Pictures

MOST_COPIES = 32
"""How far a reference is followed from job to job, each of which took it over by Again."""


class Ancestry:
    """Walks from picture to picture; each card on the way is shown only to who may see it."""

    def __init__(self, studio: Studio, pictures: Pictures) -> None:
        self._studio = studio
        self._pictures = pictures

    async def cards(self, job_id: int, who: Requester) -> tuple[OnCard, ...]:
        """Return a job's pictures with their places, or raise NotFound where none may be seen."""
        job, pictures = await self._studio.show(job_id, who)
        if not pictures:
            raise NotFound(tr("These pictures are no longer here. Start again with /imagine."))
        return tuple(OnCard(job, picture, n, len(pictures)) for n, picture in enumerate(pictures, start=1))

    async def picture(self, picture_id: str, who: Requester) -> OnCard:
        """Return a result by its id, or raise NotFound."""
        for one in await self.cards(job_of(picture_id) or 0, who):
            if one.picture.id == picture_id:
                return one
        raise NotFound(tr("That picture is no longer here. Choose another one."))

    async def versions(self, job_id: int, who: Requester) -> Versions:
        """Return a card's pictures with what they came from and what came of that, the first ones first."""
        await self.cards(job_id, who)
        family = await self._pictures.family(job_id)
        shown: dict[str, OnCard] = {}
        apart: set[int] = set()
        for kin_id in dict.fromkeys(picture.job_id for picture in family):
            try:
                shown |= await self._visible(kin_id, who)
            except KeptApart:
                apart.add(kin_id)
        seen = (
            OnCard(one.job, picture, one.number, one.count)
            for picture in family
            if (one := shown.get(picture.id)) is not None
        )
        return Versions(versions(seen), sum(picture.job_id in apart for picture in family))

    async def sources(self, job_id: int, who: Requester) -> tuple[Source, ...]:
        """Return what guided a job, each with the card it comes from where that may be seen."""
        job, _ = await self._studio.show(job_id, who)
        return tuple(
            [await self._source(job, picture, who) for picture in await self._studio.references(job_id)]
        )

    async def candidates(self, job_id: int, who: Requester) -> Offer:
        """Return what of a card can be put side by side by this person, or raise NotFound."""
        results, sources = await self.cards(job_id, who), await self.sources(job_id, who)
        return Offer(candidates(sources, results), sum(source.is_apart for source in sources))

    async def _source(self, job: Job, reference: Picture, who: Requester) -> Source:
        try:
            return await self._traced(job, reference, who)
        except KeptApart:
            return Source(reference, None, is_open=False, is_apart=True)

    async def _traced(self, job: Job, reference: Picture, who: Requester) -> Source:
        for parent_id in reference.parents:
            origin = (await self._visible(job_of(parent_id) or 0, who)).get(parent_id)
            if origin is not None:
                return Source(reference, origin, is_open=True)
        if reference.parents or reference.ordinal >= len(job.request.references):
            return Source(reference, None, is_open=False)
        wanted = job.request.references[reference.ordinal]
        return Source(reference, None, is_open=await self._is_own_upload(job, wanted, who))

    async def _is_own_upload(self, job: Job, wanted: Reference, who: Requester) -> bool:
        """Tell whether somebody sent a reference themselves, here or in the jobs that this one repeats.

        What somebody attached to a command nobody else has seen; what was deleted nobody is to see again.
        """
        for _ in range(MOST_COPIES):
            if isinstance(wanted, Stored):
                taken_over = await self._pictures.get(wanted.picture_id)
                if taken_over is None or taken_over.role is not Role.REFERENCE:
                    return False
                repeated = await self._seen(taken_over.job_id, who)
                if repeated is None:
                    return False
                wanted = repeated.request.references[taken_over.ordinal]
            else:
                if job.parent_job_id is None:
                    return job.user_id == who.user_id
                repeated = await self._seen(job.parent_job_id, who)
                if repeated is None or wanted not in repeated.request.references:
                    return repeated is not None and job.user_id == who.user_id
            job = repeated
        return False

    async def _seen(self, job_id: int, who: Requester) -> Job | None:
        """Return a job, or None where this person may not see it; raise KeptApart where only not here."""
        try:
            job, _ = await self._studio.show(job_id, who)
        except KeptApart:
            raise
        except NotFound:
            return None
        return job

    async def _visible(self, job_id: int, who: Requester) -> dict[str, OnCard]:
        """Return a job's pictures by their ids; none where this person may not see them.

        Raise KeptApart where they may, but not here.
        """
        try:
            return {one.picture.id: one for one in await self.cards(job_id, who)}
        except KeptApart:
            raise
        except NotFound:
            return {}
