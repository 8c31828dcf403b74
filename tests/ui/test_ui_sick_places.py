"""A place whose Discord is in trouble keeps nothing that goes to others."""

from __future__ import annotations

import pytest
import stamina
from provider_kit import picture_bytes
from ui_kit import EDIT, kept

from bot.errors import DiscordAway
from bot.ui import patience
from bot.ui.patience import KNOWN_S, Trouble


@pytest.fixture
def times() -> list[float]:
    return [0.0]


@pytest.fixture
def trouble(courier, times, monkeypatch) -> Trouble:
    """Let trouble be waited out for as long as it really is, which is short here."""
    stamina.set_testing(testing=False)
    monkeypatch.setattr(patience, "HERE_S", 0.5)
    courier._trouble = Trouble(lambda: times[0])
    return courier._trouble


@pytest.mark.usefixtures("trouble")
async def test_what_comes_next_for_a_sick_place_is_tried_once(courier, house, remote, times):
    came = await kept(house, picture_bytes())
    remote.refuse(EDIT, 503, times=99)

    async def tries() -> int:
        before = len(remote.calls)
        with pytest.raises(DiscordAway):
            await courier.present(came)
        return len(remote.calls) - before

    assert await tries() > 1
    assert await tries() == 1
    times[0] += KNOWN_S
    assert await tries() > 1, "it was long ago"


def test_other_places_are_not_sick_and_one_that_is_well_again_is_forgotten(trouble):
    with pytest.raises(DiscordAway), trouble.told(1):
        raise ConnectionResetError

    assert (trouble.patience_s(1), trouble.patience_s(2)) == (0.0, 0.5)
    with trouble.told(1):
        pass
    assert trouble.patience_s(1) == 0.5


def test_what_has_nothing_to_do_with_discord_makes_no_place_sick(trouble):
    with pytest.raises(ZeroDivisionError), trouble.told(1):
        raise ZeroDivisionError

    assert trouble.patience_s(1) == 0.5
