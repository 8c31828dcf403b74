"""API keys: any that looks like OpenRouter's is good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.model.refusals import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "sk-or-"


def bearer(headers: Mapping[str, str]) -> str:
    """Return the request's key, or refuse with 401."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise refuse(401, "No auth credentials found")
    if not key.startswith(PREFIX):
        raise refuse(401, "User not found.")
    return key


def label(key: str) -> str:
    """Return a key as the account's page shows it."""
    return f"{key[:12]}...{key[-3:]}"
