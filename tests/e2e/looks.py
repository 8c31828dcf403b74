"""What a person reads off a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.entities import Message
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person

FLUX = "black-forest-labs/flux.2-pro"
"""A model of the sandbox that takes every option."""


def parts(message: Message) -> Iterator[dict[str, Any]]:
    """Yield every component of a message, nested ones too."""
    todo = list(message.components)
    while todo:
        component = todo.pop(0)
        yield component
        accessory = component.get("accessory")
        todo[:0] = [*component.get("components", []), *([accessory] if accessory else [])]


def words(message: Message) -> str:
    """Return all text of a message."""
    shown = [component["content"] for component in parts(message) if component["type"] == 10]
    return "\n".join([message.content, *shown]).strip()


def pictures(message: Message) -> list[dict[str, Any]]:
    """Return the items of a message's galleries."""
    return [item for component in parts(message) if component["type"] == 12 for item in component["items"]]


def buttons(message: Message) -> list[str]:
    """Return the labels of a message's buttons."""
    return [component["label"] for component in parts(message) if component["type"] == 2]


def is_card(message: Message | None) -> bool:
    """Tell whether a message shows the pictures that were asked for."""
    return message is not None and bool(pictures(message)) and not is_placeholder(message)


def is_placeholder(message: Message) -> bool:
    """Tell whether a message stands for work that goes on."""
    return "Cancel" in buttons(message)


async def card_after(person: Person, interaction: Interaction, timeout_s: float = 60) -> Message:
    """Wait until an interaction's own answer shows pictures."""
    await interaction.until(lambda it: is_card(it.original), timeout_s)
    assert interaction.original is not None
    return interaction.original


async def answered(interaction: Interaction, timeout_s: float = 60) -> None:
    """Wait until an order's placeholder gave way to whatever came of it."""
    await interaction.until(lambda it: it.original is not None and not is_placeholder(it.original), timeout_s)


async def private_words(interaction: Interaction, timeout_s: float = 60) -> str:
    """Wait for the sentence that only the person who acted sees."""
    await interaction.until(
        lambda it: _is_private(it.original) or any(map(_is_private, it.followups)), timeout_s
    )
    if interaction.original is not None and _is_private(interaction.original):
        return words(interaction.original)
    return words(next(message for message in interaction.followups if message.is_ephemeral))


def _is_private(message: Message | None) -> bool:
    return message is not None and message.is_ephemeral and not (message.is_thinking or message.is_deleted)
