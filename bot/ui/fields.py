"""What a submitted form holds, read from the interaction alone: it outlives the process that asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.domain.requests import Upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import discord

    Fields = Mapping[str, Mapping[str, Any]]


def submitted(interaction: discord.Interaction[discord.Client]) -> Fields:
    """Return the fields of a form by their ids."""
    data = cast("dict[str, Any]", interaction.data or {})
    return {field["custom_id"]: field for field in _fields(data.get("components", []))}


def words(fields: Fields, name: str) -> str:
    """Return the text of a field, without spaces around it; empty where there is none."""
    return str(fields.get(name, {}).get("value") or "").strip()


def chosen(fields: Fields, name: str) -> str | None:
    """Return what was chosen from a menu or among radio buttons, or None."""
    field = fields.get(name, {})
    values = field.get("values") or ([field["value"]] if field.get("value") else [])
    return str(values[0]) if values else None


def picked(fields: Fields, name: str) -> tuple[str, ...]:
    """Return all that was chosen from a menu."""
    return tuple(map(str, fields.get(name, {}).get("values") or ()))


def checked(fields: Fields, name: str) -> bool:
    """Tell whether a box was ticked."""
    return bool(fields.get(name, {}).get("value"))


def uploads(interaction: discord.Interaction[discord.Client], name: str) -> tuple[Upload, ...]:
    """Return the files that were put into a field."""
    data = cast("dict[str, Any]", interaction.data or {})
    attachments: dict[str, Any] = data.get("resolved", {}).get("attachments", {})
    keys = submitted(interaction).get(name, {}).get("values", [])
    return tuple(_upload(attachments[key]) for key in keys)


def _fields(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the fields of a form: each stands in a label, or in a row in older clients."""
    for component in components:
        inner = component.get("component")
        children = component.get("components", [])
        yield from (child for child in (inner, *children) if child and "custom_id" in child)


def _upload(attachment: dict[str, Any]) -> Upload:
    return Upload(
        url=str(attachment["url"]),
        filename=str(attachment["filename"]),
        size_bytes=int(attachment["size"]),
    )
