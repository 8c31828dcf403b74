"""Every error that was seen, and the row of the table it belongs to."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import errors
from bot.errors import (
    AccountTrouble,
    ModelError,
    ModelGone,
    ModelRejected,
    ModelUnavailable,
    PictureRefused,
)
from bot.model.diagnosis import AVAILABILITY, CODES, STATUSES, advised_wait_s, diagnose
from bot.model.failures import REASONS, Retry, failure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ERROR_TYPES = [
    "context_length_exceeded",
    "max_tokens_exceeded",
    "token_limit_exceeded",
    "string_too_long",
    "authentication",
    "permission_denied",
    "payment_required",
    "rate_limit_exceeded",
    "provider_overloaded",
    "provider_unavailable",
    "invalid_request",
    "invalid_prompt",
    "not_found",
    "precondition_failed",
    "payload_too_large",
    "unprocessable",
    "content_policy_violation",
    "refusal",
    "invalid_image",
    "image_too_large",
    "image_too_small",
    "unsupported_image_format",
    "image_not_found",
    "image_download_failed",
    "server",
    "timeout",
    "unmapped",
]
OPENAI_BLOCKED = {
    "error": {
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
        "message": "Your request was rejected.",
        "moderation_details": {"moderation_stage": "input", "categories": ["violence"]},
    }
}


def name(status, error=None, **headers):
    body = error if error is None else {"error": error}
    return diagnose(status, body, headers, NOW).name


def kind(status, error=None):
    return type(diagnose(status, {"error": error}, {}, NOW).error())


def test_all_error_types_of_the_provider_are_in_the_table():
    assert len(ERROR_TYPES) == 27
    assert set(ERROR_TYPES) <= set(REASONS)


@pytest.mark.parametrize("error_type", ERROR_TYPES)
@pytest.mark.parametrize("place", ["metadata", "error"])
def test_an_error_type_decides_over_the_status(error_type, place):
    error = {"error_type": error_type} if place == "error" else {"metadata": {"error_type": error_type}}
    row = REASONS[error_type]

    failed = diagnose(418, {"error": error}, {}, NOW)

    if error_type == "unmapped":
        assert type(failed.error()) is ModelRejected
    else:
        assert type(failed.error()) is row.error
        assert str(failed.error()) == row.sentence


def test_an_unknown_error_type_goes_by_its_status():
    assert name(503, {"metadata": {"error_type": "quantum"}}) == "provider_unavailable"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, {"code": 403, "metadata": {"reasons": ["sexual"], "flagged_input": "…"}}),
        (400, {"metadata": {"error_type": "content_policy_violation"}}),
        (400, {"error_type": "refusal", "http_status": 400}),
        (400, OPENAI_BLOCKED["error"]),
        (400, {"code": 400, "metadata": {"provider_name": "OpenAI", "raw": json.dumps(OPENAI_BLOCKED)}}),
        (400, {"code": 400, "metadata": {"raw": OPENAI_BLOCKED}}),
        (400, {"code": 400, "metadata": {"raw": json.dumps(OPENAI_BLOCKED["error"])}}),
        (
            400,
            {
                "code": 400,
                "metadata": {"error_type": "invalid_request", "provider_code": "moderation_blocked"},
            },
        ),
        (400, {"message": "Your request was rejected by the safety system. If you believe"}),
        (
            502,
            {"message": "Provider returned error", "metadata": {"raw": "… Rejected by the safety system."}},
        ),
        (400, {"metadata": {"raw": json.dumps({"error": {"message": "was rejected by the safety system"}})}}),
    ],
    ids=range(11),
)
def test_safety_refusals_are_known_in_every_place(status, error):
    failed = diagnose(status, {"error": error}, {}, NOW)

    assert type(failed.error()) is PictureRefused
    assert failed.retry is Retry.NEVER


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, {"metadata": {"patterns": ["secret"]}}),
        (403, {"metadata": {"reasons": []}}),
        (400, {"type": "image_generation_user_error", "code": "invalid_value", "message": "bad size"}),
        (400, {"metadata": {"reasons": ["x"]}}),
        (400, {"metadata": {"raw": "not json {"}}),
        (400, {"metadata": {"raw": None}}),
    ],
    ids=range(6),
)
def test_other_refusals_are_not_taken_for_safety(status, error):
    assert kind(status, error) is not PictureRefused


@pytest.mark.parametrize(
    ("status", "error", "row"),
    [
        (404, {"availability": {"code": "model_deprecated", "retryable": False}}, "not_found"),
        (404, {"availability": {"code": "no_endpoints"}}, "not_found"),
        (404, {"availability": {"code": "model_unavailable_upstream"}}, "not_found"),
        (404, {"availability": {"code": "free_variant_ended"}}, "not_found"),
        (404, {"availability": {"code": "privacy_restricted"}}, "not_found"),
        (403, {"availability": {"code": "region_restricted"}}, "not_found"),
        (400, {"availability": {"code": "model_not_found"}}, "not_found"),
        (400, {"availability": {"code": "wrong_endpoint"}}, "unsupported"),
        (404, {"availability": {"code": "constraint_filtered"}}, "unsupported"),
        (429, {"availability": {"code": "capacity_exhausted", "retryable": True}}, "provider_overloaded"),
        (503, {"availability": {"code": "temporarily_unavailable"}}, "provider_unavailable"),
        (404, {"availability": {"code": "new_one", "retryable": True}}, "provider_unavailable"),
        (404, {"availability": {"code": "new_one", "retryable": False}}, "not_found"),
        (
            404,
            {"message": "No endpoints found that support the requested output modalities: image, text"},
            "unsupported",
        ),
        (404, {"message": "No endpoints found that support tool use"}, "unsupported"),
        (404, {"message": "No endpoints", "metadata": {"routing_funnel": []}}, "unsupported"),
        (404, {"message": "No endpoints found for openai/gpt-5-image-mini."}, "not_found"),
        (400, {"message": "openai/nope is not a valid model ID"}, "not_found"),
        (404, {"code": "model_not_found", "message": "The model `x` does not exist"}, "not_found"),
        (400, {"code": "invalid_value", "param": "model", "message": "retired"}, "not_found"),
        (400, {"code": "invalid_value", "param": "size"}, "invalid_request"),
        (
            400,
            {"message": "The following tools cannot be used with reasoning.effort 'minimal': image_gen"},
            "invalid_request",
        ),
        (401, {"message": "User not found."}, "authentication"),
        (402, {"metadata": {"limit_source": "openrouter_credits"}}, "payment_required"),
        (403, {"metadata": {"patterns": ["x"]}}, "guardrail"),
        (403, {"message": "no"}, "permission_denied"),
        (413, {"message": "Downloaded image content cannot exceed 30MB", "code": 413}, "payload_too_large"),
        (429, {"code": "insufficient_quota"}, "no_credit"),
        (429, {"code": 429, "metadata": {"raw": '{"error": {"code": "insufficient_quota"}}'}}, "no_credit"),
        (400, {"metadata": {"raw": '{"error": {"code": "invalid_value", "param": "model"}}'}}, "not_found"),
        (429, {"code": "rate_limit_exceeded"}, "rate_limit_exceeded"),
        (400, {"code": "context_length_exceeded"}, "context_length_exceeded"),
        (500, {"code": "500", "message": "Internal"}, "server"),
        (520, None, "server"),
        (302, None, "server"),
        (529, {"http_status": 529}, "provider_overloaded"),
        (418, {}, "invalid_request"),
    ],
    ids=range(37),
)
def test_what_was_seen_finds_its_row(status, error, row):
    assert name(status, error) == row


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        7,
        {},
        {"error": None},
        {"error": []},
        {"error": "words"},
        {"detail": "Not Found"},
        {"message": "m"},
    ],
    ids=repr,
)
@pytest.mark.parametrize("status", sorted(STATUSES))
def test_a_body_of_any_shape_leaves_the_status_to_decide(status, body):
    assert diagnose(status, body, {}, NOW).name == STATUSES[status]


@pytest.mark.parametrize(
    "body", [{"detail": "no such model"}, {"message": "No such model"}, {"error": "no such model: x"}]
)
def test_words_are_found_where_other_backends_put_them(body):
    assert diagnose(400, body, {}, NOW).name == "not_found"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "5"}, 5),
        ({"Retry-After": " 60 "}, 60),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "999999999"}, 86400),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:30 -0000"}, 30),
        ({"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "abc"}, None),
        ({"Retry-After": "٣"}, None),
        ({}, None),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp() * 1000) + 7000)}, 7),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"Retry-After": "2", "X-RateLimit-Reset": str(int(NOW.timestamp() * 1000) + 7000)}, 2),
    ],
    ids=str,
)
def test_advice_is_read_as_seconds(headers, seconds):
    assert advised_wait_s(headers, NOW) == seconds


@pytest.mark.parametrize(("said", "seconds"), [(9, 9), (-3, None), ("x", None), (10**8, 86400)])
def test_the_body_may_advise_too(said, seconds):
    failed = diagnose(503, {"error": {"availability": {"retry_after": said}}}, {}, NOW)

    assert failed.retry_after_s == seconds


@pytest.mark.parametrize(
    ("retryable", "retry"), [(False, Retry.NEVER), (True, Retry.SAME), (None, Retry.SAME)]
)
def test_the_providers_word_on_trying_again_counts(retryable, retry):
    error = {"availability": {"code": "temporarily_unavailable", "retryable": retryable}}

    assert diagnose(503, {"error": error}, {}, NOW).retry is retry


def test_advice_reaches_whoever_asked():
    error = diagnose(429, None, {"Retry-After": "60"}, NOW).error()

    assert isinstance(error, ModelUnavailable)
    assert error.retry_after_s == 60


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("You requested up to 65536 tokens, but can only afford 12345", 12345),
        ("but can only afford 0.", 0),
        ("can only afford lunch", None),
    ],
)
def test_what_the_account_affords_is_read(words, tokens):
    failed = diagnose(402, {"error": {"code": 402, "message": words}}, {}, NOW)

    assert failed.affordable_tokens == tokens
    assert type(failed.error()) is AccountTrouble


@pytest.mark.parametrize("row", sorted(REASONS))
def test_every_row_becomes_an_error_that_people_can_read(row):
    error = failure(row, billed_microusd=7, generation_id="gen-1", words="No.").error()

    assert isinstance(error, ModelError)
    assert (error.billed_microusd, error.generation_id) == (7, "gen-1")
    assert re.fullmatch(r"[A-Z][^.]*\.( [A-Z][^.]*\.)?", str(error))
    assert not re.search(r"[0-9_{}]|HTTP|token|API|JSON", str(error))
    assert REASONS[row].why


def test_only_what_was_not_charged_may_be_sent_again():
    may = {row for row, reason in REASONS.items() if reason.retry is Retry.SAME}

    assert may == {
        "rate_limit_exceeded",
        "provider_overloaded",
        "provider_unavailable",
        "server",
        "timeout",
        "unmapped",
        "unreachable",
        "empty",
    }


def test_every_kind_of_model_error_has_a_row():
    kinds = {
        one
        for _, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, ModelError)
        and one not in {ModelError, errors.AnswerUnusable, errors.PictureFlagged}
    }

    assert kinds == {reason.error for reason in REASONS.values()}


def test_all_tables_lead_to_rows():
    assert {*AVAILABILITY.values(), *CODES.values(), *STATUSES.values()} <= set(REASONS)
    assert ModelGone is REASONS["not_found"].error


@pytest.mark.parametrize(
    ("name", "advice_s", "said"),
    [
        ("rate_limit_exceeded", 60.0, "is busy right now. Please try again in 60 seconds."),
        ("rate_limit_exceeded", 600.0, "is busy right now. Please try again in 10 minutes."),
        ("provider_overloaded", 86_400.0, "is busy right now. Please try again in 24 hours."),
        ("provider_unavailable", 40.0, "is not available right now. Please try again in 40 seconds."),
        ("rate_limit_exceeded", None, "is busy right now. Please try again in a moment."),
        ("rate_limit_exceeded", 0.0, "is busy right now. Please try again in a moment."),
        ("content_policy_violation", 60.0, "refused this request. Try other words or another picture."),
    ],
)
def test_people_are_told_when_to_try_again_where_the_provider_says(name, advice_s, said):
    failed = replace(failure(name), retry_after_s=advice_s)

    assert str(failed.error()).endswith(said)
