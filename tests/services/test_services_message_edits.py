"""Messages that are edited: what is taken out of them is forgotten and never sent again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from provider_kit import picture_bytes
from rooms_kit import chat_rooms, export_room
from test_services_chat import Sheet, said, talk_of
from test_services_export import LIMIT, opened
from test_services_forgetting import summaries
from world_kit import CHANNEL, ann

from bot.domain.conversation import Said
from bot.domain.quotas import Meter
from bot.errors import NotFound
from bot.services.export import Form
from bot.storage.turns import Summary, Turns

FIRST, SECOND = 701, 702


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


@pytest.fixture
def chat(house):
    return chat_rooms(house)


def attached(house, attachment_id, size=64):
    """Return a picture that hangs on a message; pasted ones all have the same name."""
    upload = house.world.attach(picture_bytes(size=(size, size)), "image.png")
    return replace(upload, attachment_id=attachment_id)


def blobs(house):
    return [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]


def pictures(house):
    return str(house.world.provider.bodies[-1]).count("data:image")


async def test_a_removed_picture_is_forgotten_and_its_namesake_stays(house, chat):
    files = attached(house, FIRST), attached(house, SECOND, 96)
    await said(chat, "my cats", carried=1, answered=(2,), uploads=files)
    before = len(blobs(house))

    assert await chat.edited(1, CHANNEL, "my cats", {SECOND})
    await said(chat, "which is left?", carried=3, replied_to=2)

    assert (before, len(blobs(house)), pictures(house)) == (2, 1, 1)
    packed = await export_room(house).pack(ann(), Form.MARKDOWN, is_direct=True, most_bytes=LIMIT)
    assert [name for name in opened(packed).namelist() if "image.png" in name] == ["files/1.0-image.png"]
    (row,) = await house.database.read("SELECT width FROM turn_file")
    assert row["width"] == 96


async def test_bytes_that_another_turn_holds_are_kept(house, chat):
    await said(chat, "my cat", carried=1, uploads=(attached(house, FIRST),))
    await said(chat, "the same", carried=3, uploads=(attached(house, SECOND),))

    await chat.edited(1, CHANNEL, "my cat", set())

    assert len(blobs(house)) == 1


async def test_what_is_not_told_and_what_was_brought_from_elsewhere_stays(house, chat):
    brought = house.world.attach(picture_bytes(size=(80, 80)), "theirs.png")
    await said(chat, "both", carried=1, answered=(2,), uploads=(attached(house, FIRST), brought))

    assert not await chat.edited(1, CHANNEL, "both", None)
    assert not await chat.edited(1, CHANNEL, "both", {FIRST})
    assert await chat.edited(1, CHANNEL, "theirs", set())

    await said(chat, "and now?", carried=3, replied_to=2)
    assert pictures(house) == 1


async def test_a_picture_goes_even_where_the_new_words_may_not_be_said(house, chat):
    await said(chat, "a cat", carried=1, uploads=(attached(house, FIRST),))

    async def never(_turn, _text):
        return False

    chat._may_say = never
    assert await chat.edited(1, CHANNEL, "gore", set())

    (row,) = await house.database.read("SELECT text FROM turn WHERE id = 1")
    assert (row["text"], blobs(house)) == ("a cat", [])


async def test_what_was_summed_up_of_a_removed_picture_goes_too(house, chat):
    await said(chat, "my cat", carried=1, answered=(2,), uploads=(attached(house, FIRST),))
    turns = Turns(house.database)
    path = [turn for turn_id in (1, 2) if (turn := await turns.get(turn_id, CHANNEL))]
    await turns.keep_summary(Summary(2, "a red cat"), path, house.world.clock())
    assert await summaries(house) == ["a red cat"]

    await chat.edited(1, CHANNEL, "my cat", set())

    assert await summaries(house) == []


async def test_words_that_are_edited_away_are_sent_and_exported_no_more(house, chat):
    await said(chat, "my secret", carried=1, answered=(2,))

    assert await chat.edited(1, CHANNEL, "", set())
    await said(chat, "what did I say?", carried=3, replied_to=2)

    assert talk_of(house) == ["Good evening.", "what did I say?"]
    packed = await export_room(house).pack(ann(), Form.JSON, is_direct=True, most_bytes=LIMIT)
    assert (b"my secret" in opened(packed).read("conversation.json"), packed.turns) == (False, 3)

    assert await chat.edited(1, CHANNEL, "a poem", set()), "it can be filled again"
    await said(chat, "again", carried=5, replied_to=2)
    assert talk_of(house)[0] == "a poem"


async def test_an_emptied_question_is_not_answered(house, chat):
    turn = await chat.hear(ann(), Said("my secret", "Ann", 1))
    assert turn is not None
    await chat.edited(1, CHANNEL, "", set())
    sheet = Sheet()

    await chat.answer(turn, ann(), sheet, turn.id)

    assert (sheet.sorry, house.world.provider.bodies) == ("That is not here any more. Ask again.", [])
    with pytest.raises(NotFound):
        await chat.recall(turn.id, ann())
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0


@pytest.mark.parametrize("change", ["deleted", "edited"])
async def test_what_becomes_of_a_message_while_its_files_are_read_is_followed(house, chat, change):
    upload = attached(house, FIRST)
    fetch = chat._attachments._fetch

    async def slowly(asked):
        done = chat.deleted([1]) if change == "deleted" else chat.edited(1, CHANNEL, "a poem", set())
        await done
        return await fetch(asked)

    chat._attachments._fetch = slowly
    turn = await chat.hear(ann(), Said("my secret", "Ann", 1, uploads=(upload,)))

    assert (turn and turn.text) == (None if change == "deleted" else "a poem")
    assert blobs(house) == []
    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "my secret" not in dump
    assert chat._meanwhile.is_idle
