"""The page that looks and feels like Discord, in front of the sandbox's world."""

from sandbox.page.mount import mount

__all__ = ["mount"]
