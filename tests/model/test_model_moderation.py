from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from bot.domain.calls import PictureBytes
from bot.domain.moderation import Leniency, Verdict
from bot.model import moderation
from bot.model.backend import Backend
from bot.model.circuit import CircuitState
from bot.model.moderation import ModerationFailed, ModerationModel

CLEAN = {"flagged": False, "categories": {"violence": False}}
BAD = {"flagged": True, "categories": {"violence": True, "hate": True, "sexual": False}}


def model(answer: Any, **more: Any) -> ModerationModel:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return ModerationModel(http, Backend("http://here/v1", "key"), "omni", **more)


async def verdict(answer: Any, *texts: str) -> tuple[str, ...]:
    return (await model(answer).words(texts)).refused


async def test_one_flagged_text_of_several_is_enough():
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"results": [CLEAN, BAD]})

    assert await verdict(answer, "a", "b") == ("hate", "violence")
    assert str(asked[0].url) == "http://here/v1/moderations"
    assert asked[0].headers["Authorization"] == "Bearer key"
    assert json.loads(asked[0].content) == {"model": "omni", "input": ["a", "b"]}


async def test_nothing_flagged_is_no_category():
    assert await verdict(lambda _: httpx.Response(200, json={"results": [CLEAN]}), "a") == ()


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, json={"results": []}),
        httpx.Response(200, json={"results": [CLEAN, CLEAN]}),
        httpx.Response(200, json={"results": [{"flagged": "no"}]}),
        httpx.Response(200, json={"results": {"flagged": False}}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, content=b" " * (moderation.MAX_BYTES + 1)),
        httpx.Response(302, headers={"location": "http://elsewhere"}),
        httpx.Response(401, json={"error": {}}),
        httpx.Response(503),
    ],
    ids=["none", "too many", "no bool", "no list", "no json", "endless", "elsewhere", "key", "down"],
)
async def test_what_is_no_verdict_is_never_taken_for_one(response: httpx.Response):
    with pytest.raises(ModerationFailed) as failed:
        await verdict(lambda _: response, "secret words")
    assert "secret" not in str(failed.value)


async def test_a_model_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(moderation, "TIMEOUT_S", 0.02)

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(ModerationFailed, match="TimeoutError"):
        await verdict(never, "a")


async def test_nor_one_that_cannot_be_reached():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("secret words", request=request)

    with pytest.raises(ModerationFailed, match=r"^ConnectError$"):
        await verdict(refuse, "a")


async def test_a_picture_is_sent_as_it_is_documented_and_gets_one_verdict():
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"results": [BAD]})

    found = await model(answer).picture(PictureBytes(b"\xff\xd8", "image/jpeg"))

    assert found.refused == ("hate", "violence")
    part = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9g="}}
    assert json.loads(asked[0].content) == {"model": "omni", "input": [part]}


async def test_scores_and_lenient_categories_make_a_thing_delicate():
    scored = CLEAN | {"category_scores": {"violence": 0.41, "sexual": 0.39, "hate": "much"}}
    reply = httpx.Response(200, json={"results": [scored]})
    assert await model(lambda _: reply).words(["a"]) == Verdict((), ("violence",))

    lenient = Leniency(frozenset({"violence", "hate"}))
    assert await model(lambda _: httpx.Response(200, json={"results": [BAD]}), leniency=lenient).words(
        ["a"]
    ) == Verdict((), ("hate", "violence"))


class Server:
    """Answers with a status, and counts how often it was asked."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.asked = 0

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return httpx.Response(self.status, json={"results": [CLEAN]})


@pytest.mark.parametrize(
    ("status", "calls"), [(503, 5), (429, 5), (302, 5), (401, 1)], ids=["down", "busy", "moved", "key"]
)
async def test_a_server_that_is_down_is_left_alone_until_one_request_finds_it_back(status: int, calls: int):
    server, now = Server(status), [1000.0]
    asked = model(server, clock=lambda: now[0])
    for _ in range(calls + 3):
        with pytest.raises(ModerationFailed):
            await asked.words(["a"])
    assert server.asked == calls
    assert asked.state is CircuitState.OPEN

    now[0] += 700
    server.status = 200
    assert (await asked.words(["a"])).refused == ()

    assert asked.state is CircuitState.CLOSED


async def test_what_is_wrong_with_one_request_says_nothing_of_the_server():
    server = Server(400)
    asked = model(server)
    for _ in range(8):
        with pytest.raises(ModerationFailed, match="400"):
            await asked.words(["a"])

    assert server.asked == 8
    assert asked.state is CircuitState.CLOSED
