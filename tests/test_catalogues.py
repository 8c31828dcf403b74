from __future__ import annotations

import asyncio
import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from discord.http import Route
from german_kit import german

from bot import catalogues, texts
from bot.app.translator import Translator
from bot.texts import END, ISOLATE, isolated, language, listed, speaking, tr, trn
from translation.check import NAME, faults
from translation.template import TEMPLATE, commands, template

__all__ = ["german"]
LANGUAGES = sorted(path.name for path in catalogues.FOLDER.iterdir() if path.is_dir())
MOST_OF_A_COMMAND = 8000
"""Discord's limit of a command's names, descriptions and values; of its languages the longest counts."""


@pytest.fixture(scope="module")
def current():
    before = Route.BASE
    yield template()
    Route.BASE = before


def test_the_template_has_everything_there_is_to_say_and_no_more(current):
    with TEMPLATE.open("rb") as file:
        written = read_po(file)

    told = {(message.context, message.id) for message in written if message.id}
    wanted = {(message.context, message.id) for message in current if message.id}
    assert told == wanted, "make words"


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_is_complete_and_keeps_what_has_to_be_kept(current, name):
    assert faults(name, current) == []


def test_commands_are_within_discord_s_limits_in_every_language():
    before = Route.BASE
    payloads = asyncio.run(_payloads())
    Route.BASE = before

    for payload in payloads:
        assert _longest(payload) <= MOST_OF_A_COMMAND
        _check(payload)


async def _payloads():
    tree = await commands()
    return [await command.get_translated_payload(tree, Translator()) for command in tree.get_commands()]


def _longest(payload):
    """Return the characters that count: of each text the longest language's."""
    own = sum(
        max(map(len, (payload.get(field) or "", *(payload.get(f"{field}_localizations") or {}).values())))
        for field in ("name", "description")
    )
    choices = sum(_longest(one) + len(str(one["value"])) for one in payload.get("choices") or ())
    return own + choices + sum(map(_longest, payload.get("options") or ()))


def _check(payload):
    """Check names and descriptions of a command and all in it; beside one another no two are alike."""
    is_menu = payload.get("type") in {2, 3} and "options" not in payload
    for name in (payload["name"], *(payload.get("name_localizations") or {}).values()):
        assert len(name) <= 32 if is_menu else NAME.fullmatch(name) and name == name.lower(), name
    for said in (payload.get("description_localizations") or {}).values():
        assert 1 <= len(said) <= 100, said
    for choice in payload.get("choices") or ():
        assert choice["name"] != choice["value"], "a code, where people read"
    inside = payload.get("options") or ()
    for locale in {key for one in inside for key in one.get("name_localizations") or {}}:
        names = [(one.get("name_localizations") or {}).get(locale, one["name"]) for one in inside]
        assert len(set(names)) == len(names), (locale, names)
    for one in inside:
        _check(one)


def test_numbers_money_lists_and_plurals_are_the_language_s_own(german):
    with speaking("de"):
        said = (
            trn("{count} picture", "{count} pictures", 1),
            trn("{count} picture", "{count} pictures", 1234),
        )
        also = listed(["a", "b", "c"]), texts.percent(0.8), texts.decimal(1.5)

    assert said == ("1 Bild", "1.234 Bilder")
    assert also == ("a, b und c", "80\u00a0%", "1,50")


def test_texts_call_commands_and_options_as_discord_shows_them(german):
    with speaking("de"):
        assert tr("Start again with /imagine.") == "Fang mit /malen neu an."
        assert tr("Use /chat new in a channel.") == "Nimm /chat neu in einem Kanal."
        assert tr("Draw with `style: none` and `/imagine`.") == "Male mit `stil: none` und `/malen`."
        assert tr("Say `/chat style: none`.") == "Sag `/chat stil: none`."
    assert texts.of_command("description", "Go on with /chat new", "de") == "Weiter mit /chat neu"


def test_both_spanishes_have_one_catalogue_and_numbers_of_their_own():
    assert {catalogues.name_of(tag) for tag in ("es", "es-ES", "es-419")} == {"es"}
    with speaking("es-ES"):
        spain = texts.decimal(1.5)
    with speaking("es-419"):
        assert (spain, texts.decimal(1.5)) == ("1,50", "1.50")


@pytest.mark.parametrize("words", ["قطة تجلس", "חתול יושב"], ids=["Arabic", "Hebrew"])
def test_words_from_right_to_left_turn_nothing_round_beside_them(german, words):
    with speaking("de"):
        assert tr("{name} is deleted.", name=words) == f"{ISOLATE}{words}{END} ist gelöscht."
        assert tr("{name} is deleted.", name="Katze") == "Katze ist gelöscht."
    assert isolated(f"{words} 12") == f"{ISOLATE}{words} 12{END}"


async def test_discord_is_told_names_in_each_language_it_knows_of_easel_s(german):
    tree = await commands()
    payloads = {one.name: await one.get_translated_payload(tree, Translator()) for one in tree.get_commands()}

    imagine = payloads["imagine"]
    assert imagine["name_localizations"] == {"de": "malen"}
    assert imagine["description_localizations"] == {"de": "Male Bilder nach einer Beschreibung."}
    style = next(one for one in imagine["options"] if one["name"] == "style")
    assert style["name_localizations"] == {"de": "stil"}
    assert payloads["Edit image"]["name_localizations"] == {"de": "Bild bearbeiten"}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", "not translated"),
        ("Male mit `stil: none` und `/imagine`.", "in place of"),
        ("Male mit `style: none` und `/imagine` {x}.", "placeholders"),
        ("Male mit `style: none` und `/imagine` {.", "braces"),
        ("Male «mit» `style: none` und `/imagine`.", "marks"),
    ],
)
def test_what_is_wrong_with_a_translation_is_found(german, said, fault):
    message = "Draw with `style: none` and `/imagine`."
    known = Catalog()
    for one in german:
        known.add(one.id, context=one.context) if one.id else None
    german.get(message).string = said
    with catalogues.po_path("de").open("wb") as file:
        write_po(file, german)

    (found,) = faults("de", known)
    assert re.search(fault, found)


async def test_a_language_holds_to_the_end_of_its_block_alone():
    with speaking("de"):
        assert language() == "de"
    assert language() == "en"
