"""Everybody is answered in their own language, however they act."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from checks_kit import components_of, texts_of
from people_kit import pick, press, slash, snowflake
from world_kit import ANN, BOB, CHANNEL, GUILD, NOW

from bot.domain.conversation import PLAIN, Speaker, Turn
from bot.services.context import _orders, _without_words
from bot.services.preferences import Usual
from bot.storage.preferences import PreferenceRows
from bot.texts import speak

if TYPE_CHECKING:
    from cogs_kit import Stage

GERMAN_QUEUE = "### Die Warteschlange\nFür dich läuft gerade nichts."
ENGLISH_QUEUE = "### The queue\nNothing is under way for you."


async def queue(stage: Stage, n: int, **more) -> str:
    (call,) = await stage.act(slash("queue", interaction_id=n, **more))
    (text,) = texts_of(call.payload["data"])
    return text


async def test_a_command_is_answered_in_the_language_that_discord_is_seen_in(stage: Stage, german):
    assert await queue(stage, 1, locale="de") == GERMAN_QUEUE
    assert await queue(stage, 2) == ENGLISH_QUEUE, "the next one is not answered in German"
    assert await queue(stage, 3, locale="uk") == ENGLISH_QUEUE


async def test_a_preference_goes_before_what_discord_says(stage: Stage, german):
    await stage.act(pick(f"v2p:prefer:language:{ANN}", "de", interaction_id=1))

    assert await queue(stage, 2) == GERMAN_QUEUE
    assert await queue(stage, 3, user_id=BOB) == ENGLISH_QUEUE


async def test_a_press_is_answered_in_the_language_of_who_presses(stage: Stage, german):
    said = await stage.said(press("v2:nobody", locale="de"))

    assert said.startswith("Dieser Knopf ist von einer anderen Fassung von Easel.")
    assert said.endswith("/malen neu an.")


async def test_an_error_is_told_in_the_language_of_who_made_it(stage: Stage, german):
    said = await stage.said(slash("imagine", {"prompt": "\u200b"}, locale="de"))

    assert said == "Der Prompt ist leer. Sag kurz, was zu malen ist."


async def test_a_card_is_in_the_language_of_who_asked_and_the_row_remembers_it(stage: Stage, german):
    calls = await stage.act(slash("imagine", {"prompt": "a cat"}, interaction_id=5, locale="de"))

    assert (await stage.house.job(int(snowflake(5)))).language == "de"
    labels = [one.get("label") for one in components_of(calls[-1].payload)]
    assert "Nochmal" in labels


@pytest.mark.further
async def test_a_message_is_answered_by_preference_then_as_its_author_was_seen_then_as_its_server(
    stage: Stage,
):
    usual = stage.bot.services.usual
    assert await usual.language_in(ANN, "fr") == ("fr", False)
    assert await usual.language_in(ANN, None) == ("en", False)

    await queue(stage, 1, locale="de")
    assert await usual.language_in(ANN, "fr") == ("de", False)
    assert await usual.language_in(BOB, "fr") == ("fr", False)

    await stage.act(pick(f"v2p:prefer:language:{ANN}", "ja", interaction_id=2))
    assert await usual.language_in(ANN, "fr") == ("ja", True)


async def test_a_message_is_answered_after_a_restart_as_the_latest_command_was(stage: Stage, german):
    await stage.act(slash("imagine", {"prompt": "a cat"}, interaction_id=5, locale="fr"))
    await stage.act(slash("imagine", {"prompt": "a dog"}, interaction_id=6, locale="de"))
    await stage.act(slash("imagine", {"prompt": "a cow"}, interaction_id=7, locale="ja"))
    said = "UPDATE job SET token_expires_at = created_at WHERE id = :id"
    await stage.house.database.change(said, {"id": int(snowflake(7))})
    services = stage.bot.services
    started = Usual(PreferenceRows(stage.house.database), services.styles, stage.house.planner, lambda: NOW)

    assert await started.language_in(ANN, "fr") == ("de", False)
    assert await started.language_in(BOB, "fr") == ("fr", False)
    assert await started.language_of(ANN, "ja") == ("ja", False)
    assert await started.language_in(ANN, "fr") == ("ja", False)


async def test_the_model_is_told_a_language_that_was_asked_for_and_no_other():
    async def told(language: str, *, is_wish: bool) -> str:
        speak(language, is_wish=is_wish)
        return _orders(PLAIN)

    seen, wished = await asyncio.gather(told("de", is_wish=False), told("pt-BR", is_wish=True))

    assert "Answer in the language of the person who asks." in seen
    assert "asked to be answered" not in seen
    assert wished.endswith("They have asked to be answered in Portuguese (Brazil).")


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("", "ja", "(without words; they read Japanese)\n"),
        (" ", "pt-BR", "(without words; they read Portuguese (Brazil))\n"),
        ("", "uk", "(without words; they read Ukrainian)\n"),
        ("", "no such", ""),
        ("", None, ""),
        ("¿Qué es?", "de", ""),
    ],
)
def test_the_model_is_told_the_language_of_who_brings_a_picture_without_words(text, language, said):
    turn = Turn(1, CHANNEL, GUILD, None, Speaker.PERSON, ANN, "Ann", text, NOW, language=language)

    assert _without_words(turn) == said
