"""The persons and roles that moderators act on, and how high they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.hierarchy import LOWEST, NO_ROLE, Rank, Subject

if TYPE_CHECKING:
    Interaction = discord.Interaction[discord.Client]


def rank(member: discord.Member) -> Rank:
    """Return how high a member stands in their server."""
    told = member.resolved_permissions  # by Discord, with an interaction
    return Rank(
        is_owner=member.guild.owner_id == member.id,
        is_administrator=member.guild_permissions.administrator or (told is not None and told.administrator),
        role=max((_place(one) for one in member.roles), default=NO_ROLE),
    )


def person(user: discord.Member | discord.User) -> Subject:
    """Return somebody whom a command or a menu names; who is not in the server stands lowest."""
    return Subject(user.id, rank(user) if isinstance(user, discord.Member) else LOWEST)


def role(chosen: discord.Role) -> Subject:
    """Return a role that a command or a menu names."""
    stands = Rank(is_administrator=chosen.permissions.administrator, role=_place(chosen))
    return Subject(chosen.id, stands, is_role=True)


async def find_person(interaction: Interaction, user_id: int) -> Subject:
    """Return somebody whom only an id names, as buttons and forms do; asks Discord, for none is kept here."""
    if interaction.guild is None:
        return Subject(user_id)
    try:
        member = await interaction.guild.fetch_member(user_id)
    except discord.NotFound:
        return Subject(user_id)
    return person(member)


def find_role(interaction: Interaction, role_id: int) -> Subject:
    """Return a role that only an id names; one that is gone stands lowest."""
    found = interaction.guild.get_role(role_id) if interaction.guild else None
    return role(found) if found else Subject(role_id, is_role=True)


def _place(one: discord.Role) -> tuple[int, int]:
    return one.position, -one.id
