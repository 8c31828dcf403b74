"""Allowances and books under crowds, crashes and surprises, through the real services."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from database_kit import empty_database
from house_kit import house, logged, no_flushing, open_house, world
from provider_kit import images
from world_kit import ann

from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.errors import QuotaExceeded
from bot.storage.backup import backup, restore

if TYPE_CHECKING:
    from pathlib import Path

    from house_kit import House
    from world_kit import World

__all__ = ["empty_database", "house", "logged", "no_flushing", "world"]
HOLD = 20_000
"""What is held for a picture of the first model."""


def rounds(short: int, long: int) -> list[object]:
    return [short, pytest.param(long, marks=pytest.mark.slow)]


@pytest.mark.parametrize("seeds", rounds(2, 100))
async def test_two_hundred_tasks_in_any_order_never_pass_a_limit_of_fifty(world: World, seeds: int):
    world.caps.person = {Meter.IMAGES_PER_DAY: 50}
    world.caps.max_waiting = world.caps.max_per_server = world.caps.max_per_person = 100_000

    async def order(house: House, user_id: int, wait: int) -> bool:
        for _ in range(wait):
            await asyncio.sleep(0)
        try:
            return await house.order(who=ann(user_id=user_id), start=False) is not None
        except QuotaExceeded:
            return False

    async with open_house(world) as house:
        for seed in range(seeds):
            rng = random.Random(seed)  # noqa: S311 - a pattern, not a secret
            user_id = 10_000 + seed
            tasks = [order(house, user_id, rng.randrange(30)) for _ in range(200)]
            taken = await asyncio.gather(*tasks)

            assert sum(taken) == await house.used(who=ann(user_id=user_id)) == 50, seed


@pytest.mark.parametrize("orders", rounds(20, 1000))
async def test_killed_between_the_hold_and_the_sending_no_hold_is_left(world: World, orders: int):
    world.caps.person = {Meter.IMAGES_PER_DAY: orders}
    world.caps.max_waiting = world.caps.max_per_server = world.caps.max_per_person = orders
    async with open_house(world) as house:
        for _ in range(orders):
            await house.order(start=False)
        assert await house.open_holds() == await house.used() == orders

    world.provider.script = [lambda _request: images(cost=0.0)] * orders  # nothing comes, so nothing is kept
    async with open_house(world) as house:
        left = await house.take_up()

        assert len(left) == orders
        assert await house.open_holds() == 0
        settled = [job for one in left if (job := await house.job(one.id)).state is JobState.SETTLED]
        assert await house.used() == len(settled) < orders


@pytest.mark.parametrize("share", [0.5, 1, 1.5, 3])
async def test_a_cost_over_the_estimate_passes_the_limit_by_one_job_at_most(world: World, share: float):
    cap, cost = 100_000, int(share * HOLD)
    world.caps.person = {Meter.USD_PER_DAY: cap}
    async with open_house(world) as house:
        orders = 0
        while await house.used(Meter.USD_PER_DAY) + HOLD <= cap:
            drawn = images(world.provider.fresh(), cost=cost / 1_000_000)
            world.provider.script = [lambda _request, drawn=drawn: drawn]
            await house.done()
            orders += 1
        with pytest.raises(QuotaExceeded):
            await house.order()

        used = await house.used(Meter.USD_PER_DAY)
        assert used == orders * cost
        assert used <= cap + max(0, cost - HOLD)


async def test_what_is_restored_keeps_the_books(world: World, tmp_path: Path):
    people = range(500, 505)
    async with open_house(world) as house:
        for user_id in people:
            await house.done(who=ann(user_id=user_id))
        await house.order(start=False)
        used = [await house.used(who=ann(user_id=user_id)) for user_id in (*people, ann().user_id)]
        holds, absorbed = await house.open_holds(), await house.absorbed()
        kept = f"sqlite:///{world.folder / 'easel.db'}", (world.folder / "blobs").as_uri()
        await backup(*kept, tmp_path / "copy")

    world.folder = tmp_path / "elsewhere"
    world.folder.mkdir()
    await restore(
        tmp_path / "copy", f"sqlite:///{world.folder / 'easel.db'}", (world.folder / "blobs").as_uri()
    )
    async with open_house(world) as house:
        found = [await house.used(who=ann(user_id=user_id)) for user_id in (*people, ann().user_id)]
        assert (found, await house.open_holds(), await house.absorbed()) == (used, holds, absorbed)
        (job,) = await house.take_up()
        assert (await house.job(job.id)).state is JobState.SETTLED
        assert await house.open_holds() == 0
