"""A process that dies in the middle of a batch, and the next one on the same disk."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from batch_kit import Factory, Wall, factory
from house_kit import House, open_house
from provider_kit import PRICE_MICROUSD
from time_kit import until
from world_kit import Fuse, ann

from bot.domain.runs import BatchState

if TYPE_CHECKING:
    from world_kit import World

PROMPTS = [f"fox {n}" for n in range(1, 13)]
ROWS = ("claim", "put_back", "reap", "finish", "looked_after", "place")
PAGES = ("next", "posted", "place")
WALL = ("show", "place", "page", "files")
CHARGED = """
    SELECT SUM(images) AS images, SUM(microusd) AS microusd FROM ledger
    JOIN batch_row USING (job_id) WHERE batch_id = :id
"""
LAST_STEP = 700
"""More than a batch of twelve takes."""


def fused(house: House, wall: Wall, fuse: Fuse) -> Factory:
    """Let the process die at a step of a batch, or of what shows it."""
    shown = copy.copy(wall)
    made = factory(house, shown)
    fuse.around(made.rows, *ROWS)
    fuse.around(made.pages, *PAGES)
    fuse.around(shown, *WALL)
    return made


async def killed(world: World, wall: Wall, fuse: Fuse) -> int:
    """Run a batch in a process that dies at the fuse's step; return its id."""
    async with open_house(world, fuse) as house:
        made = fused(house, wall, fuse)
        batch_id = await made.start(PROMPTS)
        await until(lambda: fuse.dead or not made.runs.under_way)
        await made.runs.aclose(0)
    return batch_id


async def taken_up(house: House, wall: Wall) -> Factory:
    """Do what the start of a process does."""
    made = factory(house, wall)
    await house.take_up()
    await made.take_up()
    await made.rest()
    return made


@pytest.mark.parametrize("needs_place", [False, True], ids=["in the channel", "as answers"])
@pytest.mark.parametrize("every", [173, pytest.param(1, marks=pytest.mark.slow)])
async def test_killed_at_any_step_everything_is_drawn_shown_and_charged_once(
    world: World, every: int, needs_place: bool
):
    world.caps.person = {}
    for at in range(1, LAST_STEP, every):
        wall = Wall(needs_place=needs_place)
        before = len(world.provider.bodies)
        fuse = Fuse(at)
        batch_id = await killed(world, wall, fuse)
        async with open_house(world) as house:
            made = await taken_up(house, wall)
            if "failed" in await made.states(batch_id):  # what was sent and never heard of again
                await made.batches.retry(batch_id, ann(), house.origin())
                await made.rest()

            assert await made.states(batch_id) == ["done"] * len(PROMPTS), at
            assert sorted(wall.rows) == list(range(1, len(PROMPTS) + 1)), at
            assert len(wall.zips) >= 1, at
            assert await house.open_holds() == 0, at
            lost = await house.database.read("SELECT COUNT(*) AS n FROM call WHERE state = 'lost'")
            asked = len(world.provider.bodies) - before
            assert asked <= len(PROMPTS) + lost[0]["n"], at
            charged = await house.database.read(CHARGED, {"id": batch_id})
            assert tuple(charged[0]) == (len(PROMPTS), len(PROMPTS) * PRICE_MICROUSD), at
        if not fuse.dead:
            break
    else:
        pytest.fail("the batch takes more steps than were tried")


async def test_rows_are_drawn_also_where_ids_made_up_for_their_jobs_are_taken(world: World, monkeypatch):
    world.caps.person = {}
    monkeypatch.setattr("bot.services.batch_feeding.secrets.randbits", lambda _bits: 7)
    async with open_house(world) as house:
        made = factory(house, Wall())
        batch_id = await made.start(PROMPTS)
        await made.rest()

        assert await made.states(batch_id) == ["done"] * len(PROMPTS)


async def test_a_batch_that_was_cancelled_as_the_process_died_stays_cancelled(world: World):
    world.caps.person = {}
    wall = Wall()
    async with open_house(world) as house:
        made = factory(house, wall)
        batch_id = await made.start(PROMPTS)
        made.runs.close()
        await made.runs.aclose(0)
        assert await made.rows.cancel(batch_id, world.clock())

    async with open_house(world) as house:
        made = await taken_up(house, wall)

        snapshot = await made.batches.snapshot(batch_id, ann())
        assert snapshot.batch.state is BatchState.CANCELLED
        assert snapshot.tally.waiting == snapshot.tally.drawing == 0
        assert wall.shown[-1].batch.state is BatchState.CANCELLED
        assert await house.open_holds() == 0


async def test_a_batch_that_has_paused_waits_through_a_restart(world: World):
    world.caps.person = {}
    wall = Wall()
    async with open_house(world) as house:
        made = factory(house, wall)
        batch_id = await made.start(PROMPTS)
        await made.batches.pause(batch_id, ann())
        await made.rest()
        shown = len(wall.rows)

    async with open_house(world) as house:
        made = await taken_up(house, wall)
        assert len(wall.rows) == shown
        await made.batches.resume(batch_id, ann(), house.origin())
        await made.rest()

        assert sorted(wall.rows) == list(range(1, len(PROMPTS) + 1))


@pytest.mark.further
async def test_told_to_stop_no_more_rows_are_opened_and_the_next_start_goes_on(world: World):
    world.caps.person = {}
    wall = Wall()
    async with open_house(world) as house:
        made = factory(house, wall)
        batch_id = await made.start(PROMPTS)
        await until(lambda: len(world.provider.bodies) >= 2)
        made.runs.close()
        house.studio.close()
        await house.queue.drain(5)
        await made.runs.aclose()
        left = (await made.rows.tally(batch_id)).waiting
        assert left

    async with open_house(world) as house:
        made = await taken_up(house, wall)

        assert await made.states(batch_id) == ["done"] * len(PROMPTS)
        assert sorted(wall.rows) == list(range(1, len(PROMPTS) + 1))
        assert len(world.provider.bodies) == len(PROMPTS)
