"""What a setting's value may be: the checks, and the words that describe them."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from bot.domain.spoilers import Spoilers

PORTAL = "https://discord.com/developers/applications"
KEYS = "https://openrouter.ai/settings/keys"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as README and .env.example show it; `must` ends the sentence "NAME must be …".

    `example` is the default as a value, or nothing where the default can only be said in words.
    """

    name: str
    default: str
    example: str
    says: str
    must: str


@dataclass(frozen=True, slots=True)
class Must:
    """What a value has to be."""

    text: str


@dataclass(frozen=True, slots=True)
class Says:
    """What a setting is for, and its default in words where the value does not say it."""

    text: str
    default: str | None = None


def _address(*schemes: str) -> AfterValidator:
    """Return a check for an absolute address of some schemes; a slash at its end is dropped."""

    def check(value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        known = parts.scheme in schemes and parts.hostname and parts.port != 0
        if not known or parts.query or parts.fragment:
            raise ValueError
        return value.rstrip("/")

    return AfterValidator(check)


def _names(value: object) -> object:
    """Split a comma list; an empty list is an error, a name twice counts once."""
    if not isinstance(value, str):
        return value
    names = tuple(dict.fromkeys(name for part in value.split(",") if (name := part.strip())))
    if not names or any(re.search(r"\s", name) for name in names):
        raise ValueError
    return names


def _categories(value: object) -> object:
    """Split a comma list; "none" is an empty one."""
    return () if isinstance(value, str) and value.lower() == "none" else _names(value)


def _no_limit(value: object) -> object:
    """Read "none" and nothing as no limit."""
    return None if isinstance(value, str) and value.lower() in {"", "none"} else value


def _secret(value: SecretStr | None) -> SecretStr | None:
    """Refuse what no secret looks like, before it breaks an HTTP header."""
    if value is not None and not re.fullmatch(r"[\x21-\x7e]+", value.get_secret_value()):
        raise ValueError
    return value


def _zone_name(value: str) -> str:
    """Refuse a time zone that is not in the database."""
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError) as error:  # a name of a folder is an OSError
        raise ValueError from error
    return value


def _folder(value: Path) -> Path:
    """Return the folder's absolute path, so that changing the working directory moves nothing."""
    try:
        return value.expanduser().absolute()
    except RuntimeError as error:  # "~somebody" without such a person
        raise ValueError from error


def _file(value: Path) -> Path:
    """Return the absolute path of a file that is there."""
    path = _folder(value)
    if not path.is_file():
        raise ValueError
    return path


def database_in_data_dir(data: dict[str, Any]) -> str:
    """Return the default database; `data` holds the settings before it."""
    return f"sqlite:///{data['data_dir']}/easel.db"


def blobs_in_data_dir(data: dict[str, Any]) -> str:
    """Return the default place of pictures; `data` holds the settings before it."""
    return (data["data_dir"] / "blobs").as_uri()


def log_form() -> Literal["console", "json"]:
    """Return what suits standard error: a person at a terminal, or a collector of logs."""
    return "console" if sys.stderr.isatty() else "json"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Web = Annotated[str, _address("http", "https"), Must("an http or https address")]
Socket = Annotated[str | None, _address("ws", "wss"), Must("a ws or wss address")]
OtherWeb = Annotated[str | None, _address("http", "https"), Must("an http or https address")]
Names = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_names),
    Must("model names with commas between them, such as openai/gpt-5-image-mini"),
]
Categories = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_categories),
    Must("categories with commas between them, or none"),
]
Token = Annotated[SecretStr | None, AfterValidator(_secret), Must(f"the bot's token from {PORTAL}")]
Key = Annotated[SecretStr | None, AfterValidator(_secret), Must(f"a key from {KEYS}")]
OtherKey = Annotated[SecretStr | None, AfterValidator(_secret), Must("the key of that server")]
ModelName = Annotated[str, Field(min_length=1), Must("the name of a model")]
Amount = Annotated[
    Annotated[int, Field(ge=0, le=10**9)] | None,
    BeforeValidator(_no_limit),
    Must("a whole number from 0 up, or none for no limit"),
]
Dollars = Annotated[
    Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False)] | None,
    BeforeValidator(_no_limit),
    Must("an amount of dollars such as 5 or 2.50, or none for no limit"),
]
Part = Annotated[
    Decimal, Field(gt=0, le=1, allow_inf_nan=False), Must("a number over 0 and up to 1, such as 0.4")
]
Count = Annotated[int, Field(ge=1, le=100_000), Must("a whole number from 1 to 100000")]
Copies = Annotated[int, Field(ge=0, le=1000), Must("a whole number from 0 to 1000")]
Seconds = Annotated[int, Field(ge=0, le=3600), Must("a whole number of seconds from 0 to 3600")]
Covers = Annotated[Spoilers, BeforeValidator(_lower), Must("never, always, flagged or outside_nsfw")]
Port = Annotated[int, Field(ge=0, le=65_535), Must("a port from 1 to 65535, or 0 for none")]
Host = Annotated[str, Field(pattern=r"^[^\s/]+$"), Must("a host name or an IP address")]
Flag = Annotated[bool, Must("true or false")]
Zone = Annotated[str, AfterValidator(_zone_name), Must("a time zone such as UTC or Europe/Berlin")]
Folder = Annotated[Path, AfterValidator(_folder), Must("a folder")]
File = Annotated[
    Annotated[Path, AfterValidator(_file)] | None, BeforeValidator(_no_limit), Must("a file, or none")
]
DatabaseUrl = Annotated[
    str, Field(pattern=r"^[a-z0-9+]+:///?\S"), Must("an address such as sqlite:///data/easel.db")
]
BlobUrl = Annotated[
    str,
    Field(pattern=r"^[a-z0-9]+://\S"),
    Must("an address such as file:///srv/easel/blobs or s3://bucket/easel"),
]
LogForm = Annotated[Literal["console", "json"], BeforeValidator(_lower), Must("console or json")]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    BeforeValidator(_upper),
    Must("DEBUG, INFO, WARNING, ERROR or CRITICAL"),
]
