"""The loopback model misbehaves as it is told, and charges only for what it did."""

from __future__ import annotations

import binascii
import io
import json

import pybase64
import pytest
from PIL import Image

from sandbox.model import FAULTS
from sandbox.model.fault_answers import ANSWER_FAULTS
from sandbox.model.fault_refusals import ERROR_TYPES, REFUSAL_FAULTS
from sandbox.model.faults import LINE_FAULTS, STREAM_FAULTS

STATUSES = {
    "bad_request": 400,
    "unauthorized": 401,
    "no_credits": 402,
    "afford": 402,
    "moderation": 403,
    "guardrail": 403,
    "gone": 404,
    "modalities": 404,
    "no_tools": 404,
    "timeout": 408,
    "too_large": 413,
    "unprocessable": 422,
    "rate_limited": 429,
    "upstream_rate_limited": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "bad_gateway": 502,
    "unavailable": 503,
    "edge_timeout": 524,
    "overloaded": 529,
    "html_page": 502,
    "error_in_200": 200,
    "string_code": 502,
    "no_code": 502,
    "typed": 502,
    "moderation_blocked": 400,
    "moderation_blocked_direct": 400,
    "safety_text": 400,
}


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch, images):
    """Keep the tests quick."""
    monkeypatch.setattr("sandbox.model.chat_checks.SQUARE", (256, 256))
    images["size"] = "256x256"


def test_every_fault_is_in_one_kind():
    assert set(STATUSES) == set(REFUSAL_FAULTS)
    kinds = (REFUSAL_FAULTS, ANSWER_FAULTS, LINE_FAULTS, STREAM_FAULTS)
    assert sorted(FAULTS) == sorted(name for kind in kinds for name in kind)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("path", ["/chat/completions", "/images"])
@pytest.mark.parametrize(("name", "status"), STATUSES.items(), ids=STATUSES)
async def test_an_error_comes_once_and_costs_nothing(client, model, chat, images, name, status, path):
    body = images if path == "/images" else chat
    model.faults.add(name)
    failed = await client.post(path, json=body)
    worked = await client.post(path, json=body)

    assert (failed.status_code, worked.status_code) == (status, 200)
    assert ("<html>" in failed.text) if name == "html_page" else ("error" in failed.json())
    assert [call.outcome for call in model.calls] == ["refused", "drawn"]
    assert model.calls[0].cost_microusd == 0


@pytest.mark.parametrize("value", ["0", "5", "-1", "abc", "Fri, 20 Nov 2026 12:00:00 GMT", None])
@pytest.mark.parametrize("name", ["rate_limited", "upstream_rate_limited", "unavailable"])
async def test_retry_after_is_sent_verbatim(client, model, images, name, value):
    model.faults.add(name, retry_after=value)
    reply = await client.post("/images", json=images)

    assert reply.headers.get("Retry-After") == value
    assert ("X-RateLimit-Limit" in reply.headers) == (name == "rate_limited")


async def test_afford_says_how_many_tokens(client, model, chat):
    model.faults.add("afford", afford=6000)
    reply = await client.post("/chat/completions", json=chat)

    assert "can only afford 6000" in reply.json()["error"]["message"]


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("kind", "status"), ERROR_TYPES.items(), ids=ERROR_TYPES)
async def test_every_error_type_can_be_had(client, model, chat, kind, status):
    model.faults.add("typed", error_type=kind)
    reply = await client.post("/chat/completions", json=chat)

    assert (reply.status_code, reply.json()["error"]["metadata"]["error_type"]) == (status, kind)


async def test_the_safety_system_speaks_inside_raw(client, model, chat):
    model.faults.add("moderation_blocked")
    reply = await client.post("/chat/completions", json=chat)

    raw = json.loads(reply.json()["error"]["metadata"]["raw"])
    assert raw["error"]["code"] == "moderation_blocked"


async def spoiled(client, model, body, name):
    """Return the choice, the usage and the record of a spoiled chat call."""
    model.faults.add(name)
    reply = (await client.post("/chat/completions", json=body)).json()
    assert model.calls[-1].outcome == name
    assert float(model.calls[-1].usage.cost_usd) == reply["usage"]["cost"]
    return reply["choices"][0], reply["usage"]


@pytest.mark.parametrize(
    ("name", "finish", "content", "charged"),
    [
        ("length", "length", "", True),
        ("content_filter", "content_filter", "", True),
        ("declined", "stop", "I would rather", True),
        ("refusal", "stop", None, True),
        ("null_content", "stop", None, False),
        ("empty", None, "", False),
        ("choice_error", "error", "Here is", False),
    ],
)
async def test_an_answer_without_a_picture(client, model, chat, name, finish, content, charged):
    choice, usage = await spoiled(client, model, chat, name)

    said = choice["message"]["content"]
    assert choice["finish_reason"] == finish
    assert said.startswith(content) if content else said == content
    assert not choice["message"].get("images")
    assert (usage["cost"] > 0) == charged
    assert bool(choice["message"]["refusal"]) == (name == "refusal")
    assert ("error" in choice) == (name == "choice_error")
    assert ("images" in choice["message"]) == (name == "null_content")


def decoded(choice):
    part = choice["message"]["images"][0]["image_url"]["url"]
    label, _, text = part.partition(";base64,")
    return label.removeprefix("data:"), text


async def test_a_finish_reason_nobody_knows_comes_with_a_picture(client, model, chat):
    choice, _ = await spoiled(client, model, chat, "unknown_finish")

    assert choice["finish_reason"] == "vibes"
    assert len(choice["message"]["images"]) == 1


async def test_pictures_come_twice(client, model, chat):
    choice, _ = await spoiled(client, model, chat, "duplicated")

    first, second = choice["message"]["images"]
    assert first == second


async def test_pictures_stand_in_the_content(client, model, chat):
    choice, _ = await spoiled(client, model, chat, "list_content")

    assert [part["type"] for part in choice["message"]["content"]] == ["text", "image_url"]
    assert "images" not in choice["message"]


async def test_a_jpeg_calls_itself_png(client, model, chat):
    choice, _ = await spoiled(client, model, chat, "mislabelled")

    label, text = decoded(choice)
    assert label == "image/png"
    assert pybase64.b64decode(text).startswith(b"\xff\xd8\xff")


async def test_base64_is_cut_off_and_not_charged(client, model, chat):
    choice, usage = await spoiled(client, model, chat, "truncated_base64")

    with pytest.raises(binascii.Error):
        pybase64.b64decode(decoded(choice)[1], validate=True)
    assert usage["cost"] == 0


async def test_half_a_png_decodes_but_does_not_load(client, model, chat):
    choice, usage = await spoiled(client, model, chat, "half_png")

    data = pybase64.b64decode(decoded(choice)[1], validate=True)
    with pytest.raises(OSError, match="truncated"), Image.open(io.BytesIO(data)) as image:
        image.load()
    assert usage["cost"] > 0


async def test_fewer_pictures_cost_less(client, model, images):
    whole = (await client.post("/images", json=images)).json()
    model.faults.add("fewer")
    fewer = (await client.post("/images", json=images)).json()

    assert (len(whole["data"]), len(fewer["data"])) == (2, 1)
    assert fewer["usage"]["cost"] < whole["usage"]["cost"]


async def test_the_pictures_endpoint_charges_nothing_for_nothing(client, model, images):
    model.faults.add("declined")
    reply = (await client.post("/images", json=images)).json()

    assert (reply["data"], reply["usage"]["cost"], model.total_cost_microusd) == ([], 0, 0)


async def test_a_fault_keeps_to_its_model_transport_and_number(client, model, chat, images):
    model.faults.add("bad_gateway", times=2, model="openai/gpt-5-image-mini")
    model.faults.add("overloaded", times=None, transport="images")
    statuses = [
        (await client.post(path, json=body)).status_code
        for path, body in [("/images", images), ("/chat/completions", chat)] * 3
    ]

    assert statuses == [529, 502, 529, 502, 529, 200]
    assert [fault["name"] for fault in model.faults.pending()] == ["overloaded"]


async def test_reads_fail_only_when_named(client, model):
    model.faults.add("bad_gateway")
    model.faults.add("html_page", transport="reads")
    model.faults.add("unavailable", transport="reads", retry_after=1)
    replies = [await client.get("/models"), await client.get("/key"), await client.get("/images/models")]

    assert [reply.status_code for reply in replies] == [502, 503, 200]
    assert "<html>" in replies[0].text


def test_an_unknown_fault_is_a_mistake(model):
    with pytest.raises(KeyError):
        model.faults.add("gremlins")
