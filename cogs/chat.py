"""Talking with Easel: mentions, replies and direct messages, /ask, and Ask about this on any message."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import Asked, Family
from bot.domain.asks import Purpose
from bot.domain.conversation import PLAIN, Manner, Said, is_question
from bot.domain.edits import Change
from bot.domain.requests import MAX_PROMPT, PictureRequest, Requester, Stored
from bot.domain.ways import Way
from bot.domain.words import Detail, Effort
from bot.errors import BadInput, HeardBefore, NotFound, UserFacingError
from bot.services.door import Door
from bot.services.repetition import Repetition
from bot.texts import mark, speak, tr
from bot.ui import answering, asking, fields, hearing, parse, sources, threads
from bot.ui.answers import owed
from bot.ui.explain import told
from bot.ui.heard_again import hear_left
from bot.ui.left import LeftPlace, LeftWall, in_turn, take_away_begun
from bot.ui.options import named
from bot.ui.pages import Page, new_nonce
from bot.ui.places import InteractionPlace
from bot.ui.press import act_id
from bot.ui.reception import take_message
from bot.ui.walls import InteractionWall, ReplyWall, below

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.app import Easel, Services
    from bot.domain.conversation import Turn
    from bot.domain.requests import Reference
    from bot.services.toolbox import Wall
    from bot.storage.turns import Left
    from bot.ui.pages import Place
    from bot.ui.scribe import Scribe

    Interaction = discord.Interaction[discord.Client]

ABOUT = "about"
KEPT_BACK = mark(
    "Discord keeps the words of a reply to a command's card back. Mention Easel in it, such "
    "as “@Easel make it blue”, or press Edit… on the card."
)


class Chat(commands.Cog):
    """Conversations with words and pictures."""

    def __init__(self, bot: Easel, services: Services) -> None:
        self.bot = bot
        self.conversations = services.chat
        self.owing = services.owing
        self.threads = services.threads
        self.studio = services.studio
        self.drafting = services.drafting
        self.covers = services.covers
        self.usual = services.usual
        desk = services.desk
        self.threshold = Door(desk.access.check, desk.intake.look, desk.conduct)
        self.repetition = Repetition(services.clock)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer what is said to Easel; with words below one of its cards, change the picture."""
        if not message.author.bot:
            with self.conversations.listening(message.id, *hearing.messages(message)):  # before any await
                await self._hear(message)

    async def hear_again(self, message: discord.Message, who: Requester) -> None:
        """Answer a message whose files an earlier process had begun to read."""
        with self.conversations.listening(message.id, *hearing.messages(message)):
            await self._hear(message, who)

    async def _hear(self, message: discord.Message, again: Requester | None = None) -> None:
        in_own = hearing.may_be_meant(message) and await self.threads.is_open(message.channel.id)
        if not hearing.is_meant(message, self._me, in_own_thread=in_own):
            return
        await self._speak_to(message.author.id, hearing.locale(message))
        said = hearing.said(message, self._me, goes_on=in_own or message.guild is None)
        who = again or hearing.requester(message, self._me)
        place = below(self.bot, message.id, who)
        edits = said.begun is not None and not is_question(said.text)
        if await self._is_turned_away(place, who, Asked(Family.DRAW if edits else Family.TALK)):
            return
        if said.begun is not None and edits:
            async with told(lambda sentence: place.whisper(Page(sentence), None, new_nonce())):
                await self._edit(message, who, said, said.begun)
            return
        debt: AbstractAsyncContextManager[None] | None = None
        if again is not None:
            debt = self.owing.still_owed(message.id)
        elif said.files:  # reading them takes long; a process that ends meanwhile leaves them to the next
            debt = self.owing.owed(message.id, who, Purpose.CHAT, hearing.no_way(), private=False)
        wall = ReplyWall(self.bot, self.studio, who, message.id)
        await self._answer(place, wall, who, said, message.id, debt=debt)
        if in_own:
            await threads.rename(message.channel, await self.threads.title(who))

    async def _is_turned_away(self, place: Place, who: Requester, asked: Asked) -> bool:
        """Tell whether a rule, a break or a crowd keeps somebody away; they hear of it, and once."""
        try:
            await self.threshold.admit(who, asked)
        except UserFacingError as error:
            if self.repetition.is_news(who, error):
                async with told(lambda sentence: place.whisper(Page(sentence), None, new_nonce())):
                    raise
            return True
        return False

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Answer what an earlier process left unanswered."""
        await in_turn(await self.conversations.awaiting(), self._answer_late)

    @commands.Cog.listener("on_ready")
    async def hear_left(self) -> None:
        """Hear again what an earlier process had begun to hear."""
        await hear_left(self.bot, self.owing, self.conversations.is_heard, self.hear_again)

    async def _answer_late(self, left: Left, user_id: int) -> None:
        """Answer by the way that is left: where the command was used, or below the message."""
        turn, way, key, original = left.turn, left.way, left.key or 0, None
        who = await hearing.recalled(self.bot, user_id, turn.guild_id, turn.channel_id)
        place: Place = below(self.bot, key, who)
        wall: Wall = ReplyWall(self.bot, self.studio, who, key)
        await self._speak_to(who.user_id, turn.language)
        head = ""
        if way is not None:
            place = late = LeftPlace(self.bot, way, who, private=turn.private)
            wall = LeftWall(late, self.studio, who, way)
            about = asking.link(turn.guild_id, turn.channel_id, way.about)
            head = asking.head(who.user_id, hearing.unquoted(turn.text), about)
            original = await late.original()
        if await take_away_begun(self.bot, who, key, turn.id, original and original.id):
            await self.conversations.ended(turn)
            return
        async with answering.written(place, key, head) as scribe:
            page = await self._page(scribe, turn, private=turn.private)
            manner, agreed = (PLAIN, False) if way is None else (way.manner, way.agreed)
            await self.conversations.answer(turn, who, page, key, manner, wall, agreed=agreed)

    @app_commands.command()
    @app_commands.describe(
        question="What you want to know",
        file="A picture or a document that it is about",
        file2="Another one",
        file3="Another one",
        file4="Another one",
        thinking="How long to think before answering, for models that can",
        closely="Look at pictures closely; costs about ten times as much",
        private="Answer to you alone",
    )
    @app_commands.choices(thinking=named(low="Low", medium="Medium", high="High"))
    async def ask(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_PROMPT],
        file: discord.Attachment | None = None,
        file2: discord.Attachment | None = None,
        file3: discord.Attachment | None = None,
        file4: discord.Attachment | None = None,
        thinking: str | None = None,
        closely: bool = False,
        private: bool = False,
    ) -> None:
        """Ask about anything, with pictures and documents in hand."""
        uploads = tuple(parse.upload(one) for one in (file, file2, file3, file4) if one)
        manner = Manner(
            detail=Detail.HIGH if closely else Detail.LOW,
            effort=None if thinking is None else Effort(thinking),
        )
        said = Said(question, interaction.user.display_name, uploads=uploads, private=private)
        await self._answer_interaction(interaction, said, manner)

    async def ask_about(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the form that asks about a message."""
        found = sources.of_message(message, parse.me(interaction.client), with_documents=True)
        quotation = hearing.quotation(message, has_files=bool(found.uploads) or found.job_id is not None)
        if quotation is None:
            raise BadInput(tr("This message has neither words nor a file that Easel can see."))
        references: tuple[Reference, ...] = found.uploads
        if found.job_id is not None:
            job, pictures = await self.studio.show(found.job_id, parse.requester(interaction))
            references = tuple(Stored(picture.id) for picture in pictures)
            quotation = replace(quotation, user_id=job.user_id)  # whoever had it drawn
        begun = PictureRequest("", references=references, quotation=quotation)
        await self.drafting.begin(interaction.id, parse.requester(interaction), begun)
        await interaction.response.send_modal(asking.AskForm(act_id(ABOUT, interaction.id, message.id)))

    async def asked_about(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Answer what the form asks."""
        who = parse.requester(interaction)
        words, private = asking.asked(fields.submitted(interaction))
        about = parse.number(arguments[1:]) if arguments[1:] else None
        link = asking.link(interaction.guild_id, interaction.channel_id, about)
        head = asking.head(who.user_id, words, link)
        with self.conversations.listening(interaction.id, about or 0):
            async with self.drafting.sending(parse.number(arguments), who) as begun:
                said = Said(words, interaction.user.display_name, private=private)
                said = replace(said, quotation=begun.quotation, brought=begun.references)
                await self._answer_interaction(interaction, said, PLAIN, head)

    async def answer_again(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Answer a question anew, on the account of whoever presses."""
        who = parse.requester(interaction)
        turn = await self.conversations.recall(parse.number(arguments), who)
        await self._answer_anew(interaction, turn, who, PLAIN, private=turn.private, agreed=False)

    async def send_anyway(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Answer a question whose price its asker was told."""
        who = parse.requester(interaction)
        manner, private = answering.agreed_manner(arguments)
        turn = await self.conversations.recall(parse.number(arguments), who)
        way = Way(interaction.id, parse.origin(interaction), manner, agreed=True)
        waits = None if answering.is_anew(arguments) else way
        private = private or turn.private
        await self._answer_anew(interaction, turn, who, manner, private=private, agreed=True, waits=waits)

    async def _answer_anew(
        self,
        interaction: Interaction,
        turn: Turn,
        who: Requester,
        manner: Manner,
        *,
        private: bool,
        agreed: bool,
        waits: Way | None = None,
    ) -> None:
        place = InteractionPlace(interaction, private=private)
        wall = InteractionWall(interaction, place, self.studio)
        head = asking.head(who.user_id, hearing.unquoted(turn.text)) if agreed else ""
        async with owed(self.owing, interaction, private=private):
            if waits is not None:
                turn = await self.conversations.agreed(turn.id, who, waits)
            if agreed:
                await place.follow(Page(tr(answering.AGREED)))
            async with answering.written(place, interaction.id, head) as scribe:
                page = await self._page(scribe, turn, private=private, anew=not agreed)
                await self.conversations.answer(turn, who, page, interaction.id, manner, wall, agreed=agreed)

    async def _edit(self, message: discord.Message, who: Requester, said: Said, job_id: int) -> None:
        """Change the picture that somebody replied to; of several they pick one first."""
        if not said.text and not said.uploads:
            raise BadInput(tr(KEPT_BACK))
        job, pictures = await self.studio.show(job_id, who)
        if not pictures:
            raise NotFound(tr("These pictures are no longer here. Start again with /imagine."))
        change = Change(
            said.text, pictures[0].id, job.request.aspect, job.request.quality, False, said.uploads
        )
        request = await self.studio.edited(job, change)
        if len(pictures) == 1:
            where = hearing.origin(message, self.bot.application_id or 0)
            await take_message(
                message, self.studio, request, who, where, job_id=message.id, parent_job_id=job.id
            )
            return
        await self.drafting.begin(message.id, who, replace(request, references=request.references[1:]))
        await asking.ask_which(message, asking.WHICH, pictures)

    async def _answer_interaction(
        self, interaction: Interaction, said: Said, manner: Manner, head: str = ""
    ) -> None:
        about = None if said.quotation is None else said.quotation.message_id
        said = replace(said, way=Way(interaction.id, parse.origin(interaction), manner, about=about))
        place, who = InteractionPlace(interaction, private=said.private), parse.requester(interaction)
        wall = InteractionWall(interaction, place, self.studio)
        async with owed(self.owing, interaction, private=said.private):
            await self._answer(place, wall, who, said, interaction.id, manner, head)

    async def _answer(
        self,
        place: Place,
        wall: Wall,
        who: Requester,
        said: Said,
        key: int,
        manner: Manner = PLAIN,
        head: str = "",
        debt: AbstractAsyncContextManager[None] | None = None,
    ) -> None:
        async with answering.written(place, key, head) as scribe:
            if said.begun is not None:
                await self.studio.show(said.begun, who)
            turn = await self._heard(scribe, who, said, debt or nullcontext())
            if turn is None:  # Discord repeats events after a broken line
                await scribe.withdraw()
                return
            page = await self._page(scribe, turn, private=turn.private)
            await self.conversations.answer(turn, who, page, key, manner, wall)

    async def _heard(
        self, scribe: Scribe, who: Requester, said: Said, debt: AbstractAsyncContextManager[None]
    ) -> Turn | None:
        try:
            async with debt:
                return await self.conversations.hear(who, said)
        except HeardBefore:
            return None
        except asyncio.CancelledError:
            if said.way is None:
                scribe.leave()
            raise

    async def _page(
        self, scribe: Scribe, turn: Turn, *, private: bool, anew: bool = False
    ) -> answering.Answer:
        (covers,) = await self.covers.over_admitted([None], self.bot.get_channel(turn.channel_id))
        return answering.Answer(scribe, turn.id, private=private, anew=anew, covers=covers)

    async def _speak_to(self, user_id: int, locale: str | None) -> None:
        """Speak the language of whoever wrote a message, to the end of the task."""
        chosen, is_wish = await self.usual.language_in(user_id, locale)
        speak(chosen, is_wish=is_wish)

    @property
    def _me(self) -> int:
        return parse.me(self.bot)


async def setup(bot: Easel) -> None:
    """Load the cog; let its menu, buttons and form be found."""
    cog = Chat(bot, bot.services)
    bot.presses.acts |= {
        answering.AGAIN: cog.answer_again,
        answering.ANYWAY: cog.send_anyway,
    }
    bot.presses.act_forms[ABOUT] = cog.asked_about
    bot.tree.add_command(app_commands.ContextMenu(name="Ask about this", callback=cog.ask_about))
    await bot.add_cog(cog)
