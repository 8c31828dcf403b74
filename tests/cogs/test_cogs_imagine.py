from __future__ import annotations

from datetime import timedelta

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, DELETE, EDIT, Stage
from people_kit import attachment, completing, press, slash, snowflake
from provider_kit import FLUX, GEMINI, MINI, picture_bytes, refusal
from world_kit import BOB

from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest, Upload


async def test_an_empty_prompt_is_said_privately(stage: Stage):
    assert "prompt is empty" in await stage.said(slash("imagine", {"prompt": "   "}))


async def test_an_allowance_that_is_used_up_is_said_privately(stage: Stage):
    await stage.act(slash("imagine", {"prompt": "a fox", "count": 10}))

    said = await stage.said(slash("imagine", {"prompt": "a fox"}, interaction_id=2))

    assert "is used up. It starts again <t:" in said
    assert await stage.house.used() == 10


async def test_an_option_of_another_model_is_said_privately(stage: Stage):
    said = await stage.said(slash("imagine", {"prompt": "a fox", "seed": 0, "model": MINI}))

    assert "cannot do a seed" in said


async def test_a_prompt_becomes_a_card(stage: Stage):
    acknowledged, shown = await stage.act(slash("imagine", {"prompt": "a lighthouse @everyone"}))

    assert (acknowledged.name, shown.name) == (CALLBACK, EDIT)
    assert acknowledged.payload["type"] == 4
    assert texts_of(acknowledged.payload["data"])[0].startswith("### Drawing a picture…")
    check_limits(shown.payload, shown.files)
    for call in (acknowledged, shown):
        check_document(call)
        message = call.payload.get("data", call.payload)
        assert message["allowed_mentions"]["parse"] == []
        assert "@everyone" not in "".join(texts_of(message))
    assert stage.house.world.provider.bodies[0]["prompt"] == "a lighthouse @everyone"
    assert (await stage.house.job(int(snowflake(1)))).state is JobState.SETTLED


async def test_a_card_whose_answer_was_lost_in_an_outage_does_not_look_like_work_for_ever(stage: Stage):
    stage.remote.refuse(CALLBACK, 502, times=9)  # the first of them was shown
    stage.remote.refuse(EDIT, 503, times=6)

    calls = await stage.act(slash("imagine", {"prompt": "a fox"}))

    retracted = [call for call in calls if call.name == EDIT][-1]
    assert texts_of(retracted.payload)[0] == (
        "Discord did not take Easel's answer in time. Nothing was charged; please ask again."
    )
    assert "Cancel" not in [one.get("label") for one in components_of(retracted.payload)]
    job = await stage.house.job(int(snowflake(1)))
    assert (job.state, job.untold, await stage.house.used()) == (JobState.CANCELLED, False, 0)
    assert stage.house.world.provider.bodies == []


async def test_every_option_reaches_the_request(stage: Stage):
    upload = stage.house.world.attach(picture_bytes())
    files = (attachment(9, upload.size_bytes, upload.url), attachment(8, upload.size_bytes, upload.url))
    options = {
        "prompt": "a fox",
        "count": 2,
        "aspect": "3:2",
        "quality": "low",
        "background": "opaque",
        "format": "webp",
        "model": MINI,
        "private": True,
        "reference": "9",
        "reference3": "8",
    }

    acknowledged, *_ = await stage.act(slash("imagine", options, files))

    assert acknowledged.payload["data"]["flags"] & 64
    job = await stage.house.job(int(snowflake(1)))
    seen = Upload(upload.url, "cat.png", upload.size_bytes)
    assert job.request == PictureRequest(
        "a fox",
        count=2,
        aspect="3:2",
        quality="low",
        background="opaque",
        output_format="webp",
        model=MINI,
        references=(seen, seen),
        private=True,
    )


async def test_seed_zero_is_a_seed(stage: Stage):
    await stage.act(slash("imagine", {"prompt": "a fox", "seed": 0, "model": FLUX}))

    assert stage.house.world.provider.bodies[0]["seed"] == 0


async def test_a_refusal_is_told_in_the_card_s_place_and_costs_nothing(stage: Stage):
    stage.house.world.provider.script = [lambda _: refusal()]

    _, shown = await stage.act(slash("imagine", {"prompt": "something"}))

    assert shown.name == EDIT
    assert "refused" in texts_of(shown.payload)[0]
    assert await stage.house.used() == 0


async def test_a_bad_attachment_leaves_the_channel(stage: Stage):
    upload = stage.house.world.attach(b"%PDF-1.7")
    options = {"prompt": "a fox", "reference": "9"}

    _, follow, taken_back = await stage.act(slash("imagine", options, (attachment(9, 10, upload.url),)))

    assert follow.payload["flags"] & 64
    assert "cat.png" in follow.payload["content"]
    assert taken_back.name == DELETE


async def test_the_same_interaction_delivered_ten_times_is_one_job(stage: Stage):
    for _ in range(10):
        await stage.act(slash("imagine", {"prompt": "a fox"}))

    assert await stage.house.used(Meter.IMAGES_PER_DAY) == 1
    assert len(stage.house.world.provider.bodies) == 1


async def test_what_nobody_foresaw_is_a_number_and_the_next_person_is_served(stage: Stage, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(stage.house.studio, "_planner", None)
        assert "incident" in await stage.said(slash("imagine", {"prompt": "a fox"}))

    calls = await stage.act(slash("imagine", {"prompt": "a fox"}, interaction_id=2))
    assert [call.name for call in calls] == [CALLBACK, EDIT]


class TestSuggestions:
    async def _offered(self, stage: Stage, options: dict[str, str], focused: str) -> list[tuple[str, str]]:
        (call,) = await stage.act(completing("imagine", {"prompt": "x"} | options, focused))
        check_document(call)
        assert call.payload["type"] == 8
        return [(choice["name"], choice["value"]) for choice in call.payload["data"]["choices"]]

    @pytest.mark.sampled(2)
    @pytest.mark.parametrize(
        ("options", "focused", "values"),
        [
            ({"aspect": ""}, "aspect", ["1:1", "3:2", "2:3"]),
            ({"aspect": "3"}, "aspect", ["3:2", "2:3"]),
            ({"aspect": "", "model": FLUX}, "aspect", ["1:1", "16:9"]),
            ({"quality": "HIGH"}, "quality", ["high"]),
            ({"background": ""}, "background", ["transparent", "opaque"]),
            ({"format": "web"}, "format", ["webp"]),
            ({"model": "flux"}, "model", [FLUX]),
            ({"model": ""}, "model", [MINI, FLUX, GEMINI]),
            ({"quality": "", "model": "acme/none"}, "quality", []),
        ],
        ids=[
            "all",
            "typed",
            "of the model",
            "any case",
            "background",
            "format",
            "a model",
            "models",
            "no model",
        ],
    )
    async def test_they_come_from_the_catalogue(self, stage: Stage, options, focused, values):
        offered = await self._offered(stage, options, focused)

        assert [value for _, value in offered] == values

    async def test_values_of_other_models_say_whose_they_are(self, stage: Stage):
        stage.house.catalogue.mark_gone(MINI)
        stage.house.planner._image_models = (GEMINI, FLUX)
        stage.house.catalogue._models = {name: stage.house.catalogue._models[name] for name in (FLUX,)} | {
            GEMINI: _without_aspects(stage.house.catalogue._models[GEMINI])
        }

        offered = await self._offered(stage, {"aspect": ""}, "aspect")

        assert offered == [("1:1 · needs model flux.2-pro", "1:1"), ("16:9 · needs model flux.2-pro", "16:9")]

    @pytest.mark.parametrize("focused", ["model", "aspect"])
    async def test_without_a_list_there_are_none(self, stage: Stage, focused: str):
        for model in (MINI, FLUX, GEMINI):
            stage.house.catalogue.mark_gone(model)

        assert await self._offered(stage, {focused: ""}, focused) == []


def _without_aspects(model):
    from dataclasses import replace

    return replace(model, offers=tuple(replace(offer, aspects=()) for offer in model.offers))


async def test_quota_shows_meters_and_prices_privately(stage: Stage):
    await stage.act(slash("imagine", {"prompt": "a fox", "count": 3}))

    (call,) = await stage.act(slash("quota", interaction_id=2))

    check_limits(call.payload["data"])
    check_document(call)
    assert call.payload["data"]["flags"] & 64
    meters, prices = texts_of(call.payload["data"])
    assert "7 of 10 left" in meters
    assert "gpt-5-image-mini\n" in prices


async def test_quota_works_while_the_models_are_away(stage: Stage):
    for model in (MINI, FLUX, GEMINI):
        stage.house.catalogue.mark_gone(model)

    (call,) = await stage.act(slash("quota"))

    assert "No model is available right now." in texts_of(call.payload["data"])[1]


class TestPermutations:
    async def test_more_pictures_than_fit_can_be_drawn_as_written_alone(self, stage: Stage):
        (asked,) = await stage.act(slash("imagine", {"prompt": "{a, b, c} fox", "count": 4}))

        check_document(asked)
        labels = [one.get("label") for one in components_of(asked.payload["data"]) if one["type"] == 2]
        assert labels == ["Draw it as written", "Leave it"]
        assert "3 prompts, 12 pictures\nAt most 10" in "".join(texts_of(asked.payload["data"]))

        await stage.act(press(f"v2:aswritten:{snowflake(1)}", interaction_id=2))
        assert {body["prompt"] for body in stage.house.world.provider.bodies} == {"{a, b, c} fox"}

    async def test_nothing_is_held_before_the_answer_which_only_its_asker_gives_once(self, stage: Stage):
        (asked,) = await stage.act(slash("imagine", {"prompt": "a {red, blue} fox"}))

        assert asked.payload["data"]["flags"] & 64
        check_document(asked)
        shown = "".join(texts_of(asked.payload["data"]))
        assert "2 pictures of 2 prompts\n1. a red fox\n2. a blue fox\n-# up to $" in shown
        assert await stage.house.used() == 0
        assert "sent already" in await stage.said(
            press(f"v2:draw:{snowflake(1)}", user_id=BOB, interaction_id=2)
        )
        calls = await stage.act(press(f"v2:draw:{snowflake(1)}", interaction_id=3))
        assert [call.name for call in calls] == [CALLBACK, EDIT]
        assert "sent already" in await stage.said(press(f"v2:draw:{snowflake(1)}", interaction_id=4))
        assert [body["prompt"] for body in stage.house.world.provider.bodies] == ["a red fox", "a blue fox"]
        galleries = [one for one in components_of(calls[-1].payload) if one["type"] == 12]
        assert [item["description"] for item in galleries[0]["items"]] == [
            "Picture 1 of 2: a red fox",
            "Picture 2 of 2: a blue fox",
        ]

    async def test_what_is_refused_can_be_tried_again(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "x", "count": 9}))
        await stage.act(slash("imagine", {"prompt": "a {red, blue} fox"}, interaction_id=2))

        assert "only 1 picture of" in await stage.said(press(f"v2:draw:{snowflake(2)}", interaction_id=3))
        clock = stage.house.world.clock  # the real one here: a new day would bring a new allowance
        clock.now = min(clock.now + timedelta(minutes=30), clock.now.replace(hour=23, minute=59, second=59))
        assert "only 1 picture of" in await stage.said(press(f"v2:draw:{snowflake(2)}", interaction_id=4))

    async def test_braces_can_be_meant_as_they_are(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a sign: {a, b}"}))

        await stage.act(press(f"v2:aswritten:{snowflake(1)}", interaction_id=2))

        assert [body["prompt"] for body in stage.house.world.provider.bodies] == ["a sign: {a, b}"]

    async def test_it_can_be_left_alone(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a {red, blue} fox"}))

        (left,) = await stage.act(press(f"v2:leave:{snowflake(1)}", interaction_id=2))

        assert left.payload["type"] == 7
        assert "sent already" in await stage.said(press(f"v2:draw:{snowflake(1)}", interaction_id=3))


class TestSeeds:
    async def test_each_seed_is_drawn_and_shown(self, stage: Stage):
        calls = await stage.act(slash("imagine", {"prompt": "a fox", "seeds": "7, 0", "model": FLUX}))

        assert [body["seed"] for body in stage.house.world.provider.bodies] == [7, 0]
        assert "seeds 7, 0" in "".join(texts_of(calls[-1].payload))

    @pytest.mark.parametrize(
        "more", [{"seed": 1}, {"count": 2}, {"seeds": "x"}], ids=["seed", "count", "no numbers"]
    )
    async def test_what_contradicts_itself_is_said(self, stage: Stage, more: dict):
        said = await stage.said(slash("imagine", {"prompt": "a fox", "seeds": "1-4", "model": FLUX} | more))

        assert "seeds" in said
        assert await stage.house.used() == 0
