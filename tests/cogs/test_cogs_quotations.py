"""What is quoted by a reply or from the menu, as the gateway tells what becomes of its message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from people_kit import a_message, a_user, attachment, form, message_menu
from provider_kit import picture_bytes
from rights_kit import settle_in
from test_cogs_mentions import mention, told
from test_cogs_message_edits import edit
from world_kit import BOB, CHANNEL, GUILD

if TYPE_CHECKING:
    from cogs_kit import Stage

BOBS = 50
LATER = "2030-01-01T00:00:00+00:00"


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    settle_in(stage)
    return stage


def bobs(stage: Stage, **more: Any) -> dict[str, Any]:
    """Return what Bob said to others, with a picture."""
    file = stage.house.world.attach(picture_bytes(), "cat.png")
    picture = attachment(7, file.size_bytes, file.url)
    said = {"content": "a secret", "author": a_user(BOB), "guild_id": str(GUILD), "attachments": [picture]}
    return a_message(BOBS, CHANNEL) | said | more


def about(message: dict[str, Any]) -> dict[str, Any]:
    """Return Ann's question in reply to it."""
    where = {"message_id": message["id"], "channel_id": str(CHANNEL), "guild_id": str(GUILD), "type": 0}
    return mention(60) | {"type": 19, "message_reference": where, "referenced_message": message}


async def delete(stage: Stage, message: dict[str, Any]) -> None:
    event = discord.RawMessageDeleteEvent(message)  # pyright: ignore[reportArgumentType] - a payload by hand
    await stage.bot.get_cog("Follow").on_raw_message_delete(event)  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] - the cog of this test


async def kept(stage: Stage) -> tuple[list[str], list[str], int]:
    """Return what people asked, what is quoted, and how many files there are."""
    read = stage.house.database.read
    asked = [row["text"] for row in await read("SELECT text FROM turn WHERE speaker = 'person'")]
    quoted = [row["text"] for row in await read("SELECT text FROM turn_quote")]
    return asked, quoted, len(await read("SELECT 1 FROM turn_file"))


QUOTED = "(about a message of u102:)\n> a secret"


async def test_a_reply_quotes_and_its_quotation_goes_with_the_message(stage: Stage):
    message = bobs(stage)
    await told(stage, about(message))
    asked, (quoted,), files = await kept(stage)
    assert (asked, quoted.splitlines()[1], files) == (["why?"], "> a secret", 1)

    await delete(stage, message)

    assert await kept(stage) == (["why?"], [], 0)


@pytest.mark.further
async def test_an_edit_of_what_is_quoted_is_followed(stage: Stage):
    message = bobs(stage)
    await told(stage, about(message))

    await edit(stage, message | {"content": "a poem", "edited_timestamp": LATER, "attachments": []})

    asked, (quoted,), files = await kept(stage)
    assert (asked, quoted.splitlines()[1], files) == (["why?"], "> a poem", 0)


async def test_an_edit_that_is_kept_back_leaves_nothing_of_the_quotation(stage: Stage):
    message = bobs(stage)
    await told(stage, about(message))

    await edit(stage, message | {"content": "", "edited_timestamp": LATER, "attachments": []})

    assert await kept(stage) == (["why?"], [], 0)


async def test_an_unfurled_link_or_an_edited_question_changes_nothing(stage: Stage):
    message = bobs(stage)
    await told(stage, about(message))

    await edit(stage, message | {"content": "", "attachments": []})
    await edit(stage, {**about(message), "content": "<@0> and how?", "edited_timestamp": LATER})

    asked, (quoted,), files = await kept(stage)
    assert (asked, quoted.splitlines()[1], files) == (["<@0> and how?"], "> a secret", 1)


async def test_what_the_menu_asks_about_goes_with_the_message(stage: Stage):
    message = bobs(stage)
    (shown,) = await stage.act(message_menu("Ask about this", message))
    await stage.act(form(shown.payload["data"]["custom_id"], {"question": "what?"}, interaction_id=2))
    asked, (quoted,), files = await kept(stage)
    assert (asked, quoted.splitlines()[1], files) == (["what?"], "> a secret", 1)

    await delete(stage, message)

    assert await kept(stage) == (["what?"], [], 0)


async def test_a_form_about_a_message_that_is_gone_asks_nothing(stage: Stage):
    message = bobs(stage)
    (shown,) = await stage.act(message_menu("Ask about this", message))
    await delete(stage, message)

    await stage.act(form(shown.payload["data"]["custom_id"], {"question": "what?"}, interaction_id=2))

    assert (await kept(stage), stage.house.world.provider.bodies) == (([], [], 0), [])
