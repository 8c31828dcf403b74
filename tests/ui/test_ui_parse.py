from __future__ import annotations

import discord
import pytest
from people_kit import MEMBER_PERMISSIONS, TEXT_CHANNEL, as_moderator, attachment, slash
from world_kit import ANN, CHANNEL, GUILD

from bot.domain.requests import Requester, Upload
from bot.errors import BadInput
from bot.ui import parse

THREAD = {
    "id": "800",
    "type": 11,
    "guild_id": str(GUILD),
    "parent_id": str(CHANNEL),
    "owner_id": "1",
    "name": "thread",
    "message_count": 0,
    "member_count": 1,
    "thread_metadata": {
        "archived": False,
        "auto_archive_duration": 1440,
        "archive_timestamp": "2026-11-21T12:00:00+00:00",
    },
}


def _without(**permissions: bool) -> int:
    return MEMBER_PERMISSIONS.value & ~discord.Permissions(**permissions).value


def _seen(client: discord.Client, **more) -> discord.Interaction:
    return discord.Interaction(data=slash("imagine", **more), state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand


OPEN, HIDDEN, WITHIN, SECRET, ADULT = 711, 712, 713, 714, 715


def _guild(*roles: int) -> dict[str, object]:
    """Return a server with a channel for all, one that role 5 alone sees, and a thread of each kind."""
    denied = [{"id": str(GUILD), "type": 0, "allow": "0", "deny": str(1 << 10)}]
    allowed = [{"id": "5", "type": 0, "allow": str(1 << 10), "deny": "0"}]
    channel = {
        "type": 0,
        "guild_id": str(GUILD),
        "name": "c",
        "position": 0,
        "nsfw": False,
        "parent_id": None,
    }
    known = [{"id": str(n), "name": f"r{n}", "permissions": "0", "position": n} for n in (*roles, GUILD)]
    known[-1]["permissions"] = str(1 << 10)
    return {
        "id": str(GUILD),
        "name": "server",
        "roles": [{**role, "colors": {"primary_color": 0}, "color": 0, "hoist": False} for role in known],
        "channels": [
            {**channel, "id": str(OPEN), "permission_overwrites": []},
            {**channel, "id": str(HIDDEN), "permission_overwrites": denied + allowed},
        ],
        "threads": [
            {**THREAD, "id": str(WITHIN), "parent_id": str(OPEN)},
            {**THREAD, "id": str(SECRET), "parent_id": str(OPEN), "type": 12},
        ],
    }


class TestSight:
    @pytest.mark.parametrize(
        ("roles", "seen"),
        [((), {OPEN, WITHIN}), ((5,), {OPEN, WITHIN, HIDDEN})],
        ids=["member", "with the role"],
    )
    async def test_channels_are_seen_by_permission_and_private_threads_by_nobody(
        self, client: discord.Client, roles, seen
    ):
        client._connection._add_guild_from_data(_guild(5, 6))  # pyright: ignore[reportArgumentType] - a payload by hand

        who = parse.requester(_seen(client, roles=roles))

        assert {one for one in (OPEN, HIDDEN, WITHIN, SECRET, 1) if who.sees(one)} == seen

    @pytest.mark.parametrize(
        ("here", "seen"),
        [(OPEN, {OPEN}), (ADULT, {OPEN, ADULT}), (1, {OPEN})],
        ids=["all", "adults", "unknown"],
    )
    async def test_what_is_for_adults_is_seen_from_where_adults_are(self, client: discord.Client, here, seen):
        guild = _guild()
        guild["channels"] = [
            {**TEXT_CHANNEL, "id": str(OPEN)},
            {**TEXT_CHANNEL, "id": str(ADULT), "nsfw": True},
        ]
        client._connection._add_guild_from_data(guild)  # pyright: ignore[reportArgumentType] - a payload by hand

        who = parse.requester(_seen(client, channel={**TEXT_CHANNEL, "id": str(here)}))

        assert {one for one in (OPEN, ADULT) if who.sees(one)} == seen

    @pytest.mark.parametrize("guild_id", [None, GUILD], ids=["direct message", "unknown server"])
    async def test_where_no_server_is_known_nothing_is_seen(self, client: discord.Client, guild_id):
        assert not parse.requester(_seen(client, guild_id=guild_id)).sees(OPEN)


class TestRequester:
    async def test_a_member_is_known_with_roles_and_place(self, client: discord.Client):
        roles = [{"id": str(n), "name": f"r{n}", "permissions": "0", "position": n} for n in (5, 6, 7, GUILD)]
        known = [{**role, "colors": {"primary_color": 0}, "color": 0, "hoist": False} for role in roles]
        guild = {"id": str(GUILD), "name": "server", "roles": known, "channels": [], "threads": []}
        client._connection._add_guild_from_data(guild)  # pyright: ignore[reportArgumentType] - a payload by hand

        who = parse.requester(_seen(client, roles=(5, 6)))

        assert (who.user_id, who.guild_id, who.channel_id) == (ANN, GUILD, CHANNEL)
        assert who.role_ids >= {5, 6}
        assert 7 not in who.role_ids
        assert not who.may_moderate

    @pytest.mark.parametrize(
        ("permissions", "may"),
        [
            (discord.Permissions(manage_messages=True), True),
            (discord.Permissions(manage_guild=True), False),
            (discord.Permissions(kick_members=True), False),
        ],
        ids=["messages", "server", "something else"],
    )
    async def test_who_moderates_here_is_told_by_permission(self, client: discord.Client, permissions, may):
        assert parse.requester(_seen(client, permissions=permissions.value)).may_moderate is may

    async def test_in_a_direct_message_there_is_no_server_and_no_moderator(self, client: discord.Client):
        who = parse.requester(_seen(client, guild_id=None))

        assert who == Requester(ANN, None, CHANNEL, is_alone=True)

    async def test_a_server_that_the_bot_is_not_in_does_not_count(self, client: discord.Client):
        who = parse.requester(_seen(client, **as_moderator(by_person=True)))

        assert (who.guild_id, who.may_moderate) == (None, False)


class TestOrigin:
    async def test_it_says_where_the_answer_goes(self, client: discord.Client):
        before = discord.utils.utcnow()

        origin = parse.origin(_seen(client, token="abc"))

        assert (origin.application_id, origin.token) == (99, "abc")
        assert (
            before + parse.TOKEN_LIFE <= origin.token_expires_at <= discord.utils.utcnow() + parse.TOKEN_LIFE
        )
        assert origin.upload_limit_bytes == 20 * 2**20
        assert origin.can_post_in_channel

    @pytest.mark.parametrize(
        ("more", "may"),
        [
            ({"guild_id": None}, True),
            ({"guild_id": None, "context": 2}, False),
            ({"by_person": True}, False),
            (
                {
                    "app_permissions": MEMBER_PERMISSIONS.value
                    & ~discord.Permissions(send_messages=True).value
                },
                False,
            ),
            (
                {"app_permissions": MEMBER_PERMISSIONS.value & ~discord.Permissions(attach_files=True).value},
                False,
            ),
            ({"channel": THREAD}, True),
            ({"channel": THREAD, "app_permissions": _without(send_messages_in_threads=True)}, False),
        ],
        ids=["own dm", "group", "brought along", "may not send", "no files", "thread", "not in threads"],
    )
    async def test_posting_in_the_channel_takes_membership_and_permission(self, client, more, may):
        assert parse.origin(_seen(client, **more)).can_post_in_channel is may


async def test_an_attachment_is_passed_on_as_discord_describes_it(client: discord.Client):
    described = attachment(4, size=12, filename="dog.jpg")
    seen = discord.Attachment(data=described, state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand

    assert parse.upload(seen) == Upload("https://cdn.example/4/dog.jpg", "dog.jpg", 12)


@pytest.mark.parametrize(
    ("filename", "title", "name"),
    [
        ("_.pdf", "請求書", "請求書.pdf"),
        ("_.PDF", "фото.pdf", "фото.pdf"),
        ("SPOILER_.png", "كلب", "SPOILER_كلب.png"),
        ("unknown", "ληστής", "ληστής"),
        ("dog.jpg", "", "dog.jpg"),
    ],
)
async def test_a_file_is_called_what_its_title_says(client: discord.Client, filename, title, name):
    described = attachment(4, size=12, filename=filename) | {"title": title}
    seen = discord.Attachment(data=described, state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand

    assert parse.upload(seen).filename == name


@pytest.mark.parametrize(
    ("said", "known"), [(None, None), ("png", "png"), ("JPEG ", "jpeg"), ("jpg", "jpeg")]
)
def test_a_format_is_understood_as_people_write_it(said, known):
    assert parse.file_format(said) == known


@pytest.mark.parametrize("said", ["", "svg", "nonsense!!"])
def test_a_format_that_pictures_do_not_come_in_is_said(said):
    with pytest.raises(BadInput, match="png, jpeg or webp"):
        parse.file_format(said)
