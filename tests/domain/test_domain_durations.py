from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import texts
from bot.domain.durations import USUAL, parse_duration
from bot.texts import speaking

YEAR = timedelta(days=365)
LANGUAGES = ("en", "de", "es-ES", "es-419", "fr", "ja", "pt-BR")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("10m", timedelta(minutes=10)),
        ("2h 30m", timedelta(hours=2, minutes=30)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("3 days", timedelta(days=3)),
        ("1 Week, 1 day", timedelta(days=8)),
        ("３ｄ　２ｈ", timedelta(days=3, hours=2)),
        ("2 hours and 5 minutes", timedelta(hours=2, minutes=5)),
        ("2 Stunden und 30 Minuten", timedelta(hours=2, minutes=30)),
        ("1 semaine et 1 jour", timedelta(days=8)),
        ("3 DIAS", timedelta(days=3)),
        ("3 días", timedelta(days=3)),
        ("１時間３０分", timedelta(minutes=90)),
        ("2日間", timedelta(days=2)),
        ("1 週間2日", timedelta(days=9)),
        ("1h30", timedelta(minutes=90)),
        ("1 h 30", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1 Std", timedelta(hours=1)),
        ("2 Std. 15 Min.", timedelta(hours=2, minutes=15)),
        ("1,5 Stunden", timedelta(minutes=90)),
        ("2.5h", timedelta(minutes=150)),
        ("2 Tg.", timedelta(days=2)),
        ("1 Monat", timedelta(days=30)),
        ("2 horas", timedelta(hours=2)),
        ("2 hs y 30 mins", timedelta(hours=2, minutes=30)),
        ("1 mes", timedelta(days=30)),
        ("1 año", YEAR),
        ("15 mn", timedelta(minutes=15)),
        ("2 j.", timedelta(days=2)),
        ("2 semaines", timedelta(days=14)),
        ("1 mois", timedelta(days=30)),
        ("2 hrs e 5 min", timedelta(hours=2, minutes=5)),
        ("1 mês", timedelta(days=30)),
        ("3日", timedelta(days=3)),
        ("１０分", timedelta(minutes=10)),
        ("1か月", timedelta(days=30)),
        ("1ヶ月", timedelta(days=30)),
    ],
)
def test_lengths_are_read_as_people_write_them(text, length):
    assert parse_duration(text, most=YEAR) == length


@pytest.mark.parametrize(
    "text",
    ["", "soon", "5", "d", "1 fortnight", "0m", "-1h", "1h and a bit", "366d", "und", "2d30", "1h 30 40"],
)
def test_what_is_no_length_or_out_of_bounds_is_refused(text):
    with pytest.raises(ValueError, match=r"time|bounds"):
        parse_duration(text, most=YEAR)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_suggested_is_understood(language):
    for length in USUAL:
        with speaking(language):
            suggested = texts.length(length)

        assert parse_duration(suggested, most=YEAR) == length, suggested


@given(st.text(max_size=40))
def test_any_text_is_a_length_within_bounds_or_refused(text):
    try:
        length = parse_duration(text, most=YEAR)
    except ValueError:
        return
    assert timedelta() < length <= YEAR
