"""The drawer behind the scenes: faults, speed, time, the bot's process, and the provider's own books."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from nicegui import ui

from sandbox.model.faults import FAULTS
from sandbox.page.choices import Option, Select
from sandbox.page.parts import box, button, dress, icon, icon_button, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nicegui.element import Element

    from sandbox.model.billing import RecordedCall
    from sandbox.page.screen import Screen

JUMPS = (("1 minute", 60), ("15 minutes", 900), ("1 hour", 3600), ("1 day", 86_400))
TIMES = (("Once", 1), ("3 times", 3), ("Until cleared", None))
LAST_CALLS = 12
LONGEST_LATENCY_S = 10.0
START_S = 20.0
MISBEHAVIOUR = (
    "The next calls of the model go wrong in this way. "
    "After grave faults Easel asks no more for a while; restart it to go on at once."
)


class Backstage:
    """Lets a newcomer break things on purpose and see what it cost."""

    def __init__(self, screen: Screen) -> None:
        self._screen, self._model = screen, screen.host.model
        self._look: object = None
        self._is_restarting = False
        with ui.dialog().props('position="right" transition-duration="140"') as self._dialog:
            self._drawer = box("dc-backstage", "aside", aria_label="Backstage")
        self._watch = ui.timer(0.5, self._refresh, active=False)
        self._dialog.on("hide", lambda _: self._close(), args=[])

    def open(self) -> None:
        """Show the drawer; its figures stay up to date while it is open."""
        self._drawer.clear()
        with self._drawer:
            with box("dc-backstage-head"):
                words("Backstage", "dc-backstage-title", "h2")
                icon_button("close", "Close", self._dialog.close)
            with box("dc-backstage-body"):
                self._draw()
        self._look = None
        self._refresh()
        self._watch.activate()
        self._dialog.open()

    def _close(self) -> None:
        self._watch.deactivate()
        self._drawer.clear()

    def _draw(self) -> None:
        with _panel("Make the model misbehave", MISBEHAVIOUR):
            options = [Option(name, _titled(name), about) for name, about in sorted(FAULTS.items())]
            self._fault = Select(options, placeholder="Choose a fault")
            with box("dc-row").style("margin-top:8px"):
                for label, times in TIMES:
                    with button("dc-button dc-secondary", lambda times=times: self._arm(times)):
                        words(label)
            self._armed = box("", aria_live="polite")
        with _panel("How long a call takes", "How slow the model is with each call."):
            self._latency()
        with _panel("Time", "Moves the sandbox's clock: links expire, tokens run out."), box("dc-row"):
            for label, seconds in JUMPS:
                with button("dc-button dc-secondary", lambda seconds=seconds: self._advance(seconds)):
                    words(f"+ {label}")
        with _panel("The bot", "Buttons, queues and conversations survive a restart."), box("dc-row"):
            self._online = box("dc-muted", aria_live="polite")
            with button("dc-button dc-secondary", self._restart) as self._restart_button:
                icon("restart_alt")
                words("Restart the bot")
        with _panel("What the model was asked", "The provider's own books, newest first."):
            self._books = box("")

    def _latency(self) -> None:
        with box("dc-row"):
            slider = ui.slider(min=0, max=LONGEST_LATENCY_S, step=0.5, value=self._model.latency_s)
        slider.props("label-always dark").classes("dc-latency")
        dress(slider, aria_label="Seconds each call takes", label_value=f"{self._model.latency_s:g} s")

        def slow_down() -> None:
            self._model.latency_s = float(slider.value or 0)
            dress(slider, label_value=f"{self._model.latency_s:g} s")

        slider.on_value_change(slow_down)

    def _arm(self, times: int | None) -> None:
        if not self._fault.chosen:
            self._screen.tell("Choose a fault first.", "warning")
            return
        self._model.faults.add(self._fault.chosen[0], times=times)
        self._refresh()

    def _clear(self) -> None:
        self._model.faults.clear()
        self._refresh()

    def _advance(self, seconds: int) -> None:
        world = self._screen.world
        world.clock.advance(seconds)
        world.changed.notify()
        self._screen.tell(f"It is now {world.clock.now():%d %B %Y, %H:%M} UTC.", "info")

    async def _restart(self) -> None:
        dress(self._restart_button, disabled=True)
        self._is_restarting = True
        self._refresh()
        try:
            await self._screen.host.restart_bot()
            with contextlib.suppress(TimeoutError):  # then the drawer says that it is offline
                await self._screen.world.changed.until(self._screen.world.is_bot_online, START_S)
        finally:
            self._is_restarting = False
            if not self._restart_button.is_deleted:  # the drawer may be closed by now
                self._restart_button.props(remove="disabled")

    def _refresh(self) -> None:
        calls = self._model.calls
        pending = self._model.faults.pending()
        online = self._screen.world.is_bot_online()
        state = "Restarting…" if self._is_restarting else "Online." if online else "Offline."
        look = (state, repr(pending), [(call.id, call.outcome) for call in calls])
        if look == self._look:
            return
        self._look = look
        self._online.clear()
        with self._online:
            words(state)
        self._armed.clear()
        with self._armed:
            self._draw_pending(pending)
        self._books.clear()
        with self._books:
            _books(calls)

    def _draw_pending(self, pending: Sequence[dict[str, Any]]) -> None:
        for rule in pending:
            times = "until cleared" if rule["times"] is None else f"{rule['times']} to come"
            with box("dc-armed"):
                icon("bolt")
                words(f"{_titled(rule['name'])} · {times}")
        if pending:
            with box("dc-row").style("margin-top:8px"), button("dc-button dc-success", self._clear):
                words("Behave again")


def _panel(title: str, text: str) -> Element:
    panel = box("dc-panel", "section", aria_label=title)
    with panel:
        words(title, "dc-panel-title", "h3")
        words(text, "dc-panel-text", "p")
    return panel


def _books(calls: Sequence[RecordedCall]) -> None:
    with box("dc-sum"):
        _cell("calls", str(len(calls)))
        _cell("pictures", str(sum(call.pictures for call in calls)))
        _cell("cost", _dollars(sum(call.cost_microusd for call in calls)))
    if not calls:
        words("Nothing yet.", "dc-muted")
        return
    with box("dc-calls", "table"):
        with box("", "thead"), box("", "tr"):
            for title in ("Asked", "Outcome", "Cost"):
                words(title, "dc-cost" if title == "Cost" else "", "th", scope="col")
        with box("", "tbody"):
            for call in reversed(calls[-LAST_CALLS:]):
                _call(call)


def _call(call: RecordedCall) -> None:
    with box("", "tr"):
        with box("", "td"):
            words(call.prompt[:90] or "(no words)", tag="div")
            words(call.model or "unknown model", "dc-muted", "div")
        good = call.outcome in {"drawn", "answered", "running"}
        words(_spoken(call.outcome), "" if good else "dc-bad", "td")
        words(_dollars(call.cost_microusd), "dc-cost", "td")


def _cell(name: str, value: str) -> None:
    with box("dc-sum-cell"):
        words(value, "dc-sum-value")
        words(name)


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _titled(name: str) -> str:
    spoken = _spoken(name).replace("html", "HTML")
    return spoken[0].upper() + spoken[1:]


def _dollars(microusd: int) -> str:
    return f"${microusd / 1_000_000:.4f}"
