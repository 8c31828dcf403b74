"""What people read, in their language: gettext, with the English sentence as the key.

    tr("Only {count} of {total} came.", count=2, total=4)
    trn("{count} picture", "{count} pictures", count)

A sentence is written whole, its values by name, so that a translator can move them. The language is that of
whoever is being answered: `speaking` sets it, for everything awaited within. Where no catalogue has a
sentence, it is said in English.
"""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

ENGLISH = "en"
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
_catalogues: dict[str, gettext.NullTranslations] = {ENGLISH: gettext.NullTranslations()}


def tr(message: str, /, **values: object) -> str:
    """Return a sentence in the language of whoever is being answered, its values filled in."""
    return _catalogue().gettext(message).format(**values)


def trn(one: str, many: str, count: int, /, **values: object) -> str:
    """Return a sentence in the plural form that its `count` takes; the count is a value of that name."""
    return _catalogue().ngettext(one, many, count).format(count=count, **values)


def language() -> str:
    """Return the language of whoever is being answered."""
    return _language.get()


@contextmanager
def speaking(chosen: str) -> Generator[None]:
    """Speak a language within a block; what is not known is English."""
    token = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(token)


def _catalogue() -> gettext.NullTranslations:
    return _catalogues.get(_language.get(), _catalogues[ENGLISH])
