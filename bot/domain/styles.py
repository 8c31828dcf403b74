"""Styles: templates that people fill with a subject, and with words for their variables."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.requests import StyleUse
from bot.errors import BadInput
from bot.texts import listed, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBJECT = "subject"
NONE = "none"
"""What is written in place of a style's name to have none, whatever is usual."""
MAX_NAME = 40
MAX_TEMPLATE = 2000
MAX_NOTE = 200
MAX_VARIABLES = 5
"""What one form asks for."""
MAX_VALUE = 100
MAX_VARIABLE_NAME = 32
MAX_WISH = 800
"""A name, and words for as many variables as there can be."""
RESERVED = frozenset({NONE, "auto"})
_BRACES = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(rf"[^\W\d_][\w-]{{0,{MAX_VARIABLE_NAME - 1}}}")
MARK = "·"
"""What parts a name from what is said of it where it is suggested."""
_FORBIDDEN = frozenset(";{}#`" + MARK)
"""What a name must not hold: it ends the name where variables follow, or stands for something else."""


class Source(StrEnum):
    """Whose a style is."""

    OWN = "own"
    SERVER = "server"
    BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class Variable:
    """A word of a template that whoever draws chooses; None where there is no default for it."""

    name: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A style as somebody writes it."""

    name: str
    template: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """A style that can be drawn in. `ref` names it for ever: a row's number, or a built-in's own word."""

    ref: str
    source: Source
    name: str
    template: str
    note: str = ""
    preview_picture_id: str | None = None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Return the words that can be chosen."""
        return variables(self.template)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wrote for a style: its name or ref, and words for variables, by their names."""

    name: str
    values: Mapping[str, str]


def key(name: str) -> str:
    """Return what two names have in common that count as the same."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def checked(written: Written) -> Written:
    """Return a style as it is kept, or raise BadInput saying what is wrong with it."""
    name = " ".join(written.name.split())
    _check_name(name)
    template = written.template.strip()
    _check_template(template)
    note = " ".join(written.note.split())
    if len(note) > MAX_NOTE:
        raise BadInput(
            tr("The note is {length} characters long; {most} are the most.", length=len(note), most=MAX_NOTE)
        )
    return Written(name, template, note)


def variables(template: str) -> tuple[Variable, ...]:
    """Return a template's variables in the order of their first appearance; BadInput for what is none."""
    found: dict[str, Variable] = {}
    for inside in _BRACES.findall(template):
        variable = _variable(inside)
        if variable is None:
            continue
        known = found.get(variable.name)
        if known is None or known.default is None:
            found[variable.name] = variable
        elif variable.default not in {None, known.default}:
            raise BadInput(tr("“{name}” has two defaults. Write its default once.", name=variable.name))
    return tuple(found.values())


def missing(template: str) -> tuple[str, ...]:
    """Return the names of a template's variables that have no default."""
    return tuple(one.name for one in variables(template) if one.default is None)


def filled(style: Style, values: Mapping[str, str]) -> StyleUse:
    """Return a style with these words for its variables, or their defaults; others stay as they are.

    A template alone has variables: braces in words that were given turn into round brackets.
    """
    return StyleUse(style.name, fill(style.template, values))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return a template with these words in place of its variables, or their defaults."""
    words = {one.name: one.default for one in variables(template) if one.default is not None}
    words |= {name: value.replace("{", "(").replace("}", ")") for name, value in values.items()}

    def word(match: re.Match[str]) -> str:
        variable = _variable(match[1])
        return f"{{{SUBJECT}}}" if variable is None else words.get(variable.name, match[0])

    return _BRACES.sub(word, template)


def wanted(written: str) -> Wanted:
    """Read `Name`, or `Name; colour=red; mood=calm`; BadInput where words have no variable.

    A suggestion that somebody wrote on in is read as its name.
    """
    name, *rest = written.split(";")
    values: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in rest)):
        variable, separator, value = part.partition("=")
        if not separator or not value.strip():
            raise BadInput(
                tr("“{part}” says no variable. Write it like this: Poster; colour=red", part=part[:60])
            )
        values[_named(variable)] = " ".join(value.split())[:MAX_VALUE]
    return Wanted(name.partition(MARK)[0].strip(), values)


def check_values(style: Style, values: Mapping[str, str]) -> None:
    """Raise BadInput where words were given for a variable that the style has not."""
    known = [one.name for one in style.variables]
    for name in values:
        if name not in known:
            has = tr("It has {variables}.", variables=listed(known)) if known else tr("It has no variables.")
            raise BadInput(
                tr(
                    "The style {style} has no variable “{variable}”. {has}",
                    style=style.name,
                    variable=name[:40],
                    has=has,
                )
            )


def _named(written: str) -> str:
    """Return what two spellings of a variable have in common; it is shown, so that ß stays ß."""
    return " ".join(unicodedata.normalize("NFKC", written).lower().split())


def _variable(inside: str) -> Variable | None:
    """Return what braces hold, None for the subject; BadInput where it is neither."""
    name, separator, default = inside.partition("=")
    name = _named(name)
    if name == SUBJECT:
        if separator:
            raise BadInput(tr("{{subject}} takes no default: it is what somebody asks for."))
        return None
    if not _VARIABLE.fullmatch(name):
        raise BadInput(
            tr(
                "“{{{inside}}}” is no variable: its name has up to {most} letters, digits, - or _, like "
                "{{colour}} or {{colour=red}}.",
                inside=inside[:60],
                most=MAX_VARIABLE_NAME,
            )
        )
    default = " ".join(default.split())
    if separator and not default:
        raise BadInput(
            tr("The default of “{name}” is empty. Write {{{name}}} to be asked for it.", name=name)
        )
    if len(default) > MAX_VALUE:
        raise BadInput(
            tr(
                "The default of “{name}” is too long; {most} characters are the most.",
                name=name,
                most=MAX_VALUE,
            )
        )
    return Variable(name, default if separator else None)


def _check_name(name: str) -> None:
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        raise BadInput(tr("A style needs a name with a letter or a digit in it."))
    if len(name) > MAX_NAME:
        raise BadInput(
            tr("The name is {length} characters long; {most} are the most.", length=len(name), most=MAX_NAME)
        )
    if found := sorted(_FORBIDDEN.intersection(name)):
        raise BadInput(tr("A style's name cannot hold {sign}. Leave it out.", sign=found[0]))
    if any(unicodedata.category(char)[0] == "C" for char in name):
        raise BadInput(tr("A style's name cannot hold characters that nobody sees. Leave them out."))
    if key(name) in RESERVED:
        raise BadInput(tr("“{name}” cannot be a style's name: it stands for having none.", name=name))


def _check_template(template: str) -> None:
    if len(template) > MAX_TEMPLATE:
        raise BadInput(
            tr(
                "The template is {length} characters long; {most} are the most.",
                length=len(template),
                most=MAX_TEMPLATE,
            )
        )
    if set("{}") & set(_BRACES.sub("", template)):
        raise BadInput(
            tr("The braces of the template do not match. Each {{ needs its }} without another between.")
        )
    found = variables(template)
    if SUBJECT not in map(_named, _BRACES.findall(template)):
        raise BadInput(
            tr("The template does not say where the subject goes. Write {{subject}} in its place.")
        )
    if len(found) > MAX_VARIABLES:
        raise BadInput(
            tr(
                "The template has {count} variables; {most} are the most.",
                count=len(found),
                most=MAX_VARIABLES,
            )
        )
