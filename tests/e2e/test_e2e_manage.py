"""/manage as moderators use it, and as others try to: by commands, presses and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.client import ClientRefused
from sandbox.discord.command_permissions import ROLE, USER, set_permissions
from sandbox.discord.entities import Overwrite
from sandbox.discord.permissions import Permission
from tests.e2e.looks import answered, buttons, card_after, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.entities import Channel, Command, Guild, Message, Role
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
DRAW = {"prompt": "a lighthouse"}
UPDATE, MODAL = 7, 9


@pytest.fixture
def guild(sandbox: Sandbox) -> Guild:
    return next(iter(sandbox.world.guilds.values()))


@pytest.fixture
def owner(sandbox: Sandbox) -> Person:
    return sandbox.world.person("Sandbox").at("studio")


@pytest.fixture
def admin(sandbox: Sandbox, guild: Guild) -> Person:
    """Somebody who administers the server, and whose role is lower than the moderators'."""
    world = sandbox.world
    role = world.add_role(guild, "Administrator", int(Permission.ADMINISTRATOR))
    world.add_member(guild, user := world.add_user("Ines"), role)
    return world.person(user.display_name).at("studio")


@pytest.fixture
def helper_role(sandbox: Sandbox, guild: Guild) -> Role:
    return sandbox.world.add_role(guild, "Helper", 0)


def manage(sandbox: Sandbox) -> Command:
    return next(one for one in sandbox.world.commands.values() if one.name == "manage")


async def shown(person: Person, command: str, options: dict[str, object] | None = None) -> Message:
    return await (await person.slash(f"manage {command}", options)).answer()  # pyright: ignore[reportArgumentType] - values of all kinds


async def test_a_ban_turns_away_at_every_door_until_it_is_lifted(bot: Bot, ada, linus):
    card = await card_after(ada, await ada.slash("imagine", DRAW))
    banned = await shown(
        linus, "access ban", {"person": ada.user, "duration": "2h", "reason": "too many cats"}
    )

    for act in (
        ada.slash("imagine", DRAW),
        ada.slash("chat new"),
        ada.press(card, "Again"),
    ):
        told = await private_words(await act)
        assert "do not let you use Easel here until <t:" in told
        assert "Reason: too many cats" in told
    asked = await private_words(await ada.slash("ask", {"question": "why?", "private": True}))
    said = await ada.say(f"<@{ada.world.bot.id}> why?")
    await ada.world.changed.until(lambda: any(m.reply_to is said for m in ada.messages()), 30)
    reply = next(m for m in ada.messages() if m.reply_to is said)
    lifted = await shown(linus, "access unban", {"person": ada.user})
    again = await card_after(ada, await ada.slash("imagine", DRAW))

    assert f"<@{ada.user.id}> may not use Easel here until" in words(banned)
    assert "do not let you use Easel" in asked
    assert "do not let you use Easel" in words(reply)
    assert "too many cats" not in words(reply)
    assert "may use Easel here again" in words(lifted)
    assert again is not None
    assert bot.held()[0] == 2


@pytest.mark.further
async def test_a_ban_calls_off_what_waits_and_gives_the_money_back(bot: Bot, sandbox: Sandbox, ada, linus):
    sandbox.model.pause()
    drawing = await ada.slash("imagine", DRAW)
    await bot.until_states("sent")

    banned = await shown(linus, "access ban", {"person": ada.user})
    await answered(drawing)

    assert "1 request of theirs was called off" in words(banned)
    assert bot.states() == ["cancelled"]
    assert bot.held() == (0, 0)


@pytest.mark.further
async def test_moderators_act_on_those_below_them_alone(
    bot: Bot, sandbox: Sandbox, guild, ada, linus, owner, admin
):
    refused = [
        (linus, linus.user, "cannot ban yourself"),
        (linus, owner.user, "not below yours"),
        (linus, admin.user, "not below yours"),
        (admin, owner.user, "not below yours"),
    ]

    for person, whom, why in refused:
        told = await private_words(await person.slash("manage access ban", {"person": whom}))
        assert why in told, (person.user.display_name, whom.display_name)
    assert "may no longer use Easel" in words(await shown(admin, "access ban", {"person": linus.user}))
    assert "may use Easel" in words(await shown(owner, "access unban", {"person": linus.user}))
    assert bot.rows("SELECT COUNT(*) FROM ban") == [(0,)]


async def test_the_command_is_there_for_whom_the_server_lets(
    bot: Bot, sandbox: Sandbox, guild, ada, grace, linus, helper_role
):
    world, command = sandbox.world, manage(sandbox)
    with pytest.raises(ClientRefused, match="no command"):
        await ada.slash("manage access show")
    guild.members[ada.user.id].role_ids.append(helper_role.id)
    set_permissions(world, guild, command, {(ROLE, helper_role.id): True, (USER, linus.user.id): False})

    overview = await shown(ada, "access show")
    pressed = await ada.press(overview, "Bans")
    await pressed.answer()

    assert "Nobody is banned" in words(pressed.original or overview)
    with pytest.raises(ClientRefused, match="no command"):
        await linus.slash("manage access show")


@pytest.mark.further
async def test_buttons_are_held_to_the_servers_settings_as_soon_as_they_change(
    bot: Bot, sandbox: Sandbox, guild, ada, linus, helper_role
):
    world, command = sandbox.world, manage(sandbox)
    guild.members[ada.user.id].role_ids.append(helper_role.id)
    set_permissions(world, guild, command, {(ROLE, helper_role.id): True})
    card = await shown(ada, "access show")
    theirs = await shown(linus, "access show")
    assert (await (await ada.press(card, "Roles…")).first_response()).type == MODAL

    set_permissions(world, guild, command, {(USER, linus.user.id): False})

    assert "may manage this server" in await private_words(await ada.press(card, "Roles…"))
    assert "does not let you use /manage" in await private_words(await linus.press(theirs, "Roles…"))


@pytest.mark.further
async def test_families_are_kept_to_channels_and_threads_go_with_them(bot: Bot, sandbox: Sandbox, ada, linus):
    world = sandbox.world
    other = world.channel("gallery-nsfw")
    form = await linus.slash("manage access channels")
    await form.first_response()
    kept = await linus.submit(form, {"draw": [other]})
    overview = await kept.answer()
    thread = world.add_thread(other, "sketches", ada.user)

    refused = await private_words(await ada.slash("imagine", DRAW))
    by_thread = await card_after(ada, await ada.at(thread).slash("imagine", DRAW))
    told = await (await ada.slash("ask", {"question": "why?"})).answer()
    form = await linus.press(overview, "Channels…")
    await form.first_response()
    freed = await (await linus.submit(form, {"draw": []})).answer()
    again = await card_after(ada, await ada.slash("imagine", DRAW))

    assert f"**Pictures** · <#{other.id}> · everybody" in words(overview)
    assert refused == f"Easel does not draw in this channel. Go to <#{other.id}>."
    assert by_thread is not None
    assert "does not" not in words(told)
    assert "**Pictures** · everywhere · everybody" in words(freed)
    assert again is not None


@pytest.mark.further
async def test_roles_and_a_pause_hold_for_moderators_too_and_manage_works_on(
    bot: Bot, sandbox: Sandbox, guild, ada, linus, helper_role
):
    guild.members[ada.user.id].role_ids.append(helper_role.id)
    form = await linus.slash("manage access roles")
    await form.first_response()
    await (await linus.submit(form, {"draw": [helper_role]})).answer()

    assert f"<@&{helper_role.id}>" in await private_words(await linus.slash("imagine", DRAW))
    assert await card_after(ada, await ada.slash("imagine", DRAW)) is not None

    paused = await shown(linus, "access pause", {"duration": "30m", "reason": "raid"})
    told = await private_words(await ada.slash("imagine", DRAW))
    offered = buttons(paused)
    resumed = await (await linus.press(paused, "Go on")).first_response()

    assert "It goes on <t:" in told
    assert "Reason: raid" in told
    assert "Go on" in offered
    assert resumed.type == UPDATE
    assert await card_after(ada, await ada.slash("imagine", DRAW)) is not None


@pytest.mark.further
async def test_bans_are_listed_by_name_and_lifted_from_the_list(bot: Bot, ada, grace, linus):
    for person in (ada, grace):
        await shown(linus, "access ban", {"person": person.user, "reason": "spam"})
    card = await shown(linus, "access bans")
    menu = next(part for row in card.components[0]["components"] for part in row.get("components", []))

    lifted = await linus.select(card, menu["custom_id"], [str(ada.user.id)])
    await lifted.first_response()
    refused = await grace.slash("imagine", DRAW)

    assert {option["label"] for option in menu["options"]} == {"Ada", "Grace"}
    assert f"<@{ada.user.id}>" not in words(card)
    assert "do not let you" in await private_words(refused)


@pytest.mark.further
async def test_the_audit_is_found_by_who_whom_and_what_and_turned_by_pages(
    bot: Bot, ada, grace, linus, owner
):
    for _ in range(6):
        await shown(linus, "access ban", {"person": ada.user})
        await shown(owner, "access unban", {"person": ada.user})

    everything = await shown(linus, "audit")
    older = await (await linus.press(everything, "Older")).first_response()
    mine = await shown(linus, "audit", {"by": linus.user})
    about = await shown(linus, "audit", {"about": grace.user})
    area = await shown(linus, "audit", {"what": "log"})

    assert f"<@{owner.user.id}> lets <@{ada.user.id}> use Easel again." in words(mine) + words(everything)
    assert "12 lines · page 2 of 2" in words(everything)
    assert older.type == UPDATE
    assert "6 lines" in words(mine)
    assert words(about).endswith("Nothing fits.")
    assert words(area).endswith("Nothing fits.")


def private_channel(sandbox: Sandbox, moderator: Person, name: str) -> Channel:
    """Add a channel that only a moderator and the bot see."""
    world, view = sandbox.world, int(Permission.VIEW_CHANNEL)
    guild = next(iter(world.guilds.values()))
    channel = world.add_channel(guild, name)
    world.overwrite(channel, Overwrite(guild.id, is_member=False, deny=view))
    for user_id in (moderator.user.id, world.bot.id):
        world.overwrite(channel, Overwrite(user_id, is_member=True, allow=view))
    return channel


def silence(sandbox: Sandbox, channel: Channel) -> None:
    """Let the bot see a channel, and say nothing there."""
    bot_id, view, send = sandbox.world.bot.id, Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES
    channel.overwrites[:] = [one for one in channel.overwrites if one.target_id != bot_id]
    sandbox.world.overwrite(channel, Overwrite(bot_id, is_member=True, allow=int(view), deny=int(send)))


@pytest.mark.further
async def test_a_log_that_everybody_reads_is_refused(bot: Bot, sandbox: Sandbox, linus):
    told = await private_words(await linus.slash("manage log", {"channel": sandbox.world.channel("studio")}))

    assert "Choose a channel that only moderators see" in told
    assert bot.rows("SELECT COUNT(*) FROM audit") == [(0,)]


@pytest.mark.further
async def test_the_log_is_posted_in_order_and_goes_on_after_a_crash(bot: Bot, sandbox: Sandbox, ada, linus):
    world = sandbox.world
    channel = private_channel(sandbox, linus, "mod-log")
    set_ = await shown(linus, "log", {"channel": channel})
    await shown(linus, "access ban", {"person": ada.user})
    await world.changed.until(lambda: any("banned" in words(m) for m in channel.messages.values()), 30)
    await bot.kill()
    bot_rows = bot.rows("SELECT COUNT(*) FROM audit")
    await bot.start()
    await shown(linus, "access unban", {"person": ada.user})
    await world.changed.until(lambda: any("again." in words(m) for m in channel.messages.values()), 30)

    lines = "\n".join(words(m) for m in channel.messages.values()).splitlines()
    assert f"is posted in <#{channel.id}>" in words(set_)
    assert bot_rows == [(2,)]
    assert [word for line in lines for word in ("posted", "banned", "again.") if word in line] == [
        "posted",
        "banned",
        "again.",
    ]
    assert all(not message.mentions for message in channel.messages.values())


@pytest.mark.further
async def test_a_channel_where_easel_may_not_post_is_refused_and_one_that_is_lost_is_told(
    bot: Bot, sandbox: Sandbox, ada, linus
):
    world = sandbox.world
    channel = private_channel(sandbox, linus, "mod-log")
    closed = private_channel(sandbox, linus, "closed")
    silence(sandbox, closed)

    refused = await private_words(await linus.slash("manage log", {"channel": closed}))
    await shown(linus, "log", {"channel": channel})
    await world.changed.until(lambda: bool(channel.messages), 30)
    silence(sandbox, channel)
    await shown(linus, "access pause")
    notice = linus.at("dm")
    await world.changed.until(lambda: bool(notice.messages()), 30)

    assert "It lacks: Send Messages" in refused
    assert "can no longer post the log" in words(notice.messages()[-1])
    assert "No channel gets the log" in words(await shown(linus, "log"))
    assert "Easel can no longer post this log" in words(await shown(linus, "audit"))
