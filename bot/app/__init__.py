"""Composition root: opens the resources, builds the services and the bot, and runs them until stopped."""

from bot.app.client import Easel, Services
from bot.app.run import run

__all__ = ["Easel", "Services", "run"]
