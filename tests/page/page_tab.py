"""A browser tab on the sandbox's page, driven by what a person sees: labels, roles and words."""

from playwright.async_api import Locator, Page, expect

Picture = tuple[str, bytes]


class Tab:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    async def open(self, be: str = "ada", place: str = "studio") -> "Tab":
        await self.page.goto(f"{self.url}/?be={be}&in={place}")
        await self.page.wait_for_selector(".dc-ready")
        return self

    @property
    def input(self) -> Locator:
        return self.page.get_by_label("Message ", exact=False).and_(self.page.locator("textarea"))

    async def say(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")

    async def command(self, name: str) -> Locator:
        """Choose a command from the list that "/" opens; return its form."""
        await self.input.fill(f"/{name}")
        form = self.page.get_by_role("group", name=f"/{name}")
        await self.page.get_by_role("option", name=f"/{name}").click()
        await form.wait_for()
        return form

    async def send(self) -> None:
        await self.page.get_by_label("Send command").click()

    async def option(self, name: str) -> Locator:
        """Add an optional option and return its field."""
        await self.page.get_by_role("button", name=f"Add {name}:").click()
        return self.page.get_by_label(name, exact=True)

    async def attach(self, label: str, file: Picture) -> None:
        async with self.page.expect_file_chooser() as chooser:
            await self.page.get_by_label(label).click()
        await (await chooser.value).set_files({"name": file[0], "mimeType": "image/png", "buffer": file[1]})
        await expect(self.page.get_by_label(f"Remove {file[0]}")).to_be_visible()

    def message(self, text: str) -> Locator:
        return self.page.locator(".dc-message").filter(has_text=text).last

    async def draw(self, prompt: str, count: int = 1) -> Locator:
        """Have the bot draw; return the message with its card."""
        form = await self.command("draw")
        await form.get_by_label("prompt").fill(prompt)
        if count > 1:
            await (await self.option("count")).fill(str(count))
        await self.send()
        card = self.message(prompt).filter(has=self.page.locator(".dc-gallery"))
        await expect(card).to_be_visible()
        return card

    async def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        return await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
