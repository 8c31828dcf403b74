"""Where a person writes: messages with files and replies, and the way into slash commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nicegui import ui

from sandbox.page.command_form import CommandForm
from sandbox.page.files import Files
from sandbox.page.offers import offers
from sandbox.page.parts import box, dress, icon_button, words
from sandbox.page.suggestions import Suggestion, Suggestions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nicegui.events import GenericEventArguments

    from sandbox.discord.entities import User
    from sandbox.page.offers import Offer
    from sandbox.page.screen import Screen

KEYS = "(e) => sandboxPage.keys(e, emit)"


def _with_mentions(text: str, users: Iterable[User]) -> str:
    """Return what is sent for the names that a person writes with an @, as Discord's own client does."""
    for user in users:
        text = re.sub(
            rf"(?<!\S)@{re.escape(user.display_name)}\b", f"<@{user.id}>", text, flags=re.IGNORECASE
        )
    return text


def _with_names(text: str, users: Iterable[User]) -> str:
    """Return what is sent as a person writes it, with names for the mentions."""
    for user in users:
        text = text.replace(f"<@{user.id}>", f"@{user.display_name}")
    return text


class Composer:
    """The line at the bottom of a channel."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._form: CommandForm | None = None
        self._replying: object = None
        self._editing: object = None
        self._offered: list[str] = []
        with box("dc-composer", "section", aria_label="Write a message"):
            self._suggestions = Suggestions()
            self._reply = box("dc-reply-bar")
            self._frame = box("dc-composer-frame")
            self._typing = box("dc-typing", role="status")
        self._is_typing = self._is_sending = False
        ui.timer(1.0, self._draw_typing)
        screen.on_change(self._draw_typing)
        screen.on_move(self._write)
        screen.on_change(self._draw_reply)
        screen.on_change(self._offer_late)
        self._write()

    def _write(self) -> None:
        """Show the line for a plain message."""
        self._form = None
        self._waits_for_commands = False
        self._suggestions.hide()
        self._frame.clear()
        with self._frame:
            self._files = Files(self._screen, maximum=10)
            with box("dc-composer-line"):
                self._files.attach(icon_button("add_circle", "Attach files", classes="dc-attach"))
                self._input = ui.textarea(on_change=lambda event: self._typed(event.value or ""))
                self._input.props('autogrow borderless dense rows="1"').classes("dc-input")
                self._input.on("keydown", self._key, js_handler=KEYS)
                self._files.take_drops(self._input)
                icon_button("send", "Send message", self._send, "dc-send")
        self._label()

    def _draw_typing(self) -> None:
        """Say that the bot is typing here, for as long as Discord does."""
        world = self._screen.world
        is_typing = world.typing_until.get(self._screen.channel.id, 0) > world.clock.now().timestamp()
        if is_typing == self._is_typing:
            return
        self._is_typing = is_typing
        self._typing.clear()
        if is_typing:
            with self._typing:
                box("dc-dots", aria_hidden="true")
                words(world.bot.display_name, tag="b")
                words("is typing…")

    def _label(self) -> None:
        channel = self._screen.channel
        place = f"@{self._screen.world.bot.display_name}" if channel.is_direct else f"#{channel.name}"
        label = f"Message {place}"
        dress(
            self._input, placeholder=label, aria_label=label, aria_controls="dc-suggest", autocomplete="off"
        )

    def _typed(self, text: str) -> None:
        if not text.startswith("/"):
            self._waits_for_commands = False
            self._suggestions.hide()
            return
        sought = text[1:].lower().strip()
        known = offers(self._screen.person)
        found = [offer for offer in known if sought in offer.label or sought in offer.name]
        found.sort(key=lambda offer: (not offer.label.startswith(sought), offer.label))
        self._waits_for_commands = not found
        if not found:
            self._suggestions.hide()
            return
        names = [offer.name for offer in found]
        if self._suggestions.is_choosing and names == self._offered:
            return
        self._offered = names
        bot = self._screen.world.bot.display_name
        rows = [Suggestion(f"/{o.label}", lambda o=o: self._fill(o), o.description, bot) for o in found]
        self._suggestions.show("Commands", "" if sought else "What the bot can do here", rows)

    def _offer_late(self) -> None:
        """Offer commands that the bot tells Discord while somebody waits for them with a "/"."""
        if self._waits_for_commands and self._form is None:
            self._typed(self._input.value or "")

    def _fill(self, offer: Offer) -> None:
        self._suggestions.hide()
        self._frame.clear()
        with self._frame:
            self._form = CommandForm(self._screen, offer, self._suggestions, self._back)

    def _back(self) -> None:
        self._write()
        self._input.run_method("focus")

    async def _key(self, event: GenericEventArguments) -> None:
        key, text = event.args["key"], event.args["value"]
        match key:
            case "ArrowDown" | "ArrowUp":
                self._suggestions.move(1 if key == "ArrowDown" else -1)
            case "Enter" | "Tab" if self._suggestions.is_choosing:
                self._suggestions.take()
            case "Enter":
                await self._send(text)
            case "Escape":
                self._escape()
            case _:
                pass

    def _escape(self) -> None:
        if self._suggestions.is_choosing:
            self._suggestions.hide()
        else:
            self._leave()

    async def _send(self, text: str | None = None) -> None:
        """Send a message with the files that were chosen before; while they come, it is sent once."""
        text = (self._input.value or "" if text is None else text).strip()
        screen, files, person = self._screen, self._files, self._screen.person
        if self._is_sending:
            return
        self._is_sending = True
        try:
            if not await files.arrive() or not (text or files.chosen):
                return
        finally:
            self._is_sending = False
        sent = _with_mentions(text, screen.world.users.values())
        if screen.editing is not None:
            if await screen.attempt(person.edit(screen.editing, sent)):
                self._leave()
            return
        if await screen.attempt(person.say(sent, list(files.chosen), reply_to=screen.reply_to)):
            self._input.set_value("")
            files.clear()
            screen.reply_to = None
            screen.redraw()
            screen.scroll_to_end()

    def _leave(self) -> None:
        """Reply to nothing, and change nothing."""
        if self._screen.editing is not None:
            self._input.set_value("")
        self._screen.reply_to = self._screen.editing = None
        self._screen.redraw()

    def _draw_reply(self) -> None:
        replying, editing = self._screen.reply_to, self._screen.editing
        if replying is self._replying and editing is self._editing:
            return
        self._replying, self._editing = replying, editing
        self._reply.clear()
        if replying is None and editing is None:
            return
        if editing is not None and self._form is not None:
            self._write()
        with self._reply:
            if editing is not None:
                words("Editing your message")
                self._input.set_value(_with_names(editing.content, self._screen.world.users.values()))
            elif replying is not None:
                words("Replying to ")
                words(replying.author.display_name, "dc-reply-name")
            icon_button("cancel", "Stop editing" if editing else "Stop replying", self._leave)
        if self._form is None:
            self._input.run_method("focus")
