"""A scripted server on a real socket, and the calls that are made to it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.domain.calls import PictureCall
from bot.domain.capabilities import Transport

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3
KEY = "sk-or-v1-canary"


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        return json.loads(self.body)


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Loopback:
    """Answers one request after the other from a script; the last answer stays."""

    script: list[Answer] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    url: str = ""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.create_task(self.handle(reader, writer)))

    async def stop(self) -> None:
        await asyncio.sleep(0)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks)
        await asyncio.sleep(0)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            method, path, _ = first.split(" ")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.seen.append(Request(method, path, headers, body))
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            await answer(writer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


def answer(
    body: bytes | str | dict[str, Any], status: int = 200, cut: int | None = None, **headers: str
) -> Answer:
    """Answer with a body; with `cut` the connection ends after so many of its bytes."""
    written = json.dumps(body) if isinstance(body, dict) else body
    data = written.encode() if isinstance(written, str) else written
    lines = {
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }

    async def send(writer: asyncio.StreamWriter) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(
            f"HTTP/1.1 {status} X\r\n{head}Content-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode()
        )
        writer.write(data[:cut])

    return send


def data_url(data: bytes = PNG, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def image_part(data: bytes = PNG, media_type: str = "image/png", **extra: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(data, media_type)}, **extra}


def chat_reply(
    *,
    content: Any = "Here is…",
    images: Any = None,
    finish_reason: Any = "stop",
    usage: Any = None,
    **extra: Any,
) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": None, "reasoning": None}
    if images is not None:
        message["images"] = images
    choice = {"index": 0, "finish_reason": finish_reason, "message": message | extra.pop("message", {})}
    return {
        "id": "gen-1",
        "model": "google/gemini-2.5-flash-image",
        "provider": "Google",
        "choices": [choice | extra.pop("choice", {})],
        "usage": {"completion_tokens": 1290, "cost": 0.0387012} if usage is None else usage,
        **extra,
    }


def images_reply(*pictures: bytes, cost: float | None = 0.04) -> dict[str, Any]:
    data = [{"b64_json": base64.b64encode(one).decode(), "media_type": "image/png"} for one in pictures]
    return {"created": 0, "data": data, "usage": {"completion_tokens": 1056, "cost": cost}}


def a_call(transport: Transport = Transport.CHAT, **changed: Any) -> PictureCall:
    chosen: dict[str, Any] = {
        "model_id": "openai/gpt-5-image-mini",
        "transport": transport,
        "prompt": "a red moon over a quiet sea",
        "count": 1,
        "user_key": "user-1",
        "session_key": "channel-1",
    }
    return PictureCall(**(chosen | changed))


def good(transport: Transport) -> Answer:
    """Answer with one picture."""
    reply = chat_reply(images=[image_part()]) if transport is Transport.CHAT else images_reply(PNG)
    return answer(reply, X_Generation_Id="gen-9")


def error(status: int, message: str = "no", **extra: Any) -> Answer:
    """Answer with an error; names in capitals are headers."""
    headers = {name: extra.pop(name) for name in list(extra) if name[0].isupper()}
    return answer({"error": {"code": status, "message": message, **extra}}, status, **headers)
