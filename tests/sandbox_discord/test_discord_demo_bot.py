"""A real discord.py bot works against the sandbox over real sockets."""

import pytest
from demo_bot import picture, running

from sandbox.discord.people import ClientRefused


@pytest.fixture
async def bot(sandbox, monkeypatch):
    async with running(sandbox, monkeypatch) as bot:
        yield bot


async def test_slash_command_is_deferred_and_answered_with_a_gallery(sandbox, bot):
    ada = sandbox.world.person("Ada")

    interaction = await ada.slash(
        "imagine",
        {"prompt": "a boat", "count": 2, "friend": sandbox.world.user("Grace")},
        files={"reference": ("ref.png", picture("green"))},
    )
    first = await interaction.first_response()
    message = await interaction.answer()

    assert first.type == 5
    payload = sandbox.world.payload(message)
    assert payload["attachments"] == []
    container = payload["components"][0]
    assert container["components"][0]["content"] == (
        f"a boat/2/square/none/None/True/Grace/{len(picture('green'))}"
    )
    media = container["components"][1]["items"][0]["media"]
    assert (media["width"], media["height"], media["content_type"]) == (64, 48, "image/png")
    assert sandbox.world.schemas.response_problem("MessageResponse", payload) is None
    assert [r.error for r in sandbox.world.requests if r.error] == []


async def test_wrong_options_stop_at_the_client(sandbox, bot):
    ada = sandbox.world.person("Ada")

    for options in ({}, {"prompt": ""}, {"prompt": "x", "count": 5}, {"prompt": "x", "shape": "round"}):
        with pytest.raises(ClientRefused):
            await ada.slash("imagine", options)
