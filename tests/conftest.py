"""What holds for every test: no network beyond this machine, no waits, no settings from outside."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
from collections import Counter
from typing import Any

import hypothesis
import pytest
import stamina
from time_kit import loop_clock

from bot.settings import described

__all__ = ["loop_clock"]
hypothesis.settings.register_profile("short", deadline=None, max_examples=20)  # however busy the machine
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=400)
hypothesis.settings.load_profile("short")
NAMES = {setting.name for setting in described()}
gc.disable()  # until all tests are collected: they stay, and each would be looked at again and again


class NetworkUsed(BaseException):
    """A test reached beyond this machine; a BaseException, so that no code under test can swallow it."""


def is_local(host: object) -> bool:
    """Tell whether a host is this machine."""
    if host in {None, "", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most cases of sampled tests to `make further`, and put what is left in order."""
    _sample(items)
    _sort(items)


def _sample(items: list[pytest.Item]) -> None:
    """Mark all cases of sampled tests as further ones but the first, or as many as the mark says."""
    seen: Counter[str] = Counter()
    for item in items:
        if (mark := item.get_closest_marker("sampled")) is not None:
            test = item.nodeid.partition("[")[0]
            seen[test] += 1
            if seen[test] > (mark.args or (1,))[0]:
                item.add_marker(pytest.mark.further)


def _sort(items: list[pytest.Item]) -> None:
    """Put the page's tests first, where one worker keeps them all, so that one browser is started.

    Those that wait for the real process come evenly between those that compute, file by file: where all
    workers wait at the same time, the cores are idle.
    """
    waiting = [item for item in items if item.get_closest_marker("e2e")]
    computing = [item for item in items if not item.get_closest_marker("e2e")]
    places: dict[object, float] = {}
    for kind in (waiting, computing):
        for number, item in enumerate(kind):
            places.setdefault(item.path, number / len(kind))
    items.sort(key=lambda item: (item.get_closest_marker("page") is None, places[item.path]))


def pytest_collection_finish():
    """Look for garbage among what tests make alone; what was collected stays until the end."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    """Refuse to connect to, or to look up, anything but this machine."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked(host: object) -> None:
        if not is_local(host):
            raise NetworkUsed(f"a test reached for {host}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            checked(address[0])
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            checked(address[0])
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("flags", 0) & socket.AI_PASSIVE:  # an address to listen on
            checked(host)
        return look_up(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _no_waiting():
    """Retry as often as configured, without the wait."""
    stamina.set_testing(testing=True, attempts=10, cap=True)
    yield
    stamina.set_testing(testing=False)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch):
    """Take away the settings of whoever runs the tests, proxies included."""
    for name in list(os.environ):
        if name.upper() in NAMES or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
