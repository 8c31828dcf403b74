"""A person's own JSON schema, held within bounds and made strict, so that a model must follow it."""

from __future__ import annotations

import json
from typing import Any, cast

from bot.errors import BadInput
from bot.texts import tr

Schema = dict[str, Any]
MOST_BYTES = 20_000
DEEPEST = 5
MOST_PROPERTIES = 100
TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
KEPT = frozenset(
    {"description", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minItems", "maxItems"}
)
TOLD = frozenset(
    {"$schema", "$id", "$comment", "title", "default", "examples", "format", "required"}
    | {"additionalProperties", "type", "properties", "items", "const", "deprecated", "readOnly", "writeOnly"}
)
"""What is understood, or tells people something and binds nobody."""


def strict(written: str) -> Schema:
    """Return a schema in which nothing may be added and all may be left empty, or raise BadInput.

    A large one takes as long as 50 ms.
    """
    from jsonschema import Draft202012Validator  # 20 ms of a start that needs none of it
    from jsonschema.exceptions import SchemaError

    if len(written.encode()) > MOST_BYTES:
        raise BadInput(
            tr("This schema is over {kilobytes} KB long. Ask for less at once.", kilobytes=MOST_BYTES // 1000)
        )
    try:
        schema = json.loads(written)
    except (ValueError, RecursionError):
        raise BadInput(tr("This schema is not JSON. Bring a JSON schema of an object.")) from None
    if not isinstance(schema, dict) or _kinds(cast("Schema", schema)) != ["object"]:
        raise BadInput(tr("This schema has to describe an object: “type” is “object”, with “properties”."))
    if not cast("Schema", schema).get("properties"):
        raise BadInput(tr("This schema leaves nothing to take out. Name each field under “properties”."))
    made = _Strict().value(cast("Schema", schema), tr("the schema"), 0, may_be_empty=False)
    try:
        Draft202012Validator.check_schema(made)
    except SchemaError as error:
        raise BadInput(tr("This is no JSON schema: {fault}", fault=error.message[:200])) from None
    return made


class _Strict:
    """One schema on its way to being strict."""

    def __init__(self) -> None:
        self._count = 0

    def value(self, schema: object, where: str, depth: int, *, may_be_empty: bool = True) -> Schema:
        """Return one part of the schema, made strict."""
        if not isinstance(schema, dict):
            raise BadInput(tr("“{where}” is no schema of a field.", where=where))
        if depth > DEEPEST:
            raise BadInput(
                tr("This schema is nested more than {deepest} deep. Make it flatter.", deepest=DEEPEST)
            )
        schema, can_be_null = _unwrapped(cast("Schema", schema))
        for name in schema:
            if name not in KEPT | TOLD:
                raise BadInput(
                    tr("“{name}”, at “{where}”, cannot be used. Say it without.", name=name, where=where)
                )
        made = {name: value for name, value in schema.items() if name in KEPT}
        if "const" in schema:
            made["enum"] = [schema["const"]]
        kinds = _types(schema, where)
        if "object" in kinds:
            made |= self._object(schema, where, depth)
        if "array" in kinds:
            made["items"] = self.value(schema.get("items"), f"{where}[]", depth + 1, may_be_empty=False)
        return _nullable(made, kinds) if may_be_empty or can_be_null else _typed(made, kinds)

    def _object(self, schema: Schema, where: str, depth: int) -> Schema:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or not properties:
            raise BadInput(tr("“{where}” is an object without properties. Say which it has.", where=where))
        named = cast("Schema", properties)
        self._count += len(named)
        if self._count > MOST_PROPERTIES:
            raise BadInput(
                tr("This schema has over {most} properties. Ask for less at once.", most=MOST_PROPERTIES)
            )
        return {
            "properties": {name: self.value(one, name[:60], depth + 1) for name, one in named.items()},
            "required": list(named),
            "additionalProperties": False,
        }


def _nullable(made: Schema, kinds: list[str]) -> Schema:
    """Let a part be left empty."""
    if isinstance(made.get("enum"), list) and None not in made["enum"]:
        made = {**made, "enum": [*made["enum"], None]}
    return _typed(made, [*kinds, "null"] if kinds and "null" not in kinds else kinds)


def _typed(made: Schema, kinds: list[str]) -> Schema:
    return {**made, "type": kinds[0] if len(kinds) == 1 else kinds} if kinds else made


def _unwrapped(schema: Schema) -> tuple[Schema, bool]:
    """Take “this or nothing” apart, as Pydantic writes what may be left out."""
    options = schema.get("anyOf")
    if not isinstance(options, list):
        return schema, False
    real = [one for one in cast("list[object]", options) if one != {"type": "null"}]
    if len(real) != 1 or not isinstance(real[0], dict):
        return schema, False
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **cast("Schema", real[0])}, True


def _kinds(schema: Schema) -> list[object]:
    """Return the types that a part says, or that follow from what it holds."""
    said = schema.get("type")
    kinds = cast("list[object]", said) if isinstance(said, list) else [said] if said is not None else []
    return kinds or [kind for name, kind in (("properties", "object"), ("items", "array")) if name in schema]


def _types(schema: Schema, where: str) -> list[str]:
    """Return the types of a part, or raise BadInput where it says none that there is."""
    kinds = _kinds(schema)
    known = [kind for kind in kinds if isinstance(kind, str) and kind in TYPES]
    if len(known) != len(kinds) or not (known or "enum" in schema or "const" in schema):
        raise BadInput(tr("“{where}” needs a type, such as “string” or “number”.", where=where))
    return known
