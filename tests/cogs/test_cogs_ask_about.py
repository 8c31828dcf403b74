"""Ask about this, in the menu of any message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from people_kit import a_message, a_user, form, message_menu
from world_kit import ANN, BOB, CHANNEL, GUILD

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
