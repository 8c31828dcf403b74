from __future__ import annotations

import io
from contextlib import ExitStack

import discord
import pytest
from checks_kit import check_document
from scribe_kit import (
    MENTIONS,
    PARAGRAPHS,
    PATCH,
    QUESTION,
    TYPING,
    Slow,
    begin,
    place,
    pressable,
    shown,
    writes,
)
from time_kit import settle, until
from ui_kit import POST
from world_kit import CHANNEL, GUILD

from bot.domain.splitting import split
from bot.ui import laying
from bot.ui.crowd import CHANGES_PER_S, Crowd
from bot.ui.pages import named
from bot.ui.press import ActButton

__all__ = ["begin", "place"]


class TestWords:
    async def test_the_first_words_are_a_reply_at_once_with_a_button_that_stops(self, begin, place, remote):
        scribe = begin(place)

        await scribe.hear("Light")
        await shown(remote, 1)

        (call,) = remote.named(POST)
        assert call.payload["content"] == "Light"
        assert pressable(call.payload) == ["v2:stop:77"]
        assert int(call.payload["message_reference"]["message_id"]) == QUESTION
        assert call.payload["message_reference"]["fail_if_not_exists"] is False
        assert call.payload["flags"] == 4
        assert call.payload["enforce_nonce"] is True
        check_document(call)

    async def test_a_head_stands_above_the_words_and_never_alone(self, begin, place, remote):
        scribe = begin(place, head="> why?\n")
        await settle()
        assert remote.named(POST) == []

        await scribe.hear("Light")
        await shown(remote, 1)
        await scribe.finish("Light scatters.")
        assert [text for _, text in writes(remote)] == ["> why?\nLight", "> why?\nLight scatters."]

    async def test_what_is_finished_can_say_more_where_it_still_stands(self, begin, place, remote):
        scribe = begin(place)
        await scribe.finish("Light.", notes=["stopped"])

        await scribe.amend("Light.", notes=["stopped · $0.01"])
        remote.refuse(PATCH, 404, 10008)
        await scribe.amend("Light.", notes=["stopped · $0.02"])

        assert [how for how, _ in writes(remote)] == ["post", "edit", "edit"], "what was deleted stays so"
        assert writes(remote)[1][1] == "Light.\n-# stopped · $0.01"

    async def test_nothing_that_a_model_says_pings_but_the_reply_its_author(self, begin, place, remote):
        scribe = begin(place)

        await scribe.hear(MENTIONS)
        await shown(remote, 1)
        await scribe.finish(MENTIONS + "\n" + "\n".join(PARAGRAPHS[:1]))

        assert MENTIONS in writes(remote)[-1][1] or MENTIONS in writes(remote)[-2][1]
        calls = [*remote.named(POST), *remote.named(PATCH)]
        allowed = [call.payload["allowed_mentions"] for call in calls]
        assert all(one["parse"] == [] and not one.get("users") and not one.get("roles") for one in allowed)

    async def test_later_words_come_as_often_as_agreed_and_the_latest_win(
        self, begin, place, remote, loop_clock
    ):
        scribe = begin(place)
        await scribe.hear("One")
        await shown(remote, 1)

        for word in (" two", " three", " four"):
            await scribe.hear(word)
        await loop_clock.move(1.1)
        early = writes(remote)
        await loop_clock.move(0.2)
        await shown(remote, 2)

        assert early == [("post", "One")]
        assert writes(remote) == [("post", "One"), ("edit", "One two three four")]

    async def test_among_many_later_words_come_as_often_as_discord_takes_them_of_all(
        self, begin, place, remote, loop_clock
    ):
        crowd = Crowd()
        scribe = begin(place, crowd=crowd)
        with ExitStack() as others:
            for _ in range(4 * CHANGES_PER_S - 1):
                others.enter_context(crowd.joined())
            await scribe.hear("One")
            await shown(remote, 1)
            await scribe.hear(" two")
            await loop_clock.move(3.9)
            early = writes(remote)
            await loop_clock.move(0.2)
            await shown(remote, 2)
        await scribe.finish("One two three")

        assert early == [("post", "One")]
        assert [text for _, text in writes(remote)] == ["One", "One two", "One two three"], (
            "the end waits for nobody"
        )
        assert crowd.every_s() == 0

    async def test_without_new_words_nothing_is_edited(self, begin, place, remote, loop_clock):
        scribe = begin(place)
        await scribe.hear("One")
        await shown(remote, 1)

        for _ in range(5):
            await scribe.hear(" ")
            await loop_clock.move(3)

        assert len(writes(remote)) == 1

    async def test_a_slow_discord_piles_nothing_up(self, begin, client, remote, loop_clock):
        place = Slow(client, message_id=QUESTION, channel_id=CHANNEL, guild_id=GUILD)
        scribe = begin(place)
        await scribe.hear("0")
        await shown(remote, 1)
        for number in range(1, 50):
            await scribe.hear(f" {number}")
            await loop_clock.move(2)
        waiting = place.waiting

        place.opened.set()
        await scribe.finish("All of it")

        assert waiting == 1
        assert [content for _, content in writes(remote)] == ["0", "0 1", "All of it"]

    async def test_a_finished_message_is_not_touched_again(self, begin, place, remote, loop_clock):
        scribe = begin(place)
        for paragraph in PARAGRAPHS[:3]:
            for word in paragraph.split(" "):
                await scribe.hear(word + " ")
            await scribe.hear("\n\n")
            await loop_clock.move(1.3)
            await until(lambda paragraph=paragraph: paragraph[:20] in writes(remote)[-1][1])
            await settle()

        ids = await scribe.finish("\n\n".join(PARAGRAPHS[:3]))

        assert ids == tuple(sorted(ids))
        assert len(ids) == 3
        assert writes(remote)[-1][1] == PARAGRAPHS[2].strip()
        firsts = [content for _, content in writes(remote) if content.startswith("A")]
        assert len(firsts) <= 2


class TestThinking:
    async def test_typing_is_shown_until_the_first_words(self, begin, place, remote, loop_clock):
        scribe = begin(place, think_s=60)
        await until(lambda: remote.named(TYPING))
        await settle()
        for _ in range(3):
            await loop_clock.move(4.6)
            await settle()
        await until(lambda: len(remote.named(TYPING)) == 2)

        await scribe.hear("Words")
        await shown(remote, 1)
        await loop_clock.move(30)

        assert len(remote.named(TYPING)) == 2

    async def test_after_a_while_a_message_says_so_and_becomes_the_answer(
        self, begin, place, remote, loop_clock
    ):
        scribe = begin(place)
        await settle()
        await loop_clock.move(3.9)
        early = writes(remote)
        await loop_clock.move(0.2)
        await shown(remote, 1)

        await scribe.hear("Here")
        await shown(remote, 2)

        assert early == []
        assert writes(remote) == [("post", "-# Thinking…"), ("edit", "Here")]
        assert pressable(remote.named(POST)[0].payload) == ["v2:stop:77"]


class TestFinish:
    async def test_the_last_message_alone_has_the_notes_and_the_buttons(self, begin, place, remote):
        scribe = begin(place)

        text = "\n\n".join(PARAGRAPHS[:2])
        again = ActButton("reason", 5, label="Reasoning")
        ids = await scribe.finish(text, notes=("$0.0012", "two\nlines"), buttons=(again,))

        first, last = remote.named(POST)
        assert len(ids) == 2
        assert first.payload["content"] == PARAGRAPHS[0].strip()
        assert not first.payload.get("components")
        assert last.payload["content"] == PARAGRAPHS[1].strip() + "\n-# $0.0012\n-# two lines"
        assert pressable(last.payload) == ["v2:reason:5"]
        assert "message_reference" not in last.payload

    async def test_notes_without_room_are_one_more_message(self, begin, place, remote):
        scribe = begin(place)

        ids = await scribe.finish("word " * 375, notes=("n" * 300,))

        assert len(ids) == 2
        assert writes(remote)[1] == ("post", "-# " + "n" * 300)

    async def test_the_stop_button_goes_where_there_are_no_others(self, begin, place, remote):
        scribe = begin(place)
        await scribe.hear("Done")
        await shown(remote, 1)

        await scribe.finish("Done")

        (edit,) = remote.named(PATCH)
        assert edit.payload["components"] == []

    async def test_what_is_shown_already_is_not_edited(self, begin, place, remote):
        scribe = begin(place)
        stop = ActButton("stop", "77", label="Stop", emoji="⏹️")
        await scribe.hear("Done")
        await shown(remote, 1)

        await scribe.finish("Done", buttons=(stop,))

        assert len(writes(remote)) == 1

    async def test_a_long_answer_is_three_messages_and_a_file(self, begin, place, remote):
        scribe = begin(place)
        text = "\n\n".join(PARAGRAPHS)
        await scribe.hear(text)
        await shown(remote, 3)
        while_written = writes(remote)
        picture = discord.File(io.BytesIO(b"png"), "a.png")

        ids = await scribe.finish(text, notes=("$0.01",), files=(picture,))

        (edit,) = remote.named(PATCH)
        assert while_written[2][1].endswith("\n-# … writing")
        assert len(while_written) == len(ids) == 3
        assert edit.payload["content"].endswith(
            "\n-# The answer is longer than this. All of it is in answer.md.\n-# $0.01"
        )
        assert [one["filename"] for one in edit.payload["attachments"]] == ["a.png", "answer.md"]
        assert sorted(edit.files.values()) == sorted([b"png", text.encode()])
        check_document(edit)

    async def test_sources_stand_under_the_answer_before_its_notes_and_in_its_file(
        self, begin, place, remote
    ):
        below = ("Sources:", "1. [A](<https://a.example/>)")

        await begin(place).finish("Short.", notes=("$0.01",), below=below)
        await begin(place).finish("\n\n".join(PARAGRAPHS), below=below)

        short, *_, last = remote.named(POST)
        quiet = "-# Sources:\n-# 1. [A](<https://a.example/>)"
        assert short.payload["content"] == f"Short.\n{quiet}\n-# $0.01"
        assert quiet in last.payload["content"]
        (whole,) = last.files.values()
        assert whole.decode().endswith("\n\nSources:\n1. [A](<https://a.example/>)")

    async def test_messages_that_the_final_text_does_not_need_go(self, begin, place, remote):
        scribe = begin(place)
        await scribe.hear("\n\n".join(PARAGRAPHS[:2]))
        await shown(remote, 2)

        ids = await scribe.finish("Short after all.")

        assert ids == (5001,)
        assert [call.path.rsplit("/", 1)[1] for call in remote.calls if call.method == "DELETE"] == ["5002"]

    async def test_an_empty_answer_says_so(self, begin, place, remote):
        scribe = begin(place)

        await scribe.finish(" \n")

        assert writes(remote) == [("post", "-# The answer is empty.")]


def test_a_part_leaves_room_for_a_quiet_line():
    assert all(len(part) <= laying.ROOM for part in split("word " * 3000, laying.ROOM))
    assert laying.ROOM + len(laying.WHOLE) + 8 <= 2000


@pytest.mark.parametrize("below", [["source " * 150] * 2, ["note " * 240] * 3], ids=["some", "too many"])
@pytest.mark.parametrize("text", ["", "word " * 375], ids=["alone", "below much"])
def test_each_message_leaves_room_for_the_name_of_who_asked(text, below):
    for page in laying.pages_of(text, below=below, notes=["$0.01"]):
        assert named(page, 2**64 - 1) != page
        assert len(named(page, 2**64 - 1).content) <= 2000


def test_of_a_very_long_text_only_the_beginning_is_cut():
    long = "A sentence about paint. " * 4000 + "The end."
    hollow = "One." + "\n" * 30_000 + "The end."

    assert laying.parts_of(long)[:3] == list(split(long, laying.ROOM))[:3]
    assert laying.parts_of(hollow) == list(split(hollow, laying.ROOM))
