"""Styles as a file that people keep, share and bring back: JSON of a named version, checked whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from bot.domain.styles import Style, Written, checked, key
from bot.errors import BadInput
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = 1
MARK = "easel_styles"
"""The field that says what the file is, and of which version."""
MAX_BYTES = 1024 * 1024
"""More than a full list takes."""
MAX_ENTRIES = 100
FIELDS = {"name": 200, "template": 10_000, "note": 2000}
"""What an entry holds; longer words are not even looked at."""
NOT_OURS = mark("This is no file of styles. `/style export` writes one; it ends in .json.")


def to_json(styles: Sequence[Style | Written]) -> str:
    """Return styles as a file's text, readable and stable."""
    entries = [{"name": one.name, "template": one.template, "note": one.note} for one in styles]
    return json.dumps({MARK: VERSION, "styles": entries}, ensure_ascii=False, indent=2) + "\n"


def read(data: bytes) -> tuple[Written, ...]:
    """Return the styles of a file, or raise BadInput naming the first entry that is wrong."""
    entries = _entries(data)
    found: dict[str, Written] = {}
    for place, entry in enumerate(entries, start=1):
        try:
            written = checked(_written(entry))
        except BadInput as error:
            raise BadInput(
                tr("{entry}: {error} Nothing was imported.", entry=_called(place, entry), error=error)
            ) from error
        if key(written.name) in found:
            raise BadInput(
                tr(
                    "{entry}: the file has this name twice. Nothing was imported.",
                    entry=_called(place, entry),
                )
            )
        found[key(written.name)] = written
    return tuple(found.values())


def _entries(data: bytes) -> list[Any]:
    """Return what the file lists; BadInput where it is another kind of file."""
    if len(data) > MAX_BYTES:
        raise BadInput(tr("The file is too big. {megabytes} MB is the most.", megabytes=MAX_BYTES // 1024**2))
    try:
        document: object = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(tr(NOT_OURS)) from error
    if not isinstance(document, dict):
        raise BadInput(tr(NOT_OURS))
    fields = cast("dict[str, Any]", document)
    if MARK not in fields:
        raise BadInput(tr(NOT_OURS))
    if fields[MARK] != VERSION or isinstance(fields[MARK], bool):
        raise BadInput(tr("This file is of another version. This Easel reads version 1."))
    entries = fields.get("styles")
    if not isinstance(entries, list) or not entries:
        raise BadInput(tr("The file has no styles in it."))
    listed = cast("list[Any]", entries)
    if len(listed) > MAX_ENTRIES:
        raise BadInput(
            tr("The file has {count} styles; {most} are the most.", count=len(listed), most=MAX_ENTRIES)
        )
    return listed


def _written(entry: object) -> Written:
    if not isinstance(entry, dict):
        raise BadInput(tr('It must look like {{"name": …, "template": …}}.'))
    fields = cast("dict[str, Any]", entry)
    unknown = sorted(str(name) for name in fields if name not in FIELDS)
    if unknown:
        raise BadInput(
            tr("“{name}” is not known. An entry has name, template and note.", name=unknown[0][:40])
        )
    words: dict[str, str] = {}
    for name, most in FIELDS.items():
        value = fields.get(name, "" if name == "note" else None)
        if not isinstance(value, str):
            raise BadInput(tr("Its {field} must be text.", field=name))
        if len(value) > most:
            raise BadInput(tr("Its {field} is far too long.", field=name))
        words[name] = value
    return Written(**words)


def _called(place: int, entry: object) -> str:
    """Name an entry by its place, and by its name where it has one."""
    name: object = cast("dict[str, Any]", entry).get("name") if isinstance(entry, dict) else None
    if isinstance(name, str):
        return tr("Entry {place} (“{name}”)", place=place, name=" ".join(name.split())[:40])
    return tr("Entry {place}", place=place)
