"""The bot's own client talks to the loopback model: each takes the other at its word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from sandbox_model_kit import picture_bytes
from talk_kit import RECEIPT, pdf

from bot.domain.calls import PictureBytes
from bot.domain.chat_models import prompt_tokens, upper_cost_of_words
from bot.domain.words import (
    AnswerSchema,
    Detail,
    Effort,
    FilePart,
    Message,
    PicturePart,
    Sampling,
    Tool,
    WordsCall,
)
from bot.errors import ModelError, ModelGone, OptionUnsupported, OutcomeUnknown, PictureRefused
from bot.model.backend import Backend
from bot.model.catalogue import Catalogue
from bot.model.client import OpenRouter
from bot.transport.client import open_client
from sandbox.model.app import create_app

MINI, LUNA, LLAMA = "openai/gpt-4o-mini", "openai/gpt-6-luna", "meta-llama/llama-3.2-3b-instruct"
DRAW = Tool(
    "draw",
    "Draw a picture.",
    {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
)
PHOTO = PicturePart(PictureBytes(picture_bytes(), "image/png"), size=(48, 32))


@pytest.fixture
async def house(model):
    """A catalogue and a client, as the bot has them."""
    backend = Backend("http://model/api/v1", "sk-or-v1-sandbox")
    async with open_client(transport=httpx.ASGITransport(create_app(model))) as http:
        catalogue = Catalogue(http, backend, chat_models=(MINI, LUNA, LLAMA))
        await catalogue.refresh(datetime(2026, 11, 27, tzinfo=UTC))
        yield catalogue, OpenRouter(http, backend, chat_model_of=catalogue.described)


@pytest.fixture
def ask(house):
    """Ask, whole or streamed; return the reply and the words as they came."""
    _, client = house

    async def asked(*messages, streamed=False, **changed):
        call = replace(WordsCall(messages, MINI, "user-1", "channel-1"), **changed)
        heard = []

        async def on_text(words):
            heard.append(words)

        return await client.answer(call, on_text=on_text if streamed else None), "".join(heard)

    return asked


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model_id", [MINI, LUNA, LLAMA])
async def test_an_answer_and_its_bill_agree_with_the_books(ask, house, model, model_id, streamed):
    catalogue, _ = house
    call = WordsCall((Message.user("Good evening"),), model_id, "user-1", "channel-1", effort=Effort.LOW)
    reply, heard = await ask(*call.messages, model_id=model_id, effort=Effort.LOW, streamed=streamed)

    assert "Good evening" in reply.text
    assert heard == (reply.text if streamed else "")
    assert reply.cost_microusd == model.total_cost_microusd
    assert reply.cost_microusd <= upper_cost_of_words(call, catalogue.chat_model(model_id))
    assert bool(reply.reasoning) is (model_id == LUNA)


async def test_everything_at_once_is_taken(ask, house, model):
    catalogue, _ = house
    paper = FilePart("a.pdf", pdf("Shop: Corner"), "application/pdf", pages=1)
    earlier, _ = await ask(Message.user("draw a fox"), tools=(DRAW,))
    (called,) = earlier.tool_calls
    messages = (
        Message.system("Be kind."),
        Message.user("draw a fox", name="alice"),
        earlier.message(),
        Message.tool(called, "posted"),
        Message.assistant("There it is.", pictures=(PHOTO.picture,)),
        Message.user("Read this", PHOTO, replace(PHOTO, detail=Detail.HIGH), paper, name="bob"),
    )
    changed = {
        "sampling": Sampling(temperature=0.2, top_p=0.9, seed=0, stop=("END",), top_logprobs=2, top_k=5),
        "schema": AnswerSchema("receipt", RECEIPT),
        "tools": (DRAW,),
        "tool_choice": "auto",
    }
    reply, heard = await ask(*messages, streamed=True, **changed)

    assert json.loads(heard)["shop"] == "Corner"
    (noted,) = reply.annotations
    assert (noted.kind, noted.title) == ("file", "a.pdf")
    call = replace(WordsCall(messages, MINI, "user-1", "channel-1"), **changed)
    assert reply.tokens.prompt <= prompt_tokens(call, catalogue.chat_model(MINI))
    await ask(*messages, reply.message(), Message.user("And now?"))
    assert model.calls[-1].body["messages"][-2]["annotations"] == [json.loads(noted.raw)]


async def test_what_a_model_cannot_do_is_known_beforehand(ask, model):
    with pytest.raises(OptionUnsupported, match="Instruct cannot see pictures"):
        await ask(Message.user("x", PHOTO), model_id=LLAMA)

    assert model.calls == []


async def test_a_retired_model_is_gone_and_a_refusal_is_one(ask, house, model):
    model.catalogue.retire(LUNA)
    with pytest.raises(ModelGone):
        await ask(Message.user("Hi"), model_id=LUNA)
    with pytest.raises(PictureRefused):
        await ask(Message.user("forbidden"))

    catalogue, _ = house
    catalogue.mark_gone(LUNA)
    assert [one.id for one in catalogue.resolve_chat([LUNA, MINI])] == [MINI]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("stream_error", ModelError), ("stream_cut", OutcomeUnknown), ("choice_error", ModelError)],
)
async def test_broken_streams_keep_what_came(ask, model, fault, kind):
    model.faults.add(fault)

    with pytest.raises(kind) as caught:
        await ask(Message.user("Good evening"), streamed=True)

    assert caught.value.words
    assert len(model.calls) == 1


@pytest.mark.parametrize("fault", ["no_done", "finish_twice", "keep_alives", "unknown_finish"])
async def test_odd_streams_are_answers(ask, model, fault):
    model.faults.add(fault)
    reply, heard = await ask(Message.user("Good evening"), streamed=True)

    assert heard == reply.text
    assert reply.cost_microusd == model.total_cost_microusd
