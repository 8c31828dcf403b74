"""Edits of a card that Discord carries out after what followed them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import texts_of
from provider_kit import NOW, picture_bytes
from time_kit import PATIENCE_S, settle, until
from ui_kit import EDIT, POST, a_job, expired, kept
from world_kit import CHANNEL

from bot.domain.standing import Glimpse, Standing
from bot.errors import Cancelled, UserFacingError
from bot.ui import late_edits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from discord_kit import Discord
    from house_kit import House

    from bot.ui.delivery import Courier

UNDER_WAY = Glimpse(Standing(running_since=NOW))
CARD = "PATCH /channels/#/messages/#"
DRAWING = "### Drawing a picture…"


@pytest.fixture
async def held(courier: Courier, remote: Discord) -> AsyncIterator[asyncio.Event]:
    """Let Discord carry out the first edit of a card when this is set; leave nothing running."""
    gate = asyncio.Event()
    remote.holds = {EDIT: [gate], CARD: [gate]}
    yield gate
    gate.set()
    await courier.aclose()
    assert not [one for one in asyncio.all_tasks() if one.get_name().startswith(("paint-", "again-"))]


async def overtaken(courier: Courier, remote: Discord, job: Any) -> None:
    """Begin to paint progress, and give it up once it is on its way."""
    painting = asyncio.create_task(courier.repaint(job, UNDER_WAY))
    await until(lambda: len(remote.calls) == 1)
    painting.cancel()
    await asyncio.wait({painting})
    assert painting.cancelled()


def done(remote: Discord) -> list[str]:
    """Return how what was carried out begins, in that order."""
    return [texts_of(call.payload)[0].splitlines()[0] for call in remote.done]


async def test_a_result_is_laid_once_more_over_an_edit_that_it_overtook(
    courier: Courier, house: House, remote: Discord, held: asyncio.Event
):
    came = await kept(house, picture_bytes())
    await overtaken(courier, remote, came.job)

    card = await courier.present(came)
    assert len(remote.done) == 1, "a result waits for nothing"
    held.set()
    await until(lambda: len(remote.done) == 3)
    await settle()

    assert [one.startswith(DRAWING) for one in done(remote)] == [False, True, False]
    assert [list(call.files.values()) for call in remote.done] == [[picture_bytes()], [], [picture_bytes()]]
    assert {call.name for call in remote.calls} == {EDIT}
    assert card.channel_id == CHANNEL


async def test_it_is_laid_once_more_through_trouble_as_well():
    edits, gate, laid = late_edits.LateEdits(), asyncio.Event(), []
    painting = asyncio.create_task(edits.paint(1, gate.wait()))
    await settle()
    painting.cancel()
    await asyncio.wait({painting})

    async def lay() -> None:
        laid.append(len(laid))
        if laid[-1] == 1:
            raise ConnectionResetError

    await edits.over(1, lay)
    gate.set()
    await until(lambda: len(laid) == 3)
    await edits.aclose()


@pytest.mark.parametrize("told", ["apologise", "retract"])
async def test_so_is_why_there_is_none(courier: Courier, remote: Discord, held: asyncio.Event, told: str):
    job = a_job()
    await overtaken(courier, remote, job)

    await getattr(courier, told)(job, (Cancelled if told == "retract" else UserFacingError)("There is none."))
    held.set()
    await until(lambda: len(remote.done) == 3)

    assert done(remote) == ["There is none.", DRAWING, "There is none."]


async def test_an_edit_in_a_channel_is_broken_off_so_that_it_holds_up_nothing(
    courier: Courier, house: House, remote: Discord, held: asyncio.Event
):
    job = a_job(origin=house.origin(token=""), card_message_id=77)
    expired(house)
    await overtaken(courier, remote, job)

    await courier.apologise(job, UserFacingError("There is none."))

    assert done(remote) == ["There is none."]
    assert {call.name for call in remote.calls} == {CARD}
    assert not held.is_set()


async def test_what_was_deleted_meanwhile_is_not_posted_anew(
    courier: Courier, house: House, remote: Discord, held: asyncio.Event
):
    came = await kept(house, picture_bytes())
    await overtaken(courier, remote, came.job)
    await courier.present(came)

    remote.refuse(EDIT, 404, 10008, times=2)
    held.set()
    await until(lambda: len(remote.done) == 3)
    await settle()

    assert remote.named(POST) == []
    assert len(remote.calls) == 3


async def test_only_what_came_last_is_laid_once_more(courier: Courier, remote: Discord, held: asyncio.Event):
    job = a_job()
    await overtaken(courier, remote, job)

    await courier.hold(job, is_seen=False)
    await courier.apologise(job, UserFacingError("There is none."))
    held.set()
    await until(lambda: len(remote.done) == 4)
    await settle()

    assert done(remote)[1:] == ["There is none.", DRAWING, "There is none."]


async def test_an_edit_that_came_to_its_end_before_is_not_thought_of(
    courier: Courier, remote: Discord, held: asyncio.Event
):
    job = a_job()
    await overtaken(courier, remote, job)
    held.set()
    await until(lambda: len(remote.done) == 1)
    await asyncio.sleep(0.05)

    await courier.apologise(job, UserFacingError("There is none."))
    await asyncio.sleep(0.05)

    assert done(remote) == [DRAWING, "There is none."]


async def test_of_many_only_some_go_on(
    courier: Courier, remote: Discord, held: asyncio.Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(late_edits, "MOST", 0)
    job = a_job()
    await overtaken(courier, remote, job)

    await courier.apologise(job, UserFacingError("There is none."))
    held.set()
    await asyncio.sleep(0.05)

    assert len(remote.calls) == 2


async def test_leaving_waits_a_moment_for_what_is_to_be_laid_again(
    courier: Courier, remote: Discord, held: asyncio.Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(late_edits, "FAREWELL_S", 0.02)
    job = a_job()
    await overtaken(courier, remote, job)
    await courier.apologise(job, UserFacingError("There is none."))

    await courier.aclose()

    assert len(remote.calls) == 2


async def test_leaving_waits_for_an_edit_as_long_as_there_is_time(
    courier: Courier, house: House, remote: Discord, held: asyncio.Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(late_edits, "FAREWELL_S", 0.02)
    job, other = a_job(), a_job(id=78, origin=house.origin(token="other"))
    await overtaken(courier, remote, job)
    await courier.apologise(job, UserFacingError("There is none."))
    remote.holds[EDIT].append(held)
    painting = asyncio.create_task(courier.repaint(other, UNDER_WAY))
    await until(lambda: len(remote.calls) == 3)
    painting.cancel()
    await asyncio.wait({painting})

    closing = asyncio.create_task(courier.aclose(PATIENCE_S))
    await asyncio.sleep(0.1)
    held.set()
    await closing

    assert sorted(done(remote)[1:]) == sorted([DRAWING, DRAWING, "There is none."])
    assert done(remote)[0] == "There is none."
