"""A job taken as far as a test needs it."""

from __future__ import annotations


async def ledger_rows(database, job_id):
    rows = await database.read(
        "SELECT kind, user_id, guild_id, images, microusd, absorbed_microusd, anchor_at FROM ledger"
        " WHERE job_id = :id ORDER BY id",
        {"id": job_id},
    )
    return [tuple(row) for row in rows]


async def opened(jobs, make, **of_job):
    job = make.job(**of_job)
    assert await jobs.open(job, [], make.now)
    return job


async def sent(jobs, make, **of_job):
    job = await opened(jobs, make, **of_job)
    for call in job.plan.calls:
        assert await jobs.mark_sent(job.id, call.ordinal, make.now)
    return job


async def drawn(jobs, job, now):
    """Let each of a job's calls come back, without a picture."""
    for call in job.plan.calls:
        await jobs.mark_sent(job.id, call.ordinal, now)
        await jobs.receive(job.id, call.ordinal, 0, [], now)


async def delivered(jobs, make, **of_job):
    job = await sent(jobs, make, **of_job)
    for call in job.plan.calls:
        picture = make.picture(job.id, call.ordinal)
        assert await jobs.receive(job.id, call.ordinal, 10_000, [picture], make.now)
    assert await jobs.produce(job.id, make.now)
    assert await jobs.deliver(job.id, 700, 7000, make.now)
    return job
