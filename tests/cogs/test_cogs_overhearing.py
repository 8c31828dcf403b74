"""What passes by before a message is made of it, and that nothing does which is said to Easel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
import pytest
from people_kit import BOT, TEXT_CHANNEL, a_message, a_user
from rights_kit import settle_in
from world_kit import ANN, CHANNEL, GUILD

from bot.app.overhearing import may_be_meant
from bot.ui import hearing

if TYPE_CHECKING:
    from cogs_kit import Stage

TALK, THREAD = CHANNEL, 702
EASEL = a_user(BOT, bot=True)


def said(**more: Any) -> dict[str, Any]:
    """Return what somebody says to others in a server."""
    return a_message(9, TALK) | {"guild_id": str(GUILD), "author": a_user(ANN), "content": "Look!"} | more


def replying(to: dict[str, Any]) -> dict[str, Any]:
    reference = {"type": 0, "message_id": "8", "channel_id": str(TALK), "guild_id": str(GUILD)}
    return said(
        type=19,
        message_reference=reference,
        referenced_message=a_message(8, TALK) | {"author": to},
    )


MEANT = {
    "a mention": said(mentions=[EASEL]),
    "a mention among others": said(mentions=[a_user(ANN), EASEL]),
    "a reply to Easel": replying(EASEL),
    "a direct message": {key: value for key, value in said().items() if key != "guild_id"},
    "words in a thread": said(channel_id=str(THREAD)),
}
NOT_MEANT = {
    "talk of others": said(),
    "a mention of somebody else": said(mentions=[a_user(ANN)]),
    "a reply to somebody else": replying(a_user(ANN)),
    "a reply to what was deleted": replying(a_user(ANN)) | {"referenced_message": None},
    "another bot that mentions Easel": said(mentions=[EASEL], author=a_user(5, bot=True)),
    "a pin that mentions Easel": said(mentions=[EASEL], type=6),
}


@pytest.fixture
def easel(stage: Stage) -> Stage:
    settle_in(stage)
    guild = stage.bot.get_guild(GUILD)
    assert guild is not None
    thread: Any = {
        **TEXT_CHANNEL,
        "id": str(THREAD),
        "parent_id": str(TALK),
        "owner_id": str(BOT),
        "type": 11,
        "message_count": 1,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2026-01-01T00:00:00+00:00",
        },
    }
    guild._add_thread(discord.Thread(guild=guild, state=stage.bot._connection, data=thread))
    return stage


@pytest.mark.sampled
@pytest.mark.parametrize("data", MEANT.values(), ids=MEANT)
def test_what_may_be_meant_becomes_a_message(easel: Stage, monkeypatch, data):
    heard: list[Any] = []
    monkeypatch.setattr(easel.bot._connection, "dispatch", lambda *event: heard.append(event))

    easel.bot._connection.parsers["MESSAGE_CREATE"](data)

    ((event, message),) = heard
    assert event == "message"
    assert hearing.is_meant(message, BOT, in_own_thread=True)


@pytest.mark.parametrize(
    ("author", "events"),
    [(a_user(ANN), ["raw_message_edit"]), (a_user(5, bot=True), ["raw_message_edit"]), (EASEL, [])],
)
def test_only_what_others_change_is_heard(easel: Stage, monkeypatch, author, events):
    heard: list[str] = []
    monkeypatch.setattr(easel.bot._connection, "dispatch", lambda event, *_: heard.append(event))

    easel.bot._connection.parsers["MESSAGE_UPDATE"](said(author=author))

    assert heard == events


@pytest.mark.parametrize("missing", ["author", "content", "attachments"])
def test_a_part_of_a_message_says_nothing_of_the_rest(easel: Stage, monkeypatch, missing):
    heard: list[str] = []
    monkeypatch.setattr(easel.bot._connection, "dispatch", lambda event, *_: heard.append(event))
    part = {key: value for key, value in said().items() if key != missing}

    easel.bot._connection.parsers["MESSAGE_UPDATE"](part)

    assert heard == []


def test_what_comes_from_a_server_that_is_not_known_is_not_taken_for_a_direct_message(easel: Stage):
    assert not may_be_meant(said(guild_id="404", mentions=[EASEL]), easel.bot)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("data", NOT_MEANT.values(), ids=NOT_MEANT)
def test_what_is_not_meant_passes_by(easel: Stage, data):
    assert not may_be_meant(data, easel.bot)
    channel, _ = easel.bot._connection._get_guild_channel(data)  # pyright: ignore[reportArgumentType] - a payload by hand
    message = discord.Message(state=easel.bot._connection, channel=channel, data=data)  # pyright: ignore[reportArgumentType] - as above
    assert not hearing.is_meant(message, BOT, in_own_thread=False), "nothing is lost by it"


def test_mentioned_people_are_called_by_their_names(easel: Stage):
    bob = a_user(5) | {"global_name": "Bob\nAnn#1 says:"}
    data: Any = replying(a_user(ANN)) | {"mentions": [bob, EASEL]}
    data["content"] = f"<@{BOT}> is <@5> right, <@6>?"
    data["referenced_message"] |= {"content": "Ask <@!5>", "mentions": [bob]}
    channel = easel.bot.get_channel(TALK)
    message = discord.Message(state=easel.bot._connection, channel=cast("Any", channel), data=data)

    heard = hearing.said(message, BOT, goes_on=False)

    assert heard.text == "is @Bob Ann1 says right, <@6>?"
    assert heard.quotation is not None
    assert heard.quotation.text.endswith("> Ask @Bob Ann1 says")
