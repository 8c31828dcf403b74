"""The menus of messages and people: replying, deleting, copying ids, and the bot's own entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from sandbox.discord.permissions import Permission, may
from sandbox.page.languages import spoken
from sandbox.page.parts import box, button, icon, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.entities import Message, User
    from sandbox.page.screen import Screen

USER_MENU, MESSAGE_MENU = 2, 3


class PointMenu:
    """One menu that opens where the pointer was."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        with box("dc-menu-anchor"), ui.context_menu() as self._menu:
            self._menu.classes("dc-popup dc-menu").props('no-parent-event transition-duration="80"')
        self._menu.on("show", js_handler="() => sandboxPage.enterMenu()")

    def of_message(self, message: Message) -> None:
        """Open the menu of a message."""
        screen = self._screen

        def reply() -> None:
            screen.reply_to, screen.editing = message, None
            screen.redraw()

        def edit() -> None:
            screen.reply_to, screen.editing = None, message
            screen.redraw()

        self._menu.clear()
        with self._menu, box("dc-menu-rows", role="menu", aria_label="Message"):
            if not message.is_ephemeral:
                self._entry("reply", "Reply", reply)
            if message.author is screen.user and not message.is_ephemeral:
                self._entry("edit", "Edit message", edit)
            self._entry("content_copy", "Copy text", lambda: ui.clipboard.write(message.content))
            self._entry("tag", "Copy message ID", lambda: ui.clipboard.write(str(message.id)))
            if not message.is_ephemeral:
                self._apps(MESSAGE_MENU, lambda name: screen.use(screen.person.message_menu(name, message)))
            if self._may_delete(message):
                self._entry("delete", "Delete message", lambda: self._delete(message), is_danger=True)
        self._open()

    def of_user(self, user: User) -> None:
        """Open the menu of a person."""
        screen = self._screen
        self._menu.clear()
        with self._menu, box("dc-menu-rows", role="menu", aria_label=user.display_name):
            words(user.display_name, "dc-menu-title")
            self._apps(USER_MENU, lambda name: screen.use(screen.person.user_menu(name, user)))
            if user.is_bot:
                direct = screen.world.direct_channel(screen.user)
                self._entry("chat", "Message", lambda: screen.move(channel=direct))
            self._entry("tag", "Copy user ID", lambda: ui.clipboard.write(str(user.id)))
        self._open()

    def _apps(self, kind: int, use: Callable[[str], object]) -> None:
        commands = self._screen.person.commands(kind)
        if commands:
            words("Apps", "dc-menu-title")
        locale = self._screen.user.locale
        for command in commands:
            label = spoken(command.payload, "name", locale)
            self._entry("extension", label, lambda name=command.name: use(name))

    def _entry(self, symbol: str, label: str, act: Callable[[], object], *, is_danger: bool = False) -> None:
        def chosen() -> object:
            self._menu.close()
            return act()

        with button("dc-menu-entry" + (" dc-danger-entry" if is_danger else ""), chosen, role="menuitem"):
            words(label)
            icon(symbol)

    def _may_delete(self, message: Message) -> bool:
        if message.is_ephemeral:
            return False
        screen = self._screen
        return message.author is screen.user or may(screen.user, screen.channel, Permission.MANAGE_MESSAGES)

    async def _delete(self, message: Message) -> None:
        await self._screen.attempt(self._screen.person.delete(message))

    def _open(self) -> None:
        with self._screen.client:
            ui.run_javascript(f"getElement({self._menu.id}).show(sandboxPage.point)")
