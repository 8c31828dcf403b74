"""/chat: a conversation of its own, in a thread or anew in direct messages."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import Asked, Family
from bot.domain.manners import UNSET
from bot.errors import BadInput, NotFound
from bot.services.export import Form
from bot.services.threads import MOST_TITLE, checked_topic
from bot.texts import tr
from bot.ui import forgetting, manners, parse, threads
from bot.ui.answers import owed
from bot.ui.explain import sentence
from bot.ui.options import named

if TYPE_CHECKING:
    from bot.app import Easel, Services

    Interaction = discord.Interaction[discord.Client]


class ChatThreads(commands.GroupCog, name="chat", description="Conversations of their own."):
    """Conversations that are opened and ended."""

    def __init__(self, bot: Easel, services: Services) -> None:
        self.bot = bot
        self.threads = services.threads
        self.conversations = services.chat
        self.forgetting = services.forgetting
        self.manners = services.manners
        self.packer = services.export
        self.owing = services.owing
        self.door = services.desk.door
        self.authority = services.desk.authority

    @app_commands.command()
    @app_commands.describe(
        topic="What it is about; without one, the first answer names it",
        private="In a thread that only you, those you mention in it, and moderators see",
    )
    async def new(
        self,
        interaction: Interaction,
        topic: app_commands.Range[str, 1, MOST_TITLE] | None = None,
        private: bool = False,
    ) -> None:
        """Open a thread to talk with Easel in; in direct messages, begin anew."""
        named = checked_topic(topic)
        if interaction.guild_id is None and interaction.context.dm_channel:
            await self._begin_anew(interaction)
            return
        await self.door.admit(parse.requester(interaction), Asked(Family.TALK, (named,)))
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            opened = await self._open(interaction, named, private=private)
        except BaseException:
            await interaction.delete_original_response()
            raise
        await interaction.edit_original_response(
            content=tr("{thread} is open. See you there!", thread=opened.mention)
        )

    @app_commands.command()
    async def end(self, interaction: Interaction) -> None:
        """End the conversation of this thread and put the thread away."""
        who = parse.requester(interaction)
        await self.threads.require_end(who)
        await interaction.response.send_message(tr(threads.GOODBYE))
        await self.threads.end(who.channel_id)
        await self.conversations.close(who.channel_id)  # in a thread that is put away nothing can be shown
        if isinstance(interaction.channel, discord.Thread):
            await threads.put_away(interaction.channel)

    @app_commands.command()
    @app_commands.rename(form="format")
    @app_commands.describe(form="How it is written down; both where you do not say")
    @app_commands.choices(form=named(markdown="Markdown", json="JSON"))
    async def export(self, interaction: Interaction, form: str | None = None) -> None:
        """Take this conversation along as a zip file, with its pictures and files; you alone get it."""
        async with owed(self.owing, interaction, private=True):
            await interaction.response.defer(ephemeral=True, thinking=True)
            try:
                packed = await self.packer.pack(
                    parse.requester(interaction),
                    None if form is None else Form(form),
                    is_direct=interaction.context.dm_channel,
                    most_bytes=interaction.filesize_limit,
                )
            except asyncio.CancelledError:
                raise  # the next start speaks in its place
            except BaseException:
                await interaction.delete_original_response()
                raise
            file = discord.File(io.BytesIO(packed.data), "conversation.zip")
            said = threads.exported(packed.turns, packed.left_out, packed.apart)
            await interaction.edit_original_response(content=said, attachments=[file])

    @app_commands.command()
    @app_commands.describe(everything="For moderators: what everybody said here, and not only what you said")
    async def forget(self, interaction: Interaction, everything: bool = False) -> None:
        """Let Easel forget what you said here; in your own thread and in direct messages, all of it."""
        who, is_direct = parse.requester(interaction), interaction.context.dm_channel
        everything = everything or await self.forgetting.owns_all(who, is_direct=is_direct)
        count = await self.forgetting.count(who, everything=everything, is_direct=is_direct)
        if not count:
            raise NotFound(tr(forgetting.NOTHING))
        card = forgetting.card(who.channel_id, count, everything=everything)
        await interaction.response.send_message(view=card, ephemeral=True)

    async def forget_now(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Forget what the card spoke of, where it stands."""
        who = parse.requester(interaction)
        if parse.number(arguments[1:]) != who.channel_id:
            raise NotFound(tr(forgetting.NOTHING))
        await interaction.response.defer()
        await self.forgetting.forget(
            who, everything=arguments[0] == forgetting.ALL, is_direct=interaction.context.dm_channel
        )
        await interaction.edit_original_response(view=forgetting.done())

    @app_commands.command()
    async def settings(self, interaction: Interaction) -> None:
        """For moderators: how Easel answers in this channel, and how long it remembers."""
        channel_id = await self._administered(interaction)
        card = manners.card(channel_id, await self.manners.of(channel_id), self.manners.offered())
        await interaction.response.send_message(view=card, ephemeral=True)

    async def change_settings(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Ask how Easel is to answer here."""
        channel_id = await self._same_place(interaction, arguments)
        chosen = await self.manners.of(channel_id)
        form = manners.Form(channel_id, chosen, self.manners.offered())
        await interaction.response.send_modal(form)

    async def settings_changed(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Keep what was chosen in the form; where that cannot be, give back what was written."""
        channel_id = await self._same_place(interaction, arguments)
        try:
            chosen = manners.read(interaction, await self.manners.of(channel_id))
            await self.manners.choose(parse.requester(interaction), channel_id, chosen)
        except BadInput as error:
            view = manners.rejected(sentence(error), interaction)
            await interaction.response.send_message(view=view, ephemeral=True)
            return
        card = manners.card(channel_id, chosen, self.manners.offered(), tr("The settings are saved."))
        await interaction.response.edit_message(view=card)

    async def reset_settings(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Let Easel answer here as it does everywhere."""
        channel_id = await self._same_place(interaction, arguments)
        await self.manners.choose(parse.requester(interaction), channel_id, UNSET)
        card = manners.card(channel_id, UNSET, done=tr("Easel answers here as everywhere again."))
        await interaction.response.edit_message(view=card)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Forget a thread that is gone."""
        await self.threads.gone(payload.thread_id)

    async def _open(self, interaction: Interaction, topic: str, *, private: bool) -> discord.Thread:
        thread = await threads.open_thread(interaction, topic or tr(threads.UNNAMED), private=private)
        await self.threads.begin(parse.requester(interaction), thread.id, topic)
        said = threads.greeting(topic, hears_all=self.bot.intents.message_content)
        message = await thread.send(said)
        await self.threads.greeted(thread.id, interaction.guild_id, said, message.id)
        return thread

    async def _begin_anew(self, interaction: Interaction) -> None:
        sent = await interaction.response.send_message(tr(threads.BEGUN_ANEW))
        if sent.message_id is not None:
            await self.threads.greeted(
                interaction.channel_id or 0, None, tr(threads.BEGUN_ANEW), sent.message_id
            )

    async def _administered(self, interaction: Interaction) -> int:
        """Return the channel that is set where who acts is, or raise BadInput or NotAllowed."""
        channel_id = manners.place(interaction)
        await self.authority.require(parse.requester(interaction))
        return channel_id

    async def _same_place(self, interaction: Interaction, arguments: tuple[str, ...]) -> int:
        """Return the channel whose settings are shown, where who acts is there and may set it."""
        channel_id = await self._administered(interaction)
        if parse.number(arguments) != channel_id:
            raise NotFound(tr(manners.ELSEWHERE))
        return channel_id


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons be found."""
    cog = ChatThreads(bot, bot.services)
    bot.presses.acts |= {
        forgetting.FORGET: cog.forget_now,
        manners.CHANGE: cog.change_settings,
        manners.RESET: cog.reset_settings,
    }
    bot.presses.act_forms[manners.CHANGE] = cog.settings_changed
    await bot.add_cog(cog)
