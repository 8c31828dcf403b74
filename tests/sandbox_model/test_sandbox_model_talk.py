"""Answers in words: pictures seen, files read, schemas obeyed, tools called, and what is refused."""

from __future__ import annotations

import io
import json

import jsonschema
import pybase64
import pytest
from PIL import Image
from sandbox_model_kit import data_url, picture_bytes
from talk_kit import QUOTA, RECEIPT, TOOL, file, form, pdf, picture, says

from bot.services.toolbox import FOUND_HEAD, ON_ITS_WAY
from sandbox.model.eyes import Memory, describe
from sandbox.model.fault_answers import REFUSED
from sandbox.model.words import NOTE


@pytest.fixture
def ask(client, talk):
    async def asked(body):
        reply = await client.post("/chat/completions", json=talk | body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    return asked


def message(reply):
    return reply["choices"][0]["message"]


async def test_a_picture_is_described_by_its_size_and_colours(ask):
    reply = await ask(says("What is this?", picture(), picture(picture_bytes(colour="navy"))))

    said = message(reply)["content"]
    assert "Picture 1: a picture of 48 by 32 pixels, mostly red" in said
    assert "Picture 2: a picture of 48 by 32 pixels, mostly navy" in said


async def test_a_picture_of_its_own_is_known_again(client, ask, images):
    drawn = (await client.post("/images", json=images | {"n": 1, "size": "512x512"})).json()
    with Image.open(io.BytesIO(pybase64.b64decode(drawn["data"][0]["b64_json"]))) as image:
        copy = io.BytesIO()
        image.resize((400, 400)).convert("RGB").save(copy, "JPEG", quality=80)
    url = data_url(copy.getvalue(), "image/jpeg")
    reply = await ask(says("What is this?", {"type": "image_url", "image_url": {"url": url}}))

    assert "Picture 1: a red moon, mostly " in message(reply)["content"]


def test_two_colours_are_both_named():
    image = Image.new("RGB", (40, 40), "white")
    image.paste("navy", (0, 0, 40, 20))
    file = io.BytesIO()
    image.save(file, "PNG")

    assert describe(file.getvalue(), Memory()).endswith("mostly navy and white")


async def test_pictures_cost_by_how_closely_they_are_looked_at(ask):
    costs = [
        (await ask(says("What?", picture(detail=detail))))["usage"]["prompt_tokens"]
        for detail in ("low", "high")
    ]
    (plain, other) = [
        (await ask({"model": model} | says("What?")))["usage"]["prompt_tokens"]
        for model in ("openai/gpt-4o-mini", "openai/gpt-6-luna")
    ]
    luna = (await ask({"model": "openai/gpt-6-luna"} | says("What?", picture())))["usage"]["prompt_tokens"]

    assert costs == [plain + 2833, plain + 2833 + 5667]
    assert luna == other + 1229


async def test_files_are_read(ask):
    reply = await ask(
        says(
            "Sum it up",
            file("notes.txt", b"milk and bread"),
            file("a.pdf", pdf("Shop: Corner", "Paid: yes"), "application/pdf"),
        )
    )

    said = message(reply)["content"]
    assert "I read notes.txt: 3 words, beginning “milk and bread”." in said
    assert "I read a.pdf: 6 words on 1 page, beginning “Shop: Corner Paid: yes Total: 3.20”." in said
    (noted,) = message(reply)["annotations"]
    assert noted["file"]["name"] == "a.pdf"
    assert noted["file"]["content"][0]["text"].startswith("Shop: Corner")


async def test_a_form_is_filled_in_from_what_was_read(ask):
    paper = file("a.pdf", pdf("Shop: Corner", "Paid: yes", "Currency: USD"), "application/pdf")
    reply = await ask(says("Read this", paper) | form(RECEIPT))

    filled = json.loads(message(reply)["content"])
    jsonschema.validate(filled, RECEIPT)
    assert filled == {
        "shop": "Corner",
        "total": 3.2,
        "tip": None,
        "vat_id": None,
        "paid": True,
        "currency": "USD",
        "items": [{"name": ""}],
        "kind": "receipt",
        "pages": 1,
    }


async def test_prompts_with_fields_of_their_own_differ_and_can_be_drawn(ask):
    names = ["prompt_faithful", "prompt_medium", "prompt_mood", "prompt_viewpoint"]
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": names,
        "additionalProperties": False,
    }

    filled = json.loads(message(await ask(says("Describe", picture()) | form(schema)))["content"])

    assert len(set(filled.values())) == len(names)
    assert "pixels" not in str(filled)


async def test_a_description_by_a_schema_has_its_words(ask):
    prompts = {"type": "array", "items": {"type": "string"}, "minItems": 4, "maxItems": 4}
    schema = {
        "type": "object",
        "properties": {"caption": {"type": "string"}, "alt_text": {"type": "string"}, "prompts": prompts},
        "required": ["caption", "alt_text", "prompts"],
        "additionalProperties": False,
    }
    filled = json.loads(message(await ask(says("Describe", picture()) | form(schema)))["content"])

    assert filled["caption"] == filled["alt_text"] == "a picture of 48 by 32 pixels, mostly red"
    assert len(set(filled["prompts"])) == 4


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 0}, []),
        ({"anyOf": [{"type": "null"}]}, None),
        (
            {
                "anyOf": [
                    {"type": "object", "properties": {}, "additionalProperties": False},
                    {"type": "null"},
                ]
            },
            {},
        ),
        ({"type": "null"}, None),
        ({"enum": [7, 8]}, 7),
        ({"anyOf": [{"$ref": "#/properties/b"}, {"type": "null"}]}, None),
        ({}, ""),
    ],
    ids=["no items", "only null", "an object or null", "null", "numbers", "nowhere", "anything"],
)
async def test_odd_schemas_are_obeyed(ask, part, value):
    whole = {"type": "object", "properties": {"a": part}, "required": ["a"], "additionalProperties": False}
    reply = await ask(says("Hello") | form(whole, strict=False))

    assert json.loads(message(reply)["content"]) == {"a": value}


async def test_a_tool_is_called_when_the_words_ask_for_it(ask):
    reply = await ask(says("Please draw a red fox. Count: 2") | {"tools": [QUOTA, TOOL]})

    (called,) = message(reply)["tool_calls"]
    assert reply["choices"][0]["finish_reason"] == "tool_calls"
    assert called["function"]["name"] == "draw_picture"
    assert json.loads(called["function"]["arguments"]) == {"prompt": "a red fox. Count: 2", "count": 2}
    assert message(reply)["content"] is None


async def test_a_question_about_a_picture_calls_no_tool_that_only_speaks_of_pictures(ask):
    reply = await ask(says("What is in the picture?") | {"tools": [TOOL]})

    assert "tool_calls" not in message(reply)


async def test_the_last_picture_of_the_conversation_is_the_one_that_a_tool_is_told(ask):
    needs = {"type": "object", "properties": {"picture": {"type": "string"}}, "required": ["picture"]}
    edit = {"type": "function", "function": {"name": "edit_picture", "parameters": needs}}
    earlier = [
        {"role": "user", "content": "hello [1.0 picture cat.png]"},
        {"role": "assistant", "content": "[2.0 picture easel-7-0.png]"},
    ]

    reply = await ask({"tools": [edit], "messages": [*earlier, {"role": "user", "content": "edit it"}]})

    (called,) = message(reply)["tool_calls"]
    assert json.loads(called["function"]["arguments"]) == {"picture": "2.0"}


async def test_several_tools_are_called_at_once_unless_told_not_to(ask):
    body = says("draw a fox and tell me my quota") | {"tools": [QUOTA, TOOL]}
    both = message(await ask(body))["tool_calls"]
    one = message(await ask(body | {"parallel_tool_calls": False}))["tool_calls"]

    assert [call["function"]["name"] for call in both] == ["draw_picture", "quota"]
    assert len({call["id"] for call in both}) == 2
    assert [call["function"]["name"] for call in one] == ["quota"]


@pytest.mark.parametrize(
    ("choice", "words", "called"),
    [
        (None, "Good evening", None),
        ("auto", "draw a fox", "draw_picture"),
        ("none", "draw a fox", None),
        ("required", "Good evening", "quota"),
        ({"type": "function", "function": {"name": "draw_picture"}}, "Good evening", "draw_picture"),
        ({"type": "function", "function": {"name": "quota"}}, "draw a fox", "quota"),
    ],
    ids=["by itself", "auto", "none", "required", "named", "named another"],
)
async def test_how_tools_may_be_called(ask, choice, words, called):
    body = {"tools": [QUOTA, TOOL]} | ({"tool_choice": choice} if choice else {})
    calls = message(await ask(says(words) | body)).get("tool_calls", [])

    assert [call["function"]["name"] for call in calls] == ([called] if called else [])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("posted", "It is done: posted."),
        (
            "Ordered. It comes by itself. You have not seen it: do not describe it.",
            "Ordered. It comes by itself.",
        ),
        (f"You said: “what is it”. I see a fox. {NOTE}", "I see a fox."),
        (ON_ITS_WAY, "It is on its way."),
        (f"{FOUND_HEAD}[12.0] 2026-11-20: A fox.\n[13.0] 2026-11-19: Ink", "I found 2: A fox (2026-11-20)"),
        ("Not done: There is no picture “9.0”.", "That did not work: There is no picture “9.0”."),
        ("Nothing was found.", "Nothing was found."),
    ],
)
async def test_after_a_result_it_is_spoken_of(ask, told, said):
    first = message(await ask(says("draw a fox") | {"tools": [TOOL]}))
    result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": told}
    history = [{"role": "user", "content": "draw a fox"}, {**first, "annotations": []}, result]

    spoken = message(await ask({"tools": [TOOL], "messages": history}))["content"]

    assert (spoken.startswith(said), "You" in spoken) == (True, False)


async def test_tool_calls_stream_in_pieces(client, documents, talk):
    body = talk | says("draw a red fox in the snow") | {"tools": [TOOL], "stream": True}
    lines = (await client.post("/chat/completions", json=body)).text.splitlines()

    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    deltas = [one["choices"][0]["delta"]["tool_calls"][0] for one in chunks[:-2]]
    written = "".join(delta["function"]["arguments"] for delta in deltas)
    assert (deltas[0]["id"], deltas[0]["index"], len(deltas) > 3) == ("call_0_draw_picture", 0, True)
    assert json.loads(written) == {"prompt": "a red fox in the snow"}
    for one in chunks:
        assert not list(documents.validator("ChatStreamChunk").iter_errors(one))


async def test_forbidden_words_are_refused(client, ask, talk):
    reply = await ask(says("something FORBIDDEN"))
    streamed = await client.post("/chat/completions", json=talk | says("forbidden") | {"stream": True})

    assert (message(reply)["content"], message(reply)["refusal"]) == (None, REFUSED)
    assert json.dumps(REFUSED)[1:-1] in streamed.text


async def test_an_answer_ends_at_its_bound_and_at_a_stop(ask):
    cut = await ask({"max_tokens": 5})
    stopped = await ask({"stop": "evening"})
    several = await ask({"stop": ["!", "said"]})

    assert (message(cut)["content"], cut["choices"][0]["finish_reason"]) == ("You said: “Good ev", "length")
    assert cut["usage"]["completion_tokens"] == 5
    assert message(stopped)["content"] == "You said: “Good "
    assert message(several)["content"] == "You "


async def test_a_model_that_thinks_shows_it_and_charges_it(client, ask, talk):
    body = {"model": "openai/gpt-6-luna", "reasoning": {"effort": "low"}}
    reply, silent = await ask(body), await ask({"model": "openai/gpt-6-luna"})
    streamed = await client.post("/chat/completions", json=talk | body | {"stream": True})

    assert message(reply)["reasoning"].startswith("The person says")
    assert reply["usage"]["completion_tokens_details"]["reasoning_tokens"] == 64
    assert reply["usage"]["cost"] > silent["usage"]["cost"]
    assert '"reasoning": "The "' in streamed.text


async def test_answers_agree_with_the_document(ask, documents):
    bodies = (says("Hi", picture()), says("draw a fox") | {"tools": [TOOL]}, says("forbidden"))
    for body in bodies:
        assert not list(documents.validator("ChatResult").iter_errors(await ask(body)))


@pytest.mark.parametrize(
    ("fault", "finish"),
    [("cut_short", "length"), ("filtered", "content_filter")],
)
async def test_half_of_the_words_come(ask, model, fault, finish):
    whole = message(await ask({}))["content"]
    model.faults.add(fault)
    reply = await ask({})

    assert whole.startswith(message(reply)["content"])
    assert (reply["choices"][0]["finish_reason"], reply["usage"]["cost"] > 0) == (finish, True)


async def test_tools_are_called_wrongly(ask, model):
    body = says("draw a red fox") | {"tools": [TOOL]}
    model.faults.add("half_called")
    half = message(await ask(body))["tool_calls"][0]["function"]["arguments"]
    model.faults.add("unknown_tool")

    with pytest.raises(json.JSONDecodeError):
        json.loads(half)
    assert message(await ask(body))["tool_calls"][0]["function"]["name"] == "juggle"


async def test_a_finish_comes_twice(client, model, talk):
    model.faults.add("finish_twice")
    lines = (await client.post("/chat/completions", json=talk | {"stream": True})).text.splitlines()

    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    assert [one["choices"][0]["finish_reason"] for one in chunks[-2:]] == ["stop", "stop"]
    assert ["usage" in one for one in chunks[-2:]] == [False, True]


async def test_pages_of_the_web_are_cited_where_their_links_stand(ask):
    said = message(await ask(says("What goes with teal? Look on the web.")))

    assert {note["type"] for note in said["annotations"]} == {"url_citation"}
    cited = [note["url_citation"] for note in said["annotations"]]
    assert len(cited) == 3
    for one in cited:
        assert said["content"][one["start_index"] : one["end_index"]].endswith(f"]({one['url']}))")
