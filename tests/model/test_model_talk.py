"""What is sent for words: shape, order, and nothing that a model or a backend does not take."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from words_kit import a_words_call

from bot.domain.calls import PictureBytes
from bot.domain.chat_models import ChatModel
from bot.domain.words import (
    Annotation,
    AnswerSchema,
    Detail,
    Effort,
    FilePart,
    Message,
    PicturePart,
    Role,
    Sampling,
    Text,
    Tool,
    ToolCall,
)
from bot.model import talk
from bot.model.backend import OPENROUTER_URL, Backend
from bot.model.bodies import Body

OPENAPI = Path(__file__).parents[2] / "../shared/data/openrouter-openapi.json"
BACKEND = Backend(OPENROUTER_URL, "k")
PLAIN = Backend("http://127.0.0.1:4000/v1", "", extra_body=frozenset())
ANY = ChatModel("openai/gpt-4o-mini", "Mini")
NOTHING = replace(ANY, supported_parameters=frozenset())
PHOTO = PictureBytes(b"\xff\xd8\xffphoto", "image/jpeg")
PHOTO_URL = "data:image/jpeg;base64,/9j/cGhvdG8="
DRAW = Tool("draw", "Draw a picture.", {"type": "object", "properties": {"prompt": {"type": "string"}}})
SCHEMA = AnswerSchema("receipt", {"type": "object", "additionalProperties": False}, "A receipt.")
SAMPLING = Sampling(
    temperature=0.5,
    top_p=0.9,
    top_k=40,
    min_p=0.1,
    frequency_penalty=0.1,
    presence_penalty=0.2,
    repetition_penalty=1.1,
    stop=("END",),
    seed=0,
    logit_bias={"50256": -100},
    top_logprobs=2,
)
CALLED = ToolCall("call_1", "draw", '{"prompt": "a fox"}')
CONVERSATION = (
    Message.system("Be kind."),
    Message.user("Draw a fox", name="alice"),
    Message.assistant(tool_calls=(CALLED,)),
    Message.tool(CALLED, "It is posted."),
    Message.assistant(
        "There.", pictures=(PHOTO,), annotations=(Annotation("file", "a.pdf", "", '{"type": "file"}'),)
    ),
    Message.user(
        "What is this?",
        PicturePart(PHOTO),
        FilePart("a.pdf", b"%PDF", "application/pdf"),
        PicturePart(PHOTO, Detail.HIGH),
        name="Bo b/ü",
    ),
)
EVERYTHING = {
    "sampling": SAMPLING,
    "effort": Effort.LOW,
    "schema": SCHEMA,
    "tools": (DRAW,),
    "tool_choice": "draw",
    "parallel_tool_calls": False,
    "draws": True,
}

WHOLE = {
    "model": "openai/gpt-4o-mini",
    "modalities": ["image", "text"],
    "max_tokens": 1000,
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.1,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.2,
    "repetition_penalty": 1.1,
    "stop": ["END"],
    "seed": 0,
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "top_logprobs": 2,
    "reasoning": {"effort": "low"},
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "receipt",
            "strict": True,
            "schema": {"type": "object", "additionalProperties": False},
            "description": "A receipt.",
        },
    },
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "draw",
                "description": "Draw a picture.",
                "parameters": dict(DRAW.parameters),
            },
        }
    ],
    "tool_choice": {"type": "function", "function": {"name": "draw"}},
    "parallel_tool_calls": False,
    "user": "user-1",
    "session_id": "channel-1",
    "stream": True,
    "stream_options": {"include_usage": True},
}


async def sent(call, model=ANY, backend=BACKEND, **options):
    body = Body(talk.fields(call, model, backend, 1000, **options))
    data = b"".join([piece async for piece in body])
    assert len(data) == body.length
    return json.loads(data)


def image(detail=None):
    return {"type": "image_url", "image_url": {"url": PHOTO_URL, **({"detail": detail} if detail else {})}}


async def test_a_plain_request_in_full():
    assert await sent(a_words_call()) == {
        "model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "Good evening"}],
        "max_tokens": 1000,
        "user": "user-1",
        "session_id": "channel-1",
    }


async def test_a_conversation_in_full():
    fields = await sent(a_words_call(*CONVERSATION))

    called = {"id": "call_1", "type": "function", "function": {"name": "draw", "arguments": CALLED.arguments}}
    assert fields["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Draw a fox", "name": "alice"},
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "content": "It is posted.", "tool_call_id": "call_1"},
        {
            "role": "assistant",
            "content": "There.",
            "images": [image()],
            "annotations": [{"type": "file"}],
        },
        {
            "role": "user",
            "name": "Bo_b_",
            "content": [
                {"type": "text", "text": "What is this?"},
                image("low"),
                {
                    "type": "file",
                    "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="},
                },
                image("high"),
            ],
        },
    ]


async def test_everything_that_can_be_chosen_is_sent():
    fields = await sent(a_words_call(*CONVERSATION, **EVERYTHING), streams=True)

    del fields["messages"]
    assert fields == WHOLE


@pytest.mark.parametrize("changed", [{}, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
async def test_requests_are_as_the_provider_documents_them(changed, streams):
    if not OPENAPI.exists():
        pytest.skip("the provider's OpenAPI document is not here")
    document = json.loads(OPENAPI.read_text())
    registry = Registry().with_resource("doc:", Resource.from_contents(document, DRAFT202012))
    fields = await sent(a_words_call(*CONVERSATION, **changed), streams=streams)

    reference = {"$ref": "doc:#/components/schemas/ChatRequest"}
    jsonschema.Draft202012Validator(reference, registry=registry).validate(fields)


async def test_what_a_model_does_not_list_is_not_sent():
    fields = await sent(a_words_call(**(EVERYTHING | {"draws": False})), NOTHING)

    assert set(fields) == {"model", "messages", "max_tokens", "user", "session_id"}


async def test_a_model_may_take_tools_and_no_choice_of_them():
    fields = await sent(
        a_words_call(tools=(DRAW,), tool_choice="required"),
        replace(ANY, supported_parameters=frozenset({"tools"})),
    )

    assert "tools" in fields
    assert "tool_choice" not in fields


@pytest.mark.parametrize("choice", ["auto", "none", "required", None])
async def test_tools_may_be_left_to_the_model(choice):
    fields = await sent(a_words_call(tools=(DRAW,), tool_choice=choice))

    assert fields.get("tool_choice") == choice
    assert "parallel_tool_calls" not in fields


async def test_other_backends_get_only_what_all_of_them_take():
    fields = await sent(a_words_call(*CONVERSATION, **EVERYTHING), ANY, PLAIN)

    assert not {"modalities", "reasoning", "user", "session_id"} & set(fields)
    assert fields["reasoning_effort"] == "low"
    assert not any({"images", "annotations"} & set(message) for message in fields["messages"])


@pytest.mark.parametrize(
    ("effort", "draws", "sent_as"),
    [
        (Effort.MINIMAL, True, "low"),
        (Effort.NONE, True, "low"),
        (Effort.HIGH, True, "high"),
        (Effort.NONE, False, "none"),
    ],
)
async def test_whoever_draws_reasons_at_least_a_little(effort, draws, sent_as):
    fields = await sent(a_words_call(effort=effort, draws=draws))

    assert fields["reasoning"] == {"effort": sent_as}


async def test_words_come_before_pictures_whatever_their_order():
    message = Message(Role.USER, (PicturePart(PHOTO, Detail.AUTO), Text("one"), Text("two")))
    fields = await sent(a_words_call(message))

    assert fields["messages"][0]["content"] == [
        {"type": "text", "text": "one"},
        {"type": "text", "text": "two"},
        image(),
    ]


async def test_a_schema_without_a_description_has_none():
    fields = await sent(a_words_call(schema=AnswerSchema("a", {})))

    assert "description" not in fields["response_format"]["json_schema"]


async def test_equal_calls_are_equal_requests():
    def data():
        return Body(talk.fields(a_words_call(*CONVERSATION, **EVERYTHING), ANY, BACKEND, 1000))

    assert [one async for one in data()] == [one async for one in data()]
