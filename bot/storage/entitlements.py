"""What someone may spend right now: the rules of their server, what was forgiven, and what was granted.

It is all read in the transaction that asks, so that a rule which changes meanwhile holds from one request to
the next, and for none of them by half.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain import rules
from bot.domain.quotas import Meter, Owner, Reading
from bot.domain.rules import Claim, Decided, Rule, Scope
from bot.storage import grants
from bot.storage.codec import from_micros
from bot.storage.spending import Spending

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.quotas import Grant, Limit

    Limits = Sequence[Limit] | Claim
    """Limits that are known, or whose they are: then they are read."""

DECIDED = """
    SELECT scope AS kind, subject_id AS subject, meter AS name, cap AS amount FROM policy
        WHERE guild_id = :guild_id AND scope = 'default' AND subject_id = 0
    UNION ALL SELECT scope, subject_id, meter, cap FROM policy
        WHERE guild_id = :guild_id AND scope = 'person' AND subject_id = :user_id
    UNION ALL SELECT scope, subject_id, meter, cap FROM policy
        WHERE guild_id = :guild_id AND scope = 'role'
            AND subject_id IN (SELECT value FROM json_each(:role_ids))
    UNION ALL SELECT 'reset', user_id, meter, reset_at FROM allowance_reset
        WHERE guild_id = :guild_id AND user_id = :user_id
    UNION ALL SELECT 'zone', 0, value, 0 FROM server_setting
        WHERE guild_id = :guild_id AND name = 'zone'
    UNION ALL SELECT 'budget', 0, '', CAST(value AS INTEGER) FROM server_setting
        WHERE guild_id = :guild_id AND name = 'budget'
    UNION ALL SELECT 'grants', 0, '', 1 WHERE EXISTS (
        SELECT 1 FROM allowance_grant WHERE guild_id = :guild_id AND user_id = :user_id
    )
"""
"""Every part by its key: what it takes grows with the roles of one person alone."""


def standing(
    connection: sqlite3.Connection, limits: Limits, now: datetime
) -> tuple[datetime, tuple[Reading, ...]]:
    """Return when a request counts, and what is used of each limit; inside one transaction."""
    if not isinstance(limits, Claim):
        spending = Spending(connection)
        return now, tuple(Reading(limit, spending.used(limit)) for limit in limits)
    return readings(connection, limits, read(connection, limits), now)


def readings(
    connection: sqlite3.Connection, claim: Claim, decided: Decided, now: datetime
) -> tuple[datetime, tuple[Reading, ...]]:
    """Return when a request counts, and what is used of what holds for it, with what was granted beyond."""
    moment, spending = decided.moment(now), Spending(connection)
    granted: tuple[Grant, ...] = ()
    if decided.has_grants and claim.is_personal:
        granted = grants.open_of(connection, claim.guild_id or 0, claim.user_id, moment)
    found: list[Reading] = []
    for limit in rules.limits(claim, decided, moment):
        used = spending.used(limit)
        if limit.owner is Owner.PERSON and decided.has_grants:
            used = max(0, used - grants.covered(connection, limit))  # a row may have lost its person
            own = tuple(grant for grant in granted if grant.meter is limit.meter)
            found.append(Reading(limit, used, own))
        else:
            found.append(Reading(limit, used))
    return moment, tuple(found)


def read(connection: sqlite3.Connection, claim: Claim) -> Decided:
    """Return what moderators decided that concerns a person; nothing in direct messages."""
    if not claim.guild_id:
        return Decided()
    values = {
        "guild_id": claim.guild_id,
        "user_id": claim.user_id,
        "role_ids": json.dumps(sorted(claim.role_ids)),
    }
    found: list[Rule] = []
    resets: dict[Meter, datetime] = {}
    zone, budget, has_grants = None, None, False
    for kind, subject, name, amount in connection.execute(DECIDED, values):
        if kind == "reset":
            resets[Meter(name)] = from_micros(amount)
        elif kind == "zone":
            zone = name
        elif kind == "budget":
            budget = amount
        elif kind == "grants":
            has_grants = True
        else:
            found.append(Rule(claim.guild_id, Scope(kind), subject, Meter(name), amount))
    return Decided(tuple(found), zone, budget, resets, has_grants)
