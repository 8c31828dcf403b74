"""REST as such: tokens, routes, limits, faults, and who the bot is."""

import time

from discord_bodies import post

from sandbox.discord.faults import Fault


async def test_wrong_token_is_refused_and_written_down(api, world):
    status, error = await api("GET", "/users/@me", headers={"authorization": "Bot wrong"})

    assert (status, error) == (401, {"message": "401: Unauthorized", "code": 0})
    assert [(r.method, r.path, r.status) for r in world.requests] == [("GET", "/users/@me", 401)]


async def test_unknown_route_is_404(api):
    assert await api("GET", "/nowhere") == (404, {"message": "404: Not Found", "code": 0})


async def test_fault_before_and_after_the_effect(api, world):
    world.faults.rest += [
        Fault("POST", "/messages$", 503),
        Fault("POST", "/messages$", 502, after_effect=True),
    ]
    path = f"/discord/api/v10{api.channel()}/messages"

    before = await api.http.post(path, json={"content": "x"}, headers=api.headers)
    kept = len(world.channel("studio").messages)
    after = await api.http.post(path, json={"content": "x"}, headers=api.headers)

    assert (before.status_code, kept) == (503, 0)
    assert (after.status_code, len(world.channel("studio").messages)) == (502, 1)
    assert (await post(api, {"content": "x"}))[0] == 200


async def test_limits_are_told_and_held(api, world):
    world.limits.enabled = True
    path = f"/discord/api/v10{api.channel()}/messages"
    answers = [await api.http.post(path, json={"content": "x"}, headers=api.headers) for _ in range(6)]

    assert [a.headers["x-ratelimit-remaining"] for a in answers] == ["4", "3", "2", "1", "0", "0"]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert answers[5].headers["via"]
    assert 0 < answers[5].json()["retry_after"] <= 5
    other = await api.http.post(
        f"/discord/api/v10{api.channel('gallery-nsfw')}/messages", json={"content": "x"}, headers=api.headers
    )
    assert other.status_code == 200
    world.clock.advance(5)
    assert (await api.http.post(path, json={"content": "x"}, headers=api.headers)).status_code == 200


async def test_about_the_bot_and_its_servers(api, world):
    guild = next(iter(world.guilds.values()))
    ada = world.user("Ada")
    stranger = world.add_guild("Elsewhere", ada, has_bot=False)

    checked = {
        "/users/@me": "UserPIIResponse",
        f"/users/{ada.id}": "UserResponse",
        f"/guilds/{guild.id}": "GuildWithCountsResponse",
        f"/guilds/{guild.id}/members/{ada.id}": "GuildMemberResponse",
        api.channel(): "GuildChannelResponse",
        "/gateway/bot": "GatewayBotResponse",
    }
    for path, schema in checked.items():
        status, body = await api("GET", path)
        assert status == 200
        assert world.schemas.response_problem(schema, body) is None, path
    assert len((await api("GET", f"/guilds/{guild.id}/channels"))[1]) == 4
    assert len((await api("GET", f"/guilds/{guild.id}/roles"))[1]) == 2
    assert (await api("GET", "/gateway", headers={}))[0] == 200
    assert (await api("GET", f"/applications/{world.application_id}/entitlements"))[1] == []
    assert (await api("GET", f"/guilds/{stranger.id}"))[1]["code"] == 50001
    assert (await api("GET", "/guilds/5"))[1]["code"] == 10004
    assert (await api("GET", f"/guilds/{guild.id}/members/5"))[1]["code"] == 10007
    assert (await api("GET", "/users/5"))[1]["code"] == 10013
    assert (await api("POST", "/users/@me/channels", {"recipient_id": "5"}))[0] == 400
    assert (await api("POST", "/users/@me/channels", {"recipient_id": str(world.bot.id)}))[1]["code"] == 50007


async def test_request_without_a_length_is_measured_too(api, world):
    world.request_limit = 300

    async def body():
        yield b'--b\r\ncontent-disposition: form-data; name="files[0]"; filename="a"\r\n\r\n' + b"x" * 400
        yield b"\r\n--b--\r\n"

    response = await api.http.post(
        f"/discord/api/v10{api.channel()}/messages",
        content=body(),
        headers=api.headers | {"content-type": "multipart/form-data; boundary=b"},
    )

    assert response.status_code == 413


async def test_latency_delays_every_answer(api, world):
    world.faults.latency_s = 0.05
    before = time.monotonic()

    await api("GET", "/users/@me")

    assert time.monotonic() - before >= 0.05


async def test_ids_may_be_numbers_as_libraries_send_them(api, world):
    ada = world.user("Ada")

    status, channel = await api("POST", "/users/@me/channels", {"recipient_id": ada.id})
    body = {"content": f"<@{ada.id}>", "allowed_mentions": {"users": [ada.id], "parse": []}}
    posted, message = await api("POST", f"/channels/{channel['id']}/messages", body)

    assert (status, posted) == (200, 200), message
    assert [user["id"] for user in message["mentions"]] == [str(ada.id)]
    assert (await post(api, {"content": "x", "attachments": ["x"]}))[0] == 400
