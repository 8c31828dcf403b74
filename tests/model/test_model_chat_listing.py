"""Models that answer in words: read from the provider's list, kept, resolved and spoken of."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from listing_kit import GEMINI, IMAGES, MINI, MODELS, listed

from bot.domain.chat_models import CONTEXT_TOKENS, ChatModel
from bot.errors import ModelGone, ModelUnavailable, OptionUnsupported
from bot.model.backend import Backend
from bot.model.catalogue import Catalogue
from bot.model.chat_listing import parse_chat_models
from bot.transport.client import open_client

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TALKER = "openai/gpt-4o-mini"
OTHER = "openai/gpt-6-luna"
ENTRY = listed(
    TALKER,
    outputs=("text",),
    inputs=("text", "image", "file"),
    context_length=128_000,
    top_provider={"context_length": 120_000, "max_completion_tokens": 16_384},
    pricing={
        "prompt": "0.00000015",
        "completion": "0.0000006",
        "internal_reasoning": "0.0000007",
        "input_cache_read": "0.000000075",
        "input_cache_write": "0.0000002",
        "image": "0.002",
        "request": "0.01",
    },
    supported_parameters=["max_tokens", "tools", "structured_outputs"],
    expiration_date="2027-01-14",
)


def only(entry):
    return parse_chat_models({"data": [entry]})


@pytest.fixture
async def catalogue():
    pages = {
        "/api/v1/models": {"data": [*MODELS["data"][:3], ENTRY, listed("a/other", outputs=("text",))]},
        "/api/v1/images/models": IMAGES,
    }

    def serve(request):
        page = pages.get(request.url.path)
        return httpx.Response(404, json={}) if page is None else httpx.Response(200, json=page)

    async with open_client(transport=httpx.MockTransport(serve)) as http:
        yield Catalogue(http, Backend("https://openrouter.test/api/v1", "k"), chat_models=(TALKER, OTHER))


def test_a_model_that_answers_is_read_whole():
    model = only(ENTRY)[TALKER]

    assert (model.id, model.name, model.expires_on) == (TALKER, f"The {TALKER}", date(2027, 1, 14))
    assert (model.sees, model.reads_files, model.draws) == (True, True, False)
    assert (model.uses_tools, model.obeys_schemas, model.takes("seed")) == (True, True, False)
    assert (model.context_length, model.max_completion_tokens) == (120_000, 16_384)
    prices = model.prices
    assert (prices.prompt, prices.completion) == (Decimal("0.00000015"), Decimal("0.0000007"))
    assert (prices.cache_read, prices.cache_write) == (Decimal("0.000000075"), Decimal("0.0000002"))
    assert (prices.picture, prices.request, prices.drawn_token) == (Decimal("0.002"), Decimal("0.01"), None)


def test_what_the_list_does_not_say_is_left_open():
    model = only(listed("a/b", outputs=("text",), name="", pricing={"prompt": "-1"}, top_provider=None))[
        "a/b"
    ]

    assert (model.name, model.context_length, model.max_completion_tokens) == ("a/b", CONTEXT_TOKENS, None)
    assert (model.prices.prompt, model.prices.completion) == (None, None)


def test_what_is_drawn_in_a_turn_has_a_price():
    assert only(MODELS["data"][0])[MINI].prices.drawn_token == Decimal("0.000008")
    assert only(MODELS["data"][1])[GEMINI].prices.drawn_token == Decimal("0.00003")


def test_models_that_only_draw_and_nonsense_answer_nothing():
    assert parse_chat_models({"data": [listed("a/b", outputs=("image",)), 7, {"id": None}]}) == {}


def test_a_bare_id_takes_whatever_is_wanted():
    assert only({"id": "local/llama"}) == {"local/llama": ChatModel("local/llama", "local/llama")}


async def test_the_operators_models_are_kept_and_those_that_draw_and_talk(catalogue):
    await catalogue.refresh(NOW)

    assert catalogue.chat_model(TALKER) == catalogue.described(TALKER) == only(ENTRY)[TALKER]
    assert catalogue.chat_model(MINI).draws
    assert catalogue.chat_model("a/other") is None
    assert catalogue.described("a/other") == ChatModel("a/other", "a/other")
    assert catalogue.model(TALKER) is None


async def test_a_kept_list_knows_them_too(catalogue):
    await catalogue.refresh(NOW)
    dump = catalogue.dump()
    catalogue.load(json.dumps({"read_at": NOW.isoformat()}))
    assert catalogue.chat_model(TALKER) is None

    catalogue.load(dump)
    assert catalogue.chat_model(TALKER) == only(ENTRY)[TALKER]


async def test_the_next_one_answers_where_one_is_gone(catalogue):
    with pytest.raises(ModelUnavailable):
        catalogue.resolve_chat([TALKER])
    await catalogue.refresh(NOW)

    assert [one.id for one in catalogue.resolve_chat([OTHER, TALKER, MINI])] == [TALKER, MINI]
    assert [one.id for one in catalogue.resolve_chat([TALKER, MINI], asked=MINI)] == [MINI]
    catalogue.mark_gone(TALKER)
    assert [one.id for one in catalogue.resolve_chat([TALKER, MINI])] == [MINI]
    with pytest.raises(ModelGone, match="can answer"):
        catalogue.resolve_chat([TALKER])
    with pytest.raises(ModelGone, match="Choose another"):
        catalogue.resolve_chat([TALKER], asked=TALKER)
    with pytest.raises(OptionUnsupported):
        catalogue.resolve_chat([TALKER], asked=MINI)


async def test_the_operator_is_told_of_models_that_answer(catalogue):
    assert len(catalogue.chat_notices([TALKER], NOW.date())) == 1
    await catalogue.refresh(NOW)

    assert catalogue.chat_notices([TALKER], NOW.date()) == (
        f"{TALKER} ends on 2027-01-14 (in 55 days); put a successor into the list.",
    )
    assert catalogue.chat_notices([OTHER], NOW.date()) == (
        f"{OTHER} is not listed by the provider as a model that answers; the next one is used.",
        "None of the configured models can answer. Add one that the provider lists.",
    )
