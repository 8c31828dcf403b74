"""Text as older programs save it: as Excel does in the West (Windows-1252) and in Japan (Shift_JIS).

Neither says of itself what it is, and almost all bytes mean something in either. So they are told by what
their texts look like, and what could be anything else is left alone: bytes of one language read as another
would be nonsense that nobody notices. A general detector guesses among dozens of encodings instead, and
errs on files as short as a table.
"""

from __future__ import annotations

import codecs
import re

LOOKED_AT = 100_000
"""Characters that are judged; files that have more are not read."""
WEST, JAPAN = "cp1252", "cp932"
_LOWER, _UPPER = "àáâãäåæçèéêëìíîïñòóôõöøùúûüÿßœ", "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŸŒ"
"""What German, French, Spanish, Portuguese, Italian, Dutch and the languages of Scandinavia write."""
_QUOTES, _LINKS = "‚„“”‹›«»", "\xa0‘’´–—…·"
_SIGNS = "€£§©®™°²³µªº½¼¾±×÷‰•¡¿"
_UNLIKELY = re.compile(
    rf"[^\x00-\x7f{_LOWER}{_UPPER}{_QUOTES}{_LINKS}{_SIGNS}]"
    rf"|[{_LOWER}{_UPPER}]{{3}}"  # Greek, Cyrillic, Hebrew: nothing but letters of the upper half
    rf"|[a-z{_LOWER}][{_UPPER}]"
    r"|[ÃÂ][^\x00-\x7f]"  # UTF-8
    r"|[õÕ](?![eE])|[çÇ][bcdfghjklmnpqrstvwxz]|\bè[a-z]"  # Hungarian, Estonian, Latvian, Czech
    rf"|[A-Za-z][{_QUOTES}][A-Za-z]|[A-Za-z][‚„]"  # DOS
    rf"|[A-Za-z][£§°²³ªº½¼¾¿¡][A-Za-z]|[£²³ªº][A-Za-z]"  # Polish
    rf"|[{_LOWER}{_UPPER}][{_SIGNS}]|[{_SIGNS}]{{2}}|[€£§©®™°²³µªº½¼¾±×÷‰•][{_LOWER}{_UPPER}]"
)
"""What no text in Windows-1252 shows, and texts of other encodings do that are read as such."""
_AROUND = re.compile(r"(?s).?[^\x00-\x7f]+(?=(.?))")
_WIDE = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff60]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_STRAY = re.compile(
    r"[\x80-\xa0\ue000-\uf8ff]|[a-z][\uff61-\uff9f]|[\uff61-\uff9f][a-z]|[a-z][\u4e00-\u9fff][a-z]"
    r"|[ﾂﾃ][\u4e00-\u9fff]"  # UTF-8
)
"""What stands for nothing in Japanese text, or is a Western word that is read as such."""
_IN_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_FIRST_RARE = 0x98
"""With this lead byte the kanji of JIS level 2 begin, which are a few in a hundred of any text."""
_RARE_SHARE = 0.25


def decoded(data: bytes, *, whole: bool) -> str | None:
    """Return what bytes say that are no UTF-8, None where that cannot be told.

    Without `whole`, they may end amid a letter.
    """
    west, japan = _read(data, WEST, whole=whole), _read(data, JAPAN, whole=whole)
    if west is not None and not _is_western(west[:LOOKED_AT], data[:LOOKED_AT]):
        west = None
    if japan is not None and not _is_japanese(japan[:LOOKED_AT]):
        japan = None
    return west if japan is None else japan if west is None else None


def _read(data: bytes, encoding: str, *, whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, whole)
    except UnicodeDecodeError:
        return None


def _is_western(said: str, data: bytes) -> bool:
    """Tell whether it looks like Western words, and not like UTF-8 with some byte of it broken."""
    in_utf8 = sum(map(len, _IN_UTF8.findall(data)))
    if 2 * in_utf8 >= len(re.sub(rb"[\x00-\x7f]+", b"", data)):
        return False
    if len(re.findall(f"[{_LOWER}{_UPPER}]", said)) > len(re.findall(r"[A-Za-z]", said)):
        return False
    return not any(_UNLIKELY.search(found[0] + found[1]) for found in _AROUND.finditer(said))


def _is_japanese(said: str) -> bool:
    """Tell whether it has kana or several common kanji in a row, few rare ones, and nothing stray."""
    if _STRAY.search(said):
        return False
    wide = _WIDE.findall(said)
    rare = sum(sign.encode(JAPAN)[0] >= _FIRST_RARE for sign in wide)
    is_common = len(wide) > 0 and rare <= _RARE_SHARE * len(wide)
    return is_common and bool(_KANA.search(said) or re.search(rf"(?:{_WIDE.pattern}){{2}}", said))
