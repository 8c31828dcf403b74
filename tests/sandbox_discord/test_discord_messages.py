"""Messages of the bot: what is taken, what is refused, and what stays when it is."""

from io import BytesIO

import pytest
from PIL import Image

from sandbox.discord.faults import Fault
from sandbox.discord.permissions import Permission

V2 = 1 << 15
TEXT = {"type": 10, "content": "hello"}
PIC = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}, "description": "a"}]}


def png(width=8, height=6):
    out = BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


async def post(api, body, files=(), channel="studio"):
    return await api("POST", f"{api.channel(channel)}/messages", body, files)


REFUSED = {
    "nothing": ({}, 50006),
    "blank": ({"content": "  "}, 50006),
    "2001 characters": ({"content": "x" * 2001}, 50035),
    "content no text": ({"content": 5}, 50035),
    "unknown field": ({"content": "x", "colour": 1}, 50035),
    "content beside V2": ({"content": "x", "flags": V2, "components": [TEXT]}, 50035),
    "embeds beside V2": ({"embeds": [{"title": "x"}], "flags": V2, "components": [TEXT]}, 50035),
    "V2 with nothing": ({"flags": V2}, 50035),
    "ephemeral in a channel": ({"content": "x", "flags": 64}, 50035),
    "loading": ({"content": "x", "flags": 128}, 50035),
    "nonce of 26": ({"content": "x", "nonce": "n" * 26}, 50035),
    "eleven embeds": ({"embeds": [{"title": "x"}] * 11}, 50035),
    "embed title of 257": ({"embeds": [{"title": "x" * 257}]}, 50035),
    "embed description of 4097": ({"embeds": [{"description": "x" * 4097}]}, 50035),
    "embeds of 6001 in all": ({"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}, 50035),
    "26 embed fields": ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, 50035),
    "embed field without value": ({"embeds": [{"fields": [{"name": "n", "value": ""}]}]}, 50035),
    "unknown embed field": ({"embeds": [{"titel": "x"}]}, 50035),
    "embed of a file not sent": ({"embeds": [{"image": {"url": "attachment://a.png"}}]}, 50035),
    "unknown mention kind": ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, 50035),
    "mentions by kind and by id": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        50035,
    ),
    "101 mentions": ({"content": "x", "allowed_mentions": {"users": [str(n) for n in range(101)]}}, 50035),
    "reply to nothing": ({"content": "x", "message_reference": {"message_id": "1"}}, 50035),
    "poll of eleven": (
        {"poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}] * 11}},
        50035,
    ),
    "poll of 769 hours": (
        {"poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}], "duration": 769}},
        50035,
    ),
    "a list for a body": ([], 50109),
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_bad_body_is_refused_without_the_official_schema_too(api, world, body, code):
    world.schemas = type(world.schemas)(None)

    status, error = await post(api, body)

    assert (status, error["code"]) == (400, code)
    assert world.channel("studio").messages == {}


async def test_official_schema_is_asked_too(api, world):
    if world.schemas.request_problem("POST", "/channels/{channel_id}/messages", {"tts": "loud"}) is None:
        pytest.skip("Discord's OpenAPI document is not beside the checkout")

    status, error = await post(api, {"content": "x", "tts": "loud"})

    assert (status, error["code"]) == (400, 50035)
    assert "tts" in error["errors"]["_schema"]["_errors"][0]["message"]


async def test_body_that_is_no_json_is_refused(api):
    response = await api.http.post(f"/discord/api/v10{api.channel()}/messages", content=b"{", headers=api.headers)

    assert (response.status_code, response.json()["code"]) == (400, 50109)
    assert response.headers["content-type"] == "application/json"


FILES = {
    "not listed": ([{"id": 0, "filename": "a.png"}], [(0, "a.png"), (1, "b.png")]),
    "listed, not sent": ([{"id": 0, "filename": "a.png"}, {"id": 1, "filename": "b.png"}], [(0, "a.png")]),
    "listed twice": ([{"id": 0}, {"id": 0}], [(0, "a.png")]),
    "no id": ([{"filename": "a.png"}], [(0, "a.png")]),
    "alt of 1025": ([{"id": 0, "description": "x" * 1025}], [(0, "a.png")]),
    "unknown field": ([{"id": 0, "alt": "x"}], [(0, "a.png")]),
}


@pytest.mark.parametrize(("listed", "sent"), FILES.values(), ids=FILES.keys())
async def test_files_and_attachments_must_agree(api, world, listed, sent):
    files = [(n, (name, png())) for n, name in sent]

    status, error = await post(api, {"content": "x", "attachments": listed}, files)

    assert (status, error["code"]) == (400, 50035)
    assert world.attachments == {}


async def test_eleven_files_are_too_many(api):
    status, error = await post(api, {"content": "x"}, [(n, (f"{n}.txt", b"x")) for n in range(11)])

    assert (status, error["code"]) == (400, 30015)


async def test_too_large_file_and_request_are_refused(api, world):
    world.guilds[next(iter(world.guilds))].upload_limit = 100
    status, error = await post(api, {"content": "x"}, [(0, ("a.bin", b"x" * 101))])
    assert (status, error["code"]) == (413, 40005)

    world.request_limit = 1000
    status, error = await post(api, {"content": "x"}, [(n, (f"{n}.bin", b"x" * 90)) for n in range(10)])
    assert (status, error["code"]) == (413, 40005)
    assert world.attachments == {}


async def test_stray_form_fields_are_refused(api):
    for parts in ([("extra", (None, b"x"))], [("file", ("a.png", png()))]):
        response = await api.http.post(
            f"/discord/api/v10{api.channel()}/messages", files=[("payload_json", (None, b"{}")), *parts], headers=api.headers
        )
        assert response.status_code == 400


async def test_picture_in_a_gallery_is_not_among_the_attachments(api, world):
    status, message = await post(
        api,
        {"flags": V2, "components": [PIC], "attachments": [{"id": 0, "filename": "a.png", "description": "a"}]},
        [(0, ("a.png", png())), ],
    )

    assert status == 200
    media = message["components"][0]["items"][0]["media"]
    assert message["attachments"] == []
    assert (media["width"], media["height"]) == (8, 6)
    assert world.schemas.response_problem("MessageResponse", message) is None


async def test_embed_hides_its_picture_and_leaves_other_files(api):
    status, message = await post(
        api,
        {"embeds": [{"title": "x", "image": {"url": "attachment://a.png"}}]},
        [(0, ("a.png", png())), (1, ("SPOILER_b c.txt", b"x"))],
    )

    assert status == 200
    assert message["embeds"][0]["image"]["width"] == 8
    assert [(a["filename"], a["flags"]) for a in message["attachments"]] == [("SPOILER_b_c.txt", 8)]


async def test_embed_shows_pictures_alone(api):
    status, _ = await post(api, {"embeds": [{"image": {"url": "attachment://a.txt"}}]}, [(0, ("a.txt", b"x"))])

    assert status == 400


async def test_broken_picture_has_no_size(api):
    _, message = await post(api, {"content": "x"}, [(0, ("a.png", png()[:40]))])

    assert "width" not in message["attachments"][0]


@pytest.mark.parametrize(("channel", "body", "files"), [
    ("no-files", {"content": "x"}, [(0, ("a.png", png()))]),
    ("no-embeds", {"embeds": [{"title": "x"}]}, []),
    ("no-polls", {"poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}]}}, []),
    ("silent", {"content": "x"}, []),
], ids=["files", "embeds", "polls", "messages"])  # fmt: skip
async def test_missing_permission_is_refused(api, world, channel, body, files):
    from sandbox.discord.entities import Overwrite

    guild = next(iter(world.guilds.values()))
    denied = {"no-embeds": Permission.EMBED_LINKS, "no-polls": Permission.SEND_POLLS, "silent": Permission.SEND_MESSAGES}
    for name, permission in denied.items():
        world.add_channel(guild, name).overwrites.append(Overwrite(world.bot.id, True, deny=int(permission)))

    status, error = await post(api, body, files, channel)

    assert (status, error["code"]) == (403, 50013)


async def test_hidden_channel_is_no_access(api, world):
    from sandbox.discord.entities import Overwrite

    guild = next(iter(world.guilds.values()))
    hidden = world.add_channel(guild, "hidden")
    hidden.overwrites.append(Overwrite(guild.id, False, deny=int(Permission.VIEW_CHANNEL)))

    assert (await post(api, {"content": "x"}, channel="hidden"))[1]["code"] == 50001
    assert (await api("GET", "/channels/12345"))[1]["code"] == 10003
    assert (await api("GET", "/channels/studio"))[1]["code"] == 50035


async def test_closed_direct_conversation_is_refused(api, world):
    ada = world.user("Ada")
    _, channel = await api("POST", "/users/@me/channels", {"recipient_id": str(ada.id)})
    assert (await api("POST", f"/channels/{channel['id']}/messages", {"content": "x"}))[0] == 200
    ada.accepts_direct_messages = False

    status, error = await api("POST", f"/channels/{channel['id']}/messages", {"content": "x"})

    assert (status, error["code"]) == (403, 50007)


async def test_same_nonce_posts_once(api, world):
    body = {"content": "x", "nonce": "job-1", "enforce_nonce": True}
    first, second = (await post(api, body))[1], (await post(api, body))[1]
    assert first["id"] == second["id"]

    world.clock.advance(600)
    third = (await post(api, body))[1]
    other = (await post(api, body | {"nonce": "job-2"}))[1]
    assert len({first["id"], third["id"], other["id"]}) == 3


async def test_reply_pings_unless_told_not_to(api, world):
    said = await world.person("Ada").say("hello")
    reference = {"message_id": str(said.id)}

    loud = (await post(api, {"content": "x", "message_reference": reference}))[1]
    quiet = (await post(api, {"content": "x", "message_reference": reference, "allowed_mentions": {"parse": []}}))[1]
    gone = {"message_id": "5", "fail_if_not_exists": False}
    none = (await post(api, {"content": "x", "message_reference": gone}))[1]

    assert [u["global_name"] for u in loud["mentions"]] == ["Ada"]
    assert loud["type"] == 19
    assert loud["referenced_message"]["content"] == ""
    assert quiet["mentions"] == []
    assert "message_reference" not in none


async def test_mentions_follow_what_is_allowed(api, world):
    ada, grace = world.user("Ada"), world.user("Grace")
    guild = next(iter(world.guilds.values()))
    role = guild.role("Moderator")
    text = f"<@{ada.id}> <@{grace.id}> <@&{role.id}> @everyone"

    free = (await post(api, {"content": text}))[1]
    none = (await post(api, {"content": text, "allowed_mentions": {"parse": []}}))[1]
    one = (await post(api, {"content": text, "allowed_mentions": {"users": [str(ada.id)]}}))[1]
    shown = (await post(api, {"flags": V2, "components": [TEXT | {"content": text}]}))[1]

    assert [u["global_name"] for u in free["mentions"]] == ["Ada", "Grace"]
    assert free["mention_roles"] == [str(role.id)]
    assert free["mention_everyone"] is False
    assert (none["mentions"], none["mention_roles"]) == ([], [])
    assert [u["global_name"] for u in one["mentions"]] == ["Ada"]
    assert len(shown["mentions"]) == 2
    world.bot_role = world.add_role(guild, "Loud", int(Permission.MENTION_EVERYONE))
    guild.members[world.bot.id].role_ids.append(world.bot_role.id)
    assert (await post(api, {"content": text}))[1]["mention_everyone"] is True


async def edited(api, message, body, files=()):
    return await api("PATCH", f"{api.channel()}/messages/{message['id']}", body, files)


async def test_edit_keeps_what_it_does_not_name(api, world):
    _, message = await post(api, {"content": "x", "embeds": [{"title": "t"}]}, [(0, ("a.png", png()))])

    _, after = await edited(api, message, {"content": "y"})

    assert (after["content"], after["embeds"][0]["title"]) == ("y", "t")
    assert after["attachments"][0]["id"] == message["attachments"][0]["id"]
    assert after["edited_timestamp"]


async def test_edit_lists_the_files_that_stay(api, world):
    _, message = await post(api, {"content": "x"}, [(0, ("a.png", png())), (1, ("b.png", png()))])
    kept, lost = message["attachments"]

    _, after = await edited(
        api, message, {"attachments": [kept, {"id": 0, "filename": "c.png"}]}, [(0, ("c.png", png()))]
    )

    assert [a["filename"] for a in after["attachments"]] == ["a.png", "c.png"]
    assert int(lost["id"]) not in world.attachments
    status, error = await edited(api, message, {"attachments": [lost]})
    assert (status, error["code"]) == (400, 50035)
    _, emptied = await edited(api, message, {"attachments": []})
    assert emptied["attachments"] == []


V2_EDITS = {
    "flag unset": {"flags": 0},
    "content": {"content": "x"},
    "embeds": {"embeds": [{"title": "x"}]},
    "shown file removed": {"attachments": []},
    "all components removed": {"components": []},
}


@pytest.mark.parametrize("body", V2_EDITS.values(), ids=V2_EDITS.keys())
async def test_v2_message_refuses_to_go_back(api, world, body):
    _, message = await post(api, {"flags": V2, "components": [PIC]}, [(0, ("a.png", png()))])

    status, error = await edited(api, message, body)

    assert (status, error["code"]) == (400, 50035)
    assert world.payload(world.channel("studio").messages[int(message["id"])])["components"][0]["type"] == 12


async def test_old_message_becomes_v2_when_it_is_emptied(api):
    _, message = await post(api, {"content": "x"})

    status, error = await edited(api, message, {"flags": V2, "components": [TEXT]})
    assert (status, error["code"]) == (400, 50035)

    status, after = await edited(api, message, {"flags": V2, "components": [TEXT], "content": None})
    assert (status, after["flags"], after["content"]) == (200, V2, "")


async def test_only_own_messages_are_edited(api, world):
    said = await world.person("Ada").say("mine")
    poll = {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}]}
    _, asked = await post(api, {"poll": poll})

    assert (await edited(api, {"id": said.id}, {"content": "x"}))[1]["code"] == 50005
    assert (await edited(api, asked, {"content": "x"}))[1]["code"] == 520003
    assert (await edited(api, {"id": 5}, {"content": "x"}))[1]["code"] == 10008


async def test_deleting_takes_permission_over_others(api, world):
    said = await world.person("Ada").say("mine", files=[("a.png", png())])
    path = f"{api.channel()}/messages"
    assert (await api("DELETE", f"{path}/{said.id}"))[1]["code"] == 50013

    guild = next(iter(world.guilds.values()))
    role = world.add_role(guild, "Cleaner", int(Permission.MANAGE_MESSAGES))
    guild.members[world.bot.id].role_ids.append(role.id)
    assert (await api("DELETE", f"{path}/{said.id}"))[0] == 204
    assert world.attachments == {}
    ids = [str((await world.person("Ada").say("x")).id) for _ in range(2)]
    assert (await api("POST", f"{path}/bulk-delete", {"messages": ids[:1]}))[0] == 400
    assert (await api("POST", f"{path}/bulk-delete", {"messages": ids}))[0] == 204
    assert world.channel("studio").messages == {}


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
    assert (await api("POST", f"/channels/{thread['id']}/threads", {"name": "t", "type": 11}))[1]["code"] == 50024
    assert (await api("POST", f"{api.channel()}/threads", {"name": "u", "type": 12}))[0] == 400
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


async def test_wrong_token_is_refused_and_written_down(api, world):
    status, error = await api("GET", "/users/@me", headers={"authorization": "Bot wrong"})

    assert (status, error) == (401, {"message": "401: Unauthorized", "code": 0})
    assert [(r.method, r.path, r.status) for r in world.requests] == [("GET", "/users/@me", 401)]


async def test_unknown_route_is_404(api):
    assert await api("GET", "/nowhere") == (404, {"message": "404: Not Found", "code": 0})


async def test_fault_before_and_after_the_effect(api, world):
    world.faults.rest += [Fault("POST", "/messages$", 503), Fault("POST", "/messages$", 502, after_effect=True)]
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
    other = await api.http.post(f"/discord/api/v10{api.channel('gallery-nsfw')}/messages", json={"content": "x"}, headers=api.headers)
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
    assert len((await api("GET", f"/guilds/{guild.id}/channels"))[1]) == 3
    assert len((await api("GET", f"/guilds/{guild.id}/roles"))[1]) == 2
    assert (await api("GET", "/gateway", headers={}))[0] == 200
    assert (await api("GET", f"/applications/{world.application_id}/entitlements"))[1] == []
    assert (await api("GET", f"/guilds/{stranger.id}"))[1]["code"] == 50001
    assert (await api("GET", "/guilds/5"))[1]["code"] == 10004
    assert (await api("GET", f"/guilds/{guild.id}/members/5"))[1]["code"] == 10007
    assert (await api("GET", "/users/5"))[1]["code"] == 10013
    assert (await api("POST", "/users/@me/channels", {"recipient_id": "5"}))[0] == 400
    assert (await api("POST", "/users/@me/channels", {"recipient_id": str(world.bot.id)}))[1]["code"] == 50007
