from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import attachment, form, pick, press, slash, snowflake
from PIL import Image
from provider_kit import picture_bytes
from world_kit import ANN, BOB

from bot.domain.images import Role
from bot.domain.requests import Kind, Stored
from bot.ui import lineage

if TYPE_CHECKING:
    from checks_kit import Call

JOB, CHILD, GRANDCHILD = (int(snowflake(n)) for n in (1, 2, 3))
ELSEWHERE = {"id": "555", "type": 0}


@pytest.fixture
async def drawn(stage: Stage) -> Stage:
    """A card that Ann asked for, of two pictures."""
    await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}))
    return stage


@pytest.fixture
async def edited(drawn: Stage) -> Stage:
    """The second picture of it, changed by Ann; and that changed once more, for Ann alone."""
    values: dict[str, Any] = {"prompt": "in winter", "picture": [f"{JOB}-1"]}
    await drawn.act(form(f"v1:edit:{JOB}", values, interaction_id=2))
    values = {"prompt": "a secret", "picture": [f"{CHILD}-0"], "private": [True]}
    await drawn.act(form(f"v1:edit:{CHILD}", values, interaction_id=3))
    return drawn


async def _uploaded(stage: Stage) -> None:
    """Let Ann change a picture of her own."""
    url = stage.house.world.attach(picture_bytes()).url
    files = (attachment(5, url=url),)
    await stage.act(slash("edit", {"prompt": "make it night", "image": "5"}, files=files))


def _ids(call: Call) -> list[str]:
    return [one["custom_id"] for one in components_of(_data(call)) if "custom_id" in one]


def _data(call: Call) -> dict[str, Any]:
    return call.payload.get("data", call.payload)


def _menu(call: Call, verb: str) -> list[tuple[str, str]]:
    """Return labels and values of a menu."""
    (found,) = [one for one in components_of(_data(call)) if one.get("custom_id", "").startswith(verb)]
    return [(option["label"], option["value"]) for option in found["options"]]


def _private(call: Call, files: int) -> str:
    """Assert that an answer is for one person and as Discord wants it; return its words."""
    assert call.name == CALLBACK
    assert call.payload["data"]["flags"] & 64
    check_limits(call.payload["data"], call.files)
    check_document(call)
    assert len(call.files) == files
    return "\n".join(texts_of(call.payload["data"]))


class TestCompare:
    async def test_one_picture_alone_has_nothing_beside_it(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox"}))

        assert "nothing to compare" in await stage.said(press(f"v1:compare:{JOB}", interaction_id=2))

    async def test_before_and_after_stand_side_by_side_with_ways_to_their_cards(self, edited: Stage):
        (call,) = await edited.act(press(f"v1:compare:{CHILD}", user_id=BOB, interaction_id=9))

        words = _private(call, files=1)
        assert f"**A** Before: picture 2 of card `{JOB}` · a fox" in words
        assert f"**B** After: card `{CHILD}` · in winter" in words
        assert _ids(call) == [f"v1:card:{JOB}", f"v1:card:{CHILD}"]
        (file,) = call.files.values()
        assert Image.open(io.BytesIO(file)).width > 2 * 16, "beside one another"

    async def test_two_pictures_of_a_card_are_compared_at_once(self, drawn: Stage):
        (call,) = await drawn.act(press(f"v1:compare:{JOB}", interaction_id=9))

        assert "**A** Picture 1: picture 1 of card" in _private(call, files=1)
        assert _ids(call) == [f"v1:card:{JOB}"]

    async def test_of_more_people_pick_two_to_four(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox", "count": 6}))

        (asked,) = await stage.act(press(f"v1:compare:{JOB}", interaction_id=8))
        _private(asked, files=0)
        offered = _menu(asked, "v2p:compare")
        (menu,) = [one for one in components_of(_data(asked)) if one["type"] == 3]
        values = [value for _, value in offered]
        (call,) = await stage.act(pick(f"v2p:compare:{JOB}", values[4], values[1], interaction_id=9))

        assert [label for label, _ in offered] == [f"Picture {n}" for n in range(1, 7)]
        assert (menu["min_values"], menu["max_values"]) == (2, 4)
        words = _private(call, files=1)
        assert "**A** Picture 2:" in words
        assert "**B** Picture 5:" in words

    @pytest.mark.parametrize("values", [(), ("1-0", "2-0"), (f"{JOB}-0",)], ids=["none", "strange", "one"])
    async def test_what_was_not_offered_is_not_shown(self, drawn: Stage, values: tuple[str, ...]):
        assert "at least two" in await drawn.said(pick(f"v2p:compare:{JOB}", *values, interaction_id=9))

    async def test_what_somebody_sent_with_a_command_they_alone_may_see(self, stage: Stage):
        await _uploaded(stage)

        said = await stage.said(press(f"v1:compare:{JOB}", user_id=BOB, interaction_id=8))
        (call,) = await stage.act(press(f"v1:compare:{JOB}", interaction_id=9))

        assert "nothing to compare" in said
        assert "a picture that you sent" in _private(call, files=1)

    async def test_again_hands_nobody_a_picture_that_was_not_theirs_to_see(self, stage: Stage):
        await _uploaded(stage)
        await stage.act(press(f"v1:again:{JOB}", user_id=BOB, interaction_id=2))
        await stage.act(press(f"v1:again:{CHILD}", user_id=ANN, interaction_id=3))

        said = await stage.said(press(f"v1:compare:{CHILD}", user_id=BOB, interaction_id=8))
        (call,) = await stage.act(press(f"v1:compare:{GRANDCHILD}", interaction_id=9))

        assert "nothing to compare" in said
        assert "a picture that you sent" in _private(call, files=1)

    async def test_not_even_where_again_had_to_fetch_it_anew(self, stage: Stage):
        await _uploaded(stage)
        await stage.house.database.change("DELETE FROM picture WHERE role = 'reference'", {})
        await stage.act(press(f"v1:again:{JOB}", user_id=BOB, interaction_id=2))

        said = await stage.said(press(f"v1:compare:{CHILD}", user_id=BOB, interaction_id=8))
        (call,) = await stage.act(press(f"v1:compare:{CHILD}", interaction_id=9))

        assert "nothing to compare" in said
        assert "a picture that you sent" in _private(call, files=1)

    async def test_what_was_sent_with_a_change_is_the_one_s_who_changed(self, drawn: Stage):
        url = drawn.house.world.attach(picture_bytes()).url
        values = {"prompt": "with this", "picture": ["-"], "files": ["5"]}
        files = (attachment(5, url=url),)
        await drawn.act(form(f"v1:edit:{JOB}", values, files=files, user_id=BOB, interaction_id=2))

        (asked,) = await drawn.act(press(f"v1:compare:{CHILD}", user_id=BOB, interaction_id=8))
        (others,) = await drawn.act(press(f"v1:compare:{CHILD}", interaction_id=9))

        assert [label for label, _ in _menu(asked, "v2p:compare")] == ["Before", "Picture 1", "Picture 2"]
        assert "Before" not in _private(others, files=1)

    async def test_what_was_deleted_is_not_shown_from_a_copy(self, edited: Stage):
        await edited.act(press(f"v1:delete:{JOB}", interaction_id=8))

        said = await edited.said(press(f"v1:compare:{CHILD}", interaction_id=9))

        assert "nothing to compare" in said

    async def test_a_private_picture_before_a_public_one_stays_private(self, edited: Stage):
        values = {"prompt": "for all", "picture": [f"{GRANDCHILD}-0"], "private": [False]}
        await edited.act(form(f"v1:edit:{GRANDCHILD}", values, interaction_id=4))

        said = await edited.said(press(f"v1:compare:{snowflake(4)}", user_id=BOB, interaction_id=9))

        assert "nothing to compare" in said

    async def test_a_picture_that_cannot_be_read_is_said_to_be_gone(self, drawn: Stage):
        for picture in await drawn.house.pictures.of_job(JOB, Role.RESULT):
            await drawn.house.blobs.delete(picture.blob)

        assert await drawn.said(press(f"v1:compare:{JOB}", interaction_id=9))


class TestBranch:
    async def test_versions_are_named_and_say_what_they_came_from(self, edited: Stage):
        (call,) = await edited.act(press(f"v1:branch:{CHILD}", interaction_id=9))

        lines = _private(call, files=1).splitlines()
        assert lines == [
            "### Branch",
            lineage.HOW,
            "**v1** drawn: a fox",
            "**v1b** drawn: a fox",
            "**v2** edited from v1b: in winter ← this card",
            "**v3** edited from v2: a secret",
        ]
        assert _menu(call, "v2p:editof") == _menu(call, "v2p:card")
        assert _menu(call, "v2p:card")[2] == ("v2 · edited", f"{CHILD}-0")

    async def test_only_what_somebody_may_see_is_there(self, edited: Stage):
        (call,) = await edited.act(press(f"v1:branch:{CHILD}", user_id=BOB, interaction_id=9))

        words = _private(call, files=1)
        assert "secret" not in words
        assert "v3" not in words
        said = await edited.said(press(f"v1:branch:{GRANDCHILD}", user_id=BOB, interaction_id=10))
        assert "no longer here" in said

    async def test_the_form_changes_exactly_the_version_that_was_picked(self, edited: Stage):
        (shown,) = await edited.act(pick(f"v2p:editof:{CHILD}", f"{JOB}-0", user_id=BOB, interaction_id=8))
        check_document(shown)
        assert shown.payload["data"]["custom_id"] == f"v2:editof:{JOB}-0"
        assert "picture" not in _ids(shown), "there is nothing left to choose"

        await edited.act(form(f"v2:editof:{JOB}-0", {"prompt": "in spring"}, user_id=BOB, interaction_id=9))

        child = await edited.house.job(int(snowflake(9)))
        assert (child.request.kind, child.user_id, child.parent_job_id) == (Kind.EDIT, BOB, JOB)
        assert child.request.references == (Stored(f"{JOB}-0"),)

    @pytest.mark.sampled(2)
    @pytest.mark.parametrize("value", ["", "x", "1-0", f"{JOB}-7", f"{JOB}-r0", f"{GRANDCHILD}-0"])
    async def test_no_other_picture_can_be_slipped_in(self, edited: Stage, value: str):
        picked = await edited.said(pick(f"v2p:editof:{CHILD}", value, user_id=BOB, interaction_id=8))
        sent = form(f"v2:editof:{value or 'x'}", {"prompt": "x"}, user_id=BOB, interaction_id=9)

        assert "no longer here" in picked
        assert "no longer here" in await edited.said(sent)

    async def test_a_version_leads_to_its_card(self, edited: Stage):
        _looked, call = await edited.act(pick(f"v2p:card:{CHILD}", f"{JOB}-1", user_id=BOB, interaction_id=9))

        _private(call, files=2)
        assert f"v1:again:{JOB}" in _ids(call)
        said = await edited.said(pick(f"v2p:card:{CHILD}", f"{GRANDCHILD}-0", user_id=BOB, interaction_id=10))
        assert "no longer here" in said

    @pytest.mark.further
    async def test_a_large_family_has_pages_that_turn_in_place(self, drawn: Stage):
        for n in range(2, 15):
            values = {"prompt": f"change {n}", "picture": [f"{JOB}-0"]}
            who = ANN if n % 2 else BOB
            await drawn.act(form(f"v1:edit:{JOB}", values, user_id=who, interaction_id=n))

        (first,) = await drawn.act(press(f"v1:branch:{snowflake(3)}", interaction_id=20))
        deferred, second = await drawn.act(press(f"v2:branch:{snowflake(3)}:1:l", interaction_id=21))

        assert "**v2j**" in _private(first, files=1)
        assert f"v2:branch:{snowflake(3)}:1:l" in _ids(first)
        assert (deferred.payload["type"], second.name) == (6, EDIT)
        assert "**v2k** edited from v1: change 12" in "\n".join(texts_of(second.payload))
        assert len(second.files) == 1
        check_limits(second.payload, second.files)


class TestSheet:
    async def test_all_pictures_of_a_card_come_as_one(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox", "count": 7}))

        (call,) = await stage.act(press(f"v1:sheet:{JOB}", user_id=BOB, interaction_id=9))

        assert "7 pictures" in _private(call, files=1)
        assert _ids(call) == [f"v1:card:{JOB}"]

    async def test_another_person_s_private_card_has_none(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "mine", "count": 5, "private": True}))

        said = await stage.said(press(f"v1:sheet:{JOB}", user_id=BOB, interaction_id=9))

        assert "no longer here" in said


@pytest.mark.parametrize(("count", "offered"), [(1, set()), (2, {"compare"}), (5, {"compare", "sheet"})])
async def test_a_card_offers_what_makes_sense(stage: Stage, count: int, offered: set[str]):
    *_, card = await stage.act(slash("imagine", {"prompt": "a fox", "count": count}))

    verbs = {written.split(":")[1] for written in _ids(card)}

    assert verbs & {"compare", "sheet", "branch", "undo"} == offered


async def test_a_card_that_came_of_another_offers_the_ways_back(edited: Stage):
    (call,) = await edited.act(slash("show", {"id": str(CHILD)}, interaction_id=9))

    assert [written.split(":")[1] for written in _ids(call)][-3:] == ["undo", "branch", "compare"]
