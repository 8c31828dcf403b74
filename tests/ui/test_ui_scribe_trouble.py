from __future__ import annotations

import asyncio

import pytest
import stamina
from people_kit import DM
from scribe_kit import (
    PARAGRAPHS,
    PATCH,
    QUESTION,
    Slow,
    begin,
    place,
    pressable,
    shown,
    writes,
)
from time_kit import settle, until
from ui_kit import OPEN_DM, POST
from world_kit import CHANNEL, GUILD

from bot.errors import Unreachable
from bot.ui import laying
from bot.ui import scribe as scribes
from bot.ui.press import ActButton

__all__ = ["begin", "place"]


class TestTrouble:
    async def test_an_edit_that_fails_is_made_up_for_by_the_next(self, begin, place, remote, loop_clock):
        scribe = begin(place)
        await scribe.hear("One")
        await shown(remote, 1)
        remote.refuse(PATCH, 500, times=5)
        await scribe.hear(" two")
        await loop_clock.move(1.3)
        await until(lambda: not remote.answers[PATCH])
        await settle()

        await scribe.hear(" three")
        await loop_clock.move(1.3)
        await until(lambda: len(remote.named(PATCH)) == 6)

        assert writes(remote)[-1] == ("edit", "One two three")

    @pytest.mark.parametrize("status", [500, 503, -429], ids=["500", "503", "429 of the edge"])
    async def test_trouble_at_the_end_is_waited_out(self, begin, place, remote, status):
        scribe = begin(place)
        await scribe.hear("One")
        await shown(remote, 1)
        remote.refuse(PATCH, status, times=5)

        ids = await scribe.finish("One two")

        assert ids == (5001,)
        assert writes(remote)[-1] == ("edit", "One two")

    async def test_a_wait_of_an_hour_is_not_waited_for(self, begin, place, remote):
        scribe = begin(place)
        await scribe.hear("One")
        await shown(remote, 1)
        said = {"message": "You are being rate limited.", "retry_after": 3600, "global": False}
        remote.answers[PATCH] = [(429, said)] * 5

        with pytest.raises(Unreachable, match="could not be shown"):
            await scribe.finish("One two")

        assert len(remote.named(PATCH)) == 1

    async def test_trouble_that_lasts_is_said(self, begin, place, remote):
        scribe = begin(place)
        remote.refuse(POST, 500, times=30)
        stamina.set_testing(testing=True, attempts=2)

        with pytest.raises(Unreachable):
            await scribe.finish("One")

    async def test_a_message_whose_answer_was_lost_is_not_posted_twice(self, begin, place, remote):
        scribe = begin(place)
        remote.refuse(POST, 0, times=1)
        await scribe.hear("One")
        await until(lambda: len(remote.named(POST)) == 1)

        await scribe.finish("One two")

        nonces = {call.payload["nonce"] for call in remote.named(POST)}
        assert len(nonces) == 1
        assert writes(remote)[-1] == ("edit", "One two")

    async def test_a_message_that_a_moderator_deleted_comes_back_once_and_at_the_end(
        self, begin, place, remote, loop_clock
    ):
        scribe = begin(place)
        await scribe.hear("One")
        await shown(remote, 1)
        for word in (" two", " three"):
            remote.refuse(PATCH, 404, 10008)
            await scribe.hear(word)
            await loop_clock.move(1.3)
            await until(lambda: not remote.answers[PATCH])
            await settle()
        await scribe.hear(" four")
        await loop_clock.move(1.3)
        posted = len(remote.named(POST))

        ids = await scribe.finish("One two three four")

        assert posted == 2
        assert ids == (5003,)
        assert writes(remote)[-1] == ("post", "One two three four")

    async def test_a_closed_channel_leaves_direct_messages(self, begin, place, remote):
        scribe = begin(place)
        remote.refuse(POST, 403, 50013)
        await scribe.hear("One")
        await shown(remote, 2)

        ids = await scribe.finish("One two")

        assert len(remote.named(OPEN_DM)) == 1
        assert ids == (5001,)
        assert remote.named(PATCH)[-1].path.startswith(f"/channels/{DM}/")

    async def test_without_any_way_it_is_unreachable(self, begin, place, remote):
        scribe = begin(place)
        remote.refuse(POST, 403, 50013)
        remote.refuse(POST, 403, 50007)

        with pytest.raises(Unreachable):
            await scribe.finish("One")

    async def test_where_replies_are_not_allowed_it_is_a_plain_message(self, begin, place, remote):
        scribe = begin(place)
        remote.refuse(POST, 400, 160002)

        await scribe.finish("One")

        assert "message_reference" not in remote.named(POST)[-1].payload

    async def test_where_files_are_not_taken_the_words_are_shown(self, begin, place, remote):
        scribe = begin(place)
        await scribe.hear("\n\n".join(PARAGRAPHS))
        await shown(remote, 3)
        remote.refuse(PATCH, 403, 50013)

        ids = await scribe.finish("\n\n".join(PARAGRAPHS))

        last = remote.named(PATCH)[-1]
        assert len(ids) == 3
        assert "answer.md" not in last.payload["content"]
        assert "attachments" not in last.payload


class TestFail:
    async def test_what_came_stays_and_below_it_stands_what_happened(self, begin, place, remote):
        scribe = begin(place)
        await scribe.hear("Half an")
        await shown(remote, 1)

        await scribe.fail("Half an", "The model stopped.", (ActButton("retry", 7, label="Try again"),))

        (edit,) = remote.named(PATCH)
        assert edit.payload["content"] == "Half an\n-# The model stopped."
        assert pressable(edit.payload) == ["v2:retry:7"]

    async def test_without_words_the_sentence_stands_alone(self, begin, place, remote):
        scribe = begin(place)

        ids = await scribe.fail("", "The model is busy.")

        assert writes(remote) == [("post", "The model is busy.")]
        assert ids == (5001,)

    async def test_it_takes_the_place_of_thinking(self, begin, place, remote, loop_clock):
        scribe = begin(place)
        await settle()
        await loop_clock.move(4.1)
        await shown(remote, 1)

        await scribe.fail("", "The model is busy.")

        assert writes(remote)[1:] == [("edit", "The model is busy.")]


async def begun_to_finish(begin, client, remote):
    """Return an answer that shows its first word, and whose end waits for an edit of its place."""
    place = Slow(client, message_id=QUESTION, channel_id=CHANNEL, guild_id=GUILD)
    scribe = begin(place)
    await scribe.hear("One")
    await shown(remote, 1)
    finishing = asyncio.create_task(scribe.finish("One two"))
    await until(lambda: place.waiting)
    return place, scribe, finishing


class TestEnd:
    async def test_an_answer_cut_off_says_so(self, begin, place, remote):
        scribe = begin(place)
        await scribe.hear("Half an")
        await shown(remote, 1)

        await scribe.aclose()

        assert writes(remote)[-1] == ("edit", f"Half an\n-# {scribes.BROKE_OFF}")
        assert remote.named(PATCH)[-1].payload["components"] == []

    async def test_an_answer_left_to_the_next_start_stays_as_begun(self, begin, client, remote):
        place, scribe, finishing = await begun_to_finish(begin, client, remote)

        scribe.leave()
        finishing.cancel()
        await asyncio.wait({finishing})
        place.opened.set()
        await scribe.aclose()

        assert writes(remote) == [("post", "One")], "what it says is what came, and that it can be stopped"

    async def test_an_answer_left_before_its_first_words_still_says_that_it_is_thought_about(
        self, begin, place, remote, loop_clock
    ):
        scribe = begin(place)
        await loop_clock.move(5)
        await shown(remote, 1)

        scribe.leave()
        await scribe.aclose()

        assert writes(remote) == [("post", laying.THINKING)]
        assert remote.named("DELETE /channels/#/messages/#") == []

    async def test_nothing_is_posted_for_an_answer_that_is_left_before_its_first_words(
        self, begin, place, remote
    ):
        scribe = begin(place)

        scribe.leave()
        await scribe.aclose()

        assert writes(remote) == []

    async def test_after_the_end_closing_changes_nothing(self, begin, place, remote):
        scribe = begin(place)
        await scribe.finish("All")

        await scribe.hear(" more")
        await scribe.aclose()

        assert writes(remote) == [("post", "All")]

    async def test_finishing_may_be_cancelled_and_then_broken_off(self, begin, client, remote):
        place, scribe, finishing = await begun_to_finish(begin, client, remote)

        finishing.cancel()
        await asyncio.wait({finishing})
        place.opened.set()
        await scribe.aclose()

        assert finishing.cancelled()
        assert writes(remote)[-1] == ("edit", f"One\n-# {scribes.BROKE_OFF}")
