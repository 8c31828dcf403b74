"""The words that a server blocks, as a card and its forms."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.blocked import MOST_ENTRIES
from bot.texts import tr, trn
from bot.ui import fields, given_back
from bot.ui.cards import MUTED, panel
from bot.ui.modals import FORM_LIFE_S
from bot.ui.posts import Post
from bot.ui.press import ActButton, act_id
from bot.ui.text import block, cut, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    Interaction = discord.Interaction[discord.Client]

WORDS = "words"
"""The verb of the buttons and forms; what to do is the word after it."""
ADD, REMOVE, TRY = "add", "remove", "try"
LINES, TEXT = "lines", "text"
SHOWN, IDLE_SHOWN, WRONG_SHOWN = 2200, 400, 1400
"""Characters of the list on a card, and of what is not looked for; the file beside it has the whole. Then of
what is wrong with what was written."""


def card(entries: Sequence[str], changed: str = "", idle: Sequence[str] = ()) -> Post:
    """Show what is blocked, what of it is `idle` and not looked for, and what can be done about it."""
    head = tr("### Blocked words")
    count = trn("{count} of {most} entries", "{count} of {most} entries", len(entries), most=MOST_ENTRIES)
    parts: list[ui.Item[Any]] = [ui.TextDisplay[Any](f"{head}\n{changed or count}")]
    files: list[discord.File] = []
    if entries:
        lines = "\n".join(entries)
        shown = lines if len(lines) <= SHOWN else lines[:SHOWN].rpartition("\n")[0] + "\n…"
        parts.append(ui.TextDisplay[Any](block(shown)))
    if entries and len("\n".join(entries)) > SHOWN:
        files.append(discord.File(io.BytesIO("\n".join(entries).encode()), "blocked-words.txt"))
        parts.append(ui.File[Any](files[0]))
    if idle:
        said = trn(
            "⚠️ {count} entry is not looked for, because its pattern is not let in any more. Remove it, or "
            "write it more simply:",
            "⚠️ {count} entries are not looked for, because their patterns are not let in any more. Remove "
            "them, or write them more simply:",
            len(idle),
        )
        parts.append(ui.TextDisplay[Any](f"{said}\n{block(cut(chr(10).join(idle), IDLE_SHOWN))}"))
    parts.append(ui.TextDisplay[Any](f"-# {_how()}"))
    parts.append(
        ui.ActionRow[Any](
            ActButton(WORDS, ADD, label=tr("Add…"), emoji="➕", style=discord.ButtonStyle.primary),
            ActButton(WORDS, REMOVE, label=tr("Remove…"), emoji="➖", disabled=not entries),
            ActButton(WORDS, TRY, label=tr("Try a text…"), emoji="🔍"),
        )
    )
    return Post(panel(*parts), files)


def _how() -> str:
    return tr(
        "They are looked for in prompts, messages, styles and captions, whatever the accents, look-alikes, "
        "digits or dots between the letters. `gore` is a whole word, `gore*` and `*gore*` also parts of "
        "words, `/g[o0]+re/` a regular expression. `?gore` lets it be drawn, and has moderators look at "
        "the picture first where there is a review."
    )


class Lines(ui.Modal):
    """Asks for entries, one a line; `before` is what was written before."""

    def __init__(self, action: str, before: str = "") -> None:
        title = tr("Block words") if action == ADD else tr("Allow words again")
        super().__init__(title=title, custom_id=act_id(WORDS, action), timeout=FORM_LIFE_S)
        field = _paragraph(LINES, before)
        self.add_item(ui.Label(text=tr("One word, phrase or pattern a line"), component=field))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


class Trial(ui.Modal):
    """Asks for a text to look through; `before` is what was written before."""

    def __init__(self, before: str = "") -> None:
        super().__init__(title=tr("Try a text"), custom_id=act_id(WORDS, TRY), timeout=FORM_LIFE_S)
        field = _paragraph(TEXT, before)
        told = tr("Nothing is kept, drawn or counted.")
        self.add_item(ui.Label(text=tr("What somebody might write"), description=told, component=field))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def rejected(sentence: str, action: str, given: str) -> Post:
    """Say what is wrong with what a form held, give it back, and offer the form again.

    What an id has no room for is on the card alone, and what a card has no room for in a file.
    """
    said = f"{cut(sentence, WRONG_SHOWN)}\n{given_back.heading()}"
    parts: list[ui.Item[Any]] = [ui.TextDisplay[Any](said)]
    files: list[discord.File] = []
    if len(given) <= SHOWN:
        parts.append(ui.TextDisplay[Any](block(given or " ")))
    else:
        files.append(discord.File(io.BytesIO(given.encode()), "what-you-wrote.txt"))
        parts.append(ui.File[Any](files[0]))
    about = (action, *given_back.packed(given, WORDS, action))
    parts.append(given_back.again(WORDS, *about))
    return Post(panel(*parts, colour=MUTED), files)


def _paragraph(name: str, before: str) -> ui.TextInput[Any]:
    return ui.TextInput[Any](
        style=discord.TextStyle.paragraph, custom_id=name, max_length=4000, default=before[:4000] or None
    )


def read(interaction: Interaction, field: str) -> str:
    """Return what a form holds."""
    return fields.words(fields.submitted(interaction), field)


def added(count: int) -> str:
    """Say how many entries are new."""
    return trn("{count} entry is new.", "{count} entries are new.", count)


def removed(count: int) -> str:
    """Say how many entries are gone."""
    return trn("{count} entry is gone.", "{count} entries are gone.", count)


def tried(refused: str | None, watched: str | None) -> str:
    """Say what a text would come to."""
    if refused is not None:
        return tr("It would be turned away, because of `{entry}`.", entry=plain(refused, 200))
    if watched is not None:
        return tr("It would be drawn, and looked at first because of `{entry}`.", entry=plain(watched, 200))
    return tr("It would be let in.")
