from __future__ import annotations

import json

import discord
import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, Stage
from judge_kit import judged
from people_kit import a_user, as_moderator, attachment, form, press, slash, snowflake
from provider_kit import picture_bytes
from provider_kit import words as words_of
from world_kit import ANN, GUILD, MOD

from bot.domain.access import Ban
from bot.domain.quotas import Meter
from bot.domain.reviews import Watch, Watching
from bot.domain.spoilers import Spoilers
from bot.services.door import Door
from bot.services.safety import NAME
from bot.storage.access import AccessRows
from bot.storage.audit import AuditLine

CARD = "manage safety moderation"
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


async def test_the_card_says_what_of_the_list_is_not_looked_for(stage: Stage):
    line = AuditLine(GUILD, MOD, "safety.words_added", "", {}, stage.house.world.clock())
    await stage.bot.services.desk.words._settings.choose({NAME: "gore\n/(?R)`/"}, line)

    texts = texts_of(await shown(stage, slash("manage safety words", **as_manager())))

    assert any("1 entry is not looked for" in text and "/(?R)" in text for text in texts)
    for wrong, why in {
        "/a{9999999}/": "is no regular expression that Easel",
        "(a+)+$": "between slashes",
    }.items():
        refused = await shown(stage, form("v2:words:add", {"lines": wrong}, **as_manager()))
        assert why in texts_of(refused)[0]


async def test_the_name_of_a_thread_is_looked_through(stage: Stage):
    desk = stage.bot.services.desk
    await desk.words.add(GUILD, MOD, ["gore"])

    assert "not allowed here" in await stage.said(slash("chat new", {"topic": "All about g0re"}))


@pytest.mark.further
async def test_what_a_model_says_of_a_picture_is_shown_without_blocked_words(stage: Stage):
    words = stage.bot.services.desk.words
    stage.house.describer._sayable = words.sayable
    await words.add(GUILD, MOD, ["gore"])
    stage.house.world.caps.person |= {Meter.MESSAGES_PER_DAY: 3, Meter.USD_PER_DAY: 1_000_000}
    upload = stage.house.world.attach(picture_bytes())
    file = attachment(8, upload.size_bytes, upload.url, "cat.png")
    said = {
        "caption": "Much gore",
        "alt_text": "A fox.",
        "prompt_mood": "a gore fox",
        "prompt_medium": "a fox",
    }
    stage.house.world.provider.script.append(lambda _: words_of(json.dumps(said)))

    (call,) = await stage.act(slash("describe", {"image": "8"}, (file,)))

    texts = "\n".join(texts_of(call.payload["data"]))
    assert "gore" not in json.dumps(call.payload)
    assert "A fox." in texts
    assert "was left out" in texts


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("ask", {"question": "Why?", "file": "8"}),
        ("extract", {"file": "8", "fields": "total"}),
        ("extract", {"file": "8", "schema": "8"}),
    ],
    ids=["ask", "extract", "extract by schema"],
)
async def test_who_is_banned_reads_why_and_nothing_is_fetched(stage: Stage, command: str, options):
    stage.house.wordsmith._door = stage.bot.services.desk.door
    ban = Ban(ANN, MOD, "You know why.", stage.house.world.clock())
    line = AuditLine(GUILD, MOD, "access.ban", f"person:{ANN}", {}, stage.house.world.clock())
    await AccessRows(stage.house.database).ban(ban, line)
    upload = stage.house.world.attach(picture_bytes())
    file = attachment(8, upload.size_bytes, upload.url, "cat.png")
    now = {"id": str(discord.utils.time_snowflake(discord.utils.utcnow()))}
    said = await stage.said(slash(command, options, (file,)) | now)

    assert "do not let you use Easel" in said
    assert said.endswith("Reason: You know why.")
    assert stage.house.world.fetched == []


async def test_a_long_list_comes_as_a_file_as_well(stage: Stage):
    words = [f"{'word' * 20}{n}x" for n in range(299)]
    await stage.bot.services.desk.words.add(GUILD, MOD, words)

    (call,) = await stage.act(slash("manage safety words", **as_manager()))

    check_limits(call.payload["data"])
    assert call.files["files[0]"].decode().splitlines() == words
    assert [one["type"] for one in components_of(call.payload["data"])].count(13) == 1


@pytest.mark.sampled
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
    refused = await shown(stage, form("v2:words:add", {"lines": "gore\n/(a+)+$/"}, **as_manager()))

    assert "/(a+)+$/ takes too long" in texts_of(refused)[0]
    assert await stage.bot.services.desk.words.of(GUILD) == ()


def forgive(user_id: int, **more) -> dict:
    payload = slash("manage safety forgive", {"member": str(user_id)}, **as_manager(**more))
    (option,) = payload["data"]["options"][0]["options"][0]["options"]
    option["type"] = 6
    payload["data"]["resolved"] = {"users": {str(user_id): a_user(user_id)}}
    return payload


async def test_nobody_ends_their_own_break(stage: Stage):
    assert "cannot do that to yourself" in await stage.said(forgive(MOD))


async def test_breaks_and_slowness_are_ended_by_who_manages_the_server(stage: Stage):
    above = discord.Permissions(administrator=True).value
    for payload in (forgive(101, permissions=above), slash("manage safety calm", **as_manager())):
        told = await stage.said({**payload, "id": snowflake(8)})
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


@pytest.mark.further
async def test_the_card_of_the_moderation_model_says_what_it_does_here_and_turns_it_off(stage: Stage):
    none = await shown(stage, slash("manage safety moderation", **as_manager()))
    assert "set up no moderation model" in texts_of(none)[0]
    said = await stage.said(slash("manage safety moderation", {"on": True}, interaction_id=7, **as_manager()))
    assert said == "The bot's operator has set up no moderation model."

    judge = judged(stage.house)
    (text,) = texts_of(
        await shown(stage, slash("manage safety moderation", interaction_id=8, **as_manager()))
    )
    assert "✅ On: it looks at words, at pictures" in text
    assert "is not shown. With `/manage safety review` moderators decide." in text
    await stage.house.watchfulness.choose(Watching(Watch.OFF, 750), GUILD, MOD)
    payload = slash("manage safety pictures", {"apart": True}, interaction_id=9, **as_manager())
    assert "age-restricted channels alone" in await stage.said(payload)
    judge.is_down = True
    for _ in range(5):
        await stage.house.order("a fox")
    await stage.house.rest()
    (text,) = texts_of(
        await shown(stage, slash("manage safety moderation", interaction_id=10, **as_manager()))
    )
    assert "waits for moderators in <#750>" in text
    assert "age-restricted channels alone" in text
    assert "does not answer right now: requests pass unchecked" in text

    off = slash("manage safety moderation", {"on": False}, interaction_id=11, **as_manager())
    assert "❌ Off here." in texts_of(await shown(stage, off))[0]
    assert not await stage.house.moderation.is_on(GUILD)
