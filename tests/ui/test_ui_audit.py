from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import MagicMock

import discord
import pytest

from bot.domain.audit import Area, LogState, Search
from bot.errors import BadInput, NotFound
from bot.storage.audit import AuditLine, Found
from bot.ui import audit
from bot.ui.audit_words import LONGEST, SENTENCES, sentence

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
GUILD = 70
VIEW = discord.Permissions(view_channel=True).value
EVERYONE = {"name": "@everyone", "permissions": str(VIEW), "position": 0, "color": 0, "hoist": False}


def line(action: str, subject: str = "person:5", actor_id: int = 9, **detail: str | int | None) -> AuditLine:
    return AuditLine(GUILD, actor_id, action, subject, detail, AT)


def text(view) -> str:
    return "\n".join(item.content for item in view.walk_children() if hasattr(item, "content"))


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (line("access.ban", until=1, reason="a *cat*"), "from Easel until <t:1:f>. Reason: a \\*cat\\*"),
        (line("access.ban", until=None, reason=""), "<@9> banned <@5> from Easel."),
        (line("access.pause", "server", until=None, reason=""), "<@9> paused Easel here."),
        (
            line("access.channels", "server", draw="3 4", talk=""),
            "where Easel may be used. Pictures: <#3> <#4>; Conversation: everywhere",
        ),
        (
            line("access.roles", "server", read=" ".join(map(str, range(7)))),
            "who may use Easel. Reading: <@&0> <@&1> <@&2> <@&3> <@&4> +2",
        ),
        (
            line("log.lost", "channel:3", 0, why="the channel is gone."),
            "Easel can no longer post this log in <#3>: the channel is gone.",
        ),
        (
            line("audit.keep", "server", days=30, before=365),
            "<@9> let lines of the audit be kept for 30 days.",
        ),
        (
            line("quota.set", "everyone", meter="usd_per_day", cap=2_500_000, before="unlimited"),
            "<@9> set a limit for everybody. Dollars a day: $2.50 (unlimited before).",
        ),
        (
            line("quota.set", "role:3", meter="images_per_day", cap="unlimited", before=None),
            "<@9> set a limit for <@&3>. Pictures a day: unlimited.",
        ),
        (
            line("quota.clear", images_per_day=40, messages_per_day="unlimited"),
            "limits of <@5>, which were: Pictures a day: 40, Messages a day: unlimited.",
        ),
        (
            line("quota.grant", meter="images_per_day", amount=3, days=30, reason="a *cat*"),
            "<@9> granted <@5> more for 30 days. Pictures a day: 3. Reason: a \\*cat\\*",
        ),
        (
            line("quota.revoke", meter="images_per_day", left=2, grant=7),
            "<@9> took back what <@5> had left of a grant. Pictures a day: 2.",
        ),
        (line("quota.reset", meter="all"), "<@9> let what <@5> used count no more: all meters."),
        (line("quota.reset", meter="usd_per_day"), "used count no more: Dollars a day."),
        (
            line(
                "quota.setup",
                "server",
                images_per_day=7,
                messages_per_day=None,
                zone="Europe/Paris",
                budget="3000000",
                free_roles="1,2,3,4",
            ),
            (
                "up here. Time zone: Europe/Paris; Pictures a day: 7; Messages a day: unlimited; "
                "Budget a month: $3.00; Without a daily limit: <@&1> <@&2> <@&3> +1"
            ),
        ),
        (
            line("quota.setup", "server", images_per_day=7, messages_per_day=1, zone="UTC", free_roles=""),
            "Messages a day: 1; Budget a month: unlimited",
        ),
        (line("budget.set", "budget", budget=None), "<@9> lifted this server's budget."),
        (
            line("budget.set", "budget", budget="5000000", budget_alert="50"),
            "<@9> set this server's budget to $5.00. Moderators hear of it at 50%.",
        ),
        (
            line("budget.set", "budget", budget_alert="70"),
            "<@9> changed this server's budget. Moderators hear of it at 70%.",
        ),
        (
            line("budget.alert", "budget", 0, percent=100, spent_microusd=5, budget_microusd=5),
            "$0.000005 of $0.000005 are spent this month.",
        ),
        (
            line("budget.alert", "budget", 0, percent=100, spent_microusd=4, budget_microusd=5),
            "and what is left is too little for what was asked.",
        ),
        (line("moon.phase", "role:70", 0, size=3), "Easel · @everyone · moon.phase · size 3"),
        (line("moon.phase", "server"), "<@9> · server · moon.phase"),
    ],
    ids=lambda one: one.action if isinstance(one, AuditLine) else "",
)
def test_an_act_is_a_sentence(one, says):
    assert sentence(one).endswith(says)


@pytest.mark.parametrize("action", SENTENCES)
def test_no_act_is_too_long_or_pings(action):
    roles = ",".join(["1" * 19] * 10)
    zone, draw = "America/Argentina/ComodRivadavia", " ".join(["1"] * 200)
    detail = {"reason": "@everyone " * 100, "why": "x" * 999, "draw": draw, "zone": zone, "free_roles": roles}
    shown = sentence(AuditLine(GUILD, 9, action, "person:5", detail, AT))

    assert len(shown) <= LONGEST
    assert "@everyone" not in shown.replace("@\u200beveryone", "")


def test_a_page_and_a_post_stay_within_a_message():
    lines = tuple(line("access.ban", until=1, reason="é" * 900) for _ in range(10))

    for said in ("", f"<@&{2**63 - 1}>"):
        search = Search(2**63 - 1, 2**63 - 1, Area.CONVERSATION, AT) if said else Search()
        assert len(text(audit.card(Found(lines, 0, 99), search, said))) < 4000
    assert 1 <= audit.fits(lines) <= 10
    assert len(text(audit.post(lines[: audit.fits(lines)]))) < 4000


@pytest.mark.parametrize("lines", [(line("access.unban"),), ()], ids=["something", "nothing"])
@pytest.mark.parametrize(
    ("search", "about", "says"),
    [
        (Search(), "", []),
        (Search(actor_id=0), "", ["-# By: Easel"]),
        (Search(subject_id=3), "<@&3>", ["-# About: <@&3>"]),
        (
            Search(9, 3, Area.ALLOWANCES, AT),
            "",
            ["-# By: <@9> · About: <@3> · What: Allowances · Since: <t:1795867200:d>"],
        ),
    ],
    ids=["everything", "Easel itself", "a role", "all at once"],
)
def test_what_is_looked_for_stands_above_what_was_found_in_one_line(lines, search, about, says):
    shown = text(audit.card(Found(lines, 0, len(lines)), search, about)).splitlines()

    assert [one for one in shown[1:] if one.startswith(("-# By", "-# About"))] == says
    assert shown[1 : 1 + len(says)] == says


@pytest.mark.parametrize("area", Area)
def test_every_area_has_a_name(area: Area):
    assert f"What: {area.value.capitalize()}" in text(audit.card(Found((), 0, 0), Search(area=area)))


def test_a_button_carries_the_whole_search_within_its_id():
    search = Search(2**63 - 1, 2**63 - 1, Area.CONVERSATION, AT)
    view = audit.card(Found((line("access.unban"),) * 10, 1, 30), search)
    found = (getattr(item, "custom_id", None) for item in view.walk_children())
    ids = [str(custom_id) for custom_id in found if custom_id]

    assert all(len(one) <= 100 for one in ids)
    assert audit.read_turn(ids[1].split(":")[2:]) == (search, 2)
    assert audit.read_turn(["0", "-", "-", "-", "-"]) == (Search(), 0)


@pytest.mark.parametrize("words", [[], ["x", "-", "-", "-", "-"], ["1"]])
def test_a_button_of_another_version_says_so(words):
    with pytest.raises(NotFound, match="another version"):
        audit.read_turn(words)


def test_the_log_says_where_it_goes_and_for_how_long():
    assert "is posted in <#3>" in text(audit.state(LogState(3, 365)))
    assert "No channel gets the log" in text(audit.state(LogState(None, 30)))


class Places:
    """Two text channels of a server: one that everybody sees, and one that they do not."""

    def __init__(self) -> None:
        state: Any = MagicMock()
        data: Any = {"id": str(GUILD), "roles": [{**EVERYONE, "id": str(GUILD)}], "owner_id": "1"}
        guild = discord.Guild(data=data, state=state)
        hidden = {"id": str(GUILD), "type": 0, "allow": "0", "deny": str(VIEW)}
        self.open, self.closed = (
            discord.TextChannel(
                state=state,
                guild=guild,
                data={"id": str(n), "type": 0, "name": "log", "position": 0, "permission_overwrites": rules},  # pyright: ignore[reportArgumentType] - what Discord sends
            )
            for n, rules in ((1, []), (2, [hidden]))
        )


def test_a_log_that_everybody_reads_is_refused_and_tells_of_no_reporter():
    places, lines = Places(), (line("report.filed"), line("access.pause"))

    with pytest.raises(BadInput, match="Everybody sees <#1>"):
        audit.require_may_post(places.open)
    assert [audit.everybody_sees(one) for one in (places.open, places.closed, None)] == [True, False, True]
    assert audit.sayable(lines, in_public=True) == [lines[1]]
    assert audit.sayable(lines, in_public=False) == [*lines]
