from __future__ import annotations

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, DELETE, EDIT, Stage
from people_kit import as_moderator, attachment, form, press, slash, snowflake
from provider_kit import MINI, picture_bytes
from world_kit import ANN, BOB, ann, bob

from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.requests import PictureRequest, Stored
from bot.texts import speaking

JOB = int(snowflake(1))


@pytest.fixture
async def drawn(stage: Stage) -> Stage:
    """A card that Ann asked for, of two pictures."""
    await stage.act(slash("imagine", {"prompt": "a fox", "count": 2, "aspect": "3:2"}))
    assert (await stage.house.job(JOB)).state is JobState.SETTLED
    return stage


@pytest.mark.sampled(2)
@pytest.mark.parametrize("verb", ["again", "edit", "details", "delete"])
@pytest.mark.parametrize(
    "who", [{"guild_id": 71}, {"guild_id": None, "channel": {"id": "9", "type": 1}}], ids=["server", "dm"]
)
async def test_a_card_of_elsewhere_is_not_found(drawn: Stage, verb: str, who: dict):
    pressed = press(f"v1:{verb}:{JOB}", user_id=BOB, interaction_id=2, **who)
    pressed["message"]["author"] = {**pressed["message"]["author"], "id": "1"}  # no card of Easel's in view

    assert "no longer here" in await drawn.said(pressed)


@pytest.mark.sampled
@pytest.mark.parametrize("verb", ["again", "edit", "details", "delete"])
async def test_an_unknown_card_is_not_found(stage: Stage, verb: str):
    assert "no longer here" in await stage.said(press(f"v1:{verb}:5"))


class TestAgain:
    async def test_it_is_a_new_card_charged_to_whoever_presses(self, drawn: Stage):
        calls = await drawn.act(press(f"v1:again:{JOB}", user_id=BOB, interaction_id=2))

        assert [call.name for call in calls] == [CALLBACK, EDIT]
        assert calls[0].payload["type"] == 4
        child = await drawn.house.job(int(snowflake(2)))
        assert (child.user_id, child.parent_job_id, child.request.count) == (BOB, JOB, 2)
        assert (await drawn.house.used(), await drawn.house.used(who=bob())) == (2, 2)

    async def test_it_is_held_to_the_same_limits_as_the_command(self, drawn: Stage):
        await drawn.act(slash("imagine", {"prompt": "a fox", "count": 8}, interaction_id=2))

        said = await drawn.said(press(f"v1:again:{JOB}", interaction_id=3))

        assert "is used up" in said
        assert await drawn.house.used() == 10


class TestEdit:
    async def test_the_form_offers_what_the_model_takes(self, drawn: Stage):
        (call,) = await drawn.act(press(f"v1:edit:{JOB}", user_id=BOB, interaction_id=2))

        assert call.payload["type"] == 9
        assert call.payload["data"]["custom_id"] == f"v1:edit:{JOB}"
        check_document(call)

    @pytest.mark.further
    async def test_a_form_shown_by_this_process_is_answered_once(self, drawn: Stage):
        await drawn.act(press(f"v1:edit:{JOB}", user_id=BOB, interaction_id=2))

        calls = await drawn.act(form(f"v1:edit:{JOB}", {"prompt": "b"}, user_id=BOB, interaction_id=3))

        assert [call.name for call in calls] == [CALLBACK, EDIT]

    @pytest.mark.further
    async def test_a_form_of_an_earlier_process_draws_from_the_chosen_picture(self, drawn: Stage):
        upload = drawn.house.world.attach(picture_bytes())
        values = {"prompt": "in winter", "picture": [f"{JOB}-1"], "aspect": ["-"], "quality": ["low"]}
        files = (attachment(4, upload.size_bytes, upload.url),)

        calls = await drawn.act(
            form(f"v1:edit:{JOB}", values | {"files": ["4"]}, files, user_id=BOB, interaction_id=2)
        )

        assert [call.name for call in calls] == [CALLBACK, EDIT]
        child = await drawn.house.job(int(snowflake(2)))
        assert child.request.references[0] == Stored(f"{JOB}-1")
        assert (child.request.prompt, child.request.quality, child.request.aspect) == (
            "in winter",
            "low",
            None,
        )
        assert (child.user_id, child.state) == (BOB, JobState.SETTLED)
        assert len(drawn.house.world.provider.bodies[-1]["input_references"]) == 2

    async def test_an_empty_form_is_said_privately(self, drawn: Stage):
        said = await drawn.said(form(f"v1:edit:{JOB}", {"prompt": " "}, interaction_id=2))

        assert "prompt is empty" in said

    @pytest.mark.further
    async def test_another_job_s_picture_is_refused(self, drawn: Stage):
        await drawn.act(slash("imagine", {"prompt": "mine"}, user_id=BOB, interaction_id=2))
        stolen = f"{snowflake(2)}-0"

        said = await drawn.said(
            form(f"v1:edit:{JOB}", {"prompt": "x", "picture": [stolen]}, interaction_id=3)
        )

        assert "no longer here" in said

    async def test_with_every_model_gone_that_is_said(self, drawn: Stage):
        drawn.house.planner._image_models = (MINI,)
        drawn.house.catalogue.mark_gone(MINI)

        said = await drawn.said(press(f"v1:edit:{JOB}", interaction_id=2))

        assert "None of the bot's models can draw" in said


class TestDetails:
    async def test_they_are_for_the_one_who_asks(self, drawn: Stage):
        (call,) = await drawn.act(press(f"v1:details:{JOB}", user_id=BOB, interaction_id=2))

        assert call.payload["data"]["flags"] & 64
        check_limits(call.payload["data"])
        assert f"<@{ANN}>" in "".join(texts_of(call.payload["data"]))
        assert call.payload["data"]["allowed_mentions"]["parse"] == []

    async def test_a_long_prompt_comes_whole_as_a_file(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "ж" * 3000}))

        (call,) = await stage.act(press(f"v1:details:{JOB}", interaction_id=2))

        assert list(call.files.values()) == [("ж" * 3000).encode()]
        check_limits(call.payload["data"], call.files)
        check_document(call)

    @pytest.mark.further
    async def test_they_name_the_card_before_to_those_who_may_see_it(self, drawn: Stage):
        values = {"prompt": "mine", "picture": [f"{JOB}-0"], "private": [True]}
        await drawn.act(form(f"v1:edit:{JOB}", values, interaction_id=2))
        values = {"prompt": "ours", "picture": [f"{snowflake(2)}-0"], "private": [False]}
        await drawn.act(form(f"v1:edit:{snowflake(2)}", values, interaction_id=3))

        (mine,) = await drawn.act(press(f"v1:details:{snowflake(3)}", interaction_id=4))
        (theirs,) = await drawn.act(press(f"v1:details:{snowflake(3)}", user_id=BOB, interaction_id=5))

        said, heard = ("".join(texts_of(call.payload["data"])) for call in (mine, theirs))
        assert f"**Made from** card `{snowflake(2)}`" in said
        assert "**Made from** a picture that you cannot see" in heard
        assert snowflake(2) not in heard
        assert "byte for byte" in said


class TestDelete:
    async def test_another_person_may_not(self, drawn: Stage):
        said = await drawn.said(press(f"v1:delete:{JOB}", user_id=BOB, interaction_id=2))

        assert "Only the person who asked" in said
        assert len(await drawn.house.pictures.of_job(JOB, Role.RESULT)) == 2

    @pytest.mark.parametrize("who", [{}, as_moderator()], ids=["owner", "moderator"])
    async def test_the_card_and_its_pictures_go(self, drawn: Stage, who: dict):
        deferred, deleted = await drawn.act(press(f"v1:delete:{JOB}", interaction_id=2, **who))

        assert (deferred.payload["type"], deleted.name) == (6, DELETE)
        assert await drawn.house.pictures.of_job(JOB, Role.RESULT) == ()
        assert await drawn.house.used() == 2

    async def test_a_second_press_finds_it_done(self, drawn: Stage):
        drawn.remote.refuse(DELETE, 404, 10008)

        calls = await drawn.act(press(f"v1:delete:{JOB}", interaction_id=2))

        assert [call.name for call in calls] == [CALLBACK, DELETE]

    async def test_what_was_deleted_can_be_asked_for_again(self, drawn: Stage):
        await drawn.act(press(f"v1:delete:{JOB}", interaction_id=2))

        await drawn.act(press(f"v1:again:{JOB}", interaction_id=3))

        job = await drawn.house.job(int(snowflake(3)))
        assert job.state is JobState.SETTLED
        assert job.request == PictureRequest("a fox", count=2, aspect="3:2")


async def test_nine_presses_by_three_people_do_what_each_may(drawn: Stage):
    people = {"owner": {}, "other": {"user_id": BOB}, "moderator": as_moderator()}
    done: dict[tuple[str, str], bool] = {}
    for n, (name, who) in enumerate(people.items()):
        for m, verb in enumerate(("again", "edit", "details")):
            calls = await drawn.act(press(f"v1:{verb}:{JOB}", interaction_id=10 + 3 * n + m, **who))
            done[name, verb] = not (calls[0].payload.get("data") or {}).get("content")

    assert all(done.values()), done
    charged = [
        await drawn.house.used(who=ann(user_id=user)) for user in (ANN, BOB, as_moderator()["user_id"])
    ]
    assert charged == [4, 2, 2], "whoever presses"


class TestCancel:
    async def test_the_pressed_card_says_so(self, stage: Stage):
        job = await stage.house.order(start=False, job_id=JOB)
        assert job is not None

        deferred, edited = await stage.act(press(f"v1:cancel:{JOB}", interaction_id=2))

        assert (deferred.payload["type"], edited.name) == (6, EDIT)
        assert texts_of(edited.payload)[0] == "Cancelled. Nothing was charged."
        assert edited.payload["allowed_mentions"]["parse"] == []
        check_limits(edited.payload, edited.files)
        check_document(edited)
        assert (await stage.house.job(JOB)).state is JobState.CANCELLED
        assert await stage.house.used() == 0

    @pytest.mark.parametrize("refused", [0, 1], ids=["its own token", "the press alone"])
    async def test_it_is_all_in_the_language_of_who_asked(self, stage: Stage, refused: int):
        with speaking("fr"):
            await stage.house.order(start=False, job_id=JOB)
        stage.remote.refuse(EDIT, 404, 10015, times=refused)

        _, *edits = await stage.act(
            press(f"v1:cancel:{JOB}", interaction_id=2, **as_moderator()) | {"locale": "de"}
        )

        assert len(edits) == 1 + refused
        said, prompt = texts_of(edits[-1].payload)
        assert said == "Annulé par la modération. Rien n’a été facturé."
        assert prompt.startswith("-# Ta demande")
        labels = [one["label"] for one in components_of(edits[-1].payload) if one["type"] == 2]
        assert labels == ["Réessayer", "Modifier…"]

    async def test_an_old_card_that_is_private_is_edited_by_the_press(self, stage: Stage):
        job = await stage.house.order(PictureRequest("a fox", private=True), start=False, job_id=JOB)
        assert job is not None
        await stage.house.studio.shown(job, 77)
        stage.house.world.clock.move(minutes=15)

        _, edited = await stage.act(press(f"v1:cancel:{JOB}", interaction_id=2, token="press-token"))

        assert edited.path.endswith("/press-token/messages/@original")
        assert texts_of(edited.payload)[0] == "Cancelled. Nothing was charged."
        assert edited.payload["attachments"] == [], "no picture that was half done"
        assert edited.payload["allowed_mentions"]["parse"] == []
        check_document(edited)

    async def test_a_card_that_nobody_has_noted_is_edited_as_the_message_that_was_pressed_on(
        self, stage: Stage
    ):
        await stage.house.order(start=False, job_id=JOB)
        stage.remote.refuse(EDIT, 404, 10015, times=9)

        calls = await stage.act(press(f"v1:cancel:{JOB}", interaction_id=2))

        assert calls[-1].name == "PATCH /channels/#/messages/#"
        assert texts_of(calls[-1].payload)[0] == "Cancelled. Nothing was charged."

    async def test_a_card_that_no_token_can_edit_any_more_is_edited_as_a_message(self, stage: Stage):
        job = await stage.house.order(start=False, job_id=JOB)
        assert job is not None
        await stage.house.studio.shown(job, 77)
        stage.remote.refuse(EDIT, 404, 10015, times=2)

        calls = await stage.act(press(f"v1:cancel:{JOB}", interaction_id=2))

        assert calls[-1].path.endswith("/messages/77")
        assert texts_of(calls[-1].payload)[0] == "Cancelled. Nothing was charged."
        assert not [call for call in calls if "incident" in str(call.payload)]

    async def test_another_person_is_told_privately(self, stage: Stage):
        await stage.house.order(start=False, job_id=JOB)

        _, said = await stage.act(press(f"v1:cancel:{JOB}", user_id=BOB, interaction_id=2))

        assert "may cancel it" in said.payload["content"]
        assert said.payload["flags"] & 64
        assert (await stage.house.job(JOB)).state is JobState.QUEUED
