"""What the page reads out of Discord's JSON, and how it says times and sizes."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sandbox.discord.entities import Command
from sandbox.page import payload
from sandbox.page.choices import Option, chosen_in, of_json
from sandbox.page.files import _preview
from sandbox.page.media import Media
from sandbox.page.offers import command_name, offers
from sandbox.page.parts import file_size
from sandbox.page.timestamps import posted, relative, stamp

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(0), "in 0 seconds"),
        (timedelta(seconds=-1), "1 second ago"),
        (timedelta(seconds=59), "in 59 seconds"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(hours=-5, minutes=-59), "6 hours ago"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(days=3, seconds=-9), "in 3 days"),
        (timedelta(minutes=59, seconds=40), "in 1 hour"),
        (timedelta(days=-65), "2 months ago"),
        (timedelta(days=800), "in 2 years"),
    ],
    ids=str,
)
def test_times_are_said_relative_to_now(ahead, words):
    assert relative(NOW + ahead, NOW) == words


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("t", "12:00"),
        ("T", "12:00:00"),
        ("d", "21/11/2026"),
        ("D", "21 November 2026"),
        ("f", "21 November 2026 12:00"),
        ("F", "Saturday, 21 November 2026 12:00"),
        ("R", "in 0 seconds"),
    ],
)
def test_timestamps_are_said_in_their_style(style, words):
    html = stamp(int(NOW.timestamp()), style, NOW)

    assert html == (
        f'<time class="dc-time" datetime="2026-11-21T12:00:00+00:00" data-style="{style}" '
        f'title="Saturday, 21 November 2026 12:00 UTC">{words}</time>'
    )


def test_a_time_beyond_the_calendar_is_invalid():
    assert stamp(10**12, "R", NOW) == '<span class="dc-time">Invalid Date</span>'


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "12:00"),
        (NOW - timedelta(days=1), "Yesterday at 12:00"),
        (NOW - timedelta(days=2), "19/11/2026 12:00"),
    ],
    ids=["today", "yesterday", "before"],
)
def test_messages_say_when_they_were_posted(at, words):
    assert posted(at, NOW) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (2048, "2.00 KB"), (5 << 20, "5.00 MB"), (5 << 30, "5120.00 MB")],
)
def test_sizes_are_said_as_discord_says_them(count, words):
    assert file_size(count) == words


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"type": 1, "name": "draw", "options": [{"type": 3, "name": "prompt"}]}, "/draw"),
        ({"type": 1, "name": "help"}, "/help"),
        (
            {
                "type": 1,
                "name": "manage",
                "options": [{"type": 2, "name": "quota", "options": [{"type": 1, "name": "show"}]}],
            },
            "/manage quota show",
        ),
        ({"type": 3, "name": "Edit image"}, "Edit image"),
    ],
    ids=["options", "none", "subcommand", "menu"],
)
def test_commands_are_called_by_their_full_name(data, name):
    assert command_name(data) == name


def test_a_command_is_called_as_its_reader_knows_it():
    show = {"type": 1, "name": "show", "name_localizations": {"de": "zeigen"}}
    quota = {"type": 2, "name": "quota", "name_localizations": {"de": "kontingent"}, "options": [show]}
    payload = {"type": 1, "name": "manage", "options": [quota]}
    used = {**payload, "options": [{"type": 2, "name": "quota", "options": [{"type": 1, "name": "show"}]}]}
    command = Command(5, "manage", 1, payload)

    assert command_name(used, command, "de") == "/manage kontingent zeigen"
    assert command_name(used, command, "fr") == "/manage quota show"
    (offer,) = offers(
        cast("Any", SimpleNamespace(user=SimpleNamespace(locale="de"), commands=lambda _kind: [command]))
    )
    assert (offer.name, offer.label) == ("manage quota show", "manage kontingent zeigen")


def test_absent_and_null_are_the_same():
    assert payload.several({"a": None}, "a") == payload.several({}, "a") == []
    assert payload.text({"a": None}, "a") == payload.text({}, "a") == ""
    assert payload.number({"a": None}, "a", 7) == payload.number({}, "a", 7) == 7
    assert payload.number({"a": 0}, "a", 7) == 0
    assert payload.emoji({"emoji": None}) == payload.emoji({"emoji": {"id": "5", "name": None}}) == ""


def test_options_start_with_their_defaults():
    options = [
        {"label": "Ink", "value": "i", "default": True, "emoji": {"name": "🖋"}},
        {"label": "Oil", "value": "o"},
    ]

    assert chosen_in({"options": options}) == ["i"]
    assert chosen_in({"default_values": [{"id": "7", "type": "user"}]}) == ["7"]
    assert of_json(options[0]) == Option("i", "Ink", "", "🖋")


def test_media_know_their_name_their_alt_text_and_whether_they_hide():
    media = {
        "url": "http://cdn/attachments/1/2/shore.png?ex=1",
        "content_type": "image/png",
        "width": 4,
        "height": 3,
    }
    shown = Media.of_item(media, {"description": "a shore", "spoiler": True})

    assert (shown.name, shown.alt, shown.width, shown.height) == ("shore.png", "a shore", 4, 3)
    assert shown.is_picture
    assert shown.is_spoiler


@pytest.mark.parametrize(
    ("attachment", "is_spoiler"),
    [
        ({"filename": "SPOILER_x.png"}, True),
        ({"filename": "x.png", "flags": 8}, True),
        ({"filename": "x.png"}, False),
    ],
    ids=["by name", "by flag", "not at all"],
)
def test_attachments_hide_by_name_or_flag(attachment, is_spoiler):
    media = Media.of_attachment({"url": "u", **attachment})

    assert media.is_spoiler is is_spoiler
    assert not media.is_picture


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n"], ids=["nothing", "text", "a stump"]
)
def test_what_is_no_picture_has_no_preview(content):
    assert _preview(content) == ""
