"""Replies with status 200: every shape that was recorded, and what becomes of it."""

from __future__ import annotations

import json

import pytest
from model_kit import PNG, chat_reply, data_url, image_part, images_reply

from bot.domain.calls import PictureReply
from bot.errors import (
    ModelRejected,
    ModelUnavailable,
    NothingCame,
    PictureDeclined,
    PictureRefused,
)
from bot.model import chat, pictures
from bot.model.failures import Failure, Retry
from bot.model.splitter import Splitter

JPEG = b"\xff\xd8\xff\xe0" + bytes(50)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "


def read(reply, transport=chat, generation_id=None):
    splitter = Splitter()
    splitter.feed(json.dumps(reply).encode() if isinstance(reply, (dict, list)) else reply)
    return transport.read(splitter.close(), generation_id)


def drawn(reply, transport=chat):
    outcome = read(reply, transport)
    assert isinstance(outcome, PictureReply)
    return [one.data for one in outcome.pictures]


def failed(reply, transport=chat):
    outcome = read(reply, transport)
    assert isinstance(outcome, Failure)
    return outcome


@pytest.mark.parametrize(
    "reply",
    [
        chat_reply(images=[image_part()]),
        chat_reply(content="", images=[image_part()]),
        chat_reply(content=None, images=[image_part(index=0)]),
        chat_reply(images=[image_part(), image_part()]),
        chat_reply(content=[{"type": "text", "text": "Here"}, image_part()]),
        chat_reply(content=[image_part()], images=[image_part()]),
        chat_reply(images=[{"type": "image_url", "image_url": data_url()}]),
        chat_reply(images=[image_part()], finish_reason=None),
        chat_reply(images=[image_part()], finish_reason="max_output_tokens"),
        chat_reply(images=[image_part()], finish_reason="length"),
        chat_reply(images=[image_part()], finish_reason={"odd": 1}),
        chat_reply(images=[image_part()], error=None, choice={"error": None}),
        chat_reply(images=[image_part(), {"type": "image_url"}, None, 7]),
        chat_reply(images=[image_part(), image_part(b"not a picture")]),
        chat_reply(images=[image_part()], message={"refusal": None, "reasoning_details": [{}]}),
    ],
    ids=[
        "words and picture",
        "empty words",
        "null and index",
        "the same twice",
        "content as list",
        "both places",
        "address without object",
        "no finish reason",
        "unknown finish reason",
        "cut after the picture",
        "finish reason of another kind",
        "null errors",
        "odd entries beside",
        "damaged one beside",
        "other fields",
    ],
)
def test_chat_shapes_that_hold_one_picture(reply):
    assert drawn(reply) == [PNG]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (chat_reply(content="I cannot draw that."), PictureDeclined, "I cannot draw that."),
        (chat_reply(content="Which one?", images=[]), PictureDeclined, "Which one?"),
        (chat_reply(content="A lon", finish_reason="length"), PictureDeclined, "A lon"),
        (chat_reply(content=[{"type": "text", "text": "No."}]), PictureDeclined, "No."),
        (chat_reply(content="cut \ud83d"), PictureDeclined, "cut ?"),
        (chat_reply(content=None, message={"refusal": "I can't help."}), PictureRefused, ""),
        (chat_reply(content="Sorry", finish_reason="content_filter"), PictureRefused, "Sorry"),
        (chat_reply(content=None, finish_reason="length"), ModelRejected, ""),
        (chat_reply(content=None, images=[image_part(b"<html>")]), NothingCame, ""),
        (
            chat_reply(content="So:", images=[{"image_url": {"url": "https://x.example/a.png"}}]),
            NothingCame,
            "So:",
        ),
        (chat_reply(content=None, finish_reason="error"), ModelUnavailable, ""),
        (chat_reply(content=None, images=[]), NothingCame, ""),
        (chat_reply(choice={"error": {"code": 502, "message": "Upstream"}}), ModelUnavailable, ""),
        (
            chat_reply(content="part", choice={"error": {"metadata": {"error_type": "refusal"}}}),
            PictureRefused,
            "",
        ),
    ],
    ids=[
        "declined",
        "asked back",
        "words cut short",
        "words as a list",
        "half an emoji",
        "refusal",
        "content filter",
        "out of budget",
        "damaged",
        "an address instead",
        "error without words",
        "nothing",
        "error in the choice",
        "refusal in the choice",
    ],
)
def test_chat_shapes_without_a_picture_are_final_once_charged(reply, kind, words):
    outcome = failed(reply)
    error = outcome.error()

    assert type(error) is kind
    assert outcome.retry is Retry.NEVER
    assert error.billed_microusd == 38701
    assert getattr(error, "words", "") == words


@pytest.mark.parametrize(
    "reply",
    [
        {},
        [],
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        chat_reply(content=None, usage={}),
        chat_reply(content="  \n", usage={"cost": 0, "completion_tokens": 0}),
        chat_reply(content=None, finish_reason=None, usage={"cost": None}),
    ],
    ids=range(8),
)
def test_nothing_at_all_may_be_asked_again(reply):
    outcome = failed(reply)

    assert outcome.retry is Retry.SAME
    assert isinstance(outcome.error(), NothingCame)


@pytest.mark.parametrize(
    "error",
    [
        {"code": 502, "message": "Bad gateway"},
        {"code": "502", "message": "Bad gateway"},
        {"http_status": 503, "error_type": "provider_unavailable"},
        {"message": "?"},
        "out of order",
    ],
    ids=["number", "string", "newer", "no code", "words"],
)
@pytest.mark.parametrize("transport", [chat, pictures], ids=["chat", "images"])
def test_an_error_under_a_200_is_an_error(transport, error):
    outcome = failed({"error": error, "user_id": "u"}, transport)

    assert isinstance(outcome.error(), ModelUnavailable)
    assert outcome.retry is Retry.NEVER


@pytest.mark.parametrize("transport", [chat, pictures], ids=["chat", "images"])
def test_a_refusal_under_a_200_is_a_refusal(transport):
    flagged = {"code": 403, "message": "flagged", "metadata": {"reasons": ["violence"]}}

    assert isinstance(failed({"error": flagged}, transport).error(), PictureRefused)


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"cost": 0.0387012}, 38701),
        ({"cost": "0.04"}, 40000),
        ({"cost": 0}, 0),
        ({"cost": 1e-7}, 0),
        ({"cost": 0.002, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.03}}, 32000),
        ({"cost": 0.002, "is_byok": True, "cost_details": {"upstream_inference_cost": None}}, 2000),
        ({"cost": 0.002, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.03}}, 2000),
        ({"cost": -1}, None),
        ({"cost": True}, None),
        ({"cost": "free"}, None),
        ({"cost": {}}, None),
        ({"cost": "Infinity"}, None),
        ({}, None),
        ([], None),
    ],
    ids=str,
)
def test_the_cost_is_what_usage_says(usage, cost):
    outcome = read(chat_reply(images=[image_part()], usage=usage))

    assert isinstance(outcome, PictureReply)
    assert outcome.cost_microusd == cost


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (WEBP, "image/webp"),
        (b"GIF87a..", "image/gif"),
        (b"GIF89a..", "image/gif"),
    ],
    ids=["png", "jpeg", "webp", "gif87", "gif89"],
)
def test_a_picture_is_what_its_bytes_say_whatever_the_label(data, media_type):
    for reply, transport in (
        (chat_reply(images=[image_part(data, "image/tiff")]), chat),
        (images_reply(data), pictures),
    ):
        outcome = read(reply, transport)
        assert isinstance(outcome, PictureReply)
        assert [(one.data, one.media_type) for one in outcome.pictures] == [(data, media_type)]


def test_images_bring_all_pictures_in_order():
    assert drawn(images_reply(PNG, JPEG, PNG, WEBP), pictures) == [PNG, JPEG, WEBP]


@pytest.mark.parametrize(
    ("reply", "retry"),
    [
        ({"created": 0, "data": []}, Retry.SAME),
        ({"created": 0}, Retry.SAME),
        ({"data": [], "usage": {"cost": 0.01}}, Retry.NEVER),
        ({"data": [], "usage": {"completion_tokens": 9}}, Retry.NEVER),
        ({"data": [{}]}, Retry.NEVER),
        ({"data": [{"b64_json": "QUJ"}]}, Retry.NEVER),
        ({"data": [{"b64_json": None, "url": "https://x.example"}]}, Retry.NEVER),
    ],
    ids=["empty", "absent", "charged", "worked", "blank", "cut", "address"],
)
def test_images_without_a_sound_picture(reply, retry):
    outcome = failed(reply, pictures)

    assert isinstance(outcome.error(), NothingCame)
    assert outcome.retry is retry


def test_the_header_names_the_generation_before_the_body_does():
    reply = chat_reply(images=[image_part()])

    assert read(reply).generation_id == "gen-1"
    assert read(reply, generation_id="gen-header").generation_id == "gen-header"
    assert read(images_reply(PNG), pictures).generation_id is None


@pytest.mark.parametrize("step", [997])
def test_base64_cut_short_inside_sound_json_is_never_a_picture(step):
    letters = data_url(PNG * 5)
    for end in range(len("data:image/png;base64,") + 1, len(letters), step):
        outcome = read({"data": [{"b64_json": letters[22:end]}]}, pictures)
        if isinstance(outcome, PictureReply):  # whole quads decode; that the picture is half shows on loading
            assert (end - 22) % 4 == 0
