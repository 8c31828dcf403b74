"""Pictures that a model drew within an answer, as the result of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.images import Picture, PictureInfo, Role, picture_id
from bot.domain.jobs import Job, JobState
from bot.domain.quotas import Charge

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.conversation import Attached
    from bot.domain.jobs import Origin
    from bot.domain.requests import PictureRequest, Requester


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pictures that a model drew within an answer: kept already, and paid for with the answer."""

    model_id: str
    files: tuple[Attached, ...]


def filed(
    job_id: int, who: Requester, request: PictureRequest, origin: Origin, drawn: Drawn, now: datetime
) -> tuple[Job, tuple[Picture, ...]]:
    """Return the job that shows them, which holds nothing, and its results."""
    call = PlannedCall(ordinal=0, count=len(drawn.files), seed=None)
    job = Job(
        id=job_id,
        state=JobState.PRODUCED,
        user_id=who.user_id,
        guild_id=who.guild_id,
        channel_id=who.channel_id,
        request=request,
        plan=Plan(drawn.model_id, Transport.CHAT, (call,), upper_microusd=0),
        held=Charge(images=0, microusd=0),
        origin=origin,
        created_at=now,
        role_ids=who.role_ids,
    )
    return job, tuple(_result(job_id, n, file) for n, file in enumerate(drawn.files))


def _result(job_id: int, ordinal: int, file: Attached) -> Picture:
    width, height = file.size or (1, 1)
    return Picture(
        id=picture_id(job_id, Role.RESULT, ordinal),
        job_id=job_id,
        role=Role.RESULT,
        ordinal=ordinal,
        blob=file.blob,
        info=PictureInfo(file.media_type, width, height, file.size_bytes),
        call_ordinal=0,
    )
