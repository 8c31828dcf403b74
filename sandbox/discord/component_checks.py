"""What Discord accepts as components of a message, old rows and Components V2 alike."""

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from sandbox.discord.entities import Json
from sandbox.discord.refusals import invalid, too_long, wrong_length

Path = tuple[str | int, ...]

ROW, BUTTON, STRING_SELECT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = (
    *(1, 2, 3, 9, 10),
    *(11, 12, 13, 14, 17),
)
ENTITY_SELECTS = (5, 6, 7, 8)
SELECTS = (STRING_SELECT, *ENTITY_SELECTS)
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_ALT = 1024
LINK, PREMIUM = 5, 6

SELECT_FIELDS = {"custom_id", "placeholder", "min_values", "max_values", "disabled", "required"}
FIELDS: dict[int, set[str]] = {
    ROW: {"components"},
    BUTTON: {"style", "label", "emoji", "custom_id", "sku_id", "url", "disabled"},
    STRING_SELECT: SELECT_FIELDS | {"options"},
    **{kind: SELECT_FIELDS | {"default_values", "channel_types"} for kind in ENTITY_SELECTS},
    SECTION: {"components", "accessory"},
    TEXT: {"content"},
    THUMBNAIL: {"media", "description", "spoiler"},
    GALLERY: {"items"},
    FILE: {"file", "spoiler"},
    SEPARATOR: {"divider", "spacing"},
    CONTAINER: {"components", "accent_color", "spoiler"},
}
V2_TOP = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
IN_CONTAINER = V2_TOP - {CONTAINER}


def check_components(components: object, *, is_v2: bool) -> None:
    """Refuse components that Discord would refuse, pointing at the first that is wrong."""
    rows = objects(("components",), components)
    if not is_v2 and len(rows) > 5:
        raise wrong_length(("components",), 0, 5)
    allowed = V2_TOP if is_v2 else {ROW}
    check = _Check()
    for index, row in enumerate(rows):
        check.component(("components", index), row, allowed)
    check.totals()


def objects(path: Path, value: object) -> list[Json]:
    """Return a list of JSON objects, or refuse what is none."""
    if not isinstance(value, list):
        raise invalid(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    items = cast("list[Any]", value)
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise invalid((*path, index), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    return items


def check_fields(path: Path, node: Json, known: set[str]) -> None:
    """Refuse a field that Discord does not know there."""
    for key in node:
        if key not in known:
            raise invalid((*path, key), "UNKNOWN_FIELD", "This field is not known here.")


def check_text(path: Path, value: object, low: int, high: int) -> None:
    """Refuse what is no text of `low` to `high` characters."""
    if not isinstance(value, str) or len(value) < low:
        raise wrong_length(path, low, high)
    if len(value) > high:
        raise too_long(path, high)


def check_optional_text(path: Path, node: Json, key: str, high: int) -> None:
    """Refuse a text over its limit, where there is one."""
    if node.get(key) is not None:
        check_text((*path, key), node[key], 0, high)


def check_count(path: Path, items: Sequence[Any], low: int, high: int) -> None:
    """Refuse a list of fewer than `low` or more than `high`."""
    if not low <= len(items) <= high:
        raise wrong_length(path, low, high)


def check_options(path: Path, options: object, low: int, high: int, known: set[str]) -> list[Json]:
    """Return the options of a select or a group; refuse too many, too long, or two of one value."""
    items = objects(path, options)
    check_count(path, items, low, high)
    for index, option in enumerate(items):
        check_fields((*path, index), option, known)
        check_text((*path, index, "label"), option.get("label"), 1, 100)
        check_text((*path, index, "value"), option.get("value"), 1, 100)
        check_optional_text((*path, index), option, "description", 100)
    if len({option["value"] for option in items}) != len(items):
        raise invalid(
            path, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
        )
    return items


def check_range(path: Path, node: Json, low: int, high: int, *, default: tuple[int, int] = (1, 1)) -> None:
    """Refuse `min_values` and `max_values` out of bounds or the wrong way round."""
    least, most = node.get("min_values", default[0]), node.get("max_values", default[1])
    least, most = default[0] if least is None else least, default[1] if most is None else most
    if not low <= least <= high or not max(1, low) <= most <= high or least > most:
        raise invalid(
            (*path, "max_values"), "NUMBER_TYPE_MAX", f"Must be between {low} and {high}, least first."
        )


class CustomIds:
    """The custom ids of one message or modal: 1 to 100 characters, none twice."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def add(self, path: Path, node: Json) -> None:
        """Note a component's custom id, or refuse it."""
        custom_id = node.get("custom_id")
        check_text((*path, "custom_id"), custom_id, 1, 100)
        if custom_id in self._seen:
            raise invalid(
                (*path, "custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        self._seen.add(str(custom_id))


class _Check:
    """The check of one message's components: counts what Discord counts over all of them."""

    def __init__(self) -> None:
        self.count = 0
        self.text = 0
        self.custom_ids = CustomIds()
        self.ids: set[int] = set()
        self._by_type: dict[int, Callable[[Path, Json], None]] = {
            ROW: self._row,
            BUTTON: self._button,
            STRING_SELECT: self._string_select,
            **dict.fromkeys(ENTITY_SELECTS, self._entity_select),
            SECTION: self._section,
            TEXT: self._text,
            THUMBNAIL: self._thumbnail,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
        }

    def component(self, path: Path, node: Json, allowed: set[int]) -> None:
        kind = node.get("type")
        if kind not in allowed:
            listed = ", ".join(map(str, sorted(allowed)))
            raise invalid(
                (*path, "type"), "UNION_TYPE_CHOICES", f"Value of field 'type' must be one of ({listed})."
            )
        self.count += 1
        check_fields(path, node, FIELDS[kind] | {"type", "id"})
        self._id(path, node)
        self._by_type[kind](path, node)

    def totals(self) -> None:
        if self.count > MAX_COMPONENTS:
            raise invalid(
                ("components",),
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                f"At most {MAX_COMPONENTS} in all.",
            )
        if self.text > MAX_TEXT:
            raise invalid(
                ("components",),
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                f"Text of at most {MAX_TEXT} in all.",
            )

    def _id(self, path: Path, node: Json) -> None:
        number = node.get("id")
        if number in (None, 0):
            return
        if not isinstance(number, int) or not 0 < number < 2**31 or number in self.ids:
            raise invalid((*path, "id"), "COMPONENT_ID_DUPLICATED", "Ids are unique 32-bit integers.")
        self.ids.add(number)

    def _row(self, path: Path, node: Json) -> None:
        children = objects((*path, "components"), node.get("components"))
        check_count((*path, "components"), children, 1, 5)
        for index, child in enumerate(children):
            self.component((*path, "components", index), child, {BUTTON, *SELECTS})
        if any(child["type"] in SELECTS for child in children) and len(children) > 1:
            raise invalid(
                (*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select has the row to itself."
            )

    def _button(self, path: Path, node: Json) -> None:
        style = node.get("style")
        if style not in range(1, 7):
            raise invalid((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
        check_optional_text(path, node, "label", 80)
        if style == PREMIUM:
            if "sku_id" not in node or {"label", "emoji", "url", "custom_id"} & node.keys():
                raise invalid(
                    (*path, "sku_id"), "BUTTON_COMPONENT_PREMIUM", "A premium button has a sku_id alone."
                )
            return
        if not node.get("label") and not node.get("emoji"):
            raise invalid((*path, "label"), "BASE_TYPE_REQUIRED", "A button has a label or an emoji.")
        if style != LINK:
            if node.get("url") is not None:
                raise invalid((*path, "url"), "BUTTON_COMPONENT_INVALID_URL", "Only link buttons have a url.")
            self.custom_ids.add(path, node)
        elif node.get("custom_id") is not None:
            raise invalid(
                (*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID", "A link button has no custom_id."
            )
        elif not re.match(r"(https?|discord)://", str(node.get("url"))) or len(node["url"]) > 512:
            raise invalid((*path, "url"), "URL_TYPE_INVALID_SCHEME", "Not a well formed URL of 512 or fewer.")

    def _select(self, path: Path, node: Json) -> None:
        self.custom_ids.add(path, node)
        check_optional_text(path, node, "placeholder", 150)
        check_range(path, node, 0, 25)

    def _string_select(self, path: Path, node: Json) -> None:
        self._select(path, node)
        known = {"label", "value", "description", "emoji", "default"}
        options = check_options((*path, "options"), node.get("options"), 1, 25, known)
        if (node.get("max_values") or 1) > len(options):
            raise invalid((*path, "max_values"), "NUMBER_TYPE_MAX", "No more than there are options.")

    def _entity_select(self, path: Path, node: Json) -> None:
        self._select(path, node)

    def _section(self, path: Path, node: Json) -> None:
        children = objects((*path, "components"), node.get("components"))
        check_count((*path, "components"), children, 1, 3)
        for index, child in enumerate(children):
            self.component((*path, "components", index), child, {TEXT})
        accessory = node.get("accessory")
        if not isinstance(accessory, dict):
            raise invalid((*path, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")
        self.component((*path, "accessory"), cast("Json", accessory), {BUTTON, THUMBNAIL})

    def _text(self, path: Path, node: Json) -> None:
        check_text((*path, "content"), node.get("content"), 1, MAX_TEXT)
        self.text += len(node["content"])

    def _thumbnail(self, path: Path, node: Json) -> None:
        check_media((*path, "media"), node.get("media"))
        check_optional_text(path, node, "description", MAX_ALT)

    def _gallery(self, path: Path, node: Json) -> None:
        items = objects((*path, "items"), node.get("items"))
        check_count((*path, "items"), items, 1, 10)
        for index, item in enumerate(items):
            check_fields((*path, "items", index), item, {"media", "description", "spoiler"})
            self._thumbnail((*path, "items", index), item)

    def _file(self, path: Path, node: Json) -> None:
        check_media((*path, "file"), node.get("file"))
        if not node["file"]["url"].startswith("attachment://"):
            raise invalid((*path, "file", "url"), "URL_TYPE_INVALID_SCHEME", "A file is attachment:// only.")

    def _separator(self, path: Path, node: Json) -> None:
        if node.get("spacing", 1) not in (1, 2):
            raise invalid((*path, "spacing"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")

    def _container(self, path: Path, node: Json) -> None:
        colour = node.get("accent_color")
        if colour is not None and not 0 <= colour <= 0xFFFFFF:
            raise invalid((*path, "accent_color"), "NUMBER_TYPE_MAX", "A colour is 0 to 16777215.")
        children = objects((*path, "components"), node.get("components"))
        check_count((*path, "components"), children, 1, MAX_COMPONENTS)
        for index, child in enumerate(children):
            self.component((*path, "components", index), child, IN_CONTAINER)


def check_media(path: Path, media: object) -> None:
    """Refuse what is no media object with a web address or an `attachment://` one."""
    url = cast("Json", media).get("url") if isinstance(media, dict) else None
    if not isinstance(url, str) or not re.match(r"(https?|attachment)://.", url) or len(url) > 2048:
        raise invalid(
            (*path, "url"), "URL_TYPE_INVALID_SCHEME", "Scheme must be one of (http, https, attachment)."
        )


def number_components(components: list[Json]) -> list[Json]:
    """Give every component without an id the next free one, depth first, as Discord does."""
    from sandbox.discord.media import walk

    nodes = [node for node in walk(components) if isinstance(node.get("type"), int)]
    used = {node["id"] for node in nodes if node.get("id")}
    free = (number for number in range(1, 2**31) if number not in used)
    for node in nodes:
        if not node.get("id"):
            node["id"] = next(free)
    return components
