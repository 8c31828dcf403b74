"""The gallery in a conversation, in the real bot: what is found is shown below the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.looks import card_after, words
from tests.e2e.test_e2e_chat import answer_to, mention

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def test_what_is_found_is_shown_and_covered_as_pictures_are(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await idle_bot.start(SPOILER_RESULTS="always")
    await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))

    reply = await answer_to(ada, await ada.say(mention(sandbox, "Search the gallery.")))

    assert [one.filename for one in reply.attachments] == ["SPOILER_found-1.png"]
    assert words(reply)
    results = [one["content"] for one in sandbox.model.calls[-1].body["messages"] if one["role"] == "tool"]
    assert "a fox" in str(results)
