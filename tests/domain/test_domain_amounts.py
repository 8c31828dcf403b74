"""Amounts are read as people write them, wherever they write."""

from __future__ import annotations

import pytest

from bot.domain.amounts import parse_amount, parse_cap, plain, show
from bot.domain.quotas import Meter
from bot.errors import BadInput
from bot.texts import speaking

LANGUAGES = ("en", "de", "es-ES", "fr", "ja", "pt-BR")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_limit_is_read_as_it_is_shown(language: str):
    with speaking(language):
        assert parse_cap(show(Meter.IMAGES_PER_DAY, None), Meter.IMAGES_PER_DAY) is None
        assert parse_cap(" Unlimited ", Meter.IMAGES_PER_DAY) is None


@pytest.mark.parametrize(
    ("text", "meter", "cap"),
    [
        ("２０", Meter.IMAGES_PER_DAY, 20),
        ("＄２．５０", Meter.USD_PER_DAY, 2_500_000),
        ("1\u00a0000", Meter.MESSAGES_PER_DAY, 1000),
    ],
)
def test_digits_may_be_full_width(text: str, meter: Meter, cap: int):
    assert parse_cap(text, meter) == cap


@pytest.mark.parametrize("text", ["", "many", "2²", "-1", "1.5"])
def test_what_is_no_number_is_refused(text: str):
    with pytest.raises(BadInput, match="whole number"):
        parse_cap(text, Meter.IMAGES_PER_DAY)


@pytest.mark.parametrize("text", ["many", "2²", "-1", "1.5"])
def test_what_is_refused_is_named_for_a_form_asks_for_several(text: str):
    with pytest.raises(BadInput, match=f"^“{text}” is not an amount"):
        parse_cap(f" {text}", Meter.IMAGES_PER_DAY)


@pytest.mark.parametrize("meter", [Meter.IMAGES_PER_DAY, Meter.USD_PER_DAY])
@pytest.mark.parametrize("text", ["", "unlimited", "1000001"])
def test_where_an_amount_is_needed_nobody_is_told_to_write_unlimited(text: str, meter: Meter):
    with pytest.raises(BadInput) as told:
        parse_amount(text, meter)

    assert "the word" not in str(told.value)
    assert "to lift it" not in str(told.value)


@pytest.mark.parametrize(("text", "ways"), [("1,000", "1000, or 1.00."), ("$12.345", "12345, or 12.3450")])
def test_thousands_are_never_taken_for_a_fraction(text: str, ways: str):
    with pytest.raises(BadInput, match=f"two ways. Write {ways}"):
        parse_cap(text, Meter.USD_PER_MONTH)


@pytest.mark.parametrize("amount", [0, 34_000, 1_000_000, 1_234_000, 12_500_000, 39_900, 1, 123_456])
def test_what_a_form_offers_is_read_as_the_same_amount(amount: int):
    assert parse_cap(plain(Meter.USD_PER_DAY, amount), Meter.USD_PER_DAY) == amount
