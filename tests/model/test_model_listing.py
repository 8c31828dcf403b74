"""What the provider's lists say of each model."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from listing_kit import FLARE, FLUX, GEMINI, MINI, drawing, listed, parsed

from bot.domain.capabilities import Offer, PictureLine, Prices, Transport
from bot.model.listing import parse_models


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
