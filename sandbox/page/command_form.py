"""A slash command being filled in: its options as chips, what each means, and sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.page.languages import spoken
from sandbox.page.option_field import FieldWrong, OptionField
from sandbox.page.parts import box, button, dress, icon_button, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nicegui.element import Element

    from sandbox.discord.entities import Json, Upload
    from sandbox.discord.people import OptionValue
    from sandbox.page.offers import Offer
    from sandbox.page.screen import Screen
    from sandbox.page.suggestions import Suggestion, Suggestions


class CommandForm:
    """Holds the fields of one command; `on_done` is called when it was sent or given up."""

    def __init__(
        self, screen: Screen, offer: Offer, suggestions: Suggestions, on_done: Callable[[], None]
    ) -> None:
        self.screen, self.offer = screen, offer
        self._suggestions, self._on_done = suggestions, on_done
        self._fields: list[OptionField] = []
        self._at: OptionField | None = None
        self._is_sending = False
        self._optional: dict[str, Element] = {}
        with box("dc-form", role="group", aria_label=f"/{offer.label}"):
            with box("dc-form-line"):
                words(f"/{offer.label}", "dc-form-name")
                self._row = box("dc-form-fields")
                icon_button("close", "Leave the command", self._leave)
                self._send_button = icon_button("send", "Send command", self.send, "dc-send")
            self._more = box("dc-form-more")
            self._error = box("dc-form-error", role="alert")
        self._place()

    def _place(self) -> None:
        for option in self.offer.options:
            if option.get("required"):
                self._add(option)
        with self._more:
            for option in self.offer.options:
                if not option.get("required"):
                    self._offer_option(option)
        if self._fields:
            self._fields[0].focus()
            self._show(self._fields[0])
        else:
            self._suggestions.show(f"/{self.offer.label}", self.offer.description)
            self._send_button.run_method("focus")

    def _offer_option(self, option: Json) -> None:
        locale = self.screen.user.locale
        name = spoken(option, "name", locale)
        label = f"Add {name}: {spoken(option, 'description', locale)}"
        with button("dc-add-option", lambda: self._open(option), aria_label=label, title=label) as chip:
            words(f"+ {name}")
        self._optional[option["name"]] = chip

    def _open(self, option: Json) -> None:
        self._optional.pop(option["name"]).delete()
        field = self._add(option)
        field.focus()
        self._show(field)

    def _add(self, option: Json) -> OptionField:
        with self._row:
            field = OptionField(self, option)
        self._fields.append(field)
        return field

    def _show(self, field: OptionField) -> None:
        self._at = field
        self.explain(field, [])

    def is_at(self, field: OptionField) -> bool:
        """Tell whether that is the field being filled in."""
        return self._at is field

    def explain(self, field: OptionField, rows: Sequence[Suggestion], note: str = "") -> None:
        """Show what an option means, and what may be chosen."""
        self._at = field
        title = field.label if field.is_required else f"{field.label} (optional)"
        self._suggestions.show(title, note or field.description, rows)

    def values_so_far(self, but: OptionField) -> dict[str, OptionValue]:
        """Return the values of the other fields that could be sent as they are."""
        values: dict[str, OptionValue] = {}
        for field in self._fields:
            if field is not but:
                try:
                    value = field.value()
                except FieldWrong:
                    continue
                if value is not None:
                    values[field.name] = value
        return values

    def go_on(self, field: OptionField) -> None:
        """Go to the next required field that is empty, else stay."""
        for other in self._fields[self._fields.index(field) + 1 :]:
            other.focus()
            return
        field.focus()

    async def key(self, key: str, field: OptionField) -> None:
        """Act on a key pressed in a field."""
        self._at = field
        choosing = self._suggestions.is_choosing
        match key:
            case "ArrowDown" | "ArrowUp":
                self._suggestions.move(1 if key == "ArrowDown" else -1)
            case "Tab" | "Enter" if choosing:
                self._suggestions.take()
            case "Enter":
                await self.send()
            case "Escape" if choosing:
                self.explain(field, [])
            case "Escape":
                self._leave()
            case _:
                pass

    def _leave(self) -> None:
        self._suggestions.hide()
        self._on_done()

    async def send(self) -> None:
        """Send the command, or show which field stops it."""
        values: dict[str, OptionValue] = {}
        files: dict[str, Upload] = {}
        self._error.clear()
        if self._is_sending or not await self._arrive():
            return
        for field in self._fields:
            try:
                self._collect(field, values, files)
            except FieldWrong as wrong:
                self._complain(field, str(wrong))
                return
        screen = self.screen
        act = screen.person.slash(self.offer.name, values, files)
        self._leave()
        await screen.use(act)

    async def _arrive(self) -> bool:
        """Wait for the files on their way; meanwhile the command is not sent a second time."""
        self._is_sending = True
        try:
            return all([await field.files.arrive() for field in self._fields if field.files])
        finally:
            self._is_sending = False

    def _collect(self, field: OptionField, values: dict[str, OptionValue], files: dict[str, Upload]) -> None:
        if field.files:
            if upload := field.upload():
                files[field.name] = upload
        elif (value := field.value()) is not None:
            values[field.name] = value

    def _complain(self, field: OptionField, why: str) -> None:
        field.mark(True)
        field.focus()
        with self._error:
            words(f"{field.label}: {why}")
        dress(self._error, aria_label=why)
