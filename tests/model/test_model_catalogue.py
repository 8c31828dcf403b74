"""The models on offer: read, kept through outages, resolved in the operator's order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from listing_kit import FLARE, FLUX, GEMINI, IMAGES, LINES, MINI, MODELS, parsed

from bot.domain.capabilities import Offer, Transport
from bot.errors import AccountTrouble, ModelGone, ModelUnavailable, OptionUnsupported
from bot.model.backend import Backend
from bot.model.catalogue import Catalogue
from bot.transport.client import open_client

NOW = datetime(2026, 11, 20, tzinfo=UTC)


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


@pytest.mark.parametrize("page", [None, 500, {"error": "x"}], ids=["down", "500", "error"])
async def test_a_first_start_without_the_pictures_endpoint_draws_through_chat_meanwhile(
    catalogue, provider, page
):
    provider.pages["/api/v1/images/models"] = page

    with pytest.raises(ModelUnavailable):
        await catalogue.refresh(NOW)

    (mini,) = catalogue.resolve([MINI])
    assert [one.transport for one in mini.offers] == [Transport.CHAT]


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
