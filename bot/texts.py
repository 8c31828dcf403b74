"""What people read, in their language: gettext, with the English sentence as the key.

    tr("Only {count} of {total} came.", count=2, total=4)
    trn("{count} picture", "{count} pictures", count)
    GONE = mark("That is gone.")  ...  tr(GONE)
    means(text, typed("unlimited, no limit"))

A sentence is written whole, its values by name, so that a translator can move them; braces that are meant
are doubled. The language is that of whoever is being answered: `speaking` sets it, for everything awaited
within. Where no catalogue has a sentence, it is said in English.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from bot import catalogues

if TYPE_CHECKING:
    import gettext
    from collections.abc import Generator, Iterable, Sequence
    from datetime import date, timedelta
    from decimal import Decimal

ENGLISH = "en"
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
_wish: ContextVar[str | None] = ContextVar("wish", default=None)
ISOLATE, END = "\u2068", "\u2069"
"""Unicode's FIRST STRONG ISOLATE and its end (UAX 9): what is between orders nothing outside."""
COMMA = re.compile(r"[,،、，]")
WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""ASCII as Japanese keyboards write it, and the wide space."""
NUMBERS_KEPT = 1024
"""Numbers and amounts whose words are kept: the same come back, and CLDR's patterns are slow to follow."""
RIGHT_TO_LEFT = frozenset({"R", "AL"})


def mark(message: str, /) -> str:
    """Mark a text for the catalogues where it is written down; `tr` says it later, in somebody's language."""
    return message


def tr(message: str, /, **values: object) -> str:
    """Return a sentence in the language of whoever is being answered, its values filled in."""
    return _catalogue().gettext(message).format(**_isolated(values))


def trn(one: str, many: str, count: int, /, **values: object) -> str:
    """Return a sentence in the plural form that its `count` takes; the count is a value of that name."""
    return _catalogue().ngettext(one, many, count).format(count=number(count), **_isolated(values))


def of_command(context: str, message: str, tag: str) -> str | None:
    """Return what Discord shows of a command to those who read a language; None where that is English."""
    name = catalogues.name_of(tag)
    if name is None:
        return None
    text = catalogues.catalogue(name).pgettext(context, message)
    return None if text == message else text


def option(name: str) -> str:
    """Return what an option of a command is called where somebody sees it."""
    return of_command(catalogues.OPTION, name, language()) or name


def typed(words: str, /, *, anywhere: bool = False) -> tuple[str, ...]:
    """Return words that people type for one and the same: in English, and in the language spoken.

    Both are parted by commas where they stand. With `anywhere` it is all languages: where a word can mean
    nothing else, it is understood from whoever types it, however they see Discord.
    """
    names = set(catalogues.LANGUAGES.values()) if anywhere else {catalogues.name_of(language()) or ENGLISH}
    said = [words, *(catalogues.catalogue(name).pgettext(catalogues.TYPED, words) for name in sorted(names))]
    return tuple(dict.fromkeys(word for one in said for word in map(str.strip, COMMA.split(one)) if word))


def folded(text: str) -> str:
    """Return text as it is compared with words that people type: without case, accents or wide letters."""
    bare = unicodedata.normalize("NFD", text.translate(WIDE)).casefold()
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).split())


def means(text: str, words: Iterable[str], /) -> bool:
    """Tell whether somebody has typed one of those words."""
    return folded(text) in map(folded, words)


def length(value: timedelta) -> str:
    """Return a length of time in whole units, as `parse_duration` reads it: 10 minutes or 10 Minuten."""
    return format_timedelta(value, threshold=1, locale=catalogues.locale(language()))


def is_english() -> bool:
    """Tell whether English is spoken, be it for want of another catalogue."""
    return catalogues.locale(language()).language == ENGLISH


def language() -> str:
    """Return the language of whoever is being answered, as BCP 47 names it; it may be one without texts."""
    return _language.get()


@contextmanager
def speaking(chosen: str | None) -> Generator[None]:
    """Speak a language within a block; what is not known is English."""
    token = _language.set(chosen or ENGLISH)
    try:
        yield
    finally:
        _language.reset(token)


def speak(chosen: str, *, is_wish: bool = False) -> None:
    """Speak a language from here on, to the end of the task; with `is_wish` its person has asked for it."""
    _language.set(chosen)
    _wish.set(chosen if is_wish else None)


def wish() -> str | None:
    """Return the English name of the language that was asked for, if one was."""
    chosen = _wish.get()
    return called(chosen) if chosen else None


def called(tag: str) -> str | None:
    """Return the English name of a language as BCP 47 names it, also of one without texts, or None."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(ENGLISH)
    except (UnknownLocaleError, ValueError):
        return None


def isolated(text: str) -> str:
    """Keep somebody's words from turning round what stands beside them, where they run from right to left."""
    if not text.isascii() and any(unicodedata.bidirectional(char) in RIGHT_TO_LEFT for char in text):
        return f"{ISOLATE}{text}{END}"
    return text


def narrow(text: str) -> str:
    """Return a text with half-width letters, digits and signs for the full-width ones of East Asia."""
    return text.translate(WIDE)


def number(value: int) -> str:
    """Return a number with the separators of the language: 1,234 or 1.234."""
    return _number(value, language())


@lru_cache(NUMBERS_KEPT)
def _number(value: int, tag: str) -> str:
    return format_decimal(value, locale=catalogues.locale(tag))


def decimal(value: float) -> str:
    """Return a number with two decimals, as the language writes it: 1.25 or 1,25."""
    return format_decimal(value, "0.00", locale=catalogues.locale(language()))


def percent(value: float) -> str:
    """Return a part of one as whole percents, as the language writes them: 80% or 80 %."""
    return format_percent(value, locale=catalogues.locale(language()))


def dollars(amount: Decimal, places: int, *, least: int = 2) -> str:
    """Return an amount of US dollars with `least` to `places` decimals, as the language writes it."""
    return _dollars(amount, least, places, language())


@lru_cache(NUMBERS_KEPT)
def _dollars(amount: Decimal, least: int, places: int, tag: str) -> str:
    where = catalogues.locale(tag)
    digits = "0" * least + "#" * (places - least)
    pattern = where.currency_formats["standard"].pattern.replace("0.00", f"0.{digits}".removesuffix("."))
    if where.currency_symbols["USD"][-1].isalpha():
        pattern = re.sub(r"¤(?=[#0])", "¤\u00a0", pattern)  # UTS 35, currencySpacing, which Babel leaves out
    return format_currency(amount, "USD", pattern, locale=where, currency_digits=False)


def day(value: date) -> str:
    """Return a day in words and numbers, such as 20 Nov 2026."""
    where = catalogues.locale(language())
    return format_date(value, "d MMM y" if where.language == ENGLISH else "medium", locale=where)


def brief_day(value: date) -> str:
    """Return a day of a year that is known, as short as the language writes it: 2 Nov, 2.11., 11/2."""
    where = catalogues.locale(language())
    if where.language == ENGLISH:
        return format_date(value, "d MMM", locale=where)
    return format_skeleton("Md", value, locale=where)


def listed(words: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
    """Return words as a sentence has them: one, one and two, one, two and three; or, with `or`, a choice."""
    where = catalogues.locale(language())
    if where.language == ENGLISH:
        where = catalogues.Locale("en", "GB")  # without the comma before the last
    return format_list(words, style, where)


def named(name: str, value: str) -> str:
    """Return a value after its name, with the colon of the language."""
    return tr("{name}: {value}", name=name, value=value)


def noted(text: str, note: str) -> str:
    """Return a text with a note behind it, in the brackets of the language."""
    return tr("{text} ({note})", text=text, note=note)


def quoted(words: str) -> str:
    """Return somebody's words in the quotation marks of the language."""
    return tr("“{words}”", words=words)


def strung(words: Iterable[str]) -> str:
    """Return words one after the other, with the comma of the language and no “and”."""
    return tr("{one}, {next}", one="", next="").join(words)


def _isolated(values: dict[str, object]) -> dict[str, object]:
    return {name: isolated(value) if isinstance(value, str) else value for name, value in values.items()}


def _catalogue() -> gettext.NullTranslations:
    return catalogues.catalogue(catalogues.name_of(language()) or ENGLISH)
