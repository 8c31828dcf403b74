"""A process that dies, and the next one on the same disk."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from house_kit import House, open_house
from provider_kit import FLUX, GEMINI, PRICE_MICROUSD, hangs, loses, picture_bytes, refusal, trouble
from world_kit import Fuse, Killed, World, ann

from bot.domain.capabilities import Transport
from bot.domain.images import Role
from bot.domain.jobs import UNFINISHED, CallState, JobState
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest
from bot.errors import OutcomeUnknown


async def test_an_order_that_waited_is_drawn_after_a_restart(world: World):
    async with open_house(world) as house:
        job = await house.order(start=False)
        assert job is not None

    async with open_house(world) as house:
        (taken,) = await house.take_up()

        assert taken.id == job.id
        assert (await house.job(job.id)).state is JobState.SETTLED
        assert await house.used() == 1
        assert len(world.provider.bodies) == 1


async def test_a_call_that_was_under_way_is_never_sent_again_and_nobody_is_charged(world: World):
    world.provider.script = [hangs]
    async with open_house(world) as house:
        job = await house.order()
        assert job is not None
        await world.provider.reached.wait()

    async with open_house(world) as house:
        await house.take_up()

        assert len(world.provider.bodies) == 1
        assert (await house.job(job.id)).state is JobState.FAILED
        assert (await house.calls(job.id))[0].state is CallState.LOST
        ((_, said),) = world.board.sorry
        assert isinstance(said, OutcomeUnknown)
        assert await house.used() == 0


async def test_a_call_under_way_with_a_known_id_is_booked_at_what_the_provider_says(world: World):
    world.provider.generations = {"gen-7": 0.03}
    async with open_house(world) as house:
        job = await house.order(start=False)
        assert job is not None
        await house.jobs.mark_sent(job.id, 0, world.clock())
        await house.jobs.note_generation(job.id, 0, "gen-7")

    async with open_house(world) as house:
        await house.take_up()
        assert world.provider.lookups == [], "nobody waits for that"
        await house.inquiry.ask_soon()

        assert world.provider.bodies == []
        assert world.provider.lookups == ["gen-7"]
        assert await house.absorbed() == 30_000
        assert await house.used() == 0


async def test_pictures_that_came_before_the_crash_are_delivered_and_charged_alone(world: World):
    world.caps.max_running = 1
    world.caps.person = {Meter.IMAGES_PER_DAY: 10, Meter.USD_PER_DAY: 1_000_000}
    world.provider.script = [world.provider.draw, hangs]
    async with open_house(world) as house:
        job = await house.order(PictureRequest("a fox", seed=5, count=3, model=FLUX))
        assert job is not None
        while len(world.provider.bodies) < 2:  # noqa: ASYNC110 - the provider is reached twice
            await asyncio.sleep(0.001)

    async with open_house(world) as house:
        await house.take_up()

        assert [body["seed"] for body in world.provider.bodies] == [5, 6, 7], "the third was never sent"
        (shown,) = world.board.shown
        assert [picture.seed for picture in shown.pictures] == [5, 7]
        assert shown.shortfall == (
            "2 of 3 pictures came; the rest was not charged. Easel was interrupted while it was drawing."
        )
        assert await house.used() == 2
        assert await house.used(Meter.USD_PER_DAY) == 2 * PRICE_MICROUSD


async def test_produced_pictures_are_delivered_after_a_restart_without_the_provider(world: World):
    world.board.script = [OSError("gone")]
    async with open_house(world) as house:
        job = await house.done()

    world.provider.script = [lambda _: trouble(500)]
    async with open_house(world) as house:
        await house.take_up()

        assert (await house.job(job.id)).state is JobState.SETTLED
        assert len(world.provider.bodies) == 1
        (shown,) = world.board.shown
        assert await house.blobs.get(shown.pictures[0].blob)


async def test_a_delivered_job_is_settled_and_not_posted_again(world: World):
    async with open_house(world) as house:
        setattr(house.jobs, "settle", _dies)  # noqa: B010 - the process dies there
        job = await house.done()
        assert job.state is JobState.DELIVERED
        shown, _ = await house.studio.show(job.id, ann())
        assert shown.cost_microusd == PRICE_MICROUSD, "what is told of it does not wait for the books"

    async with open_house(world) as house:
        await house.take_up()

        assert (await house.job(job.id)).state is JobState.SETTLED
        assert len(world.board.shown) == 1
        assert await house.used() == 1


async def _dies(*_args: object) -> bool:
    raise Killed("settle")


async def test_a_call_that_breaks_off_does_not_leave_the_others_unwatched(world: World):
    async def later(request):
        await asyncio.sleep(0.02)
        return world.provider.draw(request)

    world.provider.script = [world.provider.draw, later]
    async with open_house(world) as house:
        receive = house.jobs.receive

        async def full_disk(job_id, ordinal, *rest, **more):
            if ordinal == 0:
                raise OSError("no space left")
            return await receive(job_id, ordinal, *rest, **more)

        setattr(house.jobs, "receive", full_disk)  # noqa: B010 - the disk is full there
        job = await house.done(PictureRequest("a fox", seed=1, count=2, model=FLUX))
        assert [call.state for call in await house.calls(job.id)] == [CallState.SENT, CallState.RECEIVED]
        setattr(house.jobs, "receive", receive)  # noqa: B010 - there is room again

        await house.take_up()

        (shown,) = world.board.shown
        assert [picture.seed for picture in shown.pictures] == [2]
        assert len(world.provider.bodies) == 2
        assert await house.used() == 1


async def test_references_read_before_the_crash_are_not_read_again(world: World):
    upload = world.attach(picture_bytes())
    world.provider.script = [hangs]
    async with open_house(world) as house:
        job = await house.order(
            PictureRequest("as a painting", references=(upload,), count=2, seed=1, model=FLUX)
        )
        assert job is not None
        await world.provider.reached.wait()
    world.files.clear()

    async with open_house(world) as house:
        await house.take_up()

        assert len(world.fetched) == 1


SCENES = {
    "one picture": (PictureRequest("a fox"), []),
    "three calls": (PictureRequest("a fox", count=3, seed=0, model=FLUX), []),
    "through chat": (PictureRequest("a fox", model=GEMINI), []),
    "with a reference": (PictureRequest("a fox"), []),
    "refused": (PictureRequest("a fox"), [lambda _: refusal()]),
    "one of two fails": (PictureRequest("a fox", count=2, seed=0, model=FLUX), [lambda _: trouble(400)]),
    "lost": (PictureRequest("a fox"), [loses]),
    "one of two lost": (PictureRequest("a fox", count=2, seed=0, model=FLUX), [loses]),
    "model gone": (PictureRequest("a fox"), [lambda _: trouble(404, "No endpoints found for this model")]),
}


LOST_USD, LOST_MICROUSD = 0.004, 4000


async def _steps(world: World, scene: str) -> int:
    """Count the steps that a scene takes when nothing goes wrong."""
    fuse = Fuse()
    await _play(world, scene, fuse)
    return fuse.steps


async def _play(world: World, scene: str, fuse: Fuse) -> int:
    """Order a scene's pictures and go on until the end or the death of the process."""
    request, script = SCENES[scene]
    world.caps.max_running = 1
    world.caps.person = {Meter.IMAGES_PER_DAY: 10, Meter.USD_PER_DAY: 1_000_000}
    world.provider.script, world.provider.generations = list(script), {"gen-9": LOST_USD}
    if scene == "with a reference":
        request = PictureRequest("a fox", references=(world.attach(picture_bytes()),))
    async with open_house(world, fuse) as house:
        job = await house.order(request)
        assert job is not None
        await house.rest()
        return job.id


@pytest.mark.sampled(2)
@pytest.mark.parametrize("scene", list(SCENES))
async def test_a_process_that_dies_at_any_step_loses_nothing_and_charges_nothing_twice(
    world: World, empty_database, scene: str
):
    steps = await _steps(world, scene)
    assert steps >= 10
    for at in range(1, steps + 1):
        folder = world.folder / str(at)
        folder.mkdir()
        (folder / "easel.db").write_bytes(empty_database.read_bytes())
        fresh = World(folder)
        fuse = Fuse(at)
        job_id = await _play(fresh, scene, fuse)
        where = f"died {fuse.taken[-1]}, step {at} of {steps}"

        async with open_house(fresh) as house:
            await house.take_up()
            await _check(house, job_id, fuse, where)


async def _check(house: House, job_id: int, fuse: Fuse, where: str) -> None:
    """Assert what holds after every restart."""
    world = house.world
    job, calls = await house.job(job_id), await house.calls(job_id)
    pictures = await house.pictures.of_job(job_id, Role.RESULT)
    assert job.state not in UNFINISHED, where
    assert await house.open_holds() == 0, where
    sent = [(body["model"], body.get("seed")) for body in world.provider.bodies]
    assert len(sent) == len(set(sent)), where
    came = [call for call in calls if call.state is CallState.RECEIVED]
    if job.state is JobState.SETTLED:
        cost = sum(call.cost_microusd for call in came)
        assert (await house.used(), await house.used(Meter.USD_PER_DAY)) == (len(pictures), cost), where
        twice = 2 if fuse.taken[-1] in {"after present", "before deliver"} else 1
        assert len(world.board.shown) == twice, where  # the same message: a nonce or an edit
        assert world.board.sorry == [], where
    else:
        assert (await house.used(), await house.used(Meter.USD_PER_DAY)) == (0, 0), where
        assert world.board.shown == [], where
        told = 2 if fuse.taken[-1] in {"after apologise", "before told"} else 1
        assert len(world.board.sorry) == told, where  # the same message: a nonce or an edit
        assert not job.untold, where
    assert not (came and job.state is not JobState.SETTLED), where
    await house.inquiry.ask_again()
    lost = [call for call in calls if call.generation_id == "gen-9"]
    if job.plan.transport is Transport.IMAGES:  # else what was lost without an id stays an estimate
        assert await house.absorbed() == LOST_MICROUSD * len(lost), where
    assert await house.ledger.drifted() == 0, where
    await house.sweeper.sweep_abandoned(world.clock(), world.clock() + timedelta(seconds=1), world.clock())
    rows = await house.database.read("SELECT blob FROM picture")
    files = {file.name for file in (world.folder / "blobs").rglob("*") if file.is_file()}
    assert files == {row["blob"] for row in rows}, where
