"""Alt text is put on cards without sending their files again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, components_of
from people_kit import DM, a_message
from world_kit import CHANNEL

from bot.ui.labels import Labels

if TYPE_CHECKING:
    import discord

CARD = 4_242
BY_TOKEN, EDIT_BY_TOKEN = "GET /webhooks/#/token/messages/#", "PATCH /webhooks/#/token/messages/#"
BY_CHANNEL, EDIT_IN_CHANNEL = "GET /channels/#/messages/#", "PATCH /channels/#/messages/#"


def media(name: str, *, is_linked: bool = False) -> dict[str, Any]:
    url = f"https://cdn.example/attachments/1/2/{name}?ex=1&is=2&hm=3"
    known = {} if is_linked else {"attachment_id": "2"}
    return {"url": url, "proxy_url": url, "content_type": "image/png", "width": 1, "height": 1, **known}


def card(*names: str, **more: Any) -> dict[str, Any]:
    """Return a card as Discord describes it."""
    items = [{"media": media(name), "description": "a fox", "spoiler": False} for name in names]
    button = {"type": 2, "id": 5, "style": 2, "label": "Again", "custom_id": "v1:again:7"}
    inner = [
        {"type": 10, "id": 2, "content": "a fox"},
        {"type": 12, "id": 3, "items": items},
        {"type": 1, "id": 4, "components": [button]},
    ]
    frame = {"type": 17, "id": 1, "accent_color": 5, "spoiler": False, "components": inner}
    return a_message(CARD, CHANNEL) | {"flags": 1 << 15, "components": [frame], **more}


@pytest.fixture
async def job(house):
    job = await house.order("a fox", start=False)
    await house.studio.shown(job, CARD)
    return await house.job(job.id)


@pytest.fixture
def labels(house, client: discord.Client) -> Labels:
    return Labels(client, may_edit=lambda: True, clock=house.world.clock)


def gallery_of(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return next(one for one in components_of(payload) if one["type"] == 12)["items"]


async def test_a_card_keeps_everything_but_the_alt_text(labels, job, remote, client):
    remote.answers[BY_TOKEN] = [(200, card("easel-7-0.png", "SPOILER_easel-7-1.webp"))]

    await labels.put(job, {"7-0": "A fox.", "7-1": "Another fox."})

    _, edit = remote.calls
    assert edit.name == EDIT_BY_TOKEN
    assert gallery_of(edit.payload) == [
        {
            "media": {"url": "attachment://easel-7-0.png"},
            "description": "Picture 1 of 2: A fox.",
            "spoiler": False,
        },
        {
            "media": {"url": "attachment://SPOILER_easel-7-1.webp"},
            "description": "Picture 2 of 2: Another fox.",
            "spoiler": False,
        },
    ]
    assert "attachments" not in edit.payload
    assert edit.files == {}
    assert edit.payload["allowed_mentions"]["parse"] == []
    assert [one["type"] for one in components_of(edit.payload)] == [17, 10, 12, 1, 2]
    check_document(edit)
    assert client.persistent_views == []


async def test_a_picture_without_a_caption_keeps_what_it_has(labels, job, remote):
    remote.answers[BY_TOKEN] = [(200, card("easel-7-0.png", "easel-7-1.png"))]

    await labels.put(job, {"7-1": "A fox."})

    descriptions = [item["description"] for item in gallery_of(remote.calls[1].payload)]
    assert descriptions == ["a fox", "Picture 2 of 2: A fox."]


@pytest.mark.parametrize(
    "shown",
    [card("easel-8-0.png"), card("partial-1.png"), a_message(CARD, CHANNEL)],
    ids=["another's", "partial", "nothing"],
)
async def test_a_message_that_shows_something_else_is_left_alone(labels, job, remote, shown):
    remote.answers[BY_TOKEN] = [(200, shown)]

    await labels.put(job, {"7-0": "A fox."})

    assert [call.name for call in remote.calls] == [BY_TOKEN]


async def test_after_the_token_the_bot_s_own_message_is_edited(labels, job, remote, house):
    house.world.clock.move(minutes=16)
    remote.answers[BY_CHANNEL] = [(200, card("easel-7-0.png"))]

    await labels.put(job, {"7-0": "A fox."})

    assert [call.name for call in remote.calls] == [BY_CHANNEL, EDIT_IN_CHANNEL]
    check_document(remote.calls[1])


async def test_a_card_in_a_direct_message_is_edited_there(labels, job, remote, house):
    await house.jobs.place(job.id, DM, CARD, house.world.clock())
    remote.answers[BY_CHANNEL] = [(200, card("easel-7-0.png"))]

    await labels.put(await house.job(job.id), {"7-0": "A fox."})

    assert [call.path for call in remote.calls] == [f"/channels/{DM}/messages/{CARD}"] * 2


@pytest.mark.parametrize(("status", "code"), [(404, 10008), (403, 50001), (503, 0), (0, 0)])
async def test_a_card_that_cannot_be_edited_is_left_and_logged(labels, job, remote, logged, status, code):
    remote.refuse(BY_TOKEN, status, code, times=5)
    remote.refuse(BY_CHANNEL, status, code, times=5)

    await labels.put(job, {"7-0": "A fox."})

    assert not [call for call in remote.calls if call.method != "GET"]
    assert len([line for line in logged if line["event"] == "no alt text on the card"]) == 2


async def test_while_discord_is_in_trouble_nothing_is_edited(house, client, job, remote):
    await Labels(client, may_edit=lambda: False, clock=house.world.clock).put(job, {"7-0": "A fox."})

    assert remote.calls == []
