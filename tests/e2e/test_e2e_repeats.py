"""A click that Discord tells again, to the real bot: while it is answered, then, and after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord import invoking
from tests.e2e.looks import words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = [pytest.mark.e2e, pytest.mark.further]


async def test_a_question_that_is_told_again_is_answered_and_paid_for_once(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    asked = await ada.slash("ask", {"question": "hello"})
    told = invoking.payload(asked)
    sandbox.world.emit("INTERACTION_CREATE", asked.channel, told)
    await asked.answer()
    await bot.until_ended()
    sandbox.world.emit("INTERACTION_CREATE", asked.channel, told)
    await bot.stop()
    await bot.start()
    sandbox.world.emit("INTERACTION_CREATE", asked.channel, told)

    await (await ada.slash("ask", {"question": "goodbye"})).answer()  # by then the one before it is heard
    await bot.until_ended()

    assert bot.rows("SELECT SUM(messages) FROM ledger") == [(2,)]
    assert len(sandbox.model.calls) == 2
    assert asked.original is not None
    assert "hello" in words(asked.original)
