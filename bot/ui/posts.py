"""A message on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord


@dataclass(frozen=True, slots=True)
class Post:
    """A card and its files; discord.py uses up a file, so each try takes a new post."""

    view: discord.ui.LayoutView
    files: list[discord.File] = field(default_factory=list["discord.File"])

    def close(self) -> None:
        """Give the files' bytes back. The view still points to them, and is a circle that waits for gc."""
        for file in self.files:
            file.fp.close()
