"""What the loopback model refuses, and how it says so."""

from __future__ import annotations

import json

import httpx
import pytest
from sandbox_model_kit import data_url, picture_bytes

from sandbox.model import LoopbackModel
from sandbox.model.app import create_app
from sandbox.model.fields import MAX_PICTURE_BYTES


def reference(url):
    return {"type": "image_url", "image_url": {"url": url}}


def content(*parts):
    return [{"role": "user", "content": list(parts)}]


WORDS = {"type": "text", "text": "make it blue"}
PICTURE = reference(data_url(picture_bytes()))
CHAT_REFUSALS = {
    "unknown field": ({"colour": "red"}, 400, "colour"),
    "unknown model": ({"model": "openai/gpt-99"}, 400, "not a valid model ID"),
    "no model": ({"model": None}, 400, "model"),
    "model of the other endpoint": ({"model": "openai/gpt-image-2.5-flare"}, 404, "No endpoints found"),
    "modalities are no list": ({"modalities": "image"}, 400, "modalities"),
    "audio": ({"modalities": ["audio"]}, 404, "requested output modalities: audio"),
    "words from a model of pictures": (
        {"model": "black-forest-labs/flux.2-pro"},
        404,
        "No endpoints found that support the requested output modalities: image, text",
    ),
    "no modalities for a model of pictures": (
        {"model": "black-forest-labs/flux.2-pro", "modalities": None},
        404,
        "requested output modalities: text",
    ),
    "tools": ({"tools": [{"type": "function", "function": {"name": "draw"}}]}, 404, "support tool use"),
    "penalty on a model without": ({"top_k": 5}, 400, "does not support the parameter top_k"),
    "effort minimal": ({"reasoning": {"effort": "minimal"}}, 400, "Provider returned error"),
    "effort none": ({"reasoning_effort": "none", "reasoning": None}, 400, "Provider returned error"),
    "two efforts": ({"reasoning_effort": "high"}, 400, "must not differ"),
    "unknown form of answer": ({"response_format": {"type": "poem"}}, 400, "type"),
    "no messages": ({"messages": []}, 400, "messages"),
    "empty prompt": ({"messages": [{"role": "user", "content": "  "}]}, 400, "prompt is empty"),
    "no role": ({"messages": [{"content": "x"}]}, 400, "role"),
    "picture before words": ({"messages": content(PICTURE, WORDS)}, 400, "text must come before images"),
    "picture by address": (
        {"messages": content(WORDS, reference("https://cdn.discordapp.com/a.png"))},
        400,
        "fetches no address",
    ),
    "bad base64": (
        {"messages": content(WORDS, reference("data:image/png;base64,iVBO*"))},
        400,
        "base64 is not valid",
    ),
    "broken picture": (
        {"messages": content(WORDS, reference(data_url(picture_bytes()[:60])))},
        400,
        "not a whole picture",
    ),
    "wrong label": (
        {"messages": content(WORDS, reference(data_url(picture_bytes("JPEG"))))},
        400,
        "the bytes say image/jpeg",
    ),
    "a part of no type": ({"messages": content({"text": "x"})}, 400, "type"),
    "file by address": (
        {
            "messages": content(
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "https://x/a.pdf"}}
            )
        },
        400,
        "address",
    ),
    "budget over the model's": ({"max_tokens": 500_000}, 400, "max_tokens"),
    "seed is no number": ({"seed": "1"}, 400, "seed"),
    "long session": ({"session_id": "s" * 257}, 400, "session_id"),
    "much metadata": ({"metadata": {str(n): "x" for n in range(17)}}, 400, "metadata"),
    "hot": ({"temperature": 3}, 400, "temperature"),
    "content is no text": ({"messages": [{"role": "user", "content": 5}]}, 400, "content"),
    "messages are no list": ({"messages": {}}, 400, "messages"),
    "messages are no objects": ({"messages": ["x"]}, 400, "messages"),
    "reasoning is no object": ({"reasoning": "low"}, 400, "reasoning"),
    "unknown effort": ({"reasoning": {"effort": "some"}}, 400, "effort"),
    "stream is no boolean": ({"stream": "yes"}, 400, "stream"),
}
IMAGES_REFUSALS = {
    "unknown field": ({"image_config": {}}, 400, "image_config"),
    "text model": ({"model": "openai/gpt-4o-mini"}, 404, "image generation"),
    "empty prompt": ({"prompt": ""}, 400, "prompt"),
    "long prompt": ({"prompt": "x" * 32_001}, 400, "prompt"),
    "eleven": ({"n": 11}, 400, "n:"),
    "none at all": ({"n": 0}, 400, "n:"),
    "n is no number": ({"n": True}, 400, "n:"),
    "two of a model of one": ({"model": "google/gemini-3.1-flash-image"}, 400, "n:"),
    "seed on a model without": (
        {"model": "openai/gpt-image-2.5-flare"},
        400,
        "does not support the parameter seed",
    ),
    "shape on a model without": (
        {"model": "openai/gpt-5-image-mini", "seed": None, "aspect_ratio": "3:2"},
        400,
        "does not support the parameter aspect_ratio",
    ),
    "format on a model without": (
        {"model": "openai/gpt-5-image-mini", "seed": None, "output_format": "png"},
        400,
        "does not support the parameter output_format",
    ),
    "size on a model without": (
        {"model": "openai/gpt-5-image-mini", "seed": None, "size": "1024x1024"},
        400,
        "does not support the parameter size",
    ),
    "background not offered": (
        {"model": "openai/gpt-image-2.5-flare", "seed": None, "background": "transparent"},
        400,
        "background",
    ),
    "shape not offered": ({"aspect_ratio": "1:8"}, 400, "aspect_ratio"),
    "size against shape": ({"size": "1536x1024", "aspect_ratio": "1:1"}, 400, "conflicts"),
    "size with resolution": ({"size": "1536x1024", "resolution": "2K"}, 400, "conflicts"),
    "odd size": ({"size": "large"}, 400, "size"),
    "huge size": ({"size": "9000x9000"}, 400, "between"),
    "transparent jpeg": ({"background": "transparent", "output_format": "jpeg"}, 400, "transparent requires"),
    "too many references": ({"input_references": [PICTURE] * 9}, 400, "input_references"),
    "references are no list": ({"input_references": "x"}, 400, "input_references"),
    "reference of another type": ({"input_references": [{"type": "file"}]}, 400, "input_references"),
    "provider field of chat": ({"provider": {"zdr": True}}, 400, "zdr"),
}


def without_nulls(body):
    return {name: value for name, value in body.items() if value is not None}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("judge", ["with the document", "alone"])
@pytest.mark.parametrize(("changes", "status", "message"), CHAT_REFUSALS.values(), ids=CHAT_REFUSALS)
async def test_chat_refuses(client, model, chat, judge, changes, status, message):
    if judge == "alone":
        model.schema = None
    reply = await client.post("/chat/completions", json=without_nulls(chat | changes))

    assert reply.status_code == reply.json()["error"]["code"] == status
    if judge == "alone":
        assert message in reply.json()["error"]["message"]
    assert [(call.outcome, call.cost_microusd) for call in model.calls] == [("refused", 0)]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("judge", ["with the document", "alone"])
@pytest.mark.parametrize(("changes", "status", "message"), IMAGES_REFUSALS.values(), ids=IMAGES_REFUSALS)
async def test_the_pictures_endpoint_refuses(client, model, images, judge, changes, status, message):
    if judge == "alone":
        model.schema = None
    reply = await client.post("/images", json=without_nulls(images | changes))

    assert reply.status_code == reply.json()["error"]["code"] == status
    if judge == "alone":
        assert message in reply.json()["error"]["message"]
    assert [(call.outcome, call.cost_microusd) for call in model.calls] == [("refused", 0)]


async def test_the_effort_is_refused_in_the_upstreams_own_words(client, chat):
    reply = await client.post("/chat/completions", json=chat | {"reasoning": {"effort": "minimal"}})

    raw = json.loads(reply.json()["error"]["metadata"]["raw"])
    expected = "The following tools cannot be used with reasoning.effort 'minimal': image_gen"
    assert raw["error"]["message"] == expected


async def test_missing_modalities_come_with_the_routing_funnel(client, chat):
    reply = await client.post("/chat/completions", json=chat | {"model": "openai/gpt-4o-mini"})

    metadata = reply.json()["error"]["metadata"]
    assert reply.status_code == 404
    assert metadata["failed_routing_step"] == "output_modalities"
    assert metadata["routing_funnel"][-1]["endpoint_count"] == 0


@pytest.mark.further
async def test_a_picture_over_30_megabytes_is_413(client, images):
    url = data_url(bytes(MAX_PICTURE_BYTES + 1))
    reply = await client.post("/images", json=images | {"input_references": [reference(url)]})

    assert reply.status_code == 413
    assert reply.json()["error"]["message"] == "Downloaded image content cannot exceed 30MB"


async def test_a_picture_of_too_many_pixels_is_refused(client, images, monkeypatch):
    monkeypatch.setattr("sandbox.model.fields.MAX_PIXELS", 100)
    reply = await client.post("/images", json=images | {"input_references": [PICTURE]})

    assert reply.json()["error"]["metadata"]["error_type"] == "image_too_large"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic sk-or-x", "Bearer sk-proj-x"],
    ids=["none", "empty", "basic", "foreign"],
)
@pytest.mark.parametrize("path", ["/images", "/chat/completions", "/key", "/generation?id=x"])
async def test_a_key_is_needed(client, model, path, authorization):
    headers = {"Authorization": authorization}
    post = path in ("/images", "/chat/completions")
    reply = await client.request("POST" if post else "GET", path, json={} if post else None, headers=headers)

    assert reply.status_code == reply.json()["error"]["code"] == 401
    assert model.calls == []


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain")],
    ids=["broken", "no object", "other type"],
)
async def test_a_body_that_is_no_json_object_is_400(client, body, media_type):
    reply = await client.post("/images", content=body, headers={"Content-Type": media_type})

    assert reply.status_code == 400


async def test_an_unknown_address_is_a_404_in_json(client):
    replies = [await client.get("/images/generations"), await client.delete("/key")]

    assert [(reply.status_code, reply.json()["error"]["code"]) for reply in replies] == [
        (404, 404),
        (405, 405),
    ]


@pytest.mark.parametrize("credit", ["0", "0.01"], ids=["no credit", "little credit"])
@pytest.mark.parametrize("path", ["/chat/completions", "/images"])
async def test_what_the_credit_does_not_cover_is_402(chat, images, path, credit):
    model = LoopbackModel(credits_usd=credit)
    body = (
        images if path == "/images" else {name: value for name, value in chat.items() if name != "max_tokens"}
    )
    transport = httpx.ASGITransport(create_app(model))
    async with httpx.AsyncClient(transport=transport, base_url="http://model/api/v1") as client:
        reply = await client.post(path, json=body, headers={"Authorization": "Bearer sk-or-x"})

    assert reply.status_code == 402
    assert reply.json()["error"]["metadata"]["limit_source"] == "openrouter_credits"
    if credit != "0" and path != "/images":
        assert "requested up to 128000 tokens, but can only afford 49" in reply.json()["error"]["message"]


def test_the_sandbox_runs_without_the_document():
    assert LoopbackModel().schema is None
