"""The files of any message: attachments, galleries, embeds; and the card, where it is one of Easel's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import discord

from bot.domain.images import EXTENSIONS
from bot.domain.requests import Upload
from bot.domain.spoilers import SPOILER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 25
"""What a menu to choose from holds."""
_OF_JOB = re.compile(r"v1:(?:again|edit|details|delete|cancel):(\d{1,20})")
_ABOUT_JOB = re.compile(
    r"v1:(?:again|edit|details|delete):(\d{1,20})|v2p:(?:compare|tray|favourite|part|cells):(\d{1,20})(?:-\d+)?"
)
"""Ids that tell which job is shown: of a card's buttons, and of the menus that ask which of its pictures."""
_ENDINGS = frozenset({"jpeg", *EXTENSIONS.values()})
MOST_NAME = 100
"""Characters of a file's name; Discord's titles have up to 1,024."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a message holds: the job whose card it is, or pictures as Discord describes them."""

    job_id: int | None = None
    uploads: tuple[Upload, ...] = ()


def of_message(message: discord.Message, bot_user_id: int | None, *, with_documents: bool = False) -> Sources:
    """Return the pictures of a message, each once, in the order in which they are seen.

    With documents, every file that is attached counts.
    """
    if message.author.id == bot_user_id and (job_id := _job_of(message.components)) is not None:
        return Sources(job_id)
    found = {upload.url: upload for upload in _uploads(message, with_documents=with_documents)}
    return Sources(uploads=tuple(found.values())[:MOST])


def jobs_of(message: discord.Message | None, bot_user_id: int) -> frozenset[int]:
    """Return the jobs that a message of Easel's shows: as cards, or by asking which of their pictures.

    Discord lets people press only on what it shows to them, so whoever presses there has these in view.
    """
    if message is None or message.author.id != bot_user_id:
        return frozenset()
    ids = [getattr(component, "custom_id", None) or "" for component in _walk(message.components)]
    found = [match[1] or match[2] for one in ids if (match := _ABOUT_JOB.fullmatch(one))]
    return frozenset(int(number) for number in found)


def _job_of(components: Sequence[discord.Component]) -> int | None:
    """Return the job that a card's own buttons act on."""
    for component in _walk(components):
        match = _OF_JOB.fullmatch(getattr(component, "custom_id", None) or "")
        if match is not None:
            return int(match[1])
    return None


def _uploads(message: discord.Message, *, with_documents: bool) -> Iterator[Upload]:
    for one in (message, *message.message_snapshots):
        yield from _attached(one.attachments, with_documents=with_documents)
        for component in _walk(one.components):
            if isinstance(component, discord.MediaGalleryComponent):
                yield from _media([item.media for item in component.items])
            elif isinstance(component, discord.ThumbnailComponent):
                yield from _media([component.media])
        for embed in one.embeds:
            yield from _embedded(embed)


def _attached(attachments: Sequence[discord.Attachment], *, with_documents: bool) -> Iterator[Upload]:
    for attachment in attachments:
        kind = attachment.content_type or ""
        if with_documents or kind.startswith("image/") or _ending(attachment.filename) in _ENDINGS:
            yield Upload(attachment.url, called(attachment), attachment.size, attachment.id)


def _media(items: Sequence[discord.UnfurledMediaItem]) -> Iterator[Upload]:
    """Yield the pictures of a gallery: uploaded ones as they are, linked ones as Discord's proxy has them."""
    for item in items:
        url = item.url if item.attachment_id else item.proxy_url
        kind = item.content_type or ""
        if url and (kind.startswith("image/") or _ending(url) in _ENDINGS):
            yield Upload(url, _name(url), 0)


def _embedded(embed: discord.Embed) -> Iterator[Upload]:
    """Yield an embed's pictures as Discord's proxy has them: their own address is never fetched."""
    for media in (embed.image, embed.thumbnail):
        if media.proxy_url:
            yield Upload(media.proxy_url, _name(media.proxy_url), 0)


def _walk(components: Sequence[discord.Component]) -> Iterator[discord.Component]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))
        if (accessory := getattr(component, "accessory", None)) is not None:
            yield from _walk([accessory])


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2][:MOST_NAME] or "picture"


def called(attachment: discord.Attachment) -> str:
    """Return what a file is called by whoever brought it.

    Discord leaves ASCII alone in a file's name, and keeps the rest as its title, without the ending
    (discord-api-docs#6945). A cover stays with the name.
    """
    kept, title = attachment.filename, " ".join((attachment.title or "").split())[:MOST_NAME]
    if not title:
        return kept
    _, dot, ending = kept.rpartition(".")
    name = title if not dot or title.lower().endswith(f".{ending.lower()}") else f"{title}.{ending}"
    return f"{SPOILER}{name}" if kept.startswith(SPOILER) and not name.startswith(SPOILER) else name


def _ending(name: str) -> str:
    return _name(name).rpartition(".")[2].lower()
