"""How a server's pictures are shown, chosen by its moderators over what the operator set, in the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.looks import card_after, pictures, private_words

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def choose(linus: Person, **how: Any) -> str:
    return await private_words(await linus.slash("manage safety pictures", how))


def is_covered(card: Message) -> bool:
    """Tell whether a card covers its picture, by the gallery and by the name of the file alike."""
    (item,), (file,) = pictures(card), card.attachments
    assert file.filename.startswith("SPOILER_") is item["spoiler"]
    return item["spoiler"]


async def test_covers_and_captions_are_as_the_server_chose(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    await idle_bot.start(CAPTION_RESULTS="true", SPOILER_RESULTS="never")
    assert "They get no captions." in await choose(linus, covered="always", captions=False)

    covered = await card_after(ada, await ada.slash("imagine", {"prompt": "a pear"}))
    direct = ada.at("dm")
    elsewhere = await card_after(direct, await direct.slash("imagine", {"prompt": "a plum", "count": 1}))
    await idle_bot.until_ended()
    assert is_covered(covered)
    assert not is_covered(elsewhere), "direct messages are no server's"

    await choose(linus, covered="never", captions=True)
    order = await ada.slash("imagine", {"prompt": "a fox in snow"})
    open_ = await card_after(ada, order)
    await order.until(lambda _: "mostly" in str(pictures(open_)), 60)
    await idle_bot.until_ended()

    assert not is_covered(open_)
    assert "mostly" not in str(pictures(covered)), "what was asked for before stays without a caption"
    asked = [call for call in sandbox.model.calls if call.body.get("messages")]
    assert not any("a pear" in str(call.body["messages"]) for call in asked)
    assert any("a fox in snow" in str(call.body["messages"]) for call in asked)
