from __future__ import annotations

import discord
import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import as_moderator, form, press, slash, snowflake
from world_kit import ANN, GUILD, MOD

from bot.domain.jobs import JobState
from bot.domain.reviews import Watch, Watching

JOB, ROOM = int(snowflake(1)), 750
POST = "POST /channels/#/messages"


def as_manager(**more):
    return as_moderator(permissions=discord.Permissions(manage_guild=True).value, **more)


@pytest.fixture
async def held(stage: Stage) -> list:
    """A picture that waits for moderators, and the requests that came of it."""
    await stage.house.watchfulness.choose(Watching(Watch.ALL, ROOM), GUILD, MOD)
    calls = await stage.act(slash("imagine", {"prompt": "a *wild* fox"}))
    assert (await stage.house.job(JOB)).waits_for_moderators
    return calls


async def test_moderators_get_the_covered_picture_and_the_asker_is_told_that_it_waits(stage: Stage, held):
    answered, brought, told = held
    assert (answered.name, brought.name, told.name) == (CALLBACK, POST, EDIT)
    assert brought.path.startswith(f"/channels/{ROOM}/")
    check_limits(brought.payload)
    check_document(brought)
    said = texts_of(brought.payload)[0]
    assert f"<@{ANN}>" in said
    assert r"a \*wild\* fox" in said
    (gallery,) = (one for one in components_of(brought.payload) if one["type"] == 12)
    assert gallery["items"][0]["media"]["url"].startswith("attachment://SPOILER_")
    assert brought.payload["allowed_mentions"] == {"parse": []}
    assert brought.payload["nonce"] == f"look-{JOB}"
    assert brought.payload["enforce_nonce"] is True
    assert [one["custom_id"] for one in components_of(brought.payload) if one["type"] == 2] == [
        f"v2:approve:{JOB}",
        f"v2:deny:{JOB}",
    ]
    check_limits(told.payload)
    assert "looks first" in texts_of(told.payload)[0]
    assert not told.files


async def test_a_yes_shows_the_card_as_ever(stage: Stage, held):
    calls = await stage.act(press(f"v2:approve:{JOB}", **as_manager()))

    closed, answered, shown = (
        next(call for call in calls if call.name == name)
        for name in ("PATCH /channels/#/messages/#", CALLBACK, EDIT)
    )
    assert len(calls) == 3
    assert closed.payload["attachments"] == []
    assert f"<@{MOD}> approved what <@{ANN}> asked for" in texts_of(answered.payload["data"])[0]
    assert len(shown.files) == 1
    assert (await stage.house.job(JOB)).state is JobState.SETTLED
    shut, said = await stage.act(press(f"v2:deny:{JOB}", interaction_id=46, **as_manager()))
    assert (shut.payload["type"], shut.payload["data"]["attachments"]) == (7, [])
    assert "v2:" not in str(shut.payload), "nothing is left to press"
    assert said.payload["content"] == f"<@{MOD}> has decided on this already."


async def test_a_no_asks_why_and_is_told_privately(stage: Stage, held):
    (opened,) = await stage.act(press(f"v2:deny:{JOB}", **as_manager()))
    assert opened.payload["type"] == 9
    _, answered, told, taken_away = await stage.act(
        form(f"v2:deny:{JOB}", {"reason": "No foxes, *please*"}, **as_manager())
    )

    check_limits(answered.payload["data"])
    assert r"> No foxes, \*please\*" in texts_of(answered.payload["data"])[0]
    assert told.name == "POST /webhooks/#/token"
    assert told.payload["flags"] & 64
    assert "No foxes, *please*. Nothing was charged." in told.payload["content"]
    assert taken_away.name == "DELETE /webhooks/#/token/messages/@original"
    assert await stage.house.used() == 0


@pytest.mark.sampled
@pytest.mark.parametrize(
    "payload",
    [
        press(f"v2:approve:{JOB}"),
        press(f"v2:deny:{JOB}"),
        press(f"v2:approve:{JOB}", **as_moderator()),
        form(f"v2:deny:{JOB}", {"reason": ""}),
    ],
    ids=["approve", "deny", "moderator", "form"],
)
async def test_only_who_manages_the_server_decides(stage: Stage, held, payload: dict):
    assert "may manage this server" in await stage.said({**payload, "id": snowflake(40)})
    assert (await stage.house.job(JOB)).waits_for_moderators


async def test_what_waits_can_be_looked_at_without_the_channel(stage: Stage, held):
    deferred, shown = await stage.act(slash("manage safety waiting", interaction_id=41, **as_manager()))

    assert deferred.payload["data"]["flags"] & 64
    assert len(shown.files) == 1
    assert f"v2:approve:{JOB}" in str(shown.payload)
    await stage.act(press(f"v2:approve:{JOB}", interaction_id=42, **as_manager()))
    _, nothing = await stage.act(slash("manage safety waiting", interaction_id=43, **as_manager()))
    assert nothing.payload["content"] == "Nothing waits for you."


async def test_the_asker_sees_in_the_queue_that_it_waits(stage: Stage, held):
    (call,) = await stage.act(slash("queue", interaction_id=44))

    assert "waiting for a moderator" in str(texts_of(call.payload["data"]))


@pytest.mark.further
@pytest.mark.parametrize(
    ("button", "is_listed"),
    [(f"v1:cancel:{JOB}", False), (f"v2:unqueue:{JOB}:0", True)],
    ids=["own card", "queue"],
)
async def test_the_asker_calls_off_what_waits_from_their_card_and_from_the_queue(
    stage: Stage, held, button: str, is_listed: bool
):
    (listed,) = await stage.act(slash("queue", interaction_id=44))
    shown = listed.payload["data"] if is_listed else held[-1].payload
    assert button in [one.get("custom_id") for one in components_of(shown)]

    _, closed, *told = await stage.act(press(button, interaction_id=45))

    assert closed.path.startswith(f"/channels/{ROOM}/")
    assert "was called off before anybody decided" in texts_of(closed.payload)[0]
    assert texts_of(told[0].payload)[0] == "Cancelled. Nothing was charged."
    assert (await stage.house.job(JOB)).state is JobState.CANCELLED
    assert await stage.house.open_holds() == await stage.house.used() == 0


async def test_moderators_call_off_what_waits_from_the_queue_of_their_server(stage: Stage, held):
    (listed,) = await stage.act(slash("queue", {"server": True}, interaction_id=44, **as_manager()))

    assert f"v2:unqueueany:{JOB}:0" in [one.get("custom_id") for one in components_of(listed.payload["data"])]
    await stage.act(press(f"v2:unqueueany:{JOB}:0", interaction_id=45, **as_manager()))
    assert (await stage.house.job(JOB)).failure == "Cancelled by a moderator. Nothing was charged."


async def test_nobody_else_calls_off_what_waits(stage: Stage, held):
    _, said = await stage.act(press(f"v1:cancel:{JOB}", user_id=104, interaction_id=45))

    assert "may cancel it" in said.payload["content"]
    assert (await stage.house.job(JOB)).waits_for_moderators


async def test_a_review_needs_a_channel(stage: Stage):
    said = await stage.said(slash("manage safety review", {"pictures": "all"}, **as_manager()))
    assert "in which channel" in said
    said = await stage.said(slash("manage safety review", interaction_id=45, **as_manager()))
    assert said == "Pictures are shown at once."


@pytest.mark.parametrize("is_administrator", [False, True])
async def test_nobody_lets_their_own_pictures_be_shown_but_who_has_nobody_above(
    stage: Stage, is_administrator
):
    await stage.house.watchfulness.choose(Watching(Watch.ALL, ROOM), GUILD, MOD)
    permissions = discord.Permissions(manage_guild=True, administrator=is_administrator).value
    mine = {"permissions": permissions}
    await stage.act(slash("imagine", {"prompt": "a fox"}, **as_moderator(**mine)))

    said = await stage.act(press(f"v2:approve:{JOB}", interaction_id=46, **as_moderator(**mine)))

    job = await stage.house.job(JOB)
    assert (job.user_id, job.state is JobState.SETTLED) == (MOD, is_administrator)
    assert ("These are your own" in str(said[0].payload)) is not is_administrator
