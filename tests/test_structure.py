from __future__ import annotations

import ast
import contextlib
import functools
import gc
import io
import re
import shutil
import subprocess
import tokenize
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "bot/texts.py"
ROOMS = ("benchmarks", "bot", "cogs", "migrations", "sandbox", "tests", "translation")
SOURCES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
MAX_LINES = 350
MAX_FUNCTION_LINES = 40
SUPPRESSION = re.compile(r"#.*(noqa|pyright:|type:\s*ignore|pragma:\s*no)")
EXPLAINED = (
    re.compile(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \w"),
    re.compile(r"# pyright: ignore\[\w+(, \w+)*\] - \w"),
    re.compile(r"# pragma: no (cover|branch) - \w"),
)
SQL = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|BEGIN|VACUUM|WITH)\b")
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PIN = re.compile(r"^([\w.-]+)(?:\[([\w,-]+)\])?==([\w.]+)", re.MULTILINE)


def name_of(file):
    return file.relative_to(ROOT).as_posix()


def only(*rooms):
    return [file for file in SOURCES if name_of(file).startswith(rooms)]


@pytest.fixture(autouse=True, scope="module")
def _trees_go():
    """Keep syntax trees for these tests alone: they are large, so no garbage is looked for meanwhile."""
    gc.disable()
    yield
    tree_of.cache_clear()
    nodes_of.cache_clear()
    gc.enable()


@functools.cache
def tree_of(file):
    """Return a file's syntax tree; CPython 3.11 trips when two threads make one (python/cpython#106905)."""
    for _ in range(3):
        with contextlib.suppress(SystemError):
            return ast.parse(file.read_text())
    raise AssertionError(f"{name_of(file)} cannot be parsed")


@functools.cache
def nodes_of(file):
    """Return all of a file's syntax tree that has a line."""
    return [
        node for node in ast.walk(tree_of(file)) if isinstance(node, ast.expr | ast.stmt | ast.excepthandler)
    ]


def found(files, wanted):
    """Return where nodes of the syntax trees are as `wanted` says."""
    return [f"{name_of(file)}:{node.lineno}" for file in files for node in nodes_of(file) if wanted(node)]


def dotted(node):
    """Return a name as it is written, with what it is an attribute of; of anything else nothing."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(node, *names):
    return isinstance(node, ast.Call) and dotted(node.func) in names


def tracked():
    """Return the files that git knows, or will know."""
    if shutil.which("git") is None:
        pytest.skip("git is not here to say which files are the project's")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [file for name in listed.stdout.splitlines() if (file := ROOT / name).is_file()]


def test_files_are_short():
    lengths = {name_of(file): len(file.read_text().splitlines()) for file in SOURCES}

    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_functions_are_short():
    def is_long(node):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        return is_function and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES

    assert found(SOURCES, is_long) == []


def test_only_the_edge_catches_everything():
    def catches_all(node):
        if not isinstance(node, ast.ExceptHandler):
            return False
        return node.type is None or "Exception" in ast.unparse(node.type).split(".")

    edge = ROOT / "bot/ui/explain.py"
    assert found([file for file in only("bot/", "cogs/", "sandbox/") if file != edge], catches_all) == []


def test_every_picture_that_is_shown_has_words_for_those_who_do_not_see_it():
    def is_mute(node):
        is_shown = calls(node, "discord.MediaGalleryItem", "ui.Thumbnail", "discord.ui.Thumbnail")
        return is_shown and not any(keyword.arg == "description" for keyword in node.keywords)

    assert found(only("bot/", "cogs/"), is_mute) == []


def test_only_settings_read_the_environment():
    def reads(node):
        is_environ = dotted(node) in {"os.environ", "os.environb"}
        return is_environ or calls(node, "os.getenv", "getenv")

    files = [file for file in only("bot/", "cogs/") if "settings" not in file.parts]
    assert found(files, reads) == []


def test_sql_lives_in_storage_and_migrations():
    def is_statement(node):
        return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(SQL.match(node.value))

    files = [file for file in only("bot/", "cogs/") if not name_of(file).startswith("bot/storage/")]
    assert found(files, is_statement) == []


def test_nothing_that_people_write_is_a_template():
    """Names in `str.format` reach into objects (CVE-2020-15140); only our own words may be templates."""

    def formats(node):
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"format", "format_map"}
            and not isinstance(node.func.value, ast.Constant)
            and not ast.unparse(node.func.value).isupper()
        )

    files = [file for file in only("bot/", "cogs/") if file != TEXTS]
    assert found(files, formats) == []


def test_nothing_blocks_or_prints():
    assert found(only("bot/", "cogs/"), lambda node: calls(node, "time.sleep", "print", "input")) == []


def test_every_suppression_has_a_code_and_a_reason():
    silent = []
    for file in (file for file in SOURCES if SUPPRESSION.search(file.read_text())):
        for token in tokenize.generate_tokens(io.StringIO(file.read_text()).readline):
            is_suppression = token.type == tokenize.COMMENT and SUPPRESSION.search(token.string)
            if is_suppression and not any(shape.search(token.string) for shape in EXPLAINED):
                silent.append(f"{name_of(file)}:{token.start[0]} {token.string}")

    assert silent == []


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|Not" r"ImplementedError)\b")
    left = [name_of(file) for file in SOURCES if words.search(file.read_text())]

    assert left == []


def test_every_module_says_what_it_knows():
    files = [file for file in only("bot/", "cogs/", "migrations/", "sandbox/") if file.read_text().strip()]

    assert [name_of(file) for file in files if not ast.get_docstring(tree_of(file))] == []


def test_each_command_is_a_module_of_its_own():
    """Cogs are found by walking; none knows another."""

    def imports_a_cog(node):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        return any(name.split(".")[0] == "cogs" for name in names)

    assert found(only("cogs/"), imports_a_cog) == []


def test_test_files_have_names_of_their_own():
    names = [file.name for file in only("tests/") if file.name.startswith("test_")]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_hashes_and_no_addresses(lock):
    text = lock.read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())

    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host", text)


def test_locks_agree_and_hold_every_dependency():
    pins = {
        lock.name: {name: version for name, _, version in PIN.findall(lock.read_text())} for lock in LOCKS
    }
    everything = pins["requirements-dev.lock"]
    project = (ROOT / "pyproject.toml").read_text()
    direct = re.findall(r'^    "([\w.-]+)(?:\[\w+\])?>=', project, re.MULTILINE)

    assert len(direct) > 25
    assert [
        name for name in direct if name.lower().replace(".", "-").replace("_", "-") not in everything
    ] == []
    for lock, versions in pins.items():
        assert {name: pin for name, pin in versions.items() if everything.get(name) != pin} == {}, lock
    assert "nicegui" not in pins["requirements.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_extras_are_locked_with_their_package(lock):
    """Else pip takes the newest release for the extra, whose hash is not in the lock (pypa/pip#9243)."""
    locked = {name: set(filter(None, extras.split(","))) for name, extras, _ in PIN.findall(lock.read_text())}
    asked = {canonicalize_name(one.name): one.requires or () for one in distributions()}
    missing = {
        f"{needed.name}[{extra}], for {name}"
        for name in locked.keys() & asked.keys()
        for needed in map(Requirement, asked[name])
        if needed.marker is None or needed.marker.evaluate({"extra": ""})
        for extra in needed.extras - locked.get(canonicalize_name(needed.name), needed.extras)
    }

    assert len(locked.keys() & asked.keys()) > 20
    assert missing == set()


@pytest.mark.parametrize(
    ("rooms", "lock"),
    [
        (("bot/", "cogs/", "migrations/"), "requirements.lock"),
        (("sandbox/",), "requirements-sandbox.lock"),
    ],
    ids=["the bot", "the sandbox"],
)
def test_what_is_imported_is_what_is_installed(rooms, lock):
    imported = {
        name.split(".")[0]
        for file in only(*rooms)
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
    }
    owners = packages_distributions()
    needed = {owners[name][0] for name in imported if name in owners and name not in ROOMS}
    locked = {name for name, _, _ in PIN.findall((ROOT / lock).read_text())}

    assert len(needed) > 3
    assert {name for name in needed if re.sub(r"[._]", "-", name.lower()) not in locked} == set()


def test_nothing_tracked_names_an_index_or_a_machine():
    index = re.compile(r"--(extra-)?index-url|--find-links|/root/|/home/\w+/|file:///opt/")
    skipped = {name_of(Path(__file__))}
    named = [
        name_of(file)
        for file in tracked()
        if name_of(file) not in skipped and index.search(file.read_text(errors="ignore"))
    ]

    assert named == []
