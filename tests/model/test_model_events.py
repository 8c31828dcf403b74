"""Cutting server-sent events out of bytes, whatever the chunks and the line ends."""

from __future__ import annotations

import base64
import json
import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.events import EventSplitter
from bot.model.splitter import Caps, UnreadableReply

ENDS = ("\n", "\r\n", "\r")
SMALL = Caps(raw_bytes=600, json_bytes=2400, picture_bytes=100, pictures=2)


def cut(body, sizes=(7,), caps=None):
    """Return the names and data of a stream's events, and whether it said that it is done."""
    splitter, found, at, turn = EventSplitter(caps), [], 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        found += splitter.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    found += splitter.close()
    return [(event.name, event.data.skeleton) for event in found], splitter.done


def read_plainly(text):
    """Return the same by the letter of the standard, the whole text being there."""
    found, name, data = [], "", []
    for line in [*re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")), ""]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif not line:
            said = "\n".join(data)
            if data and said.strip() == "[DONE]":
                return found, True  # none of the lines drawn here makes it longer than it may be
            with suppress(ValueError):
                found += [(name, json.loads(said))] if data else []
            name, data = "", []
    return found, False


VALUES = st.one_of(
    st.integers(),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=12),
    st.dictionaries(st.text("abc:", max_size=3), st.integers(), max_size=3),
)
LINES = st.one_of(
    st.just(""),
    st.just(""),
    VALUES.map(lambda value: f"data: {json.dumps(value)}"),
    VALUES.map(lambda value: f"data:{json.dumps(value)}"),
    st.sampled_from(["data", "data:", "data: {", 'data: "a":', "data: 1}", "data: [DONE]", "data:  [DONE] "]),
    st.sampled_from([": OPENROUTER PROCESSING", ":", "id: 7", "retry: 10", "event", "event: ", "nonsense"]),
    st.sampled_from(["event: one", "event:two", " data: 3", "data : 3", "event:  three "]),
)


@given(
    lines=st.lists(st.tuples(LINES, st.sampled_from(ENDS)), max_size=14),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    marked=st.booleans(),
)
def test_any_chunking_gives_what_the_standard_says(lines, sizes, marked):
    text = ("\ufeff" if marked else "") + "".join(line + end for line, end in lines)

    assert cut(text.encode(), sizes) == read_plainly(text)


@given(
    pictures=st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 200), min_size=1, max_size=5),
    end=st.sampled_from(ENDS),
)
def test_pictures_are_decoded_while_they_arrive(pictures, sizes, end):
    events = [json.dumps({"b64_json": base64.b64encode(one).decode()}) for one in pictures]
    body = "".join(f"data: {event}{end}{end}" for event in events).encode()
    splitter, found, at = EventSplitter(), [], 0
    while at < len(body):
        found += splitter.feed(body[at : at + sizes[at % len(sizes)]])
        at += sizes[at % len(sizes)]

    assert [event.data.skeleton for event in found] == [{"b64_json": "#0"}] * len(pictures)
    assert [event.data.picture("#0") for event in found] == pictures


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'data: {"a":\r\ndata: 1}\r\n\r\n', [("", {"a": 1})]),
        (b": hm\n\n: hm\n\ndata: 1\n\n", [("", 1)]),
        (b"data: 1\n\ndata: [DONE]\n\ndata: 2\n\n", [("", 1)]),
        (b"data: 1", [("", 1)]),
        (b"data: 1\ndata", [("", 1)]),
        (b"data: {", []),
        (b"event: error\n\ndata: 1\n\n", [("", 1)]),
        (b"\xef\xbb", []),
        (b"\xef\xbb\xbfdata: 1\n\n", [("", 1)]),
        (b"", []),
    ],
    ids=[
        "many lines",
        "comments",
        "nothing after the end",
        "no blank line",
        "a bare field at the end",
        "cut off",
        "a name without data",
        "half a mark",
        "a mark",
        "empty",
    ],
)
def test_streams_by_hand(body, found, size):
    assert cut(body, (size,))[0] == found


@pytest.mark.parametrize(
    "body",
    [
        b":" + b"x" * 400,
        b"\n" * 400,
        b"x" * 400,
        b"event: " + b"x" * 400,
        b"data: " + b"x" * 700 + b"\n\n",
        b'data: {"b64_json": "' + b"A" * 400 + b'"}\n\n',
        b'data: {"b64_json": "%b"}\n\n' % (b"QUJD" * 30) * 30,
        b'data: [{"b64_json": "QUJD"}, {"b64_json": "QUJD"}, {"b64_json": "QUJD"}]\n\n',
    ],
    ids=["comment", "blank lines", "name", "value", "JSON", "picture", "whole stream", "pictures"],
)
def test_every_bound_ends_the_stream(body):
    with pytest.raises(UnreadableReply):
        cut(body, (64,), SMALL)


@pytest.mark.further
def test_a_flood_of_short_lines_is_cut_off_soon():
    started = time.thread_time()
    with pytest.raises(UnreadableReply):
        cut(b"\n" * 6_000_000, (65536,))

    assert time.thread_time() - started < 10
