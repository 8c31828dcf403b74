"""What is quoted belongs to its message: it goes and changes with it, and the question stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from privacy_kit import erase, forgetful
from provider_kit import picture_bytes
from rooms_kit import chat_rooms, export_room, forget_room, quotation_room
from test_services_chat import said, talk_of
from test_services_export import LIMIT, opened
from test_services_forgetting import summaries
from world_kit import BOB, CHANNEL, ann, bob

from bot.domain.conversation import Said
from bot.domain.privacy import Extent
from bot.domain.quotas import Meter
from bot.domain.quotations import Edition, Quotation
from bot.domain.requests import PictureRequest
from bot.errors import NotFound
from bot.services.drafting import Drafting
from bot.services.export import Form
from bot.storage.drafts import Drafts
from bot.storage.turns import Summary, Turns

BOBS = 50
"""The message that Ann speaks of."""
HEAD = "(about a message of Bob:)\n> "
FIRST, SECOND = 701, 702


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


@pytest.fixture
def chat(house):
    return chat_rooms(house)


def blobs(house):
    return [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]


def attached(house, number, size=64):
    return replace(
        house.world.attach(picture_bytes(size=(size, size)), f"{number}.png"), attachment_id=number
    )


def a_quotation(text="a secret", edited_at=None):
    return Quotation(BOBS, BOB, f"{HEAD}{text}" if text else "", edited_at)


async def asked_about(house, chat, **more):
    """Let Ann ask about Bob's message, which has words and a picture."""
    brought = (attached(house, FIRST),)
    about = {"quotation": a_quotation(), "brought": brought, **more}
    await said(chat, "what is it?", carried=1, answered=(2,), **about)


async def told(house, chat):
    """Go on, and return what the model is told of the question, with how many pictures."""
    await said(chat, "go on", carried=90 + len(house.world.provider.bodies), replied_to=2)
    return talk_of(house)[0].partition("\n[")[0], str(house.world.provider.bodies[-1]).count("data:image")


def edition(house, text="", attachments=(), **more):
    at = house.world.clock() + timedelta(seconds=more.pop("after_s", 1))
    return Edition(BOBS, CHANNEL, text, at, frozenset(attachments), **more)


async def delete_it(_house, chat):
    await chat.deleted([BOBS])


async def sweep_it_away(_house, chat):
    await chat.deleted([49, BOBS, 51])


async def forget_mine(house, chat):
    rooms = forget_room(house, chat=chat)
    assert await rooms.count(bob(), everything=False, is_direct=False) == 1
    await rooms.forget(bob(), everything=False, is_direct=False)


async def erase_talk(house, chat):
    await erase(forgetful(house, chat=chat), BOB, Extent.TALK)


async def erase_all(house, chat):
    await erase(forgetful(house, chat=chat), BOB)


@pytest.mark.sampled
@pytest.mark.parametrize(
    "forget", [delete_it, sweep_it_away, forget_mine, erase_talk, erase_all], ids=lambda one: one.__name__
)
async def test_what_is_quoted_goes_with_its_message(house, chat, forget):
    await asked_about(house, chat)
    assert await told(house, chat) == (f"{HEAD}a secret\nwhat is it?", 1)

    await forget(house, chat)

    assert await told(house, chat) == ("what is it?", 0)
    assert blobs(house) == []
    packed = opened(await export_room(house).pack(ann(), None, is_direct=True, most_bytes=LIMIT))
    assert packed.namelist() == ["conversation.md", "conversation.json"]
    assert b"secret" not in packed.read("conversation.md") + packed.read("conversation.json")
    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "a secret" not in dump
    assert await house.database.read("SELECT 1 FROM turn_quote") == []


async def test_what_is_quoted_goes_with_the_turn_that_its_message_carries(house, chat):
    await said(chat, "a secret", bob(), carried=BOBS, answered=(51,))
    await asked_about(house, chat)

    await forget_room(house, chat=chat).forget(bob(), everything=False, is_direct=False)

    assert await told(house, chat) == ("what is it?", 0)


async def test_others_may_not_let_it_be_forgotten(house, chat):
    await asked_about(house, chat)
    eve = ann(user_id=104)

    await forget_room(house, chat=chat).forget(eve, everything=False, is_direct=False)
    await erase(forgetful(house, chat=chat), eve.user_id)
    await chat.deleted([51])

    assert "a secret" in (await told(house, chat))[0]


async def test_who_asked_for_themselves_alone_is_not_counted(house, chat):
    await asked_about(house, chat, private=True)

    assert await forget_room(house, chat=chat).count(bob(), everything=False, is_direct=False) == 0


async def test_an_edit_is_quoted_as_it_reads_now(house, chat):
    brought = attached(house, FIRST), attached(house, SECOND, 96)
    await asked_about(house, chat, brought=brought)

    await quotation_room(house, chat).edited(edition(house, f"{HEAD}a poem", [SECOND]))

    words, pictures = await told(house, chat)
    assert (words, pictures, len(blobs(house))) == (f"{HEAD}a poem\nwhat is it?", 1, 1)


async def test_an_edit_that_discord_does_not_tell_leaves_nothing(house, chat):
    await asked_about(house, chat)

    await quotation_room(house, chat).edited(edition(house))

    assert await told(house, chat) == ("what is it?", 0)


async def test_words_that_may_not_be_said_are_not_quoted(house, chat):
    async def never(_turn, _text):
        return False

    await asked_about(house, chat)

    await quotation_room(house, chat, may_say=never).edited(edition(house, f"{HEAD}gore", [FIRST]))

    assert await told(house, chat) == ("what is it?", 1)


async def test_an_edit_of_before_it_was_quoted_changes_nothing(house, chat):
    await asked_about(house, chat, quotation=a_quotation(edited_at=house.world.clock()))

    await quotation_room(house, chat).edited(edition(house, after_s=0))

    assert "a secret" in (await told(house, chat))[0]


async def test_an_edit_of_the_question_leaves_what_it_quotes(house, chat):
    await asked_about(house, chat)

    assert await chat.edited(1, CHANNEL, "who is it?", set())

    assert await told(house, chat) == (f"{HEAD}a secret\nwho is it?", 1)


@pytest.mark.parametrize("change", ["deleted", "edited"])
async def test_what_becomes_of_it_while_it_is_read_is_followed(house, chat, change):
    quotations, fetch = quotation_room(house, chat), chat._attachments._fetch

    async def slowly(upload):
        await (chat.deleted([BOBS]) if change == "deleted" else quotations.edited(edition(house)))
        return await fetch(upload)

    chat._attachments._fetch = slowly
    await asked_about(house, chat)

    assert talk_of(house) == ["what is it?"]
    assert (blobs(house), chat._meanwhile.is_idle) == ([], True)


async def test_a_question_of_nothing_but_a_quotation_is_gone_with_it(house, chat):
    turn = await chat.hear(ann(), Said("", "Ann", 1, quotation=a_quotation()))
    await chat.deleted([BOBS])

    with pytest.raises(NotFound):
        await chat.recall(turn.id, ann())


async def test_what_was_summed_up_of_it_goes_and_is_not_kept_too_late(house, chat):
    await asked_about(house, chat)
    turns = Turns(house.database)
    path = [turn for turn_id in (1, 2) if (turn := await turns.get(turn_id, CHANNEL))]
    await turns.keep_summary(Summary(2, "Bob's secret"), path, house.world.clock())
    assert await summaries(house) == ["Bob's secret"]

    await chat.deleted([BOBS])
    assert await summaries(house) == []
    await turns.keep_summary(Summary(2, "Bob's secret"), path, house.world.clock())

    assert await summaries(house) == []


async def test_bytes_that_somebody_else_holds_are_kept(house, chat):
    await said(chat, "mine", carried=80, uploads=(attached(house, SECOND),))
    await asked_about(house, chat)

    await chat.deleted([BOBS])

    assert len(blobs(house)) == 1


@pytest.mark.parametrize("change", ["deleted", "edited"])
async def test_what_is_begun_about_it_goes_too(house, chat, change):
    drafting = Drafting(Drafts(house.database), house.world.clock)
    begun = PictureRequest("", references=(attached(house, FIRST),), quotation=a_quotation())
    await drafting.begin(5, ann(), begun)
    found = await drafting.find(5, ann())
    assert (found, found.references) == (begun, begun.references)
    assert [getattr(one, "attachment_id", None) for one in found.references] == [FIRST]

    await (
        chat.deleted([BOBS]) if change == "deleted" else quotation_room(house, chat).edited(edition(house))
    )

    with pytest.raises(NotFound):
        await drafting.find(5, ann())


async def test_who_is_quoted_gets_it_in_their_own_export(house, chat):
    await asked_about(house, chat)
    rooms = forgetful(house, chat=chat)

    pages = [page async for page in rooms.takeout._rows.pages("quotations", BOB, house.world.clock())]

    assert pages == [[{"message_id": BOBS, "text": f"{HEAD}a secret"}]]
    packed = await export_room(house).pack(ann(), Form.MARKDOWN, is_direct=True, most_bytes=LIMIT)
    assert b"a secret" in opened(packed).read("conversation.md")


async def test_what_could_not_be_read_of_it_goes_too(house, chat):
    own = replace(house.world.attach(b"PK\x03\x04\0", "own.docx"), attachment_id=SECOND)
    theirs = house.world.attach(b"PK\x03\x04\0", "theirs.docx")
    await asked_about(house, chat, uploads=(own,), brought=(theirs, attached(house, FIRST)))
    turns = Turns(house.database)

    await chat.edited(1, CHANNEL, "what is it?", {SECOND})
    turn = await turns.get(1, CHANNEL)
    assert turn is not None
    assert [one.partition("”")[0] for one in turn.remarks] == ["“own.docx", "“theirs.docx"]
    await chat.deleted([BOBS])

    turn = await turns.get(1, CHANNEL)
    assert turn is not None
    assert [one.partition("”")[0] for one in turn.remarks] == ["“own.docx"]
