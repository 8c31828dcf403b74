"""A message on its way."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import cast

import discord

from bot.domain.results import Card

ORIGINAL = cast("int", "@original")
"""Discord's name for the first answer to an interaction, where an id would stand."""


@dataclass(frozen=True, slots=True)
class Post:
    """A card and its files; discord.py uses up a file, so each try takes a new post."""

    view: discord.ui.LayoutView
    files: list[discord.File] = field(default_factory=list["discord.File"])

    async def send(
        self,
        channel: discord.PartialMessageable | discord.DMChannel,
        *,
        nonce: str,
        mentions: discord.AllowedMentions,
    ) -> Card:
        """Send this as a new message, once for its nonce, and close it."""
        with closing(self):
            message = await channel.send(
                view=self.view, files=self.files, nonce=nonce, allowed_mentions=mentions
            )
        return Card(channel_id=channel.id, message_id=message.id)

    def close(self) -> None:
        """Give the files' bytes back. The view still points to them, and is a circle that waits for gc."""
        for file in self.files:
            file.fp.close()


def only(user_id: int) -> discord.AllowedMentions:
    """Let a message mention one person, and nobody else whatever it says."""
    person = discord.Object(user_id)
    person.id = cast("int", str(user_id))  # discord.py would write a number; Discord's document wants text
    return discord.AllowedMentions(everyone=False, roles=False, users=[person])
