"""A small bot on discord.py with something of everything the page shows; as a script, a whole sandbox."""

import asyncio
import contextlib
import sys
from io import BytesIO
from typing import Literal

import discord
import discord.gateway
import discord.http
import yarl
from discord import app_commands, ui
from PIL import Image, ImageDraw

from sandbox.discord.entities import Command
from sandbox.server import Sandbox

STYLES = ("Watercolour", "Ink", "Oil", "Pastel")


def picture(number: int, size: tuple[int, int] = (512, 384)) -> bytes:
    width, height = size
    image = Image.new("RGB", size, ((40 + 67 * number) % 256, (90 + 41 * number) % 256, 150))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.6, height * 0.15, width * 0.8, height * 0.15 + width * 0.2), "#ffe9b0")
    draw.polygon(
        [(0, height), (0, height * 0.6), (width * 0.4, height * 0.8), (width, height * 0.5), size], "#1d2a4a"
    )
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def card(prompt: str, count: int, note: str) -> tuple[ui.LayoutView, list[discord.File]]:
    names = [f"picture-{number}.png" for number in range(count)]
    files = [discord.File(BytesIO(picture(number)), name) for number, name in enumerate(names)]
    gallery = ui.MediaGallery(
        *(
            discord.MediaGalleryItem(f"attachment://{name}", description=f"{prompt}, {n}")
            for n, name in enumerate(names)
        )
    )
    view = ui.LayoutView(timeout=None)
    view.add_item(
        ui.Container(
            ui.TextDisplay(f"### {prompt}"),
            gallery,
            ui.Separator(),
            ui.TextDisplay(f"-# {note}"),
            ui.ActionRow(
                Press("Again", discord.ButtonStyle.primary),
                Press("Edit…", discord.ButtonStyle.secondary),
                Press("Ignored", discord.ButtonStyle.danger),
                ui.Button(label="Off", custom_id="off", disabled=True),
                ui.Button(label="Read more", url="https://example.com"),
            ),
            ui.ActionRow(Style()),
            ui.ActionRow(People()),
            accent_colour=0x5865F2,
        )
    )
    return view, files


class Press(ui.Button):
    def __init__(self, label: str, style: discord.ButtonStyle) -> None:
        super().__init__(label=label, style=style, custom_id=f"press:{label}")

    async def callback(self, interaction: discord.Interaction) -> None:
        if self.label == "Again":
            view, files = card("Again", 1, "pressed")
            await interaction.response.send_message(view=view, files=files)
        elif self.label == "Edit…":
            await interaction.response.send_modal(Form())


class Style(ui.Select):
    def __init__(self) -> None:
        options = [
            discord.SelectOption(label=name, value=name, description=f"{name} on paper") for name in STYLES
        ]
        super().__init__(custom_id="style", placeholder="Another style", options=options)

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"chose {self.values}", ephemeral=True)


class People(ui.UserSelect):
    def __init__(self) -> None:
        super().__init__(custom_id="people", placeholder="Give it to", max_values=2, min_values=1)

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(
            f"for {[who.display_name for who in self.values]}", ephemeral=True
        )


class Form(ui.Modal, title="Edit the picture"):
    prompt = ui.Label(
        text="Prompt",
        description="What it should show",
        component=ui.TextInput(default="a boat", style=discord.TextStyle.paragraph, max_length=400),
    )
    title_ = ui.Label(text="Title", component=ui.TextInput(required=False, placeholder="None"))
    references = ui.Label(
        text="References", component=ui.FileUpload(required=False, min_values=0, max_values=2)
    )
    shape = ui.Label(
        text="Shape",
        component=ui.RadioGroup(
            options=[
                discord.RadioGroupOption(
                    label="Square", value="1:1", description="1024 × 1024", default=True
                ),
                discord.RadioGroupOption(label="Wide", value="16:9"),
            ]
        ),
    )
    extras = ui.Label(
        text="Extras",
        component=ui.CheckboxGroup(
            required=False,
            min_values=0,
            options=[discord.CheckboxGroupOption(label=name, value=name) for name in ("Frame", "Grain")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        said: list[object] = []
        for label in (self.prompt, self.title_, self.references, self.shape, self.extras):
            match label.component:
                case ui.FileUpload() as files:
                    said.append([len(await file.read()) for file in files.values])
                case ui.CheckboxGroup() as group:
                    said.append(group.values)
                case ui.TextInput() | ui.RadioGroup() as field:
                    said.append(field.value)
                case _:
                    pass
        await interaction.response.send_message("|".join(map(str, said)), ephemeral=True)


class Wishes(ui.Modal, title="Wishes"):
    text = ui.TextDisplay("Say what you **wish** for.")
    style = ui.Label(
        text="Style",
        component=ui.Select(
            options=[discord.SelectOption(label=n, value=n, default=n == "Oil") for n in STYLES]
        ),
    )
    friend = ui.Label(text="Friend", component=ui.UserSelect(required=False, min_values=0))
    private = ui.Label(text="Private", component=ui.Checkbox(default=True))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        said: list[object] = []
        for label in (self.style, self.friend, self.private):
            match label.component:
                case ui.Select() as select:
                    said.append(select.values)
                case ui.UserSelect() as select:
                    said.append([user.display_name for user in select.values])
                case ui.Checkbox() as box:
                    said.append(box.value)
                case _:
                    pass
        await interaction.response.send_message("|".join(map(str, said)), ephemeral=True)


def exhibition() -> tuple[ui.LayoutView, list[discord.File]]:
    files = [
        discord.File(BytesIO(picture(1)), "small.png"),
        discord.File(BytesIO(b"a list"), "list.txt"),
        discord.File(BytesIO(picture(2)), "secret.png"),
    ]
    small, listing, secret = (file.uri for file in files)
    view = ui.LayoutView(timeout=None)
    view.add_item(
        ui.Section("## Exhibition", "Tonight", accessory=ui.Thumbnail(small, description="a small one"))
    )
    view.add_item(ui.Separator(visible=False, spacing=discord.SeparatorSpacing.large))
    view.add_item(
        ui.Section("Open", accessory=ui.Button(label="Visit", url="https://example.com", emoji="\N{EYES}"))
    )
    view.add_item(ui.File(listing))
    view.add_item(ui.Container(ui.TextDisplay("behind a curtain"), spoiler=True))
    view.add_item(ui.MediaGallery(discord.MediaGalleryItem(secret, description="a secret", spoiler=True)))
    return view, files


class Bot(discord.Client):
    def __init__(self) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(intents=intents, guild_ready_timeout=0.05, max_messages=None)
        self.tree = app_commands.CommandTree(self)
        add_drawing(self.tree)
        add_answers(self.tree)
        add_menus(self.tree)

    async def setup_hook(self) -> None:
        view, _ = card("", 1, "")
        self.add_view(view)
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if not message.author.bot and message.guild is None:
            await message.reply(f"heard **{message.content}** and {len(message.attachments)} files")


def add_drawing(tree: app_commands.CommandTree) -> None:
    @tree.command()
    @app_commands.describe(prompt="What to draw", count="How many", style="In what manner", of="Who is in it")
    async def draw(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 400],
        count: app_commands.Range[int, 1, 10] = 1,
        aspect: Literal["square", "wide"] = "square",
        style: str = "none",
        private: bool = False,
        reference: discord.Attachment | None = None,
        of: discord.Member | None = None,
    ) -> None:
        """Draw pictures from a description."""
        await interaction.response.defer(ephemeral=private, thinking=True)
        size = len(await reference.read()) if reference else 0
        view, files = card(
            prompt, count, f"{count}/{aspect}/{style}/{private}/{size}/{of and of.display_name}"
        )
        await interaction.edit_original_response(view=view, attachments=files)

    @draw.autocomplete("style")
    async def styles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=n, value=n.lower()) for n in STYLES if current.lower() in n.lower()]


def add_answers(tree: app_commands.CommandTree) -> None:
    @tree.command()
    async def whisper(interaction: discord.Interaction) -> None:
        """Say something to one person."""
        await interaction.response.send_message("psst", ephemeral=True)

    @tree.command()
    async def exhibit(interaction: discord.Interaction) -> None:
        """Show all the layouts."""
        view, files = exhibition()
        await interaction.response.send_message(view=view, files=files)

    @tree.command()
    async def wish(interaction: discord.Interaction) -> None:
        """Open a form."""
        await interaction.response.send_modal(Wishes())

    @tree.command()
    async def ignore(interaction: discord.Interaction) -> None:
        """Never answer."""

    @tree.command()
    async def tell(interaction: discord.Interaction, file: discord.Attachment) -> None:
        """Tell about a file."""
        embed = discord.Embed(title=file.filename, description=f"{file.size} bytes", colour=0xE67E22)
        embed.add_field(name="Type", value=str(file.content_type))
        await interaction.response.send_message(
            "**Here** it is", embed=embed, file=discord.File(BytesIO(b"notes"), "notes.txt")
        )

    manage = app_commands.Group(name="manage", description="Moderate", guild_only=True)
    quota = app_commands.Group(name="quota", description="Allowances", parent=manage)

    @quota.command()
    async def show(interaction: discord.Interaction) -> None:
        """Show the allowances."""
        await interaction.response.send_message("Ten pictures a day.", ephemeral=True)

    tree.add_command(manage)


def add_menus(tree: app_commands.CommandTree) -> None:
    @tree.context_menu(name="Describe picture")
    async def describe(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"It says: {message.content}", ephemeral=True)

    @tree.context_menu(name="Allowance")
    async def allowance(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"{user.display_name} has ten left.", ephemeral=True)


def hush(sandbox: Sandbox) -> None:
    """Let the commands be as good as never told, until `clear`."""
    sandbox.world.commands = {}
    sandbox.world.changed.notify()


def clear(sandbox: Sandbox, commands: dict[int, Command]) -> None:
    """Forget what was said and armed; the commands are known."""
    sandbox.world.commands = commands
    for channel in sandbox.world.channels.values():
        channel.messages.clear()
    sandbox.model.faults.clear()
    sandbox.world.changed.notify()


async def main(port: int) -> None:
    """Serve a sandbox with this bot until standard input ends; hush or clear it as each line from there says.

    Its address is said once the bot is there, and again after each line.
    """
    async with Sandbox(port=port) as sandbox:
        environment = sandbox.environment()
        discord.http.Route.BASE = environment["DISCORD_API_URL"]
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(environment["DISCORD_GATEWAY_URL"])
        bot = Bot()
        running = asyncio.create_task(bot.start(environment["DISCORD_TOKEN"]))
        await sandbox.world.changed.until(
            lambda: sandbox.world.commands and sandbox.world.is_bot_online(), 20
        )
        sandbox.world.limits.enabled = False
        commands = sandbox.world.commands
        sys.stdout.write(f"{sandbox.url}\n")
        sys.stdout.flush()
        while line := await asyncio.to_thread(sys.stdin.readline):
            hush(sandbox) if line.strip() == "hush" else clear(sandbox, commands)
            sys.stdout.write(f"{sandbox.url}\n")
            sys.stdout.flush()
        await bot.close()
        with contextlib.suppress(asyncio.CancelledError):
            await running


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
