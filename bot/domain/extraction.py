"""What is to be taken out of files: fields in words or a JSON schema; and the rows of answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from bot.domain.field_words import each_of, typed_field
from bot.domain.schemas import Schema, strict
from bot.errors import AnswerUnusable, BadInput
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.quotas import Reading

ROWS = "rows"
MOST_FIELDS, MOST_NAME, MOST_ROWS = 30, 60, 500
EXAMPLE = mark("invoice number, date, total as number")
NO_FIELDS = mark("Say which fields to take out, such as “{example}”, or bring a JSON schema.")
BROKEN = mark("The model's answer does not follow the fields, so there is nothing to show. Try again.")
CUT = mark("There is more in this file than fits into one answer. Ask for fewer fields or send fewer pages.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A strict schema for each file's answer; each of a list of things is a row of its own."""

    schema: Mapping[str, Any]

    @property
    def list_name(self) -> str | None:
        """Return the field that lists the rows, where the schema has nothing but a list of objects."""
        properties = cast("dict[str, Schema]", self.schema["properties"])
        (name, only), *others = properties.items()
        if others or "array" not in only.get("type", ()) or "object" not in only["items"].get("type", ()):
            return None
        return name

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of a row's fields."""
        schema = self.schema
        if (name := self.list_name) is not None:
            schema = schema["properties"][name]["items"]
        return tuple(schema["properties"])


@dataclass(frozen=True, slots=True)
class Found:
    """What one file says."""

    filename: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Missed:
    """A file that nothing came out of, and why."""

    filename: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extracted:
    """What all files say, what it cost, and what is left."""

    wanted: Wanted
    found: tuple[Found, ...]
    cost_microusd: int | None
    """None where that is not known yet."""
    readings: tuple[Reading, ...]
    missed: tuple[Missed, ...] = ()

    def rows(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Return every row with the file that it is from."""
        return tuple((one.filename, row) for one in self.found for row in rows(one.value, self.wanted))


def by_fields(said: str) -> Wanted:
    """Return what words ask for; raise BadInput for words that name no fields.

    Fields stand between commas. “total as number” says a type. “every line item: name, price” asks for
    a row for each.
    """
    each = each_of(said)
    fields = [one.strip() for one in re.split(r"[,;\n，、；،؛]", each[2] if each else said) if one.strip()]
    if not fields:
        raise BadInput(_no_fields())
    if len(fields) > MOST_FIELDS:
        raise BadInput(
            tr(
                "These are {fields} fields, and {most} can be taken out at once.",
                fields=len(fields),
                most=MOST_FIELDS,
            )
        )
    properties: dict[str, Schema] = {}
    for one in fields:
        name, schema = _field(one)
        if name in properties:
            raise BadInput(tr("The field “{field}” stands there twice.", field=name))
        properties[name] = schema
    row = _object(properties)
    if each is None:
        return Wanted(row)
    about = f"Every {' '.join(each[1].split())} there is, one after the other"
    return Wanted(_object({ROWS: {"type": "array", "items": row, "description": about}}))


def by_schema(written: str) -> Wanted:
    """Return what a person's own JSON schema asks for, or raise BadInput for what cannot be used."""
    return Wanted(strict(written))


def read(answer: str, wanted: Wanted) -> Mapping[str, Any]:
    """Return an answer that follows the schema, or raise AnswerUnusable; a long one takes some 10 ms."""
    from jsonschema import Draft202012Validator  # 20 ms of a start that needs none of it

    bare = re.sub(r"^\s*```(?:json)?\s*|\s*```\s*$", "", answer)
    try:
        value = json.loads(bare, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise AnswerUnusable(tr(BROKEN)) from None
    if not Draft202012Validator(wanted.schema).is_valid(value):  # pyright: ignore[reportUnknownMemberType] - an old overload is untyped
        raise AnswerUnusable(tr(BROKEN))
    return cast("Mapping[str, Any]", value)


def rows(value: Mapping[str, Any], wanted: Wanted) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of a file's answer; one that lists nothing is one row of empty fields."""
    name = wanted.list_name
    if name is None:
        return (value,)
    listed = cast("list[Mapping[str, Any]]", value[name] or [])
    return tuple(listed[:MOST_ROWS]) or (dict.fromkeys(wanted.columns),)


def _field(said: str) -> tuple[str, Schema]:
    called, schema, more = typed_field(said)
    name = re.sub(r"\W+", "_", re.sub(r"^\W+|\W+$", "", called.lower()))
    if not name.strip("_") or len(name) > MOST_NAME:
        raise BadInput(tr("“{said}” is no name for a field.", said=said[:MOST_NAME]) + " " + _no_fields())
    return name, {**schema, "description": f"{called}{more}"}


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _no_fields() -> str:
    return tr(NO_FIELDS, example=tr(EXAMPLE))
