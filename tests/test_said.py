"""What people read passes the catalogues: literals are marked, and what is translated is our own."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted(file for room in ("bot", "cogs") for file in (ROOT / room).rglob("*.py"))
OPERATORS = ("bot/doctor/", "bot/settings/", "bot/telemetry/", "bot/__main__.py", "bot/usage.py")
TO_THE_MODEL = ("bot/domain/tools.py", "bot/services/toolbox.py", "bot/domain/words.py")
"""Where errors are told to the model, which does not mind."""
NOT_TOLD = {"StartupError", "DatabaseDamaged", "DiscordAway", "HeardBefore", "Superseded", "EaselError"}
SAYING = {"send_message", "send", "tell", "TextDisplay", "Page", "apology"}
SHOWN = {"label", "placeholder", "title", "content"}
FORMS = {"label", "placeholder", "title", "text", "description"}
PASSED = {"tr", "trn", "mark", "plain", "isolated", "visible", "option", "show", "act_id", "custom_id"}


@functools.cache
def trees():
    return [(file.relative_to(ROOT).as_posix(), ast.parse(file.read_text())) for file in SOURCES]


@functools.cache
def calls():
    """Return every call, with the name of its file."""
    return [(name, node) for name, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Call)]


def name_of(call):
    called = call.func
    while isinstance(called, ast.Subscript):
        called = called.value
    return (
        called.attr
        if isinstance(called, ast.Attribute)
        else called.id
        if isinstance(called, ast.Name)
        else ""
    )


def bare(node):
    """Yield what of an expression is words in English that pass no catalogue."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and re.search(
            r"[A-Za-z]{2}", re.sub(r"https?://\S*|```\w*", "", node.value)
        ):
            yield node
    elif isinstance(node, ast.Call):
        if name_of(node) in {"join", "cut"}:
            for argument in node.args:
                yield from bare(argument)
    elif not isinstance(node, ast.Attribute | ast.Subscript | ast.Lambda | ast.Compare):
        for child in ast.iter_child_nodes(node):
            yield from bare(child)


def said(name, call):
    """Yield the arguments of a call that people read."""
    called = name_of(call)
    if called in errors() - NOT_TOLD and name not in TO_THE_MODEL:
        yield from call.args[:1]
    if name.startswith(("bot/ui/", "cogs/")):
        if called in SAYING:
            yield from call.args
        wanted = FORMS if name.startswith("bot/ui/") else SHOWN
        yield from (keyword.value for keyword in call.keywords if keyword.arg in wanted)


@functools.cache
def errors():
    tree = ast.parse((ROOT / "bot/errors.py").read_text())
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def test_what_people_read_passes_the_catalogues():
    found = [
        f"{name}:{words.lineno} {words.value!r}"
        for name, call in calls()
        if not name.startswith(OPERATORS)
        for argument in said(name, call)
        for words in bare(argument)
    ]

    assert found == []


def test_only_our_own_words_are_translated():
    """A text is a literal, or has the name of one that `mark` gave to the catalogues."""

    def is_our_own(node):
        if isinstance(node, ast.IfExp):
            return is_our_own(node.body) and is_our_own(node.orelse)
        return isinstance(node, ast.Constant | ast.Name | ast.Attribute) or (
            isinstance(node, ast.Subscript) and ast.unparse(node.value).isupper()
        )

    found = [
        f"{name}:{call.lineno}"
        for name, call in calls()
        if name != "bot/texts.py"
        and isinstance(call.func, ast.Name)
        and call.func.id in {"tr", "trn", "mark"}
        if not is_our_own(call.args[0])
    ]

    assert found == []


def test_what_is_translated_by_name_was_marked():
    bound = {name: _bound(tree) for name, tree in trees()}
    found = [
        f"{name}:{call.lineno} {argument.id}"
        for name, call in calls()
        if isinstance(call.func, ast.Name) and call.func.id == "tr"
        for node in _choices(call.args[0])
        if isinstance(argument := node.value if isinstance(node, ast.Subscript) else node, ast.Name)
        if argument.id in bound[name] and "mark(" not in bound[name][argument.id]
    ]

    assert found == []


def _choices(node):
    return (*_choices(node.body), *_choices(node.orelse)) if isinstance(node, ast.IfExp) else (node,)


def _bound(tree):
    """Return what the constants of a module are bound to."""
    return {
        target.id: ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
