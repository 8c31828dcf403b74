"""Commands that Discord refuses are refused; those it takes keep their ids."""

import pytest


def command(name="draw", **more):
    return {"name": name, "description": "Draw"} | more


def option(name="prompt", kind=3, **more):
    return {"type": kind, "name": name, "description": "What"} | more


def subcommand(name="add", *options, kind=1):
    return {"type": kind, "name": name, "description": "Do", "options": list(options)}


@pytest.fixture
def path(world):
    return f"/applications/{world.application_id}/commands"


BAD = {
    "upper case": command("Draw"),
    "space": command("draw it"),
    "33 characters": command("d" * 33),
    "no name": {"description": "x"},
    "description of 101": command(description="x" * 101),
    "no description": {"name": "draw"},
    "unknown field": command(colour=1),
    "unknown type": command(type=9),
    "menu with a description": {"name": "Menu", "type": 3, "description": "x"},
    "menu of 33 characters": {"name": "M" * 33, "type": 2},
    "26 options": command(options=[option(f"o{n}") for n in range(26)]),
    "one option twice": command(options=[option(), option()]),
    "required after optional": command(options=[option("a"), option("b", required=True)]),
    "option in upper case": command(options=[option("Prompt")]),
    "option of unknown type": command(options=[option(kind=12)]),
    "unknown option field": command(options=[option(colour=1)]),
    "max length of 6001": command(options=[option(max_length=6001)]),
    "26 choices": command(options=[option(choices=[{"name": f"n{n}", "value": "v"} for n in range(26)])]),
    "one choice name twice": command(options=[option(choices=[{"name": "n", "value": "v"}] * 2)]),
    "choice of 101": command(options=[option(choices=[{"name": "n", "value": "x" * 101}])]),
    "text for a number": command(options=[option(kind=4, choices=[{"name": "n", "value": "1"}])]),
    "choices and autocomplete": command(
        options=[option(autocomplete=True, choices=[{"name": "n", "value": "v"}])]
    ),
    "autocomplete of a bool": command(options=[option(kind=5, autocomplete=True)]),
    "subcommand beside an option": command(options=[subcommand(), option()]),
    "option in a group": command(options=[subcommand("g", option(), kind=2)]),
    "group in a group": command(options=[subcommand("g", subcommand("h", kind=2), kind=2)]),
    "subcommand in a subcommand": command(options=[subcommand("a", subcommand("b"))]),
    "8001 characters": command(
        options=[
            option(f"o{n}", choices=[{"name": f"{m:062}", "value": f"{m:062}"} for m in range(25)])
            for n in range(3)
        ]
    ),
    "bad translation": command(name_localizations={"de": "Zeichne Es"}),
}  # fmt: skip


@pytest.mark.sampled(6)
@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
async def test_bad_command_is_refused_and_the_old_ones_stay(api, world, path, body):
    world.schemas = type(world.schemas)(None)
    await api("PUT", path, [command("old")])

    status, error = await api("PUT", path, [command("new"), body])

    assert (status, error["code"]) == (400, 50035)
    assert [c.name for c in world.commands.values()] == ["old"]


async def test_good_commands_are_taken_in_every_shape(api, world, path):
    body = [
        command(
            "zeichne-ü",
            options=[subcommand("g", subcommand("add", option(required=True)), kind=2), subcommand()],
        ),
        command(nsfw=True, contexts=[0], integration_types=[0, 1], default_member_permissions=32),
        {"name": "Draw This", "type": 3},
        {"name": "Portrait", "type": 2},
    ]

    status, commands = await api("PUT", path, body)

    assert status == 200
    for one in commands:
        assert world.schemas.response_problem("ApplicationCommandResponse", one) is None


async def test_same_command_keeps_its_id(api, path):
    (before,) = (await api("PUT", path, [command()]))[1]

    (after,) = (await api("PUT", path, [command(description="Other")]))[1]

    assert (after["id"], after["description"]) == (before["id"], "Other")


async def test_two_of_one_name_are_refused(api, path):
    assert (await api("PUT", path, [command(), command()]))[1]["code"] == 50035


@pytest.mark.parametrize(
    ("count", "more"), [(101, {}), (16, {"type": 2}), (16, {"type": 3})], ids=["slash", "user", "message"]
)
async def test_too_many_commands_are_refused(api, world, path, count, more):
    body = [{"name": f"c{n}"} | (more or {"description": "x"}) for n in range(count)]

    status, error = await api("PUT", path, body)

    assert (status, error["code"]) == (400, 30032)


async def test_two_hundred_creates_a_day(api, world, path):
    for n in range(2):
        assert (await api("PUT", path, [command(f"n{n}-{m}") for m in range(100)]))[0] == 200

    assert (await api("POST", path, command("more")))[1]["code"] in (30032, 30034)
    assert (await api("PUT", path, [command("other")]))[1]["code"] == 30034
    world.clock.advance(86_401)
    assert (await api("PUT", path, [command("other")]))[0] == 200


async def test_one_command_is_made_changed_and_deleted(api, world, path):
    _, made = await api("POST", path, command())
    one = f"{path}/{made['id']}"

    assert (await api("POST", path, command(description="Other")))[1]["id"] == made["id"]
    assert (await api("PATCH", one, {"description": "New"}))[1]["description"] == "New"
    assert (await api("PATCH", one, {"name": "NEW"}))[0] == 400
    assert (await api("GET", one))[1]["description"] == "New"
    assert (await api("DELETE", one))[0] == 204
    assert (await api("GET", one))[1]["code"] == 10063
    assert (await api("GET", path))[1] == []


async def test_commands_of_a_server_stay_there(api, world):
    guild = next(iter(world.guilds.values()))
    path = f"/applications/{world.application_id}/guilds/{guild.id}/commands"

    status, (made,) = await api("PUT", path, [command()])

    assert (status, made["guild_id"]) == (200, str(guild.id))
    assert [c.name for c in world.person("Ada").commands()] == ["draw"]
    assert world.person("Ada", "dm").commands() == []
    interaction = await world.person("Ada").slash("draw")
    assert interaction.data["guild_id"] == str(guild.id)


async def test_foreign_application_and_server_are_refused(api, world):
    assert (await api("GET", "/applications/5/commands"))[1]["code"] == 20012
    assert (await api("GET", f"/applications/{world.application_id}/guilds/5/commands"))[1]["code"] == 50001
