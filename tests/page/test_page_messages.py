"""The page in a browser: messages, pictures, buttons, selects, forms and menus."""

import asyncio
import re

import pytest
from page_bot import picture
from playwright.async_api import expect

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]


async def test_what_people_write_is_shown_as_markdown_and_never_as_html(tab):
    await tab.say("**bold** <img src=x onerror=alert(1)> `x` ||hidden||")

    message = tab.message("<img src=x onerror=alert(1)>")
    await expect(message.locator("strong")).to_have_text("bold")
    await expect(message.locator("img")).to_have_count(0)
    await message.get_by_role("button", name="Spoiler").click()
    await expect(message.locator(".dc-spoiler.shown")).to_have_text("hidden")


@pytest.mark.further
async def test_other_tabs_see_it_without_reloading(tab, new_tab):
    other = await new_tab("grace")
    await tab.say("can you see this?")

    await expect(other.message("can you see this?")).to_be_visible()
    await expect(other.message("can you see this?").locator(".dc-name")).to_have_text("Ada")


@pytest.mark.further
async def test_pictures_can_be_sent_and_are_shown(tab):
    await tab.attach("Attach files", ("shore.png", picture(4)))
    await tab.say("look at the shore")

    await expect(tab.message("look at the shore").locator(".dc-tile img")).to_have_js_property(
        "complete", value=True
    )
    await expect(tab.page.get_by_label("Remove shore.png")).to_have_count(0)


@pytest.mark.further
async def test_a_message_waits_for_its_files(tab):
    sent = asyncio.Event()

    async def hold(route):
        await sent.wait()
        await route.continue_()

    await tab.page.route("**/upload/**", hold)
    async with tab.page.expect_file_chooser() as chooser:
        await tab.page.get_by_label("Attach files").click()
    file = {"name": "late.png", "mimeType": "image/png", "buffer": picture(5)}
    async with tab.page.expect_request("**/upload/**"):
        await (await chooser.value).set_files([file])
    await tab.say("here is the late one")
    sent.set()

    message = tab.message("here is the late one")
    await expect(message.locator(".dc-tile img")).to_have_count(1)
    await expect(tab.page.get_by_label("Remove late.png")).to_have_count(0)


@pytest.mark.further
async def test_a_channel_that_is_named_leads_there(tab):
    studio = tab.page.locator(".dc-channel").filter(has_text="studio")
    channel_id = await studio.get_attribute("data-channel")
    await tab.open(place="dm")
    await tab.say(f"go to <#{channel_id}>")
    await tab.message("go to").get_by_role("link", name="#studio").click()

    await expect(tab.page.locator(".dc-top-name")).to_have_text("studio")


@pytest.mark.further
async def test_a_link_to_a_message_leads_there(tab):
    await tab.say("the old one")
    number = await tab.message("the old one").get_attribute("data-message")
    old = tab.page.locator(f'[data-message="{number}"]')
    channel_id = await tab.page.locator(".dc-channel").filter(has_text="studio").get_attribute("data-channel")
    await tab.open(place="dm")
    await tab.say(f"[show](https://discord.com/channels/7/{channel_id}/{number})")
    await tab.page.get_by_role("link", name="show", exact=True).first.click()

    await expect(tab.page.locator(".dc-top-name")).to_have_text("studio")
    await expect(old).to_have_class(re.compile("dc-jumped"))
    await expect(old).to_be_in_viewport()


@pytest.mark.further
async def test_a_picture_enlarges_with_its_alt_text_and_escape_closes_it(tab):
    card = await tab.draw("a lighthouse at noon", count=2)
    await card.get_by_role("button", name="Enlarge: a lighthouse at noon, 0").click()
    lightbox = tab.page.locator(".dc-lightbox")
    await expect(lightbox.locator(".dc-lightbox-picture")).to_have_attribute("alt", "a lighthouse at noon, 0")

    await tab.page.keyboard.press("ArrowRight")
    await expect(lightbox).to_contain_text("a lighthouse at noon, 1")
    await expect(lightbox).to_contain_text("2 of 2")
    await tab.page.keyboard.press("Escape")
    await expect(lightbox).to_be_hidden()


async def test_buttons_reach_the_bot_and_disabled_ones_do_not(tab):
    card = await tab.draw("press me")
    await expect(card.get_by_role("button", name="Off")).to_be_disabled()
    await expect(card.get_by_role("link", name="Read more")).to_have_attribute("href", "https://example.com")
    await card.get_by_role("button", name="Again").click()

    await expect(tab.message("pressed").locator(".dc-gallery-1")).to_be_visible()


@pytest.mark.further
async def test_a_button_nobody_answers_says_that_it_failed(tab):
    card = await tab.draw("do not answer")
    await card.get_by_role("button", name="Ignored").click()
    await expect(card.locator(".dc-waiting")).to_have_text("Ignored")

    await expect(card.get_by_role("alert")).to_contain_text("This interaction failed")


async def test_a_form_is_filled_in_with_a_file_and_submitted(tab):
    card = await tab.draw("edit me")
    await card.get_by_role("button", name="Edit…").click()
    form = tab.page.get_by_role("dialog", name="Edit the picture")
    await form.get_by_label("Prompt").fill("two boats")
    await form.get_by_label("Title").fill("Dusk")
    reference = picture(9)
    await tab.attach("References: choose files", ("boat.png", reference))
    await form.get_by_role("radio", name="Wide").click()
    await form.get_by_role("checkbox", name="Grain").click()
    await form.get_by_role("button", name="Submit").click()

    await expect(tab.message(f"two boats|Dusk|[{len(reference)}]|16:9|['Grain']")).to_be_visible()
    await expect(form).to_have_count(0)


@pytest.mark.further
async def test_a_form_with_a_gap_says_so_and_stays(tab):
    card = await tab.draw("leave a gap")
    await card.get_by_role("button", name="Edit…").click()
    form = tab.page.get_by_role("dialog", name="Edit the picture")
    await form.get_by_label("Prompt").fill("")
    await form.get_by_role("button", name="Submit").click()

    await expect(form.get_by_role("alert")).to_contain_text("required")
    await form.get_by_role("button", name="Cancel").click()
    await expect(form).to_have_count(0)


@pytest.mark.further
async def test_a_select_takes_one_choice_and_a_people_select_several(tab):
    card = await tab.draw("choose")
    await card.get_by_role("button", name="Another style").click()
    await tab.page.get_by_role("radio", name="Oil").click()
    await expect(tab.message("chose ['Oil']")).to_be_visible()
    await card.get_by_role("button", name="Give it to").click()
    await tab.page.get_by_role("checkbox", name="Ada").click()
    await tab.page.get_by_role("checkbox", name="Grace").click()
    await tab.page.keyboard.press("Escape")

    await expect(tab.message("for ['Ada', 'Grace']")).to_be_visible()


async def test_what_is_for_one_person_is_seen_by_nobody_else(tab, new_tab):
    other = await new_tab("grace")
    await tab.command("whisper")
    await tab.send()
    whisper = tab.message("psst")
    await expect(whisper).to_contain_text("Only you can see this")
    await tab.say("after the whisper")
    await expect(other.message("after the whisper")).to_be_visible()
    await expect(other.page.get_by_text("psst")).to_have_count(0)

    await whisper.get_by_role("button", name="Dismiss message").click()
    await expect(tab.page.get_by_text("psst")).to_have_count(0)


@pytest.mark.further
async def test_the_menu_of_a_message_holds_the_bots_entries(tab):
    await tab.say("describe this")
    await tab.message("describe this").click(button="right")
    await tab.page.get_by_role("menuitem", name="Describe picture").click()

    await expect(tab.message("It says: describe this")).to_be_visible()


async def test_a_message_is_replied_to_and_deleted(tab):
    await tab.say("the first word")
    await tab.message("the first word").hover()
    await tab.message("the first word").get_by_label("Reply").click()
    await tab.say("the last word")
    answer = tab.message("the last word")
    await expect(answer.locator(".dc-origin")).to_contain_text("@Adathe first word")

    await answer.get_by_label("More").click()
    await tab.page.get_by_role("menuitem", name="Delete message").click()
    await expect(tab.page.get_by_text("the last word")).to_have_count(0)


@pytest.mark.further
async def test_one_s_own_message_is_edited_where_it_was_written(tab):
    await tab.say("@Easel a firts word")
    said = tab.message("a firts word")
    await said.get_by_label("More").click()
    await tab.page.get_by_role("menuitem", name="Edit message").click()
    await expect(tab.input).to_have_value("@Easel a firts word")

    await tab.say("@Easel a first word")

    await expect(tab.message("a first word").locator(".dc-mention").first).to_have_text("@Easel")
    await expect(tab.message("a first word")).to_contain_text("(edited)")
    await expect(tab.input).to_have_value("")


@pytest.mark.further
async def test_only_moderators_may_delete_what_others_said(tab, new_tab):
    grace, linus = await new_tab("grace"), await new_tab("linus")
    await tab.say("not for ever")
    await grace.message("not for ever").click(button="right")
    await expect(grace.page.get_by_role("menuitem", name="Reply")).to_be_visible()
    await expect(grace.page.get_by_role("menuitem", name="Delete message")).to_have_count(0)

    await linus.message("not for ever").click(button="right")
    await linus.page.get_by_role("menuitem", name="Delete message").click()
    await expect(tab.page.get_by_text("not for ever")).to_have_count(0)


@pytest.mark.further
async def test_the_menu_of_a_person_holds_the_bots_entries(tab):
    await tab.page.get_by_role("complementary", name="Members").get_by_role("button", name="Grace").click()
    await tab.page.get_by_role("menuitem", name="Allowance").click()

    await expect(tab.message("Grace has ten left.")).to_be_visible()
