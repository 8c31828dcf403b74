"""The page in a browser: people to be, channels to open, small windows, and what is behind the scenes."""

import re

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.further
async def test_one_becomes_somebody_else_with_one_click(tab):
    await tab.page.get_by_role("radio", name="Be Linus, moderator").click()
    await expect(tab.page.get_by_role("region", name="Who you are")).to_contain_text("You areLinusModerator")
    await tab.say("as a moderator")

    await expect(tab.message("as a moderator").locator(".dc-name")).to_have_text("Linus")
    await expect(tab.page).to_have_url(re.compile(r"\?be=linus&in=studio$"))


@pytest.mark.further
async def test_channels_keep_their_messages_and_say_when_there_is_something_new(tab, new_tab):
    grace = await new_tab("grace")
    await tab.page.get_by_role("button", name="no-files").click()
    await expect(tab.page.get_by_role("heading", name="Welcome to #no-files!")).to_be_visible()
    await grace.say("news in the studio")
    studio = tab.page.get_by_role("button", name="studio", exact=True)
    await expect(studio).to_have_class(re.compile("dc-unread"))
    await expect(tab.page.get_by_text("news in the studio")).to_have_count(0)

    await studio.click()
    await expect(tab.message("news in the studio")).to_be_visible()
    await expect(studio).not_to_have_class(re.compile("dc-unread"))


@pytest.mark.further
async def test_the_bot_answers_in_its_direct_conversation(new_tab):
    tab = await new_tab("grace", "dm")
    await tab.say("hello there")

    answer = tab.message("heard hello there and 0 files")
    await expect(answer.locator(".dc-app-badge")).to_have_text("APP")
    await expect(answer.locator(".dc-origin")).to_contain_text("hello there")


@pytest.mark.further
async def test_a_direct_conversation_is_ones_own(new_tab):
    ada, grace = await new_tab("ada", "dm"), await new_tab("grace", "dm")
    await ada.say("between us")
    await expect(ada.message("heard between us")).to_be_visible()

    await expect(grace.page.get_by_text("between us")).to_have_count(0)


async def test_a_telephone_shows_everything_without_scrolling_sideways(new_tab):
    tab = await new_tab(width=390)
    card = await tab.draw("a very long prompt that goes on and on about a lighthouse " * 4, count=4)
    await card.get_by_role("button", name="Again").click()
    await expect(tab.message("pressed")).to_be_visible()
    assert await tab.overflow() <= 0

    await tab.page.get_by_role("button", name="Channels").click()
    await tab.page.get_by_role("button", name="gallery-nsfw").click()
    await expect(tab.page.get_by_role("heading", name="Welcome to #gallery-nsfw!")).to_be_visible()
    await expect(tab.page.get_by_role("button", name="no-files")).to_be_hidden()
    assert await tab.overflow() <= 0


@pytest.mark.further
async def test_members_are_those_of_the_place(tab):
    members = tab.page.get_by_role("complementary", name="Members")
    await expect(members.locator(".dc-member-name")).to_have_text(["Linus", "Easel", "Ada", "Grace"])
    await tab.open("grace", "dm")
    await expect(members.get_by_role("button")).to_have_count(2)
    await expect(members).not_to_contain_text("Linus")


@pytest.mark.further
async def test_members_come_in_from_the_side_on_a_phone(tab):
    await tab.page.set_viewport_size({"width": 390, "height": 844})
    members = tab.page.get_by_role("complementary", name="Members")
    await expect(members).to_be_hidden()
    await tab.page.get_by_role("button", name="Members").click()
    await expect(members).to_be_visible()
    assert await tab.overflow() <= 0

    await tab.page.mouse.click(20, 500)
    await expect(members).to_be_hidden()


async def test_faults_are_armed_and_cleared_backstage(tab):
    await tab.page.get_by_role("button", name="Backstage").click()
    stage = tab.page.get_by_role("complementary", name="Backstage")
    await stage.get_by_role("button", name="Choose a fault").click()
    await tab.page.get_by_role("radio", name=re.compile("^Bad gateway")).click()
    await stage.get_by_role("button", name="3 times").click()
    await expect(stage.locator(".dc-armed")).to_contain_text("Bad gateway · 3 to come")

    await stage.get_by_role("button", name="Behave again").click()
    await expect(stage.locator(".dc-armed")).to_have_count(0)
    await tab.page.keyboard.press("Escape")
    await expect(stage).to_be_hidden()


@pytest.mark.further
async def test_time_moves_on_for_every_tab(tab, new_tab):
    other = await new_tab("grace")
    now = await tab.page.evaluate("Math.round(Date.now() / 1000)")
    await tab.say(f"it was <t:{now}:R>")
    await expect(other.message("it was").locator("time").last).to_have_text(re.compile(r"seconds? ago|now"))
    await tab.page.get_by_role("button", name="Backstage").click()
    await tab.page.get_by_role("button", name="+ 1 minute").click()

    await expect(other.message("it was").locator("time").last).to_have_text("1 minute ago")


@pytest.mark.further
async def test_one_can_be_the_owner_by_the_address_and_reads_times_in_ones_own_language(new_tab):
    owner = await new_tab("sandbox", "dm")
    await expect(owner.page.get_by_role("region", name="Who you are")).to_contain_text("You areSandboxOwner")
    assert await owner.page.evaluate("sandboxPage.locale") == "en-US"

    await owner.page.evaluate("sandboxPage.locale = 'de'")
    said = "sandboxPage.words(new Date('2026-11-28T12:00'), 'D', Date.now()) + sandboxPage.relative(7190)"
    assert await owner.page.evaluate(said) == "28. November 2026in 2 Stunden"
