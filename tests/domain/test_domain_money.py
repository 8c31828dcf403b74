from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import money
from bot.domain.money import MICRO, microusd, microusd_ceiling, scale, show
from bot.texts import speaking


@given(st.integers(-(10**12), 10**12))
def test_whole_micro_dollars_survive_the_way_there_and_back(amount: int):
    assert microusd(Decimal(amount) / MICRO) == amount
    assert microusd(str(Decimal(amount) / MICRO)) == amount


@given(st.decimals(0, 1000, places=9))
def test_an_estimate_never_falls_short_and_never_by_a_whole_micro_dollar(dollars: Decimal):
    upper = microusd_ceiling(dollars)

    assert 0 <= Decimal(upper) - dollars * MICRO < 1
    assert upper >= microusd(dollars)


@pytest.mark.parametrize(
    ("dollars", "amount"),
    [
        (0.1 + 0.2, 300_000),
        (0.0000005, 1),
        (0.00000049, 0),
        ("0.0387012", 38_701),
        (1e-9, 0),
        (12, 12_000_000),
    ],
)
def test_dollars_of_the_wire_become_micro_dollars(dollars: float | str, amount: int):
    assert microusd(dollars) == amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "$0.00"),
        (1, "$0.000001"),
        (99, "$0.000099"),
        (100, "$0.0001"),
        (10_000, "$0.01"),
        (38_701, "$0.0387"),
        (1_500_000, "$1.50"),
        (12_345_678_901, "$12,345.6789"),
        (-20_000, "-$0.02"),
    ],
)
def test_an_amount_is_shown_as_people_read_it(amount: int, shown: str):
    assert show(amount) == shown


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("de", ("0,0004\u00a0$", "-1.234,50\u00a0$")),
        ("fr", ("0,0004\u00a0$US", "-1\u202f234,50\u00a0$US")),
        ("es-ES", ("0,0004\u00a0US$", "-1.234,50\u00a0US$")),
        ("es-419", ("USD\u00a00.0004", "-USD\u00a01,234.50")),
        ("pt-BR", ("US$\u00a00,0004", "-US$\u00a01.234,50")),
        ("ja", ("$0.0004", "-$1,234.50")),
    ],
)
def test_an_amount_is_shown_as_each_language_writes_it(chosen: str, shown: tuple[str, str]):
    with speaking(chosen):
        assert (show(400), show(-1_234_500_000)) == shown


@pytest.mark.parametrize(
    ("chosen", "highest", "shown"),
    [
        ("en-US", 0, ["$0.00", "$0.20", "$0.40", "$0.60", "$0.80", "$1.00"]),
        ("en-US", 4_321_000_000, ["$0", "$1,000", "$2,000", "$3,000", "$4,000"]),
        ("en-US", 41_000, ["$0.00", "$0.01", "$0.02", "$0.03", "$0.04"]),
        ("de", 4_321_000_000, ["0\u00a0$", "1.000\u00a0$", "2.000\u00a0$", "3.000\u00a0$", "4.000\u00a0$"]),
        (
            "fr",
            2_400_000,
            ["0,00\u00a0$US", "0,50\u00a0$US", "1,00\u00a0$US", "1,50\u00a0$US", "2,00\u00a0$US"],
        ),
        (
            "pt-BR",
            9_000,
            ["US$\u00a00,0000", "US$\u00a00,0020", "US$\u00a00,0040", "US$\u00a00,0060", "US$\u00a00,0080"],
        ),
        ("ja", 1_100, ["$0.000000", "$0.000250", "$0.000500", "$0.000750", "$0.001000"]),
    ],
)
def test_a_scale_is_of_round_amounts_as_each_language_writes_them(
    chosen: str, highest: int, shown: list[str]
):
    with speaking(chosen):
        assert [said for _, said in scale(highest)] == shown


@given(st.integers(0, 10**13))
def test_a_scale_reaches_nearly_up_to_the_highest_in_even_steps_that_are_told_apart(highest: int):
    marks = scale(highest)
    amounts, (first, second, *_) = [one for one, _ in marks], [one for one, _ in marks]

    assert first == 0
    assert amounts == list(range(0, amounts[-1] + 1, second))
    assert 2 <= len(marks) <= 6
    assert amounts[-1] + second > highest
    assert len({said for _, said in marks}) == len(marks)


@given(st.integers(-(10**12), 10**12))
def test_what_is_shown_is_within_half_of_its_last_digit(amount: int):
    sign = -1 if amount < 0 else 1
    text = show(amount).removeprefix("-").removeprefix("$").replace(",", "")

    assert abs(sign * Decimal(text) * MICRO - amount) <= 50
    assert len(text.partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("amount", "said"),
    [(16_552_000, "$16.55"), (133_448_000, "$133.45"), (999_999, "$1.00"), (8_460, "$0.0085"), (0, "$0.00")],
)
def test_sums_read_in_passing_are_in_cents_from_a_dollar_on(amount: int, said: str):
    assert money.brief(amount) == said


def test_amounts_side_by_side_have_as_many_decimals():
    assert money.alike([3_167_500, 1_010_000, 31_600, 5_000, 4_999, 0]) == [
        "$3.17",
        "$1.01",
        "$0.03",
        "$0.01",
        "< $0.01",
        "$0.00",
    ]
    assert money.alike([31_600, 700]) == ["$0.0316", "$0.0007"]
    assert money.alike([691_000, 335_600, 7]) == ["$0.6910", "$0.3356", "$0.000007"]
    assert money.alike([340_000, 20_000]) == ["$0.34", "$0.02"]
    assert money.alike([]) == []
