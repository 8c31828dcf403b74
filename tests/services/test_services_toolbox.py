"""Tools that a model calls in a conversation: done for who asked, within their limits, told in words."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PIL import Image
from provider_kit import PRICE_MICROUSD, TALKER, WORDS_MICROUSD, WORDS_PRICE, picture_bytes, refusal, words
from rooms_kit import chat_rooms
from test_services_chat import Sheet, said, sent, talk_of
from world_kit import ann, bob

from bot.domain.conversation import PLAIN, Said
from bot.domain.quotas import Meter
from bot.domain.requests import Kept, Stored
from bot.errors import Unreachable
from bot.storage.turns import Turns


@dataclass
class Nail:
    """A wall that shows nothing: jobs are opened and set going."""

    house: Any
    who: Any
    is_private: bool = False
    breaks: Exception | None = None

    async def hang(self, job_id, request, parent_job_id, drawn=None):
        if self.breaks is not None:
            raise self.breaks
        return await self.house.order(
            request, self.who, job_id=job_id, parent_job_id=parent_job_id, drawn=drawn
        )


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {
        Meter.MESSAGES_PER_DAY: 100,
        Meter.USD_PER_DAY: 10_000_000,
        Meter.IMAGES_PER_DAY: 10,
    }


@pytest.fixture
def chat(house):
    return chat_rooms(house)


def called(*calls, said="", cost=WORDS_PRICE, **message):
    """Return a model's answer that calls tools."""
    tool_calls = [
        {
            "index": n,
            "id": f"call_{n}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for n, (name, arguments) in enumerate(calls)
    ]
    message |= {"finish": "tool_calls", "tool_calls": tool_calls}
    return lambda _: words(*([said] if said else []), cost=cost, streams=True, **message)


async def asked(
    house, chat, text="draw a fox", *script, key=5000, who=None, wall=None, manner=PLAIN, agreed=False, **more
):
    """Ask something, let the model answer as scripted, and wait until pictures are there."""
    who = who or ann()
    house.world.provider.script += script
    turn = await chat.hear(who, Said(text, "Ann", more.pop("carried", None), **more))
    sheet = Sheet(ids=(key + 500,))
    await chat.answer(turn, who, sheet, key, manner, wall or Nail(house, who), agreed=agreed)
    await house.rest()
    return sheet


def results(house):
    """Return what the last request for words tells the model of its calls."""
    words_alone = [n for n, body in enumerate(house.world.provider.bodies) if "tools" in body]
    return [text for role, text in sent(house, words_alone[-1]) if role == "tool"]


def refuses_words(house):
    """Return an answer that refuses to say anything, but draws."""
    draw = house.world.provider.draw
    return lambda request: refusal() if json.loads(request.content)["model"] == TALKER else draw(request)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("juggle", {}), "no tool “juggle”"),
        (("draw_picture", '{"prompt": "a f'), "not JSON"),
        (("draw_picture", "[]"), "JSON object"),
        (("draw_picture", "[" * 100_000), "not JSON"),
        (("draw_picture", {}), "“prompt” is missing"),
        (("draw_picture", {"prompt": "x" * 7000}), "too long"),
        (("draw_picture", {"prompt": "a fox", "count": 9}), "from 1 to 4"),
        (("draw_picture", {"prompt": "a fox", "count": True}), "from 1 to 4"),
        (("draw_picture", {"prompt": "a fox", "count": "two"}), "from 1 to 4"),
        (("draw_picture", '{"prompt": "a fox", "count": Infinity}'), "from 1 to 4"),
        (("draw_picture", '{"prompt": "a fox", "count": NaN}'), "from 1 to 4"),
        (("draw_picture", {"prompt": "a fox", "aspect": "7:1"}), "aspect"),
        (("edit_picture", {"picture": "1.0", "prompt": "blue"}), "no picture “1.0”"),
        (("look_closely", {"picture": "999.0", "question": "what"}), "no picture “999.0”"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value,
)
async def test_what_is_wrong_with_a_call_is_told_to_the_model_and_costs_nothing(house, chat, call, told):
    sheet = await asked(house, chat, "draw a fox", called(call))

    (result,) = results(house)
    assert result.startswith("Not done: ")
    assert told in result
    assert sheet.text == "Good evening."
    assert await house.used(Meter.IMAGES_PER_DAY) == 0
    assert await house.open_holds() == 0


async def test_allowance_that_is_used_up_is_told_to_the_model(house, chat):
    four = ("draw_picture", {"prompt": "a fox", "count": 4})

    sheet = await asked(house, chat, "draw twelve foxes", called(four, four, four))

    assert ["Not done" in one for one in results(house)] == [False, False, True]
    assert sheet.text == "Good evening."
    assert len(house.world.board.shown) == 2
    assert await house.open_holds() == 0


async def test_card_that_cannot_be_posted_is_told_to_the_model(house, chat):
    wall = Nail(house, ann(), breaks=Unreachable("The card could not be posted."))

    await asked(house, chat, "draw a fox", called(("draw_picture", {"prompt": "a fox"})), wall=wall)

    assert results(house) == ["Not done: The card could not be posted."]


async def test_pictures_are_drawn_as_imagine_draws_them_on_the_askers_account(house, chat):
    two = ("draw_picture", {"prompt": "a red fox", "count": 2, "aspect": "3:2"})

    sheet = await asked(house, chat, "draw two foxes", called(two, said="Gladly."))

    (shown,) = house.world.board.shown
    assert (shown.job.request.prompt, len(shown.pictures)) == ("a red fox", 2)
    assert shown.job.request.aspect == "3:2"
    assert sheet.text == "Gladly.\n\nGood evening."
    assert "".join(sheet.heard) == sheet.text
    assert await house.used(Meter.IMAGES_PER_DAY) == 2
    assert await house.used(Meter.MESSAGES_PER_DAY) == 1
    assert await house.used(Meter.USD_PER_DAY) == 2 * PRICE_MICROUSD + 2 * WORDS_MICROUSD


async def test_private_answer_draws_private_pictures(house, chat):
    wall = Nail(house, ann(), is_private=True)

    await asked(house, chat, "draw a fox", called(("draw_picture", {"prompt": "a fox"})), wall=wall)

    assert house.world.board.shown[0].job.request.private


async def test_pictures_of_a_private_question_stay_with_who_asked_it(house, chat):
    fox = called(("draw_picture", {"prompt": "a fox"}))

    await asked(house, chat, "draw a fox", fox, private=True, wall=Nail(house, ann(), is_private=True))

    channel_id, turns = ann().channel_id, Turns(house.database)
    drawn = await turns.of_job(5001, channel_id)
    answer = await turns.of_message(5500, channel_id)
    assert drawn is not None
    assert answer is not None
    assert (drawn.private, answer.private) == (True, True)
    assert house.world.board.shown[0].job.request.private
    assert await turns.latest(channel_id) is None
    others = await chat.hear(bob(), Said("what is it?", "Ben", begun=5001))
    assert others.parent_id is None


async def test_pictures_of_a_private_question_never_hang_on_a_wall_for_all(house, chat):
    await asked(house, chat, "draw a fox", called(("draw_picture", {"prompt": "a fox"})), private=True)

    assert results(house) == ["Not done: Pictures cannot be drawn here."]
    assert not house.world.board.shown


async def test_drawn_pictures_are_part_of_the_conversation_and_can_be_changed(house, chat):
    await asked(house, chat, "draw a fox", called(("draw_picture", {"prompt": "a fox"})), carried=1)
    drawn = await Turns(house.database).of_job(5001, ann().channel_id)
    assert drawn is not None
    label = f"{drawn.id}.0"
    blue = ("edit_picture", {"picture": label, "prompt": "make it blue"})

    await asked(house, chat, "make it blue", called(blue), key=6000, replied_to=5500)

    job = await house.job(6001)
    assert job.request.references == (Stored("5001-0"),)
    assert job.parent_job_id == 5001
    assert f"[{label} picture" in str(talk_of(house, -2))
    assert "<image_url>" in str(talk_of(house, -2))


async def test_the_model_is_told_where_no_pictures_came(house, chat):
    def answer(request):
        is_talk = json.loads(request.content)["model"] == TALKER
        return words("On its way.", streams=True) if is_talk else refusal()

    house.world.provider.draw = answer
    await asked(house, chat, "draw a fox", called(("draw_picture", {"prompt": "a fox"})))

    await asked(house, chat, "where is it?", key=6000, replied_to=5500)

    assert "(no pictures came: that was refused)" in str(talk_of(house, -1))


async def test_picture_that_a_person_brought_can_be_changed_after_its_link_has_died(house, chat):
    upload = house.world.attach(picture_bytes())
    await asked(house, chat, "look at my cat", carried=1, uploads=(upload,))
    house.world.files.clear()
    blue = ("edit_picture", {"picture": "1.0", "prompt": "make it blue"})

    await asked(house, chat, "make it blue", called(blue), key=6000, replied_to=5500)

    (reference,) = (await house.job(6001)).request.references
    assert isinstance(reference, Kept)
    assert len(house.world.board.shown) == 1


async def test_picture_of_another_conversation_cannot_be_had(house, chat):
    await asked(house, chat, "look at my cat", carried=1, uploads=(house.world.attach(picture_bytes()),))
    elsewhere = replace(ann(), channel_id=ann().channel_id + 1)
    calls = (
        ("edit_picture", {"picture": "1.0", "prompt": "blue"}),
        ("look_closely", {"picture": "1.0", "question": "what is it"}),
    )

    await asked(house, chat, "show me", called(*calls), key=6000, who=elsewhere)

    assert [one.startswith("Not done: There is no picture") for one in results(house)] == [True, True]
    assert "image_url" not in str(house.world.provider.bodies[-1])


async def test_picture_is_looked_at_closely_on_the_same_bill(house, chat):
    look = ("look_closely", {"picture": "1.0", "question": "what does the sign say"})
    upload = house.world.attach(picture_bytes())

    await asked(house, chat, "read it", called(look), lambda _: words("It says STOP."), uploads=(upload,))

    closely = house.world.provider.bodies[1]["messages"][-1]["content"]
    assert closely[-1]["image_url"]["detail"] == "high"
    assert results(house) == ["It says STOP."]
    assert await house.used(Meter.MESSAGES_PER_DAY) == 1
    assert await house.used(Meter.USD_PER_DAY) == 3 * WORDS_MICROUSD


@pytest.mark.further
async def test_a_long_picture_is_looked_at_closely_in_pieces_and_otherwise_whole(house, chat):
    look = ("look_closely", {"picture": "1.0", "question": "what does the last line say"})
    upload = house.world.attach(picture_bytes(size=(300, 2600)), "page.png")

    await asked(house, chat, "read it", called(look), lambda _: words("Goodbye."), uploads=(upload,))

    glance, closely = (house.world.provider.bodies[n]["messages"][-1]["content"] for n in (0, 1))
    assert [part["image_url"]["detail"] for part in glance if "image_url" in part] == ["low"]
    assert "[page.png in 2 pieces that overlap, from top to bottom]" in str(closely)
    assert sizes(closely) == [(300, 1364), (300, 1364)]


def sizes(parts):
    """Return the pictures of a message that are looked at closely, by their width and height."""
    urls = [part["image_url"] for part in parts if "image_url" in part]
    assert {one["detail"] for one in urls} == {"high"}
    data = (base64.b64decode(one["url"].partition(",")[2]) for one in urls)
    return [Image.open(io.BytesIO(one)).size for one in data]


async def test_allowance_is_told_of_the_one_who_asks(house, chat):
    await asked(house, chat, "how many are left?", called(("allowance", {})))

    assert "person, images_per_day: 10 of 10 left" in results(house)[0]


async def test_answer_that_fails_after_its_pictures_were_ordered_keeps_them(house, chat):
    draw = called(("draw_picture", {"prompt": "a fox"}), said="Gladly.")

    sheet = await asked(house, chat, "draw a fox", draw, *[refuses_words(house)] * 2)

    assert (sheet.text, bool(sheet.sorry)) == ("Gladly.", True)
    assert len(house.world.board.shown) == 1
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await house.used(Meter.IMAGES_PER_DAY) == 1


@pytest.mark.further
async def test_answer_that_is_given_anew_orders_nothing_twice(house, chat):
    draw = called(("draw_picture", {"prompt": "a fox"}))
    await asked(house, chat, "draw a fox", draw)
    turns = Turns(house.database)
    question = await turns.get(1, ann().channel_id)
    assert question is not None
    house.world.provider.script.append(draw)

    await chat.answer(question, ann(), Sheet(), 5000, wall=Nail(house, ann()))
    await house.rest()

    assert len(house.world.board.shown) == 1
    assert await house.used(Meter.IMAGES_PER_DAY) == 1


async def test_question_finds_its_answer_behind_the_pictures(house, chat):
    await asked(house, chat, "draw a fox", called(("draw_picture", {"prompt": "a fox"})))

    turns = Turns(house.database)
    question = await turns.get(1, ann().channel_id)
    assert question is not None
    answer = await turns.answer_to(question)
    assert answer is not None
    assert answer.text == "Good evening."


async def test_pictures_are_not_offered_where_no_card_can_be_posted(house, chat):
    await said(chat, "hello")

    offered = [tool["function"]["name"] for tool in house.world.provider.bodies[-1]["tools"]]
    assert offered == ["look_closely", "search_gallery", "allowance"]


async def test_tools_are_not_offered_to_a_model_that_has_none(house, world, chat):
    for model in world.provider.lists["models"]:
        model["supported_parameters"] = ["temperature"]
    house.catalogue.load(json.dumps(world.provider.lists))

    await asked(house, chat, "draw a fox")

    assert "tools" not in world.provider.bodies[-1]
