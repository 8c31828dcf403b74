"""Batches on their way to Discord: closed ways first, then what is posted where, and how often."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, check_limits, texts_of
from people_kit import DM
from provider_kit import noise, picture_bytes
from ui_batch_kit import a_batch, a_snapshot
from ui_kit import OPEN_DM, POST, kept
from world_kit import ANN, CHANNEL

from bot.domain.results import Card
from bot.domain.runs import BatchRow, Ending, Page, RowState, Shot, Tally
from bot.errors import Undeliverable
from bot.ui.batch_delivery import BatchCourier
from bot.ui.prints import Prints

if TYPE_CHECKING:
    from pathlib import Path

    from discord_kit import Discord
    from house_kit import House

    from bot.domain.runs import Batch

FOLLOW, FILL = "POST /webhooks/#/token", "PATCH /webhooks/#/token/messages/#"
CHANGE = "PATCH /channels/#/messages/#"


@pytest.fixture
def courier(client, house: House) -> BatchCourier:
    return BatchCourier(client, Prints(house.blobs, house.pool), clock=house.world.clock)


def batch_of(house: House, *, can_post: bool = True, private: bool = False, **changed: Any) -> Batch:
    made = a_batch(**changed)
    origin = house.origin(application_id=99, can_post_in_channel=can_post)
    return replace(made, origin=origin, request=replace(made.request, private=private))


async def shots_of(house: House, *drawn: bytes) -> list[Shot]:
    came = await kept(house, *(drawn or (picture_bytes(),)))
    return [
        Shot(BatchRow(n, "a fox", None, RowState.RUNNING), picture)
        for n, picture in enumerate(came.pictures, start=2)
    ]


class TestPages:
    async def test_it_is_posted_in_the_channel_under_its_number_and_pings_nobody(
        self, courier, house: House, remote: Discord
    ):
        batch, page = batch_of(house), Page(a_batch().id, 3)

        assert await courier.place(batch, page) is None
        card = await courier.page(batch, page, await shots_of(house))

        (call,) = remote.calls
        assert call.name == POST
        assert (call.payload["nonce"], call.payload["enforce_nonce"]) == (page.nonce, True)
        assert call.payload["allowed_mentions"]["parse"] == []
        assert "users" not in call.payload["allowed_mentions"]
        check_limits(call.payload, call.files)
        check_document(call)
        assert card == Card(CHANNEL, 5001)

    @pytest.mark.parametrize("code", [50001, 50013, 10003])
    async def test_where_the_channel_is_closed_it_goes_to_its_owner(
        self, courier, house: House, remote: Discord, code: int
    ):
        remote.refuse(POST, 403, code)

        card = await courier.page(batch_of(house), Page(1, 1), await shots_of(house))

        assert [call.name for call in remote.calls] == [POST, OPEN_DM, POST]
        assert card.channel_id == DM

    async def test_where_nothing_is_open_the_pictures_wait(self, courier, house: House, remote: Discord):
        remote.refuse(POST, 403, 50013)
        remote.refuse(OPEN_DM, 403, 50007)

        with pytest.raises(Undeliverable, match="no way left"):
            await courier.page(batch_of(house), Page(1, 1), await shots_of(house))

    @pytest.mark.parametrize("private", [True, False], ids=["private", "where Easel may not post"])
    async def test_an_answer_is_placed_empty_and_then_filled(
        self, courier, house: House, remote: Discord, private: bool
    ):
        batch = batch_of(house, private=private, can_post=private)

        placed = await courier.place(batch, Page(1, 1))
        card = await courier.page(batch, Page(1, 1, message_id=placed), await shots_of(house))

        empty, filled = remote.calls
        assert (empty.name, filled.name) == (FOLLOW, FILL)
        assert bool(empty.payload["flags"] & 64) is private
        assert empty.files == {}
        assert len(filled.files) == 1
        assert filled.path.endswith(f"/{placed}")
        assert card == Card(CHANNEL, placed)

    @pytest.mark.parametrize(("status", "code"), [(401, 50027), (400, 40094)], ids=["dead", "five at most"])
    async def test_where_no_answer_is_taken_any_more_it_goes_on_in_direct_messages(
        self, courier, house: House, remote: Discord, status: int, code: int
    ):
        batch = batch_of(house, private=True)
        remote.refuse(FOLLOW, status, code)

        assert await courier.place(batch, Page(1, 1)) is None
        card = await courier.page(batch, Page(1, 1), await shots_of(house))

        assert [call.name for call in remote.calls] == [FOLLOW, OPEN_DM, POST]
        assert card.channel_id == DM

    async def test_after_the_token_has_died_nothing_is_asked_of_it(
        self, courier, house: House, remote: Discord
    ):
        batch = batch_of(house, private=True)
        house.world.clock.move(minutes=15)

        assert await courier.place(batch, Page(1, 1)) is None
        await courier.page(batch, Page(1, 1, message_id=5), await shots_of(house))

        assert [call.name for call in remote.calls] == [OPEN_DM, POST]

    @pytest.mark.further
    async def test_what_is_too_large_is_encoded_again_until_it_fits(
        self, courier, house: House, remote: Discord
    ):
        remote.refuse(POST, 413, 40005)
        batch = batch_of(house)
        batch = replace(batch, origin=replace(batch.origin, upload_limit_bytes=1_000_000))

        await courier.page(batch, Page(1, 1), await shots_of(house, noise()))

        first, second = remote.named(POST)
        assert len(second.files["files[0]"]) < len(first.files["files[0]"])
        assert first.payload["nonce"] == second.payload["nonce"]

    async def test_what_discord_calls_wrong_is_not_tried_for_ever(
        self, courier, house: House, remote: Discord
    ):
        remote.refuse(POST, 400, 50035)

        with pytest.raises(Undeliverable, match="did not take"):
            await courier.page(batch_of(house), Page(1, 1), await shots_of(house))

    async def test_pictures_that_are_gone_are_said_to_be(self, courier, house: House, remote: Discord):
        shot = (await shots_of(house))[0]

        with pytest.raises(Undeliverable, match="made ready"):
            await courier.page(
                batch_of(house), Page(1, 1), [replace(shot, picture=replace(shot.picture, blob="0" * 64))]
            )
        assert remote.calls == []

    async def test_trouble_of_discord_s_is_waited_out(self, courier, house: House, remote: Discord):
        remote.refuse(POST, 503, times=7)  # discord.py itself tries five times

        await courier.page(batch_of(house), Page(1, 1), await shots_of(house))

        assert len({call.payload["nonce"] for call in remote.named(POST)}) == 1


class TestCard:
    async def test_the_first_is_posted_once_and_then_edited(self, courier, house: House, remote: Discord):
        batch = batch_of(house)
        snapshot = replace(a_snapshot(Tally(waiting=2)), batch=batch)

        card = await courier.show(snapshot)
        assert card == Card(CHANNEL, 5001)
        placed = replace(batch, card_channel_id=CHANNEL, card_message_id=5001)
        assert await courier.show(replace(snapshot, batch=placed)) is None

        posted, edited = remote.calls
        assert (posted.name, edited.name) == (POST, CHANGE)
        assert posted.payload["nonce"] == f"{batch.id:x}-card"
        assert len(posted.payload["nonce"]) <= 25
        check_document(posted)
        check_document(edited)

    async def test_a_card_that_somebody_deleted_stays_deleted(self, courier, house: House, remote: Discord):
        batch = batch_of(house, card_channel_id=CHANNEL, card_message_id=5)
        remote.refuse(CHANGE, 404, 10008)

        assert await courier.show(replace(a_snapshot(Tally(waiting=2)), batch=batch)) is None

        assert [call.name for call in remote.calls] == [CHANGE]

    @pytest.mark.further
    async def test_a_private_card_answers_the_press_and_then_goes_on_in_direct_messages(
        self, courier, house: House, remote: Discord
    ):
        batch = batch_of(house, private=True)
        snapshot = replace(a_snapshot(Tally(waiting=2)), batch=batch)

        card = await courier.show(snapshot)
        assert card == Card(0, 5001)
        placed = replace(batch, card_message_id=5001)
        await courier.show(replace(snapshot, batch=placed))
        house.world.clock.move(minutes=15)
        later = await courier.show(replace(snapshot, batch=placed))

        assert [call.name for call in remote.calls] == [FOLLOW, FILL, OPEN_DM, POST]
        assert remote.calls[0].payload["flags"] & 64
        assert later is not None
        assert later.channel_id == DM

    async def test_a_card_that_can_be_shown_nowhere_is_no_matter(
        self, courier, house: House, remote: Discord
    ):
        remote.refuse(POST, 403, 50013)
        remote.refuse(OPEN_DM, 403, 50007)

        assert await courier.show(replace(a_snapshot(Tally()), batch=batch_of(house))) is None

    async def test_trouble_is_worth_another_try(self, courier, house: House, remote: Discord):
        batch = batch_of(house, card_channel_id=CHANNEL, card_message_id=5)
        remote.refuse(CHANGE, 503, times=5)

        with pytest.raises(Undeliverable):
            await courier.show(replace(a_snapshot(Tally()), batch=batch))


class TestFiles:
    async def test_the_first_message_says_how_it_ended_and_mentions_the_owner_alone(
        self, courier, house: House, remote: Discord, tmp_path: Path
    ):
        path = tmp_path / "batch-1.zip"
        path.write_bytes(b"PK")
        batch, tally = batch_of(house), Tally(done=38, failed=2, cost_microusd=380_000)

        await courier.files(batch, Page(1, 9), [path], Ending(tally, 3, 36))
        await courier.files(batch, Page(1, 10), [path], None)

        first, second = remote.named(POST)
        (said,) = texts_of(first.payload)
        assert said == (
            f"### “list.csv” is done\n38 of 40 drawn · 2 failed · $0.38 · <@{ANN}>\n"
            "-# 36 pictures from before are in the files above; the list in here names all.\n"
            "-# 3 pictures did not fit in here; the pages above have all."
        )
        assert first.payload["allowed_mentions"]["users"] == [str(ANN)]
        assert "users" not in second.payload["allowed_mentions"]
        assert list(first.files.values()) == [b"PK"]
        for call in (first, second):
            check_limits(call.payload, call.files)
            check_document(call)

    async def test_files_that_discord_does_not_take_are_left(
        self, courier, house: House, remote: Discord, tmp_path: Path
    ):
        path = tmp_path / "batch-1.zip"
        path.write_bytes(b"PK")
        remote.refuse(POST, 413, 40005)

        with pytest.raises(Undeliverable):
            await courier.files(batch_of(house), Page(1, 9), [path], None)
