"""Amounts are read as people write them, wherever they write."""

from __future__ import annotations

import pytest

from bot.domain.amounts import parse_cap, show
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
