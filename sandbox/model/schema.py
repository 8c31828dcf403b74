"""OpenRouter's own OpenAPI document as one more judge of a request, where a copy of it is at hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.model import images_checks
from sandbox.model.refusals import invalid

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema.protocols import Validator

    from sandbox.model.refusals import Json

REQUESTS = {"chat": "ChatRequest", "images": "ImageGenerationRequest"}


class Schema:
    """Validators made once from the document; jsonschema is imported here alone, since few need it."""

    def __init__(self, document: Path) -> None:
        self._document: dict[str, Any] = json.loads(document.read_text())
        _bring_up_to_date(self._document["components"]["schemas"])
        self._validators: dict[str, Validator] = {}

    def check(self, transport: str, body: Json) -> None:
        """Refuse a request that the document does not allow."""
        error = next(self.validator(REQUESTS[transport]).iter_errors(body), None)
        if error is not None:
            where = ".".join(str(step) for step in error.absolute_path) or "body"
            raise invalid(f"{where}: not allowed by OpenRouter's schema ({error.validator})")

    def validator(self, name: str) -> Validator:
        """Return the validator of a component of the document."""
        if name not in self._validators:
            from jsonschema import Draft202012Validator

            components = self._document["components"]
            root = {"$ref": f"#/components/schemas/{name}", "components": components}
            self._validators[name] = Draft202012Validator(root)
        return self._validators[name]


def _bring_up_to_date(schemas: dict[str, Any]) -> None:
    """Widen the lists that have grown since the document was written (OpenRouter's SDK of October 2026)."""
    properties = schemas["ImageGenerationRequest"]["properties"]
    properties["quality"]["enum"] = list(images_checks.QUALITIES)
    properties["resolution"]["enum"] = list(images_checks.RESOLUTIONS)
    properties["aspect_ratio"]["enum"] = list(images_checks.ASPECTS)
