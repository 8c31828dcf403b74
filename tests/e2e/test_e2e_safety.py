"""What moderators keep out of a server, in the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.entities import Overwrite
from sandbox.discord.permissions import Permission
from tests.e2e.looks import buttons, card_after, pictures, private_words, words
from tests.e2e.test_e2e_chat import answer_to, mention

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def the_card(person: Person, command: str) -> Message:
    shown = await person.slash(command)
    await shown.until(lambda it: it.original is not None, 60)
    assert shown.original is not None
    assert shown.is_ephemeral
    return shown.original


async def test_blocked_words_stop_pictures_and_messages_before_the_model_is_asked(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    file = idle_bot.data_dir.parent / "blocked.txt"
    file.write_text("# everywhere\n*forbidden*\n")
    await idle_bot.start(BLOCKED_WORDS_FILE=str(file))
    card = await the_card(linus, "manage safety words")
    pressed = await linus.press(card, "Add…")
    await pressed.until(lambda it: it.modal is not None, 60)
    sent = await linus.submit(pressed, {"lines": "gore\n/sl[a4]sher/"})
    await sent.until(lambda _: "2 entries are new" in words(card), 60)

    for prompt in ("some g0re", "a SL4SHER film", "an unforbiddenly thing"):
        made = await ada.slash("imagine", {"prompt": prompt})
        assert "not allowed here" in await private_words(made)
    answer = await answer_to(ada, await ada.say(mention(sandbox, "tell me of gore")))
    assert "not allowed here" in words(answer)
    assert sandbox.model.calls == []
    assert idle_bot.rows("SELECT COUNT(*) FROM ledger") == [(0,)]
    assert idle_bot.rows("SELECT COUNT(*) FROM turn") == [(0,)]
    assert idle_bot.rows("SELECT COUNT(*) FROM audit WHERE action = 'safety.blocked'") == [(4,)]
    assert "gore" not in idle_bot.log.read_text()

    await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))


async def watched(linus: Person, sandbox: Sandbox, pictures: str = "all") -> Person:
    """Let moderators look first, and return the one who does, in their channel."""
    room = sandbox.world.channel("moderators")
    set_up = await linus.slash("manage safety review", {"pictures": pictures, "channel": room})
    await set_up.until(lambda it: it.original is not None, 60)
    assert set_up.original is not None
    assert "look" in words(set_up.original)
    return linus.at("moderators")


async def review_card(moderator: Person, count: int = 1) -> Message:
    """Wait for the last of so many cards that can be decided on."""

    def found() -> list[Message]:
        return [one for one in moderator.messages() if "Approve" in buttons(one)]

    await moderator.world.changed.until(lambda: len(found()) == count, 60)
    return found()[-1]


async def test_a_picture_waits_for_a_moderator_through_a_kill_and_is_charged_when_it_is_shown(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    moderator = await watched(linus, sandbox)
    made = await ada.slash("imagine", {"prompt": "a fox in fog", "model": "openai/gpt-image-2.5-flare"})
    card = await review_card(moderator)
    assert len(pictures(card)) == 1
    assert card.attachments[0].filename.startswith("SPOILER_")
    await made.until(lambda it: it.original is not None and "looks first" in words(it.original), 60)
    assert not any(pictures(message) for message in grace.messages()), "nor as it sharpened"
    held = bot.held()
    assert held[0] == 1

    await bot.kill()
    await bot.start()
    assert bot.states() == ["produced"]
    assert bot.held() == held
    await moderator.press(card, "Approve")
    shown = await card_after(ada, made)

    await bot.until_states("settled")
    assert "Again" in buttons(shown)
    assert bot.held() == (1, sandbox.model.total_cost_microusd)
    assert "approved what" in words(card)
    assert not pictures(card)
    assert len(sandbox.model.calls) == 1
    assert len([one for one in moderator.messages() if one.author is sandbox.world.bot]) == 1


@pytest.mark.further
async def test_a_no_is_told_kindly_and_costs_nothing_and_the_second_moderator_is_late(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    moderator = await watched(linus, sandbox)
    made = await ada.slash("imagine", {"prompt": "a fox"})
    card = await review_card(moderator)
    pressed = await moderator.press(card, "Deny…")
    await pressed.until(lambda it: it.modal is not None, 60)
    late = await moderator.press(card, "Deny…")
    await late.until(lambda it: it.modal is not None, 60)

    await moderator.submit(pressed, {"reason": "Too wild"})
    told = await private_words(made)
    assert "Too wild. Nothing was charged." in told
    assert "Linus" not in told
    too_late = await moderator.submit(late, {"reason": ""})
    assert "decided" in await private_words(too_late)
    await bot.until_states("failed")
    assert bot.held() == (0, 0)
    assert bot.booked() == sandbox.model.total_cost_microusd
    assert bot.rows("SELECT COUNT(*) FROM picture") == [(0,)]
    await sandbox.world.changed.until(lambda: not grace.messages(), 60)


@pytest.mark.further
async def test_a_reported_picture_is_deleted_by_a_moderator_after_a_restart(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    moderator = await watched(linus, sandbox, "flagged")
    shown = await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))
    asked = await grace.message_menu("Report image", shown)
    await asked.until(lambda it: it.modal is not None, 60)
    filed = await grace.submit(asked, {"reason": "It stares at me"})
    await filed.until(lambda it: it.original is not None and "Thank you" in words(it.original), 60)
    (card,) = [one for one in moderator.messages() if "Dismiss" in buttons(one)]
    assert "It stares at me" in words(card)
    assert len(pictures(card)) == 1
    assert not any("reported" in words(message) for message in ada.messages())

    await bot.stop()
    await bot.start()
    await moderator.press(card, "Delete")
    await sandbox.world.changed.until(lambda: shown.is_deleted and "deleted a picture" in words(card), 60)
    assert bot.rows("SELECT COUNT(*) FROM picture") == [(0,)]
    assert bot.rows("SELECT action FROM audit ORDER BY id") == [
        ("safety.review",),
        ("report.filed",),
        ("report.deleted",),
    ]


@pytest.mark.further
async def test_who_is_refused_again_and_again_takes_a_break_until_a_moderator_ends_it(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    file = idle_bot.data_dir.parent / "blocked.txt"
    file.write_text("gore\n")
    await idle_bot.start(BLOCKED_WORDS_FILE=str(file), COOLDOWN_AFTER="2")
    for _ in range(2):
        await private_words(await ada.slash("imagine", {"prompt": "gore"}))
    said = await private_words(await ada.slash("imagine", {"prompt": "a fox"}))
    assert "break: ask again <t:" in said
    assert sandbox.model.calls == []

    ended = await linus.slash("manage safety forgive", {"member": ada.user})
    assert "no longer counts" in await private_words(ended)
    await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))


@pytest.mark.further
async def test_a_flood_of_new_accounts_slows_the_server_down_until_it_is_calmed(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    await idle_bot.start(RAID_ACCOUNTS="8")  # two accounts that are new, as those of the sandbox are
    await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))
    await card_after(grace, await grace.slash("imagine", {"prompt": "a fox"}))
    said = await private_words(await grace.slash("imagine", {"prompt": "a fox"}))
    assert "Requests are taken slowly here" in said
    assert idle_bot.rows("SELECT action FROM audit") == [("safety.raid_began",)]

    calmed = await linus.slash("manage safety calm")
    assert "full speed again" in await private_words(calmed)
    await card_after(grace, await grace.slash("imagine", {"prompt": "a fox"}))


@pytest.mark.further
async def test_a_moderation_model_stops_what_it_flags_and_only_that(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    url = sandbox.environment()["OPENROUTER_BASE_URL"]
    await idle_bot.start(MODERATION_URL=url, MODERATION_KEY="sk-or-moderation-canary")

    made = await ada.slash("imagine", {"prompt": "a molotov in flight"})
    assert "not allowed here" in await private_words(made)
    answer = await answer_to(ada, await ada.say(mention(sandbox, "how is a molotov made")))
    assert "not allowed here" in words(answer)
    assert sandbox.model.calls == []
    assert idle_bot.rows("SELECT COUNT(*) FROM ledger") == [(0,)]
    told = idle_bot.rows("SELECT detail FROM audit WHERE action = 'safety.blocked'")
    assert len(told) == 2
    assert all("violence" in str(detail) and "molotov" not in str(detail) for (detail,) in told)

    await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))
    await card_after(ada, await ada.slash("imagine", {"prompt": "vesuvius at night"}))
    log = idle_bot.log.read_text()
    assert "The moderation model gives no verdict (503)" in log
    assert "molotov" not in log
    assert "canary" not in log


@pytest.mark.further
async def test_nothing_passes_without_a_verdict_where_the_operator_wants_that(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    url = sandbox.environment()["OPENROUTER_BASE_URL"]
    await idle_bot.start(MODERATION_URL=url, MODERATION_KEY="sk-or-key", MODERATION_FAILS_OPEN="false")

    made = await ada.slash("imagine", {"prompt": "vesuvius at night"})
    assert "could not be checked just now" in await private_words(made)
    assert sandbox.model.calls == []
    assert idle_bot.rows("SELECT COUNT(*) FROM ledger") == [(0,)]
    await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))


@pytest.mark.further
async def test_what_waits_goes_with_a_deletion_and_can_be_approved_no_more(
    bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    moderator = await watched(linus, sandbox)
    made = await ada.slash("imagine", {"prompt": "a secret fox"})
    card = await review_card(moderator)
    await made.until(lambda it: it.original is not None and "looks first" in words(it.original), 60)

    asked = await the_card(ada, "privacy delete")
    gone = await ada.press(asked, "Delete for good")
    await gone.until(lambda it: "Deleted." in words(it.original or asked), 60)

    assert "called off before anybody decided" in words(card)
    assert (pictures(card), buttons(card)) == ([], [])
    assert bot.states() == ["cancelled"]
    assert bot.held() == (0, 0)
    assert bot.booked() == sandbox.model.total_cost_microusd
    assert bot.rows("SELECT COUNT(*) FROM picture") == bot.rows("SELECT COUNT(*) FROM review") == [(0,)]
    assert "Nothing was charged" in words(made.original or card)


@pytest.mark.further
async def test_a_moderators_channel_that_is_closed_is_told_of_and_pictures_wait(
    bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    await watched(linus, sandbox)
    room, bot_id = sandbox.world.channel("moderators"), sandbox.world.bot.id
    room.overwrites[:] = [one for one in room.overwrites if one.target_id != bot_id]
    sandbox.world.overwrite(room, Overwrite(bot_id, is_member=True, deny=int(Permission.VIEW_CHANNEL)))
    owner = sandbox.world.person("Sandbox").at("dm")

    made = await ada.slash("imagine", {"prompt": "a fox"})
    await made.until(lambda it: it.original is not None and "cannot be reached" in words(it.original), 60)
    await sandbox.world.changed.until(lambda: bool(owner.messages()), 60)

    assert "can no longer show pictures and reports to the moderators" in words(owner.messages()[-1])
    state = await linus.slash("manage safety review")
    assert "Easel cannot show pictures to moderators" in await private_words(state)
    assert bot.rows("SELECT COUNT(*) FROM audit WHERE action = 'review.lost'") == [(1,)]
