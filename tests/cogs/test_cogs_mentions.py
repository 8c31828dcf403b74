"""Mentions by people whom a rule of the server turns away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from people_kit import (
    BOT,
    DM,
    MEMBER_PERMISSIONS,
    TEXT_CHANNEL,
    a_member,
    a_message,
    a_user,
    as_manager,
    attachment,
    slash,
)
from provider_kit import picture_bytes
from rights_kit import command, settle_in
from world_kit import ANN, BOB, CHANNEL, GUILD, ann

from bot.domain.access import Asked, Family
from bot.services.repetition import LATELY, MOST_HERE
from bot.storage.audit import Audit, AuditLine

if TYPE_CHECKING:
    from cogs_kit import Stage

SAID, ELSEWHERE = "POST /channels/#/messages", 701


def mention(message_id: int, user_id: int = ANN, channel_id: int = CHANNEL) -> dict[str, Any]:
    """Return a message that speaks to Easel, as the gateway tells of it."""
    member = a_member(a_user(user_id), (), MEMBER_PERMISSIONS.value)
    return a_message(message_id, channel_id) | {
        "guild_id": str(GUILD),
        "author": a_user(user_id),
        "member": {key: value for key, value in member.items() if key != "user"},
        "content": f"<@{BOT}> why?",
        "mentions": [a_user(BOT, bot=True)],
    }


async def told(stage: Stage, *messages: dict[str, Any]) -> list[str]:
    """Let people speak, one after another, and return what Easel posts."""
    chat, before = stage.bot.get_cog("Chat"), len(stage.remote.calls)
    for message in messages:
        state = stage.bot._connection
        channel, _ = state._get_guild_channel(message)  # pyright: ignore[reportArgumentType] - a payload by hand
        spoken = state.create_message(channel=channel, data=message)  # pyright: ignore[reportArgumentType] - as above
        await chat.on_message(spoken)  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] - the cog of this test
    return [call.payload["content"] for call in stage.remote.calls[before:] if call.name == SAID]


@pytest.fixture
async def paused(stage: Stage) -> Stage:
    settle_in(stage)
    guild = stage.bot.get_guild(GUILD)
    assert guild is not None
    guild._add_channel(_channel(stage, ELSEWHERE))
    await stage.act(slash("manage access pause", **as_manager()))
    return stage


def _channel(stage: Stage, channel_id: int) -> Any:
    import discord

    guild = stage.bot.get_guild(GUILD)
    assert guild is not None
    data: Any = {**TEXT_CHANNEL, "id": str(channel_id)}
    return discord.TextChannel(state=stage.bot._connection, guild=guild, data=data)


async def test_a_mention_is_answered_once_for_each_person_and_channel(paused: Stage):
    assert len(await told(paused, *[mention(n) for n in range(1, 6)])) == 1
    assert len(await told(paused, mention(10, BOB), mention(11, BOB))) == 1
    assert len(await told(paused, mention(20, channel_id=ELSEWHERE))) == 1

    paused.house.world.clock.now += LATELY + timedelta(seconds=1)
    (sentence,) = await told(paused, mention(30), mention(31))
    assert sentence == "The moderators have paused Easel in this server. Try again later."


async def test_nothing_else_comes_of_it(paused: Stage):
    before = len(paused.remote.calls)
    await told(paused, mention(1), mention(2))

    assert [call.name for call in paused.remote.calls[before:]] == [SAID], "not even that it types"
    assert paused.house.world.provider.bodies == []
    assert await paused.house.database.read("SELECT 1 FROM turn") == []


async def test_a_command_is_answered_each_time(paused: Stage):
    await told(paused, mention(1))

    for n in range(2, 4):
        assert "paused Easel" in await paused.said(command("chat new", interaction_id=n))


async def test_who_is_let_in_again_is_answered(paused: Stage):
    await told(paused, mention(1), mention(2))
    resumed = await paused.act(slash("manage access resume", interaction_id=3, **as_manager()))
    assert "Easel is no longer paused here." in str(resumed)

    await told(paused, mention(4))

    assert len(paused.house.world.provider.bodies) == 1


async def test_who_was_told_of_a_pause_is_told_of_the_next(paused: Stage):
    assert len(await told(paused, mention(1), mention(2))) == 1
    await paused.act(slash("manage access resume", interaction_id=3, **as_manager()))
    paused.house.world.clock.now += timedelta(minutes=1)
    await paused.act(slash("manage access pause", interaction_id=4, **as_manager()))

    assert len(await told(paused, mention(5), mention(6))) == 1


async def test_who_takes_a_break_is_told_of_it_once(stage: Stage):
    settle_in(stage)
    now = stage.house.world.clock()
    for _ in range(3):
        await Audit(stage.house.database).add(AuditLine(GUILD, 0, "safety.blocked", str(ANN), {}, now))
    before = len(stage.remote.calls)

    (sentence,) = await told(stage, *[mention(n) for n in range(1, 6)])

    assert "so there is a break" in sentence
    assert [call.name for call in stage.remote.calls[before:]] == [SAID], "not even that it types"
    assert stage.house.world.provider.bodies == []


async def test_a_crowd_is_told_to_wait_once_each_and_not_all_of_it(stage: Stage):
    settle_in(stage)
    crowd = range(1000, 1000 + (stage.house.world.caps.raid_accounts or 0))
    for n in (*crowd, *crowd):
        await stage.house.intake(ann(user_id=n), Asked(Family.TALK))

    said = await told(stage, *[mention(n, crowd[0]) for n in range(1, 4)])
    assert len(said) == 1
    said += await told(stage, *[mention(n + 10, who) for n, who in enumerate(crowd)])

    assert all("Requests are taken slowly here" in sentence for sentence in said)
    assert len(said) == MOST_HERE
    assert stage.house.world.provider.bodies == []


async def test_what_is_forwarded_to_easel_is_what_is_spoken_of(stage: Stage):
    settle_in(stage)
    file = stage.house.world.attach(picture_bytes(), "fox.png")
    snapshot = {
        "type": 0,
        "content": "Look at this fox!",
        "embeds": [],
        "timestamp": "2026-11-20T12:00:00+00:00",
        "edited_timestamp": None,
        "flags": 0,
        "attachments": [attachment(5, file.size_bytes, file.url, "fox.png")],
    }
    direct = {key: value for key, value in mention(5).items() if key not in {"guild_id", "member"}}
    forwarded = {"channel_id": str(DM), "content": "", "message_snapshots": [{"message": snapshot}]}

    await told(stage, direct | forwarded)

    (body,) = stage.house.world.provider.bodies
    assert "(about a message of u101, forwarded:)\\n> Look at this fox!" in str(body)
    assert "image_url" in str(body)
