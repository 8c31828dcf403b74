"""A refusal: the status and the error body with which OpenRouter turns a request down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]
"""A JSON object as it stands on the wire."""


class Refusal(Exception):
    """A request is turned down; carries the whole answer."""

    def __init__(self, status: int, error: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {error.get('message')}")
        self.status = status
        self.error = error
        self.headers = dict(headers or {})

    @property
    def body(self) -> Json:
        """Return the answer's body."""
        return {"error": self.error, "user_id": "user_sandbox"}


def refuse(
    status: int,
    message: str,
    *,
    metadata: Json | None = None,
    availability: Json | None = None,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """Return a refusal in OpenRouter's usual shape; `error.code` equals the status."""
    error: Json = {"message": message, "code": status}
    if metadata is not None:
        error["metadata"] = metadata
    if availability is not None:
        error["availability"] = availability
    return Refusal(status, error, headers)


def invalid(message: str) -> Refusal:
    """Return the 400 of a body that breaks the rules; the message says which rule."""
    return refuse(400, message, metadata={"error_type": "invalid_request"})


def from_provider(status: int, provider_name: str, upstream: Json) -> Refusal:
    """Return an upstream error as OpenRouter passes it on: as a JSON string in `metadata.raw`."""
    metadata = {"provider_name": provider_name, "raw": json.dumps(upstream)}
    return refuse(status, "Provider returned error", metadata=metadata)


def unavailable(
    status: int, code: str, model_id: str, message: str, fallbacks: Sequence[str] = ()
) -> Refusal:
    """Return a refusal that says which model is not to be had, and what to use in its place."""
    availability: Json = {
        "code": code,
        "retryable": False,
        "requested_models": [model_id],
        "fallback_models": list(fallbacks),
        "docs_url": "https://openrouter.ai/docs/api-reference/errors",
    }
    return refuse(status, message, availability=availability)


def no_route(message: str, failed_step: str) -> Refusal:
    """Return the 404 of a request that no endpoint can serve, with the funnel of the routing steps."""
    funnel = [{"step": "initial", "endpoint_count": 1}, {"step": failed_step, "endpoint_count": 0}]
    return refuse(404, message, metadata={"routing_funnel": funnel, "failed_routing_step": failed_step})
