from __future__ import annotations

import pytest
import stamina
from checks_kit import check_document, check_limits, texts_of
from ui_kit import DELETE, EDIT, FOLLOW, OPEN_DM, POST, expired, kept

from bot.domain.requests import PictureRequest
from bot.errors import BadInput, ModelUnavailable, PictureRefused, UserFacingError


class TestApologise:
    @pytest.mark.parametrize(
        ("error", "again"),
        [(ModelUnavailable("Busy."), True), (PictureRefused("No."), False)],
        ids=["passes", "final"],
    )
    async def test_the_waiting_message_says_why(self, courier, house, remote, error, again):
        came = await kept(house)

        await courier.apologise(came.job, error)

        (call,) = remote.calls
        assert call.name == EDIT
        assert str(error) in texts_of(call.payload)
        assert ("v1:again:" in str(call.payload)) is again
        check_limits(call.payload)
        check_document(call)

    async def test_bad_input_leaves_the_channel_and_is_said_privately(self, courier, house, remote):
        came = await kept(house)

        await courier.apologise(came.job, BadInput("“@everyone.png”: That is no picture."))

        follow, taken_back = remote.calls
        assert (follow.name, taken_back.name) == (FOLLOW, DELETE)
        assert follow.payload["flags"] & 64
        assert follow.payload["allowed_mentions"]["parse"] == []

    async def test_a_private_order_s_bad_input_is_said_in_its_own_message(self, courier, house, remote):
        came = await kept(house, request=PictureRequest("a", private=True))

        await courier.apologise(came.job, BadInput("That is no picture."))

        assert [call.name for call in remote.calls] == [EDIT]

    async def test_after_the_token_s_life_the_channel_hears_of_it(self, courier, house, remote):
        came = await kept(house)
        expired(house)

        await courier.apologise(came.job, BadInput("That is no picture."))

        assert [call.name for call in remote.calls] == [POST]
        check_limits(remote.calls[0].payload)

    @pytest.mark.sampled(2)
    @pytest.mark.parametrize("error", [BadInput("x"), UserFacingError("x")], ids=["bad input", "else"])
    @pytest.mark.parametrize(
        ("status", "code"), [(400, 50035), (503, 0), (0, 0)], ids=["wrong", "down", "cut off"]
    )
    async def test_words_that_cannot_be_brought_break_nothing(
        self, courier, house, remote, logged, error, status, code
    ):
        stamina.set_testing(testing=True, attempts=2)
        for name in (EDIT, FOLLOW, POST, OPEN_DM):
            remote.refuse(name, status, code, times=60)
        came = await kept(house)

        await courier.apologise(came.job, error)

        assert any(entry["event"] == "could not apologise" for entry in logged)

    async def test_bad_input_that_cannot_be_said_privately_still_ends_the_work_in_the_channel(
        self, courier, house, remote
    ):
        remote.refuse(FOLLOW, 404, 10015)
        came = await kept(house)

        await courier.apologise(came.job, BadInput("That is no picture."))

        assert [call.name for call in remote.calls] == [FOLLOW, EDIT]
