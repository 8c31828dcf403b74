"""A German that says a few things, for tests of who hears it."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot import catalogues

WORDS = (
    ("imagine", "malen", catalogues.COMMAND),
    ("chat", "chat", catalogues.COMMAND),
    ("new", "neu", catalogues.COMMAND),
    ("style", "stil", catalogues.OPTION),
    ("Draw pictures from a description.", "Male Bilder nach einer Beschreibung.", catalogues.DESCRIPTION),
    ("Edit image", "Bild bearbeiten", catalogues.MENU),
    ("Start again with /imagine.", "Fang mit /imagine neu an.", None),
    ("Use /chat new in a channel.", "Nimm /chat new in einem Kanal.", None),
    ("Draw with `style: none` and `/imagine`.", "Male mit `style: none` und `/imagine`.", None),
    ("Say `/chat style: none`.", "Sag `/chat style: none`.", None),
    ("Go on with /chat new", "Weiter mit /chat new", catalogues.DESCRIPTION),
    ("{name} is deleted.", "{name} ist gelöscht.", None),
    ("Nothing is under way for you.", "Für dich läuft gerade nichts.", None),
    ("### The queue", "### Die Warteschlange", None),
    (
        "This button is from another version of Easel. Start again with /imagine.",
        "Dieser Knopf ist von einer anderen Fassung von Easel. Fang mit /imagine neu an.",
        None,
    ),
    ("Drawing a picture…", "Ein Bild wird gemalt …", None),
    ("-# Thinking…", "-# Denke nach …", None),
    (
        "The prompt is empty. Say in a few words what to draw.",
        "Der Prompt ist leer. Sag kurz, was zu malen ist.",
        None,
    ),
    ("Again", "Nochmal", None),
    (("{count} picture", "{count} pictures"), ("{count} Bild", "{count} Bilder"), None),
)
"""Each text, what it is in German, and its context."""


@pytest.fixture
def german(tmp_path, monkeypatch):
    """A German that says a few things."""
    catalog = Catalog(locale="de")
    for message, said, context in WORDS:
        catalog.add(message, said, context=context)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    path = catalogues.po_path("de")
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalog)
    catalogues.forget()
    yield catalog
    catalogues.forget()
