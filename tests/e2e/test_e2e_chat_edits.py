"""Messages that are edited after they were said to Easel, in the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_e2e_chat import answer_to, mention, red_square

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def test_what_is_taken_out_of_a_message_is_forgotten_and_so_is_one_that_discord_keeps_back(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    name, square = red_square()
    said = await ada.say(mention(sandbox, "My secret."), [(name, square), (name, square + b"\0")])
    reply = await answer_to(ada, said)
    await ada.edit(said, mention(sandbox, "My secret."), keep=said.attachments[1:])
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn_file") == [(1,)])

    await ada.edit(said, mention(sandbox, ""))
    await bot.until(lambda: bot.rows("SELECT text FROM turn WHERE id = 1") == [("",)])
    await answer_to(ada, await ada.say("What did I say?", reply_to=reply))

    sent = str([one for one in sandbox.model.calls[-1].body["messages"] if one["role"] == "user"])
    assert "My secret" not in sent
    assert sent.count("data:image") == 1

    await ada.edit(said, "no mention")
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn_file") == [(0,)])
    assert "no mention" not in str(bot.rows("SELECT text FROM turn"))
