from __future__ import annotations

from bot.domain.preferences import Preferences
from bot.texts import speaking
from bot.ui.preferences import card


def test_the_whole_card_is_in_the_language_of_its_person():
    with speaking("ja"):
        said = str(card(1, Preferences(), aspects=[], qualities=[], styles=[]).to_components())

    assert "あなたの個人設定" in said
    assert "縦横比：モデルが決める" in said
    assert "Your" not in said
