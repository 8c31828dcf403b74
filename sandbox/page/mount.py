"""Puts the page on the sandbox's application: one tab, one screen, live for as long as it is open."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nicegui import ui

from sandbox.page.backstage import Backstage
from sandbox.page.choices import residents
from sandbox.page.composer import Composer
from sandbox.page.frame import Header, Members, Sidebar, banner
from sandbox.page.languages import LANGUAGES
from sandbox.page.media import Lightbox
from sandbox.page.menus import PointMenu
from sandbox.page.messages import Messages
from sandbox.page.modals import Modal
from sandbox.page.parts import BLURPLE, box
from sandbox.page.screen import Screen

if TYPE_CHECKING:
    from fastapi import FastAPI
    from nicegui import Client

    from sandbox.discord.entities import User
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.discord.world import World
    from sandbox.page.screen import Host

STATIC = Path(__file__).parent / "static"
STYLES = ("frame.css", "messages.css", "forms.css")
FAVICON = "🎨"


def mount(app: FastAPI, sandbox: Host) -> None:
    """Serve the page at `/` of an application; to be called once in a process, after its other routes."""

    @ui.page("/", title="Easel sandbox", dark=True, language="en-US")
    def page(client: Client) -> None:
        asked = client.request.query_params
        person = _person(sandbox.world, asked.get("be", ""), asked.get("in", ""))
        if (locale := asked.get("speaks", "")) in LANGUAGES:
            person.user.locale = locale
        _lay_out(Screen(sandbox, client, person), _people(sandbox.world))

    ui.run_with(  # pyright: ignore[reportUnknownMemberType] - NiceGUI types `root` loosely
        app,
        title="Easel sandbox",
        favicon=FAVICON,
        dark=True,
        tailwind=False,
        show_welcome_message=False,
        storage_secret=None,
    )


def _people(world: World) -> list[User]:
    guild = next(iter(world.guilds.values()))
    return [user for user in residents(guild) if not user.is_bot]


def _person(world: World, name: str, place: str) -> Person:
    """Return who is asked for by name, the server's owner too, and else the first of those one can be."""
    guild = next(iter(world.guilds.values()))
    called = (member.user for member in guild.members.values() if not member.user.is_bot)
    user = next((user for user in called if user.display_name.lower() == name.lower()), _people(world)[0])
    names = {channel.name for channel in world.channels.values() if not channel.is_direct}
    first = min((c for c in world.channels.values() if c.guild), key=lambda c: (c.position, c.id)).name
    return world.person(user.display_name, place if place in {*names, "dm"} else first)


def _lay_out(screen: Screen, people: list[User]) -> None:
    ui.colors(primary=BLURPLE)
    for style in STYLES:
        ui.add_css(STATIC / style)
    ui.add_head_html(f"<script>{(STATIC / 'page.js').read_text(encoding='utf-8')}</script>")
    screen.lightbox = Lightbox()
    menu = PointMenu(screen)
    screen.open_message_menu, screen.open_user_menu = menu.of_message, menu.of_user
    layer = box("")
    backstage = Backstage(screen)

    def open_modal(interaction: Interaction) -> None:
        with layer:
            Modal(screen, interaction)

    screen.open_modal = open_modal
    with box("dc-page"):
        banner()
        with box("dc-columns"):
            Sidebar(screen, people)
            with box("dc-main", "main"):
                Header(screen, backstage.open)
                Messages(screen)
                Composer(screen)
            Members(screen)
    box("dc-shade").on("click", js_handler="() => sandboxPage.closeSide()")
    screen.on_move(screen.scroll_to_end)
    screen.on_move(screen.speak)
    watching = asyncio.create_task(_watch(screen))
    screen.client.on_delete(watching.cancel)  # pyright: ignore[reportUnknownMemberType] - loosely typed too


async def _watch(screen: Screen) -> None:
    await screen.client.connected()
    screen.speak()
    screen.client.run_javascript("sandboxPage.start()")
    told = 0
    async for _ in screen.world.changed.stream():
        ahead_s = round((screen.world.clock.now() - datetime.now(UTC)).total_seconds())
        if ahead_s != told:
            told = ahead_s
            screen.client.run_javascript(f"sandboxPage.ahead = {ahead_s * 1000}")
        screen.redraw()
