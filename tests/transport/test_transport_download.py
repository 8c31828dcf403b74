"""Reading attachments: bounded, without redirects, with a sentence for every way it fails."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc

import httpx
import pytest
from transport_kit import listening

from bot.errors import BadInput, PictureUnusable, UserFacingError
from bot.transport.client import open_client
from bot.transport.download import download

URL = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&hm=2"
FILE = bytes(range(256)) * 8


class Discord:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer()


def answer(status=200, content: bytes | list[bytes] = b"", **headers):
    """Return an answer that can be given more than once, its body not read yet."""
    lines = {name.replace("_", "-"): value for name, value in headers.items()}

    async def chunks():
        for part in content if isinstance(content, list) else [content]:
            yield part

    return lambda: httpx.Response(status, headers=lines, content=chunks())


async def read(discord, url=URL, max_bytes=10_000, **options):
    async with open_client(transport=httpx.MockTransport(discord)) as client:
        return await download(client, url, max_bytes=max_bytes, **options)


async def test_the_file_arrives_whole():
    discord = Discord(answer(content=FILE))

    assert await read(discord) == FILE
    assert discord.asked[0].headers["accept-encoding"] == "identity"
    assert "authorization" not in discord.asked[0].headers


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410])
async def test_a_dead_link_asks_for_the_file_again(status):
    discord = Discord(answer(status, Location="http://127.0.0.1/"))

    with pytest.raises(BadInput, match="attach it again"):
        await read(discord)

    assert len(discord.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://cdn.discordapp.com/a",
        "data:image/png;base64,AA",
        "",
        "//x/a",
        "https://",
        "http://host:port/",
        "http://a\x00b/",
        "javascript:1",
    ],
)
async def test_only_web_addresses_are_read(url):
    discord = Discord(answer(content=FILE))

    with pytest.raises(BadInput):
        await read(discord, url)

    assert discord.asked == []


@pytest.mark.parametrize(
    "trouble",
    [
        answer(500),
        answer(503),
        answer(429),
        httpx.ConnectError("x"),
        httpx.ReadError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.ReadTimeout("x"),
    ],
    ids=["500", "503", "429", "connect", "reset", "cut", "timeout"],
)
async def test_trouble_is_tried_again_and_then_said(trouble):
    assert await read(Discord(trouble, trouble, answer(content=FILE))) == FILE

    discord = Discord(trouble)
    with pytest.raises(UserFacingError, match="Discord did not hand over") as caught:
        await read(discord)
    assert len(discord.asked) == 3
    assert not isinstance(caught.value, BadInput)
    assert "hm=2" not in str(caught.value)


async def test_a_file_at_the_limit_is_read_and_one_byte_more_is_not():
    assert await read(Discord(answer(content=FILE)), max_bytes=len(FILE)) == FILE

    with pytest.raises(PictureUnusable, match="At most 1 KB"):
        await read(Discord(answer(content=FILE)), max_bytes=len(FILE) - 1)


async def test_a_file_announced_as_too_big_is_not_read():
    huge = answer(content=[], Content_Length="30000000")

    with pytest.raises(PictureUnusable, match="At most 20 MB"):
        await read(Discord(huge), max_bytes=20 * 1024**2)


@pytest.mark.parametrize("announced", ["5", "-1", "abc", ""], ids=repr)
async def test_an_announced_length_is_not_believed(announced):
    lying = answer(content=[bytes(1000)] * 100, Content_Length=announced)

    with pytest.raises(PictureUnusable):
        await read(Discord(lying))


async def test_a_compressed_answer_is_refused_before_it_unfolds():
    bomb = gzip.compress(bytes(64 * 1024**2))

    tracemalloc.start()
    with pytest.raises(UserFacingError):
        await read(
            Discord(answer(content=bomb, Content_Encoding="gzip")),
            max_bytes=10**9,
        )
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert grown < 1024**2


async def served(handle, work):
    async with listening(handle) as url, open_client() as client:
        return await work(client, f"{url}/a.png")


async def test_a_slow_drip_is_cut_by_the_total_time():
    asked = []

    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        asked.append(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async def work(client, url):
        started = asyncio.get_running_loop().time()
        with pytest.raises(UserFacingError, match="Discord did not hand over"):
            await download(client, url, max_bytes=10**6, timeout_s=0.3)
        return asyncio.get_running_loop().time() - started

    assert 0.25 < await served(drip, work) < 60  # the drip lasts half an hour
    assert asked == [1]


async def test_a_file_cut_off_on_the_way_is_read_again():
    asked = []

    async def flaky(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        asked.append(1)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(FILE)}\r\nConnection: close\r\n\r\n".encode())
        writer.write(FILE if len(asked) == 2 else FILE[:100])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def work(client, url):
        return await download(client, url, max_bytes=10**6)

    assert await served(flaky, work) == FILE
    assert len(asked) == 2
