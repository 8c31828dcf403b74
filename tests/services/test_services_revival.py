"""Cards that come back, and those that somebody deleted: kept for their owner, found by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gallery_kit import drawn, found, gallery, looks, world
from sight_kit import Eyes, revival_room, whereabouts_room
from world_kit import ANN, BOB, MOD, ann, bob

from bot.domain.gallery import Search
from bot.domain.images import Role
from bot.domain.results import Card
from bot.domain.reviews import Watch, Watching
from bot.errors import NotAllowed, NotFound
from bot.services.door import Door

if TYPE_CHECKING:
    from house_kit import House

    from bot.domain.access import Asked
    from bot.domain.requests import Requester
    from bot.services.gallery import Gallery

__all__ = ["gallery", "world"]


async def card_of(house: House, job_id: int) -> int:
    message_id = (await house.job(job_id)).card_message_id
    assert message_id is not None
    return message_id


async def test_what_somebody_deleted_by_hand_is_found_by_its_owner_alone(house: House, gallery: Gallery):
    lost, kept = await drawn(house, "a fox"), await drawn(house, "an owl")
    for who in (ann(), looks()):
        (liked,) = await house.pictures.of_job(lost, Role.RESULT)
        await gallery.set_favourites(who, [liked], [liked.id])

    await whereabouts_room(house).deleted([await card_of(house, lost), 123])

    assert await found(gallery, ann()) == [kept, lost]
    assert (
        await found(gallery, ann(), "fox") == await found(gallery, ann(), Search(favourites=True)) == [lost]
    )
    assert await found(gallery, looks()) == [kept]
    for search in (Search("fox"), Search(of=ANN, words="fox"), Search(favourites=True)):
        assert await found(gallery, looks(), search) == []
    assert len((await revival_room(house).revive(lost, ann())).pictures) == 1


async def test_others_reach_it_by_its_number_no_more_but_by_a_copy_that_is_there(house: House):
    lost = await drawn(house)

    await whereabouts_room(house).deleted([await card_of(house, lost)])

    with pytest.raises(NotFound):
        await house.studio.show(lost, looks())
    _, pictures = await house.studio.show(lost, looks(shown=frozenset({lost})))
    assert len(pictures) == 1


async def test_a_card_deleted_while_easel_was_down_is_noticed_by_who_opens_it(house: House, gallery: Gallery):
    lost, kept = await drawn(house), await drawn(house)
    eyes = Eyes(await card_of(house, lost))
    revival = revival_room(house, eyes)
    assert await found(gallery, looks()) == [kept, lost]

    assert len((await revival.revive(lost, ann())).pictures) == 1, "its owner's, wherever it stands"
    assert len((await revival.revive(lost, looks(shown=frozenset({lost})))).pictures) == 1
    assert eyes.looked == []
    assert len((await revival.revive(kept, looks())).pictures) == 1
    with pytest.raises(NotFound):
        await revival.revive(lost, looks())

    assert await found(gallery, looks()) == [kept]
    assert await found(gallery, ann()) == [kept, lost]


async def test_all_pictures_of_a_deleted_page_are_lost_at_once_and_other_messages_are_nothing(
    house: House, gallery: Gallery
):
    first, second = await drawn(house), await drawn(house, who=bob())
    await house.database.change("UPDATE job SET card_message_id = 77", {})
    queued = await house.order(start=False)
    assert queued is not None
    await house.jobs.place(queued.id, queued.channel_id, 77, house.world.clock())

    await whereabouts_room(house).deleted([77, 78])
    await whereabouts_room(house).deleted([])

    assert await found(gallery, looks(BOB)) == [second]
    assert await found(gallery, ann()) == [first]
    assert (await house.job(queued.id)).card_message_id == 77, "it gets another card, with its pictures"


async def test_what_went_to_its_owner_directly_no_channel_shows(
    house: House, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
):
    async def directly(_result: object) -> Card:
        return Card(900, 9001)

    monkeypatch.setattr(house.workshop._presenter, "present", directly)

    sent = await drawn(house)

    assert await found(gallery, ann()) == [sent]
    assert await found(gallery, looks()) == []
    with pytest.raises(NotFound):
        await house.studio.show(sent, looks())


async def test_what_is_brought_for_everybody_passes_the_door_as_a_new_picture_does(house: House):
    job_id, asked_for = await drawn(house, "a fox"), list[str]()

    async def shut(_who: Requester, asked: Asked, /) -> None:
        asked_for.extend(asked.texts)
        raise NotAllowed("Not here.")

    with pytest.raises(NotAllowed, match="Not here"):
        await revival_room(house, door=Door(shut)).bring(job_id, ann())
    assert asked_for == ["a fox"]
    assert (await revival_room(house).bring(job_id, ann())).pictures


async def test_what_moderators_have_not_seen_is_brought_to_nobody_but_oneself(house: House):
    job_id, elsewhere = await drawn(house), ann(guild_id=71, channel_id=701)
    assert (await revival_room(house).bring(job_id, elsewhere)).pictures

    await house.watchfulness.choose(Watching(Watch.ALL, 750), 71, MOD)

    with pytest.raises(NotAllowed, match="looked at first"):
        await revival_room(house).bring(job_id, elsewhere)
    assert (await revival_room(house).revive(job_id, elsewhere)).pictures
    assert (await revival_room(house).bring(job_id, ann())).pictures
