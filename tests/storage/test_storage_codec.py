from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.requests import Kept, Kind, PictureRequest, Stored, StyleUse, Upload
from bot.storage import codec

text = st.text()
maybe_text = st.none() | text
whole = st.integers(0, 2**63 - 1)
references = st.builds(Stored, text) | st.builds(Upload, text, text, whole) | st.builds(Kept, text, text)
requests = st.builds(
    PictureRequest,
    prompt=text,
    count=whole,
    aspect=maybe_text,
    quality=maybe_text,
    seed=st.none() | whole,
    background=maybe_text,
    output_format=maybe_text,
    model=maybe_text,
    references=st.lists(references, max_size=4).map(tuple),
    private=st.booleans(),
    kind=st.sampled_from(Kind),
    variants=st.lists(text, max_size=3).map(tuple),
    seeds=st.lists(whole, max_size=3).map(tuple),
    style=st.none() | st.builds(StyleUse, text, text),
    hint=maybe_text,
    follows_answer=st.booleans(),
)
plans = st.builds(
    Plan,
    model_id=text,
    transport=st.sampled_from(Transport),
    calls=st.lists(st.builds(PlannedCall, whole, whole, st.none() | whole, whole), max_size=10).map(tuple),
    upper_microusd=whole,
    seed_repeats=st.booleans(),
)
steady = settings(deadline=None)
moments = st.datetimes(timezones=st.just(UTC))


@steady
@given(requests)
def test_request_comes_back(request):
    assert codec.request_from_json(codec.request_to_json(request)) == request


@steady
@given(plans)
def test_plan_comes_back(plan):
    assert codec.plan_from_json(codec.plan_to_json(plan)) == plan


@steady
@given(moments)
def test_moment_comes_back_to_the_microsecond(moment):
    assert codec.from_micros(codec.to_micros(moment)) == moment


@steady
@given(moments, moments)
def test_moments_keep_their_order(one, other):
    assert (codec.to_micros(one) < codec.to_micros(other)) == (one < other)


def test_moment_is_the_same_in_any_zone():
    moment = datetime(2026, 11, 21, 12, tzinfo=UTC)

    assert codec.to_micros(moment.astimezone(timezone(timedelta(hours=5.5)))) == codec.to_micros(moment)


def test_naive_moment_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError):
        codec.to_micros(datetime(2026, 11, 21))  # noqa: DTZ001 - the mistake itself


@steady
@given(st.text(st.characters(categories=["L", "Cs", "Cc", "So"])))
def test_cleaned_text_is_always_utf_8(words):
    codec.clean(words).encode()


def test_cleaned_text_joins_halves_and_replaces_lone_ones():
    assert codec.clean("\ud83c\udfa8 \ud83c") == "🎨 \ufffd"


REQUEST = codec.request_to_json(PictureRequest("a", seed=0))
PLAN = codec.plan_to_json(Plan("m", Transport.CHAT, (PlannedCall(0, 1, 0),), 5))


def test_same_value_is_the_same_text():
    assert REQUEST == (
        '{"aspect":null,"background":null,"count":1,"hint":null,"kind":"imagine","model":null,'
        '"output_format":null,"private":false,"prompt":"a","quality":null,"references":[],"seed":0,'
        '"seeds":[],"style":null,"v":1,"variants":[]}'
    )
    assert PLAN == (
        '{"calls":[[0,1,0,0]],"model_id":"m","seed_repeats":true,"transport":"chat","upper_microusd":5,"v":1}'
    )


def test_values_written_before_there_was_more_to_say_are_read():
    request = codec.request_from_json(
        '{"aspect":null,"background":null,"count":1,"model":null,"output_format":null,"private":false,'
        '"prompt":"a","quality":null,"references":[],"seed":0,"v":1}'
    )
    plan = codec.plan_from_json(PLAN.replace("[[0,1,0,0]]", "[[0,1,0]]"))

    assert request == PictureRequest("a", seed=0)
    assert plan == codec.plan_from_json(PLAN)


@pytest.mark.parametrize(
    "stored",
    [
        REQUEST.replace('"v":1', '"v":2'),
        REQUEST.replace('"prompt"', '"words"'),
        REQUEST.replace('"seed":0', '"seed":0,"more":1'),
        "not json",
    ],
    ids=["version", "missing", "unknown", "broken"],
)
def test_request_of_another_version_is_not_guessed_at(stored):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one too
        codec.request_from_json(stored)


@pytest.mark.parametrize(
    "stored",
    [
        PLAN.replace('"v":1', '"v":2'),
        PLAN.replace('"model_id"', '"model"'),
        PLAN.replace("chat", "smoke signals"),
        PLAN.replace("[[0,1,0,0]]", "[[0,1]]"),
    ],
    ids=["version", "unknown", "transport", "call"],
)
def test_plan_of_another_version_is_not_guessed_at(stored):
    with pytest.raises(ValueError):  # noqa: PT011 - an enum's own error is one too
        codec.plan_from_json(stored)
