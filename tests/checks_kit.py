"""What may be sent to Discord: its document, and the limits that the document does not say."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from world_kit import CHANNEL

from sandbox.discord.schemas import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    import discord

OPENAPI = Path(__file__).parents[1] / "../shared/data/discord-openapi.json"


@dataclass
class Call:
    """One request as it came over the wire."""

    method: str
    path: str
    payload: Any
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what the request does, without ids."""
        shape = re.sub(r"\d+", "#", self.path)
        return f"{self.method} {re.sub('/(token|[a-z]+-token)', '/token', shape)}"


def components_of(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every component of a message or a form, nested ones too."""

    def walk(component: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield component
        for child in (
            *component.get("components", []),
            component.get("component"),
            component.get("accessory"),
        ):
            if child:
                yield from walk(child)

    for component in payload.get("components") or []:
        yield from walk(component)


def texts_of(payload: dict[str, Any]) -> list[str]:
    return [one["content"] for one in components_of(payload) if one["type"] == 10]


def shown_files(payload: dict[str, Any]) -> list[str]:
    """Return the addresses of the files that a message shows, in galleries and by themselves."""
    found = list(components_of(payload))
    gallery = [item["media"]["url"] for one in found if one["type"] == 12 for item in one["items"]]
    return gallery + [one["file"]["url"] for one in found if one["type"] == 13]


def check_limits(payload: dict[str, Any], files: dict[str, Any] | None = None) -> None:
    """Assert Discord's limits of a message made of components, most of which its document does not say."""
    found = list(components_of(payload))
    assert 1 <= len(found) <= 40
    assert all(len(text.strip()) >= 1 for text in texts_of(payload))
    assert sum(len(text) for text in texts_of(payload)) <= 4000
    for one in found:
        assert len(one.get("label") or "") <= 80
        assert len(one.get("custom_id") or "") <= 100
        if one["type"] == 1:
            assert 1 <= len(one["components"]) <= 5
        if one["type"] == 12:
            assert 1 <= len(one["items"]) <= 10
            assert all(len(item.get("description") or "") <= 1024 for item in one["items"])
    named = [one["custom_id"] for one in found if "custom_id" in one]
    assert len(named) == len(set(named))
    urls = shown_files(payload)
    sent = [f"attachment://{file['filename']}" for file in payload.get("attachments") or []]
    assert sorted(urls) == sorted(sent)
    if files is not None:
        assert len(files) == len(sent)
    assert not payload.get("content")


@cache
def _openapi() -> dict[str, Any]:
    return json.loads(OPENAPI.read_text())


def check_document(call: Call) -> None:
    """Assert that a request's body is what Discord's own document says; skip where there is none."""
    if not OPENAPI.exists():
        pytest.skip("Discord's OpenAPI document is not beside the checkout")
    template = next(
        template
        for template in sorted(_openapi()["paths"], key=lambda path: path.count("{"))
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), call.path)
        and call.method.lower() in _openapi()["paths"][template]
    )
    assert schemas(OPENAPI).request_problem(call.method, template, call.payload) is None


def check_view(view: discord.ui.LayoutView, files: int = 0) -> dict[str, Any]:
    """Assert that a card keeps Discord's limits and document; return it as it is sent."""
    payload: dict[str, Any] = {"flags": 1 << 15, "components": view.to_components()}
    found = shown_files(payload)
    assert len(found) == files
    payload["attachments"] = [
        {"id": n, "filename": url.removeprefix("attachment://")} for n, url in enumerate(found)
    ]
    check_limits(payload)
    assert view.timeout is None
    if OPENAPI.exists():
        check_document(Call("POST", f"/channels/{CHANNEL}/messages", payload))
    return payload
