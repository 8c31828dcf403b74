"""Mentions by people whom a rule of the server turns away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from people_kit import BOT, MEMBER_PERMISSIONS, TEXT_CHANNEL, a_member, a_message, a_user, as_manager, slash
from rights_kit import command, settle_in
from world_kit import ANN, BOB, CHANNEL, GUILD

from bot.services.repetition import LATELY

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
    await paused.act(slash("manage access resume", interaction_id=3, **as_manager()))

    await told(paused, mention(4))

    assert len(paused.house.world.provider.bodies) == 1
