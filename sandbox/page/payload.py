"""Reads what may be absent or null in Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sandbox.discord.entities import Json


def several(json: Json, key: str) -> list[Json]:
    """Return a list of objects, empty where there is none."""
    return cast("list[Json] | None", json.get(key)) or []


def text(json: Json, key: str) -> str:
    """Return a text, empty where there is none."""
    return str(json.get(key) or "")


def number(json: Json, key: str, otherwise: int) -> int:
    """Return a whole number, or what holds where none is given."""
    value = json.get(key)
    return otherwise if value is None else int(value)


def emoji(json: Json) -> str:
    """Return the emoji of a button or an option, empty where there is none."""
    return text(cast("Json", json.get("emoji") or {}), "name")
