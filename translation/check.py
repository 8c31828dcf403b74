"""Says what is wrong with the catalogue of a language, each fault in one line."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile
from string import Formatter
from typing import TYPE_CHECKING

import regex
from babel.messages.pofile import read_po

from bot import catalogues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

NAME = regex.compile(r"[-_'\p{L}\p{N}\p{sc=Devanagari}\p{sc=Thai}]{1,32}")
"""Discord's names of commands and options: its own pattern, in lower case where a script has it."""
CODE = re.compile(r"`[^`\n]+`")
KEPT = (
    CODE,
    re.compile(r"\*\*"),
    re.compile(r"(?m)^(?:#{1,3}|-#|>) "),
    re.compile(r"<(?:[@#]|t:)[^>]*>"),
    re.compile(r"\n"),
    re.compile(r"https?://\S+"),
    re.compile(r"⭐|▰|▱"),
)
"""What a translation has as often as the English text: code, bold, headings, mentions, commands, lines."""
FOREIGN = {
    "de": re.compile(r"[”«»「」]"),
    "es": re.compile(r"[„「」]"),
    "fr": re.compile(r"[“”„「」]|«(?!\u202f)|(?<!\u202f)»| [:;?!](?=\s|$)"),
    "ja": re.compile(r"[“”„«»]"),
    "pt_BR": re.compile(r"[„«»「」]"),
}
"""Quotation marks of other languages; in French also signs that a plain space parts from their word."""
LIMIT = re.compile(r"At most (\d+) characters\.")


def _commands(text: str, words: frozenset[str]) -> Counter[str]:
    """Return the commands that a text names, groups and all."""
    found: Counter[str] = Counter()
    for match in catalogues.COMMANDS.finditer(text):
        first, *rest = match["words"].split(" ")
        found[" ".join([first, *takewhile(words.__contains__, rest)])] += first in words
    return +found


def faults(name: str, template: Catalog) -> list[str]:
    """Return what is wrong with a language; nothing where it is complete and keeps what must be kept."""
    with catalogues.po_path(name).open("rb") as file:
        catalog = read_po(file, locale=name, domain=catalogues.DOMAIN)
    found = [f"not in the template any more: {one.id!r}" for one in catalog.obsolete.values()]
    wanted = {_key(one): one for one in template if one.id}
    there = {_key(one): one for one in catalog if one.id}
    found += [f"not in the template any more: {key!r}" for key in there.keys() - wanted.keys()]
    commands = frozenset(key[1] for key in wanted if key[0] == catalogues.COMMAND)
    for key, original in wanted.items():
        message = there.get(key)
        if message is None:
            found.append(f"missing: {key!r}")
        else:
            found += [f"{key!r}: {fault}" for fault in _faults(message, original, catalog, commands)]
            found += [f"{key!r}: {fault}" for fault in _faults_of_marks(message, name)]
    return found


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def _faults(message: Message, original: Message, catalog: Catalog, commands: frozenset[str]) -> Iterator[str]:
    if message.fuzzy:
        yield "fuzzy: look at it, and take the mark away"
    one, *more = (original.id,) if isinstance(original.id, str) else original.id
    said = message.string or ""
    forms = (said,) if isinstance(said, str) else tuple(said)
    if more and len(forms) != catalog.num_plurals:
        yield f"{len(forms)} plural forms, and the language has {catalog.num_plurals}"
    if not all(forms):
        yield "not translated"
        return
    limit = next((int(found[1]) for one_ in original.auto_comments if (found := LIMIT.fullmatch(one_))), None)
    for form in forms:
        yield from _faults_of_form(form, more[-1] if more else one, is_counted=bool(more))
        if (kept := _commands(one, commands)) != (named := _commands(form, commands)):
            yield f"commands {dict(named)} in place of {dict(kept)}: {form!r}"
        if limit is not None and len(form) > limit:
            yield f"{len(form)} characters; {limit} are the most: {form!r}"
        if message.context in {catalogues.COMMAND, catalogues.OPTION}:
            yield from _faults_of_name(form)


def _faults_of_form(form: str, english: str, *, is_counted: bool) -> Iterator[str]:
    try:
        named, wanted = _placeholders(form), _placeholders(english)
    except ValueError as error:
        yield f"braces that do not match ({error}): {form!r}"
        return
    left_out = wanted.keys() - named.keys() - ({"count"} if is_counted else set())
    if left_out or named.keys() - wanted.keys():
        yield f"placeholders {sorted(named)} in place of {sorted(wanted)}: {form!r}"
    for shape in KEPT:
        kept, there = Counter(shape.findall(english)), Counter(shape.findall(form))
        if kept != there:
            yield f"{dict(there)} in place of {dict(kept)}: {form!r}"
    if (form.strip() != form and english.strip() == english) or form[:1].isspace() != english[:1].isspace():
        yield f"space at an end that the English text has not, or the other way: {form!r}"


def _faults_of_marks(message: Message, language: str) -> Iterator[str]:
    said = message.string or ""
    for form in (said,) if isinstance(said, str) else said:
        if language in FOREIGN and (found := FOREIGN[language].search(CODE.sub("", form))):
            yield f"marks that the language does not write so, {found[0]!r}: {form!r}"


def _faults_of_name(name: str) -> Iterator[str]:
    if not NAME.fullmatch(name) or name != name.lower():
        yield f"Discord takes no such name: {name!r}"


def _placeholders(text: str) -> Counter[str]:
    return Counter(field for _, field, _, _ in Formatter().parse(text) if field is not None)
