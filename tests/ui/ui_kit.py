"""Jobs, pictures and results as cards show them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import discord
from PIL import Image
from world_kit import ANN, CHANNEL, GUILD

from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.images import Picture, PictureInfo, Role, picture_id
from bot.domain.jobs import Job, JobState, Origin
from bot.domain.quotas import Charge, Limit, Meter, Owner, Reading, window
from bot.domain.requests import PictureRequest
from bot.domain.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from house_kit import House

EDIT = "PATCH /webhooks/#/token/messages/@original"
DELETE = "DELETE /webhooks/#/token/messages/@original"
FOLLOW = "POST /webhooks/#/token"
POST = "POST /channels/#/messages"
OPEN_DM = "POST /users/@me/channels"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
JOB_ID = 1_300_000_000_000_000_007
HOSTILE = "@everyone <@12345678901234567> [x](https://evil) ||`*_~\\ \u202e # \n> " * 90
LONGEST = "\N{CYRILLIC SMALL LETTER ZHE}" * 6000


def a_job(request: PictureRequest | None = None, **changed: Any) -> Job:
    request = request or PictureRequest("a lighthouse at dusk")
    first = request.seed
    calls = tuple(PlannedCall(n, 1, None if first is None else first + n) for n in range(request.count))
    plan = Plan("openai/gpt-5-image-mini", Transport.IMAGES, calls, 40_000, seed_repeats=False)
    job = Job(
        id=JOB_ID,
        state=JobState.PRODUCED,
        user_id=ANN,
        guild_id=GUILD,
        channel_id=CHANNEL,
        request=request,
        plan=plan,
        held=Charge(request.count, 40_000),
        origin=Origin(99, "token", NOW + timedelta(minutes=15), 20 * 2**20),
        created_at=NOW,
    )
    return replace(job, **changed)


def some_pictures(job: Job, count: int, blobs: Sequence[str] = ()) -> tuple[Picture, ...]:
    first = job.request.seed
    return tuple(
        Picture(
            picture_id(job.id, Role.RESULT, n),
            job.id,
            Role.RESULT,
            n,
            blobs[n] if blobs else "ab" * 32,
            PictureInfo("image/png", 1024, 1536, 2_000_000),
            None if first is None else first + n,
            n,
        )
        for n in range(count)
    )


def a_reading(
    used: int = 3, cap: int = 10, meter: Meter = Meter.IMAGES_PER_DAY, owner: Owner = Owner.PERSON
) -> Reading:
    return Reading(Limit(owner, meter, cap, window(meter, NOW, ZoneInfo("UTC"))), used)


def a_result(
    job: Job | None = None, count: int | None = None, *, readings: Sequence[Reading] = (), **more: Any
) -> Result:
    job = job or a_job()
    pictures = some_pictures(job, job.request.count if count is None else count, more.pop("blobs", ()))
    known: dict[str, Any] = {"cost_microusd": 38_701, "shortfall": None} | more
    return Result(job=job, pictures=pictures, readings=tuple(readings), **known)


def files_of(result: Result) -> list[discord.File]:
    return [discord.File(io.BytesIO(b"x"), picture.filename) for picture in result.pictures]


async def kept(house: House, *drawn: bytes, request: PictureRequest | None = None, **changed) -> Result:
    """Return a result whose pictures are kept."""
    request = request or PictureRequest("a fox", count=max(1, len(drawn)))
    origin = changed.pop("origin", {})
    job = a_job(request, origin=house.origin(application_id=99, **origin), **changed)
    came = a_result(job, len(drawn), blobs=[await house.blobs.put(one) for one in drawn])
    infos = [PictureInfo("image/png", *Image.open(io.BytesIO(one)).size, len(one)) for one in drawn]
    pictures = tuple(replace(one, info=info) for one, info in zip(came.pictures, infos, strict=True))
    return replace(came, pictures=pictures)


def expired(house: House) -> None:
    house.world.clock.move(minutes=15)
