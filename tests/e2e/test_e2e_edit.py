"""/edit and Edit image: the picture that is changed is the one that was meant."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.e2e.looks import card_after, private_words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


def a_picture(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(file, "PNG")
    return file.getvalue()


def colour_of(picture: bytes) -> str:
    """Tell a picture's colour; pictures are encoded again on their way, so that shades may differ."""
    with Image.open(io.BytesIO(picture)) as image:
        shades = image.convert("RGB").resize((1, 1)).tobytes()
    return ("red", "lime", "blue")[max(range(3), key=shades.__getitem__)]


async def test_a_picture_of_anybody_s_message_is_changed_after_a_restart(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    files = [("red.png", a_picture("red")), ("blue.png", a_picture("blue")), ("lime.png", a_picture("lime"))]
    posted = await grace.say("three of mine", files)
    menu = await ada.message_menu("Edit image", posted)
    await menu.first_response()
    await bot.stop()
    await bot.start()

    sent = await ada.submit(menu, {"prompt": "make it night", "picture": ["1"]})
    await card_after(ada, sent)

    (call,) = sandbox.model.calls
    assert [colour_of(picture) for picture in call.references] == ["blue"]
    await bot.until_states("settled")
    assert bot.rows("SELECT user_id FROM ledger WHERE kind = 'settle'") == [(ada.user.id,)]


async def test_the_command_changes_what_was_attached(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    order = await ada.slash(
        "edit", {"prompt": "make it night"}, files={"image": ("red.png", a_picture("red"))}
    )
    await card_after(ada, order)

    (call,) = sandbox.model.calls
    assert [colour_of(picture) for picture in call.references] == ["red"]


@pytest.mark.further
async def test_a_message_without_pictures_is_said_privately(bot: Bot, ada: Person, grace: Person) -> None:
    posted = await grace.say("no picture here")

    assert "no picture" in await private_words(await ada.message_menu("Edit image", posted))
    assert bot.states() == []
