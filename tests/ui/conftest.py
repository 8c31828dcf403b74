"""A house with everything real in it but the provider, and a loopback Discord."""

from discord_kit import at_once, client, remote
from house_kit import empty_database, house, logged, no_flushing, world
from hypothesis import settings

__all__ = ["at_once", "client", "empty_database", "house", "logged", "no_flushing", "remote", "world"]

settings.register_profile("easel", deadline=None, max_examples=60)
settings.load_profile("easel")
