"""The whole of it as a newcomer meets it: `python -m sandbox` with the real bot, in a browser."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest
from chromium_kit import CHROMIUM, NO_CHROMIUM, opened
from playwright.async_api import async_playwright, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Page

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.page,
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]
PATIENCE_MS = 60_000


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox", "--port", "0", "--latency", "0.1", "--data-dir", str(tmp_path / "data")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        said = (await process.stdout.readline()).decode()
    yield re.findall(r"http://\S+", said)[0]
    process.terminate()
    async with asyncio.timeout(60):
        await process.wait()


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await opened(playwright)
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{address}/?be=ada&in=studio")
        await page.wait_for_selector(".dc-ready")
        yield page
        await browser.close()


async def test_a_newcomer_draws_looks_closer_draws_again_and_asks_for_one_in_words(page: Page) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    composer = page.get_by_label("Message ", exact=False).and_(page.locator("textarea"))
    option = page.get_by_role("option", name="/imagine")
    await composer.click()
    await composer.press_sequentially("/")
    await expect(option).to_be_visible()  # the bot has told its commands
    await composer.press_sequentially("imagine")
    # Each letter may draw the list anew, and take away what is being clicked.
    await expect(page.locator(".dc-suggestion-label").filter(has_not_text="/imagine")).to_have_count(0)
    await option.click()
    form = page.get_by_role("group", name="/imagine")
    await form.get_by_label("prompt").fill("a fox in a paper boat")
    await page.get_by_label("Send command").click()

    galleries = page.locator(".dc-gallery")
    await expect(galleries).to_have_count(1)
    await expect(page.get_by_text("19 of 20 pictures left today")).to_be_visible()
    # Its caption comes a moment later, and the card is drawn anew.
    await expect(galleries.locator("img")).not_to_have_attribute("alt", "a fox in a paper boat")
    await galleries.get_by_role("button").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Again").click()
    await expect(galleries).to_have_count(2)
    await page.get_by_role("button", name="Details").first.click()
    await expect(page.get_by_text("Only you can see this")).to_be_visible()
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0

    await composer.fill("@Easel draw me a red fox")
    await composer.press("Escape")
    await composer.press("Enter")
    await expect(galleries).to_have_count(3)
    await expect(page.get_by_text("17 of 20 pictures left today")).to_be_visible()
