"""Files a person is about to send: picked, pasted or dropped, and shown before they go."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING

from nicegui import ui
from PIL import Image, UnidentifiedImageError

from sandbox.discord.entities import Upload
from sandbox.page.parts import box, button, file_size, icon, icon_button, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.events import GenericEventArguments, UploadEventArguments

    from sandbox.page.screen import Screen

PREVIEW_PX = 320
ARRIVAL_S = 30.0
DIRECT_UPLOAD_LIMIT = 20 * 1024 * 1024


class Files:
    """Picks up to `maximum` files; `chosen` is what would be sent."""

    def __init__(self, screen: Screen, maximum: int, on_change: Callable[[], object] = lambda: None) -> None:
        self.chosen: list[Upload] = []
        self._previews: list[str] = []
        self._screen, self._maximum, self._on_change = screen, maximum, on_change
        guild = screen.channel.guild
        limit = guild.upload_limit if guild else DIRECT_UPLOAD_LIMIT
        refused = f"Your files are too powerful. Max file size: {file_size(limit)}."
        self._uploader = ui.upload(
            multiple=maximum > 1,
            auto_upload=True,
            max_file_size=limit,
            on_upload=self._uploaded,
            on_rejected=lambda: screen.tell(refused),
        ).classes("dc-uploader")
        self._coming = 0
        self._arrived = asyncio.Event()
        self._arrived.set()
        self._uploader.on("added", self._begun, js_handler="(files) => emit(files.length)")
        self._uploader.on("failed", self._lost, js_handler="(info) => emit(info.files.length)")
        self._tray = box("dc-tray")

    def face(self, label: str) -> None:
        """Place a field that opens the file picker and takes dropped files."""
        with button("dc-drop", aria_label=label) as drop:
            icon("upload_file")
            words("Drop a file here, or ")
            words("choose one", "dc-drop-link")
        self.attach(drop)
        self._tray.move(target_index=-1)

    def attach(self, element: ui.element) -> None:
        """Make an element open the picker on click, and take files dropped on it."""
        element.on("click", js_handler=self.picker)
        self.take_drops(element)

    def take_drops(self, element: ui.element) -> None:
        """Take files that are dropped on or pasted into an element."""
        give = f"(e) => sandboxPage.give(e, {self._uploader.id})"
        element.on("dragover", js_handler="(e) => e.preventDefault()")
        element.on("drop", js_handler=give).on("paste", js_handler=give)

    @property
    def picker(self) -> str:
        """Return the JavaScript that opens the browser's file picker."""
        return f"() => sandboxPage.pick({self._uploader.id})"

    async def arrive(self) -> bool:
        """Wait for the files that are on their way; False, said to the person, where they do not come."""
        try:
            async with asyncio.timeout(ARRIVAL_S):
                await self._arrived.wait()
        except TimeoutError:
            self._screen.tell("Your files did not arrive. Choose them again.")
            self._come(self._coming)
            return False
        return True

    def clear(self) -> None:
        """Forget all files."""
        self.chosen, self._previews = [], []
        self._draw()

    def _begun(self, event: GenericEventArguments) -> None:
        self._coming += int(event.args)
        self._arrived.clear()

    def _lost(self, event: GenericEventArguments) -> None:
        self._screen.tell("A file did not arrive. Choose it again.")
        self._come(int(event.args))

    def _come(self, count: int) -> None:
        self._coming = max(self._coming - count, 0)
        if not self._coming:
            self._arrived.set()
            self._uploader.reset()  # which would break off what is still on its way

    async def _uploaded(self, event: UploadEventArguments) -> None:
        content = await event.file.read()
        upload = Upload(event.file.name, content, event.file.content_type)
        preview = await asyncio.to_thread(_preview, content)
        if self._maximum == 1:
            self.chosen, self._previews = [], []
        if len(self.chosen) < self._maximum:
            self.chosen.append(upload)
            self._previews.append(preview)
        self._come(1)
        self._draw()
        self._on_change()

    def _remove(self, index: int) -> None:
        del self.chosen[index], self._previews[index]
        self._draw()
        self._on_change()

    def _draw(self) -> None:
        self._tray.clear()
        with self._tray:
            for index, (upload, preview) in enumerate(zip(self.chosen, self._previews, strict=True)):
                with box("dc-tray-file"):
                    if preview:
                        box("dc-tray-preview", "img", src=preview, alt="")
                    else:
                        icon("description", "dc-tray-preview")
                    words(upload.filename, "dc-tray-name", title=upload.filename)
                    words(file_size(len(upload.content)), "dc-tray-size")
                    icon_button(
                        "delete",
                        f"Remove {upload.filename}",
                        lambda index=index: self._remove(index),
                        "dc-tray-remove",
                    )


def _preview(content: bytes) -> str:
    """Make a small data URL of a picture; empty for what is none."""
    try:
        with Image.open(BytesIO(content)) as picture:
            picture.thumbnail((PREVIEW_PX, PREVIEW_PX))
            small = BytesIO()
            picture.convert("RGB").save(small, "JPEG", quality=80)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return ""
    return "data:image/jpeg;base64," + b64encode(small.getvalue()).decode()
