from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from provider_kit import FLUX, GEMINI, MINI, NOW, pages
from time_kit import PATIENCE_S, LoopClock, settle, until

from bot.app import models
from bot.app.models import KEY, Configured, kept_catalogue, why_nothing_draws
from bot.errors import ModelUnavailable
from bot.model.failures import failure
from bot.model.pressure import Turnstile
from bot.storage.meta import Meta

if TYPE_CHECKING:
    from house_kit import House

CONFIGURED = Configured((MINI, FLUX, GEMINI), (MINI,))


@dataclass
class Refreshing:
    """What a catalogue does on each refresh, in place of the provider; the last one stays."""

    house: House
    script: list[Exception | asyncio.Event | None] = field(default_factory=list)
    count: int = 0

    async def refresh(self, now: datetime) -> None:
        self.count += 1
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, asyncio.Event):
            await step.wait()
        if isinstance(step, Exception):
            raise step
        self.house.catalogue.load(json.dumps(pages() | {"read_at": now.isoformat()}))


@pytest.fixture
def script(house: House, monkeypatch: pytest.MonkeyPatch) -> Refreshing:
    refreshing = Refreshing(house)
    monkeypatch.setattr(house.catalogue, "refresh", refreshing.refresh)
    house.catalogue._sources = None
    house.catalogue._models = {}
    return refreshing


def _kept(house: House):
    return kept_catalogue(house.catalogue, Meta(house.database), CONFIGURED, house.world.clock)


async def test_a_list_that_cannot_be_read_and_was_never_read_starts_all_the_same(
    house: House, script, logged
):
    script.script = [ModelUnavailable("down")]

    async with _kept(house):
        assert not house.catalogue.ready

    assert any(entry["event"] == "the list of models could not be read" for entry in logged)


async def test_yesterday_s_list_serves_where_today_s_cannot_be_read(house: House, script):
    yesterday = datetime(2026, 11, 20, tzinfo=UTC)
    await Meta(house.database).set(KEY, json.dumps(pages() | {"read_at": yesterday.isoformat()}))
    script.script = [ModelUnavailable("down")]

    async with _kept(house):
        assert house.catalogue.read_at == yesterday
        assert house.planner.models()[0].id == MINI


async def test_a_fresh_list_is_kept_for_tomorrow_and_ends_of_models_are_said(house: House, script, logged):
    script.script = [None]

    async with _kept(house):
        assert house.catalogue.read_at == NOW

    kept = await Meta(house.database).get(KEY)
    assert kept is not None
    assert json.loads(kept)["read_at"] == NOW.isoformat()
    notices = [entry["notice"] for entry in logged if entry["event"] == "models"]
    assert len(notices) == 1
    assert "ends on 2027-01-10 (in 50 days)" in notices[0]


async def test_the_start_does_not_wait_for_a_slow_list(house: House, script, monkeypatch, logged):
    monkeypatch.setattr(models, "FIRST_TRY_S", 0.01)
    gate = asyncio.Event()
    script.script = [gate, None]

    async with _kept(house):
        assert not house.catalogue.ready
        gate.set()
        await until(lambda: house.catalogue.ready)

    assert any("takes long" in entry["event"] for entry in logged)


async def test_a_start_with_yesterday_s_list_does_not_wait_for_today_s(house: House, script, monkeypatch):
    monkeypatch.setattr(models, "FIRST_TRY_S", 3600)
    await Meta(house.database).set(KEY, json.dumps(pages() | {"read_at": NOW.isoformat()}))
    script.script = [asyncio.Event()]

    async with asyncio.timeout(PATIENCE_S), _kept(house):
        assert house.planner.models()[0].id == MINI


async def test_a_slow_list_does_not_hold_up_the_end_either(house: House, script, monkeypatch):
    monkeypatch.setattr(models, "FIRST_TRY_S", 0.01)
    script.script = [asyncio.Event()]

    async with asyncio.timeout(PATIENCE_S):
        async with _kept(house):
            pass

    assert script.count == 1


async def test_after_a_failure_it_is_read_again_sooner_and_sooner_than_daily(
    house: House, script, monkeypatch, loop_clock: LoopClock
):
    monkeypatch.setattr(models, "RETRY_S", (0.001, 0.001))
    script.script = [ModelUnavailable("down")] * 4 + [None]

    async with _kept(house):
        await until(lambda: house.catalogue.ready)
        await Meta(house.database).get(KEY)
        await settle()
        await loop_clock.move(23 * 3600)

        assert script.count == 5, "and then not before tomorrow"


async def test_it_is_read_again_every_day(house: House, script, monkeypatch):
    monkeypatch.setattr(models, "DAY_S", 0.001)
    script.script = [None]

    async with _kept(house):
        await until(lambda: script.count > 2)


async def test_a_model_that_was_called_gone_but_is_listed_still_comes_back_soon(
    house: House, script, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(models, "DOUBT_S", 0.0)
    script.script = [None]

    async with _kept(house):
        house.catalogue.mark_gone(MINI)
        assert house.planner.models()[0].id == FLUX
        await until(lambda: not house.catalogue.doubted.is_set())

        assert house.planner.models()[0].id == MINI
    assert script.count == 2


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("failing", "failed", "says"),
    [
        pytest.param(MINI, "server", rf"^{MINI}, .*not available", id="the first model is down"),
        pytest.param(FLUX, "server", None, id="another model is down"),
        pytest.param(FLUX, "payment_required", "needs its operator", id="no credit, as another model found"),
        pytest.param("a/chat-model", "authentication", "needs its operator", id="a key refused to words"),
    ],
)
async def test_what_names_no_model_is_ready_where_the_first_can_be_asked_and_paid_for(
    house: House, failing: str, failed: str, says: str | None
):
    turnstile = Turnstile(8)
    assert why_nothing_draws(house.catalogue, turnstile, (MINI, FLUX)) is None

    for _ in range(5):
        with suppress(ModelUnavailable), turnstile.visit(failing) as visit:
            visit.conclude(failure(failed))

    why = why_nothing_draws(house.catalogue, turnstile, (MINI, FLUX))
    assert (why is None) if says is None else re.search(says, why or "")


async def test_a_first_model_that_is_gone_makes_way_for_the_next_and_none_left_is_said(house: House):
    turnstile = Turnstile(8)
    for _ in range(5):
        with turnstile.visit(MINI) as visit:
            visit.conclude(failure("server"))

    house.catalogue.mark_gone(MINI)

    assert why_nothing_draws(house.catalogue, turnstile, (MINI, FLUX)) is None
    assert why_nothing_draws(house.catalogue, turnstile, (MINI,)) is not None
