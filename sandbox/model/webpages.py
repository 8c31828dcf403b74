"""Pages that the sandbox's models find where they are asked to look on the web, and how they cite them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.model.refusals import Json

SEARCHED = "on the web"
"""Words of a question that send a model searching, as those with a search of their own do."""


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page, by names that belong to nobody (RFC 2606)."""

    url: str
    title: str
    content: str

    @property
    def link(self) -> str:
        """Return the link that stands in an answer."""
        return f"([{self.url.split('/')[2]}]({self.url}))"

    def annotation(self, start: int) -> Json:
        """Return what the provider notes beside an answer whose link begins there.

        The form is that of OpenRouter's guide to web search; all but the address may be missing.
        """
        citation = {
            "url": self.url,
            "title": self.title,
            "content": self.content,
            "start_index": start,
            "end_index": start + len(self.link),
        }
        return {"type": "url_citation", "url_citation": citation}


PAGES = (
    WebPage("https://colours.example.org/teal", "Teal and what goes with it", "Teal likes copper and sand."),
    WebPage(
        "https://www.example.com/wiki/Teal_(colour)?section=use", "Teal (colour) - An Example", "A dark cyan."
    ),
    WebPage("https://arabic.example.net/lawn", "\u0627\u0644\u0644\u0648\u0646 12", "A colour."),
)


def quoting(said: str) -> str:
    """Return an answer that cites every page."""
    return " ".join([said, *(f"{page.content} {page.link}" for page in PAGES)])


def cited_in(said: str) -> tuple[Json, ...]:
    """Return the notes for the pages whose links stand in an answer."""
    places = ((page, said.find(page.link)) for page in PAGES)
    return tuple(page.annotation(place) for page, place in places if place >= 0)
