"""How the rooms that keep words and pictures back are built over a world."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.spoilers import Spoilers
from bot.services.authority import Authority
from bot.services.conduct import Conduct
from bot.services.gate import Gate
from bot.services.glances import Glances
from bot.services.intake import Intake
from bot.services.moderation import Moderation, Policy
from bot.services.reviews import Reviews
from bot.services.safety import BlockedWords
from bot.services.showing import Showings
from bot.services.sweeper import Sweeper
from bot.services.watchfulness import Watchfulness
from bot.storage.audit import Audit
from bot.storage.conduct import ConductRows
from bot.storage.pictures import Pictures
from bot.storage.reviews import Reviews as ReviewRows
from bot.storage.server_settings import ServerSettings
from bot.storage.strays import Strays
from bot.storage.verdicts import Verdicts

if TYPE_CHECKING:
    from world_kit import World

    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs
    from bot.storage.database import Database
    from bot.storage.jobs import Jobs


def review_rooms(
    database: Database,
    owner: str,
    *,
    world: World,
    jobs: Jobs,
    pictures: Pictures,
    blobs: Blobs,
    pool: PicturePool,
    **_others: Any,
) -> dict[str, Any]:
    """Return what keeps words and pictures back, by its names in a house."""
    settings, rows = ServerSettings(database), ReviewRows(database, owner)
    words = BlockedWords(settings, Audit(database), clock=world.clock)
    showings = Showings(settings, Spoilers.NEVER, world.clock, pictures.homes)
    moderation, sweeper = build_moderation(database, world, blobs, pool), Sweeper(Strays(database), blobs)
    watchfulness = Watchfulness(settings, words, world.clock, moderation.sees)
    common: dict[str, Any] = {
        "rows": rows,
        "jobs": jobs,
        "pictures": pictures,
        "clock": world.clock,
    }
    sees: dict[str, Any] = {"watchfulness": watchfulness, "moderation": moderation, "sweeper": sweeper}
    gate = Gate(keeps_apart=showings.keeps_apart, bench=world.bench, **sees, **common)
    reviews = Reviews(gate=gate, patience=timedelta(hours=24), **common)
    authority = Authority(world.integrations)
    rooms: dict[str, Any] = {"words": words, "watchfulness": watchfulness, "gate": gate, "reviews": reviews}
    rooms |= {"moderation": moderation, "showings": showings, "authority": authority, "sweeper": sweeper}
    return {**rooms, "conduct": _conduct(database, world), "intake": _intake(database, world, authority)}


def build_moderation(database: Database, world: World, blobs: Blobs, pool: PicturePool) -> Moderation:
    """Return the check of an operator who has a model where the world has one."""
    return Moderation(
        None,
        Glances(blobs, Pictures(database), pool, world.fetch),
        Verdicts(database),
        ServerSettings(database),
        Audit(database),
        policy=Policy(),
        alert=lambda _says: None,
        clock=world.clock,
    )


def _conduct(database: Database, world: World) -> Conduct:
    least = timedelta(minutes=30)
    return Conduct(ConductRows(database), Audit(database), after=3, least=least, clock=world.clock)


def _intake(database: Database, world: World, authority: Authority) -> Intake:
    return Intake(ServerSettings(database), authority, accounts=world.caps.raid_accounts, clock=world.clock)
