"""Modals: the forms a bot opens, and what they send back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from sandbox.discord.interaction import NoResponse
from sandbox.discord.people import ClientRefused
from sandbox.page.choices import Choices, Option, Select, chosen_in, chosen_of, of_json, of_select
from sandbox.page.files import Files
from sandbox.page.parts import box, button, dress, icon_button, rich, words
from sandbox.page.payload import number, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.entities import Json
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import FieldValue
    from sandbox.page.screen import Screen

PARAGRAPH, CHECKBOX = 2, 23


class Modal:
    """One open form."""

    def __init__(self, screen: Screen, interaction: Interaction) -> None:
        self._screen, self._interaction = screen, interaction
        self._values: dict[str, Callable[[], FieldValue]] = {}
        self._files: list[Files] = []
        self._kinds: dict[int, Callable[[Json, str], None]] = {
            4: self._text_input,
            **dict.fromkeys((3, 5, 6, 7, 8), self._select),
            19: self._file_upload,
            21: self._radio_group,
            22: self._checkbox_group,
        }
        modal = interaction.modal or {}
        with ui.dialog().props('no-backdrop-dismiss transition-duration="120"') as self._dialog:
            frame = box("dc-modal", "form", role="dialog", aria_modal="true", aria_label=modal["title"])
            with frame.on("submit.prevent", self._send, args=[]):
                self._place(modal)
        self._dialog.on("hide", self._dialog.delete, args=[])
        self._dialog.open()

    def _place(self, modal: Json) -> None:
        bot = self._screen.world.bot.display_name
        with box("dc-modal-head"):
            words(modal["title"], "dc-modal-title", "h2")
            icon_button("close", "Close", self._dialog.close)
        with box("dc-modal-body"):
            words(f"This form will be submitted to {bot}. Nothing leaves this machine.", "dc-modal-note", "p")
            for component in modal["components"]:
                self._component(component)
            self._error = box("dc-modal-error", role="alert")
        with box("dc-modal-foot"):
            with button("dc-button dc-secondary", self._dialog.close):
                words("Cancel")
            with dress(button("dc-button dc-primary"), type="submit") as self._submit:
                words("Submit")

    def _component(self, component: Json) -> None:
        match component["type"]:
            case 10:
                rich(self._screen.markdown(component["content"]), "dc-text")
            case 18:
                self._label(component["label"], text(component, "description"), component["component"])
            case 1:
                for inner in component["components"]:
                    self._label(text(inner, "label"), "", inner)
            case _:
                pass

    def _label(self, label: str, description: str, component: Json) -> None:
        required = component.get("required", component["type"] != CHECKBOX)
        with box("dc-field"):
            if component["type"] == CHECKBOX:  # it has no words but those of its label
                self._checkbox(component, label, description)
                return
            with box("dc-field-label"):
                words(label)
                if required:
                    words("*", "dc-required", title="Required", aria_label="required")
            if description:
                words(description, "dc-field-description")
            self._kinds[component["type"]](component, label)

    def _text_input(self, component: Json, label: str) -> None:
        value = text(component, "value")
        is_long = component.get("style") == PARAGRAPH
        field = ui.textarea(value=value) if is_long else ui.input(value=value)
        field.props("borderless dense" + (' rows="5"' if is_long else "")).classes("dc-field-input")
        dress(field, aria_label=label, placeholder=text(component, "placeholder"))
        dress(field, maxlength=number(component, "max_length", 4000))
        self._values[component["custom_id"]] = lambda: field.value or ""

    def _select(self, component: Json, label: str) -> None:
        minimum = 0 if component.get("required") is False else number(component, "min_values", 1)
        select = Select(
            of_select(component, self._screen.channel),
            chosen_in(component),
            minimum=minimum,
            maximum=number(component, "max_values", 1),
            placeholder=text(component, "placeholder"),
            label=label,
        )
        self._values[component["custom_id"]] = lambda: chosen_of(component, select.chosen, self._screen)

    def _file_upload(self, component: Json, label: str) -> None:
        files = Files(self._screen, number(component, "max_values", 1))
        files.face(f"{label}: choose files")
        self._values[component["custom_id"]] = lambda: list(files.chosen)
        self._files.append(files)

    def _radio_group(self, component: Json, label: str) -> None:
        choices = Choices([of_json(o) for o in component["options"]], chosen_in(component), label=label)
        self._values[component["custom_id"]] = lambda: choices.chosen[0] if choices.chosen else ""

    def _checkbox_group(self, component: Json, label: str) -> None:
        options = [of_json(option) for option in component["options"]]
        maximum = component.get("max_values") or len(options)
        choices = Choices(options, chosen_in(component), maximum=maximum, is_single=False, label=label)
        self._values[component["custom_id"]] = lambda: list(choices.chosen)

    def _checkbox(self, component: Json, label: str, description: str) -> None:
        chosen = ["yes"] if component.get("default") else []
        choices = Choices([Option("yes", label, description)], chosen, is_single=False, label=label)
        self._values[component["custom_id"]] = lambda: bool(choices.chosen)

    async def _send(self) -> None:
        self._submit.classes("dc-waiting")
        if not all([await files.arrive() for files in self._files]):
            self._submit.classes(remove="dc-waiting")
            return
        fields = {custom_id: value() for custom_id, value in self._values.items()}
        try:
            answer = await self._screen.person.submit(self._interaction, fields)
            await answer.first_response()
        except ClientRefused as refusal:
            self._complain(str(refusal))
        except NoResponse:
            self._complain("Something went wrong. Try again.")
        else:
            self._dialog.close()
        self._screen.redraw()

    def _complain(self, why: str) -> None:
        self._submit.classes(remove="dc-waiting")
        self._error.clear()
        with self._error:
            words(why)
