"""Reading of JSON whose shape is somebody else's promise: a value of another kind counts as absent."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def parse(body: bytes | str) -> object:
    """Return parsed JSON, fractions as Decimal, or raise ValueError; nesting without end is one too.

    The standard parser takes halves of emoji that a model's cut-off text may hold; stricter ones refuse
    the whole reply for them, with the picture in it.
    """
    written = body if isinstance(body, str) else body.decode("utf-8", "replace")
    try:
        return cast("object", _DECODER.decode(written))
    except RecursionError as error:
        raise ValueError("nested without end") from error


def _refuse(constant: str) -> object:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)
"""Made once: a stream has a line of JSON for every few letters."""


def parse_or_none(body: bytes | str) -> object:
    """Return parsed JSON, or None where it is none."""
    try:
        return parse(body)
    except ValueError:
        return None


def record(value: object) -> Mapping[str, object]:
    """Return an object's fields; nothing for anything else."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def items(value: object) -> Sequence[object]:
    """Return an array's items; nothing for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a string that can be stored and sent; an empty one for anything else."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the strings of an array."""
    return tuple(text(item) for item in items(value) if isinstance(item, str))


def whole(value: object) -> int | None:
    """Return an integer, also when written as a string; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return None


def number(value: object) -> Decimal | None:
    """Return a finite number, also when written as a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def amount(value: object) -> Decimal | None:
    """Return a number that is not negative; None for anything else."""
    read = number(value)
    return read if read is not None and read >= 0 else None
