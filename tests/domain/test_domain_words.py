"""Calls for words, what a model can do of them, and what they may cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calls import PictureBytes
from bot.domain.chat_models import (
    UNPRICED_MICROUSD,
    ChatModel,
    WordPrices,
    prompt_tokens,
    upper_cost_of_words,
)
from bot.domain.tokens import TokenRatio, picture_tokens, text_tokens
from bot.domain.words import (
    Annotation,
    AnswerSchema,
    Detail,
    FilePart,
    Message,
    PicturePart,
    Role,
    Sampling,
    Tool,
    ToolCall,
    WordsCall,
    WordsReply,
)
from bot.errors import BadInput, OptionUnsupported

PHOTO = PictureBytes(b"photo", "image/png")
DRAW = Tool("draw", "Draw a picture.", {"type": "object", "properties": {"prompt": {"type": "string"}}})
MINI = ChatModel(
    "openai/gpt-4o-mini",
    "GPT-4o-mini",
    output_modalities=frozenset({"text"}),
    supported_parameters=frozenset({"max_tokens", "tools", "tool_choice", "structured_outputs"}),
    max_completion_tokens=16_384,
    prices=WordPrices(prompt=Decimal("0.00000015"), completion=Decimal("0.0000006")),
)
IMAGE_MINI = ChatModel(
    "openai/gpt-5-image-mini",
    "GPT-5 Image Mini",
    output_modalities=frozenset({"image", "text"}),
    supported_parameters=frozenset({"max_tokens", "reasoning"}),
    context_length=400_000,
    prices=WordPrices(
        prompt=Decimal("0.0000025"), completion=Decimal("0.000002"), drawn_token=Decimal("0.000008")
    ),
)


def a_call(*messages, **changed):
    call = WordsCall(messages or (Message.user("Hello"),), "openai/gpt-4o-mini", "user-1", "channel-1")
    return replace(call, **changed)


@pytest.mark.parametrize(
    ("size", "billed", "words"),
    [((1024, 1536), 36_861, 26), ((1024, 1024), 25_525, 24), ((4000, 6000), 36_861, 26)],
    ids=["first bill", "second bill", "shrunk first"],
)
def test_pictures_cost_what_two_real_bills_say(size, billed, words):
    assert picture_tokens("openai/gpt-4o-mini", Detail.HIGH, size) + words == billed


@pytest.mark.parametrize(
    ("model_id", "detail", "size", "tokens"),
    [
        ("openai/gpt-4o-mini", Detail.LOW, (4000, 4000), 2833),
        ("openai/gpt-4o-mini", Detail.AUTO, (512, 512), 2833 + 5667),
        ("openai/gpt-4o-mini", Detail.AUTO, (1, 9000), 2833 + 4 * 5667),
        ("openai/gpt-4o-mini", Detail.HIGH, None, 2833 + 8 * 5667),
        ("openai/gpt-4o", Detail.HIGH, (1024, 1024), 85 + 4 * 170),
        ("openai/gpt-5-mini", Detail.LOW, (1024, 1024), 1659),
        ("openai/gpt-5-mini", Detail.HIGH, (4096, 4096), 2489),
        ("a/unknown", Detail.AUTO, None, 2489),
    ],
)
def test_pictures_by_model_detail_and_size(model_id, detail, size, tokens):
    assert picture_tokens(model_id, detail, size) == tokens


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_no_picture_costs_more_than_one_of_unknown_size(width, height):
    for model_id in ("openai/gpt-4o-mini", "openai/gpt-5-mini"):
        most = picture_tokens(model_id, Detail.HIGH, None)
        assert 0 < picture_tokens(model_id, Detail.HIGH, (width, height)) <= most


@given(st.text())
def test_text_is_between_half_its_bytes_and_all_of_them(text):
    size = len(text.encode("utf-8", "replace"))

    assert size / 2 <= text_tokens(text) <= size


def test_a_prompt_counts_all_that_is_sent():
    called = ToolCall("1", "draw", '{"prompt": "a fox"}')
    noted = Annotation("file", "a.pdf", "", "x" * 100)
    conversation = (
        Message.system("Be kind."),
        Message.user("Look", PicturePart(PHOTO), FilePart("a.pdf", b"%PDF", "application/pdf", pages=2)),
        Message.user("And this", FilePart("b.txt", b"12345", "text/plain")),
        Message.assistant("A fox.", tool_calls=(called,), pictures=(PHOTO,), annotations=(noted,)),
        Message.tool(called, "done"),
    )
    plain = prompt_tokens(a_call(*conversation), MINI)
    whole = prompt_tokens(a_call(*conversation, tools=(DRAW,), schema=AnswerSchema("a", {"a": 1})), MINI)

    files = 2 * (1500 + 2833) + 3
    words = 4 + 2 + 4 + 3 + 12 + 50 + 2  # half the bytes of each text
    assert plain == files + words + 2833 + (2833 + 8 * 5667) + 5 * 4 + 4
    assert whole - plain == pytest.approx(40, abs=15)


def test_a_prompt_is_never_larger_than_the_model_takes():
    call = a_call(Message.user("x" * 2_000_000))

    assert prompt_tokens(call, MINI) == 128_000


def test_the_upper_cost_is_prompt_and_bound_by_the_prices():
    call = a_call(Message.user("x" * 100), max_tokens=1000)

    # 50 + 8 tokens in, 1,000 out
    assert upper_cost_of_words(call, MINI) == 609


def test_the_upper_cost_knows_fees_and_dear_caches():
    prices = replace(MINI.prices, request=Decimal("0.01"), picture=Decimal("0.002"), cache_write=Decimal(1))
    call = a_call(Message.user("hi", PicturePart(PHOTO)), max_tokens=16)

    assert upper_cost_of_words(call, replace(MINI, prices=prices)) == 2_842_000_000 + 10_000 + 2_000 + 10


def test_a_turn_that_may_draw_is_held_with_its_picture():
    call = a_call(max_tokens=100, draws=True)

    talking = upper_cost_of_words(replace(call, draws=False), IMAGE_MINI)
    assert upper_cost_of_words(call, IMAGE_MINI) == talking + 8092 * 2 + 6240 * 8


@pytest.mark.parametrize("prices", [WordPrices(), WordPrices(prompt=Decimal(1))], ids=["none", "half"])
def test_a_model_without_prices_is_held_for_a_fixed_sum(prices):
    assert upper_cost_of_words(a_call(), replace(MINI, prices=prices)) == UNPRICED_MICROUSD


@pytest.mark.parametrize(
    ("model", "changed", "budget"),
    [
        (MINI, {}, 4096),
        (MINI, {"max_tokens": 1}, 16),
        (MINI, {"max_tokens": 99_999}, 16_384),
        (IMAGE_MINI, {"max_tokens": 999_999}, 400_000),
        (IMAGE_MINI, {"draws": True}, 8192),
    ],
    ids=["usual", "too small", "too large", "no bound of its own", "with a picture"],
)
def test_an_answer_is_always_bounded(model, changed, budget):
    assert model.budget(a_call(**changed)) == budget


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"messages": (Message.user("x", PicturePart(PHOTO)),)}, "see pictures"),
        ({"messages": (Message.user("x", FilePart("a", b"", "text/plain")),)}, "read files"),
        ({"tools": (DRAW,)}, "use tools"),
        ({"schema": AnswerSchema("a", {})}, "answer by a schema"),
        ({"draws": True, "tools": (DRAW,)}, "use tools or draw"),
    ],
)
def test_what_a_model_cannot_do_is_said_before_anything_is_sent(changed, missing):
    plain = ChatModel(
        "a/plain",
        "Plain",
        input_modalities=frozenset({"text"}),
        output_modalities=frozenset({"text"}),
        supported_parameters=frozenset(),
    )

    plain.require(a_call())
    with pytest.raises(OptionUnsupported, match=f"^Plain cannot {missing}. Choose another model.$"):
        plain.require(a_call(**changed))


def test_a_model_of_which_nothing_is_known_is_asked_for_everything():
    unknown = ChatModel("a/b", "a/b")

    unknown.require(
        a_call(Message.user("x", PicturePart(PHOTO)), tools=(DRAW,), schema=AnswerSchema("a", {}))
    )
    assert (unknown.sees, unknown.reads_files, unknown.draws) == (True, True, True)


@pytest.mark.parametrize(
    "chosen",
    [
        {"temperature": 2.1},
        {"top_p": -0.1},
        {"presence_penalty": -3},
        {"logit_bias": {"5": 101}},
        {"stop": ("a", "b", "c", "d", "e")},
        {"top_logprobs": 21},
    ],
    ids=lambda chosen: next(iter(chosen)),
)
def test_settings_out_of_bounds_are_said_in_a_sentence(chosen):
    with pytest.raises(BadInput, match=rf"^{next(iter(chosen))}.*\.$"):
        Sampling(**chosen)


def test_settings_at_their_bounds_are_fine():
    Sampling(temperature=0, top_p=1, frequency_penalty=-2, logit_bias={"5": -100}, stop=("a",) * 4)


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "ü"])
def test_names_that_no_provider_takes_are_no_names(name):
    with pytest.raises(ValueError, match="not a name"):
        Tool(name, "", {})
    with pytest.raises(ValueError, match="not a name"):
        AnswerSchema(name, {})


def test_a_reply_is_the_next_message():
    called = ToolCall("1", "draw", "{}")
    noted = Annotation("file", "a.pdf", "", "{}")
    reply = WordsReply("So.", "length", 5, (called,), (PHOTO,), annotations=(noted,))

    message = reply.message()
    assert (message.role, message.text) == (Role.ASSISTANT, "So.")
    assert (message.tool_calls, message.pictures, message.annotations) == ((called,), (PHOTO,), (noted,))
    assert reply.was_cut
    assert WordsReply("", "tool_calls", 5, (called,)).message().parts == ()


def test_estimates_are_corrected_by_what_was_counted():
    ratio = TokenRatio()
    for _ in range(30):
        ratio = ratio.learned(1000, 600)

    assert ratio.corrected(1000) == 600
    assert TokenRatio().learned(100, 50).corrected(100) == 50
    assert ratio.learned(0, 5) == ratio.learned(5, 0) == ratio
    assert ratio.learned(1000, 1600).corrected(1000) == 700
    assert ratio.corrected(0) == 1
