"""The gallery as a tool of a conversation: nothing is told that who asks, or who reads along, may not see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rooms_kit import chat_rooms
from test_services_chat import talk_of
from test_services_toolbox import asked, called, results
from world_kit import ANN, BOB, CHANNEL, ann

from bot.domain.requests import PictureRequest, Stored

OPEN, SECRET, THREAD = CHANNEL + 1, CHANNEL + 2, CHANNEL + 3
GUILD = 70


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {}


@pytest.fixture
def chat(house):
    return chat_rooms(house)


def of(user_id=ANN, *, sees=(CHANNEL, OPEN), opens=(CHANNEL, OPEN), **more):
    who = ann(user_id=user_id, **more)
    return replace(who, sees=lambda one: one in sees, opens=lambda one: one in opens)


async def drawn(house, prompt, who=None, **request):
    house.world.clock.move(seconds=1)
    return (await house.done(PictureRequest(prompt, **request), who or of())).id


async def search(house, chat, who=None, *, private=False, **arguments):
    sheet = await asked(
        house,
        chat,
        "search the gallery",
        called(("search_gallery", arguments)),
        who=who or of(),
        private=private,
    )
    (told,) = results(house)
    return told, sheet


async def test_pictures_are_found_by_words_the_newest_first_and_shown(house, chat):
    for prompt in ("a red fox", "a blue whale", "a sleeping fox"):
        await drawn(house, prompt)

    told, sheet = await search(house, chat, words="fox")

    assert told.index("a sleeping fox") < told.index("a red fox")
    assert "whale" not in told
    assert [name for name, _ in sheet.pictures] == ["found-1.png", "found-2.png"]


async def test_pictures_that_are_only_told_are_not_shown(house, chat):
    await drawn(house, "a red fox")

    _, sheet = await search(house, chat, words="fox", show=False)

    assert sheet.pictures == ()


async def test_secrets_are_told_to_nobody_in_public(house, chat):
    await drawn(house, "a secret fox", of(channel_id=SECRET))
    await drawn(house, "a private fox", private=True)
    await drawn(house, "a fox of others", of(BOB, channel_id=SECRET))
    await drawn(house, "a private fox of others", of(BOB), private=True)
    await drawn(house, "a fox of another server", replace(of(), guild_id=71, channel_id=9))

    told, sheet = await search(house, chat, of(sees=(CHANNEL, OPEN, SECRET)), words="fox")

    assert "Nothing was found" in told
    assert sheet.pictures == ()


@pytest.mark.further
async def test_alone_one_finds_what_one_may_see_and_nothing_else(house, chat):
    await drawn(house, "a secret fox", of(channel_id=SECRET))
    await drawn(house, "a private fox", private=True)
    await drawn(house, "a fox of others", of(BOB, channel_id=THREAD))
    await drawn(house, "a private fox of others", of(BOB), private=True)
    await drawn(house, "a fox of another server", replace(of(), guild_id=71, channel_id=9))

    told, _ = await search(house, chat, private=True, words="fox")

    assert "a secret fox" in told
    assert "a private fox\n" in f"{told}\n"
    assert "of others" not in told
    assert "another server" not in told


async def test_direct_messages_find_ones_own_wherever_it_was_drawn(house, chat):
    await drawn(house, "a private fox", private=True)
    await drawn(house, "a fox of others", of(BOB))

    alone = replace(ann(), guild_id=None, channel_id=4242, is_alone=True)
    told, _ = await search(house, chat, alone, words="fox")

    assert "a private fox" in told
    assert "others" not in told


async def test_a_group_of_strangers_hears_of_no_server(house, chat):
    await drawn(house, "a fox of the server")

    told, _ = await search(house, chat, replace(ann(), guild_id=None, channel_id=4242), words="fox")

    assert "Nothing was found" in told


@pytest.mark.further
async def test_what_was_found_can_be_edited_now_and_later_by_what_it_is_called(house, chat):
    job_id = await drawn(house, "a red fox")
    await asked(house, chat, "find a fox", called(("search_gallery", {"words": "fox"})), who=of(), key=5000)
    assert "[2.0 picture" in talk_of(house)[-1] or "[2.0]" in str(house.world.provider.bodies[-1])

    edit = called(("edit_picture", {"picture": "2.0", "prompt": "make it blue"}))
    await asked(house, chat, "make it blue", edit, who=of(), key=6000, replied_to=5500)

    edited = await house.job(6001)
    assert edited.request.references == (Stored(f"{job_id}-0"),)
    assert edited.parent_job_id == job_id
    said = str(house.world.provider.bodies)
    assert "[2.0 picture" in said


async def test_what_was_found_is_not_sent_again_with_each_question(house, chat):
    await drawn(house, "a red fox")
    await asked(house, chat, "find a fox", called(("search_gallery", {"words": "fox"})), who=of(), key=5000)

    sheet = await asked(house, chat, "thanks", who=of(), key=6000, replied_to=5500)

    assert "image_url" not in str(house.world.provider.bodies[-1])
    assert not any("not looked at" in note for note in sheet.notes)


@pytest.mark.further
async def test_a_found_picture_that_was_deleted_is_gone_from_the_conversation(house, chat):
    job_id = await drawn(house, "a red fox")
    await asked(house, chat, "find a fox", called(("search_gallery", {"words": "fox"})), who=of(), key=5000)
    await house.studio.remove(job_id, of())

    edit = called(("edit_picture", {"picture": "2.0", "prompt": "make it blue"}))
    await asked(house, chat, "make it blue", edit, who=of(), key=6000, replied_to=5500)

    assert "no picture “2.0”" in results(house)[0]
    assert not [path for path in (house.world.folder / "blobs").rglob("*") if path.is_file()]


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"words": "?!"}, "nothing in that to search for"),
        ({"words": 7}, "has to be words"),
        ({"mine": "yes"}, "true or false"),
        ({"words": "x" * 201}, "too long"),
    ],
    ids=str,
)
async def test_a_search_that_makes_no_sense_is_told_to_the_model(house, chat, arguments, told):
    answer, _ = await search(house, chat, **arguments)

    assert told in answer
