"""Every way by which kept pictures can leave is named here, with what it asks before they do."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from test_structure import ROOT, calls, name_of, nodes_of, only

if TYPE_CHECKING:
    from collections.abc import Callable

RULE = {"views", "over", "over_admitted"}
"""`Showings.views`, and what asks it for a channel of Discord's."""
ASK = {
    "bot/ui/prints.py",
    "bot/ui/darkroom.py",
    "bot/services/gallery.py",
    "bot/services/toolbox.py",
    "bot/services/export.py",
    "cogs/describe.py",
    "cogs/chat.py",
}
"""Who asks the rule."""
READ = {
    "bot/ui/prints.py": "asks",
    "bot/ui/darkroom.py": "asks",
    "bot/services/export.py": "asks",
    "bot/services/archive.py": "packs what the gallery asked for, and batches that the gate let out",
    "bot/services/answers.py": "shows what the toolbox asked for, and what the model drew just now",
    "bot/services/takeout.py": "hands people over what is theirs, which they may have anywhere",
    "bot/services/toolbox.py": "lets a model look",
    "bot/services/attachments.py": "lets a model look",
    "bot/services/context.py": "lets a model look",
    "bot/services/references.py": "lets a model look",
    "bot/services/glances.py": "lets the moderation model look",
}
"""Who reads the bytes of pictures, and why they may."""
SEND = {
    "bot/ui/prints.py": "asks",
    "bot/ui/darkroom.py": "asks",
    "bot/ui/answering.py": "told by the chat cog and the toolbox, who ask",
    "bot/ui/descriptions.py": "told by the cog, which asks",
    "cogs/gallery.py": "what the gallery packed",
    "bot/ui/batch_delivery.py": "what the gate let out, and the files of it",
    "bot/ui/pages.py": "words of an answer",
    "bot/ui/usage.py": "a chart",
    "bot/ui/styles.py": "words",
    "bot/ui/extracting.py": "words",
    "bot/ui/purse_export.py": "words",
    "bot/ui/batch.py": "words",
    "bot/ui/blocklist.py": "words",
    "bot/ui/details.py": "words",
    "cogs/threads.py": "what the export packed",
    "cogs/usage.py": "words",
    "bot/ui/parcels.py": "what the takeout packed",
}
"""Who makes files for Discord, and of what."""


def _reads(node: ast.AST) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    if not isinstance(function, ast.Attribute) or function.attr != "get":
        return False
    return ast.unparse(function.value).removeprefix("self.").lstrip("_").endswith("blobs")


def _makes(node: ast.AST) -> bool:
    """Tell whether a file is made here, or handed to what makes it."""
    if not isinstance(node, ast.Call) or calls(node, "isinstance"):
        return False
    return "discord.File" in {ast.unparse(one) for one in (node.func, *node.args)}


def _asks(node: ast.AST) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr.lstrip("_") in RULE


def _found(word: str, wanted: Callable[[ast.AST], bool]) -> set[str]:
    """Return the files in which something is done; those without a word of it need not be parsed."""
    files = [one for one in only("bot/", "cogs/") if word in one.read_text()]
    return {name_of(one) for one in files if any(map(wanted, nodes_of(one)))}


def test_whoever_reads_kept_pictures_is_known():
    assert _found("blobs", _reads) - {"bot/storage/blobs.py"} == set(READ)


def test_whoever_sends_files_is_known():
    assert _found("discord.File", _makes) == set(SEND)


def test_those_who_say_that_they_ask_do():
    silent = [name for name in sorted(ASK) if not any(map(_asks, nodes_of(ROOT / name)))]

    assert silent == []
    assert {name for table in (READ, SEND) for name, why in table.items() if why == "asks"} <= ASK
