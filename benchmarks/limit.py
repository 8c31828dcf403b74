"""The limit program: what receiving, decoding and uploading pictures costs when nothing else is done.

Blocking sockets, one thread for each order under way, buffers that are used again; no gateway, no checks.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pybase64

from benchmarks import proc

OPENING = b'"b64_json": "'
BOUNDARY = b"limit"


@dataclass
class Wire:
    """One connection that is kept, and the buffer its answers are read into."""

    url: str
    buffer: bytearray = field(default_factory=lambda: bytearray(64 * 1024))

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.path = parts.path
        self.socket = socket.create_connection((parts.hostname, parts.port))

    def post(self, headers: bytes, *body: bytes | memoryview) -> memoryview:
        """Send a request and return the body of its answer; RuntimeError for any status but 200."""
        length = sum(len(part) for part in body)
        head = f"POST {self.path} HTTP/1.1\r\nHost: limit\r\nContent-Length: {length}\r\n".encode()
        self.socket.sendall(head + headers + b"\r\n")
        for part in body:
            self.socket.sendall(part)
        return self._read()

    def _read(self) -> memoryview:
        received = 0
        while (end := self.buffer.find(b"\r\n\r\n", 0, received)) < 0:
            received += self.socket.recv_into(memoryview(self.buffer)[received:])
        head = bytes(self.buffer[:end]).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        whole = end + 4 + length
        if whole > len(self.buffer):
            self.buffer.extend(bytes(whole - len(self.buffer)))
        view = memoryview(self.buffer)
        while received < whole:
            received += self.socket.recv_into(view[received:whole])
        return view[end + 4 : whole]


def carry(model: Wire, discord: Wire, token: str) -> None:
    """Ask for a picture, cut it out of the answer, and upload it."""
    reply = model.post(b"Content-Type: application/json\r\n", b'{"model":"m","prompt":"p"}')
    start = model.buffer.find(OPENING) + len(OPENING)
    end = model.buffer.find(b'"', start)
    picture = pybase64.b64decode(memoryview(model.buffer)[start:end], validate=True)
    reply.release()
    payload = b'{"content":"p","attachments":[{"id":0,"filename":"picture.png"}]}'
    before = (
        b'--limit\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n%s\r\n--limit\r\n'
        b'Content-Disposition: form-data; name="files[0]"; filename="picture.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" % payload
    )
    headers = f"Authorization: Bot {token}\r\nContent-Type: multipart/form-data; boundary=limit\r\n".encode()
    discord.post(headers, before, picture, b"\r\n--limit--\r\n").release()


def measure(
    model_url: str, discord_url: str, token: str, *, at_once: int, each: int, over_s: float
) -> dict[str, float]:
    """Carry pictures and return processor time, memory and times, warmed up by one picture a thread."""
    took: list[float] = []
    ready, go = threading.Barrier(at_once + 1), threading.Barrier(at_once + 1)

    def work(number: int) -> None:
        model, discord = Wire(model_url), Wire(discord_url)
        ready.wait()
        go.wait()
        time.sleep(over_s * number / at_once)
        for _ in range(each):
            started_at = time.monotonic()
            carry(model, discord, token)
            took.append(time.monotonic() - started_at)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    ready.wait()
    resident, cpu_s = proc.forget_peak(os.getpid()), time.process_time()
    go.wait()
    for thread in threads:
        thread.join()
    count = at_once * each
    if len(took) < count:
        raise RuntimeError(f"{len(took)} of {count} pictures were carried")
    return {
        "cpu_ms": (time.process_time() - cpu_s) * 1000 / count,
        "peak_bytes": proc.peak_bytes(os.getpid()) - resident,
        "done_p50_s": sorted(took)[count // 2],
    }


def main() -> None:
    """Measure and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model_url")
    parser.add_argument("discord_url")
    parser.add_argument("token")
    parser.add_argument("at_once", type=int)
    parser.add_argument("each", type=int)
    parser.add_argument("over_s", type=float)
    given = parser.parse_args()
    result = measure(
        given.model_url,
        given.discord_url,
        given.token,
        at_once=given.at_once,
        each=given.each,
        over_s=given.over_s,
    )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
