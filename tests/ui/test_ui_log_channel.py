"""The log of a server is in the server's language, whoever did what it tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import texts_of

from bot.errors import Undeliverable
from bot.storage.audit import AuditLine
from bot.storage.log_channels import Behind
from bot.storage.owner_notices import Notice, NoticeKind
from bot.texts import speaking
from bot.ui.log_channel import LogPoster
from bot.ui.owner_bell import OwnerBell

if TYPE_CHECKING:
    import discord
    from discord_kit import Discord

GUILD, CHANNEL, LINUS = 70, 7, 9
BEHIND = Behind(GUILD, CHANNEL, audit_id=1)
RESUMED = AuditLine(GUILD, LINUS, "access.resume", "server", {}, datetime(2026, 11, 28, tzinfo=UTC), id=2)


@pytest.mark.parametrize(
    ("locale", "line", "lost"),
    [
        ("de", "<@9> hat Easel hier fortgesetzt.", "dort keine Nachrichten"),
        ("ja", "<@9>がEaselをここで再開しました。", "メッセージを送"),
    ],
)
async def test_a_log_speaks_as_its_server(client: discord.Client, remote: Discord, locale, line, lost):
    guild: Any = {"id": str(GUILD), "name": "Studio", "roles": [], "channels": [], "preferred_locale": locale}
    client._connection._add_guild_from_data(guild)
    poster = LogPoster(client)

    with speaking("fr"):
        assert poster.fits([RESUMED]) == 1
        await poster.post(BEHIND, [RESUMED])
        remote.refuse("POST /channels/#/messages", 403, 50013)
        with pytest.raises(Undeliverable, match=lost):
            await poster.post(BEHIND, [RESUMED])

    posted, _ = remote.named("POST /channels/#/messages")
    assert texts_of(posted.payload)[0].startswith(line)


async def test_an_owner_is_told_an_alert_in_the_language_of_the_server(
    client: discord.Client, remote: Discord
):
    guild: Any = {"id": str(GUILD), "name": "Studio", "roles": [], "channels": [], "preferred_locale": "de"}
    client._connection._add_guild_from_data(guild | {"owner_id": str(LINUS)})
    detail = {"percent": 100, "spent_microusd": 5_000_000, "budget_microusd": 5_000_000, "month": "2026-11"}
    alert = AuditLine(GUILD, 0, "budget.alert", "budget", detail, RESUMED.at, id=3)
    notice = Notice(1, GUILD, NoticeKind.ALERT, alert, tries=0, is_put_off=False, is_late=False)

    await OwnerBell(client).ring(notice)

    (said,) = remote.named("POST /channels/#/messages")
    assert said.payload["content"].startswith("Studio: ")
    assert "5,00" in said.payload["content"]
