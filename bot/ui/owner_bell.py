"""Rings at owners of servers: direct messages about what cannot wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage.owner_notices import NoticeKind
from bot.texts import named, tr, trn
from bot.ui import audit
from bot.ui.notices import send_to_owner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import discord

    from bot.storage.owner_notices import Notice


class OwnerBell:
    """Sends each message once: its nonce names the notice, where the answer to a first try was lost."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def serves(self, guild_id: int) -> bool:
        """Tell whether a server is one that this process is connected for."""
        guild = self._client.get_guild(guild_id)
        return guild is not None and not guild.unavailable

    async def ring(self, notice: Notice) -> None:
        """Tell an owner of a notice; raise Unreachable or Undeliverable."""
        line = notice.line

        def words(server: str) -> str:
            if line is not None:
                return named(server, audit.sentence(line))
            return tr(
                "Somebody reported a picture in {server}, and no channel shows reports to its moderators. "
                "/manage safety reports has them; choose a channel with /manage safety review.",
                server=server,
            )

        await self._send(notice, words)

    async def ring_more(self, notices: Sequence[Notice]) -> None:
        """Tell an owner how many more there were; raise as `ring` does."""
        count, is_report = len(notices), notices[0].kind is NoticeKind.REPORT
        await self._send(
            notices[0], lambda server: _more_reports(server, count) if is_report else _more(server, count)
        )

    async def _send(self, notice: Notice, words: Callable[[str], str]) -> None:
        await send_to_owner(self._client, notice.guild_id, words, nonce=f"owner-{notice.id}")


def _more_reports(server: str, count: int) -> str:
    return trn(
        "Since then {count} more report was made in {server}, and no channel shows it to its moderators. "
        "/manage safety reports has it; choose a channel with /manage safety review.",
        "Since then {count} more reports were made in {server}, and no channel shows them to its moderators. "
        "/manage safety reports has them; choose a channel with /manage safety review.",
        count,
        server=server,
    )


def _more(server: str, count: int) -> str:
    return trn(
        "Since then there was {count} more alert in {server}. /manage audit has it; choose a channel for "
        "alerts with /manage log.",
        "Since then there were {count} more alerts in {server}. /manage audit has them; choose a channel for "
        "alerts with /manage log.",
        count,
        server=server,
    )
