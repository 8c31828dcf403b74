from __future__ import annotations

import asyncio
from typing import Any

import pytest
from house_kit import House, open_house
from provider_kit import (
    FLUX,
    GEMINI,
    MINI,
    PRICE_MICROUSD,
    breaks,
    images,
    loses,
    picture_bytes,
    refusal,
    trouble,
)
from time_kit import PATIENCE_S
from world_kit import ANN, CHANNEL, World, ann, bob

from bot.domain.images import Role
from bot.domain.jobs import CallState, JobState
from bot.domain.requests import PictureRequest
from bot.errors import OutcomeUnknown
from bot.services.caller import REPLIES_AT_ONCE, Caller


class TestLostCalls:
    async def test_a_lost_call_is_free_where_the_endpoint_bills_all_or_nothing(self, world: World):
        world.provider.script = [breaks]
        async with open_house(world) as house:
            await house.done()

            assert await house.absorbed() == 0

    async def test_a_lost_chat_may_have_been_billed_so_the_operator_books_the_estimate(self, world: World):
        world.provider.script = [breaks]
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", model=GEMINI))

            assert await house.absorbed() == job.held.microusd > 0
            assert await house.used() == 0

    async def test_the_provider_s_own_word_is_booked_where_it_can_be_had(self, world: World):
        world.provider.script, world.provider.generations = [loses], {"gen-9": 0.004}
        async with open_house(world) as house:
            job = await house.done()
            await house.inquiry.ask_soon()

            assert (await house.calls(job.id))[0].generation_id == "gen-9"
            assert await house.absorbed() == 4000
            assert job.state is JobState.FAILED

    async def test_a_generation_the_provider_does_not_know_is_booked_by_the_rule(self, world: World):
        world.provider.script = [loses]
        async with open_house(world) as house:
            await house.done()
            await house.inquiry.ask_soon()

            assert set(world.provider.lookups) == {"gen-9"}
            assert await house.absorbed() == 0

    @pytest.mark.parametrize("status", [401, 503], ids=["key refused", "provider down"])
    async def test_a_provider_that_cannot_be_asked_keeps_nobody_s_money(self, world: World, status):
        world.provider.script = [loses]
        world.provider.lookup = lambda _: trouble(status)
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox"))

            assert job.state is JobState.FAILED
            ((_, said),) = world.board.sorry
            assert isinstance(said, OutcomeUnknown)
            assert await house.used() == 0
            assert await house.open_holds() == 0


class TestWire:
    async def test_seed_zero_reaches_the_provider(self, house: House):
        await house.done(PictureRequest("a fox", seed=0, model=FLUX))

        assert house.world.provider.bodies[0]["seed"] == 0

    async def test_seeds_count_up_and_are_kept_with_their_pictures(self, house: House):
        job = await house.done(PictureRequest("a fox", seed=0, count=3, model=GEMINI))

        assert sorted(body["seed"] for body in house.world.provider.bodies) == [0, 1, 2]
        pictures = await house.pictures.of_job(job.id, Role.RESULT)
        assert [picture.seed for picture in pictures] == [0, 1, 2]

    async def test_without_a_seed_as_many_pictures_as_the_model_takes_are_one_request(self, house: House):
        await house.done(PictureRequest("a fox", count=10))

        assert sorted(body.get("n", 1) for body in house.world.provider.bodies) == [2, 4, 4]

    async def test_options_are_passed_on_unharmed(self, house: House):
        prompt = "a fox, *not* `red` @everyone\n" + "и" * 4000
        await house.done(
            PictureRequest(
                prompt, aspect="3:2", quality="low", background="transparent", output_format="webp"
            )
        )

        (body,) = house.world.provider.bodies
        assert body["prompt"] == prompt
        assert (body["aspect_ratio"], body["quality"]) == ("3:2", "low")
        assert (body["background"], body["output_format"]) == ("transparent", "webp")

    async def test_a_format_that_the_model_does_not_take_is_left_to_the_card(self, house: House):
        job = await house.done(PictureRequest("a fox", output_format="jpeg"))

        (body,) = house.world.provider.bodies
        assert "output_format" not in body
        assert job.request.output_format == "jpeg"

    async def test_nobody_s_id_is_told_upstream(self, house: House):
        for who in (ann(), bob(), ann(channel_id=701)):
            await house.done("a fox", who)

        first, second, third = house.world.provider.bodies
        assert first["user"] == third["user"] != second["user"]
        assert first["session_id"] == second["session_id"] != third["session_id"]
        assert not any(str(n) in str([first, second, third]) for n in (ANN, CHANNEL))


async def test_at_most_so_many_calls_are_under_way_at_once(world: World):
    world.caps.max_running = 3  # of which one model takes two
    under_way, most, several = 0, 0, asyncio.Event()

    async def slow(request):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 2:
            several.set()
        async with asyncio.timeout(PATIENCE_S):
            await several.wait()
        await asyncio.sleep(0.005)  # a third would come
        under_way -= 1
        return world.provider.draw(request)

    world.provider.script = [slow] * 6
    async with open_house(world) as house:
        await house.done(PictureRequest("a fox", count=6, seed=1, model=FLUX))

        assert most == 2


async def test_a_damaged_picture_among_sound_ones_is_left_out(world: World):
    world.provider.script = [lambda _: images(picture_bytes(), picture_bytes((9, 9, 9))[:-20])]
    async with open_house(world) as house:
        await house.done(PictureRequest("a fox", count=2))

        (shown,) = world.board.shown
        assert len(shown.pictures) == 1
        assert shown.shortfall is not None


async def test_the_bytes_are_kept_as_they_came(world: World):
    drawn = picture_bytes((7, 7, 7))
    world.provider.script = [lambda _: images(drawn)]
    async with open_house(world) as house:
        job = await house.done()

        (picture,) = await house.pictures.of_job(job.id, Role.RESULT)
        assert await house.blobs.get(picture.blob) == drawn
        assert (picture.info.width, picture.info.height) == (16, 24)


@pytest.mark.parametrize(
    ("answer", "outcome", "cost"),
    [(None, "ok", PRICE_MICROUSD), (refusal(), "refused", 0)],
    ids=["drawn", "refused"],
)
async def test_each_call_is_counted_with_its_outcome_and_cost(world: World, answer, outcome, cost):
    world.provider.script = [] if answer is None else [lambda _: answer]
    async with open_house(world) as house:
        await house.done()

        registry = house.metrics.registry
        labels = {"model": MINI, "outcome": outcome}
        assert registry.get_sample_value("easel_call_seconds_count", labels) == 1
        assert registry.get_sample_value("easel_cost_microusd_total", {"model": MINI}) == cost


async def test_a_call_that_has_failed_before_is_not_sent_again(world: World):
    async with open_house(world) as house:
        job = await house.order(start=False)
        assert job is not None
        await house.jobs.fail_call(job.id, 0, CallState.FAILED, "The model is busy.", 0, world.clock())

        await house.take_up()

        assert world.provider.bodies == []
        assert (await house.job(job.id)).failure == "The model is busy."
        assert await house.used() == 0


async def test_a_model_that_is_known_to_be_down_is_not_asked_and_nothing_is_held(world: World):
    world.provider.script = [lambda _: trouble(500)] * 10
    async with open_house(world) as house:
        for _ in range(5):
            await house.done()
        asked = len(world.provider.bodies)

        job = await house.done()

        assert len(world.provider.bodies) == asked == 10
        (call,) = await house.calls(job.id)
        assert call.state is CallState.FAILED
        assert "try again in 30 seconds" in (job.failure or "")
        assert (await house.used(), await house.open_holds()) == (0, 0)
        labels = {"model": MINI, "outcome": "unavailable"}
        assert house.metrics.registry.get_sample_value("easel_call_seconds_count", labels) == 5


class TestMemory:
    @pytest.mark.further
    async def test_a_few_replies_at_a_time_are_held(self, world: World, monkeypatch: pytest.MonkeyPatch):
        inside, most = 0, 0
        full, let_on = asyncio.Event(), asyncio.Event()
        large = picture_bytes() + bytes(64 * 1024)
        world.caps.max_running, world.caps.person = 2 * REPLIES_AT_ONCE, {}
        world.provider.script = [lambda _: images(large)] * (2 * REPLIES_AT_ONCE)
        async with open_house(world) as house:
            keep = Caller._kept

            async def kept(*arguments: Any):
                nonlocal inside, most
                inside += 1
                most = max(most, inside)
                if inside == REPLIES_AT_ONCE:
                    full.set()
                await let_on.wait()
                inside -= 1
                return await keep(*arguments)

            monkeypatch.setattr(Caller, "_kept", kept)
            for _ in range(2 * REPLIES_AT_ONCE):
                await house.order()
            await asyncio.wait_for(full.wait(), 20)
            await asyncio.sleep(0.05)
            let_on.set()
            await house.rest()

            assert most == REPLIES_AT_ONCE
            assert len(world.board.shown) == 2 * REPLIES_AT_ONCE
