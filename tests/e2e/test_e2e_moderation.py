"""The moderation model looks at pictures, in the real bot."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot import catalogues
from tests.e2e.looks import buttons, card_after, pictures, private_words, words
from tests.e2e.test_e2e_operator import page, port
from tests.e2e.test_e2e_safety import review_card, the_card, watched

if TYPE_CHECKING:
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

__all__ = ["port"]

pytestmark = pytest.mark.e2e
STREAMS = "openai/gpt-image-2.5-flare"
"""A model that shows how its pictures sharpen."""
STANDS = 'easel_model_circuit{model="omni-moderation-latest",state="closed"} 1.0'


def judging(sandbox: Sandbox) -> dict[str, str]:
    """Return the settings of an operator who has a moderation model."""
    return {
        "MODERATION_URL": sandbox.environment()["OPENROUTER_BASE_URL"],
        "MODERATION_KEY": "sk-or-moderation",
    }


def a_sealed_picture() -> bytes:
    """Return a picture that the loopback flags: it bears a red seal all over."""
    file = io.BytesIO()
    Image.new("RGB", (1600, 1200), (255, 0, 0)).save(file, "PNG")
    return file.getvalue()


async def told(interaction: Interaction, sentence: str) -> None:
    """Wait until an interaction's own card says something, without a picture."""
    await interaction.until(lambda it: it.original is not None and sentence in words(it.original), 60)
    assert interaction.original is not None
    assert not pictures(interaction.original)


def pictures_of(interaction: Interaction) -> list[dict[str, Any]]:
    return [] if interaction.original is None else pictures(interaction.original)


async def choose(moderator: Person, command: str, options: dict[str, bool | str]) -> None:
    chosen = await moderator.slash(command, options)
    await chosen.until(lambda it: it.original is not None, 60)


async def test_pictures_are_looked_at_before_they_are_taken_and_before_they_are_shown(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person, port: int
) -> None:
    await idle_bot.start(**judging(sandbox), HTTP_PORT=str(port))
    brought = {"image": ("red.png", a_sealed_picture())}
    edit = await ada.slash("edit", {"prompt": "make it night"}, files=brought)
    assert "seems to show what is not allowed" in await private_words(edit)
    assert sandbox.model.calls == []
    assert idle_bot.rows("SELECT COUNT(*) FROM ledger") == [(0,)]

    made = await ada.slash("imagine", {"prompt": "a gladiator", "model": STREAMS})
    await told(made, "An automatic check found")
    assert idle_bot.states() == ["refused"]
    assert idle_bot.held() == (0, 0)
    assert idle_bot.booked() == sandbox.model.total_cost_microusd > 0
    assert idle_bot.rows("SELECT COUNT(*) FROM picture") == [(0,)]
    assert not any(pictures(message) for message in grace.messages()), "nor as it sharpened"
    assert idle_bot.rows("SELECT action FROM audit ORDER BY id") == [("safety.blocked",), ("safety.flagged",)]

    await choose(linus, "manage safety pictures", {"covered": "flagged"})
    covered = await card_after(ada, await ada.slash("imagine", {"prompt": "a duel"}))
    plain = await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))
    names = [one.attachments[0].filename.startswith("SPOILER_") for one in (covered, plain)]
    assert names == [True, False]
    grid = await ada.press(covered, "Change a part…")
    await grid.until(lambda it: [one["spoiler"] for one in pictures_of(it)] == [True], 60)

    await choose(linus, "manage safety pictures", {"apart": True})
    apart = await private_words(await ada.slash("imagine", {"prompt": "a duel"}))
    assert "only in age-restricted channels" in apart
    assert "shown only in age-restricted" in await private_words(await ada.slash("gallery", {}))
    adult = ada.at("gallery-nsfw")
    await card_after(adult, await adult.slash("imagine", {"prompt": "a duel"}))

    await choose(linus, "manage safety moderation", {"on": False})
    assert "Off here" in words(await the_card(linus, "manage safety moderation"))
    await card_after(ada, await ada.slash("imagine", {"prompt": "a gladiator"}))
    assert '"moderation": "ok"' in (await page(port, "/readyz"))[1]
    assert STANDS in (await page(port, "/metrics"))[1]


@pytest.mark.further
async def test_a_verdict_is_told_in_the_language_of_who_asked_whatever_moderators_speak(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    await idle_bot.start(**judging(sandbox))
    moderator = await watched(linus, sandbox, "flagged")
    linus.user.locale, ada.user.locale = "de", "fr"
    french = catalogues.catalogue("fr").gettext

    made = await ada.slash("imagine", {"prompt": "a gladiator"})
    card = await review_card(moderator)
    assert "May this be shown?" in words(card), "the server speaks English"
    assert "moderation model: violence" in words(card)
    waits = french("A moderator of this server looks first. You are charged only for what is shown.")
    await told(made, waits)

    (no,) = [one for one in buttons(card) if one.startswith("Deny")]
    pressed = await moderator.press(card, no)
    await pressed.until(lambda it: it.modal is not None, 60)
    await moderator.submit(pressed, {"reason": "Zu wild"})
    said = french("A moderator decided not to show what you asked for: {reason} Nothing was charged.")
    assert said.format(reason="Zu wild.") in await private_words(made)
    await idle_bot.until_states("failed")
    assert idle_bot.held() == (0, 0)
