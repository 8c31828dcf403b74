"""Answers of models that talk and draw in one turn: their pictures are checked, kept, shown and counted."""

from __future__ import annotations

import pytest
from provider_kit import GEMINI, picture_bytes, words
from provider_kit import chat as drawing
from rooms_kit import chat_rooms
from sight_kit import finding_room
from test_services_chat import Sheet, talk_of
from test_services_toolbox import Nail, asked
from world_kit import ann

from bot.domain.access import Family
from bot.domain.conversation import Attached, FileKind, Manner, Said
from bot.domain.drawn import Drawn
from bot.domain.gallery import Search
from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.domain.requests import Kind, PictureRequest
from bot.errors import NotAllowed, StorageTrouble, Unreachable
from bot.services import attachments
from bot.services.door import Door
from bot.storage.turns import Turns

BOTH = Manner(model=GEMINI, draws=True)
"""As a channel asks that talks with a model that draws."""


@pytest.fixture
def chat(house):
    return chat_rooms(house)


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person |= {Meter.MESSAGES_PER_DAY: 100}


async def found(house):
    return await finding_room(house).told(ann(), Search("fox"), 9, shared=True)


async def test_drawing_that_a_channel_was_set_to_is_not_asked_about_each_time(house, chat):
    sheet = await asked(house, chat, "draw a fox", manner=BOTH)

    assert not sheet.asked
    assert sheet.text == "Here it is."


async def test_picture_of_an_answer_is_a_result_that_the_answer_paid_for(house, chat):
    sheet = await asked(house, chat, "draw a fox", manner=BOTH, carried=1)

    job = await house.job(5001)
    assert house.world.provider.bodies[-1]["modalities"] == ["image", "text"]
    assert (sheet.text, sheet.pictures) == ("Here it is.", ())
    assert (job.state, job.cost_microusd, job.request.kind) == (JobState.SETTLED, 0, Kind.TALK)
    assert job.request.prompt == "draw a fox"
    assert len(await house.pictures.of_job(5001, Role.RESULT)) == 1
    assert [find.picture.job_id for find in await found(house)] == [5001]
    assert await house.used(Meter.IMAGES_PER_DAY) == 1
    assert await house.used(Meter.MESSAGES_PER_DAY) == 1
    assert await house.open_holds() == 0

    await asked(house, chat, "and now?", manner=BOTH, replied_to=5500, key=6000)
    assert talk_of(house)[-1].endswith("and now?<image_url>")


async def test_picture_of_an_answer_that_has_no_card_comes_with_the_words(house, chat):
    closed = Nail(house, ann(), breaks=Unreachable("closed"))

    sheet = await asked(house, chat, "draw a fox", manner=BOTH, wall=closed)

    assert [name for name, _ in sheet.pictures] == ["easel-1.png"]
    assert await house.used(Meter.IMAGES_PER_DAY) == 1
    assert await house.open_holds() == 0


async def test_picture_of_an_answer_is_shown_by_the_next_start_after_a_kill(house, chat, world):
    request = PictureRequest("draw a fox", private=False, kind=Kind.TALK, follows_answer=True)
    blob = await house.blobs.put(picture := picture_bytes(size=(64, 64)))
    file = Attached(FileKind.PICTURE, blob, "image/png", "easel-1.png", len(picture), (64, 64))
    await house.order(request, job_id=77, drawn=Drawn(GEMINI, (file,)), start=False)

    await house.take_up()

    assert (await house.job(77)).state is JobState.SETTLED
    assert await house.open_holds() == 0
    assert await house.used(Meter.IMAGES_PER_DAY) == 0


async def test_picture_of_an_answer_is_drawn_anew_as_any_other(house, chat):
    await asked(house, chat, "draw a fox", manner=BOTH)

    again = await house.studio.again(await house.job(5001))

    assert (again.kind, again.prompt, again.follows_answer) == (Kind.IMAGINE, "draw a fox", False)


async def test_answer_that_could_draw_and_did_not_counts_no_picture(house, chat):
    await asked(house, chat, "hello", lambda _: words("Hello."), manner=BOTH)

    assert await house.used(Meter.IMAGES_PER_DAY) == 0


async def test_who_may_not_draw_draws_in_no_answer_either(house, chat):
    async def no_drawing(_who, what):
        if what.family is Family.DRAW:
            raise NotAllowed("You may not draw here.")

    house.wordsmith._door = Door(no_drawing)

    sheet = await asked(house, chat, "draw a fox", manner=BOTH)

    assert sheet.sorry == "You may not draw here."
    assert not house.world.provider.bodies
    assert await house.open_holds() == 0


@pytest.mark.further
async def test_answer_that_draws_needs_a_picture_to_be_left(house, chat):
    for n in range(10):
        await house.done(f"picture {n}")

    sheet = await asked(house, chat, "draw a fox", manner=BOTH)

    assert sheet.sorry
    assert not sheet.pictures
    assert await house.open_holds() == 0


async def test_damaged_picture_of_an_answer_is_left_out_and_said(house, chat):
    damaged = picture_bytes(size=(64, 64))[:-40]

    sheet = await asked(house, chat, "draw a fox", lambda _: drawing(damaged), manner=BOTH)

    assert (sheet.text, sheet.pictures) == ("Here it is.", ())
    assert "a picture came damaged" in sheet.notes


def away(house, monkeypatch, times):
    """Let nothing be stored for some tries."""
    put, tries = house.blobs.put, iter(range(times))

    async def tried(data, name=None):
        if next(tries, None) is not None:
            raise StorageTrouble("no room")
        return await put(data, name)

    monkeypatch.setattr(house.blobs, "put", tried)
    monkeypatch.setattr(attachments, "ROOM_S", 0.001)


async def test_picture_of_an_answer_waits_until_it_can_be_stored(house, chat, monkeypatch):
    away(house, monkeypatch, times=3)

    sheet = await asked(house, chat, "draw a fox", manner=BOTH, carried=1)

    assert (sheet.text, sheet.sorry) == ("Here it is.", "")
    assert len(await house.pictures.of_job(5001, Role.RESULT)) == 1
    assert len(house.world.provider.bodies) == 1
    assert await house.used(Meter.IMAGES_PER_DAY) == 1


async def test_picture_of_an_answer_waits_for_a_while_alone(house, chat, monkeypatch):
    away(house, monkeypatch, times=10**9)
    monkeypatch.setattr(attachments, "LONGEST_S", 0.01)

    sheet = await asked(house, chat, "draw a fox", manner=BOTH)

    assert sheet.sorry == "no room"
    assert await house.used(Meter.IMAGES_PER_DAY) == 0
    assert await house.open_holds() == 0


async def test_picture_of_an_answer_that_nobody_saw_is_not_kept(house, chat):
    turn = await chat.hear(ann(), Said("draw a fox", "Ann"))

    with pytest.raises(RuntimeError):
        await chat.answer(turn, ann(), Sheet(breaks=RuntimeError("Discord is gone")), 5000, BOTH)

    assert not [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]
    assert await house.used(Meter.IMAGES_PER_DAY) == 0


async def forget_it(house, _chat):
    await Turns(house.database).forget(1)


async def delete_the_question(_house, chat):
    await chat.deleted([1])


async def delete_the_answer(_house, chat):
    await chat.deleted([5500])


@pytest.mark.parametrize(
    "forget", [forget_it, delete_the_question, delete_the_answer], ids=lambda one: one.__name__
)
async def test_picture_of_an_answer_to_what_is_forgotten_meanwhile_has_no_card(house, chat, forget):
    """The picture is there and is being looked at; what was said before it stays, and nobody pays."""
    look = chat._answers._attachments.drawn

    async def drawn(pictures):
        files = await look(pictures)
        await forget(house, chat)
        return files

    chat._answers._attachments.drawn = drawn
    sheet = await asked(house, chat, "draw a fox", manner=BOTH, carried=1)

    assert await house.jobs.get(5001) is None
    assert sheet.pictures == ()
    assert "deleted while it was drawn" in sheet.sorry
    assert not [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]
    assert await house.used(Meter.IMAGES_PER_DAY) == 0
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await house.open_holds() == 0
    absorbed = await house.database.read("SELECT SUM(absorbed_microusd) AS microusd FROM ledger")
    assert absorbed[0]["microusd"] > 0, "what the provider took is the operator's"


async def test_picture_whose_card_cannot_hang_below_a_deleted_question_is_not_shown_either(house, chat):
    class Gone(Nail):
        async def hang(self, *_about, **_more):
            await chat.deleted([1])
            raise Unreachable("unknown message")

    sheet = await asked(house, chat, "draw a fox", manner=BOTH, wall=Gone(house, ann()), carried=1)

    assert (sheet.pictures, "deleted while it was drawn" in sheet.sorry) == ((), True)
    assert not [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]
    assert await house.used(Meter.IMAGES_PER_DAY) == 0
    assert await house.open_holds() == 0
