"""A house with everything real in it but the provider."""

from database_kit import empty_database
from house_kit import house, logged, no_flushing, world

__all__ = ["empty_database", "house", "logged", "no_flushing", "world"]
