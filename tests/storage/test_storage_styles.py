from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.preferences import Preferences
from bot.domain.styles import Written
from bot.storage.preferences import PreferenceRows
from bot.storage.styles import NameTaken, NoRoomForStyles, Owner, StyleRows

if TYPE_CHECKING:
    from bot.storage.database import Database

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
ANN, BOB, SERVER = Owner(user_id=1), Owner(user_id=2), Owner(guild_id=1)
WOODCUT = Written("Woodcut", "{subject}", "old")


@pytest.fixture
def rows(database: Database) -> StyleRows:
    return StyleRows(database)


async def add(rows: StyleRows, *styles: Written, owner: Owner = ANN, most: int = 9, replace: bool = False):
    return await rows.add(owner, styles, by=1, most=most, now=NOW, replace=replace)


async def test_a_name_is_taken_once_by_each_owner(rows: StyleRows):
    for owner in (ANN, BOB, SERVER):
        await add(rows, WOODCUT, owner=owner)

        with pytest.raises(NameTaken, match="woodCUT"):
            await add(rows, Written("woodCUT", "x"), owner=owner)
    assert [len(await rows.of(owner)) for owner in (ANN, BOB, SERVER)] == [1, 1, 1]


async def test_all_of_several_are_kept_or_none(rows: StyleRows):
    await add(rows, WOODCUT)

    with pytest.raises(NameTaken):
        await add(rows, Written("A", "x"), Written("B", "x"), WOODCUT)
    with pytest.raises(NoRoomForStyles):
        await add(rows, *(Written(str(n), "x") for n in range(9)))

    assert [style.name for style in await rows.of(ANN)] == ["Woodcut"]


async def test_of_many_at_once_no_more_are_kept_than_may_be(rows: StyleRows):
    adding = (add(rows, Written(str(n), "x"), most=3) for n in range(20))

    came = await asyncio.gather(*adding, return_exceptions=True)

    assert sum(isinstance(one, NoRoomForStyles) for one in came) == 17
    assert len(await rows.of(ANN)) == 3


async def test_what_is_replaced_keeps_its_ref(rows: StyleRows):
    (ref,) = await add(rows, WOODCUT)

    assert await add(rows, Written("woodcut", "new"), Written("A", "x"), replace=True) != ()

    first, second = await rows.of(ANN)
    assert (first.name, second.ref, second.name, second.template, second.note) == (
        "A",
        ref,
        "woodcut",
        "new",
        "",
    )


async def test_a_ref_is_never_had_by_another(rows: StyleRows):
    (ref,) = await add(rows, WOODCUT)
    await rows.delete(int(ref))

    (other,) = await rows.add(ANN, (WOODCUT,), by=1, most=9, now=NOW + timedelta(seconds=1))

    assert other != ref
    assert await rows.get(int(ref)) is None


async def test_a_change_takes_no_other_s_name(rows: StyleRows):
    ref, _ = await add(rows, WOODCUT, Written("Lino", "x"))

    with pytest.raises(NameTaken):
        await rows.change(int(ref), Written("lino", "y"), NOW)
    assert await rows.change(int(ref), Written("WOODCUT", "y"), NOW)
    assert not await rows.change(1, WOODCUT, NOW)

    assert [(style.name, style.template) for style in await rows.of(ANN)] == [("Lino", "x"), ("WOODCUT", "y")]


async def test_a_preview_that_is_not_there_is_none(rows: StyleRows):
    (ref,) = await add(rows, WOODCUT)

    assert not await rows.choose_preview(int(ref), "7-0", NOW)
    await rows.await_preview(int(ref), 7, NOW)

    found = await rows.get(int(ref))
    assert found is not None
    assert found[0].preview_picture_id is None


async def test_preferences_set_at_once_are_all_kept(database: Database):
    rows = PreferenceRows(database)

    await asyncio.gather(
        rows.change(1, "aspect", "3:2", NOW),
        rows.change(1, "count", 2, NOW),
        rows.change(1, "private", True, NOW),
        rows.change(2, "aspect", "1:1", NOW),
    )

    assert await rows.of_person(1) == Preferences(aspect="3:2", count=2, private=True)
    await rows.clear(1)
    assert await rows.of_person(1) == Preferences()
    assert await rows.of_person(2) == Preferences(aspect="1:1")
