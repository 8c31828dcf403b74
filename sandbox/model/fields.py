"""Reading the fields of a request's body; what does not fit is refused with the field's name."""

from __future__ import annotations

import binascii
import io
import re
from typing import TYPE_CHECKING, cast

import pybase64
from PIL import Image, UnidentifiedImageError

from sandbox.model.asks import ReferencePicture
from sandbox.model.refusals import invalid, refuse

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.model.refusals import Json

MAX_PICTURE_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 64_000_000
_DATA_URL = re.compile(r"data:(?P<type>image/(?:png|jpeg|webp|gif));base64,", re.ASCII)


def only(body: Json, allowed: Collection[str], where: str) -> None:
    """Refuse fields that OpenRouter does not document there; the real one ignores them, and typos too."""
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise invalid(f"Unrecognized key(s) in {where}: {', '.join(unknown)}")


def text(body: Json, name: str, longest: int | None = None) -> str | None:
    """Return a string, or None where it is absent."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(f"{name}: Expected string, received {type(value).__name__}")
    if longest is not None and len(value) > longest:
        raise refuse(
            400,
            f"{name}: String must contain at most {longest} character(s)",
            metadata={"error_type": "string_too_long"},
        )
    return value


def required_text(body: Json, name: str, longest: int | None = None) -> str:
    """Return a string with something in it."""
    value = text(body, name, longest)
    if value is None or not value.strip():
        raise refuse(400, f"{name}: Required", metadata={"error_type": "invalid_prompt"})
    return value


def whole(body: Json, name: str, low: int | None = None, high: int | None = None) -> int | None:
    """Return an integer within bounds, or None where it is absent."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"{name}: Expected integer, received {type(value).__name__}")
    if (low is not None and value < low) or (high is not None and value > high):
        raise invalid(f"{name}: Number must be between {low} and {high}")
    return value


def truth(body: Json, name: str) -> bool:
    """Return a boolean, False where it is absent."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise invalid(f"{name}: Expected boolean, received {type(value).__name__}")
    return value


def choice(body: Json, name: str, values: Collection[str]) -> str | None:
    """Return one of the values, or None where it is absent."""
    value = text(body, name)
    if value is not None and value not in values:
        raise invalid(f"{name}: Invalid enum value. Expected {' | '.join(values)}, received '{value}'")
    return value


def table(body: Json, name: str) -> Json:
    """Return an object, empty where it is absent."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"{name}: Expected object, received {type(value).__name__}")
    return cast("Json", value)


def items(body: Json, name: str) -> list[Json]:
    """Return a list of objects, empty where it is absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(f"{name}: Expected array, received {type(value).__name__}")
    entries = cast("list[object]", value)
    if not all(isinstance(entry, dict) for entry in entries):
        raise invalid(f"{name}: Expected array of objects")
    return cast("list[Json]", entries)


def image_part(part: Json, where: str) -> ReferencePicture:
    """Return the picture of an `image_url` part, decoded strictly and opened whole."""
    only(part, ("type", "image_url"), where)
    image_url = table(part, "image_url")
    only(image_url, ("url", "detail"), f"{where}.image_url")
    choice(image_url, "detail", ("auto", "low", "high", "original"))
    return picture(required_text(image_url, "url"))


def picture(url: str) -> ReferencePicture:
    """Decode a data URL; addresses are refused, since the sandbox fetches nothing."""
    match = _DATA_URL.match(url)
    if match is None:
        raise refuse(
            400,
            "The sandbox takes pictures as data: URLs of png, jpeg, webp or gif; it fetches no address.",
            metadata={"error_type": "image_download_failed"},
        )
    try:
        data = pybase64.b64decode(url[match.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad_picture("the base64 is not valid") from error
    if len(data) > MAX_PICTURE_BYTES:
        raise refuse(413, "Downloaded image content cannot exceed 30MB", metadata={"provider_name": None})
    _open(data, match["type"])
    return ReferencePicture(data, match["type"])


def _open(data: bytes, media_type: str) -> None:
    """Refuse bytes that are no whole picture of the type that the label says."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise refuse(400, "Image is too large", metadata={"error_type": "image_too_large"})
            image.load()
            actual = image.get_format_mimetype()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _bad_picture("the bytes are not a whole picture") from error
    if actual != media_type:
        raise _bad_picture(f"the label says {media_type}, the bytes say {actual}")


def _bad_picture(reason: str) -> Exception:
    """Return the 400 of a picture that cannot be used."""
    return refuse(400, f"Invalid image: {reason}.", metadata={"error_type": "invalid_image"})
