"""Allowances as members, moderators, administrators, outsiders and the owner meet them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.people import ClientRefused
from sandbox.discord.permissions import EVERYONE, Permission
from tests.e2e.looks import answered, buttons, card_after, parts, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.entities import Message, Role
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


@pytest.fixture
def artists(sandbox: Sandbox) -> Role:
    """A role below the moderators', which Ada has."""
    world = sandbox.world
    (guild,) = world.guilds.values()
    artists = world.add_role(guild, "Artists", EVERYONE)
    moderator = next(role for role in guild.roles.values() if role.name == "Moderator")
    moderator.position, artists.position = artists.position, moderator.position
    guild.members[world.user("Ada").id].role_ids.append(artists.id)
    return artists


@pytest.fixture
def vera(sandbox: Sandbox) -> Person:
    """An administrator."""
    world = sandbox.world
    (guild,) = world.guilds.values()
    admin = world.add_role(guild, "Admin", int(Permission.ADMINISTRATOR))
    world.add_member(guild, world.add_user("Vera"), admin)
    return world.person("Vera").at("studio")


@pytest.fixture
def owner(sandbox: Sandbox) -> Person:
    return sandbox.world.person("Sandbox").at("studio")


async def shown(asked: Interaction) -> Message:
    """Return the private card that answers."""
    message = await asked.answer()
    assert asked.is_ephemeral
    return message


async def manage(person: Person, name: str, /, **options: object) -> str:
    asked = await person.slash(f"manage {name}", options)  # pyright: ignore[reportArgumentType] - what options hold
    return words(await shown(asked))


async def test_rules_hold_from_the_next_request_on_and_the_most_particular_one_wins(
    artists: Role, bot: Bot, ada: Person, grace: Person, linus: Person
) -> None:
    said = await manage(linus, "quota set", meter="images_per_day", amount="1")
    assert "**Pictures a day** for everybody: **1 picture**." in said
    await card_after(grace, await grace.slash("imagine", {"prompt": "first"}))
    second = await grace.slash("imagine", {"prompt": "second"})
    stopped = await private_words(second)
    assert "Everybody's allowance here of 1 picture a day is used up. It starts again <t:" in stopped

    said = await manage(linus, "quota set", meter="images_per_day", amount="unlimited", who=artists)
    assert f"for <@&{artists.id}>: **unlimited**" in said
    for prompt in ("third", "fourth"):
        await card_after(ada, await ada.slash("imagine", {"prompt": prompt}))
    mine = words(await shown(await ada.slash("quota")))
    assert f"**Pictures today**\nUnlimited · with the role <@&{artists.id}>" in mine

    said = await manage(linus, "quota set", meter="images_per_day", amount="2", who=ada.user)
    assert f"**Pictures a day** for <@{ada.user.id}>: **2 pictures**." in said
    assert "0 of 2 left" in said
    stopped = await private_words(await ada.slash("imagine", {"prompt": "fifth"}))
    assert "The allowance of 2 pictures a day that a moderator set for you is used up." in stopped

    listed = await manage(linus, "quota show")
    assert "Pictures a day: **1**" in listed
    assert f"<@&{artists.id}>\n-# Pictures a day: unlimited" in listed
    assert f"<@{ada.user.id}>\n-# Pictures a day: 2" in listed
    assert "Removed for" in await manage(linus, "quota clear", who=ada.user)
    assert "no such limit" in await manage(linus, "quota clear", who=ada.user)
    await bot.until_ended()
    await card_after(ada, await ada.slash("imagine", {"prompt": "sixth"}))


@pytest.mark.further
async def test_a_grant_is_used_after_the_allowance_and_can_be_taken_back(
    bot: Bot, grace: Person, linus: Person
) -> None:
    await manage(linus, "quota set", meter="images_per_day", amount="1", who=grace.user)
    granted = {"person": grace.user, "meter": "images_per_day", "amount": "3", "reason": "won the contest"}
    asked = await linus.slash("manage quota grant", granted)
    card = await shown(asked)
    assert "3 of 3 granted, until <t:" in words(card)
    assert "won the contest" in words(card)
    made = [await grace.slash("imagine", {"prompt": f"picture {n}"}) for n in range(6)]
    await asyncio.gather(*(answered(one) for one in made))
    await bot.until_ended()

    assert bot.held()[0] == 4
    assert bot.rows("SELECT used FROM allowance_grant") == [(3,)]
    mine = words(await shown(await grace.slash("quota")))
    assert "0 of 1 left" in mine
    await manage(linus, "quota grant", **(granted | {"amount": "2"}))
    card = await shown(await linus.slash("manage quota show", {"who": grace.user}))
    assert "2 of 2 granted" in words(card)
    menu = next(one for one in parts(card) if one["type"] == 3)
    await linus.select(card, menu["custom_id"], [menu["options"][0]["value"]])
    await asyncio.sleep(0)
    await bot.until(lambda: bool(bot.rows("SELECT 1 FROM audit WHERE action = 'quota.revoke'")))
    stopped = await private_words(await grace.slash("imagine", {"prompt": "one more"}))
    assert "that a moderator set for you is used up" in stopped


@pytest.mark.further
async def test_a_reset_forgives_what_was_used_and_keeps_the_ledger(
    bot: Bot, grace: Person, linus: Person
) -> None:
    await manage(linus, "quota set", meter="images_per_day", amount="1")
    await card_after(grace, await grace.slash("imagine", {"prompt": "first"}))
    await bot.until_ended()
    before = bot.rows("SELECT * FROM ledger ORDER BY id")

    said = await manage(linus, "quota reset", person=grace.user, meter="images_per_day")

    assert "counts no more: Pictures a day" in said
    assert "1 of 1 left" in said
    assert "Counted since it was reset" in said
    assert bot.rows("SELECT * FROM ledger ORDER BY id") == before
    await card_after(grace, await grace.slash("imagine", {"prompt": "second"}))
    assert "is used up" in await private_words(await grace.slash("imagine", {"prompt": "third"}))


@pytest.mark.further
async def test_the_menu_s_form_grants_sets_and_resets_and_survives_a_restart(
    bot: Bot, grace: Person, linus: Person
) -> None:
    opened = await linus.user_menu("Allowance", grace.user)
    await opened.first_response()
    assert opened.modal is not None
    await bot.kill()
    await bot.start()
    done = await linus.submit(
        opened, {"act": "grant", "meter": ["images_per_day"], "amount": "5", "reason": "a birthday"}
    )
    assert "5 of 5 granted" in words(await shown(done))

    again = await linus.press(await shown(done), "Change…")
    await again.first_response()
    done = await linus.submit(again, {"act": "set", "meter": ["messages_per_day"], "amount": "lots"})
    assert "Write a whole number" in await private_words(done)
    again = await linus.press(await shown(done), "Fill it in again")
    await again.first_response()
    assert '"value": "lots"' in json.dumps(again.modal)
    done = await linus.submit(again, {"act": "set", "meter": ["messages_per_day"], "amount": "0"})
    assert "0 of 0 left" in words(await shown(done))
    stopped = await private_words(await grace.slash("ask", {"question": "Why?"}))
    assert "set to zero" in stopped


@pytest.mark.further
async def test_nobody_raises_themselves_or_touches_those_above_but_who_is_at_the_top(
    vera: Person, bot: Bot, sandbox: Sandbox, ada: Person, linus: Person, owner: Person
) -> None:
    lift = {"meter": "images_per_day", "amount": "unlimited"}
    moderator = next(
        role
        for guild in sandbox.world.guilds.values()
        for role in guild.roles.values()
        if role.name == "Moderator"
    )
    for subject in (linus.user, vera.user, owner.user, moderator):
        said = await manage(linus, "quota set", **lift, who=subject)
        assert "Ask" in said, subject
        assert bot.rows("SELECT COUNT(*) FROM policy") == [(0,)]
    opened = await linus.user_menu("Allowance", vera.user)
    assert "highest role is not below yours" in await private_words(opened)
    assert "cannot do that to yourself" in await manage(linus, "quota reset", person=linus.user)
    grant = {"person": linus.user, "meter": "images_per_day", "amount": "9", "reason": "me"}
    assert "cannot do that to yourself" in await manage(linus, "quota grant", **grant)

    for person, subject in ((vera, linus.user), (vera, vera.user), (owner, owner.user), (owner, vera.user)):
        assert "**unlimited**" in await manage(person, "quota set", **lift, who=subject)
    with pytest.raises(ClientRefused):
        await ada.slash("manage quota show")
    with pytest.raises(ClientRefused):
        await ada.user_menu("Allowance", linus.user)
    with pytest.raises(ClientRefused):
        await ada.at("dm").slash("manage quota show")


@pytest.mark.further
async def test_a_press_by_somebody_who_may_not_manage_any_more_changes_nothing(
    bot: Bot, sandbox: Sandbox, grace: Person, linus: Person
) -> None:
    card = await shown(await linus.slash("manage quota show", {"who": grace.user}))
    form = await linus.press(card, "Change…")
    await form.first_response()
    setup = await linus.slash("manage setup")
    await setup.first_response()
    (guild,) = sandbox.world.guilds.values()
    guild.members[linus.user.id].role_ids.clear()

    done = await linus.submit(form, {"act": "set", "meter": ["images_per_day"], "amount": "99"})
    assert "may manage this server" in await private_words(done)
    assert "may manage this server" in await private_words(await linus.press(card, "Change…"))
    assert "may manage this server" in await private_words(await linus.submit(setup, {}))
    assert bot.rows("SELECT COUNT(*) FROM audit") == [(0,)]


@pytest.mark.further
async def test_setup_asks_five_questions_and_shows_one_card(
    artists: Role, bot: Bot, ada: Person, linus: Person
) -> None:
    begun = await linus.slash("manage setup")
    await begun.first_response()
    assert begun.modal is not None
    assert len(begun.modal["components"]) == 5
    wrong = await linus.submit(begun, {"zone": "Atlantis", "images": "7"})
    said = await shown(wrong)
    assert "No time zone is called that" in words(said)
    assert "Pictures a day: 7" in words(said)
    assert bot.rows("SELECT COUNT(*) FROM policy") == [(0,)]

    again = await linus.press(said, "Fill it in again")
    await again.first_response()
    answers = {"zone": "berlin", "images": "7", "messages": "unlimited", "budget": "12.50", "free": [artists]}
    card = await shown(await linus.submit(again, answers))

    text = words(card)
    assert "**Time zone:** Europe/Berlin" in text
    assert "**Pictures a day:** 7" in text
    assert "**Messages a day:** unlimited" in text
    assert "**Budget a month:** $12.50" in text
    assert f"**Without a daily limit:** <@&{artists.id}>" in text
    assert "Change…" in buttons(card)
    assert "Unlimited" in words(await shown(await ada.slash("quota")))


async def test_a_budget_stops_everybody_and_moderators_hear_of_it_once(
    bot: Bot, ada: Person, grace: Person, linus: Person
) -> None:
    said = await manage(linus, "budget", amount="0.06", alert=20)
    assert "$0.06 of $0.06 left, $0.00 spent" in said
    assert "hear of it at 20%" in said
    grant = {"person": ada.user, "meter": "images_per_day", "amount": "9", "reason": "an event"}
    await manage(linus, "quota grant", **grant)
    stopped = await private_words(await ada.slash("imagine", {"prompt": "too many", "count": 4}))
    assert "more than this server's budget of $0.06 a month. Ask for less." in stopped
    assert bot.rows("SELECT 1 FROM audit WHERE actor_id = 0") == [], "asking for too much is no news"
    for prompt in ("first", "second"):
        await card_after(ada, await ada.slash("imagine", {"prompt": prompt}))
        await bot.until_ended()

    for person in (ada, grace, ada):
        stopped = await private_words(await person.slash("imagine", {"prompt": "more"}))
        assert "of this server's budget of $0.06 a month is left. It starts again <t:" in stopped
    assert "of $0.06 left, $0.0" in await manage(linus, "budget")
    alerts = bot.rows("SELECT actor_id, action, subject FROM audit WHERE actor_id = 0")
    assert alerts == [(0, "budget.alert", "budget")]


@pytest.mark.further
async def test_export_holds_rules_grants_and_use(bot: Bot, ada: Person, linus: Person) -> None:
    await manage(linus, "quota set", meter="usd_per_month", amount="2.50")
    grant = {"person": ada.user, "meter": "images_per_day", "amount": "9", "reason": "=1+1"}
    await manage(linus, "quota grant", **grant)
    await card_after(ada, await ada.slash("imagine", {"prompt": "first"}))
    await bot.until_ended()

    message = await shown(await linus.slash("manage quota export"))

    tables = {
        one.filename: list(csv.DictReader(io.StringIO(one.content.decode("utf-8-sig"))))
        for one in message.attachments
    }
    assert tables["rules.csv"] == [{"for": "default", "id": "", "meter": "usd_per_month", "limit": "2.50"}]
    assert tables["grants.csv"][0]["reason"] == "'=1+1"
    assert tables["grants.csv"][0]["used"] == "0"
    used = {row["meter"]: row["used"] for row in tables["use.csv"]}
    assert used["images_per_day"] == "1"
    assert used["usd_per_month"] != "0"


@pytest.mark.further
async def test_time_zones_are_offered_and_understood(bot: Bot, linus: Person) -> None:
    offered = await linus.autocomplete("manage quota zone", "name", "kath")
    assert offered == [{"name": "Asia/Kathmandu", "value": "Asia/Kathmandu"}]

    assert "time zone **Asia/Kathmandu**" in await manage(linus, "quota zone", name="kathmandu")
    assert "Did you mean" in await manage(linus, "quota zone", name="america")
