"""One option of a slash command in the composer: its field, what may stand in it, what is suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from sandbox.discord.interaction import NoResponse
from sandbox.discord.people import ClientRefused, OptionValue
from sandbox.page.choices import Option, entity, of_select
from sandbox.page.files import Files
from sandbox.page.languages import spoken
from sandbox.page.offers import OptionType
from sandbox.page.parts import box, button, dress, icon, words
from sandbox.page.payload import several
from sandbox.page.suggestions import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.events import GenericEventArguments

    from sandbox.discord.entities import Json, Upload
    from sandbox.page.command_form import CommandForm

SELECT_OF = {OptionType.USER: 5, OptionType.ROLE: 6, OptionType.MENTIONABLE: 7, OptionType.CHANNEL: 8}
KEYS = "(e) => sandboxPage.keys(e, emit)"
REQUIRED = "This option is required. Specify a value."


class FieldWrong(Exception):
    """What stands in a field cannot be sent; the message is what Discord's client says about it."""


class OptionField:
    """A chip with the option's name and a field for its value."""

    def __init__(self, form: CommandForm, option: Json) -> None:
        self.option = option
        self.type = OptionType(option["type"])
        self._form = form
        self._picked: dict[str, OptionValue] = {}
        self._text = ""
        self.files: Files | None = None
        with box("dc-option") as self._chip:
            words(self.label, "dc-option-name")
            if self.type is OptionType.ATTACHMENT:
                self._place_file()
            else:
                self._place_input()

    @property
    def name(self) -> str:
        """Return the option's name."""
        return str(self.option["name"])

    @property
    def label(self) -> str:
        """Return what the option is called in the person's language."""
        return self._spoken(self.option, "name")

    @property
    def description(self) -> str:
        """Return what the option means, in the person's language."""
        return self._spoken(self.option, "description")

    @property
    def is_required(self) -> bool:
        """Tell whether the command cannot be sent without it."""
        return bool(self.option.get("required"))

    def focus(self) -> None:
        """Put the cursor into the field."""
        if self.type is not OptionType.ATTACHMENT:
            self._input.run_method("focus")

    def upload(self) -> Upload | None:
        """Return the file to send; raise FieldWrong if a required one is missing."""
        chosen = self.files.chosen[0] if self.files and self.files.chosen else None
        if chosen is None and self.type is OptionType.ATTACHMENT and self.is_required:
            raise FieldWrong(REQUIRED)
        return chosen

    def value(self) -> OptionValue | None:
        """Return what to send, None for nothing; raise FieldWrong for what the client would not send."""
        text = self._text.strip()
        if self.files or not text:
            if self.is_required and not self.files:
                raise FieldWrong(REQUIRED)
            return None
        if text in self._picked:
            return self._picked[text]
        match = next((row for row in self._fixed() if row.label.lower() == text.lower()), None)
        if match:
            return self._value_of(match)
        if self.type in {OptionType.INTEGER, OptionType.NUMBER} and not self.option.get("choices"):
            return self._number(text)
        if self.type is OptionType.STRING and not self.option.get("choices"):
            return text
        raise FieldWrong("Choose one from the list.")

    def mark(self, is_wrong: bool) -> None:
        """Show whether the value is refused."""
        self._chip.classes(**{"add" if is_wrong else "remove": "dc-wrong"})

    def _place_file(self) -> None:
        self.files = Files(self._form.screen, maximum=1, on_change=lambda: self.mark(False))
        with button("dc-option-file", aria_label=f"{self.label}: choose a file") as pick:
            icon("upload_file")
            words("Choose or drop a file")
        self.files.attach(pick)
        pick.on("focus", lambda _: self._form.explain(self, []), args=[])

    def _place_input(self) -> None:
        self._input = ui.input(on_change=self._typed).props("borderless dense").classes("dc-option-input")
        dress(self._input, aria_label=self.label, aria_controls="dc-suggest", autocomplete="off")
        dress(self._input, placeholder=self._hint())
        self._input.on("focus", lambda _: self._suggest(), args=[])
        self._input.on("keydown", self._key, js_handler=KEYS)

    def _hint(self) -> str:
        low, high = self.option.get("min_value"), self.option.get("max_value")
        if low is not None and high is not None:
            return f"{low} – {high}"
        return "true or false" if self.type is OptionType.BOOLEAN else ""

    async def _typed(self) -> None:
        self._text = self._input.value or ""
        self.mark(False)
        await self._suggest()

    async def _key(self, event: GenericEventArguments) -> None:
        self._text = event.args["value"]
        await self._form.key(event.args["key"], self)

    async def _suggest(self) -> None:
        if self._text in self._picked:
            self._form.explain(self, [])
            return
        if self.option.get("autocomplete"):
            await self._ask_bot()
            return
        rows = [row for row in self._fixed() if self._text.lower() in row.label.lower()]
        self._form.explain(self, [self._row(row.label, row.description, self._value_of(row)) for row in rows])

    async def _ask_bot(self) -> None:
        asked = self._text
        form = self._form
        form.explain(self, [])
        try:
            choices = await form.screen.person.autocomplete(
                form.offer.name, self.name, asked, form.values_so_far(but=self)
            )
        except (ClientRefused, NoResponse):
            form.explain(self, [], "Loading options failed.")
            return
        if asked == self._text and form.is_at(self):
            rows = [self._row(self._spoken(choice, "name"), "", choice["value"]) for choice in choices]
            form.explain(self, rows, "" if rows else "No options match your search.")

    def _row(self, label: str, detail: str, value: OptionValue) -> Suggestion:
        return Suggestion(label, self._taker(label, value), detail)

    def _taker(self, label: str, value: OptionValue) -> Callable[[], None]:
        def take() -> None:
            self._picked[label] = value
            self._text = label
            self._input.set_value(label)
            self._form.explain(self, [])
            self._form.go_on(self)

        return take

    def _fixed(self) -> list[Option]:
        if choices := several(self.option, "choices"):
            return [Option(str(choice["value"]), self._spoken(choice, "name")) for choice in choices]
        if self.type is OptionType.BOOLEAN:
            return [Option("True", "True"), Option("False", "False")]
        if kind := SELECT_OF.get(self.type):
            screen = self._form.screen
            return of_select({**self.option, "type": kind}, screen.channel)
        return []

    def _value_of(self, row: Option) -> OptionValue:
        if choices := several(self.option, "choices"):
            return next(choice["value"] for choice in choices if str(choice["value"]) == row.value)
        if self.type is OptionType.BOOLEAN:
            return row.value == "True"
        screen = self._form.screen
        return entity(row.value, screen.world, screen.channel)

    def _spoken(self, item: Json, field: str) -> str:
        return spoken(item, field, self._form.screen.user.locale)

    def _number(self, text: str) -> int | float:
        whole = self.type is OptionType.INTEGER
        try:
            number = int(text) if whole else float(text)
        except ValueError:
            raise FieldWrong("Input a valid integer." if whole else "Input a valid number.") from None
        low, high = self.option.get("min_value"), self.option.get("max_value")
        if (low is not None and number < low) or (high is not None and number > high):
            bounds = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
            raise FieldWrong(f"Enter a number of {' and '.join(bounds)}.")
        return number
