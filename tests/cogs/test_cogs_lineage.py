from __future__ import annotations

import asyncio
from typing import Any

import pytest
from checks_kit import check_document, components_of, texts_of
from cogs_kit import CALLBACK, DELETE, EDIT, Stage
from people_kit import TEXT_CHANNEL, completing, form, pick, press, slash, snowflake
from world_kit import ANN, BOB, CHANNEL, GUILD

from bot.domain.images import Role, job_of
from bot.domain.requests import Kind, Stored
from bot.domain.variation import HINTS, Strength
from bot.ui import answers

JOB = int(snowflake(1))


@pytest.fixture
async def drawn(stage: Stage) -> Stage:
    """A card that Ann asked for, of two pictures."""
    await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}))
    return stage


class TestShow:
    @pytest.mark.sampled(2)
    @pytest.mark.parametrize("written", ["", "x", "5", "-1", "1-x", f"{JOB}-r", "9" * 30])
    async def test_what_is_no_card_is_said_privately(self, drawn: Stage, written: str):
        said = await drawn.said(slash("show", {"id": written}, interaction_id=2))

        assert "no longer here" in said or "no number of a card" in said

    @pytest.mark.sampled
    @pytest.mark.parametrize("written", [f"{JOB}", f" #{JOB}", f"{JOB}-1", f"{JOB}-r0"])
    async def test_a_card_comes_back_with_working_buttons(self, drawn: Stage, written: str):
        _looked, call = await drawn.act(slash("show", {"id": written}, user_id=BOB, interaction_id=2))

        assert call.payload["data"]["flags"] & 64, "a copy for the one who asks"
        assert len(call.files) == 2
        check_document(call)
        ids = [one["custom_id"] for one in components_of(call.payload["data"]) if one["type"] == 2]
        assert f"v1:again:{JOB}" in ids
        calls = await drawn.act(press(f"v1:again:{JOB}", user_id=BOB, interaction_id=3))
        assert [call.name for call in calls] == [CALLBACK, EDIT]

    async def test_it_can_be_shown_to_everybody_but_not_what_is_private(self, drawn: Stage):
        await drawn.act(slash("imagine", {"prompt": "mine", "private": True}, interaction_id=2))

        (public,) = await drawn.act(slash("show", {"id": str(JOB), "here": True}, interaction_id=3))
        (private,) = await drawn.act(slash("show", {"id": snowflake(2), "here": True}, interaction_id=4))

        assert not public.payload["data"].get("flags", 0) & 64
        assert private.payload["data"]["flags"] & 64

    async def test_buttons_of_a_copy_work_for_whoever_sees_it_there(self, drawn: Stage):
        elsewhere = {"user_id": BOB, "channel_id": 7999}

        calls = await drawn.act(press(f"v1:again:{JOB}", interaction_id=3, **elsewhere))
        (chooser,) = await drawn.act(press(f"v1:tray:{JOB}", interaction_id=4, **elsewhere))
        (tray,) = await drawn.act(pick(f"v2p:tray:{JOB}", f"{JOB}-1", interaction_id=5, **elsewhere))
        said = await drawn.said(press(f"v1:delete:{JOB}", interaction_id=6, **elsewhere))

        assert [call.name for call in calls] == [CALLBACK, EDIT]
        assert "Which pictures?" in str(chooser.payload)
        assert "References at hand: 1" in str(tray.payload)
        assert "Only the person who asked" in said

    async def test_another_person_s_private_card_is_not_found(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "mine", "private": True}))

        said = await stage.said(slash("show", {"id": str(JOB)}, user_id=BOB, interaction_id=2))

        assert "no longer here" in said

    async def test_a_card_that_is_no_longer_in_its_channel_is_its_owner_s_alone(self, drawn: Stage):
        drawn.remote.refuse("GET /channels/#/messages/#", 404, 10008)

        looked, said = await drawn.act(slash("show", {"id": str(JOB)}, user_id=BOB, interaction_id=2))
        again = await drawn.said(slash("show", {"id": str(JOB)}, user_id=BOB, interaction_id=3))
        (own,) = await drawn.act(slash("show", {"id": str(JOB)}, interaction_id=4))

        assert looked.method == "GET"
        assert "no longer here" in said.payload["data"]["content"]
        assert "no longer here" in again
        assert len(own.files) == 2

    @pytest.mark.sampled
    @pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 10003), (0, 0)])
    async def test_a_card_whose_channel_easel_cannot_look_at_is_shown(
        self, drawn: Stage, status: int, code: int
    ):
        drawn.remote.refuse("GET /channels/#/messages/#", status, code, times=9)

        *_looked, call = await drawn.act(slash("show", {"id": str(JOB)}, user_id=BOB, interaction_id=2))

        assert len(call.files) == 2

    @pytest.mark.parametrize("swept", [False, True])
    async def test_a_card_that_somebody_deletes_is_followed(self, drawn: Stage, swept: bool):
        message_id = (await drawn.house.job(JOB)).card_message_id
        deleted: Any = {
            "channel_id": str(CHANNEL),
            "guild_id": str(GUILD),
            "id": str(message_id),
            "ids": [str(message_id), "5"],
        }

        hear = (
            drawn.bot._connection.parse_message_delete_bulk
            if swept
            else drawn.bot._connection.parse_message_delete
        )
        hear(deleted)
        while (await drawn.house.job(JOB)).card_message_id is not None:  # noqa: ASYNC110 - a listener of its own
            await asyncio.sleep(0)

        assert "no longer here" in await drawn.said(
            slash("show", {"id": str(JOB)}, user_id=BOB, interaction_id=2)
        )

    @pytest.mark.parametrize("kind", ["channel", "thread"])
    async def test_a_channel_or_thread_that_somebody_deletes_is_followed(self, drawn: Stage, kind: str):
        state = drawn.bot._connection
        payload: Any = {"id": str(GUILD), "name": "server", "roles": [], "channels": [TEXT_CHANNEL]}
        guild = state._add_guild_from_data(payload)
        deleted: Any = {"id": str(CHANNEL), "guild_id": str(GUILD), "type": 0, "parent_id": "5"}

        (state.parse_channel_delete if kind == "channel" else state.parse_thread_delete)(deleted)
        while (await drawn.house.job(JOB)).card_message_id is not None:  # noqa: ASYNC110 - a listener of its own
            await asyncio.sleep(0)

        assert guild.id == GUILD
        (own,) = await drawn.act(slash("show", {"id": str(JOB)}, interaction_id=2))
        assert len(own.files) == 2

    async def test_channels_that_are_gone_when_a_server_appears_are_followed(self, drawn: Stage):
        drawn.remote.refuse("GET /channels/#", 404, 10003)
        payload: Any = {"id": str(GUILD), "name": "server", "roles": [], "channels": [], "threads": []}
        guild = drawn.bot._connection._add_guild_from_data(payload)

        drawn.bot.dispatch("guild_available", guild)
        while (await drawn.house.job(JOB)).card_message_id is not None:  # noqa: ASYNC110 - a listener of its own
            await asyncio.sleep(0)

        assert [call.name for call in drawn.remote.named("GET /channels/#")] == ["GET /channels/#"]

    @pytest.mark.further
    async def test_one_s_own_cards_are_offered_by_their_words(self, drawn: Stage):
        await drawn.act(slash("imagine", {"prompt": "an owl"}, interaction_id=2))
        await drawn.act(slash("imagine", {"prompt": "a fox of Bob's"}, user_id=BOB, interaction_id=3))

        (call,) = await drawn.act(completing("show", {"id": "FOX"}, "id", user_id=ANN, interaction_id=4))

        choices = call.payload["data"]["choices"]
        assert [(one["name"], one["value"]) for one in choices] == [("a fox", str(JOB))]

    async def test_a_card_that_takes_long_is_waited_for(self, drawn: Stage, monkeypatch):
        monkeypatch.setattr(answers, "PATIENCE_S", 0)

        first, second = await drawn.act(slash("show", {"id": str(JOB)}, interaction_id=2))

        assert (first.payload["type"], first.payload["data"]["flags"] & 64) == (5, 64)
        assert second.name == EDIT
        assert len(second.files) == 2

    async def test_a_card_that_breaks_off_leaves_no_thinking_behind(self, drawn: Stage, monkeypatch):
        monkeypatch.setattr(answers, "PATIENCE_S", 0)
        for picture in await drawn.house.pictures.of_job(JOB, Role.RESULT):
            await drawn.house.blobs.delete(picture.blob)

        calls = await drawn.act(slash("show", {"id": str(JOB)}, interaction_id=2))

        assert DELETE in [call.name for call in calls]
        assert calls[-1].payload["flags"] & 64
        assert calls[-1].payload["content"]


class TestVary:
    async def test_the_form_asks_which_how_strongly_and_how_many(self, drawn: Stage):
        (call,) = await drawn.act(press(f"v1:vary:{JOB}", user_id=BOB, interaction_id=2))

        check_document(call)
        fields = [one["custom_id"] for one in components_of(call.payload["data"]) if "custom_id" in one]
        assert fields == ["picture", "strength", "count"]

    @pytest.mark.sampled
    @pytest.mark.parametrize("strength", Strength)
    async def test_the_chosen_picture_is_varied_as_strongly_as_asked(self, drawn: Stage, strength: Strength):
        values = {"picture": [f"{JOB}-1"], "strength": strength.value, "count": ["2"]}

        await drawn.act(form(f"v1:vary:{JOB}", values, user_id=BOB, interaction_id=2))

        child = await drawn.house.job(int(snowflake(2)))
        assert (child.request.kind, child.request.count, child.user_id) == (Kind.VARY, 2, BOB)
        assert child.request.references == (Stored(f"{JOB}-1"),)
        assert drawn.house.world.provider.bodies[-1]["prompt"] == f"a fox\n\n{HINTS[strength]}"

    @pytest.mark.sampled
    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"picture": ["1-0"], "strength": "medium", "count": ["1"]}, "no longer here"),
            ({"strength": "gigantic", "count": ["1"]}, "another version"),
            ({"strength": "medium", "count": ["many"]}, "another version"),
        ],
        ids=["another job's picture", "no such strength", "no number"],
    )
    async def test_what_was_not_offered_is_refused(self, drawn: Stage, values, says: str):
        said = await drawn.said(form(f"v1:vary:{JOB}", values, interaction_id=2))

        assert says in said
        assert len(drawn.house.world.provider.bodies) == 1

    async def test_deleted_pictures_cannot_be_varied(self, drawn: Stage):
        await drawn.act(press(f"v1:delete:{JOB}", interaction_id=2))

        assert "no longer here" in await drawn.said(press(f"v1:vary:{JOB}", interaction_id=3))


class TestUndo:
    @pytest.mark.further
    async def test_it_shows_the_card_before(self, drawn: Stage):
        await drawn.act(
            form(f"v1:edit:{JOB}", {"prompt": "in winter", "picture": [f"{JOB}-1"]}, interaction_id=2)
        )

        _looked, call = await drawn.act(press(f"v1:undo:{snowflake(2)}", user_id=BOB, interaction_id=3))

        assert call.payload["data"]["flags"] & 64
        assert any("a fox" in text for text in texts_of(call.payload["data"]))
        ids = [one.get("custom_id") for one in components_of(call.payload["data"])]
        assert f"v1:edit:{JOB}" in ids

    async def test_where_nothing_was_before_it_says_so(self, drawn: Stage):
        assert "before this one" in await drawn.said(press(f"v1:undo:{JOB}", interaction_id=2))

    async def test_what_was_deleted_is_said_to_be_gone(self, drawn: Stage):
        await drawn.act(
            form(f"v1:edit:{JOB}", {"prompt": "in winter", "picture": [f"{JOB}-1"]}, interaction_id=2)
        )
        await drawn.act(press(f"v1:delete:{JOB}", interaction_id=3))

        assert "no longer here" in await drawn.said(press(f"v1:undo:{snowflake(2)}", interaction_id=4))


@pytest.mark.parametrize(
    ("written", "job_id"),
    [("7", 7), ("7-0", 7), ("7-r1", 7), ("#7-10", 7), ("", None), ("7-", 7), ("7-x", None), ("a", None)],
)
def test_a_card_is_known_by_its_number_or_a_picture_s(written: str, job_id: int | None):
    assert job_of(written) == job_id


async def test_an_answer_that_nobody_waits_for_any_more_is_not_prepared(drawn: Stage, monkeypatch):
    prepared = asyncio.Event()
    cut = asyncio.Event()

    async def never(*_: object, **__: object) -> None:
        prepared.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()

    monkeypatch.setattr(drawn.bot.services.prints, "files", never)
    acting = asyncio.create_task(drawn.act(slash("show", {"id": str(JOB)}, interaction_id=2)))
    await prepared.wait()
    (invoker,) = [task for task in asyncio.all_tasks() if "CommandTree" in task.get_name()]
    invoker.cancel()
    await acting

    assert cut.is_set()
