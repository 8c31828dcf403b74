"""Discord's official OpenAPI document, as a check of what is sent to the sandbox and what it answers."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match  # pyright: ignore[reportUnknownVariableType] - jsonschema types it in part
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType] - jsonschema types it in part

from sandbox.discord.entities import Json

MAX_JUDGED = 256
"""Bodies of which it is remembered what was found: each start of a bot tells the same commands."""
ID_LISTS = {"users", "roles", "messages", "sticker_ids", "applied_tags"}


def _validating(components: Json) -> type[Draft202012Validator]:
    """Return a validator that does as jsonschema does, only sooner where there are alternatives.

    jsonschema gathers the errors of every alternative even where one fits, and goes into those whose type or
    value is another, of which a message's components and a command's languages have many on every level.
    """

    def one_of(
        validator: Any,  # noqa: ANN401 - jsonschema's validators have no type of their own
        alternatives: list[Json],
        body: object,
        schema: Json,
    ) -> Iterator[ValidationError]:
        if isinstance(body, dict):
            kind = cast("Json", body).get("type")
            likely = [one for one in alternatives if kind is None or _may_be(components, one, kind)]
        else:
            likely = [one for one in alternatives if one.get("const", body) == body]
        if sum(validator.evolve(schema=one).is_valid(body) for one in likely) != 1:
            yield from Draft202012Validator.VALIDATORS["oneOf"](validator, alternatives, body, schema)

    return cast("type[Draft202012Validator]", extend(Draft202012Validator, {"oneOf": one_of}))


def _may_be(components: Json, alternative: Json, kind: object) -> bool:
    """Tell whether an alternative does not name other types than this one."""
    named = components["schemas"].get(str(alternative.get("$ref", "")).rpartition("/")[2], alternative)
    kinds = named.get("properties", {}).get("type", {}).get("enum")
    return kinds is None or kind in kinds


@functools.cache
def schemas(openapi: Path | None) -> "BodySchemas":
    """Return the validators of one document, built once in a process: it is a megabyte."""
    return BodySchemas(openapi)


class BodySchemas:
    """Validators by method and path template, built when first needed; without a document all pass."""

    def __init__(self, openapi: Path | None) -> None:
        self._path = openapi
        self._document: Json | None = None
        self._validators: dict[str, Draft202012Validator] = {}
        self._judged = functools.lru_cache(MAX_JUDGED)(self._judge)

    def request_problem(self, method: str, template: str, body: object) -> str | None:
        """Return what is wrong with a request's body, or None."""
        operation = self._operation(method, template)
        content = operation.get("requestBody", {}).get("content", {})
        return self._problem(f"{method} {template}", content.get("application/json", {}).get("schema"), body)

    def response_problem(self, schema: str, body: object) -> str | None:
        """Return what is wrong with an answer, by the name of its schema, or None."""
        return self._problem(schema, {"$ref": f"#/components/schemas/{schema}"}, body)

    def _operation(self, method: str, template: str) -> Json:
        return self._whole()["paths"].get(template, {}).get(method.lower(), {}) if self._path else {}

    def _whole(self) -> Json:
        if self._document is None:
            self._document = cast("Json", orjson.loads(self._path.read_bytes())) if self._path else {}
        return self._document

    def _problem(self, key: str, schema: Json | None, body: object) -> str | None:
        if schema is None or self._path is None:
            return None
        if key not in self._validators:
            components = self._whole()["components"]
            self._validators[key] = _validating(components)({**schema, "components": components})
        return self._judged(key, orjson.dumps(body))

    def _judge(self, key: str, body: bytes) -> str | None:
        errors = self._validators[key].iter_errors(cast("Json", _normal(orjson.loads(body))))  # pyright: ignore[reportUnknownMemberType] - jsonschema types it in part
        error = cast("ValidationError | None", best_match(errors))
        return None if error is None else f"{error.json_path}: {error.message[:300]}"


def _normal(body: object) -> object:
    """Write ids as strings: the document types them so, while Discord and its libraries use numbers too."""
    if isinstance(body, list):
        return [_normal(item) for item in cast("list[object]", body)]
    if not isinstance(body, dict):
        return body
    given = cast("dict[str, object]", body)
    normal = {key: _id_as_text(key, _normal(value)) for key, value in given.items()}
    for name in ("attachments", "default_values"):
        if isinstance(things := normal.get(name), list):
            normal[name] = [_with_text_id(thing) for thing in cast("list[object]", things)]
    return normal


def _id_as_text(key: str, value: object) -> object:
    if key.endswith("_id") and isinstance(value, int):
        return str(value)
    if key in ID_LISTS and isinstance(value, list):
        return [str(item) if isinstance(item, int) else item for item in cast("list[object]", value)]
    return value


def _with_text_id(thing: object) -> object:
    """Write the id of a file, or of a menu's default, so; a component's `id` is a number and stays one."""
    if not isinstance(thing, dict):
        return thing
    given = cast("Json", thing)
    return given | ({"id": str(given["id"])} if "id" in given else {})
