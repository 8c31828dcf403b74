"""`POST /moderations` in OpenAI's shape, strict about bodies; flags words and pictures of certain kinds."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from typing import TYPE_CHECKING, Any, cast

from PIL import Image, UnidentifiedImageError
from starlette.responses import JSONResponse

from sandbox.model import seals
from sandbox.model.keys import bearer
from sandbox.model.refusals import Refusal, invalid, refuse

if TYPE_CHECKING:
    from starlette.requests import Request

MODELS = frozenset({"omni-moderation-latest", "omni-moderation-2024-09-26"})
FLAGGED = "molotov"
"""A word that is flagged as violence."""
DOWN = "vesuvius"
"""A word that is answered with 503."""
MAX_PICTURE_BYTES = 20 * 1024 * 1024
"""OpenAI's guide on moderation: image files of up to 20 MB."""
MAX_PICTURES = 1
DATA_URL = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,([A-Za-z0-9+/=]+)")
SCORES = {seals.FLAGGED: 0.98, seals.DELICATE: 0.55}
"""How violent a picture with a seal is; flagged from 0.9 on."""
FLAGGED_FROM = 0.9


async def moderate(request: Request) -> JSONResponse:
    """Return a verdict on each text, or one on parts that belong together: texts and a picture."""
    bearer(request.headers)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise invalid("We could not parse the JSON body of your request.") from None
    fields = _fields(body)
    given = fields["input"]
    results = [_of_parts(given)] if _is_parts(given) else [_of_text(text) for text in _texts(given)]
    model = str(fields.get("model", "omni-moderation-latest"))
    return JSONResponse({"id": "modr-1", "model": model, "results": results})


def _fields(body: object) -> dict[str, Any]:
    """Return the fields of a body, or refuse it."""
    if not isinstance(body, dict) or not set(cast("dict[str, Any]", body)) <= {"model", "input"}:
        raise invalid("Unrecognized request argument supplied")
    fields = cast("dict[str, Any]", body)
    if fields.get("model", "omni-moderation-latest") not in MODELS:
        raise refuse(404, "The model does not exist or you do not have access to it.")
    return {"input": None, **fields}


def _is_parts(given: object) -> bool:
    return isinstance(given, list) and any(isinstance(one, dict) for one in cast("list[object]", given))


def _texts(given: object) -> list[str]:
    """Return texts, or refuse what is none."""
    texts = (
        [given] if isinstance(given, str) else cast("list[object]", given) if isinstance(given, list) else []
    )
    if not texts or not all(isinstance(one, str) and one for one in texts):
        raise invalid("'input' must be a string or a list of strings")
    return cast("list[str]", texts)


def _of_text(text: str, also: float = 0.001) -> dict[str, Any]:
    if DOWN in text:
        raise refuse(503, "The engine is currently overloaded, please try again later")
    return _verdict(max(also, 0.98 if FLAGGED in text.lower() else 0.001), "text")


def _of_parts(given: list[object]) -> dict[str, Any]:
    """Return the one verdict on parts, or refuse them."""
    pictures, texts = 0, ""
    score = 0.001
    for part in given:
        match cast("dict[str, Any]", part) if isinstance(part, dict) else {}:
            case {"type": "text", "text": str(text)} as known if text and known.keys() == {"type", "text"}:
                texts += text
            case {"type": "image_url", "image_url": {"url": str(url)}} as known if _is_bare(known):
                pictures += 1
                score = max(score, _score(url))
            case _:
                raise invalid("Invalid type for 'input': expected a text or an image_url part")
    if pictures > MAX_PICTURES:
        raise _too_many(pictures)
    return _verdict(score, "image") if not texts else _of_text(texts, score)


def _is_bare(part: dict[str, Any]) -> bool:
    """Tell whether a part with a picture holds nothing else."""
    return part.keys() == {"type", "image_url"} and part["image_url"].keys() == {"url"}


def _too_many(pictures: int) -> Refusal:
    """Return what OpenAI says of more than one picture."""
    refusal = refuse(400, f"Number of images ({pictures}) exceeds maximum of {MAX_PICTURES}")
    refusal.error |= {"type": "invalid_request_error", "param": "input", "code": "too_many_images"}
    return refusal


def _score(url: str) -> float:
    """Return how violent a picture is; the loopback fetches none, so that only data: will do."""
    found = DATA_URL.fullmatch(url)
    if found is None:
        raise invalid("Invalid 'image_url': expected a base64 encoded data URL of a png, jpeg, webp or gif")
    try:
        data = base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise invalid("Invalid base64 image_url.") from None
    if len(data) > MAX_PICTURE_BYTES:
        raise invalid("The image is too large; files can be up to 20 MB.")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            image.load()
            return SCORES.get(seals.sealed(image) or "", 0.001)
    except (UnidentifiedImageError, OSError):
        raise invalid("You uploaded an unsupported image.") from None


def _verdict(violence: float, kind: str) -> dict[str, Any]:
    is_flagged = violence >= FLAGGED_FROM
    return {
        "flagged": is_flagged,
        "categories": {"violence": is_flagged, "sexual": False},
        "category_scores": {"violence": violence, "sexual": 0.0},
        "category_applied_input_types": {"violence": [kind], "sexual": [kind]},
    }
