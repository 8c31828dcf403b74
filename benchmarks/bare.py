"""The bare handler: what a first working bot looks like, without one check."""

import base64
import io
import os

import discord
import httpx
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

MODEL = "openai/gpt-5-image-mini"
Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
Interaction = discord.Interaction[discord.Client]


class Bare(discord.Client):
    """A client with two commands."""

    async def setup_hook(self) -> None:
        """Tell Discord the commands."""
        tree = app_commands.CommandTree(self)
        http = httpx.AsyncClient(
            base_url=os.environ["OPENROUTER_BASE_URL"],
            headers={"Authorization": f"Bearer {os.environ['OPENROUTER_API_KEY']}"},
            limits=httpx.Limits(max_connections=2000),
            timeout=200,
        )

        @tree.command()
        async def imagine(interaction: Interaction, prompt: str) -> None:  # pyright: ignore[reportUnusedFunction] - registered by its decorator
            """Draw a picture."""
            await interaction.response.defer()
            r = await http.post("/images", json={"model": MODEL, "prompt": prompt})
            picture = base64.b64decode(r.json()["data"][0]["b64_json"])
            file = discord.File(io.BytesIO(picture), "picture.png")
            await interaction.edit_original_response(content=prompt, attachments=[file])

        @tree.command()
        async def quota(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - registered by its decorator
            """Answer in two steps."""
            await interaction.response.defer()
            await interaction.edit_original_response(content="17 of 20 pictures left today")

        @tree.command()
        async def ping(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - registered by its decorator
            """Answer in one step."""
            await interaction.response.send_message("17 of 20 pictures left today", ephemeral=True)

        await tree.sync()


if __name__ == "__main__":
    Bare(intents=discord.Intents(guilds=True)).run(os.environ["DISCORD_TOKEN"], log_level=30)
