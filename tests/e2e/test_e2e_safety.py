"""What moderators keep out of a server, in the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.looks import card_after, private_words, words
from tests.e2e.test_e2e_chat import answer_to, mention

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def the_card(person: Person, command: str) -> Message:
    shown = await person.slash(command)
    await shown.until(lambda it: it.original is not None, 60)
    assert shown.original is not None
    assert shown.is_ephemeral
    return shown.original


async def test_blocked_words_stop_pictures_and_messages_before_the_model_is_asked(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    file = idle_bot.data_dir.parent / "blocked.txt"
    file.write_text("# everywhere\n*forbidden*\n")
    await idle_bot.start(BLOCKED_WORDS_FILE=str(file))
    card = await the_card(linus, "manage safety words")
    pressed = await linus.press(card, "Add…")
    await pressed.until(lambda it: it.modal is not None, 60)
    sent = await linus.submit(pressed, {"lines": "gore\n/sl[a4]sher/"})
    await sent.until(lambda _: "2 entries are new" in words(card), 60)

    for prompt in ("some g0re", "a SL4SHER film", "an unforbiddenly thing"):
        made = await ada.slash("imagine", {"prompt": prompt})
        assert "not allowed here" in await private_words(made)
    answer = await answer_to(ada, await ada.say(mention(sandbox, "tell me of gore")))
    assert "not allowed here" in words(answer)
    assert sandbox.model.calls == []
    assert idle_bot.rows("SELECT COUNT(*) FROM ledger") == [(0,)]
    assert idle_bot.rows("SELECT COUNT(*) FROM turn") == [(0,)]
    assert idle_bot.rows("SELECT COUNT(*) FROM audit WHERE action = 'safety.blocked'") == [(4,)]
    assert "gore" not in idle_bot.log.read_text()

    await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))
