from __future__ import annotations

import discord
import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, Stage
from people_kit import a_user, as_moderator, form, press, slash, snowflake
from world_kit import GUILD, MOD

from bot.domain.spoilers import Spoilers
from bot.services.door import Door

MANAGES = discord.Permissions(manage_guild=True).value


def as_manager(**more):
    return as_moderator(**({"permissions": MANAGES} | more))


@pytest.fixture(autouse=True)
def door(stage: Stage):
    desk = stage.bot.services.desk
    stage.house.studio._door = stage.house.wordsmith._door = Door(desk.words)


async def shown(stage: Stage, payload: dict) -> dict:
    (call,) = await stage.act(payload)
    assert call.name == CALLBACK
    check_limits(call.payload["data"])
    check_document(call)
    return call.payload["data"]


async def test_words_are_added_tried_and_removed_on_one_card(stage: Stage):
    first = await shown(stage, slash("manage safety words", **as_manager()))
    assert first["flags"] & 64
    assert "0 of 300 entries" in texts_of(first)[0]
    (opened,) = await stage.act(press("v2:words:add", **as_manager()))
    assert opened.payload["type"] == 9

    added = await shown(stage, form("v2:words:add", {"lines": "gore\n*nazi*\n?weird"}, **as_manager()))
    assert texts_of(added)[0].endswith("3 entries are new.")
    assert "gore\n*nazi*\n?weird" in texts_of(added)[1]
    for text, said in {"a GORE": "`gore`", "so weird": "looked at first", "a cat": "let in"}.items():
        told = await stage.said(form("v2:words:try", {"text": text}, **as_manager()))
        assert said in told
    assert "not allowed here" in await stage.said(slash("imagine", {"prompt": "much gore"}))

    removed = await shown(stage, form("v2:words:remove", {"lines": "gore"}, **as_manager()))
    assert texts_of(removed)[0].endswith("1 entry is gone.")
    assert await stage.bot.services.desk.words.blocked(GUILD, ["gore"]) is None


async def test_a_long_list_comes_as_a_file_as_well(stage: Stage):
    words = [f"{'word' * 20}{n}x" for n in range(299)]
    await stage.bot.services.desk.words.add(GUILD, MOD, words)

    (call,) = await stage.act(slash("manage safety words", **as_manager()))

    check_limits(call.payload["data"])
    assert call.files["files[0]"].decode().splitlines() == words
    assert [one["type"] for one in components_of(call.payload["data"])].count(13) == 1


@pytest.mark.parametrize(
    "payload",
    [
        press("v2:words:add"),
        press("v2:words:try", **as_moderator()),
        form("v2:words:add", {"lines": "gore"}),
        form("v2:words:remove", {"lines": "gore"}, **as_moderator()),
        form("v2:words:try", {"text": "gore"}),
    ],
    ids=["add", "moderator tries", "form", "moderator removes", "trial"],
)
async def test_only_who_manages_the_server_decides_on_words(stage: Stage, payload: dict):
    assert "may manage this server" in await stage.said(payload)
    assert await stage.bot.services.desk.words.of(GUILD) == ()


async def test_a_bad_line_is_named_and_nothing_changes(stage: Stage):
    said = await stage.said(form("v2:words:add", {"lines": "gore\n/(a+)+$/"}, **as_manager()))

    assert "/(a+)+$/ takes too long" in said
    assert await stage.bot.services.desk.words.of(GUILD) == ()


async def test_breaks_and_slowness_are_ended_by_who_manages_the_server(stage: Stage):
    for command, options in (("forgive", {"member": "101"}), ("calm", {})):
        payload = slash(f"manage safety {command}", options)
        if options:
            (option,) = payload["data"]["options"][0]["options"][0]["options"]
            option["type"] = 6
            payload["data"]["resolved"] = {"users": {"101": a_user(101)}}
        member = {**payload["member"], "permissions": str(MANAGES)}
        told = await stage.said({**payload, "member": member, "id": snowflake(8)})
        assert told in {
            "<@101> was refused nothing in the last day.",
            "Requests are taken at full speed already.",
        }


async def test_how_pictures_are_shown_is_chosen_and_holds_at_once(stage: Stage):
    said = await stage.said(
        slash("manage safety pictures", {"covered": "always", "captions": False}, **as_manager())
    )
    assert said == "Pictures are covered until somebody clicks on them.\nThey get no captions."

    showings = stage.bot.services.desk.showings
    assert await showings.spoilers(GUILD) is Spoilers.ALWAYS
    assert await showings.spoilers(GUILD + 1) is await showings.spoilers(None) is Spoilers.NEVER
    job = await stage.house.order(start=False)
    assert job is not None
    assert not await showings.captions(job)

    said = await stage.said(
        slash("manage safety pictures", {"covered": "default"}, interaction_id=9, **as_manager())
    )
    assert said == "Pictures are covered as the bot's operator chose.\nThey get no captions."
