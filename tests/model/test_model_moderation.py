from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from bot.model import moderation
from bot.model.backend import Backend
from bot.model.moderation import ModerationFailed, ModerationModel

CLEAN = {"flagged": False, "categories": {"violence": False}}
BAD = {"flagged": True, "categories": {"violence": True, "hate": True, "sexual": False}}


async def verdict(answer: Any, *texts: str) -> tuple[str, ...] | None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        return await ModerationModel(http, Backend("http://here/v1", "key"), "omni").flagged(texts)


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
    assert await verdict(lambda _: httpx.Response(200, json={"results": [CLEAN]}), "a") is None


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
