"""What Discord accepts as a modal."""

from sandbox.discord.component_checks import (
    ENTITY_SELECTS,
    ROW,
    STRING_SELECT,
    TEXT,
    CustomIds,
    Path,
    check_count,
    check_fields,
    check_optional_text,
    check_options,
    check_range,
    check_text,
    objects,
)
from sandbox.discord.entities import Json
from sandbox.discord.refusals import invalid

TEXT_INPUT, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 4, 18, 19, 21, 22, 23
COMMON = {"type", "id", "custom_id"}
RANGE = {"min_values", "max_values", "required"}
# discord.py says of every select that it is not disabled.
SELECT = COMMON | RANGE | {"placeholder", "disabled"}
FIELDS: dict[int, set[str]] = {
    TEXT_INPUT: COMMON | {"style", "label", "min_length", "max_length", "required", "value", "placeholder"},
    STRING_SELECT: SELECT | {"options"},
    **{kind: SELECT | {"default_values", "channel_types"} for kind in ENTITY_SELECTS},
    FILE_UPLOAD: COMMON | RANGE,
    RADIO_GROUP: COMMON | {"options", "required"},
    CHECKBOX_GROUP: COMMON | RANGE | {"options"},
    CHECKBOX: COMMON | {"default"},
}
OPTION = {"label", "value", "description", "default"}


def check_modal(modal: Json) -> Json:
    """Return the modal, or refuse it, pointing at the first thing that is wrong."""
    check_fields(("data",), modal, {"custom_id", "title", "components"})
    check_text(("data", "custom_id"), modal.get("custom_id"), 1, 100)
    check_text(("data", "title"), modal.get("title"), 1, 45)
    parts = objects(("data", "components"), modal.get("components"))
    check_count(("data", "components"), parts, 1, 5)
    custom_ids = CustomIds()
    for index, part in enumerate(parts):
        _part(("data", "components", index), part, custom_ids)
    return modal


def _part(path: Path, part: Json, custom_ids: CustomIds) -> None:
    kind = part.get("type")
    if kind == TEXT:
        check_fields(path, part, {"type", "id", "content"})
        check_text((*path, "content"), part.get("content"), 1, 4000)
    elif kind == LABEL:
        check_fields(path, part, {"type", "id", "label", "description", "component"})
        check_text((*path, "label"), part.get("label"), 1, 45)
        check_optional_text(path, part, "description", 100)
        child = objects((*path, "component"), [part.get("component")])[0]
        _field((*path, "component"), child, set(FIELDS), custom_ids)
    elif kind == ROW:
        children = objects((*path, "components"), part.get("components"))
        check_count((*path, "components"), children, 1, 1)
        check_text((*path, "components", 0, "label"), children[0].get("label"), 1, 45)
        _field((*path, "components", 0), children[0], {TEXT_INPUT}, custom_ids)
    else:
        raise invalid(
            (*path, "type"), "UNION_TYPE_CHOICES", "Value of field 'type' must be one of (1, 10, 18)."
        )


def _field(path: Path, field: Json, allowed: set[int], custom_ids: CustomIds) -> None:
    kind = field.get("type")
    if kind not in allowed:
        raise invalid((*path, "type"), "UNION_TYPE_CHOICES", "This component is not for modals.")
    check_fields(path, field, FIELDS[kind])
    if field.get("disabled"):
        raise invalid(
            (*path, "disabled"), "COMPONENT_DISABLED_IN_MODAL", "Nothing in a modal can be disabled."
        )
    custom_ids.add(path, field)
    if kind == TEXT_INPUT:
        _text_input(path, field)
    elif kind == STRING_SELECT:
        check_options((*path, "options"), field.get("options"), 1, 25, OPTION | {"emoji"})
    elif kind == RADIO_GROUP:
        options = check_options((*path, "options"), field.get("options"), 2, 10, OPTION)
        if sum(bool(option.get("default")) for option in options) > 1:
            raise invalid((*path, "options"), "RADIO_GROUP_DEFAULTS", "One default at most.")
    elif kind == CHECKBOX_GROUP:
        options = check_options((*path, "options"), field.get("options"), 1, 10, OPTION)
        check_range(path, field, 0, 10, default=(1, len(options)))
    if kind == FILE_UPLOAD:
        check_range(path, field, 0, 10)
    if kind in (STRING_SELECT, *ENTITY_SELECTS):
        check_optional_text(path, field, "placeholder", 150)
        check_range(path, field, 0, 25)


def _text_input(path: Path, field: Json) -> None:
    if field.get("style") not in (1, 2):
        raise invalid((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
    check_optional_text(path, field, "placeholder", 100)
    check_optional_text(path, field, "value", 4000)
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if not 0 <= least <= most <= 4000:
        raise invalid((*path, "max_length"), "NUMBER_TYPE_MAX", "Lengths are 0 to 4000, least first.")
    if len(field.get("value") or "") > most:
        raise invalid((*path, "value"), "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
