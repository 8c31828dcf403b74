"""What the cards of /privacy, /manage privacy and /help show, and who may press what on them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import discord
import pytest
from checks_kit import check_document, check_limits, check_view, components_of, texts_of
from cogs_kit import CALLBACK
from people_kit import pick, press, slash
from world_kit import ANN, BOB, CHANNEL, GUILD, ann

from bot.catalogues import DESCRIPTION, MENU
from bot.domain.conversation import Speaker, Turn
from bot.domain.privacy import BEGINNING, Choices, Extent, Holdings, Rules, Span, Standing
from bot.storage.turns import Turns
from bot.ui import help as guides
from bot.ui import parcels, privacy

if TYPE_CHECKING:
    from cogs_kit import Stage

BOSS: dict[str, Any] = {"permissions": discord.Permissions(manage_guild=True).value}


async def card_of(stage: Stage, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the private card that answers an action, checked against Discord's limits."""
    (call,) = await stage.act(payload)
    assert call.name == CALLBACK
    check_document(call)
    check_limits(call.payload["data"])
    assert call.payload["type"] == 7 or call.payload["data"]["flags"] & 64
    return call.payload["data"]


def said(card: dict[str, Any]) -> str:
    return "\n".join(texts_of(card))


def ids_of(card: dict[str, Any]) -> list[str]:
    return [one["custom_id"] for one in components_of(card) if "custom_id" in one]


async def test_the_card_says_what_is_kept_and_for_how_long(stage: Stage):
    await stage.house.done()
    turn = Turn(0, CHANNEL, GUILD, None, Speaker.PERSON, ANN, "Ann", "words", stage.house.world.clock())
    await Turns(stage.house.database).add(turn)
    stage.house.world.clock.move(seconds=1)

    card = await card_of(stage, slash("privacy show"))

    assert "1 picture, " in said(card)
    assert "1 message of your conversations" in said(card)
    assert "Pictures and requests: until deleted\nConversations: until deleted" in said(card)
    assert "You: " not in said(card), "where nobody chose a time there is nothing to compare"
    assert ids_of(card) == [f"v2:exportdata:{ANN}", f"v2:offrecord:{ANN}:ask", f"v2:eraseask:{ANN}"]


async def test_deleting_asks_first_and_says_how_much(stage: Stage):
    await stage.house.done()
    stage.house.world.clock.move(seconds=1)

    card = await card_of(stage, slash("privacy delete"))
    (button,) = ids_of(card)
    assert "1 request: what you asked for" in said(card)
    calls = await stage.act(press(button))

    assert "Deleted." in said(calls[-1].payload)
    assert await stage.house.database.read("SELECT 1 FROM job WHERE user_id IS NOT NULL") == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize("verb", ["eraseask", "retain", "offrecord", "onrecord", "exportdata", "erase"])
async def test_a_card_is_of_one_person_alone(stage: Stage, verb: str):
    await stage.house.done()
    more = {"retain": ":5", "erase": ":everything:0:1900000000"}.get(verb, "")

    sentence = await stage.said(press(f"v2:{verb}:{ANN}{more}", user_id=BOB))

    assert "somebody else's" in sentence
    assert len(await stage.house.database.read("SELECT 1 FROM job WHERE user_id IS NOT NULL")) == 1


@pytest.mark.sampled
@pytest.mark.parametrize("more", ["", ":everything", ":much:0:5", ":everything:0:x"])
async def test_a_button_that_was_tampered_with_deletes_nothing(stage: Stage, more: str):
    await stage.house.done()

    assert await stage.said(press(f"v2:erase:{ANN}{more}"))

    assert len(await stage.house.database.read("SELECT 1 FROM job WHERE user_id IS NOT NULL")) == 1


@pytest.mark.further
async def test_a_stretch_of_time_is_deleted_alone(stage: Stage):
    await stage.house.done("old")
    stage.house.world.clock.move(days=5)
    await stage.house.done("new")
    stage.house.world.clock.move(seconds=1)

    (button,) = ids_of(await card_of(stage, slash("privacy delete", {"until": "2d"})))
    await stage.act(press(button))

    rows = await stage.house.database.read("SELECT request FROM job WHERE user_id IS NOT NULL")
    assert ["new" in row["request"] for row in rows] == [True]


async def test_a_stretch_that_ends_before_it_begins_is_said(stage: Stage):
    assert "no stretch" in await stage.said(slash("privacy delete", {"since": "today", "until": "5d"}))


class TestRetention:
    async def test_a_person_s_is_asked_about_and_kept(self, stage: Stage):
        card = await card_of(stage, slash("privacy retention", {"days": 30}))
        assert "Nothing is older" in said(card)

        await stage.act(press(ids_of(card)[0]))

        assert "You: 30 days" in said(await card_of(stage, slash("privacy show")))
        await card_of(stage, slash("privacy retention", {"days": 0}))
        assert "You: " not in said(await card_of(stage, slash("privacy show")))

    async def test_a_server_s_is_for_who_manages_it(self, stage: Stage):
        card = await card_of(stage, slash("manage privacy retention", {"days": 30}, **BOSS))
        (button,) = ids_of(card)
        assert button == f"v2:retainserver:{GUILD}:30"
        assert "may manage" in await stage.said(press(button))
        elsewhere = press(button, guild_id=GUILD + 1, **BOSS)
        assert "another server" in await stage.said(elsewhere)

        assert "kept for 30 days" in said(await card_of(stage, press(button, **BOSS)))

        assert "this server: 30 days" in said(await card_of(stage, slash("privacy show")))
        assert "kept for 30 days" in said(await card_of(stage, slash("manage privacy show", **BOSS)))


async def test_much_data_comes_by_direct_message(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    await stage.house.done()
    monkeypatch.setattr(parcels, "FEW", 0)

    calls = await stage.act(slash("privacy export"))

    sent = [call for call in calls if call.files]
    assert [call.name for call in sent] == ["POST /channels/#/messages"]
    ((_, data),) = sent[0].files.items()
    assert "README.txt" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert "Your data is here, in 1 file." in calls[-1].payload["content"]


async def test_closed_direct_messages_are_said_and_cost_no_turn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    await stage.house.done()
    monkeypatch.setattr(parcels, "FEW", 0)
    stage.remote.refuse("POST /channels/#/messages", 403, 50007)

    calls = await stage.act(slash("privacy export"))
    again = await stage.act(slash("privacy export", interaction_id=2))

    assert any("cannot send you direct messages" in str(call.payload) for call in calls)
    assert "Your data is here" in str(again[-1].payload)


def test_the_cards_keep_to_discord_s_limits_with_the_largest_numbers():
    most = Holdings(**{one.name: 10**12 for one in fields(Holdings)})
    standing = Standing(most, Choices(), Rules(3650, 3650, 10**9), deleting=True)

    for view in (
        privacy.card(2**63, standing, in_server=True),
        privacy.confirm(2**63, Extent.EVERYTHING, Span(BEGINNING, BEGINNING), most),
        privacy.confirm_days(privacy.RETAIN_SERVER, 2**63, 3650, most),
        privacy.confirm_silence(2**63, most),
    ):
        check_view(view)


class TestHelp:
    async def test_every_command_stands_in_an_area_that_fits(self, stage: Stage):
        stage.bot.command_ids = {one.name: 2**62 for one in stage.bot.tree.get_commands()}
        home = await card_of(stage, slash("help", **BOSS))
        (menu,) = [one for one in components_of(home) if one["type"] == 3]
        shown = ""
        for option in menu["options"]:
            card = await card_of(stage, pick("v2p:help", option["value"], **BOSS))
            shown += said(card)
            while following := [
                one for one in components_of(card) if one.get("label") == "On" and not one.get("disabled")
            ]:
                card = await card_of(stage, press(following[0]["custom_id"], **BOSS))
                shown += said(card)

        commands = {one.qualified_name for one in stage.bot.tree.walk_commands()}
        leaves = {one for one in commands if not any(other.startswith(f"{one} ") for other in commands)}
        assert set(re.findall(rf"</([a-z -]+):{2**62}>", shown)) >= leaves - {
            one.name for one in stage.bot.tree.get_commands(type=discord.AppCommandType.message)
        }
        assert "**Edit image**" in shown

    async def test_a_member_is_not_shown_what_moderators_have(self, stage: Stage):
        home = await card_of(stage, slash("help"))
        (menu,) = [one for one in components_of(home) if one["type"] == 3]

        assert guides.MANAGE not in [option["value"] for option in menu["options"]]
        assert "/manage" not in said(await card_of(stage, pick("v2p:help", "manage")))

    async def test_in_direct_messages_nothing_is_offered_that_needs_a_server(self, stage: Stage):
        card = await card_of(stage, slash("help", guild_id=None, **BOSS))

        assert "What Easel can do" in said(card)
        assert "**/imagine**" in said(card), "without an id, its name"

    async def test_commands_are_described_in_the_language_of_the_reader(self, stage: Stage, monkeypatch):
        asked: list[str] = []

        def of_command(context: str, text: str, tag: str) -> str | None:
            asked.append(context)
            return None if tag != "de" else f"<{text}>"

        monkeypatch.setattr(guides, "of_command", of_command)

        card = await card_of(stage, pick("v2p:help", "draw", locale="de"))
        menus = await card_of(stage, pick("v2p:help", guides.MENUS, locale="de"))
        english = await card_of(stage, pick("v2p:help", "draw"))

        assert "-# <Make one picture from several.>" in said(card)
        assert "**<Edit image>**" in said(menus)
        assert "-# Make one picture from several." in said(english)
        assert set(asked) == {DESCRIPTION, MENU}

    async def test_one_that_has_no_area_is_shown_all_the_same(self):
        entry = guides.Entry("dance", "Dance.")

        assert guides.Guide((entry,), (), {}).areas() == [guides.MORE]

    async def test_long_areas_come_in_pages(self):
        entries = tuple(guides.Entry(f"imagine n{n}", "Draw. " * 15) for n in range(100))
        for page in (0, 1, 3, 50):
            check_view(guides.card(guides.Guide(entries, (), {}), "draw", page))


async def test_a_server_that_comes_and_goes_is_followed(stage: Stage):
    cog = stage.bot.get_cog("privacy")
    assert cog is not None
    await stage.house.done(who=ann())

    await cog.on_ready()  # pyright: ignore[reportAttributeAccessIssue] - as discord.py calls it

    rows = await stage.house.database.read("SELECT guild_id FROM removed_server")
    assert [row["guild_id"] for row in rows] == [GUILD], "the bot of these tests is in no server"
