"""Channels, threads and history, as the bot may see them."""

from discord_bodies import post

from sandbox.discord.entities import Overwrite
from sandbox.discord.permissions import Permission


async def test_history_is_listed_newest_first_and_paged(api, world):
    ids = [(await post(api, {"content": str(n)}))[1]["id"] for n in range(5)]
    path = f"{api.channel()}/messages"

    async def listed(query):
        return [m["content"] for m in (await api("GET", f"{path}?{query}"))[1]]

    assert await listed("limit=2") == ["4", "3"]
    assert await listed(f"before={ids[2]}") == ["1", "0"]
    assert await listed(f"after={ids[2]}") == ["4", "3"]
    assert sorted(await listed(f"around={ids[2]}&limit=3")) == ["1", "2", "3"]
    assert (await api("GET", f"{path}?limit=101"))[0] == 400


async def test_rest_withholds_content_until_the_intent_is_on(api, world):
    said = await world.person("Ada").say("secret")
    path = f"{api.channel()}/messages/{said.id}"

    assert (await api("GET", path))[1]["content"] == ""
    world.privileged_intents = 1 << 15
    assert (await api("GET", path))[1]["content"] == "secret"


async def test_threads_have_rules_of_their_own(api, world):
    _, message = await post(api, {"content": "x"})
    path = f"{api.channel()}/messages/{message['id']}/threads"

    assert (await api("POST", path, {"name": "x" * 101}))[0] == 400
    assert (await api("POST", path, {"name": "t", "auto_archive_duration": 5}))[0] == 400
    status, thread = await api("POST", path, {"name": "t"})
    assert (status, thread["id"]) == (200, message["id"])
    assert (await api("POST", path, {"name": "t"}))[1]["code"] == 160004
    assert (await api("POST", f"/channels/{thread['id']}/threads", {"name": "t", "type": 11}))[1][
        "code"
    ] == 50024
    assert (await api("POST", f"{api.channel()}/threads", {"name": "u", "type": 13}))[0] == 400
    world.channel("t").is_archived = True
    assert (await api("POST", f"/channels/{thread['id']}/messages", {"content": "x"}))[0] == 200
    assert world.channel("t").is_archived is False


async def test_reactions_and_pins(api, world):
    _, message = await post(api, {"content": "x"})
    path = f"{api.channel()}/messages/{message['id']}"

    for n in range(20):
        assert (await api("PUT", f"{path}/reactions/e{n}/@me"))[0] == 204
    assert (await api("PUT", f"{path}/reactions/e20/@me"))[1]["code"] == 30010
    assert (await api("PUT", f"{path}/reactions/e1/@me"))[0] == 204
    assert (await api("DELETE", f"{path}/reactions/e1/@me"))[0] == 204
    assert (await api("DELETE", f"{path}/reactions/e1/@me"))[1]["code"] == 10014
    assert (await api("GET", path))[1]["reactions"][0]["me"] is True
    assert (await api("PUT", f"{api.channel()}/messages/pins/{message['id']}"))[1]["code"] == 50013


async def test_channel_is_renamed_with_permission(api, world):
    path = api.channel()
    assert (await api("PATCH", path, {"name": "atelier"}))[1]["code"] == 50013
    guild = next(iter(world.guilds.values()))
    role = world.add_role(guild, "Builder", int(Permission.MANAGE_CHANNELS | Permission.PIN_MESSAGES))
    guild.members[world.bot.id].role_ids.append(role.id)

    assert (await api("PATCH", path, {"name": "atelier"}))[1]["name"] == "atelier"
    assert (await api("PATCH", path, {"name": ""}))[0] == 400
    thread = world.add_thread(world.channel("atelier"), "talk", world.bot)
    assert (await api("PATCH", f"/channels/{thread.id}", {"archived": True}))[1]["thread_metadata"][
        "archived"
    ]
    _, message = await post(api, {"content": "x"}, channel="atelier")
    assert (await api("PUT", f"{path}/messages/pins/{message['id']}"))[0] == 204
    assert (await api("GET", f"{path}/messages/{message['id']}"))[1]["pinned"] is True


async def test_without_history_the_list_is_empty(api, world):
    await world.person("Ada").say("x")
    hidden = Overwrite(world.bot.id, True, deny=int(Permission.READ_MESSAGE_HISTORY))
    world.channel("studio").overwrites.append(hidden)

    assert (await api("GET", f"{api.channel()}/messages"))[1] == []
    assert (await api("DELETE", f"{api.channel()}/messages/bad"))[1]["code"] == 50035


async def test_nothing_of_others_is_deleted_in_a_direct_conversation(api, world):
    ada = world.person("Ada", "dm")
    said = await ada.say("x")

    assert (await api("DELETE", f"/channels/{ada.channel.id}/messages/{said.id}"))[1]["code"] == 50003
    assert (await api("POST", f"/channels/{ada.channel.id}/threads", {"name": "t", "type": 11}))[1][
        "code"
    ] == 50013
