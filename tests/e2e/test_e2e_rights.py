"""The administrative commands as member, moderator, administrator, owner and outsider, in the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.client import ClientRefused
from sandbox.discord.command_permissions import ROLE, USER, set_permissions
from sandbox.discord.permissions import Permission
from tests.e2e.looks import answered, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
MODAL = 9
NO = "Only people who may manage this server can do that."
TAKEN = "This server does not let you use /manage here, nor what hangs on it."
OUTSIDE = "a server that Easel is a member of"


async def outcomes(person: Person) -> list[str]:
    """Return what each administrative command that everybody is offered comes to."""
    seen: list[str] = []
    for command, options in (
        ("chat settings", {}),
        ("queue", {"server": True}),
        ("style create", {"for_server": True}),
    ):
        used = await person.slash(command, options)  # pyright: ignore[reportArgumentType] - values of all kinds
        response = await used.first_response()
        seen.append("a form" if response.type == MODAL else words(await used.answer()))
    return seen


def is_let_in(seen: list[str]) -> bool:
    settings, queue, style = seen
    return "How Easel answers" in settings and "###" in queue and style == "a form"


async def test_administrative_commands_as_every_kind_of_person(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    world = sandbox.world
    guild = next(iter(world.guilds.values()))
    helper = world.add_role(guild, "Helper", 0)
    rule = world.add_role(guild, "Administrator", int(Permission.ADMINISTRATOR))
    world.add_member(guild, user := world.add_user("Ines"), rule)
    admin, owner = world.person(user.display_name).at("studio"), world.person("Sandbox").at("studio")
    lounge = world.add_channel(world.add_guild("Elsewhere", linus.user, has_bot=False), "lounge")

    assert await outcomes(ada) == [NO] * 3
    for person in (linus, admin, owner):
        assert is_let_in(await outcomes(person)), person.user.display_name
    for place in (ada.at("dm"), linus.at(lounge)):
        assert all(OUTSIDE in one for one in await outcomes(place))

    manage = next(one for one in world.commands.values() if one.name == "manage")
    guild.members[grace.user.id].role_ids.append(helper.id)
    set_permissions(world, guild, manage, {(ROLE, helper.id): True, (USER, linus.user.id): False})

    assert is_let_in(await outcomes(grace))
    assert await outcomes(linus) == [TAKEN] * 3
    assert "Who may use Easel here" in words(await (await grace.slash("manage access show")).answer())
    for person in (ada, linus, grace.at("dm")):
        with pytest.raises(ClientRefused):
            await person.slash("manage access show")


@pytest.mark.further
async def test_a_re_assigned_moderator_calls_off_what_others_have(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    world = sandbox.world
    guild = next(iter(world.guilds.values()))
    sandbox.model.pause()
    order = await ada.slash("imagine", {"prompt": "a lighthouse"})
    await bot.until_states("sent")
    assert order.original is not None
    assert "or a moderator, may cancel it" in await private_words(await grace.press(order.original, "Cancel"))

    manage = next(one for one in world.commands.values() if one.name == "manage")
    set_permissions(world, guild, manage, {(USER, grace.user.id): True})
    await grace.press(order.original, "Cancel")
    await answered(order)

    assert "Cancelled by a moderator" in words(order.original)
    assert bot.held() == (0, 0)
