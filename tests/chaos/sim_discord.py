"""Discord's REST API in the simulation: what it shows to whom, and how its answers get lost."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

import aiohttp
from checks_kit import components_of, shown_files
from people_kit import BOT, CHANNEL, DM, a_message, a_user

if TYPE_CHECKING:
    import random

    from sim_storage import Life
    from virtual_time import Clock

BASE = "https://discord.com/api/v10"
SHARE = 0.05
TOKEN_S, NONCE_S = 900.0, 300.0
"""How long a token lives, and how long a nonce is remembered."""
UNKNOWN_WEBHOOK, INVALID_TOKEN, UNKNOWN_MESSAGE, ACKNOWLEDGED = 10015, 50027, 10008, 40060


@dataclass
class Message:
    """What people see."""

    id: int
    channel_id: int
    job_id: int | None
    payload: dict[str, Any]
    is_ephemeral: bool = False
    is_deleted: bool = False

    @property
    def is_work(self) -> bool:
        """Tell whether it stands for work that goes on."""
        return any(one.get("label") == "Cancel" for one in components_of(self.payload))

    @property
    def pictures(self) -> int:
        """Return how many finished pictures it shows."""
        return 0 if self.is_work else len(shown_files(self.payload))


@dataclass
class Interaction:
    """A token: when it was given out, and which message it edits."""

    began_s: float
    job_id: int
    message: Message | None = None
    is_acknowledged: bool = False
    followups: list[Message] = field(default_factory=list[Message])


@dataclass
class Discord:
    """Every request may lose its answer, every token may be denied, each one time in twenty."""

    clock: Clock
    rng: random.Random
    interactions: dict[str, Interaction] = field(default_factory=dict[str, Interaction])
    messages: dict[int, Message] = field(default_factory=dict[int, Message])
    by_job: defaultdict[int | None, list[Message]] = field(default_factory=lambda: defaultdict(list))
    nonces: dict[str, tuple[float, Message]] = field(default_factory=dict[str, tuple[float, Message]])
    faults: Counter[str] = field(default_factory=Counter[str])
    outages: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    twice: set[int] = field(default_factory=set[int])
    pings: list[Any] = field(default_factory=list[Any])
    requests: int = 0

    def session(self, life: Life) -> Session:
        return Session(self, life)

    def is_down(self) -> bool:
        return any(start <= self.clock.seconds < end for start, end in self.outages)

    def carry_out(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Do what a request says, unless it fails; its answer may be lost all the same."""
        self.requests += 1
        if self.is_down():
            return 503, {"message": "down", "code": 0}
        if "/webhooks/" in path and method == "PATCH" and self.rng.random() < SHARE:
            self.faults["token denied"] += 1
            return 404, {"message": "Unknown Webhook", "code": UNKNOWN_WEBHOOK}
        self._audit(method, path, body)
        status, answer = self._handle(method, path, body)
        if method in {"POST", "PATCH"} and status < 300 and self.rng.random() < SHARE:
            self.faults["answer lost"] += 1
            return 502, {"message": "bad gateway", "code": 0}
        return status, answer

    def _audit(self, method: str, path: str, body: Any) -> None:
        """Note whatever could ping anybody but the one who asked."""
        if method == "DELETE" or not isinstance(body, dict) or path.endswith("/users/@me/channels"):
            return
        sent: dict[str, Any] = body
        if path.endswith("/callback"):
            if body["type"] not in {4, 7}:
                return
            sent = body["data"]
        if "components" in sent or "content" in sent:
            allowed = sent.get("allowed_mentions")
            if not allowed or allowed.get("parse") != [] or len(allowed.get("users", [])) > 1:
                self.pings.append((method, path, allowed))

    def _handle(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if found := re.fullmatch(r"/interactions/\d+/([\w-]+)/callback", path):
            return self._call_back(found[1], body)
        if found := re.fullmatch(r"/webhooks/\d+/([\w-]+)(/messages/@original)?", path):
            return self._webhook(method, found[1], body, original=found[2] is not None)
        if found := re.fullmatch(r"/channels/(\d+)/messages", path):
            return 200, self._post(int(found[1]), body)
        if found := re.fullmatch(r"/channels/\d+/messages/(\d+)", path):
            return self._message(method, int(found[1]), body)
        if path == "/users/@me/channels":
            return 200, {"id": str(DM), "type": 1, "last_message_id": None, "recipients": [a_user(101)]}
        if path.endswith("/commands"):
            return 200, [
                {"description": "", **one, "id": "77", "application_id": str(BOT), "version": "1"}
                for one in body
            ]
        if path == "/oauth2/applications/@me":
            return 200, _application()
        assert path == "/users/@me", path
        return 200, a_user(BOT, bot=True)

    def _call_back(self, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        interaction = self.interactions[token]
        if interaction.is_acknowledged:
            return 400, {"message": "already acknowledged", "code": ACKNOWLEDGED}
        if self.clock.seconds > interaction.began_s + 3:
            return 404, {"message": "Unknown interaction", "code": 10062}
        interaction.is_acknowledged = True
        resource: dict[str, Any] = {"type": body["type"]}
        if body["type"] == 4:
            interaction.message = self._show(CHANNEL, interaction.job_id, body["data"])
            resource["message"] = a_message(interaction.message.id, CHANNEL)
        message_id = interaction.message.id if interaction.message else None
        about = {"id": "1", "type": 2, "response_message_id": message_id and str(message_id)}
        return 200, {"interaction": about, "resource": resource}

    def _webhook(self, method: str, token: str, body: Any, *, original: bool) -> tuple[int, Any]:
        interaction = self.interactions[token]
        if self.clock.seconds > interaction.began_s + TOKEN_S:
            return 401, {"message": "Invalid Webhook Token", "code": INVALID_TOKEN}
        if not original:
            message = self._show(CHANNEL, interaction.job_id, body)
            interaction.followups.append(message)
            return 200, a_message(message.id, CHANNEL)
        if interaction.message is None:
            return 404, {"message": "Unknown Webhook", "code": UNKNOWN_WEBHOOK}
        return self._message(method, interaction.message.id, body)

    def _message(self, method: str, message_id: int, body: Any) -> tuple[int, Any]:
        message = self.messages.get(message_id)
        if message is None or message.is_deleted:
            return 404, {"message": "Unknown Message", "code": UNKNOWN_MESSAGE}
        if method == "DELETE":
            message.is_deleted = True
            return 204, None
        message.payload = {**message.payload, **body}
        self._look_twice(message)
        return 200, a_message(message.id, message.channel_id)

    def _post(self, channel_id: int, body: dict[str, Any]) -> dict[str, Any]:
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            since, message = self.nonces.get(nonce, (-NONCE_S, None))
            if message is not None and self.clock.seconds < since + NONCE_S:
                return a_message(message.id, channel_id)
        message = self._show(channel_id, int(nonce) if nonce else None, body)
        if nonce is not None:
            self.nonces[nonce] = (self.clock.seconds, message)
        return a_message(message.id, channel_id)

    def _show(self, channel_id: int, job_id: int | None, payload: dict[str, Any]) -> Message:
        is_ephemeral = bool(payload.get("flags", 0) & 64)
        message = Message(6_000_000 + len(self.messages), channel_id, job_id, payload, is_ephemeral)
        self.messages[message.id] = message
        self.by_job[job_id].append(message)
        self._look_twice(message)
        return message

    def _look_twice(self, message: Message) -> None:
        """Note a job whose pictures are to be seen in two messages, be it for a moment."""
        if not message.pictures:
            return
        seen = [one for one in self.of_job(message.job_id) if one.pictures]
        if len(seen) > 1 and message.job_id is not None:
            self.twice.add(message.job_id)

    def of_job(self, job_id: int | None) -> list[Message]:
        """Return what is there to be seen of a job."""
        return [one for one in self.by_job[job_id] if not one.is_deleted]


class Session:
    """What discord.py takes for an aiohttp session."""

    def __init__(self, discord: Discord, life: Life) -> None:
        self._discord = discord
        self._life = life
        self.closed = False

    def request(self, method: str, url: str, *, data: Any = None, **_: Any) -> _Exchange:
        assert url.startswith(BASE), url
        path = unquote(url.removeprefix(BASE).partition("?")[0])
        return _Exchange(self._discord, self._life, method, path, _body(data))

    async def close(self) -> None:
        self.closed = True


@dataclass
class _Exchange:
    discord: Discord
    life: Life
    method: str
    path: str
    body: Any
    status: int = 0
    reason: str = ""
    answer: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])

    async def __aenter__(self) -> Self:
        rng = self.discord.rng
        self.life.check()
        await asyncio.sleep(rng.uniform(0.01, 0.15))
        self.life.check()
        self.status, answer = self.discord.carry_out(self.method, self.path, self.body)
        self.answer = json.dumps(answer)
        self.headers = {"content-type": "application/json", "Via": "1.1 virtual"}
        await asyncio.sleep(rng.uniform(0.01, 0.15))
        self.life.check()
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def text(self, **_: object) -> str:
        return self.answer


def _body(data: Any) -> Any:
    """Return the JSON of a request, multipart or not."""
    if isinstance(data, aiohttp.FormData):
        data = next(value for names, _, value in data._fields if names["name"] == "payload_json")
    return json.loads(data) if data else None


def _application() -> dict[str, Any]:
    texts = dict.fromkeys(("description", "summary", "verify_key"), "")
    return {
        **texts,
        "id": str(BOT),
        "name": "Easel",
        "icon": None,
        "flags": 0,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": a_user(1),
        "rpc_origins": [],
        "team": None,
    }


def aiohttp_of(session: Session) -> SimpleNamespace:
    """Return a stand-in for the module aiohttp that opens this session, and no socket."""
    return SimpleNamespace(
        **{
            **vars(aiohttp),
            "TCPConnector": lambda **_: None,
            "ClientSession": lambda **_: session,
        }
    )
