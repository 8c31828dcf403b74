"""Edits of messages, as the gateway tells of them: what is kept back is no edit."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import discord
import pytest
from people_kit import BOT, DM, attachment
from provider_kit import picture_bytes
from rights_kit import settle_in
from test_cogs_mentions import mention, told

if TYPE_CHECKING:
    from cogs_kit import Stage


@pytest.fixture
async def spoken(stage: Stage) -> Stage:
    """Ann has said something with two pictures of one name."""
    settle_in(stage)
    files = [stage.house.world.attach(picture_bytes(size=(size, size)), "image.png") for size in (64, 96)]
    listed = [attachment(n, file.size_bytes, file.url, "image.png") for n, file in enumerate(files, start=1)]
    await told(stage, mention(1) | {"attachments": listed})
    return stage


async def edit(stage: Stage, data: dict[str, Any]) -> None:
    """Let the gateway tell of an edit."""
    state = stage.bot._connection
    channel, _ = state._get_guild_channel(data)  # pyright: ignore[reportArgumentType] - a payload by hand
    message = discord.Message(state=state, channel=channel, data=data)  # pyright: ignore[reportArgumentType] - as above
    event = discord.RawMessageUpdateEvent(data, message)  # pyright: ignore[reportArgumentType] - as above
    await stage.bot.get_cog("Follow").on_raw_message_edit(event)  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] - the cog of this test


def withheld(edited_at: datetime) -> dict[str, Any]:
    """Return what Discord tells without the intent of a message that does not mention Easel any more."""
    return {"content": "", "mentions": [], "attachments": [], "edited_timestamp": edited_at.isoformat()}


async def kept(stage: Stage) -> tuple[str, int]:
    """Return what is kept of the first turn: its words, and how many files."""
    (row,) = await stage.house.database.read("SELECT text FROM turn WHERE id = 1")
    return row["text"], len(await stage.house.database.read("SELECT 1 FROM turn_file"))


async def test_a_picture_that_is_taken_off_is_forgotten(spoken: Stage):
    assert await kept(spoken) == ("why?", 2)

    await edit(spoken, mention(1) | {"attachments": [attachment(2, filename="image.png")]})

    assert await kept(spoken) == ("why?", 1)


async def test_an_unfurled_link_changes_nothing(spoken: Stage):
    both = [attachment(n, filename="image.png") for n in (1, 2)]
    await edit(spoken, mention(1) | {"attachments": both, "embeds": [{"type": "rich", "title": "a page"}]})

    assert await kept(spoken) == ("why?", 2)


async def test_without_the_intent_an_empty_message_of_a_server_is_one_that_is_kept_back(spoken: Stage):
    assert not spoken.bot.intents.message_content

    await edit(spoken, mention(1) | {"content": "", "mentions": []})

    assert await kept(spoken) == ("why?", 2)


async def test_without_the_intent_a_message_whose_mention_is_edited_out_is_taken_back(spoken: Stage):
    now = discord.utils.utcnow()

    await edit(spoken, mention(1) | withheld(now - timedelta(days=1)))
    assert await kept(spoken) == ("why?", 2), "Discord told of something else than an edit"

    await edit(spoken, mention(1) | withheld(now))
    assert await kept(spoken) == ("", 0)


async def test_a_reply_to_easel_may_be_kept_back_for_another_reason(spoken: Stage):
    await edit(spoken, mention(1) | withheld(discord.utils.utcnow()) | {"type": 19})

    assert await kept(spoken) == ("why?", 2)


@pytest.mark.further
async def test_a_mention_without_words_has_none_left(spoken: Stage):
    await edit(spoken, mention(1) | {"content": f"<@{BOT}>"})

    assert await kept(spoken) == ("", 0)


async def test_in_direct_messages_an_empty_one_was_emptied(spoken: Stage):
    direct = {key: value for key, value in mention(5).items() if key not in {"guild_id", "member"}}
    direct |= {"channel_id": str(DM), "content": "my secret"}
    await told(spoken, direct)

    await edit(spoken, direct | {"content": ""})

    rows = await spoken.house.database.read("SELECT text FROM turn WHERE channel_id <> 700 ORDER BY id")
    assert [row["text"] for row in rows] == ["", "Good evening."]


async def test_what_is_deleted_the_moment_it_was_said_is_neither_kept_nor_answered(stage: Stage):
    settle_in(stage)
    said = mention(1)
    speaking = asyncio.create_task(told(stage, said))
    await asyncio.sleep(0)  # it is being taken in

    event = discord.RawMessageDeleteEvent(said)  # pyright: ignore[reportArgumentType] - a payload by hand
    await stage.bot.get_cog("Follow").on_raw_message_delete(event)  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] - the cog of this test
    await speaking

    assert stage.house.world.provider.bodies == []
    assert await stage.house.database.read("SELECT 1 FROM turn WHERE forgotten = 0") == []


async def test_what_is_edited_the_moment_it_was_said_is_answered_as_it_is_now(stage: Stage):
    settle_in(stage)
    speaking = asyncio.create_task(told(stage, mention(1)))
    await asyncio.sleep(0)

    await edit(stage, mention(1) | {"content": f"<@{BOT}> how?"})
    await speaking

    (body,) = stage.house.world.provider.bodies
    assert "how?" in str(body)
    assert "why?" not in str(body)
