"""Every administrative press and form, as every kind of person; nothing that can be pressed is left out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from people_kit import a_user, form, pick, press
from rights_kit import ADMINISTER, ORDER, PEOPLE, SOMEBODY, Desk, command, desk, server_style, world, wrong
from world_kit import ANN, CHANNEL, GUILD, ann

from bot.domain.requests import Kind, PictureRequest
from bot.storage.threads import ChatThread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cogs_kit import Stage

__all__ = ["desk", "world"]
OVER, NO_CARD = "has ended already", "no longer here."


async def _waiting(stage: Stage) -> str:
    job = await stage.house.order(start=False)
    assert job is not None
    return str(job.id)


async def _drawn(stage: Stage) -> str:
    return str((await stage.house.done(who=ann())).id)


async def _batch(stage: Stage) -> str:
    """Return a batch of somebody's that nothing draws; the first who may cancels it."""
    batches, house = stage.bot.services.batches, stage.house
    for snapshot in await batches.under_way(ann()):
        return str(snapshot.batch.id)
    batches._runs.close()
    upload = house.world.attach(b"a fox\na hen\n", "list.txt")
    draft_id = next(house.world.ids)
    await batches.read(draft_id, ann(), upload, PictureRequest("", kind=Kind.BATCH), None)
    return str((await batches.start(draft_id, ann(), house.origin())).batch.id)


async def _answering(stage: Stage) -> str:
    turn, stop = SimpleNamespace(guild_id=GUILD, channel_id=CHANNEL), asyncio.Event()
    stage.bot.services.chat._under_way[7] = SimpleNamespace(who=ann(), turn=turn, stop=stop)  # pyright: ignore[reportArgumentType] - as much as is read
    return "7"


async def _nothing(_stage: Stage) -> str:
    return ""


@dataclass(frozen=True)
class Press:
    """What is pressed or sent: its verb with what follows, and what it acts on."""

    may: set[str]
    custom_id: str
    about: Callable[[Stage], Awaitable[str]] = _nothing
    meets: str = ""
    values: Any = None


SET_UP = {"zone": "Berlin", "images": "5", "messages": "20", "budget": ""}
WOODCUT = {"name": "House", "template": "{subject} changed", "note": ""}
BUTTONS = {
    "cancel": Press(ORDER, "v1:cancel:{}", _waiting),
    "delete": Press(ORDER, "v1:delete:{}", _drawn),
    "unqueueany": Press(ADMINISTER, "v1:unqueueany:{}", _waiting),
}
ACTS = {
    "accesschannels": Press(ADMINISTER, "v2:accesschannels"),
    "accessroles": Press(ADMINISTER, "v2:accessroles"),
    "accessresume": Press(ADMINISTER, "v2:accessresume", meets="is not paused"),
    "approve": Press(ADMINISTER, "v2:approve:1", meets=NO_CARD),
    "auditpage": Press(ADMINISTER, "v2:auditpage:0:-:-:-:-"),
    "banspage": Press(ADMINISTER, "v2:banspage:0"),
    "batch": Press(ORDER, "v2:batch:{}:cancel", _batch, meets=OVER),
    "batchqueue": Press(ADMINISTER, "v2:batchqueue:{}:cancel:server", _batch, meets=OVER),
    "chatchange": Press(ADMINISTER, f"v2:chatchange:{CHANNEL}"),
    "chatreset": Press(ADMINISTER, f"v2:chatreset:{CHANNEL}"),
    "deny": Press(ADMINISTER, "v2:deny:1", meets=NO_CARD),
    "forget": Press(ORDER | {"in direct messages"}, f"v2:forget:all:{CHANNEL}"),
    "logstop": Press(ADMINISTER, "v2:logstop", meets="No channel gets the log"),
    "quotachange": Press(ADMINISTER, f"v2:quotachange:{SOMEBODY}"),
    "queuepage": Press(ADMINISTER, "v2:queuepage:0:server:e"),
    "quotapage": Press(ADMINISTER, "v2:quotapage:0"),
    "reportdelete": Press(ADMINISTER, "v2:reportdelete:1", meets=NO_CARD),
    "reportdismiss": Press(ADMINISTER, "v2:reportdismiss:1", meets=NO_CARD),
    "retainserver": Press(ADMINISTER, f"v2:retainserver:{GUILD}:30"),
    "setup": Press(ADMINISTER, "v2:setup"),
    "stop": Press(ORDER, "v2:stop:{}", _answering),
    "styledrop": Press(ADMINISTER, "v2:styledrop:{}", server_style),
    "styledropped": Press(ADMINISTER, "v2:styledropped:{}", server_style),
    "styleedit": Press(ADMINISTER, "v2:styleedit:{}", server_style),
    "unqueueany": Press(ADMINISTER, "v2:unqueueany:{}:0", _waiting),
    "usagecsv": Press(ADMINISTER, "v2:usagecsv:week"),
    "words": Press(ADMINISTER, "v2:words:add"),
}
PICKS = {
    "banlift": Press(ADMINISTER, "v2p:banlift:0", meets="is not banned", values=str(SOMEBODY)),
    "quotaend": Press(ADMINISTER, f"v2p:quotaend:{SOMEBODY}", meets="grant", values="1"),
    "usage": Press(ADMINISTER, "v2p:usage", values="week"),
}
FORMS = {
    "accesschannels": Press(ADMINISTER, "v2:accesschannels", values={"draw": [str(CHANNEL)]}),
    "accessroles": Press(ADMINISTER, "v2:accessroles", values={"draw": []}),
    "chatchange": Press(ADMINISTER, f"v2:chatchange:{CHANNEL}", values={"persona": "a pirate"}),
    "deny": Press(ADMINISTER, "v2:deny:1", meets=NO_CARD, values={"reason": ""}),
    "quotachange": Press(
        ADMINISTER, f"v2:quotachange:{SOMEBODY}", values={"act": ["reset"], "meter": ["images_per_day"]}
    ),
    "setup": Press(ADMINISTER, "v2:setup", values=SET_UP),
    "styleedit": Press(ADMINISTER, "v2:styleedit:{}", server_style, values=WOODCUT),
    "stylenew": Press(ADMINISTER, "v2:stylenew:server", values=WOODCUT | {"name": "Ink"}, meets="already"),
    "words": Press(ADMINISTER, "v2:words:add", values={"lines": "gore"}),
}
PERSONAL = {
    "buttons": "again branch card compare details edit fetch part sheet tray undo unqueue vary",
    "acts": "anyway aswritten branch describe draw erase eraseask exportdata extractpriced favourite fill "
    "gallery gallerypack help leave offrecord onrecord partsay preferreset reasoning retain retell stylecopy "
    "styledraw styles styletry styleusual trayclear unqueue",
    "picks": "batchopen card cells compare describe editof favourite galleryopen help part prefer style tray "
    "whichedit",
    "forms": "edit vary",
    "act_forms": "about describe edit editof extract fill partsay report styletried",
}
"""What nobody needs more rights for than to see it: whose it is, and what it shows, its own tests hold."""
HELD = {"buttons": BUTTONS, "acts": ACTS, "picks": PICKS, "act_forms": FORMS, "forms": dict[str, Press]()}


@pytest.mark.parametrize("kind", PERSONAL)
async def test_everything_that_can_be_pressed_is_in_a_table(stage: Stage, kind: str):
    assert set(getattr(stage.bot.presses, kind)) == {*HELD[kind], *PERSONAL[kind].split()}


@pytest.mark.parametrize("kind", ["buttons", "acts", "picks", "act_forms"])
async def test_presses_and_forms(desk: Desk, kind: str):
    _know_nobody(desk.stage)
    for verb, wanted in HELD[kind].items():
        found: dict[str, str] = {}
        for name, who in PEOPLE.items():
            custom_id = wanted.custom_id.format(await wanted.about(desk.stage))
            found[name] = await desk.outcome(_sent(kind, custom_id, wanted.values, who), wanted.meets)
        bad = wrong(found, wanted.may)
        assert not bad, (verb, bad)


def _sent(kind: str, custom_id: str, values: Any, who: dict[str, Any]) -> dict[str, Any]:
    if kind == "picks":
        return pick(custom_id, values, **who)
    return form(custom_id, values, **who) if kind == "act_forms" else press(custom_id, **who)


def _know_nobody(stage: Stage) -> None:
    """Let SOMEBODY have an account and be no member."""
    stage.remote.refuse("GET /guilds/#/members/#", 404, 10007, times=100)
    stage.remote.answers["GET /users/#"] = [(200, a_user(SOMEBODY))] * 100


async def test_chat_end_is_for_its_opener_and_who_keeps_order(desk: Desk):
    rows = desk.stage.bot.services.threads._rows
    found: dict[str, str] = {}
    for name, who in PEOPLE.items():
        await rows.delete(CHANNEL)
        thread = ChatThread(CHANNEL, GUILD, CHANNEL, ANN, desk.stage.house.world.clock(), "ships")
        await rows.add(thread)
        found[name] = await desk.outcome(command("chat end", **who))

    assert not wrong(found, ORDER)


async def test_somebody_whom_discord_does_not_know_any_more_is_no_fault(desk: Desk):
    desk.stage.remote.refuse("GET /guilds/#/members/#", 404, 10007, times=100)
    desk.stage.remote.refuse("GET /users/#", 404, 10013, times=100)
    moderator, gone = PEOPLE["moderator"], "knows nobody by that id"

    for verb in ("acts", "act_forms"):
        wanted = HELD[verb]["quotachange"]
        sent = _sent(verb, wanted.custom_id, wanted.values, moderator)
        assert await desk.outcome(sent, gone) == "yes"
