"""Cutting pictures out of a reply, whatever the chunks."""

from __future__ import annotations

import base64
import json
import sys
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from time_kit import fastest_s

from bot.model import splitter
from bot.model.splitter import MOVED_BYTES, Caps, Splitter, UnreadableReply

PICTURES = st.lists(st.binary(max_size=400), max_size=5)


@pytest.fixture(scope="module", autouse=True, params=[MOVED_BYTES, 5], ids=["large", "small"])
def moved(request):
    """Let all of it hold too where small pictures are moved as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitter, "MOVED_BYTES", request.param)
        yield


def split(body, sizes=(7,), caps=None, length=0):
    taking = Splitter(caps, length)
    at = turn = 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        taking.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    return taking.close()


def b64(data):
    return base64.b64encode(data).decode()


def images_body(pictures, **extra):
    return {"data": [{"b64_json": b64(one)} for one in pictures], **extra}


def chat_body(pictures, content=""):
    images = [{"image_url": {"url": f"data:image/png;base64,{b64(one)}"}} for one in pictures]
    return {"choices": [{"message": {"content": content, "images": images}}]}


def found_in(taken):
    skeleton = taken.skeleton
    if "data" in skeleton:
        return [taken.picture(one["b64_json"]) for one in skeleton["data"]]
    return [taken.picture(one["image_url"]["url"]) for one in skeleton["choices"][0]["message"]["images"]]


def words_in(taken):
    skeleton: Any = taken.skeleton
    return skeleton["choices"][0]["message"]["content"] if "choices" in skeleton else skeleton["words"]


@given(
    pictures=PICTURES,
    words=st.text(max_size=60),
    sizes=st.lists(st.integers(1, 200), min_size=1, max_size=6),
    solidus=st.booleans(),
    pretty=st.booleans(),
    chat=st.booleans(),
    longer=st.sampled_from([-(10**9), -100, -1, 0, 1, 100, 10**15]),
)
def test_any_chunking_gives_what_json_and_base64_give(pictures, words, sizes, solidus, pretty, chat, longer):
    reply = chat_body(pictures, words) if chat else images_body(pictures, words=words)
    body = json.dumps(reply, indent=2 if pretty else None)
    if solidus:
        body = body.replace("/", "\\/")
    whole = body.encode()

    taken = split(whole, sizes, length=max(0, len(whole) + longer))

    assert found_in(taken) == pictures
    assert words_in(taken) == words


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_an_escaped_solidus_at_a_seam_does_not_end_the_cutting(size):
    body = json.dumps(images_body([b"\xff" * 60])).replace("/", "\\/")

    taken: Any = split(body.encode(), (size,))

    assert taken.skeleton == {"data": [{"b64_json": "#0"}]}
    assert found_in(taken) == [b"\xff" * 60]


@given(pictures=st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=3), data=st.data())
def test_other_escapes_are_left_to_the_json_parser(pictures, data):
    body = json.dumps(images_body(pictures))
    letters = b64(pictures[-1])
    at = data.draw(st.integers(0, len(letters) - 1))
    escaped = f"{letters[:at]}\\u{ord(letters[at]):04x}{letters[at + 1 :]}"
    sizes = data.draw(st.lists(st.integers(1, 90), min_size=1, max_size=4))

    whole = body.replace(letters, escaped).encode()
    taken = split(whole, sizes, length=data.draw(st.sampled_from([0, 7, len(whole), 10**12])))

    assert found_in(taken) == pictures


@given(picture=st.binary(min_size=20, max_size=300), cut=st.integers(1, 400), data=st.data())
def test_a_reply_cut_off_anywhere_is_unreadable(picture, cut, data):
    body = json.dumps(images_body([picture])).encode()
    sizes = data.draw(st.lists(st.integers(1, 90), min_size=1, max_size=4))

    with pytest.raises(UnreadableReply):
        split(body[: max(0, len(body) - cut)], sizes, length=data.draw(st.sampled_from([0, len(body)])))


@pytest.mark.parametrize(
    "letters",
    ["QUJ", "QU JD", "QUJD\\n", "QQ==QUJD", "QU-_", "Q===", "QUJD<html>", '\\"', "QUJDQ", "=QUJ", "\\\\/A="],
)
@pytest.mark.parametrize("size", [1, 3, 4, 1000])
def test_base64_that_is_not_strict_is_no_picture(letters, size):
    body = f'{{"data":[{{"b64_json":"{letters}"}},{{"b64_json":"QUJD"}}]}}'

    assert found_in(split(body.encode(), (size,))) == [None, b"ABC"]


@pytest.mark.parametrize(
    "words",
    [
        '"data:image/png;base64,QUJD"',
        '"b64_json":"QUJD"',
        "data:image/png;base64,#0 it says",
        '\\"data:image/png;base64,QUJD',
        "x" * 300 + '"b64_json":"',
    ],
)
@pytest.mark.parametrize("size", [1, 64, 129, 5000])
def test_words_that_look_like_pictures_stay_words(words, size):
    body = json.dumps({"words": f"see {words}", **images_body([b"ABC"])}).encode()

    taken = split(body, (size,))

    assert words_in(taken) == f"see {words}"
    assert found_in(taken) == [b"ABC"]


def test_a_marker_can_stand_only_for_a_picture_that_came():
    taken = split(json.dumps(images_body([b"ABC"])).encode())

    assert taken.picture("#0") == b"ABC"
    assert taken.picture("#1") is None
    assert taken.picture("https://example.com/a.png") is None


def test_a_data_url_in_a_bare_field_is_read_all_the_same():
    body = {"data": [{"b64_json": "data:image/png;base64,QUJD"}]}

    assert found_in(split(json.dumps(body).encode())) == [b"ABC"]


@pytest.mark.parametrize(
    ("body", "caps"),
    [
        (b" " * 101, Caps(raw_bytes=100)),
        (b'{"a":"' + b"x" * 300, Caps(json_bytes=100)),
        (json.dumps(images_body([b"x" * 99])).encode(), Caps(picture_bytes=90)),
        (json.dumps(images_body([b"x"] * 3)).encode(), Caps(pictures=2)),
    ],
    ids=["reply", "json", "picture", "pictures"],
)
def test_no_bound_is_passed(body, caps):
    with pytest.raises(UnreadableReply):
        split(body, caps=caps)


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a": ' + b"9" * 200_000 + b"}", b'{"a": NaN}', b"", b"{"]
)
def test_hostile_json_is_unreadable_and_nothing_worse(body):
    with pytest.raises(UnreadableReply):
        split(body, (65536,))


def test_half_an_emoji_does_not_cost_the_picture():
    body = b'{"words":"\\ud83d","data":[{"b64_json":"QUJD"}]}'

    assert found_in(split(body)) == [b"ABC"]


def test_a_length_that_is_a_lie_makes_no_more_room_than_a_picture_may_take():
    picture = bytes(2 * MOVED_BYTES)
    body = json.dumps(images_body([picture])).encode()

    tracemalloc.start()
    taken = split(body, (4096,), length=10**14)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found_in(taken) == [picture]
    assert peak < Caps().picture_bytes + 8 * len(body)
    assert sys.getsizeof(taken.pictures[0]) < len(picture) + 100


def test_a_reply_that_has_only_begun_takes_no_room():
    body = json.dumps(images_body([bytes(MOVED_BYTES)])).encode()

    tracemalloc.start()
    taking = Splitter(length=10**8)
    taking.feed(body[:16384])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 8 * 16384


def test_pictures_that_share_a_reply_s_length_are_whole():
    pictures = [bytes([number]) * (3 * MOVED_BYTES + number) for number in range(4)]
    body = json.dumps(images_body(pictures)).encode()

    assert found_in(split(body, (65536,), length=len(body))) == pictures


def test_splitting_takes_a_fraction_of_parsing():
    picture = bytes(range(256)) * 16 * 1024
    body = json.dumps(chat_body([picture])).encode()

    def parse():
        url = json.loads(body)["choices"][0]["message"]["images"][0]["image_url"]["url"]
        return base64.b64decode(url.partition(",")[2])

    assert fastest_s(lambda: split(body, (65536,))) < 0.3 * fastest_s(parse)
