"""Delicate pictures leave covered by every way there is, and by none where their server keeps them apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, texts_of
from judge_kit import BAD, GREEN, NEARLY, judged
from people_kit import BOT, TEXT_CHANNEL, a_message, a_user, form, message_menu, pick, press, slash, snowflake
from provider_kit import picture_bytes, words
from style_kit import make, ref_of
from test_cogs_describe import ANSWER, picture, posted, says
from world_kit import CHANNEL, GUILD, MOD, World

from bot.domain.images import Role
from bot.domain.spoilers import Showing, Spoilers

if TYPE_CHECKING:
    from checks_kit import Call
    from cogs_kit import Stage

JOB = int(snowflake(1))
ADULT = {**TEXT_CHANNEL, "nsfw": True}
ONLY = "only in age-restricted channels"
AGAIN = {"type": 2, "style": 2, "label": "Again", "custom_id": f"v1:again:{JOB}"}
WAYS = {
    "contact sheet": press(f"v1:sheet:{JOB}", interaction_id=7),
    "side by side": press(f"v1:compare:{JOB}", interaction_id=7),
    "branches": press(f"v1:branch:{JOB}", interaction_id=7),
    "grid": pick(f"v2p:part:{JOB}", f"{JOB}-1", interaction_id=7),
    "card": slash("show", {"id": str(JOB)}, interaction_id=7),
    "gallery": slash("gallery", interaction_id=7),
    "tray": slash("tray", interaction_id=7),
    "style": slash("style show", {"name": "Woodcut"}, interaction_id=7),
    "description": pick("v2p:describe:{draft}", "1", interaction_id=7),
}


@pytest.fixture
def world(world: World) -> World:
    """A world in which nobody's allowance is in the way."""
    world.caps.person = {}
    return world


@pytest.fixture
async def delicate(stage: Stage) -> Stage:
    """A card of two pictures, of which the second is delicate, at hand, and the preview of a style."""
    await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}))
    _, second = await stage.house.pictures.of_job(JOB, Role.RESULT)
    await stage.house.database.change("UPDATE picture SET delicate = 1 WHERE id = :id", {"id": second.id})
    await stage.act(pick(f"v2p:tray:{JOB}", second.id, interaction_id=2))
    ref = ref_of(await make(stage, 3))
    await stage.act(slash("style preview", {"name": f"#{ref}", "card": second.id}, interaction_id=4))
    card = {"type": 1, "components": [AGAIN]}
    message = a_message(6_000, CHANNEL) | {"author": a_user(BOT, bot=True), "components": [card]}
    await stage.act(message_menu("Describe image", message, interaction_id=5))
    stage.house.world.provider.script.append(lambda _: words(json.dumps(ANSWER)))
    return stage


async def choose(stage: Stage, showing: Showing) -> None:
    await stage.house.showings.choose(showing, GUILD, MOD)


def read(way: str) -> dict[str, Any]:
    """Return what somebody does who goes a way, by what a channel shows: the card, or a menu of it."""
    payload = json.loads(json.dumps(WAYS[way]).replace("{draft}", snowflake(5)))
    if "message" in payload:
        (card,) = payload["message"]["components"]
        card["components"].append({"type": 1, "id": 4, "components": [{**AGAIN, "id": 5}]})
    return payload


def files_of(calls: list[Call]) -> list[str]:
    """Return how the files of an answer are called."""
    data = calls[-1].payload.get("data", calls[-1].payload)
    return [one["filename"] for one in data.get("attachments", [])]


def said_in(calls: list[Call]) -> str:
    """Return all that an answer says."""
    data = calls[-1].payload.get("data", calls[-1].payload)
    return "\n".join([data.get("content") or "", *texts_of(data)])


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_delicate_leaves_covered(delicate: Stage, way: str):
    await choose(delicate, Showing(Spoilers.FLAGGED))

    calls = await delicate.act(read(way))

    check_document(calls[-1])
    assert [name.startswith("SPOILER_") for name in files_of(calls)].count(True) == 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_kept_apart_leaves_by_no_way_and_it_is_said_where_it_is(delicate: Stage, way: str):
    await choose(delicate, Showing(keeps_apart=True))

    calls = await delicate.act(read(way))

    assert files_of(calls) == ([f"easel-{JOB}-0.jpg"] if way == "gallery" else [])
    assert ONLY in said_in(calls)
    assert delicate.house.world.provider.script, "what is refused is not asked for, and costs nothing"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", WAYS)
async def test_where_adults_are_it_is_shown(delicate: Stage, way: str):
    await choose(delicate, Showing(keeps_apart=True))

    calls = await delicate.act(read(way) | {"channel": ADULT})

    names = files_of(calls)
    assert names
    assert not any(name.startswith("SPOILER_") for name in names)


async def vary(stage: Stage) -> int:
    """Let somebody vary the delicate picture, harmlessly, before it is kept apart; return the new card."""
    stage.house.world.provider.script.clear()
    values: dict[str, Any] = {"picture": [f"{JOB}-1"], "strength": "medium", "count": ["1"]}
    await stage.act(form(f"v1:vary:{JOB}", values, interaction_id=8))
    await choose(stage, Showing(keeps_apart=True))
    return int(snowflake(8))


@pytest.mark.further
async def test_a_variation_of_what_is_kept_apart_has_nothing_beside_it_here(delicate: Stage):
    varied = await vary(delicate)

    assert ONLY in await delicate.said(press(f"v1:compare:{varied}", interaction_id=9))

    calls = await delicate.act(press(f"v1:compare:{varied}", interaction_id=10) | {"channel": ADULT})
    assert len(files_of(calls)) == 1


@pytest.mark.further
@pytest.mark.parametrize("way", ["branch", "details"])
async def test_what_a_card_hangs_together_with_elsewhere_is_told_but_not_shown(delicate: Stage, way: str):
    varied = await vary(delicate)

    said = said_in(await delicate.act(press(f"v1:{way}:{varied}", interaction_id=9)))

    assert "shown only in age-restricted channels" in said
    assert "cannot see" not in said


async def drawn_with(stage: Stage, payload: dict[str, Any]) -> int:
    """Return how many drawings somebody gets who is let in; who is not hears why, and nothing is held."""
    stage.house.world.provider.script.clear()
    bodies = stage.house.world.provider.bodies
    before, held = len(bodies), "SELECT COUNT(*) AS jobs FROM job"
    (jobs,) = await stage.house.database.read(held)
    said = said_in(await stage.act(payload))
    (jobs_now,) = await stage.house.database.read(held)
    assert ("kept to age-restricted channels" in said) == (jobs_now["jobs"] == jobs["jobs"])
    return len(bodies) - before


async def test_what_is_kept_apart_guides_no_drawing_elsewhere_and_nothing_is_paid(delicate: Stage):
    judged(delicate.house)
    await choose(delicate, Showing(keeps_apart=True))
    order = {"prompt": "a fox", "at_hand": True}

    assert await drawn_with(delicate, slash("imagine", order, interaction_id=9)) == 0
    assert await drawn_with(delicate, slash("imagine", order, interaction_id=10) | {"channel": ADULT}) == 1


async def test_what_a_card_in_view_shows_may_still_be_gone_on_from(delicate: Stage):
    judged(delicate.house)
    await choose(delicate, Showing(keeps_apart=True))
    values: dict[str, Any] = {"prompt": "in winter", "picture": [f"{JOB}-1"]}

    card = {"message": read("contact sheet")["message"]}

    assert await drawn_with(delicate, form(f"v1:edit:{JOB}", values, interaction_id=9) | card) == 1


async def test_what_somebody_brings_guides_no_drawing_either(stage: Stage):
    judged(stage.house)
    nearly = (picture(stage, data=picture_bytes(NEARLY)),)
    order = slash("edit", {"prompt": "at night", "image": "8"}, nearly, interaction_id=9)
    await choose(stage, Showing(keeps_apart=True))

    assert await drawn_with(stage, order) == 0
    assert await drawn_with(stage, order | {"channel": ADULT}) == 1


def brought(stage: Stage) -> dict[str, Any]:
    """Let somebody bring a delicate picture to be described, for all to see."""
    says(stage)
    return slash("describe", {"image": "8"}, (picture(stage, data=picture_bytes(NEARLY)),), interaction_id=9)


async def test_what_somebody_brings_to_be_described_stands_covered_as_well(stage: Stage):
    judged(stage.house)
    await choose(stage, Showing(Spoilers.FLAGGED))

    calls = await stage.act(brought(stage))

    assert [name.startswith("SPOILER_") for name in files_of(calls)] == [True]


async def test_what_is_kept_apart_is_not_described_elsewhere_and_not_paid(stage: Stage):
    judged(stage.house)
    await choose(stage, Showing(keeps_apart=True))

    assert ONLY in await stage.said(brought(stage))

    assert stage.house.world.provider.bodies == []
    assert files_of(await stage.act(brought(stage) | {"id": snowflake(2), "channel": ADULT})) != []


def described(stage: Stage, *colours: tuple[int, int, int]) -> dict[str, Any]:
    """Let somebody have a file described that another member posted."""
    says(stage)
    files = [picture(stage, 8 + n, picture_bytes(colour)) for n, colour in enumerate(colours)]
    return message_menu("Describe image", posted(*files), interaction_id=9)


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("spoilers", "colour", "is_covered"),
    [
        (Spoilers.FLAGGED, NEARLY, True),
        (Spoilers.FLAGGED, GREEN, False),
        (Spoilers.ALWAYS, GREEN, True),
        (Spoilers.NEVER, NEARLY, False),
    ],
)
async def test_what_somebody_posted_stands_covered_beside_its_description(
    stage: Stage, spoilers: Spoilers, colour: tuple[int, int, int], is_covered: bool
):
    judged(stage.house)
    await choose(stage, Showing(spoilers))

    calls = await stage.act(described(stage, colour))

    assert [name.startswith("SPOILER_") for name in files_of(calls)] == [is_covered]


async def test_what_somebody_posted_is_described_among_adults_alone_where_it_is_kept_apart(stage: Stage):
    judged(stage.house)
    await choose(stage, Showing(keeps_apart=True))
    menu = described(stage, NEARLY)

    assert ONLY in await stage.said(menu)

    assert stage.house.world.provider.bodies == []
    assert files_of(await stage.act(menu | {"id": snowflake(10), "channel": ADULT})) != []


async def test_of_several_that_somebody_posted_only_the_delicate_one_is_refused(stage: Stage):
    judged(stage.house)
    await choose(stage, Showing(keeps_apart=True))
    await stage.act(described(stage, GREEN, NEARLY))

    assert ONLY in await stage.said(pick(f"v2p:describe:{snowflake(9)}", "1", interaction_id=10))

    assert stage.house.world.provider.bodies == []
    assert files_of(await stage.act(pick(f"v2p:describe:{snowflake(9)}", "0", interaction_id=11))) != []


async def test_a_posted_picture_that_is_not_allowed_is_not_described(stage: Stage):
    judged(stage.house)

    assert "not allowed here" in await stage.said(described(stage, BAD))
    assert stage.house.world.provider.bodies == []
