from __future__ import annotations

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import as_manager, as_moderator, press, slash, snowflake
from world_kit import ANN, BOB, ann, bob

from bot.domain.jobs import JobState

JOB = int(snowflake(1))


def labels(payload: dict) -> list[str]:
    return [one["custom_id"] for one in components_of(payload) if one["type"] == 2]


async def listed(stage: Stage, **more) -> dict:
    (call,) = await stage.act(slash("queue", more.pop("options", None), interaction_id=50, **more))
    assert call.name == CALLBACK
    assert call.payload["data"]["flags"] & 64
    check_limits(call.payload["data"])
    check_document(call)
    return call.payload["data"]


async def test_it_lists_one_s_own_from_everywhere(stage: Stage):
    for n, who in enumerate((ann(), ann(guild_id=None), bob())):
        await stage.house.order(who=who, start=False, job_id=JOB + n)

    shown = await listed(stage)

    assert "Under way for you: 2" in texts_of(shown)[0]
    assert labels(shown) == [f"v2:unqueue:{JOB}:0", f"v2:unqueue:{JOB + 1}:0"]


async def test_moderators_see_the_server_s(stage: Stage):
    for n, who in enumerate((ann(), ann(guild_id=None), bob())):
        await stage.house.order(who=who, start=False, job_id=JOB + n)

    shown = await listed(stage, options={"server": True}, **as_manager())

    assert labels(shown) == [f"v2:unqueueany:{JOB}:0", f"v2:unqueueany:{JOB + 2}:0"]


@pytest.mark.parametrize("who", [{}, as_moderator()], ids=["members", "who may delete messages"])
async def test_others_do_not(stage: Stage, who):
    said = await stage.said(slash("queue", {"server": True}, **who))

    assert said == "Only people who may manage this server can do that."


async def test_a_long_list_is_turned(stage: Stage):
    for n in range(12):
        await stage.house.order(start=False, job_id=JOB + n, who=ann(user_id=900 + n))
    shown = await listed(stage, options={"server": True}, **as_manager())
    later = labels(shown)[-1]

    (turned,) = await stage.act(press(later, interaction_id=51, **as_manager()))

    data = turned.payload["data"]
    check_limits(data)
    check_document(turned)
    assert labels(data)[:-2] == [f"v2:unqueueany:{JOB + n}:1" for n in (10, 11)]


async def test_a_press_cancels_and_shows_the_rest(stage: Stage):
    for n in range(2):
        await stage.house.order(start=False, job_id=JOB + n)

    deferred, card, edited = await stage.act(
        press(f"v2:unqueue:{JOB}:0", interaction_id=2, token="press-token")
    )

    assert (deferred.payload["type"], edited.name) == (6, EDIT)
    assert texts_of(card.payload)[0] == "Cancelled. Nothing was charged.", "the job's own card"
    assert labels(edited.payload) == [f"v2:unqueue:{JOB + 1}:0"]
    check_document(edited)
    assert (await stage.house.job(JOB)).state is JobState.CANCELLED


async def test_a_moderator_s_press_shows_the_server_s_rest(stage: Stage):
    await stage.house.order(start=False, job_id=JOB)
    await stage.house.order(who=bob(), start=False, job_id=JOB + 1)

    calls = await stage.act(press(f"v2:unqueueany:{JOB}:0", interaction_id=2, **as_manager()))

    assert labels(calls[-1].payload) == [f"v2:unqueueany:{JOB + 1}:0"]
    assert (await stage.house.job(JOB)).failure == "Cancelled by a moderator. Nothing was charged."


async def test_a_press_shows_the_page_that_it_was_on_or_the_last_that_is_left(stage: Stage):
    for n in range(12):
        await stage.house.order(start=False, job_id=JOB + n, who=ann(user_id=900 + n))

    *_, same = await stage.act(press(f"v2:unqueueany:{JOB + 10}:1", interaction_id=2, **as_manager()))
    *_, before = await stage.act(press(f"v2:unqueueany:{JOB + 11}:1", interaction_id=3, **as_manager()))

    assert labels(same.payload)[:-2] == [f"v2:unqueueany:{JOB + 11}:1"]
    assert labels(before.payload) == [f"v2:unqueueany:{JOB + n}:0" for n in range(10)]
    check_document(same)


@pytest.mark.parametrize("verb", ["unqueue", "unqueueany"])
async def test_a_list_from_before_pages_were_kept_still_cancels(stage: Stage, verb: str):
    await stage.house.order(start=False, job_id=JOB)

    calls = await stage.act(press(f"v1:{verb}:{JOB}", interaction_id=2, **as_manager(user_id=ANN)))

    assert "Nothing is under way" in texts_of(calls[-1].payload)[0]
    assert (await stage.house.job(JOB)).state is JobState.CANCELLED


async def test_a_list_that_is_out_of_date_says_so_and_is_shown_anew(stage: Stage):
    job = await stage.house.order(job_id=JOB)
    assert job is not None
    await stage.house.rest()
    stage.remote.calls.clear()

    _, edited, said = await stage.act(press(f"v2:unqueue:{JOB}:0", interaction_id=2))

    assert "Nothing is under way" in texts_of(edited.payload)[0]
    assert "too late" in said.payload["content"]


async def test_another_member_s_press_changes_nothing(stage: Stage):
    await stage.house.order(start=False, job_id=JOB)

    calls = await stage.act(press(f"v2:unqueue:{JOB}:0", user_id=BOB, interaction_id=2))

    assert "may cancel it" in calls[-1].payload["content"]
    assert (await stage.house.job(JOB)).state is JobState.QUEUED


async def test_what_discord_would_not_take_is_shown_from_the_list(stage: Stage):
    stage.remote.refuse(EDIT, 404, 10015)
    stage.remote.refuse("POST /channels/#/messages", 403, 50013)
    stage.remote.refuse("POST /users/@me/channels", 403, 50007)
    await stage.house.done(job_id=JOB)

    shown = await listed(stage)
    assert labels(shown) == [f"v1:fetch:{JOB}"]
    assert "charged when it is shown" in texts_of(shown)[1]
    assert await stage.house.used() == 1, "held"
    deferred, edited = await stage.act(press(f"v1:fetch:{JOB}", interaction_id=2, token="press-token"))

    assert deferred.payload["type"] == 6
    assert edited.path.endswith("/press-token/messages/@original")
    assert len(edited.files) == 1
    assert (await stage.house.job(JOB)).state is JobState.SETTLED


async def test_it_is_shown_to_its_owner_alone(stage: Stage):
    stage.remote.refuse(EDIT, 404, 10015)
    stage.remote.refuse("POST /channels/#/messages", 403, 50013)
    stage.remote.refuse("POST /users/@me/channels", 403, 50007)
    await stage.house.done(job_id=JOB)

    assert labels(await listed(stage, options={"server": True}, **as_manager())) == []
    _, said = await stage.act(press(f"v1:fetch:{JOB}", user_id=BOB, interaction_id=2))

    assert "no longer here" in said.payload["content"]
    assert (await stage.house.job(JOB)).waits_for_owner
