"""A house with everything real in it but the provider."""

from house_kit import empty_database, house, logged, no_flushing, world

__all__ = ["empty_database", "house", "logged", "no_flushing", "world"]
