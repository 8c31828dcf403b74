from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from house_kit import (
    FLUX,
    GEMINI,
    MINI,
    NOW,
    PRICE_MICROUSD,
    Clock,
    House,
    World,
    breaks,
    chat,
    images,
    open_house,
    picture_bytes,
    refusal,
    trouble,
)

from bot.domain.images import Role
from bot.domain.jobs import CallState, JobState
from bot.domain.quotas import Meter
from bot.domain.requests import MAX_COUNT, PictureRequest, Stored
from bot.errors import (
    AccountTrouble,
    ModelGone,
    ModelRejected,
    NotFound,
    NothingCame,
    OutcomeUnknown,
    PictureDeclined,
    PictureRefused,
    Undeliverable,
)


async def _nothing_is_held(house: House) -> None:
    assert await house.used() == 0
    assert await house.open_holds() == 0


async def test_an_unknown_job_is_said_to_be_unknown(house: House):
    with pytest.raises(NotFound):
        await house.workshop.carry_out(1)


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


class TestCounts:
    async def test_four_of_four_come_and_are_charged_at_the_true_cost(self, house: House):
        job = await house.done(PictureRequest("a fox", count=4))

        (shown,) = house.world.board.shown
        assert len(shown.pictures) == 4
        assert shown.shortfall is None
        assert (job.state, job.cost_microusd) == (JobState.SETTLED, 4 * PRICE_MICROUSD)
        assert await house.used() == 4

    async def test_fewer_than_asked_say_so_and_only_they_are_charged(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 3)]
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", count=4))

            (shown,) = world.board.shown
            assert shown.shortfall == (
                "3 of 4 pictures came; the rest was not charged. The model sent fewer than it was asked for."
            )
            assert await house.used() == 3
            assert job.cost_microusd == 3 * PRICE_MICROUSD

    async def test_a_call_that_fails_among_others_gives_its_reason_and_its_money_back(self, world: World):
        world.caps.person = {Meter.IMAGES_PER_DAY: 10, Meter.USD_PER_DAY: 1_000_000}
        world.caps.max_running = 1
        world.provider.script = [world.provider.draw, lambda _: trouble(400, "no"), world.provider.draw]
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", count=3, seed=0, model=FLUX))

            (shown,) = world.board.shown
            assert [picture.seed for picture in shown.pictures] == [0, 2]
            assert shown.shortfall is not None
            assert shown.shortfall.startswith(
                "2 of 3 pictures came; the rest was not charged. The model does"
            )
            assert [call.state for call in await house.calls(job.id)] == [
                CallState.RECEIVED,
                CallState.FAILED,
                CallState.RECEIVED,
            ]
            assert await house.used() == 2
            assert await house.used(Meter.USD_PER_DAY) == 2 * PRICE_MICROUSD

    async def test_more_than_asked_are_never_charged_as_more(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 3)]
        async with open_house(world) as house:
            await house.done(PictureRequest("a fox", model=GEMINI))

            assert await house.used() == 1

    async def test_a_card_never_gets_more_pictures_than_a_message_holds(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 2)] * 6
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", count=6, model=GEMINI))

            (shown,) = world.board.shown
            assert len(shown.pictures) <= MAX_COUNT
            assert len(await house.pictures.of_job(job.id, Role.RESULT)) <= MAX_COUNT
            assert job.state is JobState.SETTLED
            assert await house.used() == 6

    async def test_a_cost_that_is_not_said_is_charged_at_the_estimate(self, world: World):
        world.provider.script = [lambda _: images(picture_bytes(), cost=None)]
        async with open_house(world) as house:
            job = await house.done()

            assert job.cost_microusd == job.held.microusd > 0

    @pytest.mark.parametrize("factor", [0, 0.5, 1, 3], ids=["free", "half", "as held", "three times"])
    async def test_the_true_cost_is_settled_whatever_was_held(self, world: World, factor: float):
        world.caps.person = {Meter.USD_PER_DAY: 1_000_000}
        async with open_house(world) as house:
            planned = house.planner.plan(PictureRequest("a lighthouse"))
            cost = planned.upper_microusd * factor / 1_000_000
            world.provider.script = [lambda _: images(picture_bytes(), cost=cost)]

            job = await house.done()

            assert job.cost_microusd == round(cost * 1_000_000)
            assert await house.used(Meter.USD_PER_DAY) == job.cost_microusd


class TestReadings:
    async def test_a_card_counts_its_own_pictures_and_not_what_was_held(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 3)]
        async with open_house(world) as house:
            await house.done(PictureRequest("a fox", count=4))

            (shown,) = world.board.shown
            assert [(reading.used, reading.left) for reading in shown.readings] == [(3, 7)]

    async def test_a_card_after_midnight_does_not_promise_more_than_the_cap(self, world: World):
        world.clock.now = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
        world.caps.person = {Meter.IMAGES_PER_DAY: 10, Meter.IMAGES_PER_MONTH: 100}
        async with open_house(world) as house:

            def late(request):
                world.clock.now = datetime(2026, 11, 21, 0, 1, tzinfo=UTC)
                return world.provider.draw(request, 1)

            world.provider.script = [late]
            await house.done(PictureRequest("a fox", count=4))

            (shown,) = world.board.shown
            assert [(reading.used, reading.left) for reading in shown.readings] == [(0, 10), (1, 99)]
            assert [await house.used(meter) for meter in world.caps.person] == [0, 1]


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
            held = asyncio.Event()
            fetch = world.fetch

            async def slow(asked):
                await held.wait()
                return await fetch(asked)

            house.workshop._references._fetch = slow
            job = await house.order(PictureRequest("as a painting", references=(upload,)))
            assert job is not None
            await asyncio.sleep(0.01)

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
            await house.jobs.advance(job.id, JobState.QUEUED, JobState.SENT, NOW)
            (call,) = await house.calls(job.id)
            await house.studio.withdraw(job)

            error = await house.workshop._caller.make(job, call, ())

            assert error is not None
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
