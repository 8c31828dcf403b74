"""Looks into JSON that somebody else wrote: what is there in the right shape, or nothing."""

from typing import Any, cast

from sandbox.discord.entities import Json


def part(node: Json, key: str) -> Json:
    """Return the object at `key`, empty where there is none."""
    value = node.get(key)
    return cast("Json", value) if isinstance(value, dict) else {}


def entries(node: Json, key: str) -> list[Any]:
    """Return the list at `key`, empty where there is none."""
    value = node.get(key)
    return cast("list[Any]", value) if isinstance(value, list) else []


def number(node: Json, key: str, default: int = 0) -> int:
    """Return the integer at `key`, or the default where there is none."""
    value = node.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else default
