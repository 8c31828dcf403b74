"""What was written in a moderator's form that cannot be done is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK
from people_kit import as_manager, as_moderator, form, press
from rights_kit import PEOPLE, SOMEBODY, settle_in
from test_cogs_rights_presses import _know_nobody
from world_kit import CHANNEL, GUILD

if TYPE_CHECKING:
    from cogs_kit import Stage

CHANGE = f"v2:quotachange:{SOMEBODY}"
GRANT = {"act": ["grant"], "meter": ["usd_per_month"], "amount": "lots", "reason": "a poster", "days": "7"}


async def shown(stage: Stage, payload: dict[str, Any]) -> dict[str, Any]:
    (call,) = [one for one in await stage.act(payload) if one.name == CALLBACK]
    check_limits(call.payload["data"])
    check_document(call)
    return call.payload["data"]


def button(card: dict[str, Any]) -> str:
    (pressable,) = [one for one in components_of(card) if one["type"] == 2]
    return pressable["custom_id"]


@pytest.fixture(autouse=True)
def somebody(stage: Stage) -> None:
    settle_in(stage)
    _know_nobody(stage)


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "“lots” is not an amount."),
        ({"meter": ["moons_per_day"]}, "Choose what to do, and of what."),
        ({"amount": "5", "days": "xx"}, "The days have to be a whole number"),
        ({"amount": "5", "reason": ""}, "Say in up to"),
        ({"act": ["clear"]}, "There is no such limit"),
    ],
    ids=["amount", "meter", "days", "reason", "nothing to remove"],
)
async def test_an_allowance_that_cannot_be_is_given_back(stage: Stage, changed: dict[str, Any], why: str):
    written = GRANT | changed
    card = await shown(stage, form(CHANGE, written, **PEOPLE["moderator"]))
    (said,) = texts_of(card)[:1]
    assert card["flags"] & 64
    assert why in said
    assert f"Amount: {written['amount']}" in said

    again = await shown(stage, press(button(card), interaction_id=2, **PEOPLE["moderator"]))
    fields = {one["custom_id"]: one for one in components_of(again) if "custom_id" in one}
    assert [fields[name].get("value", "") for name in ("amount", "reason", "days")] == [
        written[name] for name in ("amount", "reason", "days")
    ]
    (act,) = [one["value"] for one in fields["act"]["options"] if one.get("default")]
    assert [act] == written["act"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"temperature": "hot"}, "The temperature has to be a number such as 0.7."),
        ({"days": "soon"}, "whole number"),
    ],
    ids=["temperature", "days"],
)
async def test_a_persona_is_given_back_where_something_else_is_wrong(
    stage: Stage, wrong: dict[str, str], why: str
):
    written = {"persona": "You are a pirate. " * 110} | wrong
    card = await shown(stage, form(f"v2:chatchange:{CHANNEL}", written, **as_manager()))

    said, given = texts_of(card)
    assert why in said
    assert card["flags"] & 64
    assert given == f"-# Nothing was changed. You wrote:\n```\n{written['persona'].strip()}\n```"


async def test_who_may_not_gets_no_form_again(stage: Stage):
    (told,) = [
        one for one in await stage.act(form(CHANGE, GRANT, **PEOPLE["member"])) if one.name == CALLBACK
    ]

    assert "may manage this server" in told.payload["data"]["content"]
    assert not told.payload["data"].get("components")


async def test_all_lines_that_are_wrong_are_named_and_given_back(stage: Stage):
    lines = f"gore\n/(a+)+$/\n/a{{9999999}}/\n/{'b' * 201}/"
    card = await shown(stage, form("v2:words:add", {"lines": lines}, **as_manager()))
    told, given = texts_of(card)[:2]

    assert "/(a+)+$/ takes too long" in told
    assert "/a{9999999}/ is no regular expression" in told
    assert "“bbb" in told
    assert lines in given
    assert await stage.bot.services.desk.words.of(GUILD) == ()


@pytest.mark.further
async def test_few_words_stand_in_the_form_again_and_many_in_a_file(stage: Stage):
    few = await shown(stage, form("v2:words:add", {"lines": "gore\n/(a+)+$/"}, **as_manager()))
    again = await shown(stage, press(button(few), interaction_id=2, **as_manager()))
    long = "/(a+)+$/\n" + "word\n" * 700
    (call,) = await stage.act(form("v2:words:add", {"lines": long}, interaction_id=3, **as_manager()))

    assert button(few) == "v2:words:add:Z29yZQovKGErKSskLw", "this id is kept for ever"
    assert [one["value"] for one in components_of(again) if one["type"] == 4] == ["gore\n/(a+)+$/"]
    assert call.files["files[0]"].decode() == long.strip()
    assert button(call.payload["data"]) == "v2:words:add"


async def test_no_more_than_the_first_wrong_lines_are_looked_at(stage: Stage):
    card = await shown(stage, form("v2:words:add", {"lines": "(x\n" * 9}, **as_manager()))
    told = texts_of(card)[0]

    assert told.count("“(x” has signs") == 5
    assert "What stands below these was not looked at yet." in told


async def test_what_was_chosen_for_a_channel_is_confirmed(stage: Stage):
    who = as_moderator(permissions=PEOPLE["moderator"]["permissions"])
    sent = await shown(stage, form(f"v2:chatchange:{CHANNEL}", {"persona": "a pirate"}, **who))
    reset = await shown(stage, press(f"v2:chatreset:{CHANNEL}", interaction_id=2, **who))

    assert texts_of(sent)[0] == "The settings are saved."
    assert texts_of(reset)[0] == "Easel answers here as everywhere again."
