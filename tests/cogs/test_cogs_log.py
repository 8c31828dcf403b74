"""What /manage audit looks for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.domain.audit import EASEL
from cogs.manage_log import _actor


@pytest.mark.parametrize(("chosen", "actor"), [(7, EASEL), (8, 8)], ids=["Easel", "somebody"])
def test_what_easel_did_by_itself_is_found_by_naming_easel(chosen: int, actor: int):
    interaction: Any = SimpleNamespace(client=SimpleNamespace(user=discord.Object(7)))
    by: Any = discord.Object(chosen)

    assert _actor(interaction, by) == actor
