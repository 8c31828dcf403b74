"""Collects what there is to translate: sentences of the source, names and descriptions of the commands."""

from __future__ import annotations

import ast
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import MagicMock

from babel.messages.catalog import Catalog
from discord import Locale, app_commands
from discord.http import Route

from bot import catalogues
from bot.app.client import Easel
from bot.app.translator import context_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
TEMPLATE = catalogues.FOLDER / f"{catalogues.DOMAIN}.pot"
ROOMS = ("bot", "cogs")
KEYWORDS = {"tr": 1, "mark": 1, "trn": 2, "typed": 1}
"""The functions that say, mark or read a text, and how many of their arguments are its forms."""
LIMITS = {
    catalogues.COMMAND: 32,
    catalogues.OPTION: 32,
    catalogues.MENU: 32,
    catalogues.CHOICE: 100,
    catalogues.DESCRIPTION: 100,
}
"""Discord's limits of what it shows of commands."""
ARGUMENTS = {"label": 80, "title": 45, "placeholder": 100, "text": 45, "description": 100}
"""Discord's limits of buttons, and of forms' titles, fields and what stands in empty fields."""
POSITIONS = {"CardButton": {2: 80}}
LIMIT = "At most {} characters."
TYPED = "Words that people type, parted by commas; any of them will do, however it is written."
HEADER = """\
Easel's texts. A language is translated in bot/locales/<language>/LC_MESSAGES/easel.po;
CONTRIBUTING.md says how. This file is written by `make words`."""


def template() -> Catalog:
    """Return everything there is to translate, in the order of the files."""
    catalog = Catalog(
        domain=catalogues.DOMAIN,
        header_comment="\n".join(f"# {line}" for line in HEADER.splitlines()),
        project="Easel",
        version=" ",
        msgid_bugs_address=" ",
        creation_date=datetime(2026, 11, 28, tzinfo=UTC),
        revision_date=datetime(2026, 11, 28, tzinfo=UTC),
        last_translator=" ",
        language_team=" ",
        fuzzy=False,
    )
    for context, message, where in dict.fromkeys(asyncio.run(_of_commands())):
        comment = LIMIT.format(LIMITS[context])
        catalog.add(message, context=context, locations=[(where, 0)], auto_comments=[comment])
    for room in ROOMS:
        limits = _limits(room)
        for file, keyword, forms in _of_source(room):
            first, *more = forms
            if keyword == "typed":
                catalog.add(first, context=catalogues.TYPED, locations=[(file, 0)], auto_comments=[TYPED])
                continue
            limited = [LIMIT.format(limits[first])] if first in limits else []
            catalog.add(forms if more else first, locations=[(file, 0)], auto_comments=limited)
    return catalog


class _Collector(app_commands.Translator):
    """Hears of every text that a command shows."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> None:
        """Note a text, once for all languages."""
        where = context_of(context)
        if locale is Locale.german and where is not None:
            self.heard.append((where, string.message))


async def _of_commands() -> list[tuple[str, str, str]]:
    """Return context, text and command of all that Discord shows of commands."""
    texts: list[tuple[str, str, str]] = []
    tree = await commands()
    for command in sorted(tree.get_commands(), key=lambda one: (one.to_dict(tree)["type"], one.name)):
        collector = _Collector()
        await command.get_translated_payload(tree, collector)
        texts += [(context, text, f"/{command.name}".replace(" ", "-")) for context, text in collector.heard]
    return texts


async def commands() -> app_commands.CommandTree[Easel]:
    """Return all commands there are; nothing is connected, and none of them works."""
    bot = Easel(MagicMock(), api_url=Route.BASE, gateway_url=None, reads_messages=False)
    await bot.load(cast("Any", MagicMock()))
    return bot.tree


def _of_source(room: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Return file, function and forms of every text that the source says, marks or reads.

    pybabel reads tokens, of which an f-string is one before Python 3.12: it would miss what is said in it.
    """
    for file in sorted((ROOT / room).rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
            keyword = ast.unparse(call.func)
            count = KEYWORDS.get(keyword, 0)
            forms = tuple(_words(argument) for argument in call.args[:count])
            if forms and all(forms):
                yield file.relative_to(ROOT).as_posix(), keyword, forms


def _words(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _limits(room: str) -> dict[str, int]:
    """Return how long a text may be that stands where Discord has a limit."""
    limits: dict[str, int] = {}
    for file in sorted((ROOT / room).rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call):
                for text, limit in _limited(call):
                    limits[text] = min(limit, limits.get(text, limit))
    return limits


def _limited(call: ast.Call) -> Iterator[tuple[str, int]]:
    name = ast.unparse(call.func).partition("[")[0].rpartition(".")[2]
    positions = POSITIONS.get(name, {})
    placed = ((value, positions.get(place)) for place, value in enumerate(call.args))
    named = ((keyword.value, ARGUMENTS.get(keyword.arg or "")) for keyword in call.keywords)
    for value, limit in (*placed, *named):
        if limit is not None:
            yield from ((text, limit) for text in _said(value))


def _said(value: ast.expr) -> Iterable[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in KEYWORDS:
            yield from (
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
