from __future__ import annotations

from dataclasses import replace

import pytest
from house_kit import House, open_house
from provider_kit import FLUX
from world_kit import World, ann, bob

from bot.domain.edits import Change
from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.domain.requests import Kind, PictureRequest, Stored, StyleUse
from bot.errors import (
    NotFound,
    QuotaExceeded,
)


class TestAgain:
    async def test_the_same_request_is_the_same_body_byte_for_byte(self, house: House):
        request = PictureRequest("a fox", seed=7, aspect="16:9", model=FLUX)
        job = await house.done(request)

        await house.done(await house.studio.again(job))

        first, second = house.world.provider.bodies
        assert first == second

    async def test_whoever_presses_is_charged_and_stopped_by_their_own_limit(self, world: World):
        world.caps.person = {Meter.IMAGES_PER_DAY: 1}
        async with open_house(world) as house:
            job = await house.done()
            request = await house.studio.again(job)

            await house.done(request, bob(), parent_job_id=job.id)
            with pytest.raises(QuotaExceeded):
                await house.order(request, ann(), parent_job_id=job.id)

            assert (await house.used(who=ann()), await house.used(who=bob())) == (1, 1)

    async def test_references_come_from_our_copies_though_discord_s_links_are_dead(self, house: House):
        upload = house.world.attach(_cat())
        job = await house.done(PictureRequest("as a painting", references=(upload,)))
        house.world.files.clear()

        again = await house.done(await house.studio.again(job), bob())

        assert again.state is JobState.SETTLED
        assert house.world.fetched == [upload.url]
        first, second = house.world.provider.bodies
        assert first["input_references"] == second["input_references"]

    async def test_references_that_were_never_read_are_asked_for_where_they_were(self, house: House):
        upload = house.world.attach(_cat())
        job = await house.order(PictureRequest("as a painting", references=(upload,)), start=False)
        assert job is not None

        assert (await house.studio.again(job)).references == (upload,)


class TestEdited:
    async def test_going_on_from_a_picture_draws_one_from_that_picture_alone(self, house: House):
        job = await house.done(
            PictureRequest("two foxes", count=2, aspect="3:2", references=(house.world.attach(_cat()),))
        )
        chosen = (await house.pictures.of_job(job.id, Role.RESULT))[1]
        extra = house.world.attach(_cat())

        request = await house.studio.edited(
            job, Change("in winter", chosen.id, None, "high", private=True, uploads=(extra,))
        )

        assert request == PictureRequest(
            "in winter",
            quality="high",
            references=(Stored(chosen.id), extra),
            private=True,
            kind=Kind.EDIT,
        )

    async def test_the_child_knows_its_parent(self, house: House):
        job = await house.done()
        (picture,) = await house.pictures.of_job(job.id, Role.RESULT)
        request = await house.studio.edited(job, Change("in winter", picture.id, None, None, private=False))

        child = await house.done(request, bob(), parent_job_id=job.id)

        (reference,) = await house.studio.references(child.id)
        (drawn,) = await house.pictures.of_job(child.id, Role.RESULT)
        assert reference.parents == (picture.id,)
        assert drawn.parents == (reference.id,)
        assert child.parent_job_id == job.id

    async def test_drawing_anew_keeps_count_and_seed_and_starts_from_no_picture(self, house: House):
        asked = PictureRequest("a fox", count=2, seed=5, model=FLUX, references=(house.world.attach(_cat()),))
        job = await house.done(asked)

        request = await house.studio.edited(job, Change("a hare", None, None, None, private=False))

        assert request == replace(asked, prompt="a hare", references=())

    async def test_a_style_stays_with_words_and_not_with_a_picture_that_has_it_already(self, house: House):
        asked = PictureRequest(
            "a fox", style=StyleUse("ink", "{subject}, in ink"), hint="x", variants=("a", "b")
        )
        job = await house.done(asked)
        (picture, *_) = await house.pictures.of_job(job.id, Role.RESULT)

        anew = await house.studio.edited(job, Change("a hare", None, None, None, private=False))
        onward = await house.studio.edited(job, Change("a hare", picture.id, None, None, private=False))

        assert anew.words() == ("a hare, in ink",)
        assert onward.words() == ("a hare",)

    async def test_another_job_s_picture_is_never_picked_up(self, house: House):
        mine, other = await house.done(), await house.done(who=bob())
        (picture,) = await house.pictures.of_job(other.id, Role.RESULT)

        for picture_id in (picture.id, "1-0"):
            with pytest.raises(NotFound, match="no longer here"):
                await house.studio.edited(mine, Change("x", picture_id, None, None, private=False))


def _cat() -> bytes:
    from provider_kit import picture_bytes

    return picture_bytes((1, 2, 3))
