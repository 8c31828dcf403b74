"""Data out of files: what cannot be used is said, what is taken out is shown, and it costs one message."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from documents_kit import locked_pdf, pdf_bytes
from people_kit import a_message, a_user, attachment, form, message_menu, slash
from provider_kit import picture_bytes, refusal, words
from world_kit import ANN, BOB, CHANNEL, policy

from bot.domain.quotas import Meter

if TYPE_CHECKING:
    from cogs_kit import Stage
    from world_kit import World

FIELDS = "invoice number, total as number"


@pytest.fixture(autouse=True)
def limits(world: World):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


def given(stage: Stage, n: int, data: bytes, name: str) -> dict[str, Any]:
    upload = stage.house.world.attach(data, name)
    return attachment(n, upload.size_bytes, upload.url, name)


def answering(*values: Any):
    return [lambda _request, value=value: words(json.dumps(value)) for value in values]


def shown(calls: list[Any]) -> tuple[str, dict[str, str]]:
    """Return the last content, and the files by their place."""
    last = calls[-1]
    payload = last.payload.get("data", last.payload)
    return payload["content"], {name: data.decode("utf-8") for name, data in last.files.items()}


async def extract(stage: Stage, *files: dict[str, Any], **options: Any):
    named = {name: file["id"] for name, file in zip(("file", "file2", "file3"), files, strict=False)}
    given_fields = {} if "schema" in options else {"fields": FIELDS}
    return await stage.act(slash("extract", {**named, **given_fields, **options}, files))


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"PK\x03\x04\0", "a.docx", "Easel reads pictures"),
        (locked_pdf(), "a.pdf", "locked with a password"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "“a.png”"),
    ],
)
async def test_file_that_cannot_be_read_is_said_privately(stage: Stage, data, name, sentence):
    calls = await extract(stage, given(stage, 8, data, name))

    content, _ = shown(calls)
    assert sentence in content
    assert stage.house.world.provider.bodies == []
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 0


async def test_no_fields_are_asked_for(stage: Stage):
    said = await stage.said(slash("extract", {"file": "8", "fields": ", ,"}, (attachment(8),)))

    assert "Say which fields" in said


GOOD = {"invoice_number": "1", "total": 2}
UNUSABLE = pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda _request: words("I would rather not."), "does not follow the fields"),
        (lambda _request: words('{"invoice_number": 5, "total": "much"}'), "does not follow the fields"),
        (lambda _request: words('{"invoice_number": "5', finish="length"), "more in this file"),
        (lambda _request: refusal(), "safety system"),
    ],
    ids=["words", "other types", "cut", "refused"],
)


@pytest.mark.sampled
@UNUSABLE
async def test_an_unusable_answer_costs_nothing(stage: Stage, answer, why):
    stage.house.world.provider.script += [answer]

    content, _ = shown(await extract(stage, given(stage, 8, b"first", "a.txt")))

    assert why in content
    assert "```" not in content
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await stage.house.used(Meter.USD_PER_DAY) == 0


@pytest.mark.sampled(2)
@UNUSABLE
@pytest.mark.parametrize("place", [0, 1])
async def test_an_unusable_answer_is_named_and_not_paid_beside_a_good_one(stage: Stage, answer, why, place):
    answers = answering(GOOD)
    answers.insert(place, answer)
    stage.house.world.provider.script += answers
    files = [given(stage, 8, b"first", "0.txt"), given(stage, 9, b"second", "1.txt")]

    content, enclosed = shown(await extract(stage, *files))

    assert f"-# ⚠️ “{place}.txt”: " in content
    assert why in content
    assert [one["file"] for one in json.loads(enclosed["files[0]"])] == [f"{1 - place}.txt"]
    assert "$0.0004" in content
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 1
    assert await stage.house.used(Meter.USD_PER_DAY) == 400


async def test_a_file_that_cannot_be_read_loses_no_other(stage: Stage):
    stage.house.world.provider.script += answering(GOOD)
    large = attachment(9, 21 * 2**20, "https://cdn.example/large.pdf", "large.pdf")
    files = [given(stage, 8, b"PK\x03\x04\0", "a.docx"), large, given(stage, 10, b"good", "c.txt")]

    content, _ = shown(await extract(stage, *files))

    assert "-# ⚠️ “a.docx”: Easel reads pictures" in content
    assert "-# ⚠️ “large.pdf”: this file is over 20 MB" in content
    assert "**c.txt**" in content
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 1


async def test_where_no_file_can_be_used_each_has_its_reason(stage: Stage):
    files = [given(stage, 8, b"PK\x03\x04\0", "a.docx"), given(stage, 9, b"", "b.txt")]

    content, _ = shown(await extract(stage, *files))

    assert "“a.docx”: Easel reads pictures" in content
    assert "“b.txt”: this file is empty." in content
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 0


async def test_an_allowance_that_is_used_up_is_said_once(stage: Stage):
    allowances = stage.house.allowances
    allowances.terms = replace(allowances.terms, person=policy({Meter.MESSAGES_PER_DAY: 0}))
    files = [given(stage, 8, b"first", "a.txt"), given(stage, 9, b"second", "b.txt")]

    content, _ = shown(await extract(stage, *files))

    assert content == f"<@{ANN}>\nNothing can be asked here, because your allowance is set to zero."


@pytest.mark.further
async def test_several_files_are_one_table_and_one_message(stage: Stage):
    stage.house.world.provider.script += answering(
        {"invoice_number": "A-7", "total": 12.5}, {"invoice_number": "=HYPERLINK(1)", "total": None}
    )
    files = [given(stage, 8, pdf_bytes("Total 12.5"), "a.pdf"), given(stage, 9, picture_bytes(), "b.png")]

    content, enclosed = shown(await extract(stage, *files))

    assert "file   invoice_number  total" in content
    assert "a.pdf  A-7             12.5" in content
    assert "b.png  =HYPERLINK(1)   —" in content
    assert "$0.0008" in content
    assert "messages left today" in content
    assert json.loads(enclosed["files[0]"]) == [
        {"file": "a.pdf", "data": {"invoice_number": "A-7", "total": 12.5}},
        {"file": "b.png", "data": {"invoice_number": "=HYPERLINK(1)", "total": None}},
    ]
    table = "\ufefffile,invoice_number,total\r\na.pdf,A-7,12.5\r\nb.png,'=HYPERLINK(1),\r\n"
    assert enclosed["files[1]"] == table
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 1
    schema = stage.house.world.provider.bodies[0]["response_format"]["json_schema"]
    assert schema["strict"] is True


async def test_field_called_file_is_told_from_the_file(stage: Stage):
    stage.house.world.provider.script += answering({"file": "1", "datei": "x"}, {"file": "2", "datei": "y"})
    files = [given(stage, 8, b"x", "a.txt"), given(stage, 9, b"y", "b.txt")]

    with_german = {"locale": "de"}
    named = {"file": "8", "file2": "9", "fields": "file, Datei"}
    content, enclosed = shown(await stage.act(slash("extract", named, tuple(files)) | with_german))

    assert "_Datei  file  datei" in content
    assert enclosed["files[1]"].splitlines()[0] == "\ufeff_file,file,datei"


async def test_words_from_right_to_left_keep_their_columns(stage: Stage):
    stage.house.world.provider.script.extend(
        [lambda _: words(json.dumps({"الاسم": "أحمد", "total": 12.5}, ensure_ascii=False))] * 2
    )
    files = [given(stage, n, b"x", f"{n}.txt") for n in (8, 9)]

    (*_, last) = await extract(stage, *files, fields="الاسم, total as number")

    said = last.payload.get("data", last.payload)["content"]
    assert "\nfile   \u2068الاسم\u2069  total\n" in said
    assert "\n8.txt  \u2068أحمد\u2069   12.5\n" in said


async def test_words_of_a_file_cannot_leave_their_block(stage: Stage):
    stage.house.world.provider.script += answering({"invoice_number": "```\n@everyone", "total": 1})

    content, _ = shown(await extract(stage, given(stage, 8, b"x", "a.txt")))

    assert content.count("```") == 2


async def test_own_schema_is_used_in_place_of_fields(stage: Stage):
    rows = {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
    schema = json.dumps({"type": "object", "properties": {"items": rows}}).encode()
    stage.house.world.provider.script += answering({"items": [{"name": f"thing {n}"} for n in range(30)]})
    files = [given(stage, 8, b"x", "a.txt"), given(stage, 9, schema, "s.json")]

    calls = await stage.act(slash("extract", {"file": "8", "schema": "9"}, tuple(files)))

    content, enclosed = shown(calls)
    assert "thing 19" in content
    assert "10 more rows" in content
    assert "thing 29" in enclosed["files[1]"]


async def test_nothing_of_the_files_is_kept(stage: Stage):
    stage.house.world.provider.script += answering({"invoice_number": "4711", "total": 1})

    await extract(stage, given(stage, 8, b"secret 4711", "a.txt"))

    dump = await stage.house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "4711" not in dump
    assert not [path for path in (stage.house.world.folder / "blobs").rglob("*") if path.is_file()]


def posted(*files: dict[str, Any]) -> dict[str, Any]:
    return a_message(6_000, CHANNEL) | {"author": a_user(BOB), "attachments": list(files)}


async def test_menu_on_a_message_without_files_is_said(stage: Stage):
    assert "no picture and no document" in await stage.said(message_menu("Extract data", posted()))


@pytest.mark.further
async def test_menu_takes_all_files_of_a_message(stage: Stage):
    stage.house.world.provider.script += answering(*[{"invoice_number": "1", "total": n} for n in (1, 2)])
    files = [given(stage, 8, pdf_bytes("a"), "a.pdf"), given(stage, 9, b"text", "b.txt")]
    (asked,) = await stage.act(message_menu("Extract data", posted(*files)))
    form_id = asked.payload["data"]["custom_id"]

    calls = await stage.act(
        form(form_id, {"fields": FIELDS, "schema": "", "private": [False]}, interaction_id=2)
    )

    content, _ = shown(calls)
    assert "a.pdf" in content
    assert "b.txt" in content
    assert len(stage.house.world.provider.bodies) == 2


async def test_file_that_does_not_fit_the_model_is_said_to_be_too_long(stage: Stage):
    refused = {"code": 400, "message": "no", "metadata": {"error_type": "context_length_exceeded"}}
    stage.house.world.provider.script = [lambda _: httpx.Response(400, json={"error": refused})]

    calls = await extract(stage, given(stage, 8, b"Total: 12", "a.txt"))

    assert shown(calls)[0] == f"<@{ANN}>\n“a.txt”: this file is too long for the model. Send a shorter one."
