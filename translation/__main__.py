"""`python -m translation update [language …]` and `python -m translation check [language …]`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot import catalogues
from translation.check import faults
from translation.template import TEMPLATE, template

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LANGUAGES = sorted(set(catalogues.LANGUAGES.values()))


@click.group()
def words() -> None:
    """Keep the catalogues in step with the source."""


@words.command()
@click.argument("languages", nargs=-1, type=click.Choice(LANGUAGES))
def update(languages: tuple[str, ...]) -> None:
    """Write the template, and bring what is new into every catalogue, or into those named, new or not."""
    current = template()
    _write(TEMPLATE, current)
    for name in languages or LANGUAGES:
        path = catalogues.po_path(name)
        if not path.exists() and not languages:
            continue
        catalog = _read(path, name) if path.exists() else Catalog(locale=name, domain=catalogues.DOMAIN)
        catalog.update(current, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.fuzzy = False
        catalog.header_comment = current.header_comment
        _write(path, catalog)
        left = sum(1 for message in catalog if message.id and not all(_forms(message.string)))
        click.echo(f"{name}: {len(catalog)} texts, {left} to translate")


@words.command()
@click.argument("languages", nargs=-1, type=click.Choice(LANGUAGES))
def check(languages: tuple[str, ...]) -> None:
    """Say what is wrong with the languages, or with all there are."""
    current = template()
    chosen = languages or [name for name in LANGUAGES if catalogues.po_path(name).exists()]
    found = [f"{name}: {fault}" for name in chosen for fault in faults(name, current)]
    click.echo("\n".join(found) or "Nothing is wrong.")
    sys.exit(bool(found))


def _forms(said: str | Sequence[str] | None) -> tuple[str, ...]:
    return (said or "",) if said is None or isinstance(said, str) else tuple(said)


def _read(path: Path, name: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=name, domain=catalogues.DOMAIN)


def _write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, sort_by_file=False, ignore_obsolete=True)


if __name__ == "__main__":
    words()
