"""Answers of models that talk and draw in one turn: their pictures are checked, kept, shown and counted."""

from __future__ import annotations

import pytest
from provider_kit import GEMINI, picture_bytes, words
from provider_kit import chat as drawing
from rooms_kit import chat_rooms
from test_services_chat import Sheet, talk_of
from test_services_toolbox import asked
from world_kit import ann

from bot.domain.conversation import Manner, Said
from bot.domain.quotas import Meter

BOTH = Manner(model=GEMINI, draws=True)
"""As a channel asks that talks with a model that draws."""


@pytest.fixture
def chat(house):
    return chat_rooms(house)


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person |= {Meter.MESSAGES_PER_DAY: 100}


async def test_price_of_an_answer_that_may_draw_is_asked_about_first(house, chat):
    sheet = await asked(house, chat, "draw a fox", manner=BOTH)

    assert "may cost up to" in sheet.asked
    assert not house.world.provider.bodies
    assert await house.open_holds() == 0


async def test_model_that_draws_may_answer_with_pictures_which_count(house, chat):
    sheet = await asked(house, chat, "draw a fox", manner=BOTH, agreed=True, carried=1)

    assert house.world.provider.bodies[-1]["modalities"] == ["image", "text"]
    assert sheet.text == "Here it is."
    assert [name for name, _ in sheet.pictures] == ["easel-1.png"]
    assert await house.used(Meter.IMAGES_PER_DAY) == 1
    assert await house.used(Meter.MESSAGES_PER_DAY) == 1
    assert await house.open_holds() == 0

    await asked(house, chat, "and now?", manner=BOTH, agreed=True, replied_to=5500, key=6000)
    assert talk_of(house)[-1].endswith("and now?<image_url>")


async def test_answer_that_could_draw_and_did_not_counts_no_picture(house, chat):
    await asked(house, chat, "hello", lambda _: words("Hello."), manner=BOTH, agreed=True)

    assert await house.used(Meter.IMAGES_PER_DAY) == 0


async def test_answer_that_draws_needs_a_picture_to_be_left(house, chat):
    for n in range(10):
        await house.done(f"picture {n}")

    sheet = await asked(house, chat, "draw a fox", manner=BOTH, agreed=True)

    assert sheet.sorry
    assert not sheet.pictures
    assert await house.open_holds() == 0


async def test_damaged_picture_of_an_answer_is_left_out_and_said(house, chat):
    damaged = picture_bytes(size=(64, 64))[:-40]

    sheet = await asked(house, chat, "draw a fox", lambda _: drawing(damaged), manner=BOTH, agreed=True)

    assert (sheet.text, sheet.pictures) == ("Here it is.", ())
    assert "a picture came damaged" in sheet.notes


async def test_picture_of_an_answer_that_nobody_saw_is_not_kept(house, chat):
    turn = await chat.hear(ann(), Said("draw a fox", "Ann"))

    with pytest.raises(RuntimeError):
        await chat.answer(turn, ann(), Sheet(breaks=RuntimeError("Discord is gone")), 5000, BOTH, agreed=True)

    assert not [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]
    assert await house.used(Meter.IMAGES_PER_DAY) == 0
