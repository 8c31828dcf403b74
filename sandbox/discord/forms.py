"""Fills in modals as the client does: what was entered, or the defaults, checked before it is sent."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from sandbox.discord.client import ClientRefused, as_upload, check_selected, check_uploads
from sandbox.discord.composing import upload_limit
from sandbox.discord.entities import Channel, Json, Role, Upload, User
from sandbox.discord.invoking import Resolved

if TYPE_CHECKING:
    from sandbox.discord.world import World

Choosable = str | User | Role | Channel
FieldValue = str | bool | Sequence[Choosable] | Sequence[Upload] | Sequence[tuple[str, bytes]]
TEXT_INPUT, LABEL, TEXT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 4, 18, 10, 19, 21, 22, 23


class Form:
    """A modal being filled in by somebody in a channel."""

    def __init__(self, world: "World", user: User, channel: Channel, modal: Json) -> None:
        self.resolved = Resolved(world, user, channel)
        self._world = world
        self._user = user
        self._channel = channel
        self._modal = modal

    def submit(self, fields: Mapping[str, FieldValue]) -> Json:
        """Return the data of a modal submit, or refuse what the client would mark red."""
        known = {field["custom_id"] for field in self.fields()}
        if unknown := set(fields) - known:
            raise ClientRefused(f"The form has no {sorted(unknown)}; it has {sorted(known)}.")
        components = [self._part(part, fields) for part in self._modal["components"]]
        data: Json = {"custom_id": self._modal["custom_id"], "components": components}
        return data | ({"resolved": self.resolved.data} if self.resolved.data else {})

    def fields(self) -> list[Json]:
        """Return what can be filled in."""
        parts = self._modal["components"]
        labelled = [part["component"] for part in parts if part["type"] == LABEL]
        return labelled + [child for part in parts for child in part.get("components", ())]

    def _part(self, part: Json, fields: Mapping[str, FieldValue]) -> Json:
        answer: Json = {"type": part["type"], "id": part["id"]}
        if part["type"] == LABEL:
            return answer | {"component": self._field(part["component"], fields)}
        if part["type"] == TEXT:
            return answer
        return answer | {"components": [self._field(child, fields) for child in part["components"]]}

    def _field(self, field: Json, fields: Mapping[str, FieldValue]) -> Json:
        kind = field["type"]
        answer: Json = {"type": kind, "id": field["id"], "custom_id": field["custom_id"]}
        given = fields.get(field["custom_id"])
        if kind == TEXT_INPUT:
            return answer | {"value": _text(field, given)}
        if kind == CHECKBOX:
            return answer | {"value": bool(field.get("default")) if given is None else given is True}
        if kind == RADIO_GROUP:
            return answer | {"value": _radio(field, given)}
        if kind == FILE_UPLOAD:
            return answer | {"values": self._files(field, given)}
        return answer | {"values": self._values(field, given)}

    def _values(self, field: Json, given: FieldValue | None) -> list[str]:
        if given is None:
            options = field.get("options") or ()
            values: list[Choosable] = [option["value"] for option in options if option.get("default")]
            values += [str(one["id"]) for one in field.get("default_values") or ()]
        else:
            values = [one for one in _items(given) if isinstance(one, Choosable)]
        chosen = [one if isinstance(one, str) else self.resolved.add(one) for one in values]
        check_selected(field, chosen)
        return chosen

    def _files(self, field: Json, given: FieldValue | None) -> list[str]:
        uploads = [
            as_upload(cast("tuple[str, bytes]", one)) for one in _items(given or ()) if isinstance(one, tuple)
        ]
        low = 1 if field.get("min_values") is None else field["min_values"]
        low = low if field.get("required", True) else 0
        if not low <= len(uploads) <= (field.get("max_values") or 1):
            raise ClientRefused(f"Upload {low} to {field.get('max_values') or 1} files.")
        check_uploads(self._user, self._channel, uploads, upload_limit(self._world, self._channel))
        kept = [self._world.attach(self._channel, upload) for upload in uploads]
        for attachment in kept:
            attachment.is_ephemeral = True
        return [self.resolved.add(attachment) for attachment in kept]


def _items(given: FieldValue) -> Sequence[object]:
    if isinstance(given, str | bool):
        raise ClientRefused("This field takes a list.")
    return given


def _text(field: Json, given: FieldValue | None) -> str:
    text = field.get("value") or "" if given is None else given
    if not isinstance(text, str):
        raise ClientRefused("This field takes text.")
    if not text:
        if field.get("required", True):
            raise ClientRefused(f"This field is required: {field['custom_id']}.")
        return text
    if not (field.get("min_length") or 0) <= len(text) <= (field.get("max_length") or 4000):
        raise ClientRefused(f"The text of {field['custom_id']} is too short or too long.")
    return text


def _radio(field: Json, given: FieldValue | None) -> str | None:
    values = [option["value"] for option in field["options"]]
    default = next((option["value"] for option in field["options"] if option.get("default")), None)
    value = default if given is None else given
    if value is None and not field.get("required", True):
        return None
    if not isinstance(value, str) or value not in values:
        raise ClientRefused(f"Choose one of {values}.")
    return value
