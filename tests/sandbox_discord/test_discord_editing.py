"""Edits and deletions: what stays, what goes, and what is refused whole."""

import pytest
from discord_bodies import PIC, TEXT, V2, png, post

from sandbox.discord.permissions import Permission


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
