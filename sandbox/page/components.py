"""Components of messages: the layouts of Components V2, buttons and selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.page.choices import Select, chosen_in, chosen_of, of_select
from sandbox.page.media import REVEAL, Media, attachments, file_card, gallery, thumbnail
from sandbox.page.parts import box, button, dress, icon, rich, words
from sandbox.page.payload import emoji, number, several, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.discord.entities import Json, Message
    from sandbox.page.screen import Screen

STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium"}
LINK, PREMIUM = 5, 6


class Components:
    """Places the components of one message, and knows what pressing them does."""

    def __init__(self, screen: Screen, message: Message) -> None:
        self._screen = screen
        self._message = message
        self._places: dict[int, Callable[[Json], None]] = {
            1: self._row,
            9: self._section,
            10: self._text,
            12: self._gallery,
            13: self._file,
            14: self._separator,
            17: self._container,
        }

    def place(self, components: Sequence[Json]) -> None:
        """Place a list of components, one under the other."""
        for component in components:
            if place := self._places.get(component["type"]):
                place(component)

    def _container(self, container: Json) -> None:
        colour = container.get("accent_color")
        frame = box("dc-container")
        if colour is not None:
            frame.classes("dc-accented").style(f"--accent:#{colour:06x}")
        with frame:
            self.place(container["components"])
            if container.get("spoiler"):
                with box("dc-cover").on("click.stop", js_handler=REVEAL):
                    words("SPOILER")

    def _section(self, section: Json) -> None:
        with box("dc-section"):
            with box("dc-section-words"):
                self.place(section["components"])
            accessory = section["accessory"]
            with box("dc-section-side"):
                if accessory["type"] == 11:
                    thumbnail(Media.of_item(accessory["media"], accessory), self._screen.lightbox)
                else:
                    self._button(accessory)

    def _text(self, display: Json) -> None:
        rich(self._screen.markdown(display["content"]), "dc-text")

    def _gallery(self, component: Json) -> None:
        pictures = [Media.of_item(item["media"], item) for item in component["items"]]
        gallery(pictures, self._screen.lightbox)

    def _file(self, component: Json) -> None:
        file_card(Media.of_item(component["file"], component))

    def _separator(self, separator: Json) -> None:
        line = "dc-line" if separator.get("divider", True) else ""
        box(f"dc-separator {line} dc-spacing-{separator.get('spacing', 1)}", role="separator")

    def _row(self, row: Json) -> None:
        with box("dc-row"):
            for component in row["components"]:
                if component["type"] == 2:
                    self._button(component)
                else:
                    self._select(component)

    def _button(self, component: Json) -> None:
        style, label = component["style"], text(component, "label")
        sign = emoji(component)
        classes = f"dc-button dc-{STYLES[style]}"
        if style == LINK:
            element = box(classes, "a", href=component["url"], target="_blank", rel="noopener noreferrer")
        elif style == PREMIUM:
            element = button(classes)
        else:  # heard where the message hangs: it may be drawn anew while somebody presses
            element = button(classes, data_press=component["custom_id"])
        if component.get("disabled"):
            dress(element, disabled=True, aria_disabled="true")
        if self._is_waiting(component):
            element.classes("dc-waiting")
        if not label:
            dress(element, aria_label=sign or "Button")
        with element:
            if sign:
                words(sign, "dc-button-emoji", aria_hidden="true")
            if label:
                words(label)
            if style == LINK:
                icon("open_in_new")

    def _select(self, component: Json) -> None:
        custom_id = component["custom_id"]

        async def choose(values: list[str]) -> None:
            screen = self._screen
            chosen = screen.person.select(self._message, custom_id, chosen_of(component, values, screen))
            await screen.use(chosen, self._message, custom_id)

        Select(
            of_select(component, self._screen.channel),
            chosen_in(component),
            minimum=number(component, "min_values", 1),
            maximum=number(component, "max_values", 1),
            placeholder=text(component, "placeholder"),
            is_disabled=bool(component.get("disabled")),
            on_close=choose,
        )

    async def press(self, custom_id: str) -> None:
        """Press the button of that id."""
        screen = self._screen
        await screen.use(screen.person.press(self._message, custom_id), self._message, custom_id)

    def _is_waiting(self, component: Json) -> bool:
        custom_id = component.get("custom_id")
        return any(
            use.source is self._message and use.component == custom_id and not use.error
            for use in self._screen.uses
        )


def embed(screen: Screen, content: Json) -> None:
    """Place one embed: author, title, description, fields, picture, footer."""
    colour = content.get("color")
    with box("dc-embed").style(f"--accent:#{colour:06x}" if colour else ""), box("dc-embed-body"):
        if author := content.get("author"):
            words(author["name"], "dc-embed-author")
        if title := content.get("title"):
            rich(screen.markdown(title), "dc-embed-title")
        if description := content.get("description"):
            rich(screen.markdown(description), "dc-text")
        with box("dc-embed-fields"):
            for field in several(content, "fields"):
                with box("dc-embed-field" + (" dc-inline" if field.get("inline") else "")):
                    rich(screen.markdown(field["name"]), "dc-embed-name")
                    rich(screen.markdown(field["value"]), "dc-text")
        if image := content.get("image"):
            attachments([Media.of_item(image, {})], screen.lightbox)
        if footer := content.get("footer"):
            words(footer["text"], "dc-embed-footer")
        if small := content.get("thumbnail"):
            thumbnail(Media.of_item(small, {}), screen.lightbox)
