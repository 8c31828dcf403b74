"""The catalogues of translated texts: gettext's .po files, read as they are.

They are read at run time, not compiled beforehand, so that no build step can be forgotten and no compiled
copy can be older than its source: what a translator saves is what people read. Compiling takes a fifth of a
second, so `load` keeps the outcome; a copy counts while it is whole and its source says the same.
"""

from __future__ import annotations

import gettext
import hashlib
import re
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

import babel
from babel.core import Locale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel.messages.catalog import Catalog, Message

DOMAIN = "easel"
FOLDER = Path(__file__).parent / "locales"
COMMAND, OPTION, MENU, CHOICE, DESCRIPTION = "command", "option", "menu", "choice", "description"
"""Contexts (msgctxt) of what Discord shows of commands."""
TYPED = "typed"
"""The context of what people type: words that mean the same, parted by commas. Other texts have none."""
LANGUAGES = {
    "de": "de",
    "es-419": "es",
    "es-ES": "es",
    "fr": "fr",
    "ja": "ja",
    "pt-BR": "pt_BR",
}
"""The catalogue of each of Discord's locales that Easel speaks beside English."""
COMMANDS = re.compile(r"(?<![\w/<])/(?P<words>[a-z]+(?: [a-z]+)*)")
FOR_TRANSLATORS = (b"#:", b"#.")
"""How comments begin that say where a text is used; nearly half of the lines."""
SEAL_BYTES = hashlib.sha256().digest_size
"""What stands before a compiled copy: it holds for these bytes, made of that source."""
OPTIONS = re.compile(r"`(?P<command>/[^`:]+ )?(?P<name>[a-z_]+)(?=: )|`(?P<alone>[a-z_]+)(?=`)")
_compiled: dict[str, bytes] = {}
"""Catalogues that were read and not spoken yet, as gettext takes them; empty for one that is not there."""
_spoken: dict[str, gettext.NullTranslations] = {}
"""Those that somebody has spoken: gettext takes 3 ms and some hundred kilobytes for each."""


def catalogue(name: str) -> gettext.NullTranslations:
    """Return the texts of a language by the name of its folder; where there are none, English stays."""
    if (texts := _spoken.get(name)) is None:
        compiled = _compiled.pop(name, None)
        if compiled is None:
            compiled = _read(name, None)
        texts = gettext.GNUTranslations(BytesIO(compiled)) if compiled else gettext.NullTranslations()
        _spoken[name] = texts
    return texts


def po_path(name: str) -> Path:
    """Return where the texts of a language are."""
    return FOLDER / name / "LC_MESSAGES" / f"{DOMAIN}.po"


def name_of(tag: str) -> str | None:
    """Return the catalogue for a language as BCP 47 and Discord name it; None for one that has none."""
    return LANGUAGES.get(tag) or (tag if tag in LANGUAGES.values() else None)


@cache
def locale(tag: str) -> Locale:
    """Return how a language writes numbers, lists and days; English where Easel does not speak it."""
    return Locale.parse(tag if name_of(tag) else "en", sep="-")


@cache
def cities() -> Mapping[str, frozenset[str]]:
    """Return the cities of time zones as the languages call them that Easel speaks; it reads files once."""
    found: dict[str, set[str]] = {}
    for tag in (*LANGUAGES, "en"):
        zones = cast("Mapping[str, Mapping[str, str]]", locale(tag).time_zones)
        for zone, named in zones.items():
            if "city" in named:
                found.setdefault(zone, set()).add(named["city"])
    return {zone: frozenset(names) for zone, names in found.items()}


def load(kept: Path | None = None) -> None:
    """Read every catalogue, so that nobody's answer waits for it; compiled copies are kept in a folder."""
    for name in LANGUAGES.values():
        if name not in _compiled and name not in _spoken:
            _compiled[name] = _read(name, kept)


def forget() -> None:
    """Forget what was read, so that the files are read anew."""
    _compiled.clear()
    _spoken.clear()


def fingerprint() -> str:
    """Return what changes when a catalogue does, or how they are read."""
    paths = [po_path(name) for name in sorted(set(LANGUAGES.values()))]
    digests = [_digest(path.read_bytes()) for path in paths if path.exists()]
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _read(name: str, kept: Path | None) -> bytes:
    path = po_path(name)
    if not path.exists():
        return b""
    source = path.read_bytes()
    if kept is None:
        return _compile(source, name)
    copy, digest = kept / f"{name}.mo", _digest(source)
    if (compiled := _taken(copy, digest)) is None:
        compiled = _compile(source, name)
        _keep(copy, digest, compiled)
    return compiled


def _digest(source: bytes) -> bytes:
    """Return what a catalogue is compiled from and by, in a few bytes."""
    whole = hashlib.sha256(source)
    whole.update(Path(__file__).read_bytes() + babel.__version__.encode())
    return whole.digest()


def _seal(digest: bytes, compiled: bytes) -> bytes:
    return hashlib.sha256(digest + compiled).digest()


def _taken(copy: Path, digest: bytes) -> bytes | None:
    """Return what a copy holds, or None where it is missing, damaged or made of something else."""
    try:
        held = copy.read_bytes()
    except OSError:
        return None
    seal, compiled = held[:SEAL_BYTES], held[SEAL_BYTES:]
    return compiled if seal == _seal(digest, compiled) else None


def _keep(copy: Path, digest: bytes, compiled: bytes) -> None:
    """Keep a copy where the disk takes one; without it the next start compiles again.

    Nothing is flushed: what a power cut leaves of it breaks the seal.
    """
    new = copy.with_suffix(".new")
    try:
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.write_bytes(_seal(digest, compiled) + compiled)
        new.replace(copy)
    except OSError:
        with suppress(OSError):
            new.unlink()


def _compile(source: bytes, name: str) -> bytes:
    """Return a catalogue as gettext reads it, commands in its texts called as Discord calls them."""
    from babel.messages.mofile import write_mo  # what a start with copies need not load
    from babel.messages.pofile import read_po

    lines = (line for line in BytesIO(source) if not line.startswith(FOR_TRANSLATORS))
    catalog = read_po(lines, locale=name, domain=DOMAIN)
    _name_commands(catalog)
    compiled = BytesIO()
    write_mo(compiled, _sorted(catalog, name))
    return compiled.getvalue()


def _sorted(catalog: Catalog, name: str) -> Catalog:
    """Return the same in the order of a .mo file: what is sorted already, Babel sorts ten times faster."""
    from babel.messages.catalog import Catalog

    ordered = Catalog(locale=name, domain=DOMAIN)
    for message in sorted((message for message in catalog if message.id), key=_id):
        ordered[message.id] = message
    return ordered


def _id(message: Message) -> tuple[str, str]:
    return message.id if isinstance(message.id, str) else message.id[0], message.context or ""


def _name_commands(catalog: Catalog) -> None:
    """Call commands and options in texts as Discord calls them in that language."""
    for message in catalog:
        if message.context in {None, DESCRIPTION} and message.id:
            said = message.string or ""
            if isinstance(said, str):
                message.string = _named(catalog, said)
            else:
                message.string = tuple(_named(catalog, form) for form in said)


def _named(catalog: Catalog, text: str) -> str:
    def command(found: re.Match[str]) -> str:
        words = found["words"].split(" ")
        known = _translated(catalog.get(words[0], COMMAND))
        if known is None:
            return found[0]
        named = [known]
        for place, word in enumerate(words[1:], start=1):
            inner = _translated(catalog.get(word, COMMAND))
            if inner is None:
                return f"/{' '.join((*named, *words[place:]))}"
            named.append(inner)
        return f"/{' '.join(named)}"

    def option(found: re.Match[str]) -> str:
        known = _translated(catalog.get(found["name"] or found["alone"], OPTION))
        return f"`{found['command'] or ''}{known}" if known else found[0]

    return OPTIONS.sub(option, COMMANDS.sub(command, text))


def _translated(message: Message | None) -> str | None:
    return message.string if message and isinstance(message.string, str) and message.string else None
