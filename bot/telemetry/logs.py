"""Structured logs for Easel and its libraries, with secrets and people's words taken out."""

from __future__ import annotations

import logging
import re
import sys
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


def configure(
    *, form: Literal["console", "json"], level: str, secrets: Sequence[str] = (), stream: TextIO | None = None
) -> None:
    """Send every log line of the process to `stream` (standard error), as `form` says, secrets taken out."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[Processor] = [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact(secrets),
        _renderer(form, stream or sys.stderr),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ProcessorFormatter(processors=ending, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    structlog.configure(
        processors=[*shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
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
