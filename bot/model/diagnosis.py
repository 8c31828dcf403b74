"""Finds the row of the table of failures that an error of the provider belongs to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bot.model.failures import REASONS, Failure, Retry
from bot.model.shapes import items, parse_or_none, record, text, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

SAFETY_CODES = {"moderation_blocked", "content_policy_violation", "refusal"}
SAFETY_WORDS = "rejected by the safety system"
AVAILABILITY = {
    "model_not_found": "not_found",
    "no_endpoints": "not_found",
    "model_deprecated": "not_found",
    "model_unavailable_upstream": "not_found",
    "free_variant_ended": "not_found",
    "privacy_restricted": "not_found",
    "region_restricted": "not_found",
    "wrong_endpoint": "unsupported",
    "constraint_filtered": "unsupported",
    "capacity_exhausted": "provider_overloaded",
    "temporarily_unavailable": "provider_unavailable",
}
"""OpenRouter's `availability.code`. Where privacy or region rule a model out, the next one may do."""
CODES = {
    "model_not_found": "not_found",
    "insufficient_quota": "no_credit",
    "billing_hard_limit_reached": "no_credit",
    "invalid_api_key": "authentication",
    "rate_limit_exceeded": "rate_limit_exceeded",
    "context_length_exceeded": "context_length_exceeded",
    "string_above_max_length": "string_too_long",
    "server_error": "server",
}
"""OpenAI's `error.code`; its `error.type` says nothing, the same covers a bad size and a refusal."""
STATUSES = {
    400: "invalid_request",
    401: "authentication",
    402: "payment_required",
    403: "permission_denied",
    404: "not_found",
    405: "unsupported",
    408: "timeout",
    412: "precondition_failed",
    413: "payload_too_large",
    415: "unsupported",
    422: "unprocessable",
    429: "rate_limit_exceeded",
    503: "provider_unavailable",
    504: "timeout",
    524: "timeout",
    529: "provider_overloaded",
}
UNSUPPORTED_WORDS = re.compile(r"no endpoints found that (?:can )?support", re.IGNORECASE)
UNKNOWN_MODEL_WORDS = re.compile(
    r"is not a valid model|no such model|model .{0,80}does not exist", re.IGNORECASE
)
AFFORDABLE_WORDS = re.compile(r"can only afford ([0-9]{1,9})\b")
LONGEST_ADVICE_S = 86_400.0


def diagnose(
    status: int, body: object, headers: Mapping[str, str], now: datetime, generation_id: str | None = None
) -> Failure:
    """Return what an answer with another status than 200 says went wrong.

    `body` is parsed JSON, or None where it was none. `now` resolves a Retry-After that is a date.
    """
    fields = record(body)
    error = record(fields.get("error")) or fields
    message = _message(fields)
    name = _name(status, error, message)
    said = AFFORDABLE_WORDS.search(message)
    advice = advised_wait_s(headers, now)
    return Failure(
        name,
        REASONS[name].retry,
        retry_after_s=_advice_of_body(error) if advice is None else advice,
        affordable_tokens=int(said[1]) if said else None,
        generation_id=generation_id,
    )


def diagnose_reply(
    source: Mapping[str, object], *, billed_microusd: int, generation_id: str | None
) -> Failure:
    """Return what an error inside a 200 says. It is final: once a 200 has come, so may the bill."""
    error = record(source.get("error")) or source
    return Failure(
        _name(200, error, _message(source)),
        Retry.NEVER,
        retry_after_s=_advice_of_body(error),
        billed_microusd=billed_microusd,
        generation_id=generation_id,
    )


def _name(status: int, error: Mapping[str, object], message: str) -> str:
    """Name the row; the first sign that is known decides, and safety comes first."""
    code = error.get("code")
    # A code may be a number in a string, and newer bodies say `http_status` instead.
    said = next((number for value in (code, error.get("http_status")) if (number := whole(value))), None)
    stated = said if said is not None and status == 200 else status
    metadata = record(error.get("metadata"))
    kind = text(metadata.get("error_type")) or text(error.get("error_type"))
    if _is_safety(stated, error, metadata, message):
        return "content_policy_violation"
    if text(code) in CODES:
        return CODES[text(code)]
    if availability := _availability(record(error.get("availability"))):
        return availability
    if kind in REASONS and kind != "unmapped":
        return kind
    return _by_status(stated, error, metadata, message)


def _by_status(status: int, error: Mapping[str, object], metadata: Mapping[str, object], message: str) -> str:
    """Name the row by the status, which several rows share."""
    if status == 403 and "patterns" in metadata:
        return "guardrail"
    if status == 404 and ("routing_funnel" in metadata or UNSUPPORTED_WORDS.search(message)):
        return "unsupported"
    if status == 400 and (error.get("param") == "model" or UNKNOWN_MODEL_WORDS.search(message)):
        return "not_found"
    if status in STATUSES:
        return STATUSES[status]
    return "invalid_request" if 400 <= status < 500 else "server"


def _is_safety(
    status: int, error: Mapping[str, object], metadata: Mapping[str, object], message: str
) -> bool:
    """Tell whether a safety system said no, be it OpenRouter's, or a provider's in `metadata.raw`."""
    raw = metadata.get("raw")
    inner = record(parse_or_none(raw)) if isinstance(raw, str) else record(raw)
    nested = record(inner.get("error")) or inner
    codes = {
        text(source.get(name))
        for source in (error, metadata, nested)
        for name in ("code", "error_type", "provider_code")
    }
    words = f"{message} {text(raw)} {text(nested.get('message'))}".lower()
    flagged = status == 403 and bool(items(metadata.get("reasons")))
    return flagged or not SAFETY_CODES.isdisjoint(codes) or SAFETY_WORDS in words


def _availability(said: Mapping[str, object]) -> str | None:
    """Name the row for OpenRouter's word on a model's availability; unknown ones say if it passes."""
    if not said:
        return None
    passing = "provider_unavailable" if said.get("retryable") is True else None
    return AVAILABILITY.get(text(said.get("code")), passing)


def _message(fields: Mapping[str, object]) -> str:
    """Return the words of an error, in any of the shapes that backends give it."""
    error = fields.get("error")
    shapes = (record(error).get("message"), error, fields.get("message"), fields.get("detail"))
    return next((words for shape in shapes if (words := text(shape))), "")


def _advice_of_body(error: Mapping[str, object]) -> float | None:
    """Return the wait that the body advises, in seconds."""
    seconds = whole(record(error.get("availability")).get("retry_after"))
    return None if seconds is None or seconds < 0 else min(float(seconds), LONGEST_ADVICE_S)


def advised_wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return Retry-After in seconds, whether written as seconds or as a date; None for nonsense.

    Without it X-RateLimit-Reset counts, which OpenRouter's own 429 carries in milliseconds since 1970.
    """
    written = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", written):
        return min(float(written), LONGEST_ADVICE_S)
    until = _date(written) or _reset(headers.get("X-RateLimit-Reset", "").strip())
    return None if until is None else min(max(0.0, (until - now).total_seconds()), LONGEST_ADVICE_S)


def _date(written: str) -> datetime | None:
    """Return an HTTP date, or None."""
    try:
        at = parsedate_to_datetime(written)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _reset(written: str) -> datetime | None:
    """Return the time of milliseconds since 1970, or None."""
    return datetime.fromtimestamp(int(written) / 1000, UTC) if re.fullmatch(r"[0-9]{13}", written) else None
