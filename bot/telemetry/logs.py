"""Structured logs for Easel and its libraries, with secrets and people's words taken out."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast

import stamina.instrumentation
import structlog
from structlog.stdlib import ProcessorFormatter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal, TextIO

    from structlog.typing import EventDict, Processor, WrappedLogger

STARS = "[redacted]"
SHAPES = (
    (re.compile(r"(?i)\b(bot|bearer|basic) [\w.~+/=-]{20,}"), rf"\1 {STARS}"),
    (re.compile(r"\bsk-[\w-]{8,}"), STARS),
    (re.compile(r"\b[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}"), STARS),  # a bot's token
    (re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.~%-]+"), rf"\1{STARS}"),  # answers an interaction
    (re.compile(r"([?&]hm=)[0-9a-f]+"), rf"\1{STARS}"),  # opens an attachment
    (
        re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)(?!bot |bearer |basic )[^\s'\",}]+"),
        rf"\1{STARS}",
    ),
)
"""What a secret looks like where its value is not known."""
WORDS = frozenset({"authorization", "content", "prompt", "token", "words"})
"""Names whose values are never logged."""
QUIET = {
    "aiosqlite": logging.WARNING,  # at DEBUG it writes every parameter, prompts among them
    "alembic.runtime.plugins": logging.WARNING,  # six lines about itself at each start
    "discord": logging.INFO,  # at DEBUG it writes whole bodies
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "PIL": logging.INFO,
}
"""The least level of libraries that say too much."""


class _Named(structlog.WriteLogger):
    """Writes lines of Easel's own, past the library of logging, which takes twice as long; has a name.

    As there, a line that cannot be written, as to a full disk, is no matter of who says it.
    """

    def __init__(self, stream: TextIO, name: str = "") -> None:
        super().__init__(stream)
        self.name = name

    def msg(self, message: str) -> None:
        """Write a line, if that can be."""
        with suppress(OSError, ValueError):
            super().msg(message)

    debug = info = warning = error = critical = msg


def configure(
    *, form: Literal["console", "json"], level: str, secrets: Sequence[str] = (), stream: TextIO | None = None
) -> None:
    """Send every log line of the process to `stream` (standard error), as `form` says, secrets taken out."""
    out = stream or sys.stderr
    cleaning: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact(secrets),
    ]
    ending: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = _renderer(form, out)
    handler = logging.StreamHandler(out)
    of_libraries = [ProcessorFormatter.remove_processors_meta, *cleaning, renderer]
    handler.setFormatter(ProcessorFormatter(processors=of_libraries, foreign_pre_chain=ending))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    structlog.configure(
        processors=[*cleaning, *ending, renderer],
        logger_factory=partial(_Named, out),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    logging.captureWarnings(capture=True)
    quiet_retries()


def quiet_retries() -> None:
    """Let retries say nothing by themselves: who retries knows what the operator has to hear."""
    stamina.instrumentation.set_on_retry_hooks([])


def _renderer(form: Literal["console", "json"], stream: TextIO) -> Processor:
    """Return what writes a line; tracebacks stay plain, since pretty ones show every variable."""
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def redact(secrets: Sequence[str]) -> Processor:
    """Return a processor that takes secrets and people's words out of every value of a line."""
    known = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in known:
            text = text.replace(secret, STARS)
        for shape, instead in SHAPES:
            text = shape.sub(instead, text)
        return text

    def process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {
            name: STARS if name.lower() in WORDS else _cleaned(value, clean) for name, value in event.items()
        }

    return process


def _cleaned(value: object, clean: Callable[[str], str]) -> object:
    """Return a value as it may be logged: numbers as they are, the rest as cleaned text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray):
        return f"[{len(value)} bytes]"
    if isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        return {
            str(name): STARS if str(name).lower() in WORDS else _cleaned(inner, clean)
            for name, inner in items
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(inner, clean) for inner in cast("list[object]", value)]
    return clean(value if isinstance(value, str) else repr(value))
