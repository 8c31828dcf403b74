"""A bot that opens a client for each message, streams the answer, and shows it as it comes."""

import json
import os
import time

import discord
import httpx
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

MODEL = "openai/gpt-4o-mini"
EVERY_S = 1.2
Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])


class PerMessage(discord.Client):
    """A client that answers mentions, and has one command so that its start can be seen."""

    async def setup_hook(self) -> None:
        """Tell Discord a command."""
        tree = app_commands.CommandTree(self)
        tree.command(name="ping", description="Answer")(_ping)
        await tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        """Answer who mentions it."""
        if message.author.bot or self.user not in message.mentions:
            return
        said, reply, shown_at = "", None, 0.0
        async with (
            httpx.AsyncClient(base_url=os.environ["OPENROUTER_BASE_URL"], timeout=200) as http,
            http.stream(
                "POST",
                "/chat/completions",
                json={
                    "model": MODEL,
                    "messages": [{"role": "user", "content": message.content}],
                    "stream": True,
                },
                headers={"Authorization": f"Bearer {os.environ['OPENROUTER_API_KEY']}"},
            ) as answer,
        ):
            async for line in answer.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                choices = json.loads(line[6:])["choices"]
                said += choices[0]["delta"]["content"] if choices else ""
                if said and reply is None:
                    reply, shown_at = await message.reply(said), time.monotonic()
                elif reply is not None and time.monotonic() - shown_at > EVERY_S:
                    await reply.edit(content=said)
                    shown_at = time.monotonic()
        if reply is not None:
            await reply.edit(content=said)


async def _ping(interaction: discord.Interaction[discord.Client]) -> None:
    await interaction.response.send_message("pong", ephemeral=True)


if __name__ == "__main__":
    PerMessage(intents=discord.Intents(guilds=True, guild_messages=True)).run(
        os.environ["DISCORD_TOKEN"], log_level=30
    )
