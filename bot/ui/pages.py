"""What an answer in words is made of: messages of plain content, their buttons and files."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol, cast

import discord

from bot.domain.splitting import LIMIT
from bot.ui.patience import CLOSED, GONE
from bot.ui.press import unremembered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.ui.press import ActButton

NOBODY = discord.AllowedMentions.none()
ITS_AUTHOR = discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=True)
NAME = len(f"<@{2**64}>\n")
"""Characters that are left free in each message of an answer, for who it is for."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file beside words; discord.py uses up a file, so each try makes a new one."""

    name: str
    data: bytes
    description: str | None = None

    def file(self) -> discord.File:
        """Return it as discord.py sends it."""
        return discord.File(BytesIO(self.data), self.name, description=self.description)


@dataclass(frozen=True, slots=True)
class Page:
    """What one message shows."""

    content: str
    buttons: tuple[ActButton, ...] = ()
    files: tuple[Enclosure, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Page) and self._look() == other._look()

    def __hash__(self) -> int:
        return hash(self._look())

    def shown(self) -> dict[str, Any]:
        """Return it as discord.py posts it, anew for each try."""
        shown: dict[str, Any] = {"content": self.content} if self.content else {}
        if self.buttons:
            shown["view"] = self._view()
        if self.files:
            shown["files"] = [one.file() for one in self.files]
        return shown

    def changed(self) -> dict[str, Any]:
        """Return it as discord.py edits a message into it; files stay as they are where the page has none."""
        view = self._view() if self.buttons else None
        files = {"attachments": [one.file() for one in self.files]} if self.files else {}
        return {"content": self.content or None, "view": view, **files}

    def _view(self) -> discord.ui.View:
        view = unremembered(discord.ui.View(timeout=None))
        for button in self.buttons:
            view.add_item(cast("discord.ui.Item[Any]", button))
        return view

    def _look(self) -> object:
        buttons = [(one.item.custom_id, one.item.label, one.item.disabled) for one in self.buttons]
        return self.content, tuple(buttons), self.files


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the answer, and where it is."""

    message_id: int
    channel_id: int
    pings: bool = False
    names: int | None = None
    """Who it is for, where nothing but itself says so."""


class Place(Protocol):
    """Where messages can be posted, one after the other, and changed."""

    think_s: float | None
    """How soon a sign of life is due here, where that is sooner than the scribe's own patience."""

    async def type(self) -> None:
        """Show that somebody is typing, for ten seconds, where that can be shown."""
        ...

    async def post(self, page: Page, nonce: str) -> Posted:
        """Post the next message, once for its nonce, or raise Unreachable where no way is open."""
        ...

    async def edit(self, posted: Posted, page: Page) -> None:
        """Make a message show something else."""
        ...

    async def delete(self, posted: Posted) -> None:
        """Take a message away."""
        ...

    async def whisper(self, page: Page, instead_of: Posted | None, nonce: str) -> Posted:
        """Say something that concerns only who asked: privately, where there is such a way."""
        ...

    def hushes(self) -> bool:
        """Tell whether nobody but who asked sees what is whispered now."""
        ...

    def closes_in_s(self) -> float | None:
        """Return how long it is open, where it closes for good; 0 once it has."""
        ...


def is_closed(error: discord.HTTPException) -> bool:
    """Tell whether this way is closed for good, so that the next is to be gone."""
    return error.code in GONE or error.status in CLOSED


def is_about_files(error: discord.HTTPException, page: Page) -> bool:
    """Tell whether a message may be refused for its files alone."""
    return bool(page.files) and error.status in {400, 403, 413}


def partial(client: discord.Client, posted: Posted) -> discord.PartialMessage:
    """Return a message by its ids, as the bot may change it."""
    return client.get_partial_messageable(posted.channel_id).get_partial_message(posted.message_id)


def named(page: Page, user_id: int | None) -> Page:
    """Return a page that names who it is for, if anybody, where it does not yet and has room."""
    if user_id is None:
        return page
    name = f"<@{user_id}>"
    if name in page.content or len(name) + 1 + len(page.content) > LIMIT:
        return page
    return replace(page, content=f"{name}\n{page.content}")


async def edit(client: discord.Client, posted: Posted, page: Page) -> None:
    """Edit a message of the bot's as the bot."""
    mentions = ITS_AUTHOR if posted.pings else NOBODY
    changed = named(page, posted.names).changed()
    await partial(client, posted).edit(**changed, allowed_mentions=mentions)


def new_nonce() -> str:
    """Return what makes a message one message, however often discord.py posts it."""
    return secrets.token_hex(8)


def enclosures(files: Iterable[discord.File]) -> tuple[Enclosure, ...]:
    """Return files by their bytes, so that they can be sent more than once; close them."""
    taken: list[Enclosure] = []
    for file in files:
        file.reset(seek=True)
        taken.append(Enclosure(file.filename, file.fp.read(), file.description))
        file.close()
    return tuple(taken)
