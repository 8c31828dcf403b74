"""Cards of pictures that an answer draws, while the process stops."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from checks_kit import texts_of
from people_kit import slash
from reception_kit import Orders
from test_ui_reception import never
from ui_kit import FOLLOW
from world_kit import ann

from bot.domain.conversation import PLAIN
from bot.domain.requests import PictureRequest
from bot.domain.ways import Way
from bot.ui.cards import ORDERED
from bot.ui.left import LeftPlace, LeftWall
from bot.ui.walls import InteractionWall

if TYPE_CHECKING:
    from discord_kit import Discord
    from house_kit import House

    from bot.domain.jobs import Job

JOB = 71
FILL = "PATCH /webhooks/#/token/messages/#"


def a_wall(
    kind: str, client: discord.Client, house: House, orders: Orders, *, private: bool = False
) -> InteractionWall | LeftWall:
    """Return where the card hangs, after an answer of this process or of the one before."""
    if kind == "left":
        way = Way(70, house.origin(), PLAIN)
        place = LeftPlace(client, way, ann(), private=private, clock=house.world.clock)
        return LeftWall(place, orders, ann(), way)
    answered = asyncio.Event()
    answered.set()
    here: Any = SimpleNamespace(answered=answered, is_private=private)
    payload: Any = slash("ask")
    return InteractionWall(discord.Interaction(data=payload, state=client._connection), here, orders)


@pytest.mark.parametrize("kind", ["interaction", "left"])
async def test_an_order_of_an_answer_that_is_broken_off_is_left_to_the_next_start(
    client: discord.Client, house: House, monkeypatch: pytest.MonkeyPatch, kind: str
):
    orders, asked = Orders(), asyncio.Event()
    monkeypatch.setattr(discord.Webhook, "send", lambda *_place, **_said: never(asked))
    request = PictureRequest("a fox", follows_answer=True)
    hanging = asyncio.create_task(a_wall(kind, client, house, orders).hang(JOB, request, None))
    await asyncio.wait_for(asked.wait(), 5)

    hanging.cancel()
    await asyncio.wait({hanging})

    assert hanging.cancelled()
    assert [job.id for job in orders.opened] == [JOB]
    assert (orders.started, orders.withdrawn, orders.retracted) == ([], [], [])


@pytest.mark.parametrize("is_refused", [False, True], ids=["shown", "not shown"])
@pytest.mark.parametrize("kind", ["interaction", "left"])
async def test_a_card_for_one_alone_looks_like_work_once_it_is_noted_which_message_it_is(
    client: discord.Client, house: House, remote: Discord, kind: str, is_refused: bool
):
    orders = Orders()
    noted: list[int] = []

    async def note(job: Job, message_id: int) -> None:
        orders.messages[job.id] = message_id
        noted.append(len(remote.calls))

    orders.shown = note
    if is_refused:
        remote.refuse(FILL, 404, 10008)
    request = PictureRequest("a fox", follows_answer=True, private=True)

    await a_wall(kind, client, house, orders, private=True).hang(JOB, request, None)

    first, then = remote.calls
    assert [call.name for call in remote.calls] == [FOLLOW, FILL]
    assert texts_of(first.payload) == [f"-# {ORDERED}"]
    assert first.payload["flags"] & 64
    assert texts_of(then.payload)[0].startswith("### Drawing a picture…")
    assert (noted, orders.messages) == ([1], {JOB: 5001})
    assert (orders.started, orders.withdrawn) == ([JOB], [])
