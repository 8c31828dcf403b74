"""`POST /moderations` in OpenAI's shape, strict about bodies; flags texts that hold a certain word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import JSONResponse

from sandbox.model.keys import bearer
from sandbox.model.refusals import invalid, refuse

if TYPE_CHECKING:
    from starlette.requests import Request

MODELS = frozenset({"omni-moderation-latest", "omni-moderation-2024-09-26"})
FLAGGED = "molotov"
"""A word that is flagged as violence."""
DOWN = "vesuvius"
"""A word that is answered with 503."""


async def moderate(request: Request) -> JSONResponse:
    """Return a verdict on each text."""
    bearer(request.headers)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise invalid("We could not parse the JSON body of your request.") from None
    texts = _texts(body)
    if any(DOWN in text for text in texts):
        raise refuse(503, "The engine is currently overloaded, please try again later")
    model = str(body.get("model", "omni-moderation-latest"))
    return JSONResponse(
        {"id": "modr-1", "model": model, "results": [_verdict(FLAGGED in text.lower()) for text in texts]}
    )


def _texts(body: object) -> list[str]:
    """Return the texts of a body, or refuse it."""
    if not isinstance(body, dict) or not set(cast("dict[str, Any]", body)) <= {"model", "input"}:
        raise invalid("Unrecognized request argument supplied")
    fields = cast("dict[str, Any]", body)
    if fields.get("model", "omni-moderation-latest") not in MODELS:
        raise refuse(404, "The model does not exist or you do not have access to it.")
    given: object = fields.get("input")
    texts = (
        [given] if isinstance(given, str) else cast("list[object]", given) if isinstance(given, list) else []
    )
    if not texts or not all(isinstance(one, str) and one for one in texts):
        raise invalid("'input' must be a string or a list of strings")
    return cast("list[str]", texts)


def _verdict(flagged: bool) -> dict[str, Any]:
    return {
        "flagged": flagged,
        "categories": {"violence": flagged, "sexual": False},
        "category_scores": {"violence": 0.98 if flagged else 0.001, "sexual": 0.0},
        "category_applied_input_types": {"violence": ["text"], "sexual": ["text"]},
    }
