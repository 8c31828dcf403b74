from __future__ import annotations

import os
import socket

import pytest
import stamina

from bot.settings import described


@pytest.mark.parametrize(
    "reach",
    [
        pytest.param(lambda opened: opened.connect(("192.0.2.1", 443)), id="a connection"),
        pytest.param(
            lambda opened: opened.connect_ex(("192.0.2.1", 443)), id="a connection that returns its error"
        ),
        pytest.param(lambda _: socket.getaddrinfo("discord.com", 443), id="a name"),
    ],
)
def test_reaching_beyond_this_machine_fails_the_test(reach):
    with socket.socket() as opened, pytest.raises(BaseException, match=r"^a test reached for ") as caught:
        reach(opened)

    assert not isinstance(caught.value, Exception)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_can_be_reached(host):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as opened,
    ):
        assert opened.getpeername() == server.getsockname()
    assert socket.getaddrinfo(host, 80)


def test_retries_do_not_wait():
    assert stamina.is_testing()


def test_no_setting_comes_from_outside():
    assert not {setting.name for setting in described()} & set(os.environ)
