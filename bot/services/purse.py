"""What moderators decide about allowances: rules, grants, resets, the budget, the time zone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import zones
from bot.domain.amounts import NO_LIMIT, each, parse_amount, parse_cap
from bot.domain.purse import (
    EVERYBODY,
    FREE,
    MOST_DAYS,
    MOST_REASON,
    Budget,
    Export,
    Overview,
    Target,
)
from bot.domain.quotas import Grant, Meter, window
from bot.domain.rules import Claim, budget_limit, zone_of
from bot.errors import BadInput, NotFound
from bot.services.budget_alerts import ALERT, ALERT_PERCENT, BUDGET, ZONE
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.domain.hierarchy import Subject
    from bot.domain.purse import Answers, Gift, Person
    from bot.domain.requests import Requester
    from bot.domain.rules import Entitlement, Rule
    from bot.services.allowances import Allowances
    from bot.services.authority import Authority
    from bot.storage.grants import Grants
    from bot.storage.ledger import Ledger
    from bot.storage.policies import Policies
    from bot.storage.server_settings import ServerSettings


class Purse:
    """Every method asks first whether `who` may administer the server, and act on whom they name."""

    def __init__(
        self,
        *,
        authority: Authority,
        policies: Policies,
        grants: Grants,
        settings: ServerSettings,
        ledger: Ledger,
        allowances: Allowances,
        clock: Callable[[], datetime],
    ) -> None:
        self._authority = authority
        self._policies = policies
        self._grants = grants
        self._settings = settings
        self._ledger = ledger
        self._allowances = allowances
        self._clock = clock

    async def require(self, who: Requester, subject: Subject | None) -> int:
        """Return the server whose moderator acts on somebody, or raise NotAllowed; nobody is everybody."""
        if subject is None:
            return await self._authority.require(who)
        return await self._authority.require_over(who, subject)

    async def set(self, who: Requester, subject: Subject | None, meter: Meter, amount: str) -> int | None:
        """Set what somebody may use of a meter, and return it; None is no limit.

        Raise NotAllowed, or BadInput for what is no amount.
        """
        guild_id = await self.require(who, subject)
        target, cap = Target.of(subject), parse_cap(amount, meter)
        detail = {"meter": meter.value, "cap": "unlimited" if cap is None else cap}
        await self._policies.set([target.rule(guild_id, meter, cap)], self._line(who, "set", target, detail))
        return cap

    async def clear(self, who: Requester, subject: Subject | None, meter: Meter | None) -> tuple[Rule, ...]:
        """Remove the rules for somebody, of one meter or of all, and return them; NotFound without any."""
        guild_id = await self.require(who, subject)
        target = Target.of(subject)
        meters = tuple(Meter) if meter is None else (meter,)
        rules = [target.rule(guild_id, one, None) for one in meters]
        if gone := await self._policies.unset(rules, self._line(who, "clear", target)):
            return gone
        raise NotFound(tr("There is no such limit, so nothing was removed."))

    async def grant(self, who: Requester, person: Person, gift: Gift) -> Grant:
        """Give a person more of a meter for some days; they use it once their allowance is used up.

        Raise NotAllowed, or BadInput where the meter does not limit them or a word is not as it has to be.
        """
        guild_id, now = await self.require(who, person.subject), self._clock()
        meter, days, reason = gift.meter, gift.days, " ".join(gift.reason.split())
        given = parse_amount(gift.amount, meter)
        if not given:
            raise BadInput(tr("A grant has to be more than nothing."))
        if not 1 <= len(reason) <= MOST_REASON:
            raise BadInput(tr("Say in up to {most} characters what the grant is for.", most=MOST_REASON))
        if not 1 <= days <= MOST_DAYS:
            raise BadInput(tr("A grant holds for 1 to {most} days.", most=MOST_DAYS))
        entitlement = await self._entitlement(guild_id, person)
        if not any(one.meter is meter and one.cap is not None for one in entitlement.given):
            raise BadInput(
                tr(
                    "“{meter}” has no limit for this person, so there is nothing to add to.",
                    meter=each(meter),
                )
            )
        ends_at = now + timedelta(days=days)
        grant = Grant(0, guild_id, person.subject.id, meter, given, 0, reason, who.user_id, now, ends_at)
        detail = {"meter": meter.value, "amount": given, "days": days, "reason": reason}
        return await self._grants.add(grant, self._line(who, "grant", Target.of(person.subject), detail))

    async def grant_of(self, who: Requester, grant_id: int) -> Grant:
        """Return a grant of the server, ended or not, or raise NotFound."""
        grant = await self._grants.find(await self._authority.require(who), grant_id)
        if grant is None:
            raise NotFound(tr("That grant is not here any more."))
        return grant

    async def end(self, who: Requester, subject: Subject, grant: Grant) -> Grant:
        """Take back what is left of a person's grant; NotFound where it has ended."""
        await self.require(who, subject)
        detail = {"meter": grant.meter.value, "left": grant.left, "grant": grant.id}
        line = self._line(who, "revoke", Target.of(subject), detail)
        ended = await self._grants.end(grant.id, line) if grant.user_id == subject.id else None
        if ended is None:
            raise NotFound(tr("That grant has ended already."))
        return ended

    async def reset(self, who: Requester, subject: Subject, meter: Meter | None) -> None:
        """Let what a person used so far count no more, on one meter or on all."""
        await self.require(who, subject)
        meters = tuple(Meter) if meter is None else (meter,)
        detail = {"meter": "all" if meter is None else meter.value}
        await self._policies.reset(subject.id, meters, self._line(who, "reset", Target.of(subject), detail))

    async def entitlement(self, who: Requester, person: Person) -> Entitlement:
        """Return what a member may use, and how far it is used."""
        return await self._entitlement(await self._authority.require(who), person)

    async def to_change(self, who: Requester, person: Person) -> Entitlement:
        """Return what a member may use, for who may change it, or raise NotAllowed."""
        return await self._entitlement(await self.require(who, person.subject), person)

    async def overview(self, who: Requester) -> Overview:
        """Return what holds in a server."""
        guild_id = await self._authority.require(who)
        chosen = await self._settings.of(guild_id)
        terms = self._allowances.terms
        zone = zone_of(chosen.get(ZONE), terms.zone)
        rules, budget = await self._policies.of_server(guild_id), await self._budget(guild_id, chosen)
        return Overview(rules, terms.person.caps, zone.key, budget)

    async def set_budget(self, who: Requester, amount: str | None, percent: int | None) -> Overview:
        """Set what the server may spend a month, and at which percentage moderators hear of it."""
        await self._authority.require(who)
        chosen: dict[str, str | None] = {}
        if amount is not None:
            cap = parse_cap(amount.strip() or NO_LIMIT, Meter.USD_PER_MONTH)
            chosen[BUDGET] = None if cap is None else str(cap)
        if percent is not None:
            chosen[ALERT] = str(percent)
        if chosen:
            await self._settings.choose(chosen, self._line(who, "set", "budget", chosen, area="budget"))
        return await self.overview(who)

    async def set_zone(self, who: Requester, name: str) -> Overview:
        """Set the time zone in which days and months begin, or raise BadInput."""
        await self._authority.require(who)
        zone = await asyncio.to_thread(zones.find, name)  # names are read from files
        await self._settings.choose({ZONE: zone}, self._line(who, "zone", "server", {"zone": zone}))
        return await self.overview(who)

    async def set_up(self, who: Requester, answers: Answers) -> Overview:
        """Decide all that the set-up asked for at once, or raise BadInput or NotAllowed and change nothing.

        BadInput names every wrong answer. Roles that had no daily limit before keep having none.
        """
        guild_id = await self._authority.require(who)
        before = await self.overview(who)
        decided = await asyncio.to_thread(answers.read)  # zones are read from files
        rules = [EVERYBODY.rule(guild_id, meter, decided.caps[meter]) for meter in FREE]
        for subject in answers.free:
            if subject.id not in before.free_roles():
                await self._authority.require_over(who, subject)
                rules += [Target.of(subject).rule(guild_id, meter, None) for meter in FREE]
        cap = decided.caps[Meter.USD_PER_MONTH]
        chosen = {ZONE: decided.zone, BUDGET: None if cap is None else str(cap)}
        detail = {rule.meter.value: rule.cap for rule in rules[: len(FREE)]}
        roles = ",".join(str(subject.id) for subject in answers.free)
        line = self._line(who, "setup", "server", {**detail, **chosen, "free_roles": roles})
        await self._policies.set(rules, line, chosen)
        return await self.overview(who)

    async def export(self, who: Requester) -> Export:
        """Return all rules and grants, and what everybody used in the windows that are open."""
        guild_id, now = await self._authority.require(who), self._clock()
        overview = await self.overview(who)
        zone = zone_of(overview.zone, self._allowances.terms.zone)
        used: list[tuple[int, Meter, int]] = []
        for meter in Meter:
            people = await self._ledger.of_people(guild_id, meter, window(meter, now, zone))
            used += [(user_id, meter, meter.of(charge)) for user_id, charge in people.items()]
        return Export(overview, await self._grants.of_server(guild_id), used)

    async def _entitlement(self, guild_id: int, person: Person) -> Entitlement:
        claim = Claim(self._allowances.terms, person.subject.id, guild_id, person.role_ids)
        return await self._ledger.entitlement(claim, self._clock())

    async def _budget(self, guild_id: int, chosen: Mapping[str, str]) -> Budget:
        terms = self._allowances.terms
        cap = int(chosen[BUDGET]) if BUDGET in chosen else None
        limit = budget_limit(guild_id, cap or 0, self._clock(), zone_of(chosen.get(ZONE), terms.zone))
        settled, held = await self._ledger.settled(limit)
        return Budget(
            cap,
            int(chosen.get(ALERT, ALERT_PERCENT)),
            settled,
            held,
            int(limit.window.ends_at.timestamp()),
            dict(terms.server.caps).get(Meter.USD_PER_MONTH),
        )

    def _line(
        self,
        who: Requester,
        act: str,
        subject: object,
        detail: Mapping[str, str | int | None] | None = None,
        *,
        area: str = "quota",
    ) -> AuditLine:
        return AuditLine(
            who.guild_id or 0, who.user_id, f"{area}.{act}", str(subject), dict(detail or {}), self._clock()
        )
