"""The buttons of a card and the form behind Edit…, before and after a restart."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sandbox.discord.entities import Upload
from tests.e2e.looks import FLUX, card_after, is_card, pictures, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


def a_picture(colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(file, "PNG")
    return file.getvalue()


@pytest.mark.further
async def test_again_works_after_a_restart_and_charges_whoever_presses(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    first = await ada.slash(
        "imagine",
        {"prompt": "a lighthouse", "seed": 7, "model": FLUX},
        files={"reference": ("boat.png", a_picture())},
    )
    card = await card_after(ada, first)
    await bot.until_states("settled")
    await bot.stop()
    sandbox.world.clock.advance(2 * 24 * 3600)
    await bot.start()

    press = await grace.press(card, "Again")
    again = await card_after(grace, press)

    assert again.id != card.id
    await bot.until_states("settled", "settled")
    one, two = sandbox.model.calls
    assert one.references == two.references
    assert one.body["seed"] == two.body["seed"] == 7
    users = bot.rows("SELECT user_id FROM ledger WHERE kind = 'settle' ORDER BY id")
    assert users == [(ada.user.id,), (grace.user.id,)]


@pytest.mark.further
async def test_equal_orders_of_one_person_are_equal_requests(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a key", "seed": 3, "model": FLUX}))
    await card_after(ada, await ada.press(card, "Again"))

    one, two = sandbox.model.calls
    assert one.body == two.body


@pytest.mark.parametrize(
    "restarted", [pytest.param(False, marks=pytest.mark.further), True], ids=["at once", "after a restart"]
)
async def test_edit_goes_on_from_the_picture_that_was_chosen(
    bot: Bot, sandbox: Sandbox, ada: Person, restarted: bool
) -> None:
    order = await ada.slash("imagine", {"prompt": "two hills", "count": 2, "model": FLUX})
    card = await card_after(ada, order)
    await bot.until_states("settled")
    press = await ada.press(card, "Edit…")
    await press.first_response()
    if restarted:
        await bot.kill()
        await bot.start()

    chosen = pictures(card)[1]
    job = str(order.id)
    form = await ada.submit(
        press,
        {
            "prompt": "the same at night",
            "picture": [f"{job}-1"],
            "files": [Upload("star.png", a_picture("gold"), "image/png")],
        },
    )
    edited = await card_after(ada, form)

    assert "the same at night" in words(edited)
    call = sandbox.model.calls[-1]
    assert len(call.references) == 2
    original = next(a for a in card.attachments if a.filename in chosen["media"]["url"])
    with Image.open(io.BytesIO(call.references[0])) as sent, Image.open(io.BytesIO(original.content)) as was:
        small = [list(picture.convert("RGB").resize((8, 8)).tobytes()) for picture in (sent, was)]
        assert small[0] == pytest.approx(small[1], abs=6)
    parents = bot.rows("SELECT parent_id FROM picture_parent ORDER BY parent_id")
    assert (f"{job}-1",) in parents


@pytest.mark.further
async def test_details_are_for_the_one_who_asks(bot: Bot, ada: Person, grace: Person) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a clock", "seed": 5, "model": FLUX}))
    await bot.until_states("settled")

    press = await grace.press(card, "Details")
    said = await private_words(press)

    assert "a clock" in said
    assert "seed 5" in said
    assert f"<@{ada.user.id}>" in said


async def test_delete_is_for_the_owner_and_for_moderators(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    mine = await card_after(ada, await ada.slash("imagine", {"prompt": "a gate"}))
    other = await card_after(ada, await ada.slash("imagine", {"prompt": "a wall"}))

    await bot.until_states("settled", "settled")

    refused = await private_words(await grace.press(mine, "Delete"))
    await ada.press(mine, "Delete")
    await linus.press(other, "Delete")
    await sandbox.world.changed.until(lambda: not any(map(is_card, grace.messages())), 60)

    assert "moderator" in refused
    assert bot.rows("SELECT COUNT(*) FROM picture") == [(0,)]


@pytest.mark.further
async def test_a_button_of_pictures_that_are_gone_says_so(bot: Bot, ada: Person, sandbox: Sandbox) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a tree"}))
    await bot.until_states("settled")
    await bot.kill()
    (bot.data_dir / "easel.db").unlink()
    await bot.start()

    said = await private_words(await ada.press(card, "Again"))

    assert "no longer here" in said
