"""Lists of things to choose: in selects, radio groups, checkboxes and suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from sandbox.page.parts import box, button, dress, icon, words
from sandbox.page.payload import emoji, several, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from nicegui.element import Element

    from sandbox.discord.entities import Channel, Guild, Json, Role, User
    from sandbox.discord.world import World
    from sandbox.page.screen import Screen

STRING_SELECT = 3
ROVE = "(e) => sandboxPage.rove(e)"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose."""

    value: str
    label: str
    description: str = ""
    emoji: str = ""


class Choices:
    """Rows to choose from, one (radio) or several (checkbox); `chosen` is what is chosen now, in order."""

    def __init__(
        self,
        options: Sequence[Option],
        chosen: Iterable[str] = (),
        *,
        maximum: int = 1,
        is_single: bool = True,
        label: str,
        on_change: Callable[[], object] = lambda: None,
    ) -> None:
        self.chosen = [value for value in chosen if any(option.value == value for option in options)]
        self._maximum = maximum
        self._is_single = is_single
        self._on_change = on_change
        self._rows: dict[str, Element] = {}
        role = "radiogroup" if is_single else "group"
        with box("dc-choices", role=role, aria_label=label).on("keydown", js_handler=ROVE):
            for option in options:
                self._row(option)
        self._mark()

    def toggle(self, value: str) -> None:
        """Choose it, or no longer."""
        if self._is_single:
            self.chosen = [value]
        elif value in self.chosen:
            self.chosen.remove(value)
        elif len(self.chosen) < self._maximum:
            self.chosen.append(value)
        self._mark()
        self._on_change()

    def _row(self, option: Option) -> None:
        role = "radio" if self._is_single else "checkbox"
        with button("dc-choice", lambda: self.toggle(option.value), role=role) as row:
            if option.emoji:
                words(option.emoji, "dc-choice-emoji", aria_hidden="true")
            with box("dc-choice-words", "span"):
                words(option.label, "dc-choice-label")
                if option.description:
                    words(option.description, "dc-choice-description")
            with box(f"dc-choice-mark dc-choice-{role}", "span", aria_hidden="true"):
                icon("check")
        self._rows[option.value] = row

    def _mark(self) -> None:
        for value, row in self._rows.items():
            dress(row, aria_checked="true" if value in self.chosen else "false")


class Select:
    """A drop-down in Discord's manner; `on_close` is awaited when it closes with another choice."""

    def __init__(
        self,
        options: Sequence[Option],
        chosen: Iterable[str] = (),
        *,
        minimum: int = 1,
        maximum: int = 1,
        placeholder: str = "",
        label: str = "",
        is_disabled: bool = False,
        on_close: Callable[[list[str]], Awaitable[object]] | None = None,
    ) -> None:
        self._labels = {option.value: option.label for option in options}
        self._placeholder = placeholder or ("Make a selection" if maximum == 1 else "Select options")
        self._label = label or self._placeholder
        self._minimum, self._on_close = minimum, on_close
        self._is_single = maximum == 1 and minimum == 1
        with button("dc-select", aria_haspopup="true") as self._face:
            self._shown = box("dc-select-shown", "span")
            icon("expand_more")
            with ui.menu().props('fit max-height="320px" transition-duration="80"') as self._menu:
                self._menu.classes("dc-popup")
                self._choices = Choices(
                    options,
                    chosen,
                    maximum=maximum,
                    is_single=self._is_single,
                    label=self._label,
                    on_change=self._changed,
                )
        if is_disabled:
            dress(self._face, disabled=True)
            self._menu.props("no-parent-event")
        self._before = list(self._choices.chosen)
        self._menu.on("hide", self._closed, args=[])
        self._menu.on("show", js_handler="() => sandboxPage.enterMenu()")
        self._draw()

    @property
    def chosen(self) -> list[str]:
        """Return the values chosen now."""
        return list(self._choices.chosen)

    def _changed(self) -> None:
        self._draw()
        if self._is_single:
            self._menu.close()

    def _draw(self) -> None:
        named = ", ".join(self._labels[value] for value in self._choices.chosen)
        self._shown.clear()
        with self._shown:
            words(named or self._placeholder)
        dress(self._face, aria_label=f"{self._label}: {named}" if named else self._label)
        self._shown.classes(**{"add" if named else "remove": "dc-select-filled"})

    async def _closed(self) -> None:
        chosen = self.chosen
        if chosen != self._before and len(chosen) >= self._minimum and self._on_close:
            self._before = chosen
            await self._on_close(chosen)


def of_select(component: Json, channel: Channel) -> list[Option]:
    """List what a select component offers here, whatever its kind."""
    kind = component["type"]
    if kind == STRING_SELECT:
        return [of_json(option) for option in component["options"]]
    guild = channel.guild
    users = residents(guild) if guild else channel.recipients
    options = [Option(str(u.id), u.display_name, "@" + u.username) for u in users] if kind in {5, 7} else []
    if guild and kind in {6, 7}:
        options += [Option(str(role.id), f"@{role.name.lstrip('@')}") for role in guild.roles.values()]
    if guild and kind == 8:
        types: list[int] = component.get("channel_types") or []
        found = [c for c in guild.channels.values() if not types or c.type in types]
        options += [Option(str(c.id), f"#{c.name}") for c in found]
    return options


def residents(guild: Guild) -> list[User]:
    """List who lives in a server: not its owner, who is nobody one can be."""
    return [member.user for member in guild.members.values() if member.user is not guild.owner]


def entity(value: str, world: World, channel: Channel) -> User | Role | Channel:
    """Return the user, role or channel with that id."""
    number = int(value)
    roles = channel.guild.roles if channel.guild else {}
    return roles.get(number) or world.channels.get(number) or world.users[number]


def chosen_of(component: Json, values: Sequence[str], screen: Screen) -> list[str | User | Role | Channel]:
    """Return what a person hands over for the chosen values: texts, or users, roles and channels."""
    if component["type"] == STRING_SELECT:
        return list(values)
    return [entity(value, screen.world, screen.channel) for value in values]


def chosen_in(component: Json) -> list[str]:
    """List what a component starts with."""
    options = [option["value"] for option in several(component, "options") if option.get("default")]
    return options + [str(default["id"]) for default in several(component, "default_values")]


def of_json(option: Json) -> Option:
    """Read an option of a select, radio group or checkbox group."""
    return Option(option["value"], option["label"], text(option, "description"), emoji(option))
