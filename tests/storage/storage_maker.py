"""Jobs, pictures and limits as tests need them; a module of its own, so that other processes find it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.images import Picture, PictureInfo, Role, picture_id
from bot.domain.jobs import Job, JobState, Origin
from bot.domain.quotas import Charge, Limit, Meter, Owner, window
from bot.domain.requests import PictureRequest

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


class Maker:
    """Makes jobs, pictures and limits as tests need them."""

    now = NOW

    def __init__(self) -> None:
        self.last_id = 1_300_000_000_000_000_000

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def job(
        self,
        *,
        job_id: int | None = None,
        user_id: int = 7,
        guild_id: int | None = 70,
        images: int = 1,
        microusd: int = 40_000,
        request: PictureRequest | None = None,
        parent_job_id: int | None = None,
        created_at: datetime = NOW,
    ) -> Job:
        calls = tuple(PlannedCall(ordinal, 1, None) for ordinal in range(images))
        return Job(
            id=self.next_id() if job_id is None else job_id,
            state=JobState.QUEUED,
            user_id=user_id,
            guild_id=guild_id,
            channel_id=700,
            request=request or PictureRequest("a lighthouse at dusk", count=images),
            plan=Plan("openai/gpt-5-image-mini", Transport.IMAGES, calls, microusd),
            held=Charge(images, microusd),
            origin=Origin(99, "token", NOW + timedelta(minutes=15), 20 * 2**20),
            created_at=created_at,
            parent_job_id=parent_job_id,
        )

    def picture(
        self,
        job_id: int,
        ordinal: int = 0,
        *,
        role: Role = Role.RESULT,
        blob: str = "ab" * 32,
        parents: tuple[str, ...] = (),
        seed: int | None = None,
    ) -> Picture:
        info = PictureInfo("image/png", 1024, 1536, 2_000_000)
        return Picture(
            picture_id(job_id, role, ordinal), job_id, role, ordinal, blob, info, seed, ordinal, parents
        )

    def limit(
        self,
        cap: int,
        *,
        owner: Owner = Owner.PERSON,
        meter: Meter = Meter.IMAGES_PER_DAY,
        now: datetime = NOW,
        user_id: int = 7,
        guild_id: int = 70,
    ) -> Limit:
        return Limit(owner, meter, cap, window(meter, now, UTC), user_id=user_id, guild_id=guild_id)  # pyright: ignore[reportArgumentType] - any tzinfo does
