"""The card that stands in the channel while the process that posted it did not live to note which it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stamina
from checks_kit import check_document, check_limits, components_of
from people_kit import a_message, a_user
from provider_kit import picture_bytes
from ui_kit import JOB_ID, OPEN_DM, POST, a_job, expired, files_of, kept
from world_kit import ANN, CHANNEL

from bot.domain.requests import PictureRequest
from bot.domain.results import Card
from bot.errors import BadInput, Cancelled, ModelUnavailable
from bot.ui import cards

if TYPE_CHECKING:
    import discord
    from discord_kit import Discord

DELETE = "DELETE /channels/#/messages/#"
LOOK = "GET /channels/#/messages"
BY_TOKEN, AS_BOT = "PATCH /webhooks/#/token/messages/#", "PATCH /channels/#/messages/#"
STRAY = 7_700
FOR_ANSWER = PictureRequest("a fox", follows_answer=True)
NO_TOKEN: dict[str, Any] = {"token": ""}


def standing(message_id: int, view: discord.ui.LayoutView, author: int | None = None) -> dict[str, Any]:
    more: dict[str, Any] = {} if author is None else {"author": a_user(author)}
    return a_message(message_id, CHANNEL) | {"components": view.to_components(), "flags": 1 << 15} | more


def stands(remote: Discord, *messages: dict[str, Any], times: int = 1) -> None:
    remote.answers.setdefault(LOOK, []).extend([(200, list(messages))] * times)


def a_stray(**changed: Any) -> dict[str, Any]:
    return standing(STRAY, cards.drawing(a_job(**changed)))


@pytest.mark.parametrize("is_token_alive", [True, False], ids=["an interaction's", "a message's"])
async def test_the_pictures_take_the_place_of_a_card_that_nobody_noted(
    courier, house, remote, is_token_alive
):
    origin = {} if is_token_alive else NO_TOKEN
    came = await kept(house, picture_bytes(), request=FOR_ANSWER, origin=origin)
    if not is_token_alive:
        expired(house)
    other = standing(STRAY - 1, cards.drawing(a_job(id=JOB_ID + 1)))
    copied = standing(STRAY - 2, cards.drawing(a_job()), author=ANN)
    stands(remote, copied, other, a_stray())

    card = await courier.present(came)

    assert [call.name for call in remote.calls] == [LOOK, BY_TOKEN if is_token_alive else AS_BOT]
    edit = remote.calls[-1]
    assert edit.path.endswith(f"/{STRAY}")
    assert len(edit.files) == 1
    assert edit.payload["allowed_mentions"]["parse"] == []
    check_limits(edit.payload, edit.files)
    check_document(edit)
    assert card.channel_id == CHANNEL


async def test_a_card_that_shows_the_pictures_already_is_not_posted_again(courier, house, remote):
    came = await kept(house, picture_bytes(), request=FOR_ANSWER, origin=NO_TOKEN)
    expired(house)
    stands(remote, standing(STRAY, cards.result(came, files_of(came))))

    card = await courier.present(came)

    assert card == Card(CHANNEL, STRAY)
    assert [call.name for call in remote.calls] == [LOOK, AS_BOT]


async def test_a_card_that_was_taken_more_than_once_stands_once(courier, house, remote):
    came = await kept(house, picture_bytes(), request=FOR_ANSWER)
    twice = standing(STRAY + 1, cards.drawing(a_job()))
    other = standing(STRAY + 2, cards.drawing(a_job(id=JOB_ID + 1)))
    shown = standing(STRAY + 3, cards.result(came, files_of(came)))
    stands(remote, shown, other, twice, a_stray())  # the newest first, as Discord has it

    await courier.present(came)

    assert [call.name for call in remote.calls] == [LOOK, DELETE, BY_TOKEN]
    assert remote.named(DELETE)[0].path.endswith(f"/{STRAY + 1}")
    assert remote.named(BY_TOKEN)[0].path.endswith(f"/{STRAY}")


async def test_where_none_stands_the_pictures_are_posted(courier, house, remote):
    came = await kept(house, picture_bytes(), request=FOR_ANSWER, origin=NO_TOKEN)
    expired(house)

    await courier.present(came)

    assert [call.name for call in remote.calls] == [LOOK, POST]


async def test_where_nobody_may_look_the_pictures_are_posted(courier, house, remote):
    came = await kept(house, picture_bytes(), request=FOR_ANSWER)
    remote.refuse(LOOK, 403, 50001)

    await courier.present(came)

    assert [call.name for call in remote.calls] == [LOOK, POST]


async def test_trouble_while_looking_leaves_the_pictures_for_later(courier, house, remote):
    stamina.set_testing(testing=True, attempts=2)
    came = await kept(house, picture_bytes(), request=FOR_ANSWER)
    remote.refuse(LOOK, 503, times=20)

    with pytest.raises(Exception, match="503"):
        await courier.present(came)
    assert not await courier.apologise(came.job, ModelUnavailable("Busy."))
    assert {call.name for call in remote.calls} == {LOOK}


@pytest.mark.parametrize(
    "request_",
    [PictureRequest("a fox"), PictureRequest("a fox", private=True, follows_answer=True)],
    ids=["first answer", "private"],
)
async def test_no_channel_is_searched_for_a_first_answer_or_for_what_one_person_sees(
    courier, house, remote, request_
):
    await courier.present(await kept(house, picture_bytes(), request=request_))

    assert not remote.named(LOOK)
    if request_.private:
        assert [call.name for call in remote.calls] == [OPEN_DM, POST]


async def test_a_card_that_nobody_noted_says_why_there_is_no_picture(courier, house, remote):
    came = await kept(house, request=FOR_ANSWER)
    stands(remote, a_stray(), times=3)

    await courier.apologise(came.job, ModelUnavailable("Busy."))
    await courier.retract(came.job, Cancelled("Cancelled."))
    await courier.apologise(came.job, BadInput("That is no picture."))

    said = [call for call in remote.calls if call.name == BY_TOKEN]
    assert "Busy." in str(said[0].payload)
    assert "Cancelled." in str(said[1].payload)
    assert all(call.path.endswith(f"/{STRAY}") for call in said)
    assert not [one for call in said for one in components_of(call.payload) if one.get("label") == "Cancel"]
    assert remote.calls[-1].method == "DELETE"
    assert remote.calls[-1].path.endswith(f"/{STRAY}"), "bad input leaves the channel"
    assert not remote.named(POST)


async def test_what_was_never_posted_is_not_posted_to_be_taken_back(courier, house, remote):
    came = await kept(house, request=FOR_ANSWER)

    await courier.retract(came.job, Cancelled("Cancelled."))

    assert [call.name for call in remote.calls] == [LOOK]


async def test_a_card_that_nobody_noted_says_that_moderators_look_first(courier, house, remote):
    came = await kept(house, request=FOR_ANSWER)
    stands(remote, a_stray())

    await courier.hold(came.job, is_seen=True)

    assert [call.name for call in remote.calls] == [LOOK, BY_TOKEN]
