from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, Stage
from people_kit import a_message, a_user, as_moderator, form, message_menu, press, slash, snowflake
from world_kit import ANN, BOB, CHANNEL, GUILD, MOD, Killed

from bot.domain.images import Role
from bot.domain.reviews import Watch, Watching
from bot.storage.audit import Audit, AuditLine
from bot.storage.log_channels import LogChannels

JOB, ROOM, CARD = int(snowflake(1)), 750, int(snowflake(500))
REPORT = f"v2:report:{CARD}:{JOB}"
POST, PATCH, DELETE = (f"{verb} /channels/#/messages" for verb in ("POST", "PATCH", "DELETE"))


def as_manager(**more):
    return as_moderator(permissions=discord.Permissions(manage_guild=True).value, **more)


def a_card(**more) -> dict:
    button = {"type": 2, "id": 3, "style": 2, "label": "Again", "custom_id": f"v1:again:{JOB}"}
    row = {"type": 1, "id": 2, "components": [button]}
    return a_message(CARD, CHANNEL) | {"flags": 1 << 15, "components": [row], **more}


@pytest.fixture
async def room(stage: Stage) -> None:
    """A channel for moderators, and a picture that Ann asked for."""
    await stage.house.watchfulness.choose(Watching(Watch.OFF, ROOM), GUILD, MOD)
    await stage.act(slash("imagine", {"prompt": "a *wild* fox"}))


async def report(stage: Stage, n: int = 2, user_id: int = BOB, reason: str = "It is cruel"):
    return await stage.act(form(REPORT, {"reason": reason}, interaction_id=n, user_id=user_id))


async def test_a_report_brings_the_covered_picture_before_moderators(stage: Stage, room):
    (opened,) = await stage.act(message_menu("Report image", a_card(), user_id=BOB, interaction_id=2))
    assert opened.payload["data"]["custom_id"] == REPORT
    deferred, card, thanked = await report(stage, 3)

    assert deferred.payload["data"]["flags"] & 64
    assert "nobody else learns who" in thanked.payload["content"]
    assert card.name == POST
    assert card.path.startswith(f"/channels/{ROOM}/")
    check_limits(card.payload)
    check_document(card)
    said = texts_of(card.payload)[0]
    assert "1 report, in" in said
    assert f"<@{ANN}> asked for it:" in said
    assert "> It is cruel" in said
    assert f"reported by <@{BOB}>" in said
    (gallery,) = (one for one in components_of(card.payload) if one["type"] == 12)
    assert gallery["items"][0]["media"]["url"].startswith("attachment://SPOILER_")
    ids = [one.get("custom_id", one.get("url")) for one in components_of(card.payload) if one["type"] == 2]
    address = f"https://discord.com/channels/{GUILD}/{CHANNEL}/{CARD}"
    assert ids == [f"v2:reportdelete:{CARD}", f"v2:reportdismiss:{CARD}", address]
    (line, *_) = await Audit(stage.house.database).recent(GUILD, 5)
    assert (line.action, line.actor_id, line.subject) == ("report.filed", BOB, str(ANN))
    assert "cruel" not in str(line)


async def test_one_report_for_each_person_all_on_one_card(stage: Stage, room):
    await report(stage, 2)
    _, again = await report(stage, 3)
    assert "reported this already" in again.payload["content"]
    _, card, _ = await report(stage, 4, user_id=104, reason="I agree")

    assert card.name == f"{PATCH}/#"
    said = texts_of(card.payload)[0]
    assert "2 reports, in" in said
    assert said.index("> It is cruel") < said.index("> I agree")


async def test_deleting_takes_message_and_pictures_away_and_the_second_is_late(stage: Stage, room):
    await report(stage)
    closed, removed, answered = await stage.act(press(f"v2:reportdelete:{CARD}", **as_manager()))

    assert (closed.name, removed.name, answered.name) == (f"{PATCH}/#", f"{DELETE}/#", CALLBACK)
    assert removed.path == f"/channels/{CHANNEL}/messages/{CARD}"
    assert f"<@{MOD}> deleted" in texts_of(answered.payload["data"])[0]
    assert await stage.house.pictures.of_job(JOB, Role.RESULT) == ()
    shut, said = await stage.act(press(f"v2:reportdismiss:{CARD}", interaction_id=6, **as_manager()))
    assert (shut.payload["type"], shut.payload["data"]["attachments"]) == (7, [])
    assert "v2:" not in str(shut.payload), "nothing is left to press"
    assert said.payload["content"] == f"<@{MOD}> has decided on this already."


async def test_dismissing_leaves_it_and_later_reports_bring_no_new_card(stage: Stage, room):
    await report(stage)
    await stage.act(press(f"v2:reportdismiss:{CARD}", **as_manager()))

    _, thanked = await report(stage, 5, user_id=104)
    assert "have decided on this message already" in thanked.payload["content"]
    assert len(await stage.house.pictures.of_job(JOB, Role.RESULT)) == 1


@pytest.mark.parametrize(
    "payload",
    [
        press(f"v2:reportdelete:{CARD}"),
        press(f"v2:reportdismiss:{CARD}", **as_moderator()),
    ],
    ids=["delete", "dismiss"],
)
async def test_only_who_manages_the_server_decides(stage: Stage, room, payload: dict):
    await report(stage)

    assert "may manage this server" in await stage.said({**payload, "id": snowflake(9)})
    assert len(await stage.house.pictures.of_job(JOB, Role.RESULT)) == 1


async def test_without_a_channel_reports_wait_in_a_list(stage: Stage):
    await stage.act(slash("imagine", {"prompt": "a fox"}))
    _, thanked = await report(stage)
    assert "none of them could be told" in thanked.payload["content"]

    _, shown = await stage.act(slash("manage safety reports", interaction_id=7, **as_manager()))
    assert f"v2:reportdelete:{CARD}" in str(shown.payload)
    assert len(shown.files) == 1


@pytest.mark.parametrize(
    ("message", "more", "said"),
    [
        (a_card(author=a_user(BOB)), {}, "Easel did not post this"),
        (a_message(CARD, CHANNEL), {}, "has no picture"),
        (a_card(), {"guild_id": None}, "Only pictures in a server"),
    ],
    ids=["somebody else's", "no picture", "in a direct message"],
)
async def test_what_cannot_be_reported_is_said(stage: Stage, message: dict, more: dict, said: str):
    assert said in await stage.said(message_menu("Report image", message, **more))


async def test_somebody_who_reports_everything_is_slowed_down(stage: Stage, room):
    for n in range(10):
        await stage.act(form(f"v2:report:{CARD + n}:0", {"reason": "x"}, interaction_id=10 + n, user_id=BOB))
    _, told = await stage.act(
        form(f"v2:report:{CARD + 20}:0", {"reason": "x"}, interaction_id=31, user_id=BOB)
    )
    assert "a lot in the last hour" in told.payload["content"]


ALERT = "POST /users/@me/channels"


def owned(stage: Stage, monkeypatch, *, is_log_apart: bool = False) -> None:
    """Let the server be known, its owner with it, and its log channel be for moderators alone or for all."""
    language = discord.Locale.british_english
    guild = SimpleNamespace(name="Ann's *place*", owner_id=MOD, preferred_locale=language)
    monkeypatch.setattr(stage.bot, "get_guild", lambda _id: guild)
    postbox = stage.bot.services.reviewing.postbox
    monkeypatch.setattr(postbox, "is_apart", lambda _channel_id: is_log_apart)


async def test_where_the_channel_is_gone_the_owner_is_told_and_the_reporter_the_truth(
    stage: Stage, room, monkeypatch
):
    owned(stage, monkeypatch)
    stage.remote.refuse(POST, 404, 10003)

    _, tried, *told, thanked = await report(stage)

    assert tried.path.startswith(f"/channels/{ROOM}/")
    (said,) = [call.payload["content"] for call in told if call.name == POST]
    assert f"in <#{ROOM}>: the channel is gone." in said
    assert "/manage safety reports" in said
    assert "were told" in thanked.payload["content"]


async def test_where_no_channel_was_chosen_the_owner_is_told_once_an_hour(stage: Stage, monkeypatch):
    owned(stage, monkeypatch)
    for n, minutes in enumerate((0, 20, 30, 20)):
        stage.house.world.clock.move(minutes=minutes)
        stage.remote.calls.clear()
        calls = await report(stage, 2 + n, user_id=110 + n)

        is_told = n in {0, 3}
        assert ("were told" if is_told else "is kept for the moderators") in calls[-1].payload["content"]
        assert len(stage.remote.named(ALERT)) == is_told

    assert any("3 more reports" in str(call.payload) for call in stage.remote.named(POST))


@pytest.mark.parametrize(
    ("is_log_apart", "said"), [(True, "were told"), (False, "none of them could be told")]
)
async def test_the_log_tells_it_where_only_moderators_read_it(
    stage: Stage, monkeypatch, is_log_apart: bool, said: str
):
    owned(stage, monkeypatch, is_log_apart=is_log_apart)
    stage.remote.refuse(ALERT, 403, 50007)
    line = AuditLine(GUILD, MOD, "log.set", "channel:760", {}, stage.house.world.clock())
    await LogChannels(stage.house.database).begin(760, line)

    calls = await report(stage)

    assert said in calls[-1].payload["content"]
    assert len(stage.remote.named(ALERT)) == (not is_log_apart)


async def test_what_no_channel_showed_is_shown_in_the_next_that_is_chosen(stage: Stage, room):
    stage.remote.refuse(POST, 404, 10003)
    await report(stage)
    reports = stage.bot.services.reviewing.reports
    await reports.tend()
    assert len(stage.remote.named(POST)) == 1, "a channel that took nothing is left alone for a while"

    await stage.house.watchfulness.choose(Watching(Watch.OFF, ROOM + 1), GUILD, MOD)
    for _ in range(2):
        await reports.tend()

    assert [call.path.split("/")[2] for call in stage.remote.named(POST)] == [str(ROOM), str(ROOM + 1)]


async def test_a_card_that_somebody_took_away_is_posted_anew(stage: Stage, room):
    await report(stage)
    stage.remote.refuse(f"{PATCH}/#", 404, 10008)

    await report(stage, 4, user_id=104)

    assert len(stage.remote.named(POST)) == 2


async def test_what_was_decided_is_carried_out_after_a_kill(stage: Stage, room, monkeypatch):
    await report(stage)
    reports = stage.bot.services.reviewing.reports

    async def die(_reported) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(reports, "_carry_out", die)
        with pytest.raises(Killed):
            await reports.delete(CARD, GUILD, MOD)
    stage.remote.refuse(f"{DELETE}/#", 403, 50013)
    stage.remote.calls.clear()
    for _ in range(2):
        await reports.tend()

    assert await stage.house.pictures.of_job(JOB, Role.RESULT) == ()
    assert [call.name for call in stage.remote.calls] == [f"{PATCH}/#", f"{DELETE}/#"], "once"


async def test_what_discord_does_not_carry_out_is_tried_again(stage: Stage, room, monkeypatch):
    await report(stage)
    postbox, reports = stage.bot.services.reviewing.postbox, stage.bot.services.reviewing.reports
    outcomes = [False, True]

    async def remove(_reported) -> bool:
        return outcomes.pop(0)

    monkeypatch.setattr(postbox, "remove", remove)
    await reports.delete(CARD, GUILD, MOD)
    for _ in range(2):
        await reports.tend()

    assert outcomes == []


async def test_a_channel_that_is_deleted_is_told_of_at_once(stage: Stage, room, monkeypatch):
    owned(stage, monkeypatch)
    deleted = SimpleNamespace(id=ROOM, guild=SimpleNamespace(id=GUILD))
    stage.remote.calls.clear()

    safety = cast("Any", stage.bot.cogs["Safety"])
    for _ in range(2):
        await safety.on_guild_channel_delete(deleted)

    assert len(stage.remote.named(ALERT)) == 1
    said = await stage.said(slash("manage safety review", interaction_id=45, **as_manager()))
    assert "cannot show reports to moderators" in said
