"""/imagine, from the slash command to the card."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.e2e.looks import FLUX, buttons, card_after, pictures, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
FOX = "a fox in a paper boat, no text, if there is a moon it is red"


@pytest.fixture
def phone_photo() -> bytes:
    """A photo as a phone takes it: 12 megapixels, on its side, with its place."""
    landscape = Image.effect_noise((400, 300), 40).convert("RGB").resize((4000, 3000))
    landscape.paste((200, 30, 30), (0, 0, 400, 3000))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    file = io.BytesIO()
    landscape.save(file, "JPEG", quality=85, exif=exif)
    return file.getvalue()


@pytest.mark.further
async def test_four_pictures_come_with_their_seeds(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    order = await ada.slash("imagine", {"prompt": FOX, "count": 4, "seed": 0, "aspect": "3:2", "model": FLUX})
    drawing = await order.first_response()
    card = await card_after(ada, order)

    assert drawing.message is not None
    assert order.original is card
    assert not order.is_ephemeral
    assert len(pictures(card)) == len(card.attachments) == 4
    assert all(FOX in item["description"] for item in pictures(card))
    text = words(card)
    assert FOX in text.replace("\\", "")
    assert "seeds 0–3" in text
    assert "aspect 3:2" in text
    assert FLUX in text
    assert "16 of 20 pictures left today" in text
    assert buttons(card) == [
        *("Again", "Vary…", "Edit…", "Details", "Delete"),
        *("Use as reference", "Change a part…", "Favourite", "Compare"),
    ]
    assert sorted(call.body["seed"] for call in sandbox.model.calls) == [0, 1, 2, 3]
    assert {call.prompt for call in sandbox.model.calls} == {FOX}
    await bot.until_states("settled")
    assert bot.held() == (4, sandbox.model.total_cost_microusd)


@pytest.mark.further
async def test_the_default_model_says_plainly_what_it_cannot_do(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    order = await ada.slash("imagine", {"prompt": FOX, "count": 4, "seed": 0, "aspect": "3:2"})

    said = await private_words(order)
    assert "aspect 3:2" in said
    assert "model" in said
    assert sandbox.model.calls == []
    assert bot.states() == []


@pytest.mark.further
async def test_a_seed_of_zero_reaches_the_default_model_and_the_card_is_honest(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    order = await ada.slash("imagine", {"prompt": FOX, "count": 2, "seed": 0})
    card = await card_after(ada, order)

    assert [call.body["seed"] for call in sandbox.model.calls] == [0, 1]
    assert "does not repeat pictures" in words(card)


async def test_a_phone_photo_reaches_the_model_upright_small_and_without_its_place(
    bot: Bot, sandbox: Sandbox, ada: Person, phone_photo: bytes
) -> None:
    order = await ada.slash(
        "imagine", {"prompt": "the same in snow"}, files={"reference": ("IMG_1.jpg", phone_photo)}
    )
    await card_after(ada, order)

    (call,) = sandbox.model.calls
    (reference,) = call.references
    assert b"Exif" not in reference
    with Image.open(io.BytesIO(reference)) as sent:
        assert sent.width < sent.height <= 2048
        red = sent.convert("RGB").getpixel((sent.width // 2, 20))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("cat.png", b"", "empty", id="zero bytes", marks=pytest.mark.further),
        pytest.param(
            "cat.png", b"<!doctype html><p>cat", "cat.png", id="HTML named png", marks=pytest.mark.further
        ),
        pytest.param(
            "cat.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64, "HEIC", id="HEIC named jpg"
        ),
    ],
)
async def test_a_file_that_is_no_picture_is_said_privately_and_leaves_nothing(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, name: str, content: bytes, said: str
) -> None:
    order = await ada.slash("imagine", {"prompt": "a cat"}, files={"reference": (name, content)})

    assert said in await private_words(order)
    await sandbox.world.changed.until(lambda: not grace.messages(), 60)
    await bot.until_states("failed")
    assert bot.held() == (0, 0)
    assert sandbox.model.calls == []


async def test_private_pictures_are_seen_by_their_owner_alone(bot: Bot, ada: Person, grace: Person) -> None:
    order = await ada.slash("imagine", {"prompt": "a gift", "private": True})
    card = await card_after(ada, order)

    assert order.is_ephemeral
    assert card in ada.messages()
    assert grace.messages() == []


@pytest.mark.further
async def test_choices_come_from_the_catalogue(bot: Bot, ada: Person) -> None:
    models = await ada.autocomplete("imagine", "model", "")
    own = await ada.autocomplete("imagine", "aspect", "16", {"model": FLUX})
    others = await ada.autocomplete("imagine", "aspect", "3:2")
    qualities = await ada.autocomplete("imagine", "quality", "")

    assert FLUX in [choice["value"] for choice in models]
    assert "16:9" in [choice["value"] for choice in own]
    assert all("16" in choice["name"] for choice in own)
    assert others
    assert all("needs model" in choice["name"] for choice in others)
    assert {"low", "medium", "high"} <= {choice["value"] for choice in qualities}


@pytest.mark.further
async def test_the_twenty_first_picture_is_refused_with_the_time_it_lifts(bot: Bot, ada: Person) -> None:
    for _ in range(2):
        await card_after(ada, await ada.slash("imagine", {"prompt": "a dune", "count": 10}))

    order = await ada.slash("imagine", {"prompt": "one more"})

    said = await private_words(order)
    assert "20 pictures a day" in said
    assert re.search(r"<t:\d+:R>", said)
    await bot.until_states("settled", "settled")


async def test_twenty_orders_at_once_with_one_picture_left_make_exactly_one(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await idle_bot.start(DEFAULT_IMAGES_PER_DAY="1")

    orders = [await ada.slash("imagine", {"prompt": f"hill {n}"}) for n in range(20)]
    for order in orders:
        await order.first_response()
    await idle_bot.until_states("settled")

    assert sum(order.is_ephemeral for order in orders) == 19
    assert len(sandbox.model.calls) == 1
    assert idle_bot.held()[0] == 1


@pytest.mark.further
async def test_quota_shows_what_is_left_and_what_a_picture_costs(bot: Bot, ada: Person) -> None:
    await card_after(ada, await ada.slash("imagine", {"prompt": "a pear", "count": 3}))
    await bot.until_states("settled")

    order = await ada.slash("quota")
    await order.first_response()

    text = words(await order.answer())
    assert order.is_ephemeral
    assert "17 of 20 left" in text
    assert re.search(r"<t:\d+:R>", text)
    assert "GPT-5 Image Mini" in text
