"""Messages of the bot: what is taken, and what is refused."""

import pytest
from discord_bodies import PIC, TEXT, V2, png, post

from sandbox.discord.entities import Overwrite
from sandbox.discord.permissions import Permission

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
    response = await api.http.post(
        f"/discord/api/v10{api.channel()}/messages", content=b"{", headers=api.headers
    )

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
            f"/discord/api/v10{api.channel()}/messages",
            files=[("payload_json", (None, b"{}")), *parts],
            headers=api.headers,
        )
        assert response.status_code == 400


async def test_picture_in_a_gallery_is_not_among_the_attachments(api, world):
    status, message = await post(
        api,
        {
            "flags": V2,
            "components": [PIC],
            "attachments": [{"id": 0, "filename": "a.png", "description": "a"}],
        },
        [
            (0, ("a.png", png())),
        ],
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
    status, _ = await post(
        api, {"embeds": [{"image": {"url": "attachment://a.txt"}}]}, [(0, ("a.txt", b"x"))]
    )

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
    guild = next(iter(world.guilds.values()))
    denied = {
        "no-embeds": Permission.EMBED_LINKS,
        "no-polls": Permission.SEND_POLLS,
        "silent": Permission.SEND_MESSAGES,
    }
    for name, permission in denied.items():
        world.add_channel(guild, name).overwrites.append(Overwrite(world.bot.id, True, deny=int(permission)))

    status, error = await post(api, body, files, channel)

    assert (status, error["code"]) == (403, 50013)


async def test_hidden_channel_is_no_access(api, world):
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
    quiet = (
        await post(api, {"content": "x", "message_reference": reference, "allowed_mentions": {"parse": []}})
    )[1]
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
