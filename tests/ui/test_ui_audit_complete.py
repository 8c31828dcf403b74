"""Every line that any code writes into the audit is a sentence: found by reading the code."""

from __future__ import annotations

import ast
import importlib
import inspect
import types
import typing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, EnumType
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.storage.audit import AuditLine
from bot.ui.audit_told import Told
from bot.ui.audit_words import LEFT_OUT, LONGEST, SENTENCES, sentence

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BOT = Path(inspect.getfile(AuditLine)).parents[1]
ANY = "*"
MODEL = "moderation model"
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DETAIL = "Mapping[str, str | int | None]"
ENUMERATIONS = ("bot.domain.access", "bot.domain.reviews", "bot.domain.reports")
READS_THE_DATABASE = "storage/audit.py"


@dataclass(frozen=True)
class Place:
    """Where an expression stands: its module, the function around it, and what was given to that."""

    module: types.ModuleType
    tree: ast.Module
    function: Function
    given: dict[str, tuple[ast.expr, Place]]


def places(tree: ast.Module, module: types.ModuleType, name: str) -> Iterator[tuple[ast.Call, Place]]:
    """Yield each call of a function of the module's own, with the function that it stands in."""
    for function in (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {name, f"self.{name}"}:
                yield node, Place(module, tree, function, {})


def parameters(function: Function) -> list[str]:
    return [one.arg for one in function.args.args if one.arg != "self"]


def settle(place: Place, expressions: list[ast.expr]) -> list[Place]:
    """Return a place for each way in which the function around expressions is called."""
    needed = asked(place, expressions)
    if not needed:
        return [place]
    found: list[Place] = []
    for call, outer in places(place.tree, place.module, place.function.name):
        names = parameters(place.function)
        values = {**defaults(place.function), **dict(zip(names, call.args, strict=False))}
        values |= {word.arg: word.value for word in call.keywords if word.arg}
        given = {name: values[name] for name in needed if name in values}
        found += [
            replace(place, given={name: (one, inner) for name, one in given.items()})
            for inner in settle(outer, list(given.values()))
        ]
    return found


def asked(place: Place, expressions: list[ast.expr]) -> set[str]:
    """Return what expressions need of what the function around them was given."""
    known = [one.arg for one in [*place.function.args.args, *place.function.args.kwonlyargs]]
    names = names_in(expressions)
    names |= names_in([value for name in names for value in assigned(place, name)])
    return {
        one for one in names if one in known and annotated(place, one) in {"str", DETAIL, f"{DETAIL} | None"}
    }


def annotated(place: Place, name: str) -> str:
    both = [*place.function.args.args, *place.function.args.kwonlyargs]
    return next((ast.unparse(one.annotation) for one in both if one.arg == name and one.annotation), "")


def names_in(expressions: Iterable[ast.expr]) -> set[str]:
    return {node.id for one in expressions for node in ast.walk(one) if isinstance(node, ast.Name)}


def defaults(function: Function) -> dict[str, ast.expr]:
    tail = function.args.defaults
    found = dict(zip(parameters(function)[-len(tail) :], tail, strict=True)) if tail else {}
    words = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return found | {one.arg: value for one, value in words if value is not None}


def assigned(place: Place, name: str) -> list[ast.expr]:
    found: list[ast.expr] = []
    for node in ast.walk(place.function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    found.append(node.value)
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    found += [
                        value
                        for one, value in zip(target.elts, node.value.elts, strict=False)
                        if isinstance(one, ast.Name) and one.id == name
                    ]
    return found


def members(place: Place, name: str) -> set[str]:
    """Return the values of the enumeration that a parameter is one of; none where it is not."""
    rooms = (place.module, *map(importlib.import_module, ENUMERATIONS))
    kinds = (getattr(room, annotated(place, name), None) for room in rooms)
    return {
        str(one.value)
        for kind in kinds
        if isinstance(kind, EnumType)
        for one in typing.cast("type[Enum]", kind)
    }


def actions(node: ast.expr, place: Place) -> set[str]:
    """Return the words that an expression can be; fails for one that cannot be read."""
    match node:
        case ast.Constant(value=str(word)):
            return {word}
        case ast.IfExp(body=one, orelse=other):
            return actions(one, place) | actions(other, place)
        case ast.JoinedStr(values=pieces):
            whole = {""}
            for piece in pieces:
                said = actions(piece.value if isinstance(piece, ast.FormattedValue) else piece, place)
                whole = {before + after for before in whole for after in said}
            return whole
        case ast.Attribute(value=ast.Name(id=name), attr="value") if found := members(place, name):
            return found
        case ast.Name(id=name) if name in place.given:
            value, outer = place.given[name]
            return actions(value, outer)
        case ast.Name(id=name) if found := assigned(place, name):
            return {word for one in found for word in actions(one, place)}
        case ast.Name(id=name) if isinstance(getattr(place.module, name, None), str):
            return {getattr(place.module, name)}
        case _:
            pass
    pytest.fail(f"{place.module.__name__}, line {node.lineno}: an action is not said plainly")


def keys(node: ast.expr, place: Place) -> set[str]:
    """Return the names of details that an expression has; ANY where they are known only when it runs."""
    match node:
        case ast.Dict(keys=names, values=values):
            said: set[str] = set()
            for name, value in zip(names, values, strict=True):
                if name is None:
                    said |= keys(value, place)
                else:
                    said |= {str(name.value)} if isinstance(name, ast.Constant) else {ANY}
            return said
        case ast.Call(func=ast.Name(id="dict"), args=[only]):
            return keys(only, place)
        case ast.BoolOp(values=values):
            return {name for one in values for name in keys(one, place)}
        case ast.Constant(value=None):
            return set()
        case ast.Name(id=name) if name in place.given:
            value, outer = place.given[name]
            return keys(value, outer)
        case ast.Name(id=name) if found := assigned(place, name):
            return {name for one in found for name in keys(one, place)}
        case _:
            return {ANY}


def written() -> dict[str, set[str]]:
    """Return every action that code writes, with the names of its details."""
    found: dict[str, set[str]] = {}
    for path in sorted(BOT.rglob("*.py")):
        text = path.read_text()
        if "AuditLine(" not in text or path.as_posix().endswith(READS_THE_DATABASE):
            continue
        module = importlib.import_module(".".join(("bot", *path.relative_to(BOT).with_suffix("").parts)))
        tree = ast.parse(text)
        for call, place in places(tree, module, "AuditLine"):
            for settled in settle(place, [call.args[2], call.args[4]]):
                for action in actions(call.args[2], settled):
                    found.setdefault(action, set()).update(keys(call.args[4], settled))
    return found


NEVER = {"report.open", "review.waiting"}
"""States that nothing is decided into."""
WRITTEN = {action: names for action, names in written().items() if action not in NEVER}


class Read(dict[str, typing.Any]):
    """Details that know which of them were asked for."""

    def __init__(self, *values: typing.Any) -> None:
        super().__init__(*values)
        self.asked: set[str] = set()

    def get(self, name: str, default: typing.Any = None) -> typing.Any:
        self.asked.add(name)
        return super().get(name, default)

    def items(self):
        self.asked |= {ANY, *self}
        return super().items()


def test_the_code_is_read_as_it_is_meant():
    assert WRITTEN["safety.raid_began"] == {"accounts", "young", "until"}
    assert WRITTEN["report.deleted"] == WRITTEN["report.dismissed"] == {"message", "channel", "job"}
    assert WRITTEN["quota.set"] == {"meter", "cap"}
    assert WRITTEN["safety.words_removed"] == {"entries", "count"}
    assert {"access.channels", "access.roles", "safety.blocked", "safety.caption", "chat.reset"} <= {*WRITTEN}


@pytest.mark.parametrize("action", sorted(WRITTEN))
def test_what_is_written_down_is_a_sentence_that_says_each_detail(action: str):
    assert action in SENTENCES, "give it a sentence in bot/ui/audit_words.py or a table beside it"

    detail = Read(dict.fromkeys(WRITTEN[action] - {ANY}, 5))
    line = SimpleNamespace(guild_id=70, actor_id=9, action=action, subject="5", detail=detail)
    said = SENTENCES[action](Told(typing.cast("AuditLine", line)))

    assert action not in said
    unsaid = WRITTEN[action] - detail.asked - set(LEFT_OUT.get(action, "").split())
    assert not unsaid or LEFT_OUT.get(action) == ANY, "say it, or leave it out on purpose: LEFT_OUT"


@pytest.mark.parametrize(
    ("action", "subject", "detail", "says"),
    [
        ("safety.raid_began", "", {"accounts": 3, "young": 2, "until": 7}, "asked at once, 2 of them new"),
        ("safety.blocked", "5", {"entry": "gore", "place": "talk", "whose": "server"},
         "<@5> was turned away: this server blocks “gore” (Conversation)."),
        ("safety.blocked", "5", {"entry": "hate", "place": "draw", "whose": MODEL, "what": "picture"},
         "turned away pictures that <@5> gave: hate (Pictures)."),
        ("safety.cooled", "5", {"refused": 1, "until": 7}, "<@5> takes a break until <t:7:f>: 1 request was"),
        ("safety.words_added", "", {"entries": "a\nb", "count": 2}, "<@9> blocked words here: a; b"),
        ("safety.review", "", {"pictures": "all", "channel": 3}, "looked at first, in <#3>."),
        ("safety.pictures", "", {"spoilers": "always", "captions": 1, "apart": 0}, "always; captions: yes; "),
        ("safety.pictures", "", {"spoilers": "flagged", "captions": 0, "apart": 1}, "delicate ones; capt"),
        ("review.lost", "channel:3", {"why": "It is gone."}, "to <#3> any more: It is gone."),
        ("review.held", "5", {"job": 1, "channel": 3, "entry": "x"},
         "of <@5> in <#3> wait for moderators, because"),
        ("review.held", "5", {"job": 1, "channel": 3, "entry": "?clown"}, "because of “clown”."),
        ("review.held", "5", {"job": 1, "channel": 3, "entry": "moderation model: hate"},
         "because of the moderation model: hate."),
        ("review.held", "5", {"job": 1, "channel": 3, "entry": "moderation model: no verdict"},
         "because the moderation model gave no verdict."),
        ("review.denied", "5", {"job": 1, "reason": "no"}, "<@9> denied pictures of <@5>. Reason: no"),
        ("report.filed", "5", {"message": 8, "channel": 3, "job": 1}, "https://discord.com/channels/70/3/8"),
        ("report.deleted", "5", {"message": 8, "channel": 3, "job": 1},
         "<@9> took away a reported message with pictures of <@5>: https://discord.com/channels/70/3/8"),
        ("report.dismissed", "", {"message": 8}, "<@9> left a reported message of Easel's as it is: 8"),
        ("budget.set", "budget", {"budget_alert": "80"}, "Moderators hear of it at 80%."),
        ("budget.alert", "server:70",
         {"percent": 80, "spent_microusd": 8, "budget_microusd": 10, "month": "2026-11"},
         "80% of this server's budget is spent"),
        ("privacy.retention", "server:70", {"days": 30}, "<@9> lets things be kept here for 30 days."),
        ("privacy.retention", "server:70", {"days": None}, "as long as their people want"),
    ],
)  # fmt: skip
def test_lines_read_as_moderators_speak(action: str, subject: str, detail: dict[str, typing.Any], says: str):
    line = AuditLine(70, 9, action, subject, detail, datetime(2026, 11, 28, tzinfo=UTC))

    assert says in sentence(line)
    assert len(sentence(line)) <= LONGEST
