"""What people and channels are called upstream."""

from __future__ import annotations

import hashlib
import hmac


class Pseudonyms:
    """Stable names for people and channels that say nothing to anyone without this installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of_person(self, user_id: int) -> str:
        """Return a person's name, by which the provider tells one abuser from the rest."""
        return self._key(f"user:{user_id}")

    def of_channel(self, channel_id: int) -> str:
        """Return a channel's name, by which requests stay where their prompt is cached."""
        return self._key(f"channel:{channel_id}")

    def _key(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:32]
