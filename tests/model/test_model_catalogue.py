"""The models on offer: read, kept through outages, resolved in the operator's order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from bot.domain.capabilities import Offer, PictureLine, Prices, Transport
from bot.errors import AccountTrouble, ModelGone, ModelUnavailable, OptionUnsupported
from bot.model.backend import Backend
from bot.model.catalogue import Catalogue
from bot.model.listing import parse_models
from bot.transport.client import open_client

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MINI = "openai/gpt-5-image-mini"
FLARE = "openai/gpt-image-2.5-flare"
GEMINI = "google/gemini-3.1-flash-image"
FLUX = "black-forest-labs/flux.2-pro"


def listed(model_id, outputs=("image", "text"), inputs=("text", "image"), **extra):
    return {
        "id": model_id,
        "name": f"The {model_id}",
        "description": "long " * 50,
        "architecture": {"input_modalities": list(inputs), "output_modalities": list(outputs)},
        "pricing": {"prompt": "0.0000025", "completion": "0.000002"},
        "supported_parameters": ["max_tokens", "reasoning", "seed"],
        "expiration_date": None,
        **extra,
    }


def drawing(model_id, takes, inputs=("text", "image"), **extra):
    return {
        "id": model_id,
        "name": f"The {model_id}",
        "architecture": {"input_modalities": list(inputs), "output_modalities": ["image"]},
        "supported_parameters": takes,
        "supports_streaming": False,
        **extra,
    }


def enum(*values):
    return {"type": "enum", "values": list(values)}


MODELS = {
    "data": [
        listed(MINI, expiration_date="2026-12-10"),
        listed(GEMINI, pricing={"prompt": "0.0000003", "completion": "0.0000025", "image_output": "0.00003"}),
        listed(FLUX, outputs=("image",), supported_parameters=["seed"]),
        listed("openai/gpt-4o-mini", outputs=("text",)),
    ]
}
IMAGES = {
    "data": [
        drawing(
            MINI,
            {
                "quality": enum("auto", "low", "medium", "high"),
                "background": enum("auto", "transparent", "opaque"),
                "n": {"type": "range", "min": 1, "max": 10},
                "input_references": {"type": "range", "min": 0, "max": 16},
            },
        ),
        drawing(
            FLARE,
            {"output_format": enum("png", "webp", "svg"), "aspect_ratio": enum("1:1", "16:9")},
            inputs=("text",),
            supports_streaming=True,
        ),
        drawing(
            FLUX,
            {"seed": {"type": "boolean"}, "input_references": {"type": "boolean"}, "n": {"type": "range"}},
        ),
    ]
}
LINES = {
    MINI: {
        "id": MINI,
        "endpoints": [
            {
                "pricing": [
                    {"billable": "output_image", "unit": "token", "cost_usd": 0.000008},
                    {"billable": "output_image", "unit": "image", "cost_usd": 0.036, "variant": "high"},
                    {"billable": "input_image", "unit": "token", "cost_usd": 0.0000025},
                    {"billable": "input_text", "unit": "token", "cost_usd": 0.000002},
                    {"billable": "input_font", "unit": "image", "cost_usd": 9},
                    {"billable": "output_image", "unit": "image", "cost_usd": "varies"},
                ]
            },
            {"pricing": [{"billable": "input_reference", "unit": "image", "cost_usd": 0.001}]},
        ],
    }
}


def parsed(models=MODELS, images=IMAGES, endpoints=LINES):
    return parse_models(models, images, endpoints)


def offer(model_id, transport):
    (found,) = [one for one in parsed()[model_id].offers if one.transport is transport]
    return found


def test_the_pictures_endpoint_is_preferred_and_text_models_are_left_out():
    transports = {model.id: [one.transport for one in model.offers] for model in parsed().values()}

    assert transports == {
        MINI: [Transport.IMAGES, Transport.CHAT],
        GEMINI: [Transport.CHAT],
        FLUX: [Transport.IMAGES, Transport.CHAT],
        FLARE: [Transport.IMAGES],
    }


def test_descriptors_of_the_pictures_endpoint_become_an_offer():
    found = offer(MINI, Transport.IMAGES)

    assert found.max_count == 10
    assert found.qualities == ("auto", "low", "medium", "high")
    assert found.backgrounds == ("auto", "transparent", "opaque")
    assert (found.aspects, found.formats) == ((), ())
    assert (found.takes_seed, found.seed_repeats) == (False, False)
    assert found.max_references == 16
    assert not found.streams


def test_what_is_absent_is_not_offered():
    found = offer(FLARE, Transport.IMAGES)

    assert (found.max_count, found.max_references, found.takes_seed) == (1, 0, False)
    assert (found.formats, found.aspects) == (("png", "webp"), ("1:1", "16:9"))
    assert found.streams


def test_boolean_descriptors_count():
    found = offer(FLUX, Transport.IMAGES)

    assert (found.takes_seed, found.seed_repeats, found.max_references, found.max_count) == (
        True,
        True,
        16,
        1,
    )


@pytest.mark.parametrize(
    "most", [{"type": "range", "max": 99}, {"type": "boolean"}], ids=["range", "boolean"]
)
def test_no_more_than_ten_are_asked_at_once(most):
    models = parse_models({}, {"data": [drawing("a/b", {"n": most})]}, {})

    assert models["a/b"].offers[0].max_count == 10


def test_references_need_a_model_that_reads_pictures():
    takes = {"input_references": {"type": "range", "max": 8}}
    models = parse_models({}, {"data": [drawing("a/b", takes, inputs=("text",))]}, {})

    assert models["a/b"].offers[0].max_references == 0


@pytest.mark.parametrize(
    ("model_id", "modalities", "aspects", "repeats"),
    [(MINI, ("image", "text"), 0, False), (GEMINI, ("image", "text"), 14, True), (FLUX, ("image",), 0, True)],
    ids=["openai", "google", "image only"],
)
def test_chat_offers_follow_the_model(model_id, modalities, aspects, repeats):
    found = offer(model_id, Transport.CHAT)

    assert found.output_modalities == modalities
    assert len(found.aspects) == aspects
    assert (found.takes_seed, found.seed_repeats, found.max_references) == (True, repeats, 16)


def test_older_gemini_has_no_extreme_ratios():
    models = parse_models({"data": [listed("google/gemini-2.5-flash-image")]}, {}, {})

    assert "8:1" not in models["google/gemini-2.5-flash-image"].offers[0].aspects


def test_a_chat_model_without_eyes_takes_no_references():
    models = parse_models({"data": [listed("a/b", inputs=("text",), supported_parameters=None)]}, {}, {})

    assert models["a/b"].offers == (
        Offer(
            Transport.CHAT,
            prices=Prices(prompt_token=Decimal("0.0000025"), completion_token=Decimal("0.000002")),
        ),
    )


def test_prices_come_from_the_endpoints_lines():
    prices = offer(MINI, Transport.IMAGES).prices

    assert prices.lines == (
        PictureLine(Decimal("0.000008"), "token"),
        PictureLine(Decimal("0.036"), "image", "high"),
    )
    assert prices.reference == Decimal("0.0000025") * 1700
    assert prices.prompt_token == Decimal("0.000002")


def test_a_price_that_the_public_list_lacks_is_known():
    assert offer(MINI, Transport.CHAT).prices.picture_token == Decimal("0.000008")
    assert offer(GEMINI, Transport.CHAT).prices.picture_token == Decimal("0.00003")
    assert offer(FLUX, Transport.CHAT).prices.picture_token is None


@pytest.mark.parametrize(
    ("pricing", "prices"),
    [
        ({"prompt": "-1", "completion": "abc"}, Prices()),
        ({"request": "0.01", "image": "0.002"}, Prices(request=Decimal("0.01"), reference=Decimal("0.002"))),
        ({"image_token": "0.00004"}, Prices(picture_token=Decimal("0.00004"))),
        (None, Prices()),
    ],
    ids=["varying", "per request", "per token", "none"],
)
def test_odd_prices_are_unknown_prices(pricing, prices):
    models = parse_models({"data": [listed("a/b", pricing=pricing)]}, {}, {})

    assert models["a/b"].offers[0].prices == prices


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-12-10", date(2026, 12, 10)),
        ("2026-12-10T00:00:00Z", date(2026, 12, 10)),
        ("soon", None),
        (None, None),
    ],
)
def test_the_end_of_a_model_is_a_date(written, read):
    models = parse_models({"data": [listed("a/b", expiration_date=written)]}, {}, {})

    assert models["a/b"].expires_on == read


def test_a_bare_list_of_ids_counts_as_plain_chat_models():
    models = parse_models(
        {"object": "list", "data": [{"id": "my-model", "object": "model"}, {}, 7]}, None, {}
    )

    assert models["my-model"].offers == (Offer(Transport.CHAT),)
    assert list(models) == ["my-model"]


class Provider:
    """Answers like OpenRouter; pages can be replaced by a status."""

    def __init__(self):
        self.pages: dict[str, Any] = {
            "/api/v1/models": MODELS,
            "/api/v1/images/models": IMAGES,
            f"/api/v1/images/models/{MINI}/endpoints": LINES[MINI],
        }
        self.asked = []

    def __call__(self, request):
        self.asked.append(f"{request.url.path}?{request.url.query.decode()}".rstrip("?"))
        page = self.pages.get(request.url.path, 404)
        if page is None:
            raise httpx.ConnectError("unreachable")
        return httpx.Response(page, json={}) if isinstance(page, int) else httpx.Response(200, json=page)


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
async def catalogue(provider):
    async with open_client(transport=httpx.MockTransport(provider)) as http:
        yield Catalogue(http, Backend("https://openrouter.test/api/v1", "k"), priced=(MINI, GEMINI))


async def test_a_refresh_reads_all_modalities_and_prices_of_the_operators_models(catalogue, provider):
    await catalogue.refresh(NOW)

    assert catalogue.ready
    assert catalogue.read_at == NOW
    assert sorted(provider.asked) == [
        "/api/v1/images/models",
        f"/api/v1/images/models/{MINI}/endpoints",
        "/api/v1/models?output_modalities=all",
    ]
    assert catalogue.model(MINI) == parsed()[MINI]
    assert catalogue.offer(GEMINI, Transport.CHAT).aspects


async def test_a_backend_without_the_pictures_endpoint_draws_through_chat(catalogue, provider):
    provider.pages["/api/v1/images/models"] = 404

    await catalogue.refresh(NOW)

    assert [one.transport for one in catalogue.model(MINI).offers] == [Transport.CHAT]


@pytest.mark.parametrize("broken", ["/api/v1/models", "/api/v1/images/models"])
@pytest.mark.parametrize(
    "page", [None, 500, {"error": "x"}, {"data": None}], ids=["down", "500", "error", "null"]
)
async def test_the_last_good_list_outlives_an_outage(catalogue, provider, broken, page):
    await catalogue.refresh(NOW)
    before = catalogue.dump()
    provider.pages[broken] = page

    with pytest.raises(ModelUnavailable):
        await catalogue.refresh(NOW)

    assert catalogue.dump() == before
    assert catalogue.resolve([MINI])


async def test_prices_that_cannot_be_read_stay_as_they_were(catalogue, provider):
    await catalogue.refresh(NOW)
    provider.pages[f"/api/v1/images/models/{MINI}/endpoints"] = 500

    await catalogue.refresh(NOW)

    assert catalogue.offer(MINI, Transport.IMAGES).prices.lines


async def test_a_wrong_key_is_said_to_be_the_operators_matter(catalogue, provider):
    provider.pages["/api/v1/models"] = 401

    with pytest.raises(AccountTrouble):
        await catalogue.refresh(NOW)


async def test_models_resolve_in_the_operators_order_and_missing_ones_are_skipped(catalogue):
    await catalogue.refresh(NOW)

    assert [one.id for one in catalogue.resolve([FLARE, "a/gone", MINI])] == [FLARE, MINI]


async def test_a_model_that_was_asked_for_is_not_replaced(catalogue):
    await catalogue.refresh(NOW)

    assert [one.id for one in catalogue.resolve([FLARE, MINI], asked=MINI)] == [MINI]
    with pytest.raises(OptionUnsupported):
        catalogue.resolve([FLARE], asked=MINI)
    catalogue.mark_gone(MINI)
    with pytest.raises(ModelGone, match="Choose another"):
        catalogue.resolve([FLARE, MINI], asked=MINI)


async def test_a_model_marked_as_gone_is_passed_over_until_the_next_reading(catalogue):
    await catalogue.refresh(NOW)
    catalogue.mark_gone(MINI)

    assert [one.id for one in catalogue.resolve([MINI, FLARE])] == [FLARE]
    with pytest.raises(ModelGone):
        catalogue.resolve([MINI])

    await catalogue.refresh(NOW)
    assert [one.id for one in catalogue.resolve([MINI, FLARE])] == [MINI, FLARE]


def test_without_a_list_nothing_resolves(catalogue):
    assert not catalogue.ready
    assert catalogue.read_at is None
    assert catalogue.dump() == ""
    with pytest.raises(ModelUnavailable):
        catalogue.resolve([MINI])
    assert len(catalogue.notices([MINI], NOW.date())) == 1


async def test_yesterdays_list_serves_a_start_without_network(catalogue, provider):
    await catalogue.refresh(NOW)
    async with open_client(transport=httpx.MockTransport(provider)) as http:
        other = Catalogue(http, Backend("https://openrouter.test/api/v1", "k"))
        other.load(catalogue.dump())

    assert other.ready
    assert other.read_at == NOW
    assert [other.model(one) for one in (MINI, GEMINI, FLUX, FLARE)] == [
        parsed()[one] for one in (MINI, GEMINI, FLUX, FLARE)
    ]
    assert other.dump() == catalogue.dump()
    assert "long long" not in catalogue.dump()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"read_at": "yesterday"}', '{"read_at": 7}'])
def test_a_kept_list_that_cannot_be_read_is_passed_over(catalogue, text):
    catalogue.load(text)

    assert not catalogue.ready


@pytest.mark.parametrize(
    ("configured", "today", "expected"),
    [
        ([GEMINI], NOW.date(), ()),
        ([MINI], date(2026, 10, 10), ()),
        (
            [MINI],
            date(2026, 10, 11),
            (f"{MINI} ends on 2026-12-10 (in 60 days); put a successor into the list.",),
        ),
        (
            [MINI],
            date(2026, 12, 9),
            (f"{MINI} ends on 2026-12-10 (in 1 day); put a successor into the list.",),
        ),
        ([MINI], date(2026, 12, 10), (f"{MINI} ends on 2026-12-10 (today); put a successor into the list.",)),
        (
            [MINI],
            date(2026, 12, 11),
            (f"{MINI} ends on 2026-12-10 (already); put a successor into the list.",),
        ),
        (
            ["a/b", GEMINI],
            NOW.date(),
            ("a/b is not listed by the provider as a model that draws; the next one is used.",),
        ),
        (
            ["a/b"],
            NOW.date(),
            (
                "a/b is not listed by the provider as a model that draws; the next one is used.",
                "None of the configured models can draw. Add one that the provider lists.",
            ),
        ),
    ],
    ids=["fine", "far", "60 days", "one day", "today", "past", "missing", "none left"],
)
async def test_the_operator_is_told_ahead(catalogue, configured, today, expected):
    await catalogue.refresh(NOW)

    assert catalogue.notices(configured, today) == expected


def test_an_unknown_model_gets_the_plainest_offer(catalogue):
    assert catalogue.offer("a/b", Transport.CHAT) == Offer(Transport.CHAT)
