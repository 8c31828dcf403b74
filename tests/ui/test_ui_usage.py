"""What the card of /manage usage says of its figures."""

from __future__ import annotations

from datetime import date

import pytest
from checks_kit import check_view, components_of, texts_of

from bot.charts.figures import Bars, Days, Figure
from bot.domain.usage import Amount, Entry, Report, Stretch, Usage
from bot.texts import speaking
from bot.ui import usage

DAY = date(2026, 11, 2)
KINDS = ("imagine", "edit", "vary", "batch", "blend", "talk", "chat", "describe", "caption")


class Easel:
    """Keeps the figures that it is to draw."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    async def draw(self, figure: Figure) -> bytes:
        self.figures.append(figure)
        return b"png"


def a_report(people: int) -> Report:
    """Return a day on which everybody asked for everything, the first of each the most."""
    return Report(
        (DAY,),
        tuple(
            Entry(
                DAY, 10**18 + who, 7, kind, "some/model", Amount(1, 1, 0, (people - who) * (9 - n) * 33_333)
            )
            for who in range(people)
            for n, kind in enumerate(KINDS)
        ),
    )


async def shown(report: Report, language: str = "en-US") -> tuple[str, list[str], list[Figure]]:
    """Return the words, the alt texts and the figures of a card."""
    easel = Easel()
    with speaking(language):
        view, files = await usage.card(Usage(Stretch.WEEK, report, None), easel)  # pyright: ignore[reportArgumentType] - draws nothing
    assert len(files) == len(easel.figures)
    body = check_view(view, len(files))
    alts = [item["description"] for part in components_of(body) for item in part.get("items", [])]
    return "\n".join(texts_of(body)), alts, easel.figures


async def test_the_rest_has_no_place_and_the_same_name_everywhere():
    said, alts, (days, people, kinds) = await shown(a_report(9))

    (bars,) = people.panels
    assert isinstance(bars, Bars)
    assert list(bars.names) == ["#1", "#2", "#3", "#4", "#5", "#6", "rest"]
    assert said.count("<@") == 6
    assert "#7" not in said
    assert "⬜\u00a0rest" in said
    assert "rest: $9.00" in alts[1]
    commands, models = kinds.panels
    assert isinstance(commands, Bars)
    assert isinstance(models, Bars)
    assert (commands.has_colours, models.has_colours, bars.has_colours) == (True, False, False)
    (stacks,) = days.panels
    assert isinstance(stacks, Days)
    assert len(stacks.series) == len(commands.names) == usage.SHOWN, "colours mean the same in both"


async def test_commands_are_called_as_people_write_them():
    said, alts, (_, _, kinds) = await shown(a_report(1), "de")

    bars = kinds.panels[0]
    assert isinstance(bars, Bars)
    assert bars.names[0] == "/malen"
    assert "🟧\u00a0/malen" in said
    assert alts[2].startswith("/malen: ")


async def test_amounts_side_by_side_have_as_many_decimals():
    _, alts, (_, people, _) = await shown(a_report(2))

    (bars,) = people.panels
    assert isinstance(bars, Bars)
    assert list(bars.said) == ["$3.00", "$1.50"]
    assert alts[1] == "Spending by person. #1: $3.00, #2: $1.50"


@pytest.mark.parametrize(("language", "day"), [("en-US", "2 Nov"), ("de", "2.11."), ("ja", "11/2")])
async def test_days_are_written_as_the_language_does(language: str, day: str):
    _, _, (days, *_) = await shown(a_report(1), language)

    (stacks,) = days.panels
    assert list(stacks.days) == [day]  # pyright: ignore[reportAttributeAccessIssue] - the first figure is of days
