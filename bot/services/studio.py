"""The front of the house: what may be drawn, what it may cost, and the job that comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.domain.capabilities import Plan, make_plan, upper_cost
from bot.domain.images import Picture, Role
from bot.domain.jobs import Job, JobState, Origin
from bot.domain.quotas import Charge
from bot.domain.requests import PictureRequest, Reference, Requester, Stored
from bot.errors import BadInput, NotAllowed, NotFound, OptionUnsupported, TooBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.capabilities import Offer, PictureModel
    from bot.model.catalogue import Catalogue
    from bot.services.allowances import Allowances
    from bot.services.queue import JobQueue
    from bot.storage.blobs import Blobs
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures

log = structlog.get_logger(__name__)


class Studio:
    """Plans, prices and opens jobs; shows, repeats and removes those that are done."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        image_models: Sequence[str],
        jobs: Jobs,
        pictures: Pictures,
        blobs: Blobs,
        allowances: Allowances,
        queue: JobQueue,
        clock: Callable[[], datetime],
        max_waiting: int,
        max_per_person: int,
    ) -> None:
        self._catalogue = catalogue
        self._image_models = tuple(image_models)
        self._jobs = jobs
        self._pictures = pictures
        self._blobs = blobs
        self._allowances = allowances
        self._queue = queue
        self._clock = clock
        self._max_waiting = max_waiting
        self._max_per_person = max_per_person
        self._closed = False

    def models(self, asked: str | None = None) -> tuple[PictureModel, ...]:
        """Return the models usable now, first choice first; raise ModelUnavailable where there is none."""
        return self._catalogue.resolve(self._image_models, asked)

    def choices(self, option: str, asked: str | None) -> tuple[tuple[str, str | None], ...]:
        """Return the values of an option with, for those that another model must draw, its name.

        The model that was asked for (or the first one) decides; where it has none of the option, the
        other models' values are given with who has them.
        """
        models = self.models(asked) or self.models()
        own = {value: None for offer in models[0].offers for value in _values(offer, option)}
        if own or asked:
            return tuple(own.items())
        others: dict[str, str | None] = {}
        for model in models[1:]:
            for offer in model.offers:
                for value in _values(offer, option):
                    others.setdefault(value, model.name)
        return tuple(others.items())

    def plan(self, request: PictureRequest) -> Plan:
        """Choose how a request is carried out, or raise OptionUnsupported naming a model that could."""
        models = self.models(request.model)
        if not models:
            raise OptionUnsupported(f"There is no model “{request.model}”. Choose one from the list.")
        try:
            return make_plan(request, models[0])
        except OptionUnsupported as error:
            able = [model for model in self.models() if model.id != models[0].id and _can(request, model)]
            if not able:
                raise
            raise OptionUnsupported(f"{error} {able[0].name} can: model `{able[0].id}`.") from error

    async def open(
        self,
        job_id: int,
        who: Requester,
        request: PictureRequest,
        origin: Origin,
        *,
        parent_job_id: int | None = None,
    ) -> Job | None:
        """Reserve what a request may cost and write the job down; None if this very click has one.

        Raise OptionUnsupported, TooBusy or QuotaExceeded; then nothing is held.
        """
        if self._closed:
            raise TooBusy("Easel is restarting. Try again in a minute; nothing was charged.")
        if not request.prompt.strip():
            raise BadInput("The prompt is empty. Say in a few words what to draw.")
        plan = self.plan(request)
        if len(self._queue) >= self._max_waiting:
            raise TooBusy("Easel has its hands full right now. Try again in a minute; nothing was charged.")
        if await self._jobs.count_unfinished(user_id=who.user_id) >= self._max_per_person:
            raise TooBusy(
                f"You have {self._max_per_person} requests under way. Let one finish, then ask again."
            )
        now = self._clock()
        job = Job(
            id=job_id,
            state=JobState.QUEUED,
            user_id=who.user_id,
            guild_id=who.guild_id,
            channel_id=who.channel_id,
            request=request,
            plan=plan,
            held=Charge(images=plan.count, microusd=plan.upper_microusd),
            origin=origin,
            created_at=now,
            parent_job_id=parent_job_id,
        )
        opened = await self._jobs.open(job, self._allowances.limits(who, now), now)
        return job if opened else None

    def close(self) -> None:
        """Take no more orders: the process is about to stop."""
        self._closed = True

    def start(self, job: Job) -> None:
        """Let an opened job take its turn."""
        self._queue.put(job)

    async def withdraw(self, job: Job) -> None:
        """Give back what an opened job holds, because its asker could not be told of it."""
        await self._jobs.release(
            job.id,
            JobState.CANCELLED,
            failure="The request could not be acknowledged.",
            absorbed_microusd=0,
            now=self._clock(),
        )

    async def show(self, job_id: int, who: Requester) -> tuple[Job, tuple[Picture, ...]]:
        """Return a job and its pictures to someone who may see them, or raise NotFound."""
        job = await self._jobs.get(job_id)
        if job is None or not _may_see(job, who):
            raise NotFound("These pictures are no longer here. Start again with /imagine.")
        return job, await self._pictures.of_job(job_id, Role.RESULT)

    async def references(self, job_id: int) -> tuple[Picture, ...]:
        """Return the pictures that guided a job."""
        return await self._pictures.of_job(job_id, Role.REFERENCE)

    async def again(self, job: Job) -> PictureRequest:
        """Return the same request, its references taken from our own copies."""
        return replace(job.request, references=await self._kept(job))

    async def edited(
        self,
        job: Job,
        *,
        prompt: str,
        picture_id: str | None,
        aspect: str | None,
        quality: str | None,
        uploads: Sequence[Reference],
    ) -> PictureRequest:
        """Return a request that goes on from one picture of a job, or from its words alone."""
        if picture_id is None:
            base: tuple[Reference, ...] = await self._kept(job)
            count, seed = job.request.count, job.request.seed
        else:
            picture = await self._pictures.get(picture_id)
            if picture is None or picture.job_id != job.id:
                raise NotFound("That picture is no longer here. Choose another one.")
            base, count, seed = (Stored(picture.id),), 1, None
        return replace(
            job.request,
            prompt=prompt,
            count=count,
            seed=seed,
            aspect=aspect,
            quality=quality,
            references=(*base, *uploads),
        )

    async def remove(self, job_id: int, who: Requester) -> None:
        """Forget the pictures of a job: its owner may, and who moderates the server it is in."""
        job, _ = await self.show(job_id, who)
        if job.user_id != who.user_id and not who.may_moderate:
            raise NotAllowed("Only the person who asked for these pictures, or a moderator, may delete them.")
        for blob in await self._jobs.forget_pictures(job_id):
            await self._blobs.delete(blob)

    def prices(self) -> tuple[tuple[PictureModel, tuple[tuple[str, int], ...]], ...]:
        """Return what one picture costs at most, by model and quality, in micro-dollars."""
        return tuple((model, _price_list(model)) for model in self.models())

    async def _kept(self, job: Job) -> tuple[Reference, ...]:
        kept = await self.references(job.id)
        if len(kept) < len(job.request.references):
            return job.request.references
        return tuple(Stored(picture.id) for picture in kept)


def _values(offer: Offer, option: str) -> tuple[str, ...]:
    return {
        "aspect": offer.aspects,
        "quality": offer.qualities,
        "background": offer.backgrounds,
        "format": offer.formats,
    }[option]


def _can(request: PictureRequest, model: PictureModel) -> bool:
    return any(not offer.lacks(request) for offer in model.offers)


def _may_see(job: Job, who: Requester) -> bool:
    """Tell whether someone may see a job: in its own server or channel, and if private, its owner."""
    if job.request.private:
        return job.user_id == who.user_id
    if job.guild_id is not None:
        return job.guild_id == who.guild_id
    return job.channel_id == who.channel_id or job.user_id == who.user_id


def _price_list(model: PictureModel) -> tuple[tuple[str, int], ...]:
    offer = model.offers[0]
    qualities = [quality for quality in offer.qualities if quality != "auto"] or [""]
    rows: list[tuple[str, int]] = []
    for quality in qualities:
        request = PictureRequest(prompt="", quality=quality or None)
        call = make_plan(request, model).calls[0]
        rows.append((quality, upper_cost(request, offer, call)))
    return tuple(rows)
