"""/describe and Describe image, answered by the sandbox's model that looks at pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.e2e.looks import buttons, card_after, parts, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


def a_picture(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(file, "PNG")
    return file.getvalue()


async def test_a_prompt_of_a_card_is_drawn_after_a_restart_by_whoever_presses(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    order = await ada.slash("describe", files={"image": ("red.png", a_picture("red"))})
    card = await order.answer()
    shown = words(card)
    assert "### a picture of 320 by 200 pixels, mostly red" in shown
    assert "3 · Another mood" in shown
    assert "99 of 100 messages left today" in shown
    assert buttons(card) == ["Draw 1…", "Draw 2…", "Draw 3…", "Draw 4…"]
    await bot.until_states("settled")
    await bot.stop()
    await bot.start()

    press = await grace.press(card, "Draw 3…")
    await press.first_response()
    drawn = await card_after(grace, await grace.submit(press, {}))

    assert "at night" in words(drawn)
    assert "at night" in str(sandbox.model.calls[-1].body)
    await bot.until_states("settled", "settled")
    charged = bot.rows("SELECT user_id, images, messages FROM ledger WHERE kind = 'settle' ORDER BY id")
    assert [user for user, *_ in charged] == [ada.user.id, grace.user.id]


@pytest.mark.further
async def test_the_chosen_picture_of_anybody_s_message_is_described_after_a_restart(
    bot: Bot, ada: Person, grace: Person
) -> None:
    files = [("red.png", a_picture("red")), ("blue.png", a_picture("blue"))]
    posted = await grace.say("two of mine", files)
    menu = await ada.message_menu("Describe image", posted)
    question = await menu.answer()
    assert menu.is_ephemeral
    await bot.stop()
    await bot.start()

    custom_id = next(one["custom_id"] for one in parts(question) if one["type"] == 3)
    chosen = await ada.select(question, custom_id, ["1"])

    assert "mostly blue" in words(await chosen.answer())
    assert chosen.is_ephemeral


@pytest.mark.further
async def test_a_message_without_pictures_is_said_privately(bot: Bot, ada: Person, grace: Person) -> None:
    posted = await grace.say("no picture here")

    assert "no picture" in await private_words(await ada.message_menu("Describe image", posted))
    assert bot.states() == []
