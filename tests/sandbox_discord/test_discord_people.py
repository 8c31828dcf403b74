"""What Discord's client does not allow, people cannot do; what it sends is complete."""

from typing import Any

import pytest

from sandbox.discord.entities import Overwrite
from sandbox.discord.people import ClientRefused
from sandbox.discord.permissions import EVERYTHING, Permission, permissions

EVERY_OPTION: list[dict[str, Any]] = [
    {"name": "all", "description": "All", "options": [
        {"type": 3, "name": "text", "description": "x", "required": True, "min_length": 2, "max_length": 4},
        {"type": 4, "name": "whole", "description": "x", "min_value": 1, "max_value": 4},
        {"type": 10, "name": "number", "description": "x", "max_value": 1.5},
        {"type": 5, "name": "yes", "description": "x"},
        {"type": 6, "name": "user", "description": "x"},
        {"type": 7, "name": "place", "description": "x", "channel_types": [0]},
        {"type": 8, "name": "role", "description": "x"},
        {"type": 9, "name": "either", "description": "x"},
        {"type": 11, "name": "file", "description": "x"},
        {"type": 3, "name": "one", "description": "x", "choices": [{"name": "A", "value": "a"}]},
    ]},
    {"name": "group", "description": "x", "options": [
        {"type": 2, "name": "sub", "description": "x", "options": [
            {"type": 1, "name": "go", "description": "x"}]}]},
    {"name": "adults", "description": "x", "nsfw": True},
    {"name": "nobody", "description": "x", "default_member_permissions": 0},
    {"name": "old", "description": "x", "dm_permission": False},
]  # fmt: skip


@pytest.fixture
async def ada(world, api):
    status, error = await api("PUT", f"/applications/{world.application_id}/commands", EVERY_OPTION)
    assert status == 200, error
    return world.person("Ada")


async def test_everything_given_is_resolved(world, ada):
    role = next(iter(world.guilds.values())).role("Moderator")
    studio, grace = world.channel("studio"), world.user("Grace")
    given = {
        "text": "abc",
        "whole": 3,
        "number": 1,
        "yes": True,
        "user": grace,
        "place": studio,
        "role": role,
    }

    interaction = await ada.slash(
        "all", {**given, "either": role, "one": "a"}, files={"file": ("a.txt", b"x")}
    )

    data = interaction.data
    assert [option["name"] for option in data["options"]] == [o["name"] for o in EVERY_OPTION[0]["options"]]
    assert set(data["resolved"]) == {"users", "members", "roles", "channels", "attachments"}
    assert data["resolved"]["members"][str(grace.id)]["permissions"]
    assert data["resolved"]["channels"][str(studio.id)]["permissions"]


def _refused(world):
    thread = world.add_thread(world.channel("studio"), "thread", world.bot)
    return [
        {},
        {"text": "a"},
        {"text": "abcde"},
        {"text": 5},
        {"text": "abc", "whole": 0},
        {"text": "abc", "whole": 5},
        {"text": "abc", "whole": True},
        {"text": "abc", "number": 2},
        {"text": "abc", "yes": 1},
        {"text": "abc", "user": "Grace"},
        {"text": "abc", "place": thread},
        {"text": "abc", "one": "b"},
        {"text": "abc", "other": "b"},
        {"text": "abc", "file": "a.txt"},
    ]


async def test_unfit_options_are_refused(world, ada):
    for options in _refused(world):
        with pytest.raises(ClientRefused):
            await ada.slash("all", options)
    with pytest.raises(ClientRefused):
        await ada.slash("all", {"text": "abc"}, files={"text": ("a.txt", b"x")})
    assert world.interactions == {}


async def test_subcommands_are_named_in_full(ada):
    interaction = await ada.slash("group sub go")

    assert interaction.data["options"] == [
        {"name": "sub", "type": 2, "options": [{"name": "go", "type": 1, "options": []}]}
    ]
    for name in ("group", "group sub", "group other", "unknown"):
        with pytest.raises(ClientRefused):
            await ada.slash(name)


async def test_commands_are_offered_where_they_belong(world, ada):
    def names(person):
        return {command.name for command in person.commands()}

    assert names(ada) == {"all", "group", "old"}
    assert names(ada.at("gallery-nsfw")) == {"all", "group", "old", "adults"}
    assert names(ada.at("dm")) == {"all", "group", "adults", "nobody"}
    assert "nobody" not in names(world.person("Linus"))
    assert "nobody" in names(world.person("Sandbox"))
    ada.channel.overwrites.append(Overwrite(ada.user.id, True, deny=int(Permission.USE_APPLICATION_COMMANDS)))
    assert names(ada) == set()


async def test_saying_needs_words_and_permission(world, ada):
    secret = world.add_channel(next(iter(world.guilds.values())), "secret")
    secret.overwrites.append(Overwrite(ada.user.id, True, deny=int(Permission.SEND_MESSAGES)))
    elsewhere = await ada.say("here")

    for act in (
        ada.say(" "),
        ada.say("x" * 2001),
        ada.say("x", files=[("a", b"")] * 11),
        ada.at("secret").say("x"),
        ada.at("gallery-nsfw").say("x", reply_to=elsewhere),
    ):
        with pytest.raises(ClientRefused):
            await act


async def test_files_have_a_limit_and_need_permission(world, ada):
    guild = next(iter(world.guilds.values()))
    guild.upload_limit = 3

    with pytest.raises(ClientRefused):
        await ada.slash("all", {"text": "abc"}, files={"file": ("a", b"xxxx")})
    ada.channel.overwrites.append(Overwrite(guild.id, False, deny=int(Permission.ATTACH_FILES)))
    with pytest.raises(ClientRefused):
        await ada.say("x", files=[("a", b"x")])
    assert world.attachments == {}


async def test_people_delete_their_own_and_moderators_all(world, ada):
    message = await ada.say("mine")
    with pytest.raises(ClientRefused):
        await world.person("Grace").delete(message)

    await world.person("Linus").delete(message)

    with pytest.raises(ClientRefused):
        await ada.delete(message)
    with pytest.raises(ClientRefused):
        await ada.dismiss(await ada.say("plain"))


async def test_controls_must_be_there_and_enabled(api, world, ada):
    rows = [
        {"type": 1, "components": [
            {"type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": True},
            {"type": 2, "style": 5, "label": "Link", "url": "https://example.com"},
            {"type": 2, "style": 1, "label": "On", "custom_id": "on"}]},
        {"type": 1, "components": [
            {"type": 3, "custom_id": "s", "options": [{"label": "A", "value": "a"}], "disabled": True}]},
        {"type": 1, "components": [{"type": 5, "custom_id": "who", "max_values": 2}]},
    ]  # fmt: skip
    _, posted = await api("POST", f"{api.channel()}/messages", {"content": "x", "components": rows})
    message = ada.channel.messages[int(posted["id"])]

    for name in ("Off", "off", "Link", "Missing"):
        with pytest.raises(ClientRefused):
            await ada.press(message, name)
    for custom_id, values in (("s", ["a"]), ("missing", []), ("who", [])):
        with pytest.raises(ClientRefused):
            await ada.select(message, custom_id, values)
    chosen = await ada.select(message, "who", [world.user("Grace"), world.user("Linus")])
    assert len(chosen.data["resolved"]["users"]) == 2
    pressed = await ada.press(message, "On")
    assert pressed.data == {"component_type": 2, "custom_id": "on", "id": 4}
    with pytest.raises(ClientRefused):
        await ada.submit(pressed, {})


async def test_archived_thread_is_closed_until_somebody_speaks(api, world, ada):
    thread = world.add_thread(world.channel("studio"), "thread", world.bot)
    thread.is_archived = True
    there = ada.at(thread)

    with pytest.raises(ClientRefused):
        await there.slash("all", {"text": "abc"})
    await there.say("hello")
    assert (await there.slash("all", {"text": "abc"})).channel is thread


async def test_strangers_see_nothing(world):
    stranger = world.add_user("Eve")
    await world.person("Ada").say("x")

    assert world.person("Eve").messages() == []
    assert world.person("Eve", "dm").channel is world.person("Eve", "dm").channel
    for name in ("user", "channel"):
        with pytest.raises(KeyError):
            getattr(world, name)("nobody")
    assert permissions(stranger, world.channel("studio")) == 0


async def test_permissions_follow_roles_and_overwrites(world):
    guild = next(iter(world.guilds.values()))
    linus, studio = world.user("Linus"), world.channel("studio")
    role = guild.role("Moderator")
    studio.overwrites += [
        Overwrite(guild.id, False, deny=int(Permission.SEND_MESSAGES)),
        Overwrite(role.id, False, allow=int(Permission.SEND_MESSAGES)),
    ]

    assert permissions(linus, studio) & Permission.SEND_MESSAGES
    assert not permissions(world.user("Ada"), studio) & Permission.SEND_MESSAGES
    assert permissions(guild.owner, studio) == EVERYTHING
    guild.members[linus.id].role_ids.append(world.add_role(guild, "Admin", int(Permission.ADMINISTRATOR)).id)
    assert permissions(linus, studio) == EVERYTHING
    assert permissions(linus, world.direct_channel(world.user("Ada"))) == 0
    with pytest.raises(KeyError):
        guild.role("nobody")


async def test_changes_are_told_once(world):
    versions = []
    async for version in world.changed.stream():
        versions.append(version)
        if len(versions) == 2:
            break
        await world.person("Ada").say("x")

    assert versions[1] > versions[0]
    with pytest.raises(TimeoutError):
        await world.changed.until(lambda: False, 0.01)
