"""What someone usually wants, and how it completes what they ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.requests import MAX_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from bot.domain.requests import PictureRequest

AUTO = "auto"
"""What is written for an option that is left to the model, whatever is usual."""
LANGUAGES = ("en", "de", "fr", "es", "pt-BR", "ja")
"""The languages that Easel may answer in, as BCP 47 names them."""
OPTIONS = ("aspect", "quality", "count", "style", "private", "language")
YES = "yes"
MAX_WORD = 64


@dataclass(frozen=True, slots=True)
class Preferences:
    """Someone's usual choices; None where they have none."""

    aspect: str | None = None
    quality: str | None = None
    count: int | None = None
    style: str | None = None
    """A style's name or ref, looked up when it is used."""
    private: bool | None = None
    language: str | None = None
    """One of LANGUAGES; None follows what Discord says of the person."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A request with someone's usual choices in it, and the names of those that had to be left out."""

    request: PictureRequest
    left_out: tuple[str, ...] = ()
    usual_style: str | None = None
    """The usual style, by its id, which is not in the request yet: styles are looked up by others."""


def read(option: str, written: str | None) -> str | int | bool | None:
    """Return a choice as it is kept, or raise ValueError where the option cannot have it."""
    if written is None:
        return None
    if option == "count":
        count = int(written)
        if not 1 <= count <= MAX_COUNT:
            raise ValueError(written)
        return count
    if option == "private" and written == YES:
        return True
    is_known = written in LANGUAGES if option == "language" else option in {"aspect", "quality", "style"}
    if not is_known or not 1 <= len(written) <= MAX_WORD:
        raise ValueError(written)
    return written


def completed(
    request: PictureRequest,
    given: AbstractSet[str],
    usual: Preferences,
    can: Callable[[PictureRequest], bool],
) -> Completed:
    """Return a request with the usual choices for what was not given, without those that cannot be had.

    What was given stands, and `auto` leaves an option to the model.
    """
    request = replace(
        request,
        aspect=None if request.aspect == AUTO else request.aspect,
        quality=None if request.quality == AUTO else request.quality,
    )
    if usual.private is not None and "private" not in given:
        request = replace(request, private=usual.private)
    left_out: list[str] = []
    for name, value in (("aspect", usual.aspect), ("quality", usual.quality), ("count", usual.count)):
        if value is None or name in given or (name == "count" and request.seeds):
            continue
        wish = replace(request, **{name: value})
        if wish.total <= MAX_COUNT and can(wish):
            request = wish
        else:
            left_out.append(name)
    return Completed(request, tuple(left_out), usual.style)
