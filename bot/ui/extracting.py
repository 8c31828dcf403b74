"""What was taken out of files, as people see it: a table, and all of it as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from bot.texts import isolated, listed, mark, tr, trn
from bot.ui.descriptions import price, words_left
from bot.ui.laying import NOTE
from bot.ui.modals import FORM_LIFE_S
from bot.ui.press import ActButton
from bot.ui.text import cut, plain, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.extraction import Extracted

    Interaction = discord.Interaction[discord.Client]

FIELDS, SCHEMA, PRIVATE = "fields", "schema", "private"
ANYWAY = "extractpriced"
EMPTY = "—"
WIDEST, WIDEST_CELL = 80, 26
"""Columns of letters in a code block of a wide window, and in one cell."""
MOST_LINES, MOST_CHARACTERS = 20, 1700
FILE = mark("file")
"""The heading of the names of files: in a card in words, in CSV as it is, for whatever reads it."""
MOST_MISSED = 1500
"""Characters of all lines of files that nothing came out of."""
ORDERS_OF_A_SHEET = ("=", "+", "-", "@", "\t", "\r")
"""What makes a cell a formula in a spreadsheet (OWASP, CSV injection)."""


class ExtractForm(ui.Modal):
    """Asks what to take out of a message's files. `answer_form` reads what is sent, not this object."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(title=tr("Extract data"), custom_id=custom_id, timeout=FORM_LIFE_S)
        wanted = ui.TextInput[Any](
            style=discord.TextStyle.paragraph,
            custom_id=FIELDS,
            placeholder=tr(
                "invoice number, date, total as number\nor: every line item: name, price as number"
            ),
            max_length=2000,
            required=False,
        )
        schema = ui.TextInput[Any](
            style=discord.TextStyle.paragraph, custom_id=SCHEMA, max_length=4000, required=False
        )
        self.add_item(ui.Label(text=tr("Which fields?"), component=wanted))
        self.add_item(ui.Label(text=tr("Or your own JSON schema"), component=schema))
        self.add_item(ui.Label(text=tr("Answer to you alone"), component=ui.Checkbox(custom_id=PRIVATE)))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def anyway(draft_id: int, *, private: bool) -> ActButton:
    """Return the button that agrees to a price."""
    return ActButton(ANYWAY, draft_id, int(private), label=tr("Send anyway"), emoji="💸")


def notes(extracted: Extracted) -> list[str]:
    """Return the quiet lines: which files nothing came out of and why; what it cost and what is left."""
    room = min(NOTE, MOST_MISSED // max(len(extracted.missed), 1))
    missed = [
        cut(tr("⚠️ “{filename}”: {error}", filename=plain(one.filename, 60), error=one.reason), room)
        for one in extracted.missed
    ]
    spent = [*price(extracted.cost_microusd), *words_left(extracted.readings)]
    return [*missed, *([" · ".join(spent)] if spent else [])]


def files(extracted: Extracted) -> list[discord.File]:
    """Return all of it as JSON and as CSV."""
    data = [{"file": one.filename, "data": one.value} for one in extracted.found]
    whole = json.dumps(data, ensure_ascii=False, indent=2).encode()
    return [
        discord.File(io.BytesIO(whole), "data.json", description=tr("What was taken out, as JSON")),
        discord.File(io.BytesIO(_csv(extracted)), "data.csv", description=tr("What was taken out, as CSV")),
    ]


def table(extracted: Extracted) -> str:
    """Return what fits of it as a code block: a line for each field of a single row, else a table."""
    rows = extracted.rows()
    named = [one.filename for one in extracted.found]
    if len(rows) == 1:
        head, lines, hidden = "", *_listed(rows[0][1], extracted.wanted.columns)
    else:
        head, lines, hidden = _tabled(rows, extracted.wanted.columns, with_file=len(named) > 1)
    shown: list[str] = []
    for line in lines[:MOST_LINES]:
        if len(head) + sum(len(one) + 1 for one in shown) + len(line) > MOST_CHARACTERS:
            break
        shown.append(line)
    said = "\n".join([*([head] if head else []), *shown])
    more = _left_out(len(lines) - len(shown), hidden, of_fields=len(rows) == 1)
    title = "" if len(named) > 1 else f"**{plain(named[0], 100)}**\n"
    return f"{title}```\n{said}\n```{more}"


def _left_out(count: int, hidden: Sequence[str], *, of_fields: bool) -> str:
    """Say what of a table is in the files alone."""
    said: list[str] = []
    if count and of_fields:
        said.append(trn("{count} more field", "{count} more fields", count))
    elif count:
        said.append(trn("{count} more row", "{count} more rows", count))
    if hidden:
        said.append(trn("{count} more column", "{count} more columns", len(hidden)))
    if not said:
        return ""
    return "\n" + tr("-# {what} in the files, which hold everything.", what=listed(said))


def _listed(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[list[str], list[str]]:
    wide = max(min(WIDEST_CELL, _width(_word(name))) for name in columns)
    room = WIDEST - wide - 2
    return [
        f"{_padded(_word(name), wide)}  {isolated(_cut(_word(_written(row[name])), room))}"
        for name in columns
    ], []


def _tabled(
    rows: Sequence[tuple[str, Mapping[str, Any]]], columns: Sequence[str], *, with_file: bool
) -> tuple[str, list[str], list[str]]:
    """Return the head, the rows, and the columns for which there is no room."""
    names = [_beside(tr(FILE), columns), *columns] if with_file else list(columns)
    cells = [
        [_word(one) for one in ([filename] if with_file else []) + [_written(row[name]) for name in columns]]
        for filename, row in rows
    ]
    widths = [
        min(WIDEST_CELL, max(_width(_word(name)), *(_width(line[n]) for line in cells)))
        for n, name in enumerate(names)
    ]
    count = max(1, sum(sum(widths[: n + 1]) + 2 * n <= WIDEST for n in range(len(widths))))
    lines = [
        "  ".join(_padded(cell, width) for cell, width in zip(line[:count], widths, strict=False)).rstrip()
        for line in [[_word(name) for name in names], *cells]
    ]
    rule = "  ".join("─" * width for width in widths[:count])
    return f"{lines[0]}\n{rule}", lines[1:], names[count:]


def _written(value: object) -> str:
    """Return a value as people read it; what is empty is shown to be."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    several = cast("list[object]", value) if isinstance(value, list) else [value]
    if value is several and not any(isinstance(one, (dict, list)) for one in several):
        return ", ".join(map(_written, several)) or EMPTY
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _csv(extracted: Extracted) -> bytes:
    """Return CSV that spreadsheets open as it is: marked as UTF-8, and without formulas."""
    file = io.StringIO()
    writer = csv.writer(file)
    columns = extracted.wanted.columns
    writer.writerow([_harmless(name) for name in (_beside(FILE, columns), *columns)])
    for filename, row in extracted.rows():
        writer.writerow([_harmless(filename), *(_celled(row[name]) for name in columns)])
    return file.getvalue().encode("utf-8-sig")


def _beside(name: str, columns: Sequence[str]) -> str:
    """Return a name for a column beside others, told from each of them: file, _file, __file."""
    taken = {column.casefold() for column in columns}
    while name.casefold() in taken:
        name = f"_{name}"
    return name


def _celled(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"  # the same from whoever asked, for whatever reads the file
    if value is None or isinstance(value, (int, float)):
        return value
    return _harmless(_written(value) if value != "" else "")


def _harmless(said: str) -> str:
    return f"'{said}" if said.lstrip(" \n").startswith(ORDERS_OF_A_SHEET) else said


def _word(said: str) -> str:
    """Return words on one line that cannot end a code block."""
    return " ".join(visible(said.replace("\n", " ").replace("\t", " ")).replace("`", "ˋ").split()) or EMPTY


def _width(said: str) -> int:
    return sum(_columns(char) for char in said)


def _columns(char: str) -> int:
    """Return how many columns of a code block a character takes: marks stand on the letter before them."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(said: str, room: int) -> str:
    if _width(said) <= room:
        return said
    while _width(said) > room - 1:
        said = said[:-1]
    return f"{said}…"


def _padded(said: str, width: int) -> str:
    said = _cut(said, width)
    return isolated(said) + " " * (width - _width(said))
