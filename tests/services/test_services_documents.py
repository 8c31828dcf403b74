"""Documents in conversations: refused in a sentence, sent once, and told in words when they are old."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import httpx
import pytest
from documents_kit import endless_pdf, locked_pdf, pdf_bytes
from provider_kit import words
from rooms_kit import chat_rooms
from test_services_chat import Sheet, said, sent, talk_of
from world_kit import ann, bob

from bot.domain.conversation import Said
from bot.domain.quotas import Meter
from bot.errors import BadInput, DocumentUnusable, NotAllowed, TooLate

TOO_LONG = {
    "error": {"code": 400, "message": "too long", "metadata": {"error_type": "context_length_exceeded"}}
}


@pytest.fixture
def chat(house):
    return chat_rooms(house)


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


def reading(name="report.pdf", text="all of its words"):
    content = [{"type": "text", "text": text}]
    return {"type": "file", "file": {"hash": "abc", "name": name, "content": content}}


def with_reading(name="report.pdf", text="all of its words"):
    def answer(request):
        streams = json.loads(request.content).get("stream", False)
        return words("I read it.", streams=streams, annotations=[reading(name, text)])

    return answer


async def test_a_file_that_cannot_be_used_is_named_and_the_others_are_used(house, chat):
    files = house.world.attach(b"ID3\x04\x00\x00", "tune.mp3"), house.world.attach(b"a, b", "table.csv")

    sheet = await said(chat, "what are these", uploads=files)

    assert len(sheet.remarks) == 1
    assert sheet.remarks[0].startswith("“tune.mp3”: Easel reads pictures")
    (told,) = talk_of(house)
    assert "a, b" in told
    assert "[not readable: “tune.mp3”: " in told
    assert [row["filename"] for row in await house.database.read("SELECT filename FROM turn_file")] == [
        "table.csv"
    ]


async def test_a_file_that_cannot_be_used_is_still_named_by_whoever_answers_after_a_restart(house, chat):
    files = house.world.attach(b"ID3\x04\x00\x00", "tune.mp3"), house.world.attach(b"a, b", "table.csv")
    await chat.hear(ann(), Said("what are these", "Ann", 7, files))

    (left,) = await chat.awaiting()
    sheet = Sheet()
    await chat.answer(left.turn, ann(), sheet, 7)

    assert sheet.remarks[0].startswith("“tune.mp3”: Easel reads pictures")
    (told,) = talk_of(house)
    assert "[not readable: “tune.mp3”: " in told


async def test_only_what_an_earlier_process_left_is_answered_late_and_once(house, chat):
    house.world.clock.move(seconds=1)
    turn = await chat.hear(ann(), Said("hello", "Ann", 7))

    assert await chat.awaiting() == ()

    next_process = chat_rooms(house)
    assert [one.turn.id for one in await next_process.awaiting()] == [turn.id]
    assert await next_process.awaiting() == ()


async def test_a_file_that_cannot_be_used_is_not_named_any_more_once_it_is_taken_off(house, chat):
    tune = replace(house.world.attach(b"ID3\x04\x00\x00", "tune.mp3"), attachment_id=5)
    table = replace(house.world.attach(b"a, b", "table.csv"), attachment_id=6)
    turn = await chat.hear(ann(), Said("what are these", "Ann", 7, (tune, table)))

    assert not await chat.edited(7, turn.channel_id, "what are these", {5, 6})
    assert await chat.edited(7, turn.channel_id, "what are these", {6})

    (row,) = await house.database.read("SELECT unusable FROM turn")
    assert row["unusable"] == "[]"


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("tune.mp3", b"ID3\x04\x00\x00", r"“tune\.mp3”: Easel reads pictures"),
        ("report.docx", b"PK\x03\x04\x00\x00", r"“report\.docx”: Easel reads pictures"),
        ("old.csv", "Имя;Город".encode("cp1251"), "save it in UTF-8"),
        ("locked.pdf", locked_pdf(), r"“locked\.pdf”: this PDF is locked"),
        ("endless.pdf", endless_pdf(), "damaged"),
        ("notes.txt", b"%PDF-1.4 but no PDF", "damaged"),
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\n", "empty"),
        ("long.txt", b"a" * 200_000, "100,000 characters"),
    ],
)
async def test_document_that_cannot_be_read_is_named_and_nothing_is_sent(house, chat, name, data, sentence):
    with pytest.raises(BadInput, match=sentence):
        await said(chat, "what is this", uploads=(house.world.attach(data, name),))

    assert not house.world.provider.bodies


@pytest.mark.further
async def test_too_many_pages_together_are_too_many(house, chat):
    two = [house.world.attach(pdf_bytes(*["a"] * 60), f"{n}.pdf") for n in range(2)]

    with pytest.raises(DocumentUnusable, match="100 pages together"):
        await said(chat, "compare", uploads=tuple(two))


async def test_too_much_text_together_is_too_much(house, chat):
    five = [house.world.attach(b"a" * 90_000, f"{n}.txt") for n in range(5)]

    with pytest.raises(DocumentUnusable, match="text together"):
        await said(chat, "compare", uploads=tuple(five))


@pytest.mark.further
async def test_model_that_reads_no_files_is_not_asked(house, chat):
    for model in house.world.provider.lists["models"]:
        model["architecture"]["input_modalities"] = ["text", "image"]
    house.catalogue.load(json.dumps(house.world.provider.lists))

    sheet = await said(chat, "sum it up", uploads=(house.world.attach(pdf_bytes("a"), "report.pdf"),))

    assert "cannot read files" in sheet.sorry
    assert not house.world.provider.bodies
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0


async def test_pdf_goes_as_a_file_and_text_as_fenced_words(house, chat):
    pdf = house.world.attach(pdf_bytes("Total 12"), "report.pdf")
    table = house.world.attach(b"\xef\xbb\xbfname,total\nAnn,12\n", "table.csv")

    await said(chat, "compare", uploads=(pdf, table))

    words_of_it = (
        "compare\n[1.0 document report.pdf]\n[1.1 document table.csv]"
        "The file table.csv:\n```\nname,total\nAnn,12\n\n```<file>"
    )
    assert talk_of(house) == [words_of_it]
    part = house.world.provider.bodies[0]["messages"][-1]["content"][-1]
    assert part["file"]["filename"] == "report.pdf"
    assert part["file"]["file_data"].startswith("data:application/pdf;base64,")


async def test_reading_goes_back_once_with_the_document(house, chat):
    house.world.provider.script += [with_reading(), with_reading()]
    pdf = house.world.attach(pdf_bytes("Total 12"), "report.pdf")
    await said(chat, "sum it up", carried=1, answered=(2,), uploads=(pdf,))
    await said(chat, "shorter", carried=3, answered=(4,), replied_to=2)

    await said(chat, "and now?", carried=5, replied_to=4)

    noted = [one.get("annotations") for one in house.world.provider.bodies[-1]["messages"]]
    assert [one for one in noted if one] == [[reading()]]


@pytest.mark.further
async def test_reading_of_a_document_that_is_out_of_view_stays_away(house, chat):
    house.world.provider.script.append(with_reading())
    pdf = house.world.attach(pdf_bytes("Total 12"), "report.pdf")
    await said(chat, "sum it up", goes_on=True, uploads=(pdf,))
    for n in range(4):
        await said(chat, f"note {n}", goes_on=True, uploads=(house.world.attach(b"a note", f"{n}.txt"),))

    sheet = await said(chat, "compare", goes_on=True)

    assert "all of its words" not in str(house.world.provider.bodies[-1])
    assert "[1.0 document report.pdf: read before]" in sent(house)[1][1]
    assert "1 older document was not read again" in sheet.notes


async def test_forgotten_document_leaves_no_words_behind(house, chat):
    house.world.provider.script.append(with_reading(text="the secret is 4711"))
    pdf = house.world.attach(pdf_bytes("the secret is 4711"), "report.pdf")
    await said(chat, "sum it up", carried=1, answered=(2,), uploads=(pdf,))

    await chat.deleted([1])

    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "4711" not in dump
    assert not [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]


@pytest.fixture
def dear(house):
    """The model is dear: ten dollars for a million tokens."""
    for model in house.world.provider.lists["models"]:
        model["pricing"] = {"prompt": "0.00001", "completion": "0.00001"}
    house.catalogue.load(json.dumps(house.world.provider.lists))


async def test_high_price_is_said_before_anything_is_sent(house, chat, dear):
    sheet = await said(chat, "sum it up", uploads=(house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf"),))

    assert re.match(r"This answer may cost up to \$0\.\d+", sheet.asked)
    assert not sheet.sorry
    assert not house.world.provider.bodies
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await chat.awaiting() == ()


@pytest.mark.further
async def test_price_is_agreed_to_once_and_by_the_asker_alone(house, chat, dear):
    await said(chat, "sum it up", uploads=(house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf"),))
    with pytest.raises(NotAllowed):
        await chat.agreed(1, bob())

    turn = await chat.agreed(1, ann())
    with pytest.raises(TooLate):
        await chat.agreed(1, ann())
    sheet = Sheet()
    await chat.answer(turn, ann(), sheet, 1, agreed=True)

    assert sheet.text == "Good evening."
    with pytest.raises(TooLate):
        await chat.agreed(1, ann())
    assert len(house.world.provider.bodies) == 1


@pytest.mark.further
@pytest.mark.parametrize(("pages", "sentence"), [(9, "fewer or shorter files"), (0, "Ask something shorter")])
async def test_files_that_do_not_fit_the_model_are_said_to_be_too_long(house, chat, pages, sentence):
    house.world.provider.script = [lambda _: httpx.Response(400, json=TOO_LONG)]
    files = (house.world.attach(pdf_bytes(*["a"] * pages), "a.pdf"),) if pages else ()

    sheet = await said(chat, "sum it up", uploads=files)

    assert sentence in sheet.sorry


@pytest.mark.further
async def test_low_price_is_not_asked_about(house, chat):
    sheet = await said(chat, "sum it up", uploads=(house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf"),))

    assert not sheet.asked
    assert sheet.text == "Good evening."


@pytest.mark.further
async def test_model_is_told_to_name_the_file_and_its_page(house, chat):
    await said(chat, "sum it up", uploads=(house.world.attach(pdf_bytes("Total 12"), "my_report_v2.pdf"),))

    role, orders = sent(house)[0]
    assert role == "system"
    assert "say from which, its name in backticks, and the page" in orders
    assert "[1.0 document my_report_v2.pdf]" in sent(house)[-1][1]
