"""A sandbox with a demo bot in a process of its own, and Chromium in front of it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from chromium_kit import CHROMIUM, NO_CHROMIUM, opened
from page_tab import Tab
from playwright.async_api import Browser, Page, async_playwright, expect

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class Site:
    """A running sandbox: its address, and a way to make it forget."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.url = ""

    async def ready(self) -> None:
        assert self._process.stdout
        async with asyncio.timeout(60):
            self.url = (await self._process.stdout.readline()).decode().strip()
        assert self.url.startswith("http://127.0.0.1:")

    async def tell(self, word: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{word}\n".encode())
        await self.ready()

    async def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        async with asyncio.timeout(60):
            await self._process.wait()


PATIENCE_MS = 20_000
"""Two workers on two cores can keep a browser waiting."""
expect.set_options(timeout=PATIENCE_MS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site():
    """Return a running sandbox with its page and a demo bot."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "page_bot.py"),
        "0",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    site = Site(process)
    await site.ready()
    yield site
    await site.close()


class Windows:
    """A window of one browser for each person: a tab in the background would be slowed down by Chromium.

    Windows are kept: reading the page's scripts into a new one takes three times as long as opening it again.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Page]] = {}
        self._used: list[tuple[str, Page]] = []
        self.complaints: list[str] = []

    async def of(self, name: str) -> Page:
        free = self._free.setdefault(name, [])
        page = free.pop() if free else await self._new()
        self._used.append((name, page))
        return page

    async def _new(self) -> Page:
        page = await (await self._browser.new_context(reduced_motion="reduce")).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    async def leave(self) -> list[str]:
        """Go away from the page in every window, and return what they complained of until then."""
        said = [*self.complaints]
        for name, page in self._used:
            await page.goto("about:blank")
            self._free[name].append(page)
        self._used.clear()
        self.complaints.clear()  # of requests that were cut off
        return said


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows(site):
    async with async_playwright() as playwright:
        browser = await opened(playwright)
        yield Windows(browser)
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_tab(windows, site):
    """Return a function that opens tabs; at the end none of them may have complained on its console."""
    await site.tell("clear")

    async def open_tab(be: str = "ada", place: str = "studio", *, width: int = 1280) -> Tab:
        page = await windows.of(be)
        await page.set_viewport_size({"width": width, "height": 844})
        return await Tab(page, site.url).open(be, place)

    yield open_tab
    assert await windows.leave() == []


@pytest_asyncio.fixture(loop_scope="session")
async def tab(new_tab):
    """Return Ada's tab on #studio."""
    return await new_tab()
