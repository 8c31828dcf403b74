"""Discord asks to wait: no request more than it wants, and nobody waits for hours."""

from __future__ import annotations

import pytest
import stamina
from discord_kit import EDGE_429
from people_kit import DM
from provider_kit import picture_bytes
from ui_kit import EDIT, OPEN_DM, POST, expired, kept

from bot.errors import DiscordAway, Unreachable


def asked_to_wait(seconds: float) -> dict[str, object]:
    return {"message": "You are being rate limited.", "retry_after": seconds, "global": False}


async def test_a_429_that_is_not_discord_s_own_is_waited_out(courier, house, remote):
    remote.refuse(EDIT, EDGE_429, times=2)

    await courier.present(await kept(house, picture_bytes()))

    assert [call.name for call in remote.calls] == [EDIT] * 3


async def test_a_429_that_does_not_pass_leaves_the_job_for_later(courier, house, remote):
    stamina.set_testing(testing=True, attempts=2)
    remote.refuse(EDIT, EDGE_429, times=20)

    with pytest.raises(DiscordAway):
        await courier.present(await kept(house, picture_bytes()))


async def test_a_flood_of_429_is_one_request_for_each_wait(courier, house, remote):
    remote.answers[EDIT] = [(429, asked_to_wait(0.5))] * 3

    await courier.present(await kept(house, picture_bytes()))

    assert [call.name for call in remote.calls] == [EDIT] * 4


async def test_a_429_that_asks_for_minutes_is_waited_out_without_the_files(courier, house, remote):
    came = await kept(house, picture_bytes())
    expired(house)
    remote.answers[POST] = [(429, asked_to_wait(500))]

    with pytest.raises(DiscordAway) as away:
        await courier.present(came)
    assert away.value.retry_after_s == 500
    await courier.present(came)

    assert [call.name for call in remote.calls] == [POST, POST]


async def test_a_429_that_asks_for_an_hour_leads_to_a_direct_message(courier, house, remote):
    came = await kept(house, picture_bytes())
    expired(house)
    remote.answers[POST] = [(429, asked_to_wait(3600))]

    card = await courier.present(came)

    assert [call.name for call in remote.calls] == [POST, OPEN_DM, POST]
    assert card.channel_id == DM


async def test_a_429_that_asks_for_an_hour_everywhere_keeps_the_result(courier, house, remote):
    came = await kept(house, picture_bytes())
    expired(house)
    remote.answers[POST] = [(429, asked_to_wait(3600))] * 2

    with pytest.raises(Unreachable):
        await courier.present(came)
