"""The gateway: who may connect, what a session is sent, how it is taken up again."""

import asyncio
import contextlib

import orjson
import pytest
import websockets
from websockets.asyncio.client import connect

from sandbox.discord.entities import Overwrite
from sandbox.discord.permissions import Permission

INTENTS = 4609
CONTENT = 1 << 15


class Client:
    """A bare gateway client."""

    def __init__(self, socket, sandbox) -> None:
        self.socket = socket
        self.sandbox = sandbox

    async def send(self, op, data=None):
        await self.socket.send(orjson.dumps({"op": op, "d": data}).decode())

    async def next(self):
        return orjson.loads(await asyncio.wait_for(self.socket.recv(), 30))

    async def event(self, name):
        while True:
            frame = await self.next()
            if frame["t"] == name:
                return frame

    async def identify(self, intents=INTENTS, **more):
        await self.send(2, {"token": self.sandbox.world.token, "intents": intents, "properties": {}} | more)

    async def closed(self):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await self.next()
        return self.socket.close_code


@pytest.fixture
async def dial(sandbox):
    sockets = []

    async def dial():
        socket = await connect(sandbox.environment()["DISCORD_GATEWAY_URL"])
        sockets.append(socket)
        client = Client(socket, sandbox)
        assert (await client.next())["op"] == 10
        return client

    yield dial
    for socket in sockets:
        await socket.close()


async def ready(dial, intents=INTENTS):
    client = await dial()
    await client.identify(intents)
    frame = await client.event("READY")
    await client.event("GUILD_CREATE")
    return client, frame["d"]


WRONG = {
    "token": ({"token": "x"}, 4004),
    "unknown intents": ({"intents": 1 << 30}, 4013),
    "no intents": ({"intents": None}, 4013),
    "privileged intents": ({"intents": CONTENT}, 4014),
    "shard": ({"shard": [1, 1]}, 4010),
}


@pytest.mark.parametrize(("more", "code"), WRONG.values(), ids=WRONG.keys())
async def test_wrong_identify_is_closed(dial, more, code):
    client = await dial()

    await client.identify(**more)

    assert await client.closed() == code


async def test_commands_out_of_order_are_closed(dial):
    early, broken, unknown = [await dial() for _ in range(3)]
    await early.send(8, {})
    await broken.socket.send("{")
    await unknown.send(77)
    twice, _ = await ready(dial)
    await twice.identify()

    assert [await one.closed() for one in (early, broken, unknown, twice)] == [4003, 4002, 4001, 4005]


async def test_too_many_commands_are_closed(dial):
    client, _ = await ready(dial)

    for _ in range(121):
        await client.send(1)

    assert await client.closed() == 4008


async def test_heartbeats_are_acknowledged_and_missed_ones_end_it(sandbox, dial):
    sandbox.gateway.heartbeat_interval_s = 0.1
    client = await dial()

    await client.send(1, None)

    assert (await client.next())["op"] == 11
    assert await client.closed() == 4009


async def test_first_connection_may_be_refused(sandbox, dial):
    sandbox.gateway.refuse_connections = 1

    with pytest.raises(websockets.InvalidStatus):
        await dial()

    assert (await ready(dial))[1]["resume_gateway_url"].endswith("/discord/gateway")


async def test_ready_session_counts_as_online_until_it_leaves(sandbox, dial):
    assert not sandbox.world.is_bot_online()
    client, _ = await ready(dial)
    assert sandbox.world.is_bot_online()

    await client.socket.close()

    await sandbox.world.changed.until(lambda: not sandbox.world.is_bot_online(), 60)
    assert sandbox.gateway.sessions == {}


async def test_events_follow_intents_and_permissions(sandbox, dial):
    world = sandbox.world
    client, _ = await ready(dial, intents=1)
    hearing, _ = await ready(dial)
    guild = next(iter(world.guilds.values()))
    hidden = world.add_channel(guild, "hidden")
    hidden.overwrites.append(Overwrite(guild.id, False, deny=int(Permission.VIEW_CHANNEL)))
    world.person("Linus", "studio").world.add_channel(guild, "after")

    await world.person("Ada").say("one")
    hidden.overwrites.clear()
    await world.person("Ada", hidden).say("two")

    assert (await client.event("CHANNEL_CREATE"))["d"]["name"] == "hidden"
    assert (await client.event("CHANNEL_CREATE"))["d"]["name"] == "after"
    assert (await hearing.event("MESSAGE_CREATE"))["d"]["channel_id"] == str(world.channel("studio").id)
    world.emit("MESSAGE_DELETE", guild, {"id": "1"})
    world.emit("THREAD_CREATE", guild, {"id": "2"})
    assert (await client.next())["t"] == "THREAD_CREATE"


async def test_content_comes_with_the_intent_alone(sandbox, dial):
    world = sandbox.world
    world.privileged_intents = CONTENT
    without, _ = await ready(dial)
    having, _ = await ready(dial, INTENTS | CONTENT)

    message = await world.person("Ada").say("hello", files=[("a.txt", b"x")])
    seen = [(await one.event("MESSAGE_CREATE"))["d"] for one in (without, having)]

    assert [(one["content"], len(one["attachments"])) for one in seen] == [("", 0), ("hello", 1)]
    assert seen[0]["member"]["roles"] == []
    await world.person("Ada").delete(message)
    assert (await without.event("MESSAGE_DELETE"))["d"]["id"] == str(message.id)


async def test_shards_get_their_own_servers(sandbox, dial):
    guild = next(iter(sandbox.world.guilds.values()))
    mine = (guild.id >> 22) % 2
    clients = []
    for number in range(2):
        client = await dial()
        await client.identify(shard=[number, 2])
        clients.append((await client.event("READY"))["d"])

    assert [len(one["guilds"]) for one in clients] == [int(number == mine) for number in range(2)]


async def test_resume_replays_what_was_missed(sandbox, dial):
    client, hello = await ready(dial)
    sandbox.gateway.close(4000)
    assert await client.closed() == 4000
    await sandbox.world.changed.until(lambda: not sandbox.gateway.connections, 60)
    await sandbox.world.person("Ada").say("while away")

    again = await dial()
    await again.send(6, {"token": sandbox.world.token, "session_id": hello["session_id"], "seq": 2})

    assert (await again.next())["t"] == "MESSAGE_CREATE"
    assert (await again.next())["t"] == "RESUMED"
    assert sandbox.world.is_bot_online()


async def test_unknown_session_is_invalid(sandbox, dial):
    client = await dial()
    await client.send(6, {"token": sandbox.world.token, "session_id": "gone", "seq": 1})
    assert await client.next() == {"op": 9, "d": False}
    await client.send(6, {"token": "wrong", "session_id": "gone", "seq": 1})
    assert await client.closed() == 4004


async def test_invalidated_session_is_forgotten(sandbox, dial):
    client, hello = await ready(dial)

    sandbox.gateway.reconnect()
    assert (await client.next())["op"] == 7
    sandbox.gateway.invalidate(is_resumable=True)
    assert await client.next() == {"op": 9, "d": True}
    assert hello["session_id"] in sandbox.gateway.sessions
    sandbox.gateway.invalidate()
    assert await client.next() == {"op": 9, "d": False}
    assert sandbox.gateway.sessions == {}
    await client.identify()
    assert (await client.next())["t"] == "READY"


async def test_old_sessions_do_not_pile_up(sandbox, dial):
    for _ in range(12):
        client, _ = await ready(dial)
        await client.socket.close(4000)
        await sandbox.world.changed.until(lambda: not sandbox.gateway.connections, 60)

    assert len(sandbox.gateway.sessions) == 9


async def test_members_are_told_when_asked_for(sandbox, dial):
    client, _ = await ready(dial)
    guild = next(iter(sandbox.world.guilds.values()))
    ada = sandbox.world.user("Ada")

    await client.send(3, {"status": "online"})
    await client.send(8, {"guild_id": str(guild.id), "user_ids": [str(ada.id)], "limit": 0, "nonce": "n"})
    await client.send(8, {"guild_id": str(guild.id), "query": "gr", "limit": 5})
    await client.send(8, {"guild_id": "5", "query": "", "limit": 5})

    first, second = [(await client.event("GUILD_MEMBERS_CHUNK"))["d"] for _ in range(2)]
    assert [m["user"]["username"] for m in first["members"]] == ["ada"]
    assert first["nonce"] == "n"
    assert [m["user"]["username"] for m in second["members"]] == ["grace"]
