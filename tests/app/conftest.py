"""A house with everything real in it but the provider, and a loopback Discord."""

from discord_kit import at_once, client, remote
from house_kit import empty_database, house, logged, no_flushing, world

__all__ = ["at_once", "client", "empty_database", "house", "logged", "no_flushing", "remote", "world"]
