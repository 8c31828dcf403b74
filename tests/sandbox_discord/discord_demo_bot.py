"""A small bot on discord.py that uses all of what Easel uses, to show that the sandbox speaks Discord."""

import asyncio
import contextlib
import re
from io import BytesIO
from typing import Any, Literal, cast

import discord
import discord.gateway
import discord.http
import pytest
import yarl
from discord import app_commands, ui
from discord.ext import commands
from PIL import Image

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, kind)
    return out.getvalue()


class Again(ui.DynamicItem[ui.Button], template=r"again:(?P<id>\d+)"):
    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="Again", custom_id=f"again:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction, item, match: re.Match[str]):  # noqa: ARG003 - discord.py's signature
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(
            view=card(self.number + 1, "again"),
            attachments=[discord.File(BytesIO(picture("blue")), "pic.png")],
        )


def value(label: ui.Label) -> Any:
    """Return what was entered in a field of a modal, whatever its kind calls it."""
    component: Any = label.component
    return component.values if hasattr(component, "values") else component.value


class Form(ui.Modal, title="Edit the picture"):
    prompt = ui.Label(
        text="Prompt", component=ui.TextInput(custom_id="prompt", default="a boat", max_length=4000)
    )
    shape = ui.Label(
        text="Shape",
        component=ui.RadioGroup(
            custom_id="shape",
            options=[
                discord.RadioGroupOption(label="Square", value="1:1", default=True),
                discord.RadioGroupOption(label="Wide", value="3:2"),
            ],
        ),
    )
    files = ui.Label(
        text="References",
        component=ui.FileUpload(custom_id="files", required=False, min_values=0, max_values=3),
    )
    style = ui.Label(
        text="Style",
        component=ui.Select(
            custom_id="style", options=[discord.SelectOption(label=x, value=x) for x in ("ink", "oil")]
        ),
    )
    private = ui.Label(text="Private", component=ui.Checkbox(custom_id="private"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        uploads = value(self.files)
        sizes = [len(await upload.read()) for upload in uploads]
        await interaction.response.send_message(
            f"{value(self.prompt)}|{value(self.shape)}|{sizes}|{value(self.style)}|{value(self.private)}",
            ephemeral=value(self.private),
        )


class EditButton(ui.DynamicItem[ui.Button], template=r"edit:(?P<id>\d+)"):
    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="Edit…", custom_id=f"edit:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction, item, match: re.Match[str]):  # noqa: ARG003 - discord.py's signature
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())


class Pick(ui.DynamicItem[ui.Select], template=r"pick:(?P<id>\d+)"):
    def __init__(self, number: int) -> None:
        options = [discord.SelectOption(label=x, value=x) for x in ("one", "two", "three")]
        super().__init__(ui.Select(custom_id=f"pick:{number}", options=options, max_values=2))

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction, item, match: re.Match[str]):  # noqa: ARG003 - discord.py's signature
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        chosen = cast("dict[str, Any]", interaction.data)["values"]
        await interaction.response.edit_message(view=card(0, ",".join(chosen)), attachments=[])


def row(*items: Any) -> ui.ActionRow[Any]:
    return ui.ActionRow(*items)


def card(number: int, text: str, media: str | None = "attachment://pic.png") -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    container: Any = ui.Container(accent_colour=0x5865F2)
    container.add_item(ui.TextDisplay(text))
    if media and number:
        container.add_item(ui.MediaGallery(discord.MediaGalleryItem(media, description="a picture")))
    container.add_item(row(Again(number), EditButton(number)))
    container.add_item(row(Pick(number)))
    view.add_item(container)
    return view


class DemoBot(commands.AutoShardedBot):
    """Knows /imagine, /say, /secret, /slow, /styles add, /admin, two menus; echoes mentions."""

    def __init__(self, notify) -> None:
        super().__init__(
            commands.when_mentioned,
            intents=INTENTS,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.05,
        )
        self.heard: list[discord.Message] = []
        self.notify = notify
        self.connected = asyncio.Event()
        self.release = asyncio.Event()
        add_commands(self)
        add_plain_commands(self)
        add_more_commands(self)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Again, EditButton, Pick)
        await self.tree.sync()
        self.connected.set()

    async def on_guild_channel_create(self, _: discord.abc.GuildChannel) -> None:
        self.notify()

    async def on_message(self, message: discord.Message) -> None:
        if self.user and message.author.id != self.user.id:
            self.heard.append(message)
            self.notify()
            if self.user in message.mentions or message.guild is None:
                await message.reply(f"heard: {message.clean_content}", mention_author=False)


def add_commands(bot: DemoBot) -> None:
    tree = bot.tree

    @tree.command()
    @app_commands.describe(prompt="What to draw")
    async def imagine(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 100],
        count: app_commands.Range[int, 1, 4] = 1,
        shape: Literal["square", "wide"] = "square",
        style: str = "none",
        reference: discord.Attachment | None = None,
        seed: float | None = None,
        public: bool = True,
        friend: discord.Member | None = None,
    ) -> None:
        """Draw a picture."""
        await interaction.response.defer()
        said = f"{prompt}/{count}/{shape}/{style}/{seed}/{public}/{friend and friend.display_name}"
        if reference is not None:
            said += f"/{len(await reference.read())}"
        await interaction.edit_original_response(
            view=card(1, said),
            attachments=[discord.File(BytesIO(picture()), "pic.png", description="a picture")],
        )

    @imagine.autocomplete("style")
    async def styles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = ["ink", "oil", "watercolour"]
        return [app_commands.Choice(name=name, value=name) for name in names if current in name]


def add_plain_commands(bot: DemoBot) -> None:
    tree = bot.tree

    @tree.command()
    async def say(interaction: discord.Interaction, text: str) -> None:
        """Say something, and something more."""
        await interaction.response.send_message(text)
        await interaction.followup.send(f"more: {text}")

    @tree.command()
    async def secret(interaction: discord.Interaction) -> None:
        """Say something to one person."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("psst", file=discord.File(BytesIO(b"text"), "note.txt"))

    @tree.command()
    async def slow(interaction: discord.Interaction) -> None:
        """Answer when released."""
        await interaction.response.defer()
        await bot.release.wait()
        await interaction.edit_original_response(content="done")


def add_more_commands(bot: DemoBot) -> None:
    tree = bot.tree

    @tree.command()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def admin(interaction: discord.Interaction) -> None:
        """Moderate."""
        await interaction.response.send_message("moderated", ephemeral=True)

    group = app_commands.Group(name="styles", description="Styles")

    @group.command()
    async def add(interaction: discord.Interaction, name: str) -> None:
        """Add a style."""
        await interaction.response.send_message(f"added {name}", view=discord.ui.View().add_item(link()))

    tree.add_command(group)

    @tree.context_menu(name="Describe")
    async def describe(interaction: discord.Interaction, message: discord.Message) -> None:
        media = [item.media.url for part in walk(message) for item in part.items]
        await interaction.response.send_message(
            f"{message.content}|{len(message.attachments)}|{len(media)}", ephemeral=True
        )

    @tree.context_menu(name="Portrait")
    async def portrait(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"portrait of {user.display_name}")


def link() -> ui.Button:
    return ui.Button(label="Read more", url="https://example.com")


def walk(message: discord.Message):
    for component in message.components:
        for child in getattr(component, "children", ()):
            if isinstance(child, discord.MediaGalleryComponent):
                yield child


@contextlib.asynccontextmanager
async def running(sandbox):
    """Run the demo bot against a sandbox until the block ends."""
    environment = sandbox.environment()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.http.Route, "BASE", environment["DISCORD_API_URL"])
        gateway = yarl.URL(environment["DISCORD_GATEWAY_URL"])
        patch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        bot = DemoBot(sandbox.world.changed.notify)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(bot.start(environment["DISCORD_TOKEN"]))
            try:
                await asyncio.wait_for(bot.connected.wait(), 60)
                await bot.wait_until_ready()
                yield bot
            finally:
                await bot.close()
