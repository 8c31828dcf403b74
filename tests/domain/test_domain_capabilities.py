from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.capabilities import (
    MEGAPIXELS,
    PICTURE_TOKENS,
    REFERENCE_TOKENS,
    UNPRICED_MICROUSD,
    Offer,
    PictureLine,
    PictureModel,
    PlannedCall,
    Prices,
    Transport,
    make_plan,
    upper_cost,
)
from bot.domain.requests import MAX_COUNT, MAX_SEED, PictureRequest, Stored
from bot.errors import OptionUnsupported

ASPECTS, QUALITIES = ("1:1", "3:2", "16:9"), ("auto", "low", "medium", "high")
BACKGROUNDS, FORMATS = ("transparent", "opaque"), ("png", "webp")


def _some(values: tuple[str, ...]):
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


PRICES = st.builds(
    Prices,
    prompt_token=st.none() | st.decimals(0, "0.00001", places=8),
    completion_token=st.none() | st.decimals(0, "0.00001", places=8),
    picture_token=st.none() | st.decimals(0, "0.0001", places=8),
    lines=st.lists(
        st.builds(
            PictureLine, st.decimals(0, "0.2", places=4), st.sampled_from(["image", "token", "megapixel"])
        ),
        max_size=2,
    ).map(tuple),
)
OFFERS = st.builds(
    Offer,
    transport=st.sampled_from(Transport),
    max_count=st.integers(0, 10),
    aspects=_some(ASPECTS),
    qualities=_some(QUALITIES),
    backgrounds=_some(BACKGROUNDS),
    formats=_some(FORMATS),
    takes_seed=st.booleans(),
    max_references=st.integers(0, 4),
    prices=PRICES,
)
MODELS = st.builds(
    PictureModel, st.just("acme/m"), st.just("M"), st.lists(OFFERS, min_size=1, max_size=3).map(tuple)
)
REQUESTS = st.builds(
    PictureRequest,
    prompt=st.text(max_size=50),
    count=st.integers(1, MAX_COUNT),
    aspect=st.none() | st.sampled_from(ASPECTS),
    quality=st.none() | st.sampled_from(QUALITIES),
    seed=st.none() | st.integers(0, MAX_SEED),
    background=st.none() | st.sampled_from(BACKGROUNDS),
    output_format=st.none() | st.sampled_from(FORMATS),
    references=st.lists(st.builds(Stored, st.text("abc", min_size=1)), max_size=4).map(tuple),
)


@given(REQUESTS, MODELS)
def test_a_plan_draws_all_that_is_asked_with_nothing_that_is_not_taken(
    request: PictureRequest, model: PictureModel
):
    able = [offer for offer in model.offers if not offer.lacks(request)]
    if not able:
        with pytest.raises(OptionUnsupported, match="cannot do"):
            make_plan(request, model)
        return

    plan = make_plan(request, model)

    assert plan.transport is able[0].transport
    assert plan.count == request.count
    assert [call.ordinal for call in plan.calls] == list(range(len(plan.calls)))
    assert all(1 <= call.count <= max(1, able[0].max_count) for call in plan.calls)
    assert plan.upper_microusd >= 0
    seeds = [call.seed for call in plan.calls]
    if request.seed is None:
        assert set(seeds) == {None}
    else:
        assert seeds == list(range(request.seed, request.seed + request.count))
        assert seeds[-1] is not None
        assert seeds[-1] < 2**31


@given(REQUESTS, OFFERS)
def test_an_offer_lacks_exactly_the_options_it_does_not_name(request: PictureRequest, offer: Offer):
    missing = offer.lacks(request)

    pairs = ((request.aspect, offer.aspects), (request.quality, offer.qualities))
    pairs += ((request.background, offer.backgrounds),)
    expected = sum(value is not None and value not in offered for value, offered in pairs)
    expected += request.seed is not None and not offer.takes_seed
    expected += len(request.references) > offer.max_references
    assert len(missing) == expected


@given(REQUESTS, OFFERS, st.integers(1, 9))
def test_more_pictures_never_cost_less(request: PictureRequest, offer: Offer, count: int):
    fewer, more = (upper_cost(request, offer, PlannedCall(0, n, None)) for n in (count, count + 1))

    assert 0 <= fewer <= more


@pytest.mark.parametrize("quality", [None, "auto", "low", "medium", "high", "max"])
def test_a_quality_without_a_price_of_its_own_is_held_at_the_highest(quality: str | None):
    offer = Offer(Transport.IMAGES, qualities=QUALITIES, prices=Prices(picture_token=Decimal("0.00001")))
    request = PictureRequest("", quality=quality)
    tokens = PICTURE_TOKENS.get(quality or "", PICTURE_TOKENS["high"])

    assert upper_cost(request, offer, PlannedCall(0, 1, None)) == tokens * 10


class TestPrices:
    def _cost(self, prices: Prices, transport: Transport = Transport.IMAGES, **asked) -> int:
        given: dict[str, Any] = {"prompt": ""} | asked
        request = PictureRequest(**given)
        return upper_cost(request, Offer(transport, prices=prices), PlannedCall(0, 2, None))

    def test_a_model_without_a_price_is_held_at_a_round_sum_for_each_picture(self):
        assert self._cost(Prices()) == 2 * UNPRICED_MICROUSD
        assert self._cost(Prices(completion_token=Decimal(0))) == 2 * UNPRICED_MICROUSD

    @pytest.mark.parametrize(
        ("line", "each"),
        [
            (PictureLine(Decimal("0.04"), "image"), Decimal("0.04")),
            (PictureLine(Decimal("0.01"), "megapixel"), Decimal("0.01") * MEGAPIXELS),
            (PictureLine(Decimal("0.00001"), "token"), Decimal("0.00001") * PICTURE_TOKENS["high"]),
            (PictureLine(Decimal("0.04"), "never heard of"), Decimal("0.04")),
        ],
        ids=["image", "megapixel", "token", "unknown unit"],
    )
    def test_price_lines_are_read_by_their_unit(self, line: PictureLine, each: Decimal):
        assert self._cost(Prices(lines=(line,))) == int(each * 2 * 1_000_000)

    def test_the_line_of_the_chosen_quality_counts_and_else_the_dearest(self):
        lines = (
            PictureLine(Decimal("0.01"), "image", "low_1024"),
            PictureLine(Decimal("0.20"), "image", "high_1024"),
        )

        assert self._cost(Prices(lines=lines), quality="low") == 20_000
        assert self._cost(Prices(lines=lines)) == 400_000
        assert self._cost(Prices(lines=lines), quality="medium") == 400_000

    def test_references_words_and_requests_are_paid_beside_the_picture(self):
        prices = Prices(
            prompt_token=Decimal("0.000001"),
            request=Decimal("0.001"),
            reference=Decimal("0.002"),
            lines=(PictureLine(Decimal("0.04"), "image"),),
        )
        plain = self._cost(prices, prompt="ж" * 10)

        guided = self._cost(prices, prompt="ж" * 10, references=(Stored("a"),))

        assert plain == 80_000 + 20 + 200 + 1000
        assert guided == plain + 2000 + REFERENCE_TOKENS

    def test_a_chat_is_held_with_the_words_it_may_speak(self):
        prices = Prices(completion_token=Decimal("0.000002"), picture_token=Decimal("0.00001"))

        silent, speaking = self._cost(prices), self._cost(prices, Transport.CHAT)

        assert speaking == silent + 4000 * 2

    def test_completion_tokens_price_a_picture_where_nothing_else_does(self):
        assert self._cost(Prices(completion_token=Decimal("0.00001")), quality="low") == 408 * 2 * 10


def test_the_second_transport_is_taken_where_the_first_lacks_something():
    images = Offer(Transport.IMAGES, aspects=("1:1",))
    chat = Offer(Transport.CHAT, takes_seed=True, seed_repeats=False)
    model = PictureModel("acme/m", "M", (images, chat))

    plan = make_plan(PictureRequest("a fox", seed=0), model)

    assert plan.transport is Transport.CHAT
    assert not plan.seed_repeats
    assert plan.calls == (PlannedCall(0, 1, 0),)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (PictureRequest("a", aspect="9:9"), "M cannot do aspect 9:9. Leave that out"),
        (PictureRequest("a", aspect="9:9", seed=4), "M cannot do aspect 9:9 and a seed. Leave"),
        (
            PictureRequest("a", aspect="9:9", seed=4, references=(Stored("x"),)),
            "M cannot do aspect 9:9, a seed and reference pictures. ",
        ),
    ],
    ids=["one", "two", "three"],
)
def test_what_is_missing_is_named_as_a_sentence_does(request_: PictureRequest, words: str):
    model = PictureModel("acme/m", "M", (Offer(Transport.IMAGES),))

    with pytest.raises(OptionUnsupported) as missing:
        make_plan(request_, model)

    assert str(missing.value).startswith(words)


def test_of_several_transports_the_one_that_lacks_least_is_named():
    lacking = Offer(Transport.CHAT)
    nearly = replace(lacking, transport=Transport.IMAGES, aspects=("9:9",))
    model = PictureModel("acme/m", "M", (lacking, nearly))

    with pytest.raises(OptionUnsupported, match=r"M cannot do a seed\. "):
        make_plan(PictureRequest("a", aspect="9:9", seed=4), model)


def test_every_text_is_drawn_with_every_seed():
    model = PictureModel("m", "M", (Offer(Transport.IMAGES, max_count=10, takes_seed=True),))
    request = PictureRequest("x", variants=("red", "blue"), seeds=(5, 9))

    calls = make_plan(request, model).calls

    assert [(call.ordinal, call.text, call.seed, call.count) for call in calls] == [
        (0, 0, 5, 1),
        (1, 0, 9, 1),
        (2, 1, 5, 1),
        (3, 1, 9, 1),
    ]


def test_texts_are_not_drawn_in_one_call():
    model = PictureModel("m", "M", (Offer(Transport.IMAGES, max_count=2),))

    calls = make_plan(PictureRequest("x", count=3, variants=("red", "blue")), model).calls

    assert [(call.text, call.count) for call in calls] == [(0, 2), (0, 1), (1, 2), (1, 1)]
