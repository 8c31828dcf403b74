"""The page in a browser: slash commands from "/" to the answer."""

import pytest
from page_bot import picture
from playwright.async_api import expect

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]


async def test_the_banner_says_that_nothing_is_real(tab):
    banner = tab.page.get_by_role("note")

    await expect(banner).to_contain_text("Discord and the model are simulated here.")
    await expect(banner).to_contain_text("No token, no key, and nothing leaves this machine.")


@pytest.mark.further
async def test_a_command_is_filled_in_and_draws_a_gallery(tab):
    form = await tab.command("draw")
    await form.get_by_label("prompt").fill("a red moon, whole")
    await (await tab.option("count")).fill("3")
    style = await tab.option("style")
    await style.press_sequentially("in")
    await expect(tab.page.get_by_role("option")).to_have_text(["Ink"])
    await style.press("Enter")
    await expect(style).to_have_value("Ink")
    aspect = await tab.option("aspect")
    await expect(tab.page.get_by_role("option")).to_have_text(["square", "wide"])
    await aspect.press("ArrowDown")
    await aspect.press("Enter")
    await tab.option("of")
    await tab.page.get_by_role("option", name="Grace").click()
    await tab.page.get_by_role("button", name="Add reference:").click()
    reference = picture(7)
    await tab.attach("reference: choose a file", ("mine.png", reference))
    await form.get_by_label("prompt").press("Enter")

    card = tab.message("a red moon, whole").filter(has=tab.page.locator(".dc-gallery-3"))
    await expect(card).to_contain_text(f"3/wide/ink/False/{len(reference)}/Grace")
    await expect(card.locator(".dc-origin")).to_have_text("AAdaused/draw")
    await expect(card.get_by_role("img")).to_have_count(3)


@pytest.mark.further
async def test_commands_told_after_the_slash_was_typed_are_offered(site, tab):
    await site.tell("hush")
    await tab.input.press_sequentially("/")
    await expect(tab.page.get_by_role("option")).to_have_count(0)
    await site.tell("clear")

    await expect(tab.page.get_by_role("option", name="/draw")).to_be_visible()


@pytest.mark.further
async def test_the_keyboard_alone_chooses_and_sends_a_command(tab):
    await tab.input.press_sequentially("/dr")
    await tab.input.press("Enter")
    prompt = tab.page.get_by_role("group", name="/draw").get_by_label("prompt")
    await expect(prompt).to_be_focused()
    await tab.page.keyboard.type("by keyboard")
    await tab.page.keyboard.press("Enter")

    await expect(tab.message("by keyboard").locator(".dc-gallery-1")).to_be_visible()


@pytest.mark.further
async def test_escape_leaves_the_list_and_then_the_command(tab):
    await tab.input.press_sequentially("/dr")
    await tab.input.press("Escape")
    await expect(tab.page.get_by_role("option")).to_have_count(0)
    await tab.input.press_sequentially("a")
    await tab.input.press("Enter")
    await tab.page.get_by_role("group", name="/draw").get_by_label("prompt").press("Escape")

    await expect(tab.page.get_by_role("group", name="/draw")).to_have_count(0)
    await expect(tab.input).to_be_focused()


@pytest.mark.parametrize(
    ("count", "complaint"),
    [
        ("11", "Enter a number of at least 1 and at most 10."),
        pytest.param("many", "Input a valid integer.", marks=pytest.mark.further),
    ],
    ids=["out of range", "no number"],
)
async def test_a_wrong_number_is_said_and_not_sent(tab, count, complaint):
    form = await tab.command("draw")
    await form.get_by_label("prompt").fill("never sent")
    await (await tab.option("count")).fill(count)
    await tab.send()

    await expect(form.get_by_role("alert")).to_have_text(f"count: {complaint}")
    await expect(tab.page.get_by_text("never sent")).to_have_count(0)


@pytest.mark.further
async def test_a_missing_required_option_is_marked(tab):
    form = await tab.command("tell")
    await tab.send()

    await expect(form.get_by_role("alert")).to_have_text("file: This option is required. Specify a value.")
    await expect(form.locator(".dc-wrong")).to_contain_text("file")


@pytest.mark.further
async def test_a_choice_that_is_not_offered_is_refused(tab):
    form = await tab.command("draw")
    await form.get_by_label("prompt").fill("round")
    await (await tab.option("aspect")).fill("round")
    await tab.send()

    await expect(form.get_by_role("alert")).to_have_text("aspect: Choose one from the list.")


@pytest.mark.further
async def test_subcommands_have_their_full_name(tab):
    await tab.command("manage quota show")
    await tab.send()

    answer = tab.message("Ten pictures a day.")
    await expect(answer.locator(".dc-command")).to_have_text("/manage quota show")


@pytest.mark.further
async def test_a_command_nobody_answers_says_so_and_can_be_dismissed(tab):
    await tab.command("ignore")
    await tab.send()
    await expect(tab.page.get_by_text("Sending command…")).to_be_visible()

    failure = tab.message("The application did not respond")
    await expect(failure).to_be_visible()
    await failure.get_by_role("button", name="Dismiss message").click()
    await expect(failure).to_have_count(0)


@pytest.mark.further
async def test_embeds_and_files_are_shown(tab):
    await tab.command("tell")
    await tab.attach("file: choose a file", ("mine.png", picture(1)))
    await tab.send()

    answer = tab.message("Here it is")
    await expect(answer.locator(".dc-embed")).to_contain_text("mine.png")
    await expect(answer.locator(".dc-file")).to_contain_text("notes.txt5 bytes")
    await expect(answer.get_by_label("Download notes.txt")).to_be_visible()
