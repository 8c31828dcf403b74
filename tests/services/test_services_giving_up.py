"""Jobs that break off again and again, from the order to the apology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from house_kit import open_house
from time_kit import settle, until

from bot.domain.jobs import JobState
from bot.domain.quotas import Meter

if TYPE_CHECKING:
    from world_kit import World


class TestGivingUp:
    async def test_a_job_given_up_is_explained_and_not_charged(self, world: World):
        world.caps.retry_s = ()
        world.caps.person = {Meter.IMAGES_PER_DAY: 10}
        async with open_house(world) as house:
            upload = world.attach(b"x")
            world.fetch_script = [OSError("disk")] * 5
            from bot.domain.requests import PictureRequest

            job = await house.done(PictureRequest("as a painting", references=(upload,)))
            await until(lambda: world.board.sorry)
            await house.rest()

            assert (await house.job(job.id)).state is JobState.FAILED
            assert [str(error) for _, error in world.board.sorry] == [
                "Something went wrong on Easel's side while drawing. Nothing was charged; try again."
            ]
            assert await house.used() == 0

    async def test_pictures_that_came_stay_for_the_next_start(self, world: World):
        world.caps.retry_s = ()
        world.board.script = [OSError("Discord is away")]
        async with open_house(world) as house:
            job = await house.done()
            await settle()
            await house.rest()

            assert (await house.job(job.id)).state is JobState.PRODUCED
            await house.take_up()
            assert (await house.job(job.id)).state is JobState.SETTLED
