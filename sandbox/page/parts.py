"""The small pieces everything on the page is made of."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from zlib import crc32

from nicegui import ui

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.element import Element

    from sandbox.discord.entities import User

BLURPLE = "#5865f2"
COLOURS = ("#3ba55d", "#e67e22", "#eb459e", "#1abc9c", "#9b59b6")


def box(classes: str = "", tag: str = "div", **attributes: object) -> Element:
    """Place an empty element; attributes are HTML's, with "_" for "-" (`aria_label="Close"`)."""
    return dress(ui.element(tag).classes(classes), **attributes)


def dress(element: Element, **attributes: object) -> Element:
    """Set HTML attributes of an element; unlike `props()` any text is safe as a value."""
    for name, value in attributes.items():
        element.props[name.strip("_").replace("_", "-")] = value
    return element


def words(text: str, classes: str = "", tag: str = "span", **attributes: object) -> Element:
    """Place a text as it is, without any markup in it."""
    return rich(escape(text), classes, tag, **attributes)


def rich(html: str, classes: str = "", tag: str = "div", **attributes: object) -> Element:
    """Place HTML that this package made and escaped itself."""
    return dress(ui.html(html, sanitize=False, tag=tag).classes(classes), **attributes)


def button(classes: str, on_click: Callable[[], Any] | None = None, **attributes: object) -> Element:
    """Place a button, to be filled by a `with` block."""
    element = box(classes, "button", type="button", **attributes)
    return element.on("click", lambda _: on_click(), args=[]) if on_click else element


def icon(name: str, classes: str = "") -> Element:
    """Place a Material icon, unseen by screen readers."""
    return words(name, f"material-icons dc-icon {classes}", "i", aria_hidden="true")


def icon_button(
    name: str, label: str, on_click: Callable[[], Any] | None = None, classes: str = ""
) -> Element:
    """Place a button that shows an icon and says `label`."""
    with button(f"dc-icon-button {classes}", on_click, aria_label=label, title=label) as element:
        icon(name)
    return element


def avatar(user: User, size_px: int = 40) -> None:
    """Place someone's picture: initials on their own colour, a palette for the bot."""
    colour = BLURPLE if user.is_bot else COLOURS[crc32(user.display_name.encode()) % len(COLOURS)]
    style = f"width:{size_px}px;height:{size_px}px;font-size:{round(size_px * 0.42)}px;background:{colour}"
    with box("dc-avatar", aria_hidden="true").style(style):
        if user.is_bot:
            icon("palette")
        else:
            words(user.display_name[:1].upper())


def file_size(count: int) -> str:
    """Say a number of bytes as Discord does."""
    size = float(count)
    for unit in ("bytes", "KB", "MB"):
        if size < 1000 or unit == "MB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.2f} {unit}"
        size /= 1024
    raise AssertionError(count)  # pragma: no cover - the last unit always answers
