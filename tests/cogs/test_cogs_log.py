"""What /manage audit looks for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.domain.audit import EASEL, Search
from cogs.manage_log import _about, _actor


@pytest.mark.parametrize(("chosen", "actor"), [(7, EASEL), (8, 8)], ids=["Easel", "somebody"])
def test_what_easel_did_by_itself_is_found_by_naming_easel(chosen: int, actor: int):
    interaction: Any = SimpleNamespace(client=SimpleNamespace(user=discord.Object(7)))
    by: Any = discord.Object(chosen)

    assert _actor(interaction, by) == actor


@pytest.mark.parametrize(
    ("sought", "said"), [(3, "<@&3>"), (5, "<@5>"), (None, "")], ids=["a role", "somebody", "nobody"]
)
def test_a_role_that_is_looked_for_is_named_as_one(sought: int | None, said: str):
    guild = SimpleNamespace(get_role={3: discord.Object(3)}.get)
    interaction: Any = SimpleNamespace(guild=guild)

    assert _about(interaction, Search(subject_id=sought)) == said
