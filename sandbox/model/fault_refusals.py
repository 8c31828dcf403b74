"""Faults that answer with an error in place of a picture; none of them is charged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.model.refusals import Refusal, from_provider, no_route, refuse, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Options = dict[str, Any]
HTML = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center><hr><center>cloudflare</center></body></html>"
)
MODERATION_BLOCKED = {
    "error": {
        "message": "Your request was rejected by the safety system. If this is an error, contact us.",
        "type": "image_generation_user_error",
        "param": None,
        "code": "moderation_blocked",
        "moderation_details": {"moderation_stage": "input", "categories": ["violence"]},
    }
}
ERROR_TYPES = {
    "context_length_exceeded": 400,
    "max_tokens_exceeded": 400,
    "token_limit_exceeded": 400,
    "string_too_long": 400,
    "authentication": 401,
    "permission_denied": 403,
    "payment_required": 402,
    "rate_limit_exceeded": 429,
    "provider_overloaded": 529,
    "provider_unavailable": 503,
    "invalid_request": 400,
    "invalid_prompt": 400,
    "not_found": 404,
    "precondition_failed": 400,
    "payload_too_large": 413,
    "unprocessable": 422,
    "content_policy_violation": 400,
    "refusal": 400,
    "invalid_image": 400,
    "image_too_large": 400,
    "image_too_small": 400,
    "unsupported_image_format": 400,
    "image_not_found": 400,
    "image_download_failed": 400,
    "server": 500,
    "timeout": 504,
    "unmapped": 502,
}
"""OpenRouter's whole vocabulary of `error_type`, each with a status it comes with."""


@dataclass(frozen=True, slots=True)
class RefusalFault:
    """A named error answer."""

    about: str
    make: Callable[[Options], Refusal]


def _retry_headers(options: Options, default: str | None = None) -> dict[str, str]:
    """Return `Retry-After` as told, verbatim: a number, a date, or nonsense; none when told None."""
    value = options.get("retry_after", default)
    return {} if value is None else {"Retry-After": str(value)}


def _plain(status: int, message: str) -> Callable[[Options], Refusal]:
    """Return a maker of an error without anything beside its message."""
    return lambda _: refuse(status, message)


def _afford(options: Options) -> Refusal:
    """Return the 402 that says how many tokens the credit still buys."""
    tokens = int(options.get("afford", 4000))
    return refuse(
        402,
        "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can "
        f"only afford {tokens}. To increase, visit https://openrouter.ai/settings/credits",
        metadata={"limit_source": "openrouter_credits"},
    )


def _moderation(_: Options) -> Refusal:
    return refuse(
        403,
        "openai/gpt-5-image-mini requires moderation. Your input was flagged.",
        metadata={
            "reasons": ["violence"],
            "flagged_input": "a picture of…",
            "provider_name": "OpenAI",
            "model_slug": "openai/gpt-5-image-mini",
        },
    )


def _rate_limited(options: Options) -> Refusal:
    headers = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795222800000"}
    return refuse(
        429,
        "Rate limit exceeded: free-models-per-min.",
        metadata={"error_type": "rate_limit_exceeded"},
        headers=headers | _retry_headers(options),
    )


def _upstream_rate_limited(options: Options) -> Refusal:
    metadata = {
        "raw": "The model is temporarily rate-limited upstream. Please retry shortly.",
        "provider_name": "Azure",
    }
    return refuse(429, "Provider returned error", metadata=metadata, headers=_retry_headers(options))


def _unavailable(options: Options) -> Refusal:
    availability: dict[str, Any] = {
        "code": "temporarily_unavailable",
        "retryable": True,
        "retry_after": 5,
        "requested_models": [],
        "docs_url": "https://openrouter.ai/docs/api-reference/errors",
    }
    return refuse(
        503,
        "There is no available model provider that meets your routing requirements.",
        availability=availability,
        headers=_retry_headers(options),
    )


def _typed(options: Options) -> Refusal:
    kind = str(options.get("error_type", "unmapped"))
    status = int(options.get("status", ERROR_TYPES.get(kind, 500)))
    return refuse(status, f"The request failed: {kind}.", metadata={"error_type": kind})


def _string_code(_: Options) -> Refusal:
    return Refusal(502, {"message": "Upstream error", "code": "502"})


def _no_code(_: Options) -> Refusal:
    return Refusal(
        502, {"message": "Upstream error", "http_status": 502, "error_type": "provider_unavailable"}
    )


def _error_in_200(_: Options) -> Refusal:
    error = {"message": "Internal server error", "code": 500, "metadata": {"error_type": "server"}}
    return Refusal(200, error)


def _safety_text(_: Options) -> Refusal:
    return refuse(
        400, "Your request was rejected as a result of our safety system: rejected by the safety system."
    )


def _insufficient_quota(_: Options) -> Refusal:
    error = {
        "message": "You exceeded your current quota.",
        "type": "insufficient_quota",
        "code": "insufficient_quota",
    }
    return from_provider(429, "OpenAI", {"error": error})


def _gone(_: Options) -> Refusal:
    model_id = "openai/gpt-5-image-mini"
    return unavailable(
        404,
        "model_deprecated",
        model_id,
        f"{model_id} has been deprecated.",
        ["google/gemini-3.1-flash-image"],
    )


def _modalities(_: Options) -> Refusal:
    message = "No endpoints found that support the requested output modalities: image, text"
    return no_route(message, "output_modalities")


REFUSAL_FAULTS: Mapping[str, RefusalFault] = {
    "bad_request": RefusalFault("400: the request is wrong.", _plain(400, "Invalid request parameters")),
    "unauthorized": RefusalFault("401: the key is not known.", _plain(401, "User not found.")),
    "no_credits": RefusalFault(
        "402: no credit left.",
        lambda _: refuse(402, "Insufficient credits", metadata={"limit_source": "openrouter_credits"}),
    ),
    "afford": RefusalFault("402: the credit does not reach for this call.", _afford),
    "moderation": RefusalFault("403: the input was flagged.", _moderation),
    "guardrail": RefusalFault(
        "403: a guardrail of the account.",
        lambda _: refuse(403, "Request blocked by guardrail", metadata={"patterns": ["secret"]}),
    ),
    "gone": RefusalFault("404: the model was retired.", _gone),
    "modalities": RefusalFault("404: nobody gives pictures and words.", _modalities),
    "no_tools": RefusalFault(
        "404: nobody can use tools.", lambda _: no_route("No endpoints found that support tool use", "tools")
    ),
    "timeout": RefusalFault("408: the request took too long.", _plain(408, "Request timed out")),
    "too_large": RefusalFault(
        "413: the pictures are too large.",
        lambda _: refuse(
            413, "Downloaded image content cannot exceed 30MB", metadata={"provider_name": None}
        ),
    ),
    "unprocessable": RefusalFault("422: nothing can be made of it.", _plain(422, "Unprocessable entity")),
    "rate_limited": RefusalFault("429: OpenRouter says to wait.", _rate_limited),
    "upstream_rate_limited": RefusalFault("429: the provider says to wait.", _upstream_rate_limited),
    "insufficient_quota": RefusalFault("429 that is a matter of money.", _insufficient_quota),
    "server_error": RefusalFault("500: something broke.", _plain(500, "Internal Server Error")),
    "bad_gateway": RefusalFault("502: the provider is in trouble.", _plain(502, "Bad gateway")),
    "unavailable": RefusalFault("503: nobody serves it now.", _unavailable),
    "edge_timeout": RefusalFault("524: the edge gave up waiting.", _plain(524, "Edge network timeout")),
    "overloaded": RefusalFault("529: the provider is overloaded.", _plain(529, "Provider overloaded")),
    "html_page": RefusalFault("502 with a page of HTML.", lambda _: Refusal(502, {"html": HTML})),
    "error_in_200": RefusalFault("200, and the body is an error.", _error_in_200),
    "string_code": RefusalFault("502 whose code is a string.", _string_code),
    "no_code": RefusalFault("502 in the newer form without a code.", _no_code),
    "typed": RefusalFault("An error that says its type in a word.", _typed),
    "moderation_blocked": RefusalFault(
        "400: the safety system, as JSON within the error.",
        lambda _: from_provider(400, "OpenAI", MODERATION_BLOCKED),
    ),
    "moderation_blocked_direct": RefusalFault(
        "400: the safety system, in OpenAI's own form.",
        lambda _: Refusal(400, dict(MODERATION_BLOCKED["error"])),
    ),
    "safety_text": RefusalFault("400: the safety system, told by the message alone.", _safety_text),
}
