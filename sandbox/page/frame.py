"""What stands around the messages: the banner, the channels, who one is, and who else is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.permissions import Permission, may
from sandbox.page.choices import Option, Select, residents
from sandbox.page.languages import LANGUAGES
from sandbox.page.parts import avatar, box, button, dress, icon, icon_button, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.entities import Channel, User
    from sandbox.page.screen import Screen

BANNER = "Discord and the model are simulated here."
PROMISE = "No token, no key, and nothing leaves this machine."
AT_POINT = "(e) => { e.preventDefault(); sandboxPage.at(e); emit(); }"


def banner() -> None:
    """Place the line that says what this page is."""
    with box("dc-banner", role="note"):
        icon("science")
        words("Sandbox. ", "dc-banner-name")
        words(f"{BANNER} ")
        words(PROMISE, "dc-banner-promise")


class Sidebar:
    """The server's channels, the conversation with the bot, and the person one is."""

    def __init__(self, screen: Screen, people: list[User]) -> None:
        self._screen, self._people = screen, people
        self._seen: dict[int, int] = {}
        self._look: object = None
        with box("dc-side", "nav", aria_label="Channels", id="dc-side"):
            self._list = box("dc-channels")
            self._me = box("dc-me", "section", aria_label="Who you are")
        screen.on_change(self._redraw)

    def _redraw(self) -> None:
        screen = self._screen
        self._seen[screen.channel.id] = _last(screen.channel)
        places = [screen.world.direct_channel(screen.user), *self._channels()]
        unread = [_last(place) > self._seen.setdefault(place.id, _last(place)) for place in places]
        online = screen.world.is_bot_online()
        look = (
            screen.user.id,
            screen.user.locale,
            screen.channel.id,
            [(place.id, place.name) for place in places],
            unread,
            online,
        )
        if look == self._look:
            return
        self._look = look
        self._list.clear()
        with self._list:
            self._draw_places(places, unread, is_online=online)
        self._me.clear()
        with self._me:
            self._draw_people()

    def _channels(self) -> list[Channel]:
        me = self._screen.user
        seen = [
            c
            for c in self._screen.world.channels.values()
            if may(me, c, Permission.VIEW_CHANNEL) and not (c.is_archived and c is not self._screen.channel)
        ]
        channels = sorted(seen, key=lambda c: (c.position, c.id))
        tops = [c for c in channels if not c.is_direct and not c.is_thread]
        return [c for top in tops for c in [top, *(t for t in channels if t.is_thread and t.parent is top)]]

    def _draw_places(self, places: list[Channel], unread: list[bool], *, is_online: bool) -> None:
        guild = next(iter(self._screen.world.guilds.values()))
        words(guild.name, "dc-server-name", "h1")
        words("Direct messages", "dc-channels-title", "h2")
        self._place(places[0], unread[0], is_online=is_online)
        words("Channels", "dc-channels-title", "h2")
        for place, is_unread in zip(places[1:], unread[1:], strict=True):
            self._place(place, is_unread, is_online=is_online)

    def _place(self, place: Channel, is_unread: bool, *, is_online: bool) -> None:
        is_open = place is self._screen.channel
        classes = [
            "dc-channel",
            "dc-unread" if is_unread else "",
            "dc-thread-place" if place.is_thread else "",
        ]
        entry = button(
            " ".join(classes), lambda: self._screen.move(channel=place), data_channel=str(place.id)
        )
        if is_open:
            dress(entry, aria_current="page")
        entry.on("click", js_handler="() => sandboxPage.closeSide()")
        with entry:
            if place.is_direct:
                with box(f"dc-presence {'dc-online' if is_online else ''}"):
                    avatar(self._screen.world.bot, 28)
                words(self._screen.world.bot.display_name)
                words("APP", "dc-app-badge")
            else:
                icon("subdirectory_arrow_right" if place.is_thread else "tag")
                words(place.name, "dc-channel-name")
                if place.is_nsfw:
                    words("NSFW", "dc-nsfw", title="Age-restricted channel")

    def _draw_people(self) -> None:
        screen = self._screen
        with box("dc-me-words"):
            words("You are", "dc-muted")
            words(screen.user.display_name, "dc-me-name")
            words(role_of(screen, screen.user), "dc-me-role")
        with box("dc-people", role="radiogroup", aria_label="Who to be"):
            for user in self._people:
                mark = "true" if user is screen.user else "false"
                label = f"Be {user.display_name}, {role_of(screen, user).lower()}"
                become = button(
                    "dc-person", lambda user=user: screen.move(user=user), role="radio", title=label
                )
                with dress(become, aria_checked=mark, aria_label=label):
                    avatar(user, 32)
        languages = [Option(locale, name) for locale, name in LANGUAGES.items()]
        with box("dc-language"):
            Select(languages, [screen.user.locale], label="Discord's language", on_close=self._speak)

    async def _speak(self, chosen: list[str]) -> None:
        self._screen.user.locale = chosen[0]
        self._screen.move()


def role_of(screen: Screen, user: User) -> str:
    """Say what someone is in the server: a moderator, a member, or the app."""
    if user.is_bot:
        return "App"
    guild = next(iter(screen.world.guilds.values()))
    if user is guild.owner:
        return "Owner"
    names = [guild.roles[role_id].name for role_id in guild.members[user.id].role_ids]
    return next((name for name in names if name != "@everyone"), "Member")


def _last(channel: Channel) -> int:
    return max(channel.messages, default=0)


class Header:
    """The open channel's name and topic, and the buttons of the page."""

    def __init__(self, screen: Screen, open_backstage: Callable[[], None]) -> None:
        self._screen = screen
        with box("dc-top", "header"):
            menu = icon_button("menu", "Channels", classes="dc-burger")
            menu.on("click", js_handler="() => sandboxPage.openSide()")
            self._title = box("dc-top-title")
            people = icon_button("group", "Members", classes="dc-people-toggle")
            people.on("click", js_handler="() => sandboxPage.toggleMembers()")
            with button(
                "dc-backstage-button", open_backstage, title="Faults, time, costs", aria_label="Backstage"
            ):
                icon("tune")
                words("Backstage")
        self._shown = ""
        screen.on_move(self._draw)
        screen.on_change(self._redraw)
        self._draw()

    def _redraw(self) -> None:
        if self._shown != self._screen.channel.name:
            self._draw()

    def _draw(self) -> None:
        channel = self._screen.channel
        self._shown = channel.name
        self._title.clear()
        with self._title:
            icon("alternate_email" if channel.is_direct else "tag")
            name = self._screen.world.bot.display_name if channel.is_direct else channel.name
            words(name, "dc-top-name", "h2")
            if channel.topic:
                words(channel.topic, "dc-top-topic")


class Members:
    """Who reads the open channel, by what they are; their menus hold the bot's user commands."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._look: object = None
        self._list = box("dc-members", "aside", aria_label="Members")
        screen.on_change(self._redraw)

    def _redraw(self) -> None:
        screen = self._screen
        guild = screen.channel.guild
        users = residents(guild) if guild else [screen.world.bot, screen.user]
        online = screen.world.is_bot_online()
        look = (online, [user.id for user in users])
        if look == self._look:
            return
        self._look = look
        groups: dict[str, list[User]] = {}
        for user in users:
            groups.setdefault(role_of(screen, user), []).append(user)
        self._list.clear()
        with self._list:
            for role in sorted(groups, key=lambda name: (name == "Member", name == "App", name)):
                words(f"{role} — {len(groups[role])}", "dc-members-title", "h2")
                for user in groups[role]:
                    self._member(user, is_online=online or not user.is_bot)

    def _member(self, user: User, *, is_online: bool) -> None:
        entry = button("dc-member" + ("" if is_online else " dc-away"), aria_haspopup="menu")
        entry.on("click", lambda _: self._screen.open_user_menu(user), args=[], js_handler=AT_POINT)
        entry.on("contextmenu", lambda _: self._screen.open_user_menu(user), args=[], js_handler=AT_POINT)
        with entry:
            with box("dc-presence" + (" dc-online" if is_online else "")):
                avatar(user, 32)
            words(user.display_name, "dc-member-name")
            if user.is_bot:
                words("APP", "dc-app-badge")
