"""A loopback Discord and provider."""

from discord_kit import at_once, remote
from house_kit import empty_database, house, logged, no_flushing, world

__all__ = ["at_once", "empty_database", "house", "logged", "no_flushing", "remote", "world"]
