"""Ask about this, in the menu of any message."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
import pytest
from people_kit import a_message, a_user, form, message_menu
from world_kit import ANN, BOB, CHANNEL, GUILD, ann

from bot.domain.conversation import PLAIN, Said
from bot.domain.jobs import Origin
from bot.domain.ways import Way

if TYPE_CHECKING:
    from cogs_kit import Stage


async def test_a_form_s_answer_says_what_was_asked_and_about_what(stage: Stage):
    message = a_message(1234, CHANNEL) | {"content": "Bonjour", "author": a_user(BOB)}
    (shown,) = await stage.act(message_menu("Ask about this", message))
    form_id = shown.payload["data"]["custom_id"]

    answered = await stage.act(form(form_id, {"question": "What does **this** mean?"}, interaction_id=2))

    said = answered[-1].payload.get("data", answered[-1].payload)["content"]
    where = f"https://discord.com/channels/{GUILD}/{CHANNEL}/1234"
    assert said.startswith(
        f"-# <@{ANN}> asks about [this message]({where}):\n> What does \\*\\*this\\*\\* mean?\nGood evening."
    )
    (row,) = await stage.house.database.read("SELECT text FROM turn WHERE speaker = 'easel'")
    assert row["text"] == "Good evening."


@pytest.mark.parametrize("lives", [True, False])
async def test_an_answer_that_an_earlier_process_owed_says_what_was_asked(stage: Stage, lives):
    expires_at = discord.utils.utcnow() + timedelta(minutes=10 if lives else -10)
    way = Way(2, Origin(1, "token", expires_at, 10**7, can_post_in_channel=True), PLAIN, about=1234)
    question = "(about a message of Bob:)\n> Bonjour\nWhat does it mean?"
    await stage.bot.services.chat.hear(ann(), Said(question, "Ann", way=way))
    before = len(stage.remote.calls)
    stage.remote.answers["GET /channels/#/messages"] = [(200, [])]  # nothing of it was begun

    await stage.bot.get_cog("Chat").on_ready()  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] - the cog of this test

    shown = [call for call in stage.remote.calls[before:] if "Good evening." in str(call.payload)][-1]
    where = f"https://discord.com/channels/{GUILD}/{CHANNEL}/1234"
    head = f"-# <@{ANN}> asks about [this message]({where}):\n> What does it mean?\n"
    assert shown.payload["content"].startswith(f"{head}Good evening.")
