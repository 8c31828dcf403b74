from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from checks_kit import check_document, components_of, texts_of
from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import completing, pick, press, slash, snowflake
from world_kit import ANN, BOB

if TYPE_CHECKING:
    from typing import Any

    from checks_kit import Call

JOB = int(snowflake(1))


async def draw(stage: Stage, n: int, prompt: str = "a fox", **more: Any) -> int:
    """Let Ann, or somebody else, draw; return the job's id."""
    options = {"prompt": prompt, **more.pop("options", {})}
    await stage.act(slash("imagine", options, interaction_id=n, **more))
    return int(snowflake(n))


def ids(call: Call) -> list[str]:
    return [one["custom_id"] for one in components_of(call.payload["data"]) if "custom_id" in one]


async def test_a_page_shows_pictures_lines_and_what_can_be_done(stage: Stage):
    await draw(stage, 1, "a *red* fox", options={"count": 2})

    (call,) = await stage.act(slash("gallery", {}, interaction_id=2))

    assert call.name == CALLBACK
    assert call.payload["data"]["flags"] & 64
    assert len(call.files) == 2
    check_document(call)
    assert ids(call) == [
        "v2p:galleryopen",
        "v2:gallery:0:newer:0",
        "v2:gallery:0:older:0",
        "v2:gallerypack:0",
    ]
    (said,) = [text for text in texts_of(call.payload["data"]) if "**1.**" in text]
    assert said.count("a \\*red\\* fox") == 2
