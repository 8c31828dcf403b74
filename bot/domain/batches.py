"""Lists of prompts as people write them: a .txt with one on each line, a .csv whose columns fill a template.

A row is named by its place in the file, counted as an editor or a spreadsheet does: from 1, empty ones and
the header included. What is wrong is said of the first row that has it. Nothing in a cell is ever more than
words: formulas are not evaluated, braces in a cell are no variables.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.requests import MAX_PROMPT, MAX_SEED
from bot.errors import BadInput
from bot.texts import listed, mark, means, number, quoted, tr, trn, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_ROWS = 200
MAX_BYTES = 1024 * 1024
"""Two hundred prompts of five thousand letters."""
MAX_COLUMNS = 50
TOO_LONG = mark("Row {row} has a cell that is too long, or is no row of a table.")
UNCLOSED = mark("Row {row} has a quotation mark that is not closed, or is no row of a table.")
NONE_NAMED = mark("Its first row names none.")
PROMPT, SEED = "prompt", "seed"
_VARIABLE = re.compile(r"\{([^{}=]{1,60})(?:=([^{}]*))?\}")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt of a list; `row` is where it stands in the file."""

    row: int
    prompt: str
    seed: int | None = None


def parse(data: bytes, filename: str, template: str | None = None) -> tuple[Entry, ...]:
    """Return the prompts of a file in their order, equal ones too, or raise BadInput naming the row."""
    if len(data) > MAX_BYTES:
        raise BadInput(
            tr(
                "“{filename}” is over {megabytes} MB. A list of prompts is smaller.",
                filename=filename,
                megabytes=MAX_BYTES // 1024**2,
            )
        )
    ending = filename.rpartition(".")[2].lower()
    if ending not in {"txt", "csv"}:
        raise BadInput(
            tr("“{filename}” is no list of prompts. Send a .txt or a .csv file.", filename=filename)
        )
    text = _text(data, filename)
    entries = _of_lines(text, template) if ending == "txt" else _of_table(text, template)
    found: list[Entry] = []
    for entry in entries:
        if len(found) == MAX_ROWS:
            raise BadInput(
                tr(
                    "“{filename}” has more than {most} prompts. Split it into smaller files.",
                    filename=filename,
                    most=MAX_ROWS,
                )
            )
        found.append(_checked(entry))
    if not found:
        raise BadInput(tr("There is no prompt in “{filename}”.", filename=filename))
    return tuple(found)


def variables(template: str) -> dict[str, str | None]:
    """Return the names in a template's braces, in their order, each with its default where it has one."""
    found: dict[str, str | None] = {}
    for name, default in _VARIABLE.findall(template):
        key = _key(name)
        found[key] = found.get(key) or default.strip() or None
    return found


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: values[_key(match[1])], template).strip()


def _text(data: bytes, filename: str) -> str:
    """Return a file's text: UTF-8, or UTF-16 as spreadsheets write it."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        encoding = "utf-16-le" if _is_wide(data) else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise BadInput(
            tr(
                "“{filename}” cannot be read from line {row} on. Save it as text in the encoding UTF-8.",
                filename=filename,
                row=row,
            )
        ) from error
    if "\0" in text:
        raise BadInput(tr("“{filename}” is no text. Send a .txt or a .csv file.", filename=filename))
    return text


def _is_wide(data: bytes) -> bool:
    """Tell whether every other byte of the beginning is empty: UTF-16 without its mark."""
    head = data[:1000]
    return len(head) >= 4 and not any(head[1::2]) and all(head[::2])


def _of_lines(text: str, template: str | None) -> Iterator[Entry]:
    """Yield the lines of a .txt; the one variable of a template is the line, whatever its name."""
    names = variables(template) if template is not None else {}
    if template is not None and len(names) != 1:
        raise BadInput(
            tr("For a .txt the template needs one variable, such as {{prompt}}. For more, send a .csv file.")
        )
    for row, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if words := line.strip():
            yield Entry(row, words if template is None else _fill(template, dict.fromkeys(names, words)))


def _of_table(text: str, template: str | None) -> Iterator[Entry]:
    """Yield the rows of a .csv, whose first names the columns."""
    rows = _rows(text)
    header_row, names = next((one for one in rows if any(map(str.strip, one[1]))), (1, list[str]()))
    columns = _columns(names, header_row)
    wanted = {PROMPT: None} if template is None else variables(template)
    if not wanted:
        raise BadInput(tr("The template has no variable. Write the names of columns in braces: {{prompt}}."))
    missing = [name for name, default in wanted.items() if name not in columns and default is None]
    if missing:
        raise BadInput(_no_column(missing, list(columns), has_template=template is not None))
    for row, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(names) :]):
            raise BadInput(
                tr(
                    "Row {row} has {cells} cells, and row {header_row} names {names}.",
                    row=row,
                    cells=len(cells),
                    header_row=header_row,
                    names=len(names),
                )
            )
        values = {name: cells[n].strip() if n < len(cells) else "" for name, n in columns.items()}
        yield _entry(row, values, wanted, template)


def _entry(
    row: int, values: Mapping[str, str], wanted: Mapping[str, str | None], template: str | None
) -> Entry:
    words: dict[str, str] = {}
    for name, default in wanted.items():
        words[name] = values.get(name) or default or ""
        if not words[name]:
            raise BadInput(tr("Row {row} has nothing in the column “{column}”.", row=row, column=name))
    prompt = words[PROMPT] if template is None else _fill(template, words)
    return Entry(row, prompt, _seed(row, values.get(SEED, "")))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table, counted as spreadsheets do: a cell may hold lines of its own."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if len(cells) > MAX_COLUMNS:
                raise BadInput(
                    tr(
                        "Row {row} has {cells} cells. {most} are the most.",
                        row=row,
                        cells=len(cells),
                        most=MAX_COLUMNS,
                    )
                )
            yield row, cells
    except csv.Error as error:
        why = TOO_LONG if "limit" in str(error) else UNCLOSED
        raise BadInput(tr(why, row=row + 1)) from error


def _delimiter(text: str) -> str:
    """Return what stands between the cells of the first line that has any: `,`, `;` or a tab."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=bare.count)


def _columns(names: Sequence[str], row: int) -> dict[str, int]:
    """Return the place of each column; those without a name are left alone."""
    columns: dict[str, int] = {}
    for n, name in enumerate(names):
        key = _key(name)
        if key in columns:
            raise BadInput(tr("Row {row} names the column “{column}” twice.", row=row, column=key[:60]))
        if key:
            columns[key] = n
    for name, words in (
        (PROMPT, typed("prompt", anywhere=True)),
        (SEED, typed("seed", anywhere=True)),
    ):
        called = next((key for key in columns if means(key, words)), None)
        if called is not None:
            columns.setdefault(name, columns[called])
    return columns


def _no_column(missing: Sequence[str], columns: Sequence[str], *, has_template: bool) -> str:
    has = tr("Its columns are {columns}.", columns=_listed(columns)) if columns else tr(NONE_NAMED)
    if has_template:
        return tr(
            "The template asks for {missing}, and the file has no such column. {columns}",
            missing=_listed(missing),
            columns=has,
        )
    return tr(
        "The file needs a column named “{column}”, or a template that names other columns. {columns}",
        column=PROMPT,
        columns=has,
    )


def _seed(row: int, written: str) -> int | None:
    if not written:
        return None
    if not (written.isascii() and written.isdigit()) or int(written[:20]) > MAX_SEED:
        raise BadInput(
            tr(
                "Row {row}: “{written}” is no seed. A seed is a number from 0 to {most}.",
                row=row,
                written=written[:40],
                most=MAX_SEED,
            )
        )
    return int(written)


def _checked(entry: Entry) -> Entry:
    if len(entry.prompt) > MAX_PROMPT:
        raise BadInput(
            tr(
                "Row {row} is a prompt of {characters} characters; {most} are the most.",
                row=entry.row,
                characters=number(len(entry.prompt)),
                most=number(MAX_PROMPT),
            )
        )
    return entry


def _key(name: str) -> str:
    """Return what the names of a column and of a variable have in common."""
    return " ".join(name.casefold().split())


def _listed(names: Sequence[str]) -> str:
    shown = [quoted(name[:40]) for name in names[:8]]
    more = [trn("{count} more", "{count} more", len(names) - 8)] if len(names) > 8 else []
    parts = [*shown, *more]
    return listed(parts)
