"""Discord's gateway: who is connected, what each session is sent, and how a session is taken up again."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.discord import payloads
from sandbox.discord.application import application_flags, gateway_url
from sandbox.discord.entities import Channel, Guild, Json, Message
from sandbox.discord.intents import CONTENT_INTENT, PRIVILEGED, VALID, is_subscribed
from sandbox.discord.permissions import Permission, may
from sandbox.discord.reading import part
from sandbox.discord.rendering import event_payload

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.world import World

ACK_S = 0.02
"""How long the nearest of Discord's servers takes to answer a heartbeat."""
(DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK) = (
    *(0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11),
)
EVENTS_PER_MINUTE = 120
REPLAYED_EVENTS = 1000
KEPT_SESSIONS = 8
MISSED_BEATS = 1.5


class Rejected(Exception):
    """The connection is closed with one of Discord's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True, eq=False)
class Session:
    """A gateway session: it outlives its connection, and keeps what was sent for a resume."""

    id: str
    intents: int
    shard: tuple[int, int]
    sequence: int = 0
    sent: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    connection: "Connection | None" = None

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event, or keep it until the session is resumed."""
        self.sequence += 1
        frame = orjson.dumps({"op": DISPATCH, "t": event, "s": self.sequence, "d": data})
        self.sent.append((self.sequence, frame))
        del self.sent[:-REPLAYED_EVENTS]
        if self.connection is not None:
            self.connection.send(frame)

    def replay(self, after: int) -> None:
        """Send again all that came after that sequence number."""
        for sequence, frame in self.sent:
            if self.connection is not None and sequence > after:
                self.connection.send(frame)


class Gateway:
    """The gateway of one world. `reconnect`, `invalidate` and `close` are for tests and the page."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.heartbeat_interval_s = 41.25
        self.refuse_connections = 0
        self.connections: list[Connection] = []
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes = 0
        world.emit = self.emit
        world.gateway = self

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection from HELLO to its end."""
        if self.refuse_connections > 0:
            self.refuse_connections -= 1
            await socket.close()
            return
        await socket.accept()
        connection = Connection(self, socket)
        self.connections.append(connection)
        try:
            await connection.run()
        finally:
            self.connections.remove(connection)
            self.count_online()

    def count_online(self) -> None:
        """Bring the world's count of ready sessions up to date."""
        self.world.online_sessions = sum(session.connection is not None for session in self.sessions.values())
        self.world.changed.notify()

    def emit(self, event: str, place: Channel | Guild | None, data: Json | Message) -> None:
        """Send an event to every session that is subscribed to it and may see its place."""
        if isinstance(place, Channel) and not self._bot_sees(place, event):
            return
        guild = place.guild if isinstance(place, Channel) else place
        for session in self.sessions.values():
            if not is_subscribed(event, session.intents, is_direct=guild is None):
                continue
            if not self._is_shard_of(session, guild):
                continue
            if isinstance(data, Message):
                allowed = bool(session.intents & CONTENT_INTENT)
                session.dispatch(event, event_payload(self.world, data, has_content_intent=allowed))
            else:
                session.dispatch(event, data)

    def _bot_sees(self, channel: Channel, event: str) -> bool:
        if event == "INTERACTION_CREATE":
            return True
        return may(self.world.bot, channel, Permission.VIEW_CHANNEL)

    @staticmethod
    def _is_shard_of(session: Session, guild: Guild | None) -> bool:
        number, count = session.shard
        return number == ((guild.id >> 22) % count if guild else 0)

    def reconnect(self) -> None:
        """Ask every connection to reconnect (op 7)."""
        self._send_all({"op": RECONNECT, "d": None})

    def invalidate(self, *, is_resumable: bool = False) -> None:
        """Tell every connection that its session is invalid (op 9), and forget it unless resumable."""
        self._send_all({"op": INVALID, "d": is_resumable})
        if not is_resumable:
            for session in list(self.sessions.values()):
                self.forget(session)
        self.count_online()

    def close(self, code: int) -> None:
        """Close every connection with that code."""
        for connection in self.connections:
            connection.close(code, "closed by the sandbox")

    def forget(self, session: Session) -> None:
        """End a session for good."""
        self.sessions.pop(session.id, None)
        if session.connection is not None:
            session.connection.session = None

    def _send_all(self, frame: Json) -> None:
        for connection in self.connections:
            connection.send(orjson.dumps(frame))

    def open_session(self, intents: int, shard: tuple[int, int]) -> Session:
        """Start a session, dropping the oldest disconnected ones so that memory stays bounded."""
        session = Session(uuid4().hex, intents, shard)
        self.sessions[session.id] = session
        idle = [one for one in self.sessions.values() if one.connection is None and one is not session]
        for old in idle[:-KEPT_SESSIONS]:
            self.forget(old)
        return session


class Connection:
    """One websocket: reads the bot's commands, writes frames in order."""

    def __init__(self, gateway: Gateway, socket: WebSocket) -> None:
        self.gateway = gateway
        self.world = gateway.world
        self.session: Session | None = None
        self._socket = socket
        self._frames: asyncio.Queue[bytes | Rejected] = asyncio.Queue()
        self._received: list[float] = []
        self._last_sequence_beat = 0
        self._acts: dict[int, Callable[[Json], None]] = {
            HEARTBEAT: self._beat,
            IDENTIFY: self._identify,
            PRESENCE: self._ignore,
            VOICE: self._ignore,
            RESUME: self._resume,
            MEMBERS: self._members,
        }

    def send(self, frame: bytes) -> None:
        """Queue a frame."""
        self._frames.put_nowait(frame)

    def close(self, code: int, reason: str) -> None:
        """Queue the end of the connection."""
        self._frames.put_nowait(Rejected(code, reason))

    async def run(self) -> None:
        """Serve until either side ends it."""
        self.send(orjson.dumps({"op": HELLO, "d": {"heartbeat_interval": int(self._interval_s * 1000)}}))
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read())
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and not writer.done():
                await asyncio.sleep(0)
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)
            self._leave()

    @property
    def _interval_s(self) -> float:
        return self.gateway.heartbeat_interval_s

    def _leave(self) -> None:
        if self.session is not None and self.session.connection is self:
            self.session.connection = None

    async def _write(self) -> None:
        while True:
            frame = await self._frames.get()
            if isinstance(frame, Rejected):
                await self._socket.close(frame.code, frame.reason)
                return
            await self._socket.send_text(frame.decode())

    async def _read(self) -> None:
        try:
            while True:
                async with asyncio.timeout(self._interval_s * MISSED_BEATS):
                    text = await self._socket.receive_text()
                self._handle(text)
        except WebSocketDisconnect as gone:
            if gone.code in (1000, 1001) and self.session is not None:
                self.gateway.forget(self.session)
        except TimeoutError:
            await self._reject(Rejected(4009, "Session timed out"))
        except Rejected as rejected:
            if self.session is not None:
                self.gateway.forget(self.session)
            await self._reject(rejected)

    async def _reject(self, rejected: Rejected) -> None:
        await self._socket.close(rejected.code, rejected.reason)

    def _handle(self, text: str) -> None:
        now = asyncio.get_running_loop().time()
        self._received = [at for at in self._received if now - at < 60] + [now]
        if len(self._received) > EVENTS_PER_MINUTE:
            raise Rejected(4008, "Rate limited")
        try:
            frame: Json = orjson.loads(text)
            code = int(frame["op"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            raise Rejected(4002, "Decode error") from None
        act = self._acts.get(code)
        if act is None:
            raise Rejected(4001, "Unknown opcode")
        if self.session is None and code not in (HEARTBEAT, IDENTIFY, RESUME):
            raise Rejected(4003, "Not authenticated")
        act(part(frame, "d"))

    def _beat(self, _: Json) -> None:
        # discord.py notes that it sent a beat only afterwards; an answer in no time would come before that.
        asyncio.get_running_loop().call_later(ACK_S, self.send, orjson.dumps({"op": ACK}))

    def _ignore(self, _: Json) -> None:
        """Accept what has no effect here: presence and voice."""

    def _identify(self, data: Json) -> None:
        if self.session is not None:
            raise Rejected(4005, "Already authenticated")
        if data.get("token") != self.world.token:
            raise Rejected(4004, "Authentication failed")
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~VALID:
            raise Rejected(4013, "Invalid intents")
        if intents & PRIVILEGED & ~self.world.privileged_intents:
            raise Rejected(4014, "Disallowed intents")
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            raise Rejected(4010, "Invalid shard")
        self.gateway.identifies += 1
        self.session = self.gateway.open_session(intents, (number, count))
        self.session.connection = self
        self._welcome(self.session)
        self.gateway.count_online()

    def _welcome(self, session: Session) -> None:
        guilds = [guild for guild in self.world.guilds.values() if guild.has_bot]
        mine = [guild for guild in guilds if (guild.id >> 22) % session.shard[1] == session.shard[0]]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": payloads.user(self.world.bot)
                | {"verified": True, "mfa_enabled": True, "email": None},
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": gateway_url(self.world.base_url),
                "shard": list(session.shard),
                "private_channels": [],
                "application": {
                    "id": str(self.world.application_id),
                    "flags": application_flags(self.world.privileged_intents),
                },
            },
        )
        if session.intents & 1:
            for guild in mine:
                session.dispatch("GUILD_CREATE", payloads.guild_create(guild, self.world.bot))

    def _resume(self, data: Json) -> None:
        session = self.gateway.sessions.get(str(data.get("session_id")))
        if data.get("token") != self.world.token:
            raise Rejected(4004, "Authentication failed")
        if session is None or data.get("seq", 0) > session.sequence:
            self.send(orjson.dumps({"op": INVALID, "d": False}))
            return
        self.gateway.resumes += 1
        self.session = session
        session.connection = self
        session.replay(int(data["seq"]))
        session.dispatch("RESUMED", {})
        self.gateway.count_online()

    def _members(self, data: Json) -> None:
        guild = self.world.guilds.get(int(data.get("guild_id", 0)))
        if guild is None or self.session is None:
            return
        wanted = {int(one) for one in data.get("user_ids") or ()}
        found = [
            member
            for member in guild.members.values()
            if member.user.id in wanted
            or (not wanted and member.user.username.startswith(data.get("query") or ""))
        ]
        chunk: Json = {"guild_id": str(guild.id), "chunk_index": 0, "chunk_count": 1}
        chunk["members"] = [payloads.member(member) for member in found]
        if "nonce" in data:
            chunk["nonce"] = data["nonce"]
        self.session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
