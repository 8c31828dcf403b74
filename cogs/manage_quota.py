"""/manage quota and the menu Allowance: who may use how much, for moderators."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.domain.amounts import each, number, show
from bot.domain.purse import DAYS, MOST_DAYS, MOST_REASON, Gift, Person, Target
from bot.domain.quotas import Meter
from bot.domain.zones import matching
from bot.errors import BadInput, NotFound
from bot.texts import strung, tr
from bot.ui import allowance_form, meters, parse, purse, purse_export, subjects
from bot.ui.answers import answer
from bot.ui.explain import sentence
from bot.ui.posts import Post
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from bot.app import Easel
    from bot.domain.hierarchy import Subject
    from bot.domain.quotas import Grant
    from bot.domain.requests import Requester
    from bot.services.purse import Purse
    from bot.ui.allowance_form import Wish

    Interaction = discord.Interaction[discord.Client]

METERS = [
    app_commands.Choice(name="Pictures a day", value=Meter.IMAGES_PER_DAY.value),
    app_commands.Choice(name="Pictures a month", value=Meter.IMAGES_PER_MONTH.value),
    app_commands.Choice(name="Messages a day", value=Meter.MESSAGES_PER_DAY.value),
    app_commands.Choice(name="Dollars a day", value=Meter.USD_PER_DAY.value),
    app_commands.Choice(name="Dollars a month", value=Meter.USD_PER_MONTH.value),
]
Named = discord.Member | discord.User | discord.Role


class Quota(app_commands.Group, name="quota", description="Who may use how much"):
    """Allowances of everybody, of roles and of people."""

    def __init__(self, purse_: Purse) -> None:
        super().__init__()
        self.purse = purse_

    @app_commands.command(name="show")
    @app_commands.describe(who="A person or a role; if left out, all rules")
    async def look(self, interaction: Interaction, who: Named | None = None) -> None:
        """Show what somebody may use, and who said so."""
        if who is None:
            await self._reply(interaction, self._rules(parse.requester(interaction), 0))
        else:
            await self._reply(interaction, self._of(interaction, who))

    @app_commands.command(name="set")
    @app_commands.choices(meter=METERS)
    @app_commands.describe(
        meter="Of what",
        amount="A number, dollars for spending, or unlimited",
        who="A person or a role; if left out, everybody",
    )
    async def choose(
        self,
        interaction: Interaction,
        meter: app_commands.Choice[str],
        amount: app_commands.Range[str, 1, 20],
        who: Named | None = None,
    ) -> None:
        """Set how much everybody, a role or a person may use."""
        of = Meter(meter.value)
        cap = await self.purse.set(parse.requester(interaction), _subject(who), of, amount)
        await self._reply(interaction, self._of(interaction, who, _set(of, who, cap)))

    @app_commands.command()
    @app_commands.choices(meter=METERS)
    @app_commands.describe(who="A person or a role; if left out, everybody", meter="If left out, all")
    async def clear(
        self,
        interaction: Interaction,
        who: Named | None = None,
        meter: app_commands.Choice[str] | None = None,
    ) -> None:
        """Remove limits, so that what holds otherwise holds again."""
        of = None if meter is None else Meter(meter.value)
        gone = await self.purse.clear(parse.requester(interaction), _subject(who), of)
        removed = strung(each(rule.meter) for rule in gone)
        done = tr("Removed for {who}: {meters}.", who=_name(who), meters=removed)
        await self._reply(interaction, self._of(interaction, who, done))

    @app_commands.command()
    @app_commands.choices(meter=METERS)
    @app_commands.describe(
        person="To whom",
        meter="Of what",
        amount="How much more",
        reason="What for; the person sees it",
        days="How long it holds",
    )
    async def grant(
        self,
        interaction: Interaction,
        person: discord.Member | discord.User,
        meter: app_commands.Choice[str],
        amount: app_commands.Range[str, 1, 20],
        reason: app_commands.Range[str, 1, MOST_REASON],
        days: app_commands.Range[int, 1, MOST_DAYS] = DAYS,
    ) -> None:
        """Give a person more, once, used when their allowance is used up."""
        gift = Gift(Meter(meter.value), amount, reason, days)
        granted = await self.purse.grant(parse.requester(interaction), _person(person), gift)
        await self._reply(interaction, self._of(interaction, person, _granted(granted)))

    @app_commands.command()
    @app_commands.choices(meter=METERS)
    @app_commands.describe(person="Whose", meter="If left out, all")
    async def reset(
        self,
        interaction: Interaction,
        person: discord.Member | discord.User,
        meter: app_commands.Choice[str] | None = None,
    ) -> None:
        """Let what a person used so far count no more."""
        of = None if meter is None else Meter(meter.value)
        await self.purse.reset(parse.requester(interaction), subjects.person(person), of)
        await self._reply(interaction, self._of(interaction, person, _reset(person.id, of)))

    @app_commands.command()
    async def export(self, interaction: Interaction) -> None:
        """Get rules, grants and use as tables."""

        async def prepare() -> Post:
            return purse_export.post(await self.purse.export(parse.requester(interaction)))

        await answer(interaction, prepare(), private=True)

    @app_commands.command()
    @app_commands.describe(name="A city or a zone, such as Europe/Berlin")
    async def zone(self, interaction: Interaction, name: app_commands.Range[str, 1, 60]) -> None:
        """Set the time zone in which days and months begin."""
        overview = await self.purse.set_zone(parse.requester(interaction), name)
        await interaction.response.send_message(view=purse.zone(overview), ephemeral=True)

    @zone.autocomplete("name")
    async def zones(self, _interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer time zones."""
        found = await asyncio.to_thread(matching, current, 25)  # names are read from files, once
        return [app_commands.Choice(name=one, value=one) for one in found]

    async def ask(
        self, interaction: Interaction, user: discord.Member | discord.User, before: Wish | None = None
    ) -> None:
        """Open the form for a member's allowance, with what was written in it before."""
        who, person = parse.requester(interaction), _person(user)
        entitlement = await self.purse.to_change(who, person)
        form = allowance_form.AllowanceForm(user.id, user.display_name, entitlement, before)
        await interaction.response.send_modal(form)

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show another page of the rules, in its place."""
        page = parse.number(arguments, most=1000)
        await interaction.response.edit_message(view=await self._rules(parse.requester(interaction), page))

    async def change(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Open the form for the member of a card, with what was written before where that was wrong."""
        user = await _member(interaction, parse.number(arguments))
        await self.ask(interaction, user, allowance_form.unpacked(arguments))

    async def changed(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Do what a submitted form says; where that cannot be, give back what was written."""
        user_id, wish = parse.number(arguments), allowance_form.read(interaction)

        async def prepare() -> Post:
            member = await _member(interaction, user_id)
            try:
                done = await self._act(parse.requester(interaction), member, wish)
            except (BadInput, NotFound) as error:
                return Post(allowance_form.rejected(sentence(error), user_id, wish))
            return Post(await self._of(interaction, member, done))

        await answer(interaction, prepare(), private=True)

    async def _act(self, who: Requester, member: discord.Member | discord.User, wish: Wish) -> str:
        """Do to a member what a form says, and return it as a sentence."""
        chosen, meter = wish.decided()
        subject = subjects.person(member)
        if chosen == allowance_form.GRANT:
            return _granted(await self.purse.grant(who, _person(member), wish.gift(meter)))
        if chosen == allowance_form.SET:
            cap = await self.purse.set(who, subject, meter, wish.amount)
            return _set(meter, member, cap)
        if chosen == allowance_form.CLEAR:
            await self.purse.clear(who, subject, meter)
            return tr("Removed for {who}: {meters}.", who=_name(member), meters=each(meter))
        await self.purse.reset(who, subject, meter)
        return _reset(member.id, meter)

    async def end(
        self, interaction: Interaction, arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Take back the grant that was picked on a member's card."""
        who = parse.requester(interaction)
        await interaction.response.defer()
        grant = await self.purse.grant_of(who, parse.number(values))
        member = await _member(interaction, parse.number(arguments))
        ended = await self.purse.end(who, subjects.person(member), grant)
        done = tr("Taken back: what was left of {amount}.", amount=show(ended.meter, ended.amount))
        view = await self._of(interaction, member, done)
        await interaction.edit_original_response(view=view)

    async def _rules(self, who: Requester, page: int, done: str = "") -> discord.ui.LayoutView:
        return purse.listing(await self.purse.overview(who), page, done)

    async def _of(self, interaction: Interaction, who: Named | None, done: str = "") -> discord.ui.LayoutView:
        requester = parse.requester(interaction)
        if isinstance(who, discord.Member | discord.User):
            entitlement = await self.purse.entitlement(requester, _person(who))
            return purse.person(who.id, entitlement, done)
        subject = _subject(who)
        if subject is None:
            return await self._rules(requester, 0, done)
        return purse.role(Target.of(subject), await self.purse.overview(requester), done)

    async def _reply(
        self, interaction: Interaction, view: Coroutine[Any, Any, discord.ui.LayoutView]
    ) -> None:
        await interaction.response.send_message(view=await view, ephemeral=True)


def _subject(who: Named | None) -> Subject | None:
    """Return whom a command names; the role of everyone is everybody."""
    if isinstance(who, discord.Role):
        return None if who.is_default() else subjects.role(who)
    return None if who is None else subjects.person(who)


def _person(user: discord.Member | discord.User) -> Person:
    roles = user.roles if isinstance(user, discord.Member) else []
    return Person(subjects.person(user), frozenset(role.id for role in roles))


async def _member(interaction: Interaction, user_id: int) -> discord.Member | discord.User:
    """Return somebody whom only an id names, or raise NotFound; roles are asked of Discord, none are kept."""
    guild = interaction.guild
    if guild is None:
        raise BadInput(tr("This works only in a server that Easel is a member of."))
    try:
        return await guild.fetch_member(user_id)
    except discord.NotFound:
        pass
    try:
        return await interaction.client.fetch_user(user_id)
    except discord.NotFound:
        raise NotFound(tr("Discord knows nobody by that id any more.")) from None


def _name(who: Named | None) -> str:
    return purse.mention(Target.of(_subject(who)))


def _set(meter: Meter, who: Named | None, cap: int | None) -> str:
    return tr("**{meter}** for {who}: **{cap}**.", meter=each(meter), who=_name(who), cap=show(meter, cap))


def _granted(one: Grant) -> str:
    return tr(
        "**{meter}** for {who}: **{amount}** more, once, until {until}. Reason: {reason}",
        meter=each(one.meter),
        who=f"<@{one.user_id}>",
        amount=number(one.meter, one.amount),
        until=discord.utils.format_dt(one.expires_at, "f"),
        reason=plain(one.reason, meters.REASON_SHOWN),
    )


def _reset(user_id: int, meter: Meter | None) -> str:
    what = tr("all meters") if meter is None else each(meter)
    return tr("What {who} used so far counts no more: {meters}.", who=f"<@{user_id}>", meters=what)


async def setup(bot: Easel) -> None:
    """Add the area to /manage, the menu to people, and let buttons and forms be found by their verbs."""
    area = Quota(bot.services.desk.purse)
    bot.manage.add_command(area)
    menu = app_commands.ContextMenu(
        name="Allowance",
        callback=_menu(area),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    menu.default_permissions = discord.Permissions(manage_guild=True)
    bot.tree.add_command(menu)
    bot.presses.acts |= {purse.PAGE: area.turn, purse.CHANGE: area.change}
    bot.presses.act_forms[purse.CHANGE] = area.changed
    bot.presses.picks[purse.END] = area.end


def _menu(area: Quota) -> Callable[[Interaction, discord.Member], Coroutine[Any, Any, None]]:
    async def allowance(interaction: Interaction, user: discord.Member) -> None:
        await area.ask(interaction, user)

    return allowance
