"""The cards of /help, made from the command tree: a short tour, and every command by area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui

from bot.catalogues import DESCRIPTION, MENU
from bot.texts import language, of_command, tr
from bot.ui.cards import panel
from bot.ui.press import ActButton, PickMenu

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from discord.app_commands import CommandTree

HELP = "help"
HOME, MENUS, MORE, MANAGE = "home", "menus", "more", "manage"
AREAS = {
    "draw": ("imagine", "edit", "blend", "batch", "style", "tray"),
    "read": ("describe", "extract"),
    "talk": ("ask", "chat"),
    "find": ("show", "gallery", "queue"),
    "yours": ("preferences", "quota", "privacy", "help"),
    MANAGE: ("manage",),
}
"""Which commands stand together; one that is not named here stands under MORE."""
EMOJI = {
    HOME: "🏠",
    "draw": "🎨",
    "read": "🔎",
    "talk": "💬",
    "find": "🖼️",
    "yours": "👤",
    MANAGE: "🛠️",
    MORE: "✨",
    MENUS: "🖱️",
}
PAGE = 3000
"""Characters of commands on a card; a message holds 4,000 in all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that somebody can use here, as they write it."""

    path: str
    says: str

    @property
    def root(self) -> str:
        """Return the first of its words."""
        return self.path.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Guide:
    """What somebody can use where they are: commands, menus on messages, and the ids of commands."""

    entries: tuple[Entry, ...]
    menus: tuple[str, ...]
    ids: Mapping[str, int]

    def mention(self, path: str) -> str:
        """Return a command as something to click on, where Discord told its id; else by its name."""
        command_id = self.ids.get(path.partition(" ")[0])
        return f"**/{path}**" if command_id is None else f"</{path}:{command_id}>"

    def offers(self, path: str) -> bool:
        """Tell whether somebody can use a command here."""
        return any(one.path == path for one in self.entries)

    def of(self, area: str) -> list[str]:
        """Return the lines of an area."""
        if area == MENUS:
            return [f"**{name}**" for name in self.menus]
        return [f"{self.mention(one.path)}\n-# {one.says}" for one in self.entries if _area(one.root) == area]

    def areas(self) -> list[str]:
        """Return the areas in which there is something."""
        return [area for area in (*AREAS, MORE, MENUS) if self.of(area)]


def guide(tree: CommandTree[Any], ids: Mapping[str, int], *, in_server: bool, manages: bool) -> Guide:
    """Return what somebody can use: what is for servers there alone, what is for moderators for them."""
    commands = [one for one in tree.walk_commands() if isinstance(one, app_commands.Command)]
    entries = [
        Entry(one.qualified_name, _said(DESCRIPTION, one.description))
        for one in commands
        if (in_server or not _is_for_servers(one)) and (manages or one.qualified_name.split()[0] != MANAGE)
    ]
    menus = [_said(MENU, one.name) for one in tree.get_commands(type=discord.AppCommandType.message)]
    entries.sort(key=lambda one: (_rank(one.root), one.path))
    return Guide(tuple(entries), tuple(sorted(menus)), ids)


def card(guide: Guide, area: str, page: int = 0) -> ui.LayoutView:
    """Show an area, or the tour, with a menu that leads to the others."""
    areas = guide.areas()
    if area not in areas:
        return panel(ui.TextDisplay[Any](_tour(guide)), _menu(areas, HOME))
    pages = list(_pages(guide.of(area)))
    page = min(page, len(pages) - 1)
    head = f"### {EMOJI[area]} {title(area)}"
    if len(pages) > 1:
        head += f" · {tr('page {number} of {total}', number=page + 1, total=len(pages))}"
    if area == MENUS:
        head += f"\n{tr('Press and hold a message, or right-click it, and choose Apps:')}"
    items: list[Any] = [ui.TextDisplay[Any](f"{head}\n" + "\n".join(pages[page])), _menu(areas, area)]
    if len(pages) > 1:
        items.append(
            ui.ActionRow[Any](
                ActButton(HELP, area, page - 1, label=tr("Back"), emoji="◀️", disabled=page == 0),
                ActButton(HELP, area, page + 1, label=tr("On"), emoji="▶️", disabled=page == len(pages) - 1),
            )
        )
    return panel(*items)


def title(area: str) -> str:
    """Return what an area is called."""
    titles = {
        HOME: tr("What Easel can do"),
        "draw": tr("Draw and change pictures"),
        "read": tr("Put pictures and documents into words"),
        "talk": tr("Ask and talk"),
        "find": tr("Find it again"),
        "yours": tr("Yours: preferences, allowance, data"),
        MANAGE: tr("For moderators"),
        MORE: tr("More"),
        MENUS: tr("In the menu of a message"),
    }
    return titles[area]


def _tour(guide: Guide) -> str:
    say = guide.mention
    lines = [
        ("imagine", tr("Say what you want to see: {command}. The card that comes has buttons to go on with.",
            command=say("imagine"))),
        ("edit", tr("Change a picture: {command}, or reply to a card, mention me and say what should be "
            "different.", command=say("edit"))),
        ("ask", tr("Ask about anything, with pictures and documents in hand: {command}. Or mention me, reply "
            "to me, write to me directly.", command=say("ask"))),
        ("describe", tr("Bring a picture along: {command} puts it into words.", command=say("describe"))),
        ("batch", tr("Bring a list along: {command} draws up to 200 prompts.", command=say("batch"))),
        ("gallery", tr("Find it again: {command}.", command=say("gallery"))),
        ("quota", tr("What you have left, and what a picture costs: {command}.", command=say("quota"))),
        ("privacy show", tr("What I keep of you, and how to take it along or delete it: {command}.",
            command=say("privacy show"))),
    ]  # fmt: skip
    shown = "\n".join(f"- {line}" for path, line in lines if guide.offers(path))
    return f"### {title(HOME)}\n{shown}\n-# {tr('Choose below to see every command.')}"


def _menu(areas: Sequence[str], chosen: str) -> ui.ActionRow[Any]:
    options = [
        discord.SelectOption(label=title(area), value=area, emoji=EMOJI[area], default=area == chosen)
        for area in (HOME, *areas)
    ]
    return ui.ActionRow[Any](PickMenu(HELP, options=options))


def _pages(lines: Sequence[str]) -> Iterator[list[str]]:
    page: list[str] = []
    for line in lines:
        if page and sum(len(one) + 1 for one in page) + len(line) > PAGE:
            yield page
            page = []
        page.append(line)
    yield page


def _said(context: str, text: str) -> str:
    """Return a text of a command as Discord shows it to those who read the language spoken."""
    return of_command(context, text, language()) or text


def _area(root: str) -> str:
    return next((area for area, names in AREAS.items() if root in names), MORE)


def _rank(root: str) -> int:
    names = [name for names in AREAS.values() for name in names]
    return names.index(root) if root in names else len(names)


def _is_for_servers(command: app_commands.Command[Any, ..., Any]) -> bool:
    outer = command.root_parent or command
    contexts = outer.allowed_contexts
    return outer.guild_only or (contexts is not None and contexts.guild and not contexts.dm_channel)
