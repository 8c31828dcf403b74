"""The gallery over a house, and people who look into some channels alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sight_kit import finding_room
from world_kit import BOB, CHANNEL, World, ann

from bot.domain.gallery import Search
from bot.domain.requests import PictureRequest
from bot.services.archive import Archive
from bot.services.gallery import Gallery
from bot.storage.gallery import GalleryRows
from bot.storage.searches import Searches

if TYPE_CHECKING:
    from house_kit import House

    from bot.domain.gallery import Page
    from bot.domain.requests import Requester
    from bot.services.whereabouts import Sight as Lookout

OTHER_GUILD, SECRET, OPEN = 71, 701, 702


def looks(user_id: int = BOB, *, into: tuple[int, ...] = (CHANNEL, OPEN), **changed: Any) -> Requester:
    """Return somebody of the server who can look into some channels."""
    return replace(ann(user_id=user_id, **changed), sees=lambda channel_id: channel_id in into)


@pytest.fixture
def world(world: World) -> World:
    """A world in which nobody's allowance is in the way."""
    world.caps.person = {}
    return world


@pytest.fixture
def gallery(house: House) -> Gallery:
    return gallery_of(house)


def gallery_of(house: House, eyes: Lookout | None = None) -> Gallery:
    """Return what finds pictures, over a house."""
    rows, searches = GalleryRows(house.database), Searches(house.database)
    archive = Archive(house.blobs, house.world.folder / "packing")
    finding, views = finding_room(house, eyes), house.showings.views
    return Gallery(rows, finding, searches, archive, views, house.world.clock)


async def drawn(house: House, prompt: str = "a fox", who: Requester | None = None, **request: Any) -> int:
    house.world.clock.move(seconds=1)
    return (await house.done(PictureRequest(prompt, **request), who)).id


def jobs_of(page: Page) -> list[int]:
    return [find.picture.job_id for find in page.finds]


async def found(gallery: Gallery, who: Requester, search: Search | str = "") -> list[int]:
    search = Search(words=search) if isinstance(search, str) else search
    return jobs_of(await gallery.page(who, search))
