"""What Discord counts against a bot, on the real client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord_kit import an_easel
from people_kit import happen, slash

from bot.app.traffic import IDENTIFIES_MOST, INVALID_MOST, Traffic
from bot.telemetry.alarms import Alarms
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from discord_kit import Discord
    from house_kit import House

    from bot.app.client import Easel


@pytest.fixture
async def bot(remote: Discord, house: House) -> AsyncIterator[Easel]:
    easel = an_easel(house)
    await easel.log_in("token")
    remote.calls.clear()
    yield easel
    await easel.close()


def sample(house: House, name: str, **labels: str) -> float | None:
    return house.metrics.registry.get_sample_value(name, labels)


async def test_requests_that_discord_refuses_are_counted(bot: Easel, house: House, remote: Discord):
    remote.refuse("GET /channels/#", 403, 50001, times=2)
    remote.refuse("GET /channels/#", 404, 10003)

    for _ in range(3):
        with pytest.raises(discord.HTTPException):
            await bot.fetch_channel(7)

    assert sample(house, "easel_discord_invalid_requests_total", status="403") == 2
    assert sample(house, "easel_discord_invalid_requests_total", status="404") is None


async def test_at_a_tenth_of_what_is_punished_the_operator_hears_it_and_edits_rest(
    bot: Easel, house: House, remote: Discord, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.app.traffic.INVALID_MOST", 3)
    assert INVALID_MOST == 1000
    remote.refuse("GET /channels/#", 403, 50001, times=3)
    assert bot._traffic.is_calm

    for _ in range(3):
        with pytest.raises(discord.Forbidden):
            await bot.fetch_channel(7)

    assert not bot._traffic.is_calm
    assert sample(house, "easel_alarms_total", kind="invalid_requests") == 1


async def test_it_is_calm_again_after_ten_minutes():
    seconds = [0.0]
    metrics = Metrics()
    traffic = Traffic(metrics, Alarms(metrics, lambda: 0), timer=lambda: seconds[0])  # pyright: ignore[reportArgumentType] - no alarm is raised
    for _ in range(INVALID_MOST):
        traffic._invalid.note(0.0)
    assert not traffic.is_calm

    seconds[0] = 601.0

    assert traffic.is_calm


async def test_connecting_anew_too_often_is_an_alarm(bot: Easel, house: House):
    for shard_id in range(1, IDENTIFIES_MOST):
        await bot.before_identify_hook(shard_id, initial=True)
    assert sample(house, "easel_alarms_total", kind="identify") == 0

    await bot.before_identify_hook(0, initial=True)

    assert sample(house, "easel_gateway_identifies_total") == IDENTIFIES_MOST
    assert sample(house, "easel_alarms_total", kind="identify") == 1


async def test_the_time_to_the_first_answer_is_measured(bot: Easel, house: House):
    await happen(bot, slash("nothing"))

    assert sample(house, "easel_ack_seconds_count") == 1
    assert sample(house, "easel_late_acks_total") == 0


async def test_a_first_answer_that_discord_no_longer_takes_is_counted(
    bot: Easel, house: House, remote: Discord
):
    remote.refuse("POST /interactions/#/token/callback", 404, 10062)

    await happen(bot, slash("nothing"))

    assert sample(house, "easel_late_acks_total") == 1


async def test_interactions_that_nobody_answers_are_forgotten():
    traffic = Traffic(Metrics(), Alarms(Metrics(), lambda: 0))  # pyright: ignore[reportArgumentType] - no alarm is raised

    for interaction_id in range(5000):
        traffic.came(interaction_id)

    assert len(traffic._came) == 1000


class TestTheOwner:
    async def test_is_told_by_direct_message(self, bot: Easel, remote: Discord):
        await bot.tell_owner("The disk is full.")

        opened, said = remote.calls[-2:]
        assert opened.payload == {"recipient_id": 1}
        assert said.payload["content"] == "The disk is full."
        assert said.payload["allowed_mentions"]["parse"] == []

    @pytest.mark.parametrize("status", [403, 0], ids=["does not take messages", "cut off"])
    async def test_who_cannot_be_told_stops_nothing(self, bot: Easel, remote: Discord, status: int):
        remote.refuse("POST /users/@me/channels", status, 50007, times=9)

        await bot.tell_owner("The disk is full.")
