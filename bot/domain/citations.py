"""The pages of the web that an answer names as its sources: addresses that are safe to show, each once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from urllib.parse import SplitResult

    from bot.domain.words import Annotation

CITATION = "url_citation"
"""The kind of the provider's notes that name a page (OpenRouter: guides/features/plugins/web-search)."""
MOST = 50
"""Sources that are kept of one answer."""
MOST_URL, MOST_TITLE = 2000, 200
SAFE = "/%:=&?~+!$,;@*'-._"
"""What stays as it is in an address; brackets and quotation marks could end a link before its end."""
HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NO_ADDRESS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
SCHEME = re.compile(r"https?://", re.IGNORECASE)
"""What makes Discord take a link's words for another address, and show the link as it was written."""


@dataclass(frozen=True, slots=True)
class Source:
    """A page: what it is called, its address in ASCII, and whose it is."""

    title: str
    url: str
    host: str


def sources(annotations: Iterable[Annotation]) -> tuple[Source, ...]:
    """Return the pages that notes name, in their order; what is no page of the web is left out."""
    found: dict[str, Source] = {}
    for noted in annotations:
        if noted.kind == CITATION and (source := _source(noted)) is not None:
            found.setdefault(source.url, source)
    return tuple(found.values())[:MOST]


def _source(noted: Annotation) -> Source | None:
    if NO_ADDRESS.search(noted.url) or len(noted.url) > MOST_URL:
        return None
    try:
        parts = urlsplit(noted.url)
        host = (parts.hostname or "").encode("idna").decode().rstrip(".")
        port = parts.port
    except ValueError:  # UnicodeError, for hosts that cannot be, is one too
        return None
    if parts.scheme not in {"http", "https"} or parts.username is not None or not HOST.fullmatch(host):
        return None
    url = _written(parts, host if port is None else f"{host}:{port}")
    title = " ".join(SCHEME.sub("", noted.title).split())
    return None if len(url) > MOST_URL else Source(title[:MOST_TITLE] or host, url, host.removeprefix("www."))


def _written(parts: SplitResult, where: str) -> str:
    path, query, fragment = (quote(one, safe=SAFE) for one in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, where, path or "/", query, fragment))
