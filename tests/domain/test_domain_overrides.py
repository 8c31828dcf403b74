from __future__ import annotations

import pytest

from bot.domain.overrides import Override, Target, lets
from bot.domain.requests import Requester

GUILD, HERE, ROLE, OTHER = 70, 7, 10, 11
ADA = Requester(1, GUILD, HERE, role_ids=frozenset({GUILD, ROLE, OTHER}))
IN_THREAD = Requester(1, GUILD, 700, role_ids=frozenset({GUILD}), parent_id=HERE)


def person(allows: bool, *, of_command: bool = True) -> Override:
    return Override(Target.PERSON, 1, allows, of_command)


def role(role_id: int, allows: bool, *, of_command: bool = True) -> Override:
    return Override(Target.ROLE, role_id, allows, of_command)


def channel(channel_id: int, allows: bool, *, of_command: bool = True) -> Override:
    return Override(Target.CHANNEL, channel_id, allows, of_command)


CASES = {
    "nothing is set": ([], None),
    "the person is let": ([person(True)], True),
    "the person is kept out, though a role is let": ([person(False), role(ROLE, True)], False),
    "one role that is let is enough": ([role(OTHER, False), role(ROLE, True)], True),
    "a role is kept out": ([role(ROLE, False)], False),
    "a role that they lack": ([role(12, True)], None),
    "everyone is let: the default permission decides": ([role(GUILD, True)], None),
    "everyone is kept out": ([role(GUILD, False)], False),
    "everyone is kept out but for a role": ([role(GUILD, False), role(ROLE, True)], True),
    "not in this channel": ([channel(HERE, False), person(True)], False),
    "not in any channel but this": ([channel(GUILD - 1, False), channel(HERE, True), person(True)], True),
    "not in any channel": ([channel(GUILD - 1, False), person(True)], False),
    "for the app: it takes away": ([role(ROLE, False, of_command=False)], False),
    "for the app: it does not hand over": ([role(ROLE, True, of_command=False)], None),
    "for the app: a role that is let is not kept out": (
        [role(GUILD, False, of_command=False), role(ROLE, True, of_command=False)],
        None,
    ),
    "the command stands before the app": ([person(True), person(False, of_command=False)], True),
}


@pytest.mark.parametrize(("overrides", "verdict"), CASES.values(), ids=CASES)
def test_a_server_lets_people_as_discord_does(overrides, verdict):
    assert lets(overrides, ADA, GUILD) is verdict
    assert lets(reversed(overrides), ADA, GUILD) is verdict


def test_a_thread_goes_by_its_channel():
    assert lets([channel(HERE, False)], IN_THREAD, GUILD) is False
