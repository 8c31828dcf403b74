"""A real discord.py bot works against the sandbox over real sockets."""

import asyncio
from io import BytesIO

import discord
import pytest
import pytest_asyncio
from discord_demo_bot import card, picture, running

from sandbox.discord.entities import Upload
from sandbox.discord.faults import Fault
from sandbox.discord.people import ClientRefused
from sandbox.server import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_bot(openapi):
    """One sandbox and one bot for all: each test has a channel of its own."""
    async with Sandbox(port=0, page=False, discord_openapi=openapi) as sandbox, running(sandbox) as bot:
        yield sandbox, bot


@pytest.fixture
def sandbox(one_bot):
    sandbox, _ = one_bot
    sandbox.world.limits.enabled = False
    sandbox.world.requests.clear()
    yield sandbox
    assert [r.error for r in sandbox.world.requests if r.status in (400, 404)] == []


@pytest.fixture
def bot(one_bot):
    _, bot = one_bot
    bot.heard.clear()
    bot.release.clear()
    return bot


@pytest_asyncio.fixture(loop_scope="module")
async def ada(sandbox, bot, request):
    world = sandbox.world
    channel = world.add_channel(next(iter(world.guilds.values())), request.node.name)
    await world.changed.until(lambda: bot.get_channel(channel.id), 60)
    return world.person("Ada", channel)


async def drawn(ada, prompt="a boat"):
    return await (await ada.slash("imagine", {"prompt": prompt})).answer()


def texts(sandbox, message):
    payload = sandbox.world.payload(message)
    return payload["components"][0]["components"][0]["content"]


async def test_wrong_options_stop_at_the_client(bot, ada):
    for options in ({}, {"prompt": ""}, {"prompt": "x", "count": 5}, {"prompt": "x", "shape": "round"}):
        with pytest.raises(ClientRefused):
            await ada.slash("imagine", options)


async def test_slash_command_is_deferred_and_answered_with_a_gallery(sandbox, bot, ada):
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
    said = f"a boat/2/square/none/None/True/Grace/{len(picture('green'))}"
    assert container["components"][0]["content"] == said
    media = container["components"][1]["items"][0]["media"]
    assert (media["width"], media["height"], media["content_type"]) == (64, 48, "image/png")
    assert interaction.state == "answered"
    assert sandbox.world.schemas.response_problem("MessageResponse", payload) is None


async def test_autocomplete_offers_what_fits(bot, ada):
    choices = await ada.autocomplete("imagine", "style", "o", {"prompt": "half typed"})

    assert [choice["value"] for choice in choices] == ["oil", "watercolour"]


async def test_answer_is_followed_up_as_a_reply(sandbox, bot, ada):
    interaction = await ada.slash("say", {"text": "hello @everyone"})
    await interaction.until(lambda it: len(it.followups) == 1)

    assert interaction.original.content == "hello @everyone"
    assert interaction.original.mentions_everyone is False
    assert interaction.followups[0].reply_to is interaction.original


async def test_follow_up_to_a_hidden_placeholder_stays_hidden(sandbox, bot, ada):
    interaction = await ada.slash("secret")
    message = await interaction.answer()

    grace = sandbox.world.person("Grace", ada.channel)
    assert message.content == "psst"
    assert interaction.is_ephemeral
    assert interaction.followups == []
    assert message in ada.messages()
    assert message not in grace.messages()
    with pytest.raises(ClientRefused):
        await grace.message_menu("Describe", message)
    await ada.dismiss(message)
    assert message not in ada.messages()


async def test_placeholder_is_seen_until_the_answer_comes(bot, ada):
    interaction = await ada.slash("slow")
    await interaction.first_response()

    assert interaction.state == "thinking"
    assert [message.is_thinking for message in ada.messages()] == [True]
    bot.release.set()
    message = await interaction.answer()
    assert (message.content, message.edited_at) == ("done", None)


async def test_button_edits_its_message_with_a_new_picture(sandbox, bot, ada):
    message = await drawn(ada)
    before = [attachment.id for attachment in message.attachments]

    pressed = await ada.press(message, "Again")
    await pressed.first_response()
    await ada.world.changed.until(lambda: message.edited_at, 60)

    assert texts(sandbox, message) == "again"
    assert [attachment.id for attachment in message.attachments] != before
    assert before[0] not in sandbox.world.attachments


async def test_select_updates_its_message(sandbox, bot, ada):
    message = await drawn(ada)

    await (await ada.select(message, "pick:1", ["one", "three"])).first_response()

    assert texts(sandbox, message) == "one,three"
    assert message.attachments == []
    with pytest.raises(ClientRefused):
        await ada.select(message, "pick:0", ["four"])


async def test_modal_brings_back_all_its_fields(sandbox, bot, ada):
    message = await drawn(ada)
    pressed = await ada.press(message, "Edit…")
    await pressed.first_response()

    submitted = await ada.submit(
        pressed,
        {
            "prompt": "a red boat",
            "shape": "3:2",
            "files": [Upload("a.png", picture()), Upload("b.png", picture("blue"))],
            "style": ["oil"],
            "private": True,
        },
    )
    answer = await submitted.answer()

    sizes = [len(picture()), len(picture("blue"))]
    assert answer.content == f"a red boat|3:2|{sizes}|['oil']|True"
    assert answer.is_ephemeral


@pytest.mark.further
async def test_modal_keeps_its_defaults(bot, ada):
    pressed = await ada.press(await drawn(ada), "Edit…")
    await pressed.first_response()

    answer = await (await ada.submit(pressed, {"style": ["ink"]})).answer()

    assert answer.content == "a boat|1:1|[]|['ink']|False"


async def test_message_menu_shows_the_gallery_and_hides_nothing(bot, ada):
    message = await drawn(ada)

    answer = await (await ada.message_menu("Describe", message)).answer()

    assert answer.content == "|0|1"


async def test_message_menu_reveals_content_without_the_intent(bot, ada):
    message = await ada.say("look at this", files=[("cat.png", picture())])

    answer = await (await ada.message_menu("Describe", message)).answer()

    assert answer.content == "look at this|1|0"


async def test_user_menu_knows_the_member(sandbox, bot, ada):
    answer = await (await ada.user_menu("Portrait", sandbox.world.user("Grace"))).answer()

    assert answer.content == "portrait of Grace"


async def test_subcommand_is_reached_by_its_words(bot, ada):
    interaction = await ada.slash("styles add", {"name": "ink"})

    message = await interaction.answer()
    assert message.content == "added ink"
    with pytest.raises(ClientRefused):
        await ada.press(message, "Read more")
    with pytest.raises(ClientRefused):
        await ada.slash("styles", {"name": "ink"})


async def test_commands_are_offered_by_permission_and_place(sandbox, bot, ada):
    names = {
        who: [command.name for command in sandbox.world.person(*who).commands()]
        for who in (("Ada", "studio"), ("Linus", "studio"), ("Ada", "dm"))
    }

    assert "admin" not in names["Ada", "studio"]
    assert "admin" in names["Linus", "studio"]
    assert "imagine" in names["Ada", "dm"]
    assert "admin" not in names["Ada", "dm"]
    with pytest.raises(ClientRefused):
        await ada.slash("admin")


async def test_content_is_withheld_unless_the_bot_is_meant(sandbox, bot, ada):
    answered = await drawn(ada)
    await ada.say("a secret", files=[("cat.png", picture())])
    await ada.say("again please", reply_to=answered)
    await ada.say(f"<@{sandbox.world.bot.id}> hello")
    await ada.world.changed.until(lambda: len(bot.heard) == 3, 60)
    reply = await ada.world.changed.until(
        lambda: next((m for m in ada.messages() if m.content.startswith("heard:")), None), 5
    )

    assert [message.content for message in bot.heard] == ["", "", f"<@{sandbox.world.bot.id}> hello"]
    assert bot.heard[0].attachments == []
    assert [u.id for u in bot.heard[1].mentions] == [sandbox.world.bot.id]
    assert reply.mentions == []
    await ada.say("thank you", reply_to=reply)
    await ada.say("not you", reply_to=reply, ping=False)
    await ada.world.changed.until(lambda: len(bot.heard) == 5, 60)
    assert [message.content for message in bot.heard[3:]] == ["thank you", ""]


async def test_direct_conversation_is_read_and_answered(sandbox, bot):
    sandbox.world.add_user("Eve")
    ada = sandbox.world.person("Eve", "dm")

    await ada.say("hello there")
    await ada.world.changed.until(lambda: len(ada.messages()) == 2, 60)

    assert ada.messages()[1].content == "heard: hello there"
    message = await drawn(ada)
    await (await ada.press(message, "again:1")).first_response()


async def test_bot_posts_edits_reads_and_deletes_by_itself(sandbox, bot, ada):
    channel = bot.get_channel(ada.channel.id)
    file = discord.File(BytesIO(picture()), "pic.png")
    message = await channel.send(view=card(1, "posted"), file=file)
    again = await channel.fetch_message(message.id)
    await message.edit(view=card(1, "edited", again.components[0].children[1].items[0].media.url))
    await message.add_reaction("🎨")
    thread = await message.create_thread(name="Talk")
    await thread.send("in here")
    async with channel.typing():
        assert channel.id in sandbox.world.typing_until
    listed = [one.id async for one in channel.history(limit=5)]

    assert message.id in listed
    stored = ada.channel.messages[message.id]
    assert texts(sandbox, stored) == "edited"
    assert len(stored.attachments) == 1
    assert stored.reactions == {"🎨": [sandbox.world.bot.id]}
    assert [m.content for m in sandbox.world.channel("Talk").messages.values()] == ["in here"]
    await message.delete()
    assert stored.is_deleted
    assert message.id not in ada.channel.messages


async def test_lost_answer_does_not_post_twice(sandbox, bot, ada):
    sandbox.world.faults.rest.append(Fault("POST", r"/messages$", 502, after_effect=True))

    await bot.get_channel(ada.channel.id).send("once", nonce="job-1")

    assert [message.content for message in ada.messages()] == ["once"]


async def test_rate_limit_slows_the_bot_without_errors(sandbox, bot, ada):
    sandbox.world.limits.rules["message.create"] = (2, 0.2)
    sandbox.world.limits.enabled = True
    channel = bot.get_channel(ada.channel.id)

    await asyncio.gather(*(channel.send(str(number)) for number in range(5)))

    assert len(ada.messages()) == 5
    assert [r.status for r in sandbox.world.requests if r.status == 429] == []


async def test_global_limit_is_waited_for(sandbox, bot, ada):
    limits = sandbox.world.limits
    limits.enabled = True
    for _ in range(50):
        limits.spend("other", "x")

    await bot.get_channel(ada.channel.id).send("late")

    assert limits.exceeded >= 1
    assert ada.messages()[-1].content == "late"


async def test_resumed_session_gets_what_it_missed(sandbox, bot, ada):
    before, resumes = sandbox.gateway.identifies, sandbox.gateway.resumes
    sandbox.gateway.close(4000)
    interaction = await ada.slash("say", {"text": "while away"})
    await interaction.until(lambda it: len(it.followups) == 1, 60)

    assert (sandbox.gateway.identifies, sandbox.gateway.resumes) == (before, resumes + 1)


async def test_asked_to_reconnect_the_bot_resumes(sandbox, bot, ada):
    resumes = sandbox.gateway.resumes
    sandbox.gateway.reconnect()
    await ada.world.changed.until(lambda: sandbox.gateway.resumes == resumes + 1, 60)

    assert (await (await ada.slash("say", {"text": "back"})).answer()).content == "back"


async def test_file_that_the_channel_forbids_is_refused(sandbox, bot):
    ada = sandbox.world.person("Ada", "no-files")
    channel = bot.get_channel(ada.channel.id)

    with pytest.raises(discord.Forbidden) as refused:
        await channel.send(file=discord.File(BytesIO(b"x"), "x.txt"))
    assert refused.value.code == 50013
