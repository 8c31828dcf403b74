"""The languages in which people see Discord, and what a bot's commands are called in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.page.payload import text

if TYPE_CHECKING:
    from sandbox.discord.entities import Json

LANGUAGES = {
    "en-US": "English, US",
    "en-GB": "English, UK",
    "bg": "български",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "es-ES": "Español",
    "es-419": "Español, LATAM",
    "fi": "Suomi",
    "fr": "Français",
    "hi": "हिन्दी",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "lt": "Lietuviškai",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt-BR": "Português do Brasil",
    "ro": "Română",
    "ru": "Русский",
    "sv-SE": "Svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
    "zh-CN": "中文",
    "zh-TW": "繁體中文",
}
"""Discord's locales by their own names (Reference, Locales)."""


def spoken(item: Json, field: str, locale: str) -> str:
    """Return a command's name or description, or an option's or choice's, for who reads a language."""
    return text(item.get(f"{field}_localizations") or {}, locale) or text(item, field)
