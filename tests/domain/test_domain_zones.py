"""Time zones are found by whatever people call a city."""

from __future__ import annotations

import pytest

from bot.domain.zones import find, matching
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("Berlín", "Europe/Berlin"),
        ("Berlim", "Europe/Berlin"),
        ("ベルリン", "Europe/Berlin"),
        ("Zúrich", "Europe/Zurich"),
        ("Zürich", "Europe/Zurich"),
        ("São Paulo", "America/Sao_Paulo"),
        ("sao_paulo", "America/Sao_Paulo"),
        ("Nueva York", "America/New_York"),
        ("東京", "Asia/Tokyo"),
        ("Tokio", "Asia/Tokyo"),
        ("utc", "UTC"),
        ("ＵＴＣ", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_city_in_any_language(text, zone):
    assert find(text) == zone
    assert matching(text, 5)[0] == zone


@pytest.mark.parametrize(
    ("text", "says"),
    [("Berlni", "Europe/Berlin"), ("Atlantis", "is called that"), ("  ", "^Write a time zone")],
)
def test_a_city_without_a_zone_is_said_with_those_alike(text, says):
    with pytest.raises(BadInput, match=says):
        find(text)
