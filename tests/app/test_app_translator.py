"""What Discord is told of commands: all of it can be translated, and no language makes it too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.pofile import read_po
from desk_kit import services_of
from discord_kit import an_easel

from bot import catalogues
from bot.catalogues import CHOICE, COMMAND, DESCRIPTION, MENU, OPTION
from bot.storage.meta import Meta
from translation.template import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from discord_kit import Discord
    from house_kit import House

    Item = dict[str, Any]

MOST = 8000
"""Characters of a command: names, descriptions and values, of each text the longest translation."""
ROOM = 1.5
"""How much longer translations may be than English before they are here to be measured."""
MENUS = {2, 3}
SUBCOMMANDS = {1, 2}


@pytest.fixture
async def published(remote: Discord, house: House) -> AsyncIterator[list[Item]]:
    easel = an_easel(house)
    await easel.load(services_of(house, easel))
    await easel.log_in("token")
    await easel.publish_commands(Meta(house.database))
    (call,) = remote.named("PUT /applications/#/commands")
    yield call.payload
    await easel.close()


@pytest.fixture
def german(tmp_path, monkeypatch) -> Iterator[None]:
    """Let there be German for a few texts of commands, among them two options of the same name."""
    words = [
        ("command", "imagine", "zeichnen"),
        ("option", "aspect", "form"),
        ("option", "quality", "form"),
        ("menu", "Edit image", "Bild ändern"),
        ("choice", "Pictures a day", "Bilder am Tag"),
        ("description", "Who may use how much", "Wer wie viel benutzen darf, lang gesagt"),
    ]
    text = "\n\n".join(f'msgctxt "{a}"\nmsgid "{b}"\nmsgstr "{c}"' for a, b, c in words)
    path = tmp_path / "de/LC_MESSAGES/easel.po"
    path.parent.mkdir(parents=True)
    path.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{text}\n')
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.forget()
    yield
    catalogues.forget()


def shown(item: Item, depth: int = 0) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what Discord shows of a command: context, text, and how languages have it."""
    other = dict.fromkeys(SUBCOMMANDS, COMMAND) if depth else dict.fromkeys(MENUS, MENU)
    context = other.get(item["type"], OPTION if depth else COMMAND)
    yield context, item["name"], item.get("name_localizations") or {}
    if item.get("description"):
        yield DESCRIPTION, item["description"], item.get("description_localizations") or {}
    for choice in item.get("choices", []):
        yield CHOICE, choice["name"], choice.get("name_localizations") or {}
    for option in item.get("options", []):
        yield from shown(option, depth + 1)


def values(item: Item) -> int:
    own = sum(len(str(choice["value"])) for choice in item.get("choices", []))
    return own + sum(values(option) for option in item.get("options", []))


def size(item: Item) -> int:
    texts = ((text, *said.values()) for _, text, said in shown(item))
    return values(item) + sum(max(map(len, each)) for each in texts)


def alike(siblings: list[Item]) -> Iterator[tuple[str, list[str]]]:
    """Yield languages in which two of what stands side by side have one name, and the names there."""
    for language in {"", *(tag for one in siblings for tag in one.get("name_localizations") or {})}:
        names = [(one.get("name_localizations") or {}).get(language, one["name"]) for one in siblings]
        if len(set(names)) < len(names):
            yield language, names
    for one in siblings:
        yield from alike(one.get("options", []))
        yield from alike(one.get("choices", []))


async def test_whatever_discord_shows_of_commands_is_there_to_be_translated(published: list[Item]):
    with TEMPLATE.open("rb") as file:
        there = {(message.context, message.id) for message in read_po(file)}

    wanted = {(context, text) for command in published for context, text, _ in shown(command)}
    assert wanted - there == set()
    assert {context for context, _ in wanted} == {COMMAND, OPTION, MENU, CHOICE, DESCRIPTION}
    assert (COMMAND, "privacy") in wanted


async def test_no_command_has_more_characters_than_discord_takes(published: list[Item]):
    sizes = {command["name"]: size(command) for command in published}
    assert {name: count for name, count in sizes.items() if count > MOST} == {}
    (manage,) = [command for command in published if command["name"] == "manage"]
    english = sum(len(text) for _, text, _ in shown(manage))
    assert english * ROOM + values(manage) <= MOST


@pytest.mark.further
async def test_nothing_has_the_name_of_what_stands_beside_it_in_any_language(published: list[Item]):
    assert list(alike([one for one in published if one["type"] not in MENUS])) == []
    assert list(alike([one for one in published if one["type"] in MENUS])) == []


@pytest.mark.usefixtures("german")
async def test_languages_are_told_to_discord_and_count(published: list[Item]):
    told = {(context, text): said for command in published for context, text, said in shown(command)}

    assert told[MENU, "Edit image"] == {"de": "Bild ändern"}
    assert told[CHOICE, "Pictures a day"] == {"de": "Bilder am Tag"}
    assert told[COMMAND, "imagine"] == {"de": "zeichnen"}
    assert ("de", "form") in {(tag, name) for tag, names in alike(published) for name in names}
    (quota,) = [
        area
        for one in published
        if one["name"] == "manage"
        for area in one["options"]
        if area["name"] == "quota"
    ]
    longer = len("Wer wie viel benutzen darf, lang gesagt") - len("Who may use how much")
    bare = quota | {"description_localizations": {}}
    assert size(quota) - size(bare) == longer
