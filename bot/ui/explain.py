"""What went wrong, as one sentence that only the person concerned sees."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.errors import HeardBefore, TurnedAway, Unreachable, UserFacingError
from bot.texts import tr
from bot.ui.first_answers import is_too_late
from bot.ui.patience import UNSHOWN, passes
from bot.ui.text import cut, plain

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    Interaction = discord.Interaction[discord.Client]

log = structlog.get_logger(__name__)
UNTOLD = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)
"""What keeps a sentence from whom it is for."""
DISCORDS = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError)
"""What goes wrong between Easel and Discord; all else of its kinds may be a fault of Easel's."""


def sentence(error: UserFacingError) -> str:
    """Return an error as people read it in Discord: at most one message long."""
    return cut(str(error), 2000)


def describe(error: BaseException, *, in_private: bool = False) -> str:
    """Return the sentence for any failure. One that nobody foresaw is logged, under the number shown.

    What a moderator wrote about somebody is told to them alone.
    """
    known = _cause(error)
    if isinstance(known, TurnedAway) and known.reason and in_private:
        return tr("{sentence}\nReason: {reason}", sentence=sentence(known), reason=plain(known.reason, 1000))
    if isinstance(known, UserFacingError):
        return sentence(known)
    if isinstance(known, app_commands.CheckFailure):
        return tr("You may not use this command here.")
    if isinstance(known, DISCORDS) and passes(known):
        log.warning("discord in trouble", kind=type(known).__name__, reason=str(known))
        return tr(UNSHOWN)
    incident = uuid4().hex[:8]
    log.error("unforeseen", incident=incident, exc_info=known)
    return tr(
        "Something went wrong on Easel's side. If it happens again, tell the people who run it: "
        "incident {incident}.",
        incident=incident,
    )


@asynccontextmanager
async def explained(interaction: Interaction) -> AsyncGenerator[None]:
    """Turn whatever goes wrong inside into a private sentence: the one place that catches everything."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the edge: nothing may reach a person as silence
        await excuse(interaction, error)


@asynccontextmanager
async def thinking(interaction: Interaction) -> AsyncGenerator[None]:
    """Say privately that Easel thinks, and turn whatever goes wrong inside into the answer, in that place.

    A follow-up would take the place of the thought in a way that Discord calls deprecated.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the edge, as above
        try:
            await interaction.edit_original_response(content=describe(error, in_private=True))
        except UNTOLD as failure:
            log.warning("could not tell", reason=str(failure))


@asynccontextmanager
async def told(
    tell_them: Callable[[str], Awaitable[object]], *, in_private: Callable[[], bool] = lambda: False
) -> AsyncGenerator[None]:
    """Turn whatever goes wrong inside into a sentence, where there is no interaction to answer.

    `in_private` tells whether nobody else sees it.
    """
    try:
        yield
    except Unreachable as error:
        log.info("nobody to tell", reason=str(error))
    except Exception as error:  # noqa: BLE001 - the edge, as above
        try:
            await tell_them(describe(error, in_private=in_private()))
        except (*UNTOLD, Unreachable) as failure:
            log.warning("could not tell", reason=str(failure))


async def excuse(interaction: Interaction, error: BaseException) -> None:
    """Say privately what went wrong, unless that is Discord's having given up waiting for any answer.

    What comes again says nothing, for its first time does.
    """
    if isinstance(_cause(error), HeardBefore):
        log.info("interaction repeated", interaction=interaction.id)
    elif interaction.response.is_done() or not is_too_late(_cause(error)):
        await tell(interaction, describe(error, in_private=True))


async def tell(interaction: Interaction, text: str) -> None:
    """Send a sentence that only the person who acted sees, however far the answer has come."""
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except UNTOLD as error:
        log.warning("could not tell", reason=str(error))


def _cause(error: BaseException) -> BaseException:
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return error.__cause__
    return error
