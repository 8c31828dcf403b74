"""One open tab: who is looking at which channel, what they are doing, and what is redrawn when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from nicegui import ui

from sandbox.discord.interaction import NoResponse
from sandbox.discord.people import ClientRefused
from sandbox.page.markdown import Names, render

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from nicegui import Client

    from sandbox.discord.entities import Channel, Message, User
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.discord.world import World
    from sandbox.page.media import Lightbox

NO_RESPONSE = "The application did not respond"
FAILED = "This interaction failed"


class Host(Protocol):
    """What the page needs of the sandbox that serves it."""

    world: World
    model: Any

    async def restart_bot(self) -> None:
        """Stop the bot's process and start it again."""
        ...


@dataclass(slots=True, eq=False)
class Use:
    """Something this tab did to the bot that has not been answered, or was answered too late."""

    interaction: Interaction
    source: Message | None = None
    component: str = ""
    error: str = ""


class Screen:
    """What one tab shows and does. Parts of the page hold it, and tell it how to redraw them."""

    lightbox: Lightbox
    open_modal: Callable[[Interaction], None]
    open_message_menu: Callable[[Message], None]
    open_user_menu: Callable[[User], None]

    def __init__(self, host: Host, client: Client, person: Person) -> None:
        self.host = host
        self.world = host.world
        self.client = client
        self.person = person
        self.uses: list[Use] = []
        self.reply_to: Message | None = None
        self.editing: Message | None = None
        self._redraws: list[Callable[[], None]] = []
        self._moves: list[Callable[[], object]] = []

    @property
    def channel(self) -> Channel:
        """Return the channel that is open."""
        return self.person.channel

    @property
    def user(self) -> User:
        """Return who sits at this tab."""
        return self.person.user

    def on_change(self, redraw: Callable[[], None]) -> None:
        """Call `redraw` after each change of the world, and when the tab moves."""
        self._redraws.append(redraw)

    def on_move(self, redraw: Callable[[], object]) -> None:
        """Call `redraw` when the tab shows another channel or person, before the redraws of a change."""
        self._moves.append(redraw)

    def redraw(self) -> None:
        """Bring every part up to date."""
        for redraw in self._redraws:
            redraw()

    def move(self, *, user: User | None = None, channel: Channel | None = None) -> None:
        """Become someone else, or open another channel; a direct conversation follows the person."""
        user, channel = user or self.user, channel or self.channel
        place = "dm" if channel.is_direct else channel
        self.person = self.world.person(user.display_name).at(place)
        self.uses, self.reply_to, self.editing = [], None, None
        where = "dm" if channel.is_direct else self.channel.name
        with self.client:
            ui.navigate.history.replace(f"?be={user.display_name.lower()}&in={where}")
        for redraw in self._moves:
            redraw()
        self.redraw()

    def names(self) -> Names:
        """Return what ids are called in the open channel."""
        guild = self.channel.guild
        return Names(
            users={user.id: user.display_name for user in self.world.users.values()},
            roles={role.id: role.name for role in guild.roles.values()} if guild else {},
            channels={channel.id: channel.name for channel in self.world.channels.values()},
        )

    def markdown(self, text: str) -> str:
        """Render a message's text for this tab."""
        return render(text, self.names(), self.world.clock.now())

    def scroll_to_end(self) -> None:
        """Show the newest message, and stay with it."""
        self.client.run_javascript("sandboxPage.toEnd()")

    def speak(self) -> None:
        """Show times as Discord writes them in the person's language."""
        self.client.run_javascript(f"sandboxPage.locale = {json.dumps(self.user.locale)}; sandboxPage.tick()")

    def tell(self, text: str, kind: Literal["negative", "warning", "info"] = "negative") -> None:
        """Show a passing notice."""
        with self.client:
            ui.notify(text, type=kind, position="bottom", classes="dc-toast")

    async def attempt(self, act: Awaitable[object]) -> bool:
        """Do something as the person; say why if the client would not allow it. Tell whether it was done."""
        try:
            await act
        except ClientRefused as refusal:
            self.tell(str(refusal))
            return False
        return True

    async def use(
        self, act: Awaitable[Interaction], source: Message | None = None, component: str = ""
    ) -> bool:
        """Use the bot and watch what it answers; tell whether Discord's client let the person do it."""
        try:
            interaction = await act
        except ClientRefused as refusal:
            self.tell(str(refusal))
            return False
        self.uses = [use for use in self.uses if source is None or use.source is not source]
        use = Use(interaction, source, component)
        self.uses.append(use)
        self.redraw()
        if source is None:
            self.scroll_to_end()
        await self._watch(use)
        return True

    async def _watch(self, use: Use) -> None:
        try:
            response = await use.interaction.first_response()
        except NoResponse:
            use.error = FAILED if use.source else NO_RESPONSE
        else:
            self.forget(use)
            if response.modal:
                self.open_modal(use.interaction)
        self.redraw()

    def forget(self, use: Use) -> None:
        """Stop showing it."""
        if use in self.uses:
            self.uses.remove(use)
        self.redraw()
