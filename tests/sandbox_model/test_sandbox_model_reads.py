"""The catalogue, the account and the provider's books, in OpenRouter's own shapes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from sandbox.model import LoopbackModel
from sandbox.model.app import create_app

PICTURES = ["openai/gpt-5-image-mini", "google/gemini-3.1-flash-image", "black-forest-labs/flux.2-pro"]
TALKERS = [*PICTURES[:2], "openai/gpt-4o-mini", "openai/gpt-6-luna", "meta-llama/llama-3.2-3b-instruct"]


def ids(reply):
    return [entry["id"] for entry in reply.json()["data"]]


def agrees(documents, name, body):
    errors = [
        f"{list(error.absolute_path)}: {error.message}"[:300]
        for error in documents.validator(name).iter_errors(body)
    ]
    assert errors == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", TALKERS),
        ("?output_modalities=text", TALKERS),
        ("?output_modalities=image", PICTURES),
        ("?output_modalities=all", [*PICTURES, *TALKERS[2:]]),
    ],
)
async def test_models_are_listed_by_what_they_give(client, query, expected):
    assert ids(await client.get(f"/models{query}")) == expected


async def test_an_unknown_modality_is_400(client):
    assert (await client.get("/models?output_modalities=smell")).status_code == 400


async def test_the_pictures_endpoint_lists_its_own(client):
    assert ids(await client.get("/images/models")) == [
        PICTURES[0],
        "openai/gpt-image-2.5-flare",
        *PICTURES[1:],
    ]


async def test_the_lists_agree_with_the_document(client, documents):
    for model in (await client.get("/models?output_modalities=all")).json()["data"]:
        agrees(documents, "Model", model)
    listed = (await client.get("/images/models")).json()
    agrees(documents, "ImageModelsListResponse", listed)
    for model in listed["data"]:
        path = model["endpoints"].removeprefix("/api/v1")
        agrees(documents, "ImageModelEndpointsResponse", (await client.get(path)).json())


async def test_a_models_endpoints_name_its_provider(client):
    data = (await client.get("/models/openai/gpt-4o-mini/endpoints")).json()["data"]

    assert data["endpoints"][0]["provider_name"] == "OpenAI"


@pytest.mark.parametrize(
    ("path", "status"),
    [("openai/gpt-4o-mini", 404), ("openai/gpt-99", 400)],
    ids=["no picture model", "unknown"],
)
async def test_price_lines_only_where_there_are_some(client, path, status):
    assert (await client.get(f"/images/models/{path}/endpoints")).status_code == status


async def test_a_retired_model_vanishes_and_comes_back(client, model, images):
    model.catalogue.retire("black-forest-labs/flux.2-pro")
    listed, refused = await client.get("/images/models"), await client.post("/images", json=images)
    model.catalogue.restore("black-forest-labs/flux.2-pro")

    availability = refused.json()["error"]["availability"]
    assert "black-forest-labs/flux.2-pro" not in ids(listed)
    assert (refused.status_code, availability["code"], availability["retryable"]) == (
        404,
        "model_deprecated",
        False,
    )
    assert "openai/gpt-5-image-mini" in availability["fallback_models"]
    assert "black-forest-labs/flux.2-pro" in ids(await client.get("/images/models"))


async def test_end_dates_can_be_set_and_taken_back(client, model):
    async def dates():
        listed = (await client.get("/models?output_modalities=image")).json()["data"]
        return [entry["expiration_date"] for entry in listed]

    before = await dates()
    model.catalogue.set_expiry("openai/gpt-5-image-mini", None)
    model.catalogue.set_expiry("google/gemini-3.1-flash-image", date(2027, 1, 2))

    assert before == ["2026-12-10", None, None]
    assert await dates() == [None, "2027-01-02", None]


async def test_answers_agree_with_the_document(client, documents, chat, images, talk):
    agrees(documents, "ChatResult", (await client.post("/chat/completions", json=chat)).json())
    agrees(documents, "ChatResult", (await client.post("/chat/completions", json=talk)).json())
    reply = await client.post("/images", json=images | {"size": "256x256"})
    agrees(documents, "ImageGenerationResponse", reply.json())
    page = await client.get("/generation", params={"id": reply.headers["X-Generation-Id"]})
    agrees(documents, "GenerationResponse", page.json())


@pytest.mark.further
async def test_the_account_adds_up(client, model, chat, images):
    costs = [
        (await client.post("/chat/completions", json=chat)).json()["usage"]["cost"],
        (await client.post("/images", json=images)).json()["usage"]["cost"],
    ]
    key = (await client.get("/key")).json()["data"]
    headers = {"Authorization": "Bearer sk-or-management"}
    account = (await client.get("/credits", headers=headers)).json()["data"]

    assert key["usage"] == account["total_usage"] == pytest.approx(sum(costs))
    assert key["limit_remaining"] == pytest.approx(25 - sum(costs))
    assert model.total_cost_microusd == sum(round(cost * 1_000_000) for cost in costs)
    assert (await client.get("/credits")).status_code == 403


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("body", "cost"),
    [
        ({"model": "openai/gpt-5-image-mini", "quality": "low"}, 0.002176),
        ({"model": "openai/gpt-5-image-mini", "quality": "high"}, 0.03328),
        ({"model": "openai/gpt-image-2.5-flare", "quality": "low"}, 0.0053),
        ({"model": "openai/gpt-image-2.5-flare", "quality": "max"}, 0.141),
        ({"model": "black-forest-labs/flux.2-pro", "n": 3}, 0.09),
    ],
    ids=str,
)
async def test_prices_follow_the_price_lines(client, body, cost):
    reply = await client.post("/images", json={"prompt": "x"} | body)

    assert reply.json()["usage"]["cost"] == pytest.approx(cost, abs=0.0001)


async def test_a_small_budget_is_spent_before_a_picture_comes(client, chat):
    reply = (await client.post("/chat/completions", json=chat | {"max_tokens": 1024})).json()

    choice = reply["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("length", "")
    assert "images" not in choice["message"]
    assert reply["usage"]["cost"] > 0


async def test_without_modalities_the_picture_is_silently_missing(client, chat):
    del chat["modalities"]
    choice = (await client.post("/chat/completions", json=chat)).json()["choices"][0]

    assert choice["message"]["content"]
    assert "images" not in choice["message"]


async def test_a_generation_is_not_known_in_the_first_moments(images):
    now = [datetime(2026, 11, 20, tzinfo=UTC)]
    model = LoopbackModel(clock=lambda: now[0], generation_delay_s=3)
    headers = {"Authorization": "Bearer sk-or-x"}
    transport = httpx.ASGITransport(create_app(model))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://model/api/v1", headers=headers
    ) as client:
        reply = await client.post("/images", json=images | {"size": "256x256"})
        page = {"id": reply.headers["X-Generation-Id"]}
        early = await client.get("/generation", params=page)
        now[0] += timedelta(seconds=3)
        late = await client.get("/generation", params=page)

    assert (early.status_code, late.status_code) == (404, 200)
    assert late.json()["data"]["total_cost"] == reply.json()["usage"]["cost"]
    assert model.calls[0].id.startswith("gen-img-")


async def test_an_unknown_generation_is_404(client):
    assert (await client.get("/generation", params={"id": "gen-1"})).status_code == 404


async def test_a_call_is_recorded_whole(client, model, chat):
    reply = await client.post("/chat/completions", json=chat)

    call = model.calls[0]
    assert call.id == reply.json()["id"] == reply.headers["X-Generation-Id"]
    assert (call.body, call.prompt, call.model) == (chat, "a red moon", "openai/gpt-5-image-mini")
    assert (call.transport, call.key, call.outcome) == ("chat", "sk-or-v1-sandbox", "drawn")
    assert (call.status, call.pictures, call.cost_microusd > 0) == (200, 1, True)


async def test_waiting_for_what_never_comes_times_out(model):
    with pytest.raises(TimeoutError):
        await model.until(lambda model: model.calls != [], timeout_s=0.01)
