"""What the account says, read freely and with patience."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.errors import AccountTrouble, ModelUnavailable
from bot.model.account import Generation, KeyStatus
from bot.model.backend import Backend
from bot.model.client import OpenRouter
from bot.model.reads import MAX_BYTES
from bot.model.shapes import amount, number, whole
from bot.transport.client import open_client

KEY_PAGE = {
    "data": {
        "label": "sk-or-v1-abc…",
        "limit": 20,
        "limit_remaining": 12.5,
        "usage": 7.5,
        "usage_daily": 0.25,
        "usage_monthly": 3,
        "is_free_tier": False,
    }
}


class Pages:
    def __init__(self):
        self.answers = []
        self.asked = []

    def __call__(self, request):
        self.asked.append(str(request.url))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body))


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
async def reader(pages):
    async with open_client(transport=httpx.MockTransport(pages)) as http:
        yield OpenRouter(http, Backend("https://openrouter.test/api/v1", "k"))


async def test_the_key_says_what_is_left(reader, pages):
    pages.answers = [KEY_PAGE]

    assert await reader.key() == KeyStatus(
        "sk-or-v1-abc…", 20_000_000, 12_500_000, 7_500_000, 250_000, 3_000_000, False
    )
    assert pages.asked == ["https://openrouter.test/api/v1/key"]


@pytest.mark.parametrize(
    ("data", "limit", "remaining"),
    [
        ({"limit": None, "limit_remaining": None}, None, None),
        ({"limit": 5, "limit_remaining": -0.02}, 5_000_000, 0),
        ({}, None, None),
    ],
    ids=["no limit", "overdrawn", "says nothing"],
)
async def test_no_limit_differs_from_nothing_left(reader, pages, data, limit, remaining):
    pages.answers = [{"data": data}]

    status = await reader.key()

    assert (status.limit_microusd, status.remaining_microusd, status.used_microusd) == (limit, remaining, 0)


async def test_a_bad_key_is_asked_once(reader, pages):
    pages.answers = [(401, {"error": {"code": 401, "message": "User not found."}})]

    with pytest.raises(AccountTrouble):
        await reader.key()

    assert len(pages.asked) == 1


@pytest.mark.parametrize(
    "trouble",
    [httpx.ConnectError("x"), httpx.ReadError("x"), (500, {}), (429, {}), (503, b"<html>")],
    ids=["connect", "read", "500", "429", "html"],
)
async def test_reads_are_tried_again(reader, pages, trouble):
    pages.answers = [trouble, trouble, KEY_PAGE]

    assert (await reader.key()).limit_microusd == 20_000_000


@pytest.mark.sampled
@pytest.mark.parametrize(
    "trouble",
    [httpx.ConnectError("x"), (200, b"<html>"), (200, b" " * (MAX_BYTES + 1))],
    ids=["down", "html", "endless"],
)
async def test_reads_give_up(reader, pages, trouble):
    pages.answers = [trouble]

    with pytest.raises(ModelUnavailable):
        await reader.key()

    assert len(pages.asked) == 3


async def test_a_generation_says_what_it_cost(reader, pages):
    pages.answers = [{"data": {"id": "gen-1", "total_cost": 0.0387, "model": "a/b", "cancelled": True}}]

    assert await reader.generation("gen-1") == Generation("gen-1", 38_700, "a/b", True)
    assert pages.asked == ["https://openrouter.test/api/v1/generation?id=gen-1"]


async def test_a_generation_may_be_known_only_after_a_while(reader, pages):
    pages.answers = [*[(404, {})] * 6, {"data": {"id": "gen-1", "total_cost": 0, "model": "a/b"}}]

    assert await reader.generation("gen-1") == Generation("gen-1", 0, "a/b", False)


@pytest.mark.parametrize(
    "answer", [(404, {}), {"data": {}}, {"data": None}], ids=["404", "no cost", "nothing"]
)
async def test_an_unknown_generation_is_none(reader, pages, answer):
    pages.answers = [answer]

    assert await reader.generation("gen-1") is None


async def test_trouble_with_a_generation_is_no_answer(reader, pages):
    pages.answers = [(500, {})]

    with pytest.raises(ModelUnavailable):
        await reader.generation("gen-1")


@pytest.mark.parametrize("value", [True, None, [], "x", "1" * 10, "-1", 1.5], ids=repr)
def test_what_is_no_integer_is_none(value):
    assert whole(value) is None


@pytest.mark.parametrize("value", [True, None, {}, "NaN", "inf", "", "1,5"], ids=repr)
def test_what_is_no_number_is_none(value):
    assert number(value) is None
    assert amount(value) is None
