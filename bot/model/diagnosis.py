"""Finds the row of the table of failures that an error of the provider belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Said:
    """An error as its sender put it, each part in its place whatever the shape."""

    error: Mapping[str, object]
    metadata: Mapping[str, object]
    availability: Mapping[str, object]
    upstream: Mapping[str, object]
    """The provider's own error, passed on as `metadata.raw`: text, JSON in text, or JSON."""
    message: str
    words: str
    """All that was said, the provider's words included."""


def _hear(body: object) -> _Said:
    """Sort an answer into its parts; what is not there is empty."""
    fields = record(body)
    error = record(fields.get("error")) or fields
    metadata = record(error.get("metadata"))
    raw = metadata.get("raw")
    passed_on = record(parse_or_none(raw)) if isinstance(raw, str) else record(raw)
    upstream = record(passed_on.get("error")) or passed_on
    shapes = (error.get("message"), fields.get("error"), fields.get("message"), fields.get("detail"))
    message = next((words for shape in shapes if (words := text(shape))), "")
    words = f"{message} {text(raw)} {text(upstream.get('message'))}"
    return _Said(error, metadata, record(error.get("availability")), upstream, message, words)


def diagnose(
    status: int, body: object, headers: Mapping[str, str], now: datetime, generation_id: str | None = None
) -> Failure:
    """Return what an answer with another status than 200 says went wrong.

    `body` is parsed JSON, or None where it was none. `now` resolves a Retry-After that is a date.
    """
    said = _hear(body)
    name = _name(status, said)
    afforded = AFFORDABLE_WORDS.search(said.message)
    advice = advised_wait_s(headers, now)
    return Failure(
        name,
        Retry.NEVER if said.availability.get("retryable") is False else REASONS[name].retry,
        retry_after_s=_advice_of_body(said.error) if advice is None else advice,
        affordable_tokens=int(afforded[1]) if afforded else None,
        generation_id=generation_id,
    )


def diagnose_reply(
    source: Mapping[str, object], *, billed_microusd: int, generation_id: str | None
) -> Failure:
    """Return what an error inside a 200 says. It is final: once a 200 has come, so may the bill."""
    said = _hear(source)
    # A code may be a number in a string, and newer bodies say `http_status` instead.
    codes = (whole(said.error.get(name)) for name in ("code", "http_status"))
    return Failure(
        _name(next(filter(None, codes), 200), said),
        Retry.NEVER,
        retry_after_s=_advice_of_body(said.error),
        billed_microusd=billed_microusd,
        generation_id=generation_id,
    )


def _name(status: int, said: _Said) -> str:
    """Name the row; the first sign that is known decides, and safety comes first."""
    if _is_safety(status, said):
        return "content_policy_violation"
    for code in (text(said.error.get("code")), text(said.upstream.get("code"))):
        if code in CODES:
            return CODES[code]
    if availability := _availability(said.availability):
        return availability
    kind = text(said.metadata.get("error_type")) or text(said.error.get("error_type"))
    if kind in REASONS and kind != "unmapped":
        return kind
    return _by_status(status, said)


def _by_status(status: int, said: _Said) -> str:
    """Name the row by the status, which several rows share."""
    if status == 403 and "patterns" in said.metadata:
        return "guardrail"
    if status == 404 and ("routing_funnel" in said.metadata or UNSUPPORTED_WORDS.search(said.message)):
        return "unsupported"
    if status == 400 and (_blames_model(said) or UNKNOWN_MODEL_WORDS.search(said.message)):
        return "not_found"
    if status in STATUSES:
        return STATUSES[status]
    return "invalid_request" if 400 <= status < 500 else "server"


def _blames_model(said: _Said) -> bool:
    """Tell whether the parameter called wrong is the model itself, as OpenAI says of a retired one."""
    return "model" in {text(said.error.get("param")), text(said.upstream.get("param"))}


def _is_safety(status: int, said: _Said) -> bool:
    """Tell whether a safety system said no, be it OpenRouter's or the provider's."""
    codes = {
        text(source.get(name))
        for source in (said.error, said.metadata, said.upstream)
        for name in ("code", "error_type", "provider_code")
    }
    flagged = status == 403 and bool(items(said.metadata.get("reasons")))
    return flagged or not SAFETY_CODES.isdisjoint(codes) or SAFETY_WORDS in said.words.lower()


def _availability(said: Mapping[str, object]) -> str | None:
    """Name the row for OpenRouter's word on a model's availability; unknown ones say if it passes."""
    passing = "provider_unavailable" if said.get("retryable") is True else None
    return AVAILABILITY.get(text(said.get("code")), passing)


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
