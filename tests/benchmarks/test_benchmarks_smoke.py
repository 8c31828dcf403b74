"""The suite of measures, in its smallest form, so that it cannot rot."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import bots, history, rooms, talks
from benchmarks.figures import FIGURES, Figure, Outcome, gather, table
from benchmarks.pictures import MIB, noise_png
from benchmarks.proc import Cores
from benchmarks.scale import TINY
from bot.images.inspect import inspect, verify

ROOT = Path(__file__).parents[2]


@pytest.mark.further
@pytest.mark.e2e
async def test_all_contenders_carry_pictures_of_the_size_asked_for() -> None:
    measured = dict(await bots.few(Cores.choose(), TINY))

    assert set(measured["P8"]) == {"bare", "easel", "limit"}
    assert all(beyond_ms > 0 for beyond_ms in measured["P8"].values())


@pytest.mark.e2e
@pytest.mark.slow
async def test_a_flood_of_messages_is_taken_in() -> None:
    measured = dict(await bots.flood(Cores.choose(), TINY))

    assert min(measured["P13"][name] for name in ("bare", "easel")) > 100


@pytest.mark.e2e
@pytest.mark.slow
async def test_mentions_are_answered_whole_by_both() -> None:
    measured = dict(await talks.mentions(Cores.choose(), TINY))

    assert measured["mentions lost"] == {"bare": 0, "easel": 0}
    assert min(measured["mentions"].values()) > 0


@pytest.mark.parametrize("who", ["bare", "easel", "limit"])
def test_every_decoder_brings_the_whole_picture(who, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(rooms, "HEAVY_BYTES", MIB)
    path = tmp_path / "reply"
    path.write_bytes(rooms.reply(MIB))

    assert rooms.decode(who, path, TINY)["ms"] > 0


@pytest.mark.parametrize("size", [16 * 1024, 2 * MIB], ids=["small", "usual"])
def test_a_picture_has_exactly_its_size_and_decodes(size: int) -> None:
    picture = noise_png(size)

    assert len(picture) == size
    assert verify(picture) == inspect(picture)


@pytest.mark.further
async def test_holding_grants_no_more_than_the_limit() -> None:
    measured = await rooms.ledgers.hold(TINY)

    assert measured["over"] == 0
    assert min(measured[name] for name in ("bare", "easel", "limit")) > 0


SCANNED = {
    "SCAN CONSTANT ROW",
    "SCAN job USING INDEX job_unfinished",  # as many as may be under way
    "SCAN turn USING INDEX turn_awaiting",  # as many as wait for an answer
    "SCAN json_each VIRTUAL TABLE INDEX 1:",  # the roles of who asks
    "SCAN path",  # what a recursion has found so far
    "SCAN after",
    "SCAN main.gallery_text_config",  # four rows of the full-text index's own
    "SCAN gallery_text VIRTUAL TABLE INDEX 192:M3><",  # by what is looked for and an id, the newest first
}
"""What may be read from end to end."""


@pytest.mark.further
def test_what_is_asked_of_the_database_takes_the_same_however_long_the_history_is() -> None:
    found = history.measure(history.TINY)

    assert history.grown(found) == {}
    assert all(taken[-1].plan for taken in found.values())
    scans = [line for *_, taken in found.values() for line in taken.plan if line.startswith("SCAN")]
    assert {*scans} == SCANNED


@pytest.mark.further
async def test_a_blocked_loop_is_seen() -> None:
    blocked = await rooms.lag_of("bare", TINY)
    idle = await rooms.lag_of("limit", TINY)

    assert blocked["max"] > 50
    assert blocked["max"] > idle["p99"]  # which is a millisecond, and fifty where many others want the cores


@pytest.mark.parametrize(
    ("figure", "runs", "ratio", "is_ahead"),
    [
        (Figure("a", "", "ms", 0.5), [{"easel": 1, "bare": 2}, {"easel": 9, "bare": 10}], 0.7, False),
        (Figure("b", "", "ms", 0.5), [{"easel": 1, "bare": 2}], 0.5, True),
        (Figure("c", "", "/s", 2, "more"), [{"easel": 9, "bare": 3}], 3, True),
        (Figure("d", "", "s", 1, is_absolute=True), [{"easel": 2}], None, False),
        (Figure("e", "", "s"), [{"easel": 2, "bare": 4}], 0.5, None),
    ],
    ids=["middle of ratios", "at the target", "more is better", "absolute", "no target"],
)
def test_a_figure_is_held_to_its_target(figure, runs, ratio, is_ahead) -> None:
    outcome = Outcome(figure, runs)

    assert outcome.ratio == (None if ratio is None else pytest.approx(ratio))
    assert outcome.is_ahead is is_ahead


def test_the_table_shows_every_figure_that_was_measured() -> None:
    shown = table(gather((figure.key, {"easel": 1.0, "bare": 2.0}) for figure in FIGURES))

    assert all(f"| {figure.key} |" in shown for figure in FIGURES)
    assert len(shown.splitlines()) == len(FIGURES) + 2


def test_the_published_table_has_every_question_and_no_other() -> None:
    told = (ROOT / "benchmarks/README.md").read_text().split("## As the history grows")[1].split("\n#")[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in told.splitlines() if line.startswith("| ")]

    assert [row for row in rows[2:] if not row.startswith("*before")] == list(history.questions(1_000))
