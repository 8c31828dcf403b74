"""Whoever is being answered when the process stops is answered before anything is closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from cogs_kit import CALLBACK
from people_kit import form, press, slash

if TYPE_CHECKING:
    from cogs_kit import Stage


@pytest.mark.sampled
@pytest.mark.parametrize(
    "payload",
    [
        slash("imagine", {"prompt": "a fox"}),
        slash("quota"),
        press("v1:details:7"),
        press("v2:stop:7"),
        form("v1:edit:7", {"prompt": "bluer"}),
    ],
    ids=["order", "command", "press", "act", "form"],
)
async def test_what_somebody_does_is_at_work_until_it_is_answered(stage: Stage, payload: dict[str, Any]):
    stage.bot._connection.parse_interaction_create(payload)  # pyright: ignore[reportArgumentType] - a payload by hand
    await asyncio.sleep(0)

    await stage.bot.handlers.drain(60)

    assert len(stage.remote.named(CALLBACK)) == 1
    await stage.house.rest()
