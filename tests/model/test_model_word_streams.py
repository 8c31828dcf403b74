"""Streams of words as they were recorded, and every other way in which they come and end."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_kit import PNG, data_url
from words_kit import DONE, RECORDED, answered, chunk, failed, recorded, told

from bot.domain.words import ToolCall
from bot.errors import ModelUnavailable, PictureRefused
from bot.model.events import EventSplitter
from bot.model.failures import Failure, Retry
from bot.model.speech import CAPS, MOST_CALLS
from bot.model.splitter import Caps, UnreadableReply
from bot.model.word_stream import WordsStream

USAGE = {"prompt_tokens": 24, "completion_tokens": 9, "cost": 0.000009}


@pytest.mark.parametrize("name", RECORDED)
@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 6000), max_size=12))
def test_however_a_recording_is_cut_the_answer_is_the_same(name, cuts):
    data = recorded(name)
    at = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(at)]

    assert told(pieces) == told([data])


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_may_come_byte_by_byte(name):
    data = recorded(name)

    assert told(data[at : at + 1] for at in range(len(data))) == told([data])


@settings(max_examples=50)
@given(
    words=st.lists(st.text(), max_size=8),
    ending=st.sampled_from(["stop", "length", "vibes"]),
    with_done=st.booleans(),
)
def test_the_words_are_those_that_were_sent(words, ending, with_done):
    pieces = [chunk(word) for word in words] + [chunk("!", ending)] + [DONE] * with_done
    said, reply = told(pieces)

    assert said == "".join(words).encode("utf-8", "replace").decode() + "!"
    assert (reply.text, reply.finish_reason) == (said, ending)


def test_usage_may_ride_on_a_chunk_with_choices():
    reply = answered([recorded("usage_with_choices.sse")])

    assert (reply.text, reply.finish_reason) == ("Guten Abend 🌙.", "stop")
    assert (reply.cost_microusd, reply.tokens.prompt, reply.tokens.cached) == (9, 1100, 1024)
    assert (reply.generation_id, reply.served_by) == ("gen-1", "openai/gpt-4o-mini-2024-07-18")


def test_usage_may_come_without_choices_after_many_signs_of_life():
    reply = answered([recorded("usage_without_choices.sse")])

    assert (reply.text, reply.cost_microusd, reply.tokens.completion) == ("Yes.", 9, 9)


def test_the_finish_may_come_twice():
    reply = answered([recorded("finish_twice.sse")])

    assert (reply.text, reply.was_cut, reply.cost_microusd) == ("One", True, 9)


def test_pieces_of_tool_calls_are_put_together_by_their_index():
    reply = answered([recorded("tool_calls.sse")])

    assert reply.tool_calls == (
        ToolCall("call_a", "draw", '{"prompt": "a fox"}'),
        ToolCall("call_b", "quota", "{}"),
    )
    assert (reply.text, reply.finish_reason) == ("", "tool_calls")


def test_pictures_come_in_one_line_and_repeated_ones_count_once():
    reply = answered([recorded("pictures.sse")])

    (picture,) = reply.pictures
    assert picture.media_type == "image/png"
    assert (reply.text, reply.cost_microusd) == ("Here is a fox.", 38_701)


@pytest.mark.parametrize(
    ("name", "billed"), [("error_with_null_finish.sse", 0), ("error_finish.sse", 9)], ids=["null", "error"]
)
def test_an_error_in_mid_stream_keeps_what_came(name, billed):
    failure = failed([recorded(name)])
    error = failure.error(in_words=True)

    assert isinstance(error, ModelUnavailable)
    assert (error.words, error.billed_microusd, error.generation_id) == ("It was a dark", billed, "gen-1")
    assert failure.retry is Retry.NEVER


def test_reasoning_is_kept_apart_from_the_words():
    reply = answered([recorded("reasoning_details.sse")])

    assert (reply.reasoning, reply.text, reply.tokens.reasoning) == ("First, count.", "Three.", 64)


def test_annotations_are_kept_whole_to_be_sent_back():
    reply = answered([recorded("annotations.sse")])

    file, citation = reply.annotations
    assert (file.kind, file.title, file.url) == ("file", "receipt.pdf", "")
    assert (citation.kind, citation.title, citation.url) == (
        "url_citation",
        "An example",
        "https://example.org/a",
    )
    sent = next(line for line in recorded("annotations.sse").splitlines() if b"annotations" in line)
    whole = json.loads(sent.removeprefix(b"data: "))["choices"][0]["delta"]["annotations"]
    assert [json.loads(one.raw) for one in reply.annotations] == whole


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "Hm"},
        {"reasoning": None, "reasoning_details": [{"type": "reasoning.summary", "summary": "Hm"}]},
    ],
    ids=["vllm", "summary"],
)
def test_reasoning_in_its_other_forms(delta):
    assert answered([chunk("a", "stop", delta=delta)]).reasoning == "Hm"


@pytest.mark.parametrize(
    ("calls", "read"),
    [
        ([{"id": "a", "function": {"name": "x", "arguments": "{}"}}], ToolCall("a", "x", "{}")),
        ([{"index": 3, "function": {"name": "x", "arguments": '{"a'}}], ToolCall("call_3", "x", '{"a')),
        (
            [{"index": 0, "function": {"name": "x", "arguments": {"a": 1}}}],
            ToolCall("call_0", "x", '{"a": 1}'),
        ),
        ([{"index": "0", "id": "a", "function": None}], ToolCall("a", "", "")),
    ],
    ids=["no index", "no id and half written", "an object", "no function"],
)
def test_odd_tool_calls_are_passed_on_as_they_are(calls, read):
    assert answered([chunk(None, "tool_calls", delta={"tool_calls": calls})]).tool_calls == (read,)


@pytest.mark.parametrize("content", [None, "", 7, {}], ids=str)
def test_a_chunk_may_say_nothing(content):
    said, reply = told([chunk(content), chunk("Yes"), chunk(content, "stop"), DONE])

    assert (said, reply.text) == ("Yes", "Yes")


def test_content_may_be_a_list_of_parts():
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": data_url(PNG)}}]
    reply = answered([chunk(parts, "stop")])

    assert (reply.text, [one.data for one in reply.pictures]) == ("Look", [PNG])


@pytest.mark.parametrize("written", [data_url(PNG), "data:image/png;base64,#7", "data:,#0"])
def test_words_that_look_like_a_picture_stay_words(written):
    assert answered([chunk(written, "stop")]).text == written


def test_chunks_that_say_nothing_known_are_passed_over():
    odd = b'data: 1\n\ndata: {"choices": null}\n\ndata: {"choices": [[]]}\n\ndata: nonsense\n\n'

    assert answered([odd, chunk("Yes", "stop"), DONE]).text == "Yes"


def test_words_after_the_end_are_not_heard():
    assert told([chunk("Yes", "stop"), DONE, chunk(" No")])[0] == "Yes"


def test_nothing_counts_after_an_error():
    said, outcome = told([chunk("It", error={"code": 500, "message": "x"}), chunk(" was", usage=USAGE), DONE])

    assert said == "It"
    assert isinstance(outcome, Failure)
    assert (outcome.words, outcome.billed_microusd) == ("It", 9)


@pytest.mark.parametrize(
    ("pieces", "name", "words"),
    [
        ([chunk("So f"), chunk("", "content_filter", usage=USAGE)], "refusal", "So f"),
        ([chunk("", "stop", delta={"refusal": "I can't."})], "refusal", "I can't."),
        ([chunk("So f", "error")], "server", "So f"),
        ([chunk("", "length", usage=USAGE)], "out_of_budget", ""),
        ([chunk("", "stop"), DONE], "empty", ""),
        ([chunk(" \n", "stop", usage=USAGE), DONE], "empty_but_charged", " \n"),
        ([DONE], "empty", ""),
        ([chunk("", "stop", delta={"images": [{"image_url": "data:image/png;base64,AAAA"}]})], "damaged", ""),
        ([chunk("It", choice={"error": {"metadata": {"error_type": "refusal"}}})], "refusal", "It"),
    ],
    ids=[
        "content filter",
        "refusal",
        "error without one",
        "no room",
        "nothing",
        "charged nothing",
        "done at once",
        "damaged picture",
        "error in the choice",
    ],
)
def test_ends_that_are_no_answer(pieces, name, words):
    failure = failed(pieces)

    assert failure.name in {name, "content_policy_violation"}
    assert failure.words.strip() == words.strip()
    assert failure.name == "empty" or failure.retry is Retry.NEVER


def test_a_refusal_is_one_whatever_was_said():
    assert isinstance(failed([chunk("Sure", "stop", delta={"refusal": "No."})]).error(), PictureRefused)


@pytest.mark.parametrize("rest", [b"", b"data: {", chunk(" was")[:-30], b": OPENROUTER PROCESSING\n\n"])
def test_a_stream_without_an_end_is_no_answer(rest):
    with pytest.raises(UnreadableReply):
        told([chunk("It"), rest])


@pytest.mark.parametrize("rest", [b"", DONE, b"data: {"])
def test_a_finish_is_end_enough(rest):
    assert answered([chunk("It", "stop"), rest]).cost_microusd is None


def test_done_is_end_enough():
    assert answered([chunk("It"), DONE]).finish_reason == ""


@pytest.mark.parametrize(
    "piece",
    [
        chunk("x" * 60),
        chunk("", delta={"reasoning": "x" * 60}),
        chunk("", delta={"tool_calls": [{"index": 0, "function": {"arguments": "x" * 60}}]}),
        chunk("", delta={"annotations": [{"type": "file", "file": "x" * 30}]}),
    ],
    ids=["words", "reasoning", "arguments", "annotations"],
)
def test_more_than_any_honest_answer_ends_it(piece):
    stream = WordsStream(None, Caps(raw_bytes=200, json_bytes=10_000))
    stream._events = EventSplitter(CAPS)

    for _ in range(3):
        stream.feed(piece)

    with pytest.raises(UnreadableReply):
        stream.feed(piece)


def test_nobody_calls_so_many_tools():
    stream = WordsStream(None)

    for index in range(MOST_CALLS):
        stream.feed(chunk("", delta={"tool_calls": [{"index": index}]}))

    with pytest.raises(UnreadableReply):
        stream.feed(chunk("", delta={"tool_calls": [{"index": MOST_CALLS}]}))


@pytest.mark.further
def test_a_long_answer_comes_through():
    reply = answered([chunk("word ") * 20_000, chunk("", "stop", usage=USAGE), DONE])

    assert len(reply.text) == 100_000
