"""The form that asks about a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.texts import tr
from bot.ui import fields
from bot.ui.modals import FIELD_LIMIT, FORM_LIFE_S
from bot.ui.places import reference
from bot.ui.press import PickMenu, unremembered
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.images import Picture

    Interaction = discord.Interaction[discord.Client]

QUESTION, PRIVATE = "question", "private"
MOST_SHOWN = 300
"""Characters of a question above its answer."""
WHICH = "whichedit"
"""Names the menu that asks which picture a reply is about."""


class AskForm(ui.Modal):
    """Asks what somebody wants to know. `answer_form` reads what is sent, not this object."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(title=tr("Ask about this"), custom_id=custom_id, timeout=FORM_LIFE_S)
        field = ui.TextInput[Any](
            style=discord.TextStyle.paragraph,
            custom_id=QUESTION,
            placeholder=tr("What is this? Translate it. Sum it up."),
            max_length=FIELD_LIMIT,
        )
        self.add_item(ui.Label(text=tr("What do you want to know?"), component=field))
        self.add_item(ui.Label(text=tr("Answer to you alone"), component=ui.Checkbox(custom_id=PRIVATE)))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def asked(form: fields.Fields) -> tuple[str, bool]:
    """Return what a form asks, and whether the answer is for its asker alone."""
    return fields.words(form, QUESTION), fields.checked(form, PRIVATE)


def link(guild_id: int | None, channel_id: int | None, message_id: int | None) -> str | None:
    """Return the address of a message that a question is about; forms of before do not tell which it is."""
    if message_id is None:
        return None
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def head(user_id: int, question: str, link: str | None = None) -> str:
    """Return who asks what, to stand above an answer to a form or a button: of those nothing can be seen.

    The link leads to the message that it is about.
    """
    person = f"<@{user_id}>"
    asks = tr("{person} asks:", person=person)
    if link is not None:
        asks = tr("{person} asks about [this message]({link}):", person=person, link=link)
    quote = "\n".join(f"> {line}" for line in plain(question, MOST_SHOWN).splitlines() if line.strip())
    return "".join(f"{line}\n" for line in (f"-# {asks}", quote) if line)


async def ask_which(message: discord.Message, verb: str, pictures: Sequence[Picture]) -> None:
    """Ask which picture of a card a reply is about."""
    options = [
        discord.SelectOption(label=tr("Picture {number}", number=n), value=picture.id)
        for n, picture in enumerate(pictures, start=1)
    ]
    menu = PickMenu(verb, message.id, options=options, placeholder=tr("Choose a picture"))
    view = unremembered(ui.LayoutView(timeout=None))
    view.add_item(ui.TextDisplay[Any](tr("Which of the pictures do you mean?")))
    view.add_item(ui.ActionRow[Any](menu))
    await message.channel.send(
        view=view,
        reference=reference(message.id, message.channel.id, message.guild.id if message.guild else None),
        nonce=f"which-{message.id}"[:25],
        allowed_mentions=discord.AllowedMentions.none(),
    )
