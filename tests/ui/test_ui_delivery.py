from __future__ import annotations

import asyncio
import io

import pytest
import stamina
from checks_kit import check_document, check_limits, texts_of
from discord_kit import CUT
from people_kit import DM
from PIL import Image
from provider_kit import noise, picture_bytes
from time_kit import settle, until
from ui_kit import EDIT, HOSTILE, JOB_ID, OPEN_DM, POST, expired, kept
from world_kit import ANN, CHANNEL

from bot.domain.requests import PictureRequest
from bot.domain.results import Card
from bot.errors import BadInput, Cancelled, DiscordAway, Undeliverable, Unreachable
from bot.ui import delivery, prints
from bot.ui.posts import Post


class TestPresent:
    async def test_the_waiting_message_becomes_the_card(self, courier, house, remote):
        drawn = picture_bytes((1, 2, 3))

        card = await courier.present(await kept(house, drawn))

        (call,) = remote.calls
        assert call.name == EDIT
        assert list(call.files.values()) == [drawn]
        check_limits(call.payload, call.files)
        check_document(call)
        assert card == Card(CHANNEL, 5001)

    @pytest.mark.parametrize(
        ("minutes", "ways"),
        [(14, [EDIT]), (15, [POST]), (40, [POST])],
        ids=["in time", "at its end", "later"],
    )
    async def test_after_the_token_the_channel_gets_it(self, courier, house, remote, minutes, ways):
        came = await kept(house, picture_bytes())
        house.world.clock.move(minutes=minutes)

        await courier.present(came)

        assert [call.name for call in remote.calls] == ways

    async def test_a_post_has_the_job_as_nonce_and_mentions_the_asker(self, courier, house, remote):
        came = await kept(house, picture_bytes(), request=PictureRequest(HOSTILE[:4000]))
        expired(house)

        await courier.present(came)

        (call,) = remote.calls
        assert call.payload["nonce"] == str(JOB_ID)
        assert call.payload["enforce_nonce"] is True
        assert call.payload["allowed_mentions"] == {"parse": [], "users": [str(ANN)]} | {
            key: value for key, value in call.payload["allowed_mentions"].items() if key == "replied_user"
        }
        assert texts_of(call.payload)[-1] == f"<@{ANN}>"
        check_limits(call.payload, call.files)
        check_document(call)

    @pytest.mark.sampled(2)
    @pytest.mark.parametrize(
        ("status", "code"),
        [(404, 10008), (404, 10015), (401, 50027), (404, 10062), (404, 0), (401, 0)],
        ids=[
            "message gone",
            "webhook gone",
            "token expired",
            "interaction gone",
            "not found",
            "unauthorised",
        ],
    )
    async def test_a_token_that_dies_early_leads_to_the_channel(self, courier, house, remote, status, code):
        remote.refuse(EDIT, status, code)

        await courier.present(await kept(house, picture_bytes()))

        _, cleared, posted = remote.calls
        assert cleared.name.startswith("DELETE"), "it may show the result already: the answer was lost"
        assert posted.name == POST
        assert len(posted.files) == 1, "a file is used up by each try"

    @pytest.mark.parametrize("code", [50001, 50013, 10003, 50083])
    async def test_a_channel_that_is_closed_leads_to_a_direct_message(self, courier, house, remote, code):
        came = await kept(house, picture_bytes())
        expired(house)
        remote.refuse(POST, 403, code)

        card = await courier.present(came)

        assert [call.name for call in remote.calls] == [POST, OPEN_DM, POST]
        assert card.channel_id == DM
        assert remote.calls[-1].payload["allowed_mentions"]["parse"] == []
        assert remote.calls[-1].payload["nonce"] == str(JOB_ID)
        check_limits(remote.calls[-1].payload, remote.calls[-1].files)

    async def test_where_the_bot_may_not_post_the_channel_is_passed_over(self, courier, house, remote):
        came = await kept(house, picture_bytes(), origin={"can_post_in_channel": False})
        expired(house)

        await courier.present(came)

        assert [call.name for call in remote.calls] == [OPEN_DM, POST]

    async def test_private_pictures_never_reach_the_channel(self, courier, house, remote):
        came = await kept(house, picture_bytes(), request=PictureRequest("a", private=True))
        expired(house)

        await courier.present(came)

        assert [call.path for call in remote.calls] == ["/users/@me/channels", f"/channels/{DM}/messages"]

    async def test_with_every_way_closed_that_is_said(self, courier, house, remote):
        remote.refuse(EDIT, 404, 10015)
        remote.refuse(POST, 403, 50013)
        remote.refuse(OPEN_DM, 403, 50007)

        with pytest.raises(Unreachable, match="no way left"):
            await courier.present(await kept(house, picture_bytes()))

    async def test_what_discord_calls_wrong_is_undeliverable_at_once(self, courier, house, remote):
        remote.refuse(EDIT, 400, 50035)

        with pytest.raises(Undeliverable, match="did not take"):
            await courier.present(await kept(house, picture_bytes()))

        assert [call.name for call in remote.calls] == [EDIT]

    async def test_a_502_after_the_message_was_taken_shows_nothing_twice(self, courier, house, remote):
        came = await kept(house, picture_bytes())
        expired(house)
        remote.refuse(POST, 502, times=2)

        await courier.present(came)

        nonces = [call.payload["nonce"] for call in remote.calls]
        assert nonces == [str(JOB_ID)] * 3
        assert all(call.payload["enforce_nonce"] for call in remote.calls)

    async def test_trouble_that_does_not_pass_leaves_the_job_for_later(self, courier, house, remote):
        stamina.set_testing(testing=True, attempts=2)
        remote.refuse(EDIT, 503, times=20)

        with pytest.raises(DiscordAway):
            await courier.present(await kept(house, picture_bytes()))

    @pytest.mark.parametrize("lost", [0, CUT], ids=["no answer", "half an answer"])
    async def test_a_broken_connection_is_tried_again(self, courier, house, remote, lost):
        remote.refuse(EDIT, lost)

        await courier.present(await kept(house, picture_bytes()))

        assert [call.name for call in remote.calls] == [EDIT, EDIT]


async def test_pictures_of_an_answer_take_the_place_of_their_own_card_alone(courier, house, remote):
    request = PictureRequest("a fox", follows_answer=True)
    came = await kept(house, picture_bytes(), request=request, card_message_id=77, card_channel_id=CHANNEL)

    await courier.present(came)
    await courier.apologise(came.job, BadInput("That cannot be drawn."))

    asked = [call.path.rpartition("/messages/")[2] for call in remote.calls if "/messages/" in call.path]
    assert asked == ["77", "77"]


async def test_pictures_of_an_answer_without_a_card_leave_its_words_alone(courier, house, remote):
    came = await kept(house, picture_bytes(), request=PictureRequest("a fox", follows_answer=True))

    await courier.present(came)
    await courier.apologise(came.job, BadInput("That cannot be drawn."))
    await courier.retract(came.job, Cancelled("Cancelled."))

    assert remote.named(POST)[0].path == f"/channels/{CHANNEL}/messages"
    assert {call.method for call in remote.calls} == {"GET", "POST"}


async def test_a_late_answer_takes_the_placeholder_away(courier, house, remote):
    came = await kept(house, picture_bytes(), card_message_id=77, card_channel_id=CHANNEL)
    expired(house)

    await courier.present(came)

    assert [(call.method, call.path) for call in remote.calls] == [
        ("POST", f"/channels/{CHANNEL}/messages"),
        ("DELETE", f"/channels/{CHANNEL}/messages/77"),
    ]


async def test_a_placeholder_that_will_not_go_does_not_undo_the_delivery(courier, house, remote):
    came = await kept(house, picture_bytes(), card_message_id=77, card_channel_id=CHANNEL)
    expired(house)
    remote.refuse("DELETE /channels/#/messages/#", 403, 50013)

    assert (await courier.present(came)).channel_id == CHANNEL


async def test_the_placeholder_says_where_a_direct_message_went(courier, house, remote):
    remote.refuse(EDIT, 400, 160005)
    remote.refuse(POST, 403, 50013)

    card = await courier.present(await kept(house, picture_bytes()))

    assert card.channel_id == DM
    assert [call.name for call in remote.calls] == [EDIT, POST, OPEN_DM, POST, EDIT]
    assert "direct messages" in texts_of(remote.calls[-1].payload)[0]
    check_limits(remote.calls[-1].payload)


class TestSizes:
    async def test_a_picture_over_the_upload_limit_is_made_to_fit(self, courier, house, remote):
        drawn = noise((300, 300))
        came = await kept(house, drawn, origin={"upload_limit_bytes": 200_000})
        assert len(drawn) > 200_000

        await courier.present(came)

        ((name, data),) = remote.calls[0].files.items()
        assert len(data) <= 200_000
        assert Image.open(io.BytesIO(data)).format == "WEBP"
        assert remote.calls[0].payload["attachments"][0]["filename"].endswith(".webp"), name

    async def test_all_files_together_keep_the_limit_of_a_request(self, courier, house, remote, monkeypatch):
        monkeypatch.setattr(prints, "REQUEST_LIMIT_BYTES", 300_000)
        small = picture_bytes()

        await courier.present(await kept(house, small, noise((300, 300)), noise((200, 200), 1)))

        files = list(remote.calls[0].files.values())
        assert sum(map(len, files)) <= 300_000
        assert files[0] == small, "what fits stays as it came"

    @pytest.mark.sampled
    @pytest.mark.parametrize(("status", "code"), [(413, 0), (400, 40005), (400, 50045)])
    async def test_too_large_after_all_is_made_smaller(self, courier, house, remote, status, code):
        remote.refuse(EDIT, status, code, times=2)
        came = await kept(house, noise((300, 300)), origin={"upload_limit_bytes": 400_000})

        card = await courier.present(came)

        assert card.limit_bytes == 100_000, "what Details goes by"
        sizes = [len(next(iter(call.files.values()))) for call in remote.calls]
        assert sizes[0] > sizes[1] > sizes[2]
        assert sizes[2] <= 100_000

    async def test_too_large_however_small_is_undeliverable(self, courier, house, remote):
        remote.refuse(EDIT, 413, times=50)

        with pytest.raises(Undeliverable):
            await courier.present(await kept(house, picture_bytes()))

        assert len(remote.calls) < 20

    async def test_a_picture_that_cannot_be_made_small_enough_is_undeliverable(self, courier, house):
        came = await kept(house, noise((300, 300)), origin={"upload_limit_bytes": 30})

        with pytest.raises(Undeliverable):
            await courier.present(came)

    async def test_a_picture_whose_file_is_gone_is_undeliverable(self, courier, house):
        came = await kept(house, picture_bytes())
        await house.blobs.delete(came.pictures[0].blob)

        with pytest.raises(Undeliverable):
            await courier.present(came)


async def test_every_request_of_the_courier_mentions_nobody_but_the_asker(courier, house, remote):
    came = await kept(house, picture_bytes(), request=PictureRequest(HOSTILE[:5000]))
    for closed in (EDIT, POST):
        await courier.present(came)
        remote.refuse(EDIT, 404, 10015, times=2)
        if closed == EDIT:
            continue
        remote.refuse(POST, 403, 50013)
        await courier.present(came)

    messages = [
        call for call in remote.calls if isinstance(call.payload, dict) and "components" in call.payload
    ]
    assert {call.name for call in messages} == {EDIT, POST}
    for call in messages:
        assert call.payload["allowed_mentions"]["parse"] == []
        assert set(call.payload["allowed_mentions"].get("users", [])) <= {str(ANN)}


class TestMemory:
    """Views are circles that only the collector takes apart; what they point to must not be the pictures."""

    @pytest.fixture
    def posts(self, monkeypatch):
        made = []

        def noted(*parts):
            made.append(Post(*parts))
            return made[-1]

        monkeypatch.setattr(delivery, "Post", noted)
        return made

    @pytest.mark.parametrize("way", [EDIT, POST, OPEN_DM])
    async def test_a_sent_card_does_not_keep_its_files(self, courier, house, remote, posts, way):
        if way != EDIT:
            expired(house)
        if way == OPEN_DM:
            remote.refuse(POST, 403, 50013)

        await courier.present(await kept(house, picture_bytes()))

        assert posts
        assert all(file.fp.closed for post in posts for file in post.files)

    async def test_a_few_deliveries_at_a_time_hold_their_files(self, courier, house, monkeypatch):
        inside, most, let_on = 0, 0, asyncio.Event()

        async def slow(_job, _content, _for_s):
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await let_on.wait()
            inside -= 1
            return Card(1, 2)

        monkeypatch.setattr(courier, "_by_any_way", slow)
        came = await kept(house, picture_bytes())
        presenting = [
            asyncio.create_task(courier.present(came)) for _ in range(3 * delivery.DELIVERIES_AT_ONCE)
        ]
        await until(lambda: inside == delivery.DELIVERIES_AT_ONCE)
        await settle()
        let_on.set()
        await asyncio.gather(*presenting)

        assert most == delivery.DELIVERIES_AT_ONCE
