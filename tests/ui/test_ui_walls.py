"""Cards of pictures that an answer draws, while the process stops."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from people_kit import slash
from test_ui_reception import Orders, never
from world_kit import ann

from bot.domain.conversation import PLAIN
from bot.domain.requests import PictureRequest
from bot.domain.ways import Way
from bot.ui.left import LeftPlace, LeftWall
from bot.ui.walls import InteractionWall

if TYPE_CHECKING:
    from house_kit import House

JOB = 71


def a_wall(kind: str, client: discord.Client, house: House, orders: Orders) -> InteractionWall | LeftWall:
    """Return where the card hangs, after an answer of this process or of the one before."""
    if kind == "left":
        way = Way(70, house.origin(), PLAIN)
        place = LeftPlace(client, way, ann(), private=False, clock=house.world.clock)
        return LeftWall(place, orders, ann(), way)
    answered = asyncio.Event()
    answered.set()
    here: Any = SimpleNamespace(answered=answered, is_private=False)
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
