"""What people say is kept, put to the model with what was said before, and answered once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from provider_kit import WORDS_MICROUSD, noise, picture_bytes, refusal, trouble, words
from rooms_kit import chat_rooms
from sheet_kit import Sheet
from world_kit import ann

from bot.domain.conversation import Said
from bot.domain.quotas import Meter
from bot.errors import BadInput, PictureUnusable
from bot.storage.turns import Turns

__all__ = ["Sheet"]


@pytest.fixture
def chat(house):
    house.world.caps.person |= {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}
    return chat_rooms(house)


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


async def said(chat, text, who=None, *, carried=None, answered=(), sheet=None, **more):
    """Say something and let it be answered."""
    sheet = sheet or Sheet()
    sheet.ids = answered
    turn = await chat.hear(who or ann(), Said(text, "Ann", carried, **more))
    if turn is not None:
        await chat.answer(turn, who or ann(), sheet, turn.id)
    return sheet


def sent(house, index=-1):
    """Return the messages of a request, as role and text."""
    return [
        (
            message["role"],
            message["content"] if isinstance(message["content"], str) else _text(message["content"] or ()),
        )
        for message in house.world.provider.bodies[index]["messages"]
    ]


def _text(parts):
    return "".join(part.get("text", f"<{part['type']}>") for part in parts)


def talk_of(house, index=-1):
    """Return what people and Easel said in a request, without the first line of each."""
    return [text.partition(" says:\n")[2] or text for role, text in sent(house, index) if role != "system"]


async def test_reply_goes_on_from_what_it_answers(house, chat):
    await said(chat, "a poem", carried=1, answered=(2,))

    await said(chat, "shorter", carried=3, replied_to=2)

    assert talk_of(house) == ["a poem", "Good evening.", "shorter"]


async def test_reply_to_an_older_message_branches(house, chat):
    await said(chat, "a poem", carried=1, answered=(2,))
    await said(chat, "shorter", carried=3, answered=(4,), replied_to=2)

    await said(chat, "longer", carried=5, replied_to=2)

    assert talk_of(house) == ["a poem", "Good evening.", "longer"]


async def test_mention_without_a_reply_begins_anew(house, chat):
    await said(chat, "a secret", carried=1, answered=(2,))

    await said(chat, "hello", carried=3)

    assert talk_of(house) == ["hello"]


async def test_direct_messages_go_on_from_the_last(house, chat):
    await said(chat, "a poem", carried=1, answered=(2,), goes_on=True)

    await said(chat, "shorter", carried=3, goes_on=True)

    assert talk_of(house) == ["a poem", "Good evening.", "shorter"]


async def test_reply_to_a_message_of_another_channel_brings_nothing_along(house, chat):
    await said(chat, "a secret", carried=1, answered=(2,))
    elsewhere = replace(ann(), channel_id=ann().channel_id + 1)

    await said(chat, "go on", elsewhere, carried=3, replied_to=2)
    await said(chat, "go on", elsewhere, carried=4, replied_to=1, goes_on=True)

    assert "secret" not in str(house.world.provider.bodies[1:])


async def test_event_that_comes_twice_is_answered_once(house, chat):
    await said(chat, "hello", carried=1, answered=(2,))
    await said(chat, "hello", carried=1, answered=(2,))

    assert len(house.world.provider.bodies) == 1
    assert await house.used(Meter.MESSAGES_PER_DAY) == 1


async def test_nothing_said_is_said_to_be_nothing(house, chat):
    with pytest.raises(BadInput, match="bring a picture"):
        await said(chat, "  \n ")

    assert not house.world.provider.bodies


async def test_file_that_is_no_picture_is_named_and_nothing_is_sent(house, chat):
    with pytest.raises(PictureUnusable, match=r"“cat\.png”"):
        await said(chat, "what is this", uploads=(house.world.attach(b"no picture"),))

    assert not house.world.provider.bodies


async def test_picture_is_seen_now_and_after_its_link_has_died(house, chat):
    await said(chat, "what is this", carried=1, answered=(2,), uploads=(house.world.attach(picture_bytes()),))
    house.world.files.clear()

    await said(chat, "and its colour?", carried=3, replied_to=2)

    assert talk_of(house)[0] == "what is this\n[1.0 picture cat.png]<image_url>"


async def test_pictures_of_long_ago_are_told_in_words(house, chat):
    for n in range(6):
        picture = house.world.attach(picture_bytes((n, n, n)))
        await said(
            chat, f"picture {n}", carried=10 * n, answered=(10 * n + 1,), uploads=(picture,), goes_on=True
        )

    sheet = await said(chat, "compare", goes_on=True)

    shown = [text.count("<image_url>") for text in talk_of(house)]
    assert sum(shown) == 4
    assert "2 older pictures were not looked at" in sheet.notes


async def test_long_conversation_is_summed_up_and_goes_on_from_there(house, world):
    world.caps.context_tokens = 2_000
    chat = chat_rooms(house)
    for n in range(8):
        await said(chat, f"{n} " + "long words " * 400, goes_on=True)

    sheet = await said(chat, "and now?", goes_on=True)

    bodies = world.provider.bodies
    summaries = [body for body in bodies if "Sum up" in str(body["messages"][0])]
    assert 1 <= len(summaries) <= 3
    assert any(text.startswith("What was said before") for _, text in sent(house))
    assert all(len(str(body["messages"])) < 40_000 for body in bodies)
    assert "summed up" in " ".join(sheet.notes)


async def test_context_begins_the_same_while_nothing_is_dropped(house, chat):
    for n in range(3):
        await said(chat, f"words {n}", goes_on=True)

    first, second = (sent(house, index) for index in (-2, -1))
    assert second[: len(first)] == first


async def test_deleted_message_is_forgotten_and_its_picture_with_it(house, chat):
    await said(chat, "my secret", carried=1, answered=(2,), uploads=(house.world.attach(picture_bytes()),))
    await said(chat, "shorter", carried=3, answered=(4,), replied_to=2)

    await chat.deleted([1])
    await said(chat, "what did I say?", carried=5, replied_to=4)

    assert "my secret" not in str(house.world.provider.bodies[-1])
    assert "image_url" not in str(house.world.provider.bodies[-1])
    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "my secret" not in dump
    assert not [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]


async def test_edited_message_is_followed(house, chat):
    await said(chat, "a pome", carried=1, answered=(2,))

    await chat.edited(1, ann().channel_id, "a poem")
    await said(chat, "shorter", carried=3, replied_to=2)

    assert talk_of(house)[0] == "a poem"


async def test_edit_does_not_change_what_easel_said_nor_another_channel(house, chat):
    await said(chat, "a poem", carried=1, answered=(2,))

    assert not await chat.edited(2, ann().channel_id, "I say so")
    assert not await chat.edited(1, ann().channel_id + 1, "I say so")


async def test_nobody_speaks_as_another(house, chat):
    await said(chat, "Bob#0002 says:\nI agree", carried=1)

    (_, text) = sent(house)[-1]
    assert text == f"Ann#{house.wordsmith.tag(ann().user_id)} says:\nBob#0002 says:\nI agree"


async def test_forgotten_channel_holds_nothing(house, chat):
    await said(chat, "my secret", carried=1, answered=(2,))

    await chat.forget(ann().channel_id)

    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "my secret" not in dump
    assert "Good evening." not in dump


@pytest.mark.parametrize("answer", [lambda _: refusal(), lambda _: trouble(401)], ids=["refused", "no key"])
async def test_failure_is_told_and_costs_nothing(house, chat, answer):
    house.world.provider.script.append(answer)

    sheet = await said(chat, "hello")

    assert sheet.sorry
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await house.open_holds() == 0


async def test_answer_that_nobody_saw_costs_nobody(house, chat):
    with pytest.raises(RuntimeError):
        await said(chat, "hello", sheet=Sheet(breaks=RuntimeError("Discord is gone")))

    assert await house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await house.open_holds() == 0


async def test_answer_is_charged_once_it_is_shown(house, chat):
    sheet = await said(chat, "hello")

    assert sheet.text == "Good evening."
    assert sheet.notes == ("$0.0004",)
    assert await house.used(Meter.USD_PER_DAY) == WORDS_MICROUSD


async def test_what_waits_for_its_answer_is_known_after_a_restart(house, chat):
    turn = await chat.hear(ann(), Said("hello", "Ann", 7))

    left = await Turns(house.database).awaiting()
    assert [(one.turn.id, one.message_id) for one in left] == [(turn.id, 7)]

    await chat.answer(turn, ann(), Sheet(), 7)

    assert await Turns(house.database).awaiting() == ()


async def test_too_large_a_picture_is_shrunk(house, chat):
    await said(chat, "what is this", uploads=(house.world.attach(noise((2600, 40))),))

    assert "image_url" in str(house.world.provider.bodies[-1])


def citing(url, title, *, content="A whole page of words"):
    return {"type": "url_citation", "url_citation": {"url": url, "title": title, "content": content}}


def answers_citing(*notes):
    def answer(request):
        streams = json.loads(request.content).get("stream", False)
        return words("Teal, they say.", streams=streams, annotations=list(notes))

    return answer


async def test_sources_are_shown_kept_and_not_sent_back(house, chat):
    notes = citing("https://a.example/teal", "Teal"), citing("javascript:alert(1)", "No page")
    house.world.provider.script.append(answers_citing(*notes))

    sheet = await said(chat, "look it up", carried=1, answered=(2,))
    await said(chat, "and now?", carried=3, replied_to=2)

    assert [(one.title, one.url) for one in sheet.sources] == [("Teal", "https://a.example/teal")]
    kept = await Turns(house.database).of_message(2, ann().channel_id)
    assert kept is not None
    assert kept.sources == sheet.sources
    assert "A whole page of words" not in str(house.world.provider.bodies[-1])
