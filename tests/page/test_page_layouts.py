"""The page in a browser: the layouts of Components V2, spoilers, and forms that start filled in."""

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]


async def test_sections_files_and_curtains_are_laid_out(tab):
    await tab.command("exhibit")
    await tab.send()
    shown = tab.message("Exhibition")
    await expect(shown.get_by_role("heading", name="Exhibition")).to_be_visible()
    await expect(shown.locator(".dc-file")).to_contain_text("list.txt")
    await expect(shown.get_by_role("link", name="Visit")).to_have_attribute("href", "https://example.com")

    await shown.get_by_role("button", name="Enlarge: a small one").click()
    await expect(tab.page.locator(".dc-lightbox-picture")).to_have_attribute("alt", "a small one")
    await tab.page.get_by_role("button", name="Close").click()
    await expect(tab.page.locator(".dc-lightbox")).to_be_hidden()


@pytest.mark.further
async def test_what_is_behind_a_curtain_shows_after_a_click(tab):
    await tab.command("exhibit")
    await tab.send()
    curtains = tab.message("Exhibition").locator(".dc-cover")
    await expect(curtains).to_have_count(2)
    await curtains.first.click()
    await curtains.last.click()

    await expect(curtains.first).to_be_hidden()
    await expect(curtains.last).to_be_hidden()
    await expect(tab.page.locator(".dc-lightbox")).to_be_hidden()


@pytest.mark.further
async def test_a_form_starts_with_its_defaults(tab):
    await tab.command("wish")
    await tab.send()
    form = tab.page.get_by_role("dialog", name="Wishes")
    await expect(form.locator("strong")).to_have_text("wish")
    await expect(form.get_by_role("button", name="Style: Oil")).to_be_visible()
    await form.get_by_role("button", name="Friend").click()
    await tab.page.get_by_role("checkbox", name="Grace").click()
    await tab.page.keyboard.press("Escape")
    await form.get_by_role("button", name="Submit").click()

    await expect(tab.message("['Oil']|['Grace']|True")).to_be_visible()
