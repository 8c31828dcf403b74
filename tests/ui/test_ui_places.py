from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord
import pytest
from checks_kit import check_document
from discord_kit import EDGE_429
from people_kit import slash
from time_kit import settle, until
from ui_kit import DELETE as DELETE_ORIGINAL
from ui_kit import EDIT as EDIT_ORIGINAL
from ui_kit import FOLLOW, POST
from world_kit import ANN

from bot.errors import Unreachable
from bot.ui import scribe as scribes
from bot.ui.first_answers import answer_surely
from bot.ui.pages import Page
from bot.ui.places import InteractionPlace
from bot.ui.press import ActButton
from bot.ui.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from discord_kit import Discord
    from time_kit import LoopClock

CALLBACK = "POST /interactions/#/token/callback"
EDIT = "PATCH /webhooks/#/token/messages/#"
CHANNEL_EDIT = "PATCH /channels/#/messages/#"
CHANNEL_DELETE = "DELETE /channels/#/messages/#"
TOO_LATE = 404, {"message": "Unknown interaction", "code": 10062}
WRITES = {CALLBACK, EDIT_ORIGINAL, EDIT, FOLLOW, POST, CHANNEL_EDIT}
TWO = "\n\n".join(f"{letter} goes on and on. " * 80 for letter in "AB")
FIRST, SECOND = (part.strip() for part in TWO.split("\n\n"))


class Clock:
    """The time of day, as a test sets it: that of the interaction at first."""

    def __init__(self, interaction: discord.Interaction) -> None:
        self.now = interaction.created_at

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
async def begin(client: discord.Client, loop_clock: LoopClock) -> AsyncIterator[Callable[..., Any]]:
    """Begin answers to interactions; nothing of them may be left running."""
    begun: list[Scribe] = []

    def begin(*, private: bool = False, **more: Any) -> tuple[Scribe, discord.Interaction, Clock]:
        interaction = discord.Interaction(data=slash("ask", **more), state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand
        clock = Clock(interaction)
        place = InteractionPlace(interaction, private=private, clock=clock)
        begun.append(Scribe(place, stop="77", timer=asyncio.get_running_loop().time))
        return begun[-1], interaction, clock

    yield begin
    for scribe in begun:
        await scribe.aclose()


def names(remote: Discord) -> list[str]:
    return [call.name for call in remote.calls if call.name in WRITES]


def shown(remote: Discord) -> str:
    """Return the content that was written last."""
    payload = next(call for call in reversed(remote.calls) if call.name in WRITES).payload
    return payload.get("data", payload)["content"]


async def written(remote: Discord, count: int) -> None:
    await until(lambda: len(names(remote)) >= count)
    await settle()


async def test_the_first_words_acknowledge_it(begin, remote):
    scribe, _, _ = begin()
    await scribe.hear("One")
    await written(remote, 1)

    ids = await scribe.finish("One two", buttons=(ActButton("reason", 5, label="Reasoning"),))

    first, edit = remote.calls
    assert names(remote) == [CALLBACK, EDIT]
    assert first.payload["data"]["flags"] == 4
    assert first.payload["data"]["allowed_mentions"]["parse"] == []
    assert edit.payload["content"] == "One two"
    assert edit.payload["allowed_mentions"]["parse"] == []
    assert ids == (5001,)
    for call in remote.calls:
        check_document(call)


async def test_it_is_acknowledged_after_a_second_without_words(begin, remote, loop_clock):
    scribe, _, _ = begin()
    await settle()
    await loop_clock.move(1.1)
    await written(remote, 1)

    await scribe.finish("One")

    assert names(remote) == [CALLBACK, EDIT]
    assert remote.calls[0].payload["data"]["content"] == "-# Thinking…"
    assert shown(remote) == "One"


async def test_what_the_caller_has_deferred_is_edited_and_its_links_do_not_unfurl(begin, remote):
    scribe, interaction, _ = begin()
    await interaction.response.defer(thinking=True)

    ids = await scribe.finish("See https://example.org")

    edit = remote.named(EDIT_ORIGINAL)[0]
    assert edit.payload["flags"] == 4
    assert edit.payload["content"] == "See https://example.org"
    assert len(ids) == 1
    check_document(edit)


async def test_an_acknowledgement_whose_answer_was_lost_is_not_made_twice(begin, remote):
    scribe, _, _ = begin()
    remote.refuse(CALLBACK, 400, 40060)

    await scribe.finish("One")

    assert names(remote) == [CALLBACK, EDIT_ORIGINAL]


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_what_follows_is_as_private_as_the_first(begin, remote, private):
    scribe, _, _ = begin(private=private)

    ids = await scribe.finish(TWO)

    first, follow = remote.calls
    assert (first.name, follow.name) == (CALLBACK, FOLLOW)
    assert [first.payload["data"]["flags"] & 64, follow.payload["flags"] & 64] == [64 * private] * 2
    assert follow.payload["flags"] & 4
    assert len(ids) == 2
    check_document(follow)


async def test_after_fifteen_minutes_it_goes_on_in_the_channel(begin, remote):
    scribe, _, clock = begin()
    await scribe.hear(FIRST)
    await written(remote, 1)
    clock.now += timedelta(minutes=15)

    ids = await scribe.finish(TWO)

    assert names(remote) == [CALLBACK, CHANNEL_EDIT, POST]
    assert len(ids) == 2
    assert shown(remote) == SECOND


@pytest.mark.parametrize(
    "more",
    [{"private": True}, {"app_permissions": 0}, {"by_person": True}],
    ids=["a private answer", "no permission", "an app that is not in the server"],
)
async def test_where_it_cannot_go_on_it_says_so_before_it_is_over(begin, remote, loop_clock, more):
    scribe, _, clock = begin(**more)
    await scribe.hear("One")
    await written(remote, 1)
    clock.now += timedelta(minutes=14, seconds=35)
    await scribe.hear(" two")
    await loop_clock.move(1.3)
    await written(remote, 2)

    clock.now += timedelta(minutes=1)
    ids = await scribe.finish("One two three")

    assert names(remote) == [CALLBACK, EDIT]
    assert shown(remote) == f"One two\n-# {scribes.CLOSING}"
    assert ids == (5001,)


async def test_it_wakes_to_say_so_though_nothing_new_comes(begin, remote, loop_clock):
    scribe, _, clock = begin(private=True)
    await scribe.hear("One")
    await written(remote, 1)
    await loop_clock.move(1.3)
    clock.now += timedelta(minutes=14, seconds=35)
    await loop_clock.move(15 * 60)

    await written(remote, 2)

    assert shown(remote) == f"One\n-# {scribes.CLOSING}"
    await scribe.finish("One")


async def test_a_token_that_is_over_too_soon_is_no_end(begin, remote):
    scribe, _, _ = begin()
    await scribe.hear(FIRST)
    await written(remote, 1)
    remote.refuse(FOLLOW, 401, 50027)

    ids = await scribe.finish(TWO)

    assert names(remote)[-2:] == [FOLLOW, POST]
    assert len(ids) == 2


@pytest.mark.parametrize(
    "refusals",
    [[TOO_LATE], [(EDGE_429, {"Retry-After": "5"}), TOO_LATE]],
    ids=["too late at once", "first refused, then too late"],
)
async def test_acknowledged_too_late_it_is_one_answer_in_the_channel_that_names_who_asked(
    begin, remote, refusals, loop_clock
):
    answer_surely()
    remote.answers[CALLBACK] = [*refusals]
    scribe, _, _ = begin()
    for count, words in enumerate(("You", " said:", " foxes", " live"), start=1):
        await scribe.hear(words)
        await written(remote, count)
        await loop_clock.move(1.3)

    ids = await scribe.finish("You said: foxes live here.")

    (post,) = remote.named(POST)
    assert {EDIT, EDIT_ORIGINAL, FOLLOW}.isdisjoint(names(remote))
    assert len(remote.named(CALLBACK)) == len(refusals)
    assert post.payload["content"].startswith(f"<@{ANN}>\nYou")
    assert post.payload["allowed_mentions"]["users"] == [str(ANN)]
    assert names(remote)[-1] == CHANNEL_EDIT
    assert shown(remote) == f"<@{ANN}>\nYou said: foxes live here."
    assert len(ids) == 1
    check_document(post)


async def test_acknowledged_too_late_with_files_it_goes_to_the_channel_with_them(begin, remote):
    remote.answers[CALLBACK] = [TOO_LATE]
    scribe, _, _ = begin()

    await scribe.finish("Here", files=[discord.File(io.BytesIO(b"a,b"), "data.csv")])

    assert names(remote) == [CALLBACK, POST]
    assert list(remote.calls[-1].files.values()) == [b"a,b"]


async def test_in_the_channel_only_its_first_message_names_who_asked_and_the_rest_can_go(begin, remote):
    remote.answers[CALLBACK] = [TOO_LATE]
    scribe, _, _ = begin()
    await scribe.hear(TWO)
    await written(remote, 3)

    await scribe.finish("Short.")

    assert [call.payload["content"].split()[0] for call in remote.named(POST)] == [f"<@{ANN}>", "B"]
    assert [call.name for call in remote.calls][-2:] == [CHANNEL_EDIT, CHANNEL_DELETE]


async def test_a_failure_after_thinking_in_the_channel_takes_its_place(begin, remote, loop_clock):
    remote.answers[CALLBACK] = [TOO_LATE]
    scribe, _, _ = begin()
    await settle()
    await loop_clock.move(1.1)
    await written(remote, 2)

    await scribe.fail("", "The model is busy.")

    assert names(remote) == [CALLBACK, POST, CHANNEL_EDIT]
    assert remote.named(POST)[0].payload["content"] == f"<@{ANN}>\n-# Thinking…"
    assert shown(remote) == f"<@{ANN}>\nThe model is busy."


@pytest.mark.parametrize("posted", [False, True], ids=["before", "after"])
async def test_what_stands_in_the_channel_cannot_be_hushed(client, remote, posted):
    interaction = discord.Interaction(data=slash("ask"), state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand
    place = InteractionPlace(interaction, clock=Clock(interaction))
    remote.answers[CALLBACK] = [TOO_LATE]

    if posted:
        await place.post(Page("One"), "nonce")

    assert place.hushes() is not posted


async def test_a_message_whose_token_is_over_too_soon_is_changed_as_the_bot(begin, remote):
    scribe, _, _ = begin()
    await scribe.hear("One")
    await written(remote, 1)
    remote.refuse(EDIT, 404, 10015)

    ids = await scribe.finish("One two")

    assert names(remote) == [CALLBACK, EDIT, CHANNEL_EDIT]
    assert shown(remote) == "One two"
    assert ids == (5001,)


async def test_without_any_way_it_is_unreachable(begin, remote):
    scribe, _, _ = begin(private=True)
    remote.refuse(CALLBACK, 404, 10062)

    with pytest.raises(Unreachable):
        await scribe.finish("One")


async def test_a_refusal_before_anything_is_shown_is_private(begin, remote):
    scribe, _, _ = begin()

    await scribe.fail("", "You have used today's messages.")

    (call,) = remote.calls
    assert call.name == CALLBACK
    assert call.payload["data"]["flags"] & 64
    assert call.payload["data"]["content"] == "You have used today's messages."


async def test_a_refusal_after_thinking_is_private_and_takes_that_away(begin, remote, loop_clock):
    scribe, _, _ = begin()
    await settle()
    await loop_clock.move(1.1)
    await written(remote, 1)

    await scribe.fail("", "The model is busy.")

    assert [call.name for call in remote.calls] == [
        CALLBACK,
        FOLLOW,
        DELETE_ORIGINAL.replace("@original", "#"),
    ]
    assert remote.calls[1].payload["flags"] & 64


async def test_a_refusal_after_a_deferral_is_private_and_takes_that_away_first(begin, remote):
    scribe, interaction, _ = begin()
    await interaction.response.defer(thinking=True)

    await scribe.fail("", "The model is busy.")

    assert [call.name for call in remote.calls] == [CALLBACK, DELETE_ORIGINAL, FOLLOW]
    assert remote.calls[2].payload["flags"] & 64
