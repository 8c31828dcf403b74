"""JSON by a schema: what OpenAI refuses of schemas, and forms filled in from what was said and read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from sandbox.model.refusals import Json, from_provider

DEEPEST = 8
PROMPTS = ("{} in watercolour", "{} at night", "{} as a woodcut", "{} seen from above")
BY_NAME = {"medium": PROMPTS[0], "mood": PROMPTS[1], "style": PROMPTS[2], "viewpoint": PROMPTS[3]}
"""What a prompt is to be that has a field of its own, by a word of the field's name."""
_SIZE = re.compile(r" of \d+ by \d+ pixels|, \d+ by \d+ pixels")
_TELLING = re.compile(r"caption|alt|descri|title|summary|prompt|subject|question|query")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a form is filled in from: all words that came along, and what it is all about."""

    text: str
    subject: str

    def of(self, name: str) -> str | None:
        """Return what stands behind a name and a colon."""
        words = re.escape(name).replace("_", "[ _-]")
        found = re.search(rf"\b{words}\s*[:=]\s*([^\n,;]+)", self.text, re.IGNORECASE)
        return found[1].strip() if found else None


def check_strict(schema: Json, name: str) -> None:
    """Refuse a schema that OpenAI's strict mode does not take."""
    if schema.get("type") != "object":
        raise _bad(name, "schema must be a JSON Schema of 'type: \"object\"'")
    _check(schema, name, 0)


def _check(schema: Json, name: str, depth: int) -> None:
    if depth > DEEPEST:
        raise _bad(name, "the schema is nested too deeply")
    properties = cast("dict[str, Json]", schema.get("properties") or {})
    if "object" in _types(schema):
        if schema.get("additionalProperties") is not False:
            raise _bad(name, "'additionalProperties' is required to be supplied and to be false")
        missing = sorted(properties.keys() - set(cast("list[str]", schema.get("required") or [])))
        if missing:
            raise _bad(name, f"'required' is required to include every key in properties: {missing}")
    inner = [*properties.values(), *cast("dict[str, Json]", schema.get("$defs") or {}).values()]
    inner += cast("list[Json]", schema.get("anyOf") or [])
    if "array" in _types(schema):
        if not isinstance(schema.get("items"), dict):
            raise _bad(name, "array schema missing items")
        inner.append(schema["items"])
    for one in inner:
        _check(one, name, depth + 1)


def _bad(name: str, why: str) -> Exception:
    message = f"Invalid schema for response_format '{name}': {why}."
    upstream = {
        "message": message,
        "type": "invalid_request_error",
        "param": "text.format.schema",
        "code": "invalid_json_schema",
    }
    return from_provider(400, "OpenAI", {"error": upstream})


def fill(schema: Json, evidence: Evidence, *, only_needed: bool = False) -> object:
    """Return a value that follows a schema; with `only_needed`, options without evidence stay away."""
    return _Form(schema, evidence, only_needed=only_needed).value(schema, "", 0)


class _Form:
    """One filling-in."""

    def __init__(self, root: Json, evidence: Evidence, *, only_needed: bool) -> None:
        self._root = root
        self._evidence = evidence
        self._only_needed = only_needed

    def value(self, schema: Json, name: str, depth: int) -> object:
        """Return a value for one part of the schema."""
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._chosen(schema["enum"], name)
        if schema.get("anyOf"):
            return self._any(schema["anyOf"], name, depth)
        kinds = _types(schema)
        if "null" in kinds and (depth > DEEPEST or not self._knows(kinds, name)):
            return None
        return self._plain(next((kind for kind in kinds if kind != "null"), "null"), schema, name, depth)

    def _plain(self, kind: str, schema: Json, name: str, depth: int) -> object:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        found = self._evidence.of(name) if name else None
        if kind == "boolean":
            return (found or "").lower() in {"yes", "true", "1", "on"}
        if kind in {"integer", "number"}:
            return self._number(kind, schema, found)
        return self._text(found, name) if kind == "string" else None

    def _object(self, schema: Json, depth: int) -> Json:
        properties = cast("dict[str, Json]", schema.get("properties") or {})
        needed = set(cast("list[str]", schema.get("required") or []))
        return {
            name: self.value(one, name, depth + 1)
            for name, one in properties.items()
            if not self._only_needed or name in needed or self._evidence.of(name) is not None
        }

    def _array(self, schema: Json, name: str, depth: int) -> list[object]:
        items = self._resolved(schema.get("items") or {})
        least, most = schema.get("minItems", 0), schema.get("maxItems", 10)
        if depth > DEEPEST:
            return []
        if "string" in _types(items) and "prompt" in name:
            count = min(max(least, len(PROMPTS)), most)
            return [PROMPTS[n % len(PROMPTS)].format(_drawable(self._evidence.subject)) for n in range(count)]
        return [self.value(items, name, depth + 1) for _ in range(min(max(least, 1), most))]

    def _text(self, found: str | None, name: str) -> str:
        if found is not None:
            return found
        named = name.lower()
        if "prompt" in named:
            form = next((form for word, form in BY_NAME.items() if word in named), "{}")
            return form.format(_drawable(self._evidence.subject))
        return self._evidence.subject if _TELLING.search(named) else ""

    def _number(self, kind: str, schema: Json, found: str | None) -> float:
        digits = re.search(r"-?\d+(?:\.\d+)?", found or "")
        value = float(digits[0]) if digits else float(schema.get("minimum", 0))
        return int(value) if kind == "integer" else value

    def _chosen(self, values: list[object], name: str) -> object:
        words = f"{self._evidence.of(name) or ''} {self._evidence.text}".lower()
        return next(
            (value for value in values if isinstance(value, str) and value.lower() in words), values[0]
        )

    def _any(self, options: list[Json], name: str, depth: int) -> object:
        resolved = [self._resolved(option) for option in options]
        can_be_nothing = any("null" in _types(option) for option in resolved)
        real = [option for option in resolved if "null" not in _types(option)]
        if not real or (can_be_nothing and not self._knows(_types(real[0]), name)):
            return None
        return self.value(real[0], name, depth + 1)

    def _knows(self, kinds: list[str], name: str) -> bool:
        """Tell whether there is anything to put in; whole objects and lists are always begun."""
        return bool({"object", "array"} & set(kinds)) or self._evidence.of(name) is not None

    def _resolved(self, schema: Json) -> Json:
        """Follow a reference into the schema's own definitions."""
        if "$ref" not in schema:
            return schema
        place: Any = self._root
        for step in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
            place = place.get(step, {}) if step else place
        return cast("Json", place)


def _drawable(subject: str) -> str:
    """Return the words about a picture that a prompt for one like it is made of: all but its size."""
    return _SIZE.sub("", subject)


def _types(schema: Json) -> list[str]:
    """Return the types that a value may have."""
    kind: Any = schema.get("type")
    if isinstance(kind, list):
        return [str(one) for one in cast("list[object]", kind)]
    return [str(kind)] if kind else (["object"] if "properties" in schema else ["string"])
