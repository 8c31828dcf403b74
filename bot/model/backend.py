"""Where the model's API is, the key to it, and which fields of a request it understands."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.errors import StartupError

OPENROUTER_URL = "https://openrouter.ai/api/v1"
OPENROUTER_BODY = frozenset(
    {
        "annotations",
        "image_config",
        "images",
        "modalities",
        "provider",
        "reasoning",
        "session_id",
        "user",
    }
)
"""Fields of a request and of its messages that OpenRouter takes and other backends may answer with 400."""


@dataclass(frozen=True, slots=True)
class Backend:
    """An API of OpenRouter's shape. The key appears in no representation.

    `extra_body` names the fields beyond the common ones that may be sent: all of `OPENROUTER_BODY` for
    OpenRouter itself, fewer for LiteLLM, vLLM or OpenAI. Raises StartupError for an address or a key that
    no request could carry.
    """

    base_url: str
    api_key: str = field(repr=False)
    extra_body: frozenset[str] = OPENROUTER_BODY
    referer: str = ""
    title: str = "Easel"

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if address.scheme not in {"http", "https"} or not address.netloc:
            raise StartupError("The model's base URL has to start with http:// or https://.")
        if not all(33 <= ord(letter) <= 126 for letter in self.api_key):
            raise StartupError("The model's API key holds a character that no key has. Copy it again.")

    def url(self, path: str) -> str:
        """Return the address of a path such as `/models`."""
        return self.base_url.rstrip("/") + path

    def headers(self) -> dict[str, str]:
        """Return the headers of every request, the key among them."""
        named = {"HTTP-Referer": self.referer, "X-OpenRouter-Title": self.title}
        shown = {name: value.encode("ascii", "replace").decode() for name, value in named.items() if value}
        return {**({"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}), **shown}
