"""A loopback Discord and provider."""

from database_kit import empty_database
from discord_kit import at_once, remote
from house_kit import house, logged, no_flushing, world

__all__ = ["at_once", "empty_database", "house", "logged", "no_flushing", "remote", "world"]
