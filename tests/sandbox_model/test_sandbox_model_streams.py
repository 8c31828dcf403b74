"""Conversations and streams, true to the wire; and the control API."""

from __future__ import annotations

import asyncio
import base64
import io
import json

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat
from sandbox_model_kit import data_url, picture_bytes
from time_kit import PATIENCE_S

from sandbox.model import FAULTS
from sandbox.model.app import create_app


def events(text):
    return [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]


def chunks(text):
    found = events(text)
    assert found[-1] == "[DONE]"
    return [json.loads(event) for event in found[:-1]]


def opened(written):
    return Image.open(io.BytesIO(base64.b64decode(written))).convert("RGB")


@pytest.fixture
def flare():
    """Pictures from a model that shows them while it draws."""
    return {"model": "openai/gpt-image-2.5-flare", "prompt": "a red moon", "n": 2, "stream": True}


async def test_talk_is_deterministic_and_charged(client, model, talk):
    first, again = [(await client.post("/chat/completions", json=talk)).json() for _ in range(2)]

    said = first["choices"][0]["message"]["content"]
    assert "Good evening" in said
    assert said == again["choices"][0]["message"]["content"]
    assert [call.outcome for call in model.calls] == ["answered", "answered"]
    assert model.total_cost_microusd > 0


async def test_a_whole_conversation_is_taken(client, model, talk):
    url = {"url": data_url(picture_bytes()), "detail": "low"}
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}
    talk["messages"] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Draw"},
        {
            "role": "assistant",
            "content": None,
            "images": [{"type": "image_url", "image_url": {"url": url["url"]}}],
        },
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": url},
                {"type": "file", "file": file},
            ],
        },
    ]
    talk |= {"metadata": {"a": "b"}, "temperature": 1, "max_completion_tokens": 100}
    reply = (await client.post("/chat/completions", json=talk)).json()

    assert "I see 2 pictures" in reply["choices"][0]["message"]["content"]
    assert len(model.calls[0].references) == 2


async def test_a_stream_has_words_a_finish_and_its_usage(client, documents, talk):
    talk["messages"][0]["content"] = "x " * 200
    whole = (await client.post("/chat/completions", json=talk)).json()
    reply = await client.post("/chat/completions", json=talk | {"stream": True})

    found = chunks(reply.text)
    said = "".join(chunk["choices"][0]["delta"]["content"] for chunk in found if chunk["choices"])
    assert reply.headers["Content-Type"] == "text/event-stream"
    assert said == whole["choices"][0]["message"]["content"]
    assert [chunk["choices"][0]["finish_reason"] for chunk in found[-2:-1]] == ["stop"]
    assert found[-1]["choices"] == []
    assert found[-1]["usage"]["cost"] == whole["usage"]["cost"]
    for chunk in found:
        assert not list(documents.validator("ChatStreamChunk").iter_errors(chunk))


async def test_a_slow_stream_opens_with_comments(wire, model, talk):
    model.latency_s, model.keep_alive_s = 0.08, 0.02
    reply = await wire.post("/chat/completions", json=talk | {"stream": True})

    assert reply.text.startswith(": OPENROUTER PROCESSING\n\n")
    assert chunks(reply.text)


async def test_a_picture_streams_in_one_line(client, chat):
    reply = await client.post("/chat/completions", json=chat | {"stream": True})

    found = [chunk["choices"][0]["delta"].get("images") for chunk in chunks(reply.text) if chunk["choices"]]
    assert [len(images) for images in found if images] == [1]


async def test_an_error_in_mid_stream(client, model, talk):
    model.faults.add("choice_error")
    found = chunks((await client.post("/chat/completions", json=talk | {"stream": True})).text)

    assert found[-2]["error"]["code"] == 502
    assert found[-2]["choices"][0]["finish_reason"] == "error"


@pytest.mark.further
async def test_a_stream_breaks(wire, model, talk):
    model.faults.add("truncated_body")
    model.latency_s, model.keep_alive_s = 0.05, 0.02
    with pytest.raises(httpx.RemoteProtocolError):
        await wire.post("/chat/completions", json=talk | {"stream": True})


async def test_leaving_a_stream_ends_its_charge(wire, model, talk):
    model.pause()
    call = asyncio.create_task(wire.post("/chat/completions", json=talk | {"stream": True}))
    await model.until(lambda model: model.calls != [])
    call.cancel()
    await model.until(lambda model: model.calls[0].outcome == "dropped")

    assert model.total_cost_microusd == 0


async def test_only_models_that_can_stream_do(client, images):
    buffered = await client.post("/images", json=images | {"stream": True, "size": "256x256"})

    assert buffered.headers["Content-Type"] == "application/json"
    assert len(buffered.json()["data"]) == 2


@pytest.mark.further
async def test_pictures_sharpen_until_they_are_whole(client, documents, flare):
    streamed = await client.post("/images", json=flare)
    buffered = await client.post("/images", json=flare | {"stream": False})

    found = chunks(streamed.text)
    kinds = [event["type"].removeprefix("image_generation.") for event in found]
    assert kinds == ["partial_image"] * 6 + ["completed"] * 2
    assert [event["partial_image_index"] for event in found[:6]] == list(range(6))
    assert ["usage" in event for event in found[6:]] == [False, True]
    assert found[-1]["usage"]["cost"] == buffered.json()["usage"]["cost"] > 0
    assert [event["b64_json"] for event in found[6:]] == [one["b64_json"] for one in buffered.json()["data"]]
    for event in found:
        assert not list(documents.validator("ImageStreamingResponse").iter_errors({"data": event}))


@pytest.mark.further
async def test_each_state_is_nearer_to_the_picture_than_the_one_before(client, flare):
    found = chunks((await client.post("/images", json=flare | {"n": 1})).text)

    *states, whole = [opened(event["b64_json"]) for event in found]
    away = [sum(ImageStat.Stat(ImageChops.difference(state, whole)).mean) for state in states]
    assert away == sorted(away, reverse=True)
    assert away[-1] > 0
    assert {state.size for state in states} == {whole.size}


@pytest.mark.further
async def test_states_come_while_the_picture_is_drawn(wire, model, flare, monkeypatch):
    may_go_on, shares, events_seen = asyncio.Semaphore(1), [], 0

    async def work(_extra_s, share):
        await may_go_on.acquire()
        shares.append(share)

    monkeypatch.setattr(model, "work", work)
    async with asyncio.timeout(PATIENCE_S), wire.stream("POST", "/images", json=flare | {"n": 1}) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data: {"):
                events_seen += 1
                may_go_on.release()

    assert shares == [0.25] * 4
    assert events_seen == 4


@pytest.mark.further
async def test_leaving_while_states_come_costs_nothing(wire, model, flare):
    model.latency_s = 0.2
    async with wire.stream("POST", "/images", json=flare) as reply:
        async for _ in reply.aiter_bytes():
            model.pause()
            break
    await model.until(lambda model: model.calls[0].outcome == "dropped")

    assert model.total_cost_microusd == 0


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("fault", "ending", "is_paid"),
    [
        ("stream_error", ["partial_image", "error", "[DONE]"], False),
        ("stream_cut", ["partial_image", "partial_image"], False),
        ("no_done", ["partial_image", "completed"], True),
    ],
)
async def test_a_stream_of_pictures_goes_wrong(client, model, documents, flare, fault, ending, is_paid):
    model.faults.add(fault, transport="images")
    found = events((await client.post("/images", json=flare | {"n": 1})).text)

    kinds = [one if one == "[DONE]" else json.loads(one)["type"] for one in found]
    assert [kind.removeprefix("image_generation.") for kind in kinds][-len(ending) :] == ending
    assert (model.total_cost_microusd > 0) is is_paid
    for event in found:
        if event != "[DONE]":
            shown = {"data": json.loads(event)}
            assert not list(documents.validator("ImageStreamingResponse").iter_errors(shown))


@pytest.mark.parametrize(
    ("fault", "has_done"), [("stream_error", True), ("stream_cut", False), ("no_done", False)]
)
async def test_a_stream_of_words_goes_wrong(client, model, talk, fault, has_done):
    whole = events((await client.post("/chat/completions", json=talk | {"stream": True})).text)
    model.faults.add(fault)
    found = events((await client.post("/chat/completions", json=talk | {"stream": True})).text)

    assert (found[-1] == "[DONE]") is has_done
    assert len(found) < len(whole)
    assert any("error" in json.loads(one) for one in found if one != "[DONE]") is (fault == "stream_error")


@pytest.mark.further
async def test_faults_of_streams_wait_for_a_stream(client, model, images, flare):
    model.faults.add("stream_error", code="moderation_blocked")
    await client.post("/images", json=images | {"size": "256x256", "stream": True})
    found = events((await client.post("/images", json=flare | {"n": 1})).text)

    assert json.loads(found[-2])["error"]["code"] == "moderation_blocked"
    assert model.faults.pending() == []


@pytest.mark.further
async def test_a_reset_before_the_headers_shows_nothing_of_the_stream(wire, model, flare):
    model.faults.add("reset_before_headers")
    with pytest.raises(httpx.ReadError):
        await wire.post("/images", json=flare)


@pytest.fixture
async def control(model):
    transport = httpx.ASGITransport(create_app(model))
    async with httpx.AsyncClient(transport=transport, base_url="http://model/control") as control:
        yield control


async def test_faults_by_remote_control(control, client, model, images):
    images["size"] = "256x256"
    known = (await control.get("/faults")).json()
    added = await control.post("/faults", json={"name": "rate_limited", "times": 2, "retry_after": 7})
    limited = await client.post("/images", json=images)
    cleared = await control.delete("/faults")

    assert known == {"known": dict(FAULTS), "pending": []}
    assert added.json()["pending"][0]["times"] == 2
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert cleared.json() == {"pending": []}
    assert (await client.post("/images", json=images)).status_code == 200


async def test_the_record_by_remote_control(control, client, model, images):
    await client.post("/images", json=images | {"size": "256x256"})
    record = (await control.get("/calls")).json()

    assert record["total_cost_microusd"] == record["calls"][0]["cost_microusd"] == model.total_cost_microusd
    assert record["calls"][0]["options"]["seed"] == 0


async def test_latency_by_remote_control(control, model):
    reply = await control.post("/latency", json={"seconds": 0.5, "paused": True})
    resumed = await control.post("/latency", json={"paused": False})
    await control.post("/latency", json={"seconds": 0.5})

    assert reply.json() == {"seconds": 0.5, "paused": True}
    assert (resumed.json(), model.latency_s) == ({"seconds": 0.5, "paused": False}, 0.5)


async def test_models_by_remote_control(control, model):
    name = "openai/gpt-5-image-mini"
    retired = await control.post("/models", json={"id": name, "retired": True, "expires_on": "2027-02-03"})
    restored = await control.post("/models", json={"id": name, "retired": False})

    assert name not in retired.json()["offered"]
    assert name in restored.json()["offered"]
    assert model.catalogue.find(name).expires_on == "2027-02-03"
    await control.post("/models", json={"id": name, "expires_on": None})
    assert model.catalogue.find(name).expires_on is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", b'{"name": "gremlins"}'),
        ("/faults", b'{"name": "slow", "times": "x"}'),
        ("/latency", b"{"),
        ("/latency", b"[]"),
        ("/latency", b'{"seconds": "soon"}'),
        ("/models", b'{"id": "nobody", "retired": true}'),
        ("/models", b'{"id": "openai/gpt-4o-mini", "expires_on": "tomorrow"}'),
    ],
)
async def test_nonsense_by_remote_control_is_400(control, path, body):
    assert (await control.post(path, content=body)).status_code == 400


@pytest.mark.further
async def test_words_come_at_the_pace_of_speech_and_leaving_ends_the_bill(wire, model, talk):
    whole = (await wire.post("/chat/completions", json=talk)).json()["usage"]["cost"]
    model.word_pace_s = 0.01
    read = await wire.post("/chat/completions", json=talk | {"stream": True})
    async with wire.stream("POST", "/chat/completions", json=talk | {"stream": True}) as reply:
        async for _ in reply.aiter_bytes():
            break
    await model.until(lambda model: model.calls[-1].outcome == "dropped")

    assert "[DONE]" in read.text
    assert 0 < float(model.calls[-1].usage.cost_usd) < whole
    assert float(model.calls[1].usage.cost_usd) == whole
