"""The only reader of the environment: what an operator can set, checked once, secrets that do not print."""

from bot.settings.kinds import Setting
from bot.settings.model import Settings, described

__all__ = ["Setting", "Settings", "described"]
