"""The list of messages of the open channel, kept up to date in place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sandbox.page.components import Components, embed
from sandbox.page.markdown import plain
from sandbox.page.media import Media, attachments
from sandbox.page.offers import command_name
from sandbox.page.parts import avatar, box, button, icon, icon_button, rich, words
from sandbox.page.payload import several
from sandbox.page.timestamps import posted

if TYPE_CHECKING:
    from nicegui.element import Element
    from nicegui.events import GenericEventArguments

    from sandbox.discord.entities import Json, Message, User
    from sandbox.discord.interaction import Interaction
    from sandbox.page.screen import Screen, Use

GROUPED_FOR = timedelta(minutes=7)
EDITED = '<span class="dc-edited">(edited)</span>'
PRESS = (
    "(e) => { const it = e.target.closest('[data-press]'); if (it && !it.disabled) emit(it.dataset.press); }"
)
MENU = "(e) => { e.preventDefault(); sandboxPage.at(e); emit(); }"


class Drawn(NamedTuple):
    """A message on the page, and what it looked like when it was drawn."""

    element: Element
    look: object


class Messages:
    """Shows what the person sees in the channel, draws again only what changed."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._drawn: dict[int, Drawn] = {}
        with box("dc-scroller", id="dc-scroller", role="log", aria_label="Messages", tabindex=0):
            self._start = box("dc-start")
            self._list = box("dc-messages", id="dc-messages")
            self._pending = box("dc-pending", aria_live="polite")
        self._pending_look: object = None
        screen.on_move(self._moved)
        screen.on_change(self._refresh)
        self._moved()

    def _moved(self) -> None:
        self._drawn.clear()
        self._list.clear()
        self._start.clear()
        channel = self._screen.channel
        with self._start:
            if channel.is_direct:
                avatar(self._screen.world.bot, 68)
                words(self._screen.world.bot.display_name, "dc-start-title", "h2")
                words("This is the beginning of your direct conversation with the bot.", "dc-start-text", "p")
            else:
                with box("dc-start-sign"):
                    icon("tag")
                words(f"Welcome to #{channel.name}!", "dc-start-title", "h2")
                hint = channel.topic or f"This is the start of the #{channel.name} channel."
                words(hint, "dc-start-text", "p")
            with box("dc-start-hint", "p"):
                words("Type ")
                words("/", tag="kbd")
                words(" below to see what the bot can do.")

    def _refresh(self) -> None:
        messages = self._screen.person.messages()
        for gone in set(self._drawn) - {message.id for message in messages}:
            self._drawn.pop(gone).element.delete()
        before: Message | None = None
        for index, message in enumerate(messages):
            self._draw(index, message, before)
            before = message
        self._draw_pending()

    def _draw(self, index: int, message: Message, before: Message | None) -> None:
        screen = self._screen
        used = [(use.component, use.error) for use in screen.uses if use.source is message]
        look = (_content(message), _is_grouped(message, before), _is_new_day(message, before), used)
        drawn = self._drawn.get(message.id)
        if drawn and drawn.look == look:
            return
        with self._list:
            element = drawn.element if drawn else box("dc-item")
        if drawn:
            element.clear()
        else:
            self._listen(element, message.id)
            if index < len(self._drawn):
                element.move(target_index=index)
        self._drawn[message.id] = Drawn(element, look)
        with element:
            _message(screen, message, before)

    def _listen(self, element: Element, message_id: int) -> None:
        """Hear presses of a message's buttons on what stays when it is drawn anew."""

        async def press(event: GenericEventArguments) -> None:
            for message in self._screen.person.messages():
                if message.id == message_id:
                    await Components(self._screen, message).press(event.args)

        element.on("click", press, js_handler=PRESS)

    def _draw_pending(self) -> None:
        screen = self._screen
        commands = [use for use in screen.uses if use.source is None]
        look = [(id(use), use.error) for use in commands]
        if look == self._pending_look:
            return
        self._pending_look = look
        self._pending.clear()
        with self._pending:
            for use in commands:
                _pending(screen, use)


def _content(message: Message) -> object:
    return (
        message.content,
        message.flags,
        message.edited_at,
        repr(message.components),
        repr(message.embeds),
        [(file.id, file.description) for file in message.attachments],
        repr(message.reactions),
        message.thread is not None,
        message.reply_to and (message.reply_to.is_deleted, message.reply_to.content),
    )


def _is_new_day(message: Message, before: Message | None) -> bool:
    return before is None or before.created_at.date() != message.created_at.date()


def _is_grouped(message: Message, before: Message | None) -> bool:
    return (
        before is not None
        and before.author is message.author
        and not message.reply_to
        and not message.interaction
        and before.is_ephemeral == message.is_ephemeral
        and message.created_at - before.created_at < GROUPED_FOR
        and not _is_new_day(message, before)
    )


def _message(screen: Screen, message: Message, before: Message | None) -> None:
    if _is_new_day(message, before):
        with box("dc-day", role="separator"):
            words(f"{message.created_at.day} {message.created_at:%B %Y}")
    grouped = _is_grouped(message, before)
    payload = screen.world.payload(message)
    mentioned = screen.user in message.mentions or message.mentions_everyone
    classes = [
        "dc-message",
        "dc-grouped" if grouped else "",
        "dc-ephemeral" if message.is_ephemeral else "",
        "dc-mentioned" if mentioned else "",
    ]
    article = box(" ".join(classes), "article", data_message=str(message.id))
    article.on("contextmenu", lambda _: screen.open_message_menu(message), args=[], js_handler=MENU)
    with article:
        _origin(screen, message)
        if not grouped:
            _author_picture(screen, message.author)
        with box("dc-content"):
            if grouped:
                words(f"{message.created_at:%H:%M}", "dc-time-aside", aria_hidden="true")
            else:
                _header(screen, message)
            _body(screen, message, payload)
        if not message.is_thinking:
            _tools(screen, message)


def _origin(screen: Screen, message: Message) -> None:
    used = message.interaction
    if message.reply_to:
        replied = message.reply_to
        with box("dc-origin"):
            if replied.is_deleted:
                words("Original message was deleted", "dc-origin-text")
            else:
                avatar(replied.author, 16)
                words(
                    ("@" if replied.author in message.mentions else "") + replied.author.display_name,
                    "dc-origin-name",
                )
                words(_summary(screen, replied), "dc-origin-text")
    elif used and (interaction := screen.world.interactions.get(int(used["id"]))) and interaction.command:
        _used(interaction.user, _name(screen, interaction))


def _name(screen: Screen, interaction: Interaction) -> str:
    return command_name(interaction.data, interaction.command, screen.user.locale)


def _used(user: User, name: str) -> None:
    with box("dc-origin"):
        avatar(user, 16)
        words(user.display_name, "dc-origin-name")
        words("used", "dc-origin-text")
        words(name, "dc-command")


def _summary(screen: Screen, message: Message) -> str:
    if message.content:
        return plain(message.content, screen.names())[:120]
    if message.is_v2:
        return "Click to see the message"
    return "Click to see attachment" if message.attachments else "Message"


def _author_picture(screen: Screen, author: User) -> None:
    with button("dc-author-picture", aria_label=f"Menu of {author.display_name}") as picture:
        avatar(author)
    picture.on("click", lambda _: screen.open_user_menu(author), args=[], js_handler=MENU)
    picture.on("contextmenu.stop", lambda _: screen.open_user_menu(author), args=[], js_handler=MENU)


def _header(screen: Screen, message: Message) -> None:
    author = message.author
    with box("dc-header"):
        name = words(author.display_name, "dc-name dc-name-bot" if author.is_bot else "dc-name", "h3")
        name.on("contextmenu.stop", lambda _: screen.open_user_menu(author), args=[], js_handler=MENU)
        if author.is_bot:
            words("APP", "dc-app-badge")
        at = message.created_at
        shown = posted(at, screen.world.clock.now())
        words(shown, "dc-posted", "time", datetime=at.isoformat(), data_style="posted")


def _body(screen: Screen, message: Message, payload: Json) -> None:
    if message.is_thinking:
        with box("dc-thinking", role="status"):
            box("dc-dots", aria_hidden="true")
            words(f"{message.author.display_name} is thinking…")
    if message.content:
        edited = (
            '<span class="dc-edited">(edited)</span>' if message.edited_at and not message.interaction else ""
        )
        rich(screen.markdown(message.content) + edited, "dc-text")
    attachments([Media.of_attachment(file) for file in several(payload, "attachments")], screen.lightbox)
    for content in several(payload, "embeds"):
        embed(screen, content)
    with box("dc-components"):
        Components(screen, message).place(several(payload, "components"))
    if message.reactions:
        with box("dc-reactions"):
            for emoji, users in message.reactions.items():
                words(f"{emoji} {len(users)}", "dc-reaction")
    if thread := message.thread:
        with button("dc-thread", lambda: screen.move(channel=thread)):
            words(thread.name, "dc-thread-name")
            words("See thread ›", "dc-thread-more")
    _after(screen, message)


def _after(screen: Screen, message: Message) -> None:
    for use in screen.uses:
        if use.source is message and use.error:
            with box("dc-failed", role="alert"):
                icon("error")
                words(use.error)
    if message.is_ephemeral:
        with box("dc-only-you"):
            icon("visibility")
            words("Only you can see this ·")
            with button("dc-link", lambda: screen.attempt(screen.person.dismiss(message))):
                words("Dismiss message")


def _tools(screen: Screen, message: Message) -> None:
    def reply() -> None:
        screen.reply_to, screen.editing = message, None
        screen.redraw()

    with box("dc-tools"):
        if not message.is_ephemeral:
            icon_button("reply", "Reply", reply)
        more = icon_button("more_horiz", "More")
        more.on("click", lambda _: screen.open_message_menu(message), args=[], js_handler=MENU)


def _pending(screen: Screen, use: Use) -> None:
    with box("dc-message dc-ephemeral" if use.error else "dc-message dc-sending", "article"):
        _used(screen.user, _name(screen, use.interaction))
        with box("dc-author-picture"):
            avatar(screen.world.bot)
        with box("dc-content"):
            with box("dc-header"):
                words(screen.world.bot.display_name, "dc-name dc-name-bot", "h3")
                words("APP", "dc-app-badge")
            if not use.error:
                words("Sending command…", "dc-muted")
                return
            with box("dc-failed", role="alert"):
                icon("error")
                words(use.error)
            with box("dc-only-you"):
                icon("visibility")
                words("Only you can see this ·")
                with button("dc-link", lambda: screen.forget(use)):
                    words("Dismiss message")
