"""What is sent: shape, order, bytes, and nothing that a backend does not take."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import jsonschema
import pytest
from model_kit import a_call
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.domain.calls import PictureBytes
from bot.domain.capabilities import Offer, Transport
from bot.errors import StartupError
from bot.model import chat, pictures
from bot.model.backend import OPENROUTER_URL, Backend
from bot.model.bodies import PIECE_BYTES, Body

OPENAPI = Path(__file__).parents[2] / "../shared/data/openrouter-openapi.json"
BACKEND = Backend(OPENROUTER_URL, "sk-or-v1-canary")
PLAIN = Backend("http://127.0.0.1:4000/v1", "", extra_body=frozenset())
PHOTO = PictureBytes(b"\xff\xd8\xff" + b"photo", "image/jpeg")
CHAT = Offer(Transport.CHAT, supported_parameters=("reasoning", "seed"))
FULL = {
    "count": 4,
    "seed": 0,
    "aspect": "16:9",
    "quality": "high",
    "background": "transparent",
    "output_format": "webp",
    "references": (PHOTO, PHOTO),
}


async def sent(fields):
    body = Body(fields)
    data = b"".join([piece async for piece in body])
    assert len(data) == body.length == int(body.headers()["Content-Length"])
    return data


def matches(schema, fields):
    if not OPENAPI.exists():
        pytest.skip("the provider's OpenAPI document is not here")
    document = json.loads(OPENAPI.read_text())
    registry = Registry().with_resource("doc:", Resource.from_contents(document, DRAFT202012))
    reference = {"$ref": f"doc:#/components/schemas/{schema}"}
    jsonschema.Draft202012Validator(reference, registry=registry).validate(fields)


@pytest.mark.parametrize("changed", [{}, FULL], ids=["plain", "everything"])
async def test_chat_requests_are_as_the_provider_documents_them(changed):
    matches("ChatRequest", json.loads(await sent(chat.fields(a_call(**changed), CHAT, BACKEND))))


@pytest.mark.parametrize("changed", [{}, FULL], ids=["plain", "everything"])
async def test_picture_requests_are_as_the_provider_documents_them(changed):
    call = a_call(Transport.IMAGES, **changed)

    matches("ImageGenerationRequest", json.loads(await sent(pictures.fields(call, BACKEND))))


async def test_a_plain_chat_request_in_full():
    fields = json.loads(await sent(chat.fields(a_call(), CHAT, BACKEND)))

    assert fields == {
        "model": "openai/gpt-5-image-mini",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a red moon over a quiet sea"}]}],
        "modalities": ["image", "text"],
        "max_tokens": 16384,
        "reasoning": {"effort": "low"},
        "user": "user-1",
        "session_id": "channel-1",
    }


async def test_a_full_picture_request_in_full():
    fields = json.loads(await sent(pictures.fields(a_call(Transport.IMAGES, **FULL), BACKEND)))
    reference = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/cGhvdG8="}}

    assert fields == {
        "model": "openai/gpt-5-image-mini",
        "prompt": "a red moon over a quiet sea",
        "n": 4,
        "quality": "high",
        "aspect_ratio": "16:9",
        "background": "transparent",
        "output_format": "webp",
        "seed": 0,
        "input_references": [reference, reference],
        "user": "user-1",
        "session_id": "channel-1",
    }


async def test_what_was_not_chosen_is_not_sent():
    fields = json.loads(await sent(pictures.fields(a_call(Transport.IMAGES), BACKEND)))

    assert set(fields) == {"model", "prompt", "user", "session_id"}


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
async def test_every_seed_reaches_the_wire(seed):
    of_chat = chat.fields(a_call(seed=seed), CHAT, BACKEND)
    of_images = pictures.fields(a_call(Transport.IMAGES, seed=seed), BACKEND)

    assert json.loads(await sent(of_chat))["seed"] == json.loads(await sent(of_images))["seed"] == seed


async def test_words_come_before_pictures():
    fields = json.loads(await sent(chat.fields(a_call(references=(PHOTO,)), CHAT, BACKEND)))

    assert [part["type"] for part in fields["messages"][0]["content"]] == ["text", "image_url"]


async def test_a_ratio_is_sent_only_when_chosen():
    chosen = json.loads(await sent(chat.fields(a_call(aspect="16:9"), CHAT, BACKEND)))

    assert chosen["image_config"] == {"aspect_ratio": "16:9"}


async def test_no_reasoning_is_asked_of_a_model_without_it():
    fields = chat.fields(a_call(), Offer(Transport.CHAT), BACKEND)

    assert "reasoning" not in json.loads(await sent(fields))


@pytest.mark.parametrize("transport", list(Transport), ids=str)
async def test_another_backend_gets_no_field_of_openrouters(transport):
    call = a_call(transport, **FULL)
    fields = chat.fields(call, CHAT, PLAIN) if transport is Transport.CHAT else pictures.fields(call, PLAIN)

    absent = {"user", "session_id", "provider", "reasoning", "modalities", "image_config"}
    assert absent.isdisjoint(json.loads(await sent(fields)))


async def test_a_backend_may_allow_some_of_them():
    backend = Backend("http://127.0.0.1:4000/v1", "", extra_body=frozenset({"modalities"}))

    fields = json.loads(await sent(chat.fields(a_call(), CHAT, backend)))

    assert "modalities" in fields
    assert "session_id" not in fields


@pytest.mark.parametrize("transport", list(Transport), ids=str)
async def test_equal_calls_are_equal_bytes_each_time_they_are_sent(transport):
    def fields():
        call = a_call(transport, **FULL)
        return (
            chat.fields(call, CHAT, BACKEND)
            if transport is Transport.CHAT
            else pictures.fields(call, BACKEND)
        )

    body = Body(fields())
    first = b"".join([piece async for piece in body])

    assert first == b"".join([piece async for piece in body]) == await sent(fields())


@pytest.mark.parametrize(
    "prompt",
    ['say "hi"\\', "zeile\nzwei\t", "日本語 🎨", "\ud83d half", "\x00", '"},"seed":1'],
    ids=["quotes", "lines", "unicode", "surrogate", "nul", "breaking out"],
)
async def test_words_arrive_unharmed(prompt):
    fields = json.loads(await sent(pictures.fields(a_call(Transport.IMAGES, prompt=prompt), BACKEND)))

    assert fields["prompt"] == prompt
    assert "seed" not in fields


@pytest.mark.parametrize(
    "size", [0, 1, 2, 3, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 2]
)
async def test_pictures_of_any_size_are_encoded_whole(size):
    picture = PictureBytes(bytes(index % 251 for index in range(size)), "image/png")

    url = json.loads(await sent({"url": picture}))["url"]

    assert url == "data:image/png;base64," + base64.b64encode(picture.data).decode()


async def test_no_piece_holds_a_whole_picture():
    body = Body({"url": PictureBytes(bytes(10 * PIECE_BYTES), "image/png")})

    assert max([len(piece) async for piece in body]) <= PIECE_BYTES * 4 // 3


@pytest.mark.parametrize("url", ["", "openrouter.ai/api/v1", "ftp://a/b", "https://"])
def test_an_address_that_cannot_work_stops_the_start(url):
    with pytest.raises(StartupError):
        Backend(url, "key")


@pytest.mark.parametrize("key", ["sk-or\n", "sk or", "sk-ör"])
def test_a_key_that_no_header_can_carry_stops_the_start_unseen(key):
    with pytest.raises(StartupError) as caught:
        Backend(OPENROUTER_URL, key)

    assert key not in str(caught.value)


def test_headers_say_who_asks():
    backend = Backend("https://example.com/v1/", "k", referer="https://easel.example", title="Éasel")

    assert backend.url("/models") == "https://example.com/v1/models"
    assert backend.headers() == {
        "Authorization": "Bearer k",
        "HTTP-Referer": "https://easel.example",
        "X-OpenRouter-Title": "?asel",
    }
    assert "sk-or-v1-canary" not in repr(BACKEND)


def test_without_a_key_none_is_sent():
    assert PLAIN.headers() == {"X-OpenRouter-Title": "Easel"}
