"""People who make styles, and what they see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from checks_kit import check_document, check_limits, components_of, texts_of
from people_kit import form
from world_kit import MOD

if TYPE_CHECKING:
    from checks_kit import Call
    from cogs_kit import Stage

MANAGER: dict[str, Any] = {"user_id": MOD, "permissions": discord.Permissions(manage_guild=True).value}
MODERATOR: dict[str, Any] = {"user_id": MOD, "permissions": discord.Permissions(manage_messages=True).value}
TEMPLATE = "{subject} as a woodcut in {colour=black}"


async def make(stage: Stage, n: int, name: str = "Woodcut", template: str = TEMPLATE, **more: Any) -> Call:
    """Fill in the form for a new style, and return what came of it."""
    whose = more.pop("whose", "own")
    filled = {"name": name, "template": template, "note": more.pop("note", "")}
    (call,) = await stage.act(form(f"v2:stylenew:{whose}", filled, interaction_id=n, **more))
    return call


def ref_of(call: Call) -> str:
    """Return the style that a card is about."""
    ids = [one["custom_id"] for one in components_of(call.payload["data"]) if "custom_id" in one]
    return next(one.split(":")[2] for one in ids if one.startswith("v2:styletry:"))


def shown(call: Call) -> str:
    check_document(call)
    data = call.payload["data"]
    check_limits(data, call.files)
    assert data["flags"] & 64, "for their eyes only"
    return "\n".join(texts_of(data))


def prompts(stage: Stage) -> list[str]:
    return [body["prompt"] for body in stage.house.world.provider.bodies]
