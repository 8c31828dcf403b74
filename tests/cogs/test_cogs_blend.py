from __future__ import annotations

from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import attachment, slash, snowflake
from provider_kit import picture_bytes

from bot.domain.jobs import JobState
from bot.domain.requests import Kind


def _files(stage: Stage, count: int):
    uploads = [stage.house.world.attach(picture_bytes((n, 0, 0))) for n in range(count)]
    return tuple(attachment(90 + n, one.size_bytes, one.url) for n, one in enumerate(uploads))


async def test_more_pictures_than_the_model_takes_are_refused_before_anything_is_held(stage: Stage):
    options = {f"image{n}": str(89 + n) for n in range(1, 6)}

    said = await stage.said(slash("blend", options, _files(stage, 5)))

    assert "more than 4 reference pictures" in said
    assert await stage.house.used() == 0


async def test_several_pictures_become_one(stage: Stage):
    options = {f"image{n}": str(89 + n) for n in range(1, 5)}

    calls = await stage.act(slash("blend", options, _files(stage, 4)))

    assert [call.name for call in calls] == [CALLBACK, EDIT]
    job = await stage.house.job(int(snowflake(1)))
    assert (job.state, job.request.kind) == (JobState.SETTLED, Kind.BLEND)
    (body,) = stage.house.world.provider.bodies
    assert len(body["input_references"]) == 4
    assert body["prompt"].startswith("A blend of these pictures\n\nBlend the attached")


async def test_what_it_should_be_like_is_passed_on(stage: Stage):
    options = {"image1": "90", "image2": "91", "prompt": "as a stained-glass window", "private": True}

    await stage.act(slash("blend", options, _files(stage, 2)))

    job = await stage.house.job(int(snowflake(1)))
    assert (job.request.prompt, job.request.private) == ("as a stained-glass window", True)
