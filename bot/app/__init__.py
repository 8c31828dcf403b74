"""Composition root: opens the resources, builds the services and the bot, and runs them until stopped."""

from bot.app.client import Easel
from bot.app.run import run
from bot.app.services import Services

__all__ = ["Easel", "Services", "run"]
