"""Interactions: three seconds, once, fifteen minutes, and who sees the answers."""

import pytest

from sandbox.discord.entities import Overwrite
from sandbox.discord.interaction import NoResponse
from sandbox.discord.people import ClientRefused
from sandbox.discord.permissions import Permission

MODAL = {
    "custom_id": "form",
    "title": "Form",
    "components": [{"type": 18, "label": "L", "component": {"type": 4, "style": 1, "custom_id": "text"}}],
}
BUTTONS = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}]


def original(api, interaction):
    return f"{api.webhook}/{interaction.token}/messages/@original"


async def follow_up(api, interaction, body):
    return await api("POST", f"{api.webhook}/{interaction.token}", body, headers={})


async def pressed(api, ada, drawn):
    await api.respond(drawn, 4, {"content": "x", "components": BUTTONS})
    return await ada.press(drawn.original, "Go")


async def test_late_first_response_is_unknown(api, world, drawn):
    world.clock.advance(3.1)

    status, error = await api.respond(drawn, 5)

    assert (status, error["code"]) == (404, 10062)
    assert drawn.state == "failed"
    with pytest.raises(NoResponse):
        await drawn.first_response(0.01)


async def test_second_acknowledgement_is_refused(api, drawn):
    assert (await api.respond(drawn, 5))[0] == 200

    status, error = await api.respond(drawn, 4, {"content": "x"})

    assert (status, error["code"]) == (400, 40060)


async def test_refused_response_may_be_corrected(api, drawn):
    assert (await api.respond(drawn, 4, {"content": ""}))[1]["code"] == 50006

    assert (await api.respond(drawn, 4, {"content": "x"}))[0] == 200
    assert drawn.original.content == "x"


async def test_foreign_token_is_unknown(api, drawn):
    for one, token in ((drawn.id, "wrong"), (5, drawn.token)):
        status, error = await api("POST", f"/interactions/{one}/{token}/callback", {"type": 5}, headers={})
        assert (status, error["code"]) == (404, 10062)


WRONG_TYPES = {"slash": (6, 7, 8, 1), "button": (8,), "modal": (9, 8), "autocomplete": (4, 5, 9)}


@pytest.mark.parametrize(("what", "kinds"), WRONG_TYPES.items(), ids=WRONG_TYPES.keys())
async def test_response_must_fit_the_interaction(api, world, ada, drawn, what, kinds):
    interaction = drawn
    if what == "button":
        interaction = await pressed(api, ada, drawn)
    elif what == "modal":
        await api.respond(drawn, 9, MODAL)
        interaction = await ada.submit(drawn, {"text": "x"})
    elif what == "autocomplete":
        with pytest.raises(NoResponse):
            await ada.autocomplete("draw", "style", "o", timeout_s=0.01)
        interaction = list(world.interactions.values())[-1]

    for kind in kinds:
        status, error = await api.respond(interaction, kind, MODAL if kind == 9 else {"content": "x"})
        assert (status, error["code"]) == (400, 50035), kind
    assert interaction.response is None


@pytest.mark.parametrize(
    "data", [{"flags": 32768}, {"content": "x"}, {"flags": 4}], ids=["V2", "content", "other"]
)
async def test_deferral_carries_ephemeral_alone(api, drawn, data):
    assert (await api.respond(drawn, 5, data))[1]["code"] == 50035


async def test_placeholder_becomes_the_answer(api, world, ada, drawn):
    status, report = await api.respond(drawn, 5)
    assert report["interaction"]["response_message_loading"] is True
    assert drawn.state == "thinking"

    status, message = await api("PATCH", original(api, drawn), {"content": "done"}, headers={})

    assert (status, message["flags"], message["edited_timestamp"]) == (200, 0, None)
    assert world.schemas.response_problem("MessageResponse", message) is None
    assert world.schemas.response_problem("InteractionCallbackResponse", report) is None
    assert drawn.state == "answered"


async def test_first_follow_up_fills_the_placeholder_and_cannot_hide_it(api, world, drawn):
    await api.respond(drawn, 5)

    status, message = await follow_up(api, drawn, {"content": "x", "flags": 64})
    again = (await follow_up(api, drawn, {"content": "y", "flags": 64}))[1]

    assert (status, message["id"], message["flags"]) == (200, str(drawn.original.id), 0)
    assert again["flags"] == 64
    grace = world.person("Grace")
    assert [m.content for m in grace.messages()] == ["x"]


async def test_nothing_before_the_first_response(api, drawn):
    for method, path in (("GET", original(api, drawn)), ("DELETE", original(api, drawn))):
        assert (await api(method, path, headers={}))[1]["code"] == 10015
    assert (await follow_up(api, drawn, {"content": "x"}))[1]["code"] == 10015


async def test_token_ends_after_fifteen_minutes(api, world, drawn):
    await api.respond(drawn, 5)
    world.clock.advance(15 * 60 - 5)
    assert (await api("GET", original(api, drawn), headers={}))[0] == 200
    world.clock.advance(10)

    for answer in (
        await api("PATCH", original(api, drawn), {"content": "x"}, headers={}),
        await follow_up(api, drawn, {"content": "x"}),
    ):
        assert (answer[0], answer[1]["code"]) == (401, 50027)


async def test_other_webhooks_and_messages_are_unknown(api, world, ada, drawn):
    await api.respond(drawn, 4, {"content": "x"})
    said = await ada.say("hello")

    assert (await api("GET", f"/webhooks/5/{drawn.token}/messages/@original", headers={}))[1]["code"] == 10015
    path = f"{api.webhook}/{drawn.token}/messages"
    assert (await api("GET", f"{path}/{said.id}", headers={}))[1]["code"] == 10008
    assert (await api("GET", f"{path}/{drawn.original.id}", headers={}))[0] == 200
    assert (await api("PATCH", f"{path}/{drawn.original.id}", {"content": "y"}, headers={}))[1][
        "content"
    ] == "y"
    assert (await api("DELETE", f"{path}/{drawn.original.id}", headers={}))[0] == 204
    assert (await api("DELETE", original(api, drawn), headers={}))[1]["code"] == 10008


async def test_deleting_the_answer_removes_it(api, ada, drawn):
    await api.respond(drawn, 5)

    assert (await api("DELETE", original(api, drawn), headers={}))[0] == 204
    assert ada.messages() == []


async def test_ephemeral_answer_cannot_be_reached_through_its_channel(api, world, ada, drawn):
    await api.respond(drawn, 4, {"content": "x", "flags": 64})

    path = f"{api.channel()}/messages/{drawn.original.id}"
    assert (await api("GET", path))[1]["code"] == 10008
    assert (await api("PATCH", path, {"content": "y"}))[1]["code"] == 10008
    assert world.person("Grace").messages() == []
    assert ada.messages() == [drawn.original]


async def test_answers_mention_users_alone_by_default(api, world, drawn):
    role = next(iter(world.guilds.values())).role("Moderator")

    await api.respond(drawn, 4, {"content": f"<@{world.user('Grace').id}> <@&{role.id}> @everyone"})

    assert [user.display_name for user in drawn.original.mentions] == ["Grace"]
    assert drawn.original.mention_role_ids == []


async def test_five_follow_ups_where_the_app_is_the_users_own(api, world, ada):
    guild = world.add_guild("Elsewhere", world.user("Grace"), has_bot=False)
    world.add_member(guild, ada.user)
    channel = world.add_channel(guild, "there")
    interaction = await ada.at(channel).slash("draw", {"prompt": "x"})

    await api.respond(interaction, 4, {"content": "x"})
    codes = [(await follow_up(api, interaction, {"content": "x"}))[0] for _ in range(5)]
    status, error = await follow_up(api, interaction, {"content": "x"})

    assert codes == [200] * 5
    assert (status, error["code"]) == (400, 40094)
    assert (await api("PATCH", original(api, interaction), {"content": "y"}, headers={}))[0] == 200
    assert (await api("POST", f"/channels/{channel.id}/messages", {"content": "x"}))[1]["code"] == 50001
    with pytest.raises(ClientRefused):
        await ada.at(channel).message_menu("Describe", interaction.original)


async def test_external_app_answers_in_private_where_it_is_not_welcome(api, world, ada):
    guild = world.add_guild("Elsewhere", world.user("Grace"), has_bot=False)
    guild.roles[guild.id].permissions &= ~int(Permission.USE_EXTERNAL_APPS)
    world.add_member(guild, ada.user)
    interaction = await ada.at(world.add_channel(guild, "there")).slash("draw", {"prompt": "x"})

    await api.respond(interaction, 4, {"content": "x"})

    assert interaction.is_ephemeral


async def test_answer_with_a_file_needs_the_channels_leave(api, world, ada):
    interaction = await ada.at("no-files").slash("draw", {"prompt": "x"})
    await api.respond(interaction, 5)

    status, error = await api("PATCH", original(api, interaction), {}, [(0, ("a.txt", b"x"))], headers={})

    assert (status, error["code"]) == (403, 50013)


async def test_update_changes_the_message_of_the_button(api, ada, drawn):
    interaction = await pressed(api, ada, drawn)

    _, report = await api.respond(interaction, 7, {"content": "y", "components": []})

    assert (drawn.original.content, drawn.original.components) == ("y", [])
    assert report["resource"]["message"]["content"] == "y"
    assert interaction.original is drawn.original


async def test_deferred_update_makes_the_message_the_original(api, ada, drawn):
    interaction = await pressed(api, ada, drawn)

    _, report = await api.respond(interaction, 6)
    await api("PATCH", original(api, interaction), {"content": "z"}, headers={})

    assert "resource" not in report
    assert drawn.original.content == "z"


async def test_update_of_a_deleted_message_is_unknown(api, world, ada, drawn):
    interaction = await pressed(api, ada, drawn)
    world.remove(drawn.original)

    assert (await api.respond(interaction, 7, {"content": "y"}))[1]["code"] == 10062


async def test_button_answer_replies_to_its_message(api, ada, drawn):
    interaction = await pressed(api, ada, drawn)

    await api.respond(interaction, 4, {"content": "again"})

    assert (interaction.original.type, interaction.original.reply_to) == (19, drawn.original)


@pytest.mark.parametrize("choices", [
    [{"name": f"n{n}", "value": "v"} for n in range(26)],
    [{"name": "", "value": "v"}],
    [{"name": "x" * 101, "value": "v"}],
    [{"name": "n", "value": "x" * 101}],
    [{"name": "n", "value": True}],
    [{"name": "n", "value": "v", "emoji": "x"}],
    None,
], ids=["26", "no name", "long name", "long value", "bool", "unknown field", "none"])  # fmt: skip
async def test_bad_choices_are_refused(api, world, ada, choices):
    world.schemas = type(world.schemas)(None)
    with pytest.raises(NoResponse):
        await ada.autocomplete("draw", "style", "o", timeout_s=0.01)
    interaction = list(world.interactions.values())[-1]

    status, error = await api.respond(interaction, 8, {"choices": choices})

    assert (status, error["code"]) == (400, 50035)
    assert (await api.respond(interaction, 8, {"choices": []}))[0] == 200


async def test_silence_is_noticed_without_anything_else_happening(world, ada, drawn):
    world.clock.advance(2.8)

    await drawn.until(lambda it: it.state == "failed", 60)

    assert drawn.message is None


async def test_own_ephemeral_message_has_no_menu_and_a_hidden_one_no_button(api, world, ada, drawn):
    await api.respond(drawn, 4, {"content": "x", "flags": 64, "components": BUTTONS})
    with pytest.raises(ClientRefused):
        await ada.message_menu("Describe", drawn.original)
    with pytest.raises(ClientRefused):
        await world.person("Grace").press(drawn.original, "Go")

    drawn.channel.overwrites.append(Overwrite(ada.user.id, True, deny=int(Permission.VIEW_CHANNEL)))
    with pytest.raises(ClientRefused):
        await ada.press(drawn.original, "Go")


async def test_archived_thread_keeps_its_buttons_still(api, world, ada):
    thread = world.add_thread(world.channel("studio"), "thread", world.bot)
    interaction = await ada.at(thread).slash("draw", {"prompt": "x"})
    await api.respond(interaction, 4, {"content": "x", "components": BUTTONS})
    thread.is_archived = True

    with pytest.raises(ClientRefused):
        await ada.at(thread).press(interaction.original, "Go")


async def test_user_who_left_is_resolved_without_membership(world, ada):
    stranger = world.add_user("Eve")

    interaction = await ada.user_menu("Portrait", stranger)

    assert set(interaction.data["resolved"]) == {"users"}


async def test_answer_keeps_what_its_files_are_described_as(api, drawn):
    await api.respond(drawn, 5)

    _, message = await api(
        "PATCH",
        original(api, drawn),
        {"content": "x", "attachments": [{"id": 0, "description": "a boat"}]},
        [(0, ("a.png", b"x"))],
        headers={},
    )

    assert message["attachments"][0]["description"] == "a boat"
