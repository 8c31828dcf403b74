from __future__ import annotations

from datetime import timedelta

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from provider_kit import NOW, noise, picture_bytes
from ui_kit import EDIT, HOSTILE, a_job, expired

from bot.domain.calls import PictureBytes
from bot.domain.requests import PictureRequest
from bot.domain.standing import Glimpse, Standing
from bot.errors import Cancelled

WAITS = Glimpse(Standing(position=3, ready_at=NOW + timedelta(seconds=40)))
CARD = "PATCH /channels/#/messages/#"


def partials(*data: bytes) -> Glimpse:
    return Glimpse(Standing(running_since=NOW), tuple(PictureBytes(one, "image/png") for one in data))


class TestRepaint:
    async def test_the_placeholder_tells_the_place(self, courier, remote):
        assert await courier.repaint(a_job(), WAITS)

        (call,) = remote.calls
        assert call.name == EDIT
        ready = int(NOW.timestamp()) + 40
        assert texts_of(call.payload)[0].startswith(f"### Waiting · number 3 in line · ready <t:{ready}:R>\n")
        assert [one["label"] for one in components_of(call.payload) if one["type"] == 2] == ["Cancel"]
        assert call.payload["allowed_mentions"]["parse"] == []
        check_limits(call.payload, call.files)
        check_document(call)

    async def test_pictures_stand_in_it_as_far_as_they_are(self, courier, remote):
        job = a_job(PictureRequest(HOSTILE[:6000], count=10))
        drawn = [picture_bytes((n, 0, 0)) for n in range(10)]

        assert await courier.repaint(job, partials(*drawn))

        (call,) = remote.calls
        assert list(call.files.values()) == drawn
        assert texts_of(call.payload)[0].startswith("### Drawing 10 pictures…\n")
        check_limits(call.payload, call.files)
        check_document(call)

    async def test_pictures_over_the_upload_limit_are_made_to_fit(self, courier, house, remote):
        job = a_job(origin=house.origin(upload_limit_bytes=100_000))

        assert await courier.repaint(job, partials(noise((256, 256))))

        (call,) = remote.calls
        assert all(len(data) <= 100_000 for data in call.files.values())

    async def test_a_damaged_one_over_the_limit_is_left_out_of_sight(self, courier, house, remote):
        job = a_job(origin=house.origin(upload_limit_bytes=1000))

        assert await courier.repaint(job, partials(b"\x89PNG" + b"x" * 2000))

        assert remote.calls == []

    async def test_after_the_token_nothing_is_tried(self, courier, house, remote):
        expired(house)

        assert not await courier.repaint(a_job(), WAITS)
        assert remote.calls == []

    @pytest.mark.parametrize(
        ("status", "code", "goes_on"),
        [(404, 10008, False), (401, 50027, False), (400, 50035, True), (0, 0, True)],
        ids=["deleted", "token dead", "not taken", "broken connection"],
    )
    async def test_trouble_harms_nobody(self, courier, remote, status, code, goes_on):
        remote.refuse(EDIT, status, code, times=9)

        assert await courier.repaint(a_job(), WAITS) is goes_on


class TestRetract:
    async def test_the_placeholder_says_that_it_was_cancelled(self, courier, remote):
        assert await courier.retract(a_job(), Cancelled("Cancelled. Nothing was charged."))

        (call,) = remote.calls
        assert call.name == EDIT
        assert texts_of(call.payload)[0] == "Cancelled. Nothing was charged."
        check_document(call)

    async def test_after_the_token_the_message_itself_is_edited(self, courier, house, remote):
        expired(house)

        assert await courier.retract(a_job(card_message_id=5), Cancelled("Cancelled."))

        (call,) = remote.calls
        assert call.name == CARD
        assert call.payload["allowed_mentions"]["parse"] == []

    @pytest.mark.parametrize(
        "job",
        [a_job(), a_job(PictureRequest("x", private=True), card_message_id=5)],
        ids=["place not known", "private"],
    )
    async def test_nothing_new_is_posted(self, courier, house, remote, job):
        expired(house)

        assert not await courier.retract(job, Cancelled("Cancelled."))

        assert remote.calls == []

    async def test_a_message_that_is_gone_is_no_matter(self, courier, remote):
        remote.refuse(EDIT, 404, 10008)

        assert not await courier.retract(a_job(), Cancelled("Cancelled."))

    async def test_trouble_on_discord_s_side_is_waited_out(self, courier, remote):
        remote.refuse(EDIT, 503, times=6)  # discord.py's five tries, and one of ours

        await courier.retract(a_job(), Cancelled("Cancelled."))

        assert [call.name for call in remote.calls] == [EDIT] * 7
