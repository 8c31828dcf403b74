from __future__ import annotations

import asyncio

import pytest
from house_kit import House, open_house
from provider_kit import (
    FLUX,
    GEMINI,
    MINI,
    PRICE_MICROUSD,
    breaks,
    chat,
    images,
    picture_bytes,
    refusal,
    trouble,
)
from world_kit import Clock, World

from bot.domain.images import Role
from bot.domain.jobs import CallState, JobState
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest, Stored
from bot.errors import (
    AccountTrouble,
    ModelGone,
    ModelRejected,
    NotFound,
    NothingCame,
    OutcomeUnknown,
    PictureDeclined,
    PictureRefused,
    StorageTrouble,
    Superseded,
    Undeliverable,
)


async def _nothing_is_held(house: House) -> None:
    assert await house.used() == 0
    assert await house.open_holds() == 0


async def test_an_unknown_job_is_said_to_be_unknown(house: House):
    with pytest.raises(NotFound):
        await house.workshop.carry_out(1)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("answer", "error", "state"),
    [
        (refusal(), PictureRefused, JobState.REFUSED),
        (trouble(402, "Insufficient credits"), AccountTrouble, JobState.FAILED),
        (trouble(400, "bad request"), ModelRejected, JobState.FAILED),
        (images(), NothingCame, JobState.FAILED),
        (images(b"not a picture"), NothingCame, JobState.FAILED),
        (images(picture_bytes()[:-9]), NothingCame, JobState.FAILED),
    ],
    ids=["refused", "no credit", "rejected", "no pictures", "no picture at all", "cut picture"],
)
async def test_what_goes_wrong_releases_the_hold_and_is_explained_once(world: World, answer, error, state):
    world.provider.script = [lambda _: answer, lambda _: answer]
    async with open_house(world) as house:
        job = await house.done()

        assert job.state is state
        ((_, said),) = world.board.sorry
        assert isinstance(said, error)
        assert job.failure == str(said)
        assert world.board.shown == []
        await _nothing_is_held(house)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (chat(cost=0.002, images=[], content="I would rather talk."), PictureDeclined),
        (chat(cost=0.002, images=[], content=None), NothingCame),
        (chat(cost=0.002, images=None, content=None, refusal="I cannot draw that."), PictureRefused),
    ],
    ids=["text only", "null content and no images", "refusal"],
)
async def test_a_chat_without_pictures_is_not_charged_to_anyone_but_the_operator(world: World, answer, error):
    world.provider.script = [lambda _: answer] * 2
    async with open_house(world) as house:
        await house.done(PictureRequest("a fox", model=GEMINI))

        ((_, said),) = world.board.sorry
        assert isinstance(said, error)
        assert await house.absorbed() == 2000
        await _nothing_is_held(house)


async def test_an_error_inside_a_200_is_an_error(world: World):
    import httpx

    body = {"error": {"code": 403, "message": "flagged", "metadata": {"error_type": "refusal"}}}
    world.provider.script = [lambda _: httpx.Response(200, json=body)]
    async with open_house(world) as house:
        job = await house.done()

        assert job.state in {JobState.REFUSED, JobState.FAILED}
        await _nothing_is_held(house)


async def test_a_refusal_is_never_carried_to_another_model(world: World):
    world.provider.script = [lambda _: refusal()]
    async with open_house(world) as house:
        await house.done()

    assert [body["model"] for body in world.provider.bodies] == [MINI]


async def test_the_worst_of_several_outcomes_is_what_is_said(world: World):
    world.provider.script = [lambda _: trouble(400, "no"), lambda _: refusal()]
    async with open_house(world) as house:
        job = await house.done(PictureRequest("a fox", count=2, seed=1, model=FLUX))

        assert job.state is JobState.REFUSED


class TestGoneModels:
    async def test_the_next_model_draws_where_the_first_is_gone(self, world: World):
        world.provider.script = [lambda _: trouble(404, "No endpoints found for this model")]
        async with open_house(world) as house:
            job = await house.done()

            assert job.state is JobState.SETTLED
            assert job.plan.model_id == FLUX
            assert [body["model"] for body in world.provider.bodies] == [MINI, FLUX]
            assert await house.used() == 1

            await house.done()
            assert world.provider.bodies[-1]["model"] == FLUX, "it is not asked again"

    async def test_a_model_chosen_by_name_is_not_replaced(self, world: World):
        world.provider.script = [lambda _: trouble(404, "No endpoints found for this model")]
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", model=MINI))

            assert job.state is JobState.FAILED
            assert isinstance(world.board.sorry[0][1], ModelGone)
            await _nothing_is_held(house)

    async def test_where_no_model_is_left_that_is_said(self, world: World):
        world.provider.script = [lambda _: trouble(404, "No endpoints found for this model")] * 3
        async with open_house(world) as house:
            job = await house.done()

            assert job.state is JobState.FAILED
            assert len(world.provider.bodies) == 3
            await _nothing_is_held(house)

    async def test_where_no_other_model_takes_the_options_nothing_is_sent(self, world: World):
        world.provider.script = [lambda _: trouble(404, "No endpoints found for this model")]
        async with open_house(world) as house:
            await house.done(PictureRequest("a fox", quality="high", background="transparent"))

            assert len(world.provider.bodies) == 1
            await _nothing_is_held(house)


class TestDelivery:
    async def test_what_cannot_be_delivered_is_not_charged_and_the_operator_bears_it(self, world: World):
        world.board.script = [Undeliverable("There is no way left.")]
        async with open_house(world) as house:
            job = await house.done()

            assert job.state is JobState.FAILED
            assert [str(error) for _, error in world.board.sorry] == ["There is no way left."]
            assert await house.absorbed() == PRICE_MICROUSD
            await _nothing_is_held(house)

    async def test_trouble_while_posting_leaves_the_job_for_the_next_start(self, world: World):
        world.board.script = [OSError("Discord is away")]
        async with open_house(world) as house:
            job = await house.done()
            assert job.state is JobState.PRODUCED

        async with open_house(world) as house:
            await house.take_up()

            assert (await house.job(job.id)).state is JobState.SETTLED
            assert len(world.provider.bodies) == 1

    async def test_words_that_fail_do_not_hold_money(self, world: World):
        world.provider.script = [lambda _: refusal()]
        world.board.script = [OSError("Discord is away")]
        async with open_house(world) as house:
            job = await house.done()

            assert job.state is JobState.REFUSED
            await _nothing_is_held(house)

    async def test_where_a_card_stands_is_kept(self, house: House):
        job = await house.done()

        assert (job.card_channel_id, job.card_message_id) == (700, 9001)


class TestCancelled:
    async def test_a_job_withdrawn_while_it_waits_is_never_sent(self, world: World):
        async with open_house(world) as house:
            upload = world.attach(picture_bytes())
            asked_for, held = asyncio.Event(), asyncio.Event()
            fetch = world.fetch

            async def slow(asked):
                asked_for.set()
                await held.wait()
                return await fetch(asked)

            house.workshop._references._fetch = slow
            job = await house.order(PictureRequest("as a painting", references=(upload,)))
            assert job is not None
            await asked_for.wait()

            await house.studio.withdraw(job)
            held.set()
            await house.rest()

            assert world.provider.bodies == []
            assert (await house.job(job.id)).state is JobState.CANCELLED
            assert world.board.shown == []
            assert world.board.sorry == []
            await _nothing_is_held(house)

    async def test_a_job_that_ended_while_its_calls_waited_sends_none_of_them(self, world: World):
        async with open_house(world) as house:
            job = await house.order(start=False)
            assert job is not None
            (call,) = await house.calls(job.id)
            await house.studio.withdraw(job)

            with pytest.raises(Superseded):
                await house.workshop._caller.make(job, call, ())

            assert world.provider.bodies == []


async def test_a_job_cancelled_while_its_call_fails_is_not_apologised_for(world: World):
    async with open_house(world) as house:

        async def cancelled_meanwhile(_request):
            await house.studio.withdraw(await house.job(job_id))
            return refusal()

        job_id = 5
        world.provider.script.append(cancelled_meanwhile)
        job = await house.done(job_id=job_id)

        assert job.state is JobState.CANCELLED
        assert world.board.sorry == []
        await _nothing_is_held(house)


async def test_a_job_that_has_ended_is_left_alone(house: House):
    job = await house.done()

    await house.workshop.carry_out(job.id)

    assert len(house.world.board.shown) == 1
    assert len(house.world.provider.bodies) == 1


async def test_bad_references_end_the_job_before_anything_is_sent(house: House):
    upload = house.world.attach(b"%PDF-1.7 no picture", "scan.png")

    job = await house.done(PictureRequest("as a painting", references=(upload,)))

    assert job.state is JobState.FAILED
    assert house.world.provider.bodies == []
    assert "scan.png" in str(house.world.board.sorry[0][1])
    await _nothing_is_held(house)


async def test_references_that_cannot_be_fetched_now_leave_the_job_to_its_next_turn(
    house: House, monkeypatch
):
    async def out_of_reach(_name):
        raise StorageTrouble("out of reach")

    drawn = await house.done()
    (picture,) = await house.pictures.of_job(drawn.id, Role.RESULT)
    await house.blobs.get(picture.blob)  # from here on it is not at hand
    monkeypatch.setattr(house.blobs, "get", out_of_reach)

    job = await house.done(PictureRequest("in winter", references=(Stored(picture.id),)))

    assert job.state is JobState.QUEUED
    assert house.world.board.sorry == []


async def test_a_picture_deleted_before_its_turn_is_said(house: House):
    job = await house.done(PictureRequest("in winter", references=(Stored("1-0"),)))

    assert job.failure == "The picture to start from was deleted. Choose another one."
    await _nothing_is_held(house)


async def test_a_lost_connection_frees_the_person_and_is_never_sent_again(world: World):
    world.provider.script = [breaks]
    async with open_house(world) as house:
        job = await house.done()

        assert isinstance(world.board.sorry[0][1], OutcomeUnknown)
        assert (await house.calls(job.id))[0].state is CallState.LOST
        assert len(world.provider.bodies) == 1
        await _nothing_is_held(house)


async def test_the_clock_going_back_fills_nothing(world: World):
    world.caps.person = {Meter.IMAGES_PER_DAY: 1}
    async with open_house(world) as house:
        await house.done()
        assert isinstance(world.clock, Clock)
        world.clock.move(minutes=-10)

        assert (await house.reading()).left == 0
