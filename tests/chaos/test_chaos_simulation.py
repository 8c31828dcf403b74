"""Orders through the whole bot on a virtual clock, while nine faults strike one in twenty each."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import structlog.testing
from database_kit import empty_database
from gates import Verdict
from simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["empty_database"]
SHORT = [pytest.param(1, 150, id="seed 1")]
LONG = [
    pytest.param(seed, 10_000, id=f"seed {seed}, long", marks=pytest.mark.slow)
    for seed in (11, 12, 13, 14, 15)
]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Leave out the log, which takes longer than the bot does."""
    logging.disable(logging.CRITICAL)
    with structlog.testing.capture_logs():
        yield
    logging.disable(logging.NOTSET)


def simulate(seed: int, jobs: int, empty: Path, folder: Path) -> Simulation:
    folder.mkdir()
    (folder / "easel.db").write_bytes(empty.read_bytes())
    sim = Simulation(seed, jobs, folder)
    sim.run()
    return sim


@pytest.mark.parametrize(("seed", "jobs"), [*SHORT, *LONG])
def test_whatever_fails_nothing_is_lost_or_charged_twice_and_everybody_is_answered(
    seed: int,
    jobs: int,
    empty_database: Path,
    tmp_path: Path,
):
    sim = simulate(seed, jobs, empty_database, tmp_path / "world")
    verdict = Verdict(sim)
    is_long = jobs >= 10_000
    print(verdict.report())  # noqa: T201 - make chaos shows the figures of what passes too

    assert verdict.broken() == {}
    assert verdict.amplification() <= 1.05
    assert len(sim.strikes()) == 9
    assert len(sim.kills) >= 2
    if is_long:  # a few calls do not make a mean; what the provider bills for damage is its own affair
        assert verdict.cost_ratio(without="damaged") <= 1.02
    sim.database.close()


def test_one_seed_is_one_history(empty_database: Path, tmp_path: Path):
    first, again, other = (
        simulate(seed, 30, empty_database, tmp_path / name)
        for seed, name in ((3, "first"), (3, "again"), (4, "other"))
    )

    assert first.digest() == again.digest()
    assert first.digest() != other.digest()
    for sim in (first, again, other):
        sim.database.close()


def test_every_request_of_a_busy_day_goes_to_discord_or_the_provider(empty_database: Path, tmp_path: Path):
    """Who is asked is checked where requests arrive; here that they were many, and mentioned nobody."""
    sim = simulate(5, 60, empty_database, tmp_path / "world")

    assert sim.discord.requests > 100
    assert len(sim.model.asked) > 50
    assert sim.discord.pings == []
    sim.database.close()
