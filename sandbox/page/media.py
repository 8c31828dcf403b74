"""Pictures and files in messages: galleries in Discord's layout, and the lightbox that enlarges them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from nicegui import ui

from sandbox.page.parts import box, button, dress, file_size, icon, icon_button, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.entities import Json

SPOILER_FLAG = 1 << 3
REVEAL = "(e) => e.currentTarget.classList.add('shown')"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a file as a message shows it; sizes are in pixels and bytes, 0 where unknown."""

    url: str
    name: str
    content_type: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    is_spoiler: bool = False

    @property
    def is_picture(self) -> bool:
        """Tell whether the browser can show it as a picture."""
        return self.content_type.startswith("image/")

    @classmethod
    def of_attachment(cls, attachment: Json) -> Media:
        """Read an attachment of a message."""
        name = str(attachment["filename"])
        title = attachment.get("title")
        return cls(
            url=attachment["url"],
            name=f"{title}{PurePath(name).suffix}" if title else name,
            content_type=attachment.get("content_type") or "",
            alt=attachment.get("description") or "",
            width=attachment.get("width") or 0,
            height=attachment.get("height") or 0,
            size=attachment.get("size") or 0,
            is_spoiler=name.startswith("SPOILER_") or bool(attachment.get("flags", 0) & SPOILER_FLAG),
        )

    @classmethod
    def of_item(cls, media: Json, item: Json) -> Media:
        """Read what a gallery item, thumbnail or file component shows."""
        url = str(media["url"])
        return cls(
            url=url,
            name=item.get("name") or url.partition("?")[0].rpartition("/")[2],
            content_type=media.get("content_type") or "image/png",
            alt=item.get("description") or "",
            width=media.get("width") or 0,
            height=media.get("height") or 0,
            size=item.get("size") or 0,
            is_spoiler=bool(item.get("spoiler")),
        )


class Lightbox:
    """Shows one picture of several over the whole page, with its alt text."""

    def __init__(self) -> None:
        self._pictures: Sequence[Media] = ()
        self._index = 0
        with ui.dialog().props('maximized transition-duration="120"') as self._dialog:
            self._frame = box("dc-lightbox", role="group", aria_label="Picture")
        self._frame.on("click.self", self._dialog.close)

    def show(self, pictures: Sequence[Media], index: int = 0) -> None:
        """Open at one picture; the arrow keys go to the others."""
        self._pictures, self._index = pictures, index
        self._draw()
        self._dialog.open()

    def _step(self, by: int) -> None:
        self._index = (self._index + by) % len(self._pictures)
        self._draw()

    def _draw(self) -> None:
        picture = self._pictures[self._index]
        self._frame.clear()
        with self._frame:
            with box("dc-lightbox-tools"):
                link = box(
                    "dc-icon-button", "a", href=picture.url, target="_blank", rel="noopener noreferrer"
                )
                with dress(link, aria_label="Open in browser", title="Open in browser"):
                    icon("open_in_new")
                icon_button("close", "Close", self._dialog.close)
            box("dc-lightbox-picture", "img", src=picture.url, alt=picture.alt)
            if picture.alt:
                with box("dc-lightbox-alt"):
                    words("ALT", "dc-alt-badge", aria_hidden="true")
                    words(picture.alt)
            if len(self._pictures) > 1:
                icon_button("chevron_left", "Previous picture", lambda: self._step(-1), "dc-lightbox-back")
                icon_button("chevron_right", "Next picture", lambda: self._step(1), "dc-lightbox-on")
                words(f"{self._index + 1} of {len(self._pictures)}", "dc-lightbox-count")


def gallery(pictures: Sequence[Media], lightbox: Lightbox) -> None:
    """Place pictures as Discord lays them out: one large, two side by side, three as one and two."""
    with box(f"dc-gallery dc-gallery-{len(pictures)}"):
        for index, picture in enumerate(pictures):
            _tile(picture, pictures, index, lightbox)


def _tile(picture: Media, pictures: Sequence[Media], index: int, lightbox: Lightbox) -> None:
    label = f"Enlarge: {picture.alt or picture.name}"
    tile = button("dc-tile", lambda: lightbox.show(pictures, index), aria_label=label)
    if len(pictures) == 1 and picture.width and picture.height:
        tile.style(f"--ratio:{picture.width / picture.height:.4f};--width:{picture.width}px")
    with tile:
        box("", "img", src=picture.url, alt=picture.alt, loading="lazy")
        if picture.alt:
            words("ALT", "dc-alt-badge", title=picture.alt, aria_hidden="true")
    if picture.is_spoiler:
        with tile, box("dc-cover").on("click.stop", js_handler=REVEAL):
            words("SPOILER")


def thumbnail(picture: Media, lightbox: Lightbox) -> None:
    """Place the small picture at the side of a section."""
    label = f"Enlarge: {picture.alt or picture.name}"
    with button("dc-thumbnail", lambda: lightbox.show([picture]), aria_label=label):
        box("", "img", src=picture.url, alt=picture.alt)
        if picture.is_spoiler:
            with box("dc-cover").on("click.stop", js_handler=REVEAL):
                words("SPOILER")


def file_card(file: Media) -> None:
    """Place a file that is no picture: its name, its size, a way to download it."""
    with box("dc-file"):
        icon("description", "dc-file-icon")
        with box("dc-file-words"):
            words(
                file.name,
                "dc-file-name",
                "a",
                href=file.url,
                target="_blank",
                rel="noopener",
                download=file.name,
            )
            if file.size:
                words(file_size(file.size), "dc-file-size")
        link = box("dc-icon-button", "a", href=file.url, download=file.name, target="_blank", rel="noopener")
        with dress(link, aria_label=f"Download {file.name}", title="Download"):
            icon("download")


def attachments(files: Sequence[Media], lightbox: Lightbox) -> None:
    """Place what is attached to a message: pictures together, then other files."""
    pictures = [file for file in files if file.is_picture]
    if pictures:
        gallery(pictures, lightbox)
    for file in files:
        if not file.is_picture:
            file_card(file)
