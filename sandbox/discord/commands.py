"""REST of application commands: registering them, and what Discord accepts as one."""

import functools
import unicodedata
from collections.abc import Sequence

import orjson

from sandbox.discord import payloads
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.component_checks import Path, check_fields, check_text, objects
from sandbox.discord.entities import Command, Json
from sandbox.discord.reading import entries, number, part
from sandbox.discord.refusals import Refusal, invalid, missing_access, too_long, wrong_length

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
MAX_BY_TYPE = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
CREATES_PER_DAY = 200
DAY_S = 86_400
MAX_TEXT = 8000
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
COMMAND_FIELDS = {"id", "type", "name", "name_localizations", "description", "description_localizations"} | {
    *("options", "default_member_permissions", "dm_permission", "default_permission"),
    *("integration_types", "contexts", "nsfw", "handler"),
}
OPTION_FIELDS = {"type", "name", "name_localizations", "description", "description_localizations"} | {
    *("required", "choices", "options", "channel_types", "min_value", "max_value"),
    *("min_length", "max_length", "autocomplete", "file_types"),
}


def _is_name(name: object) -> bool:
    """Tell whether it is a name for a slash command: 1–32 word characters, no upper case."""
    if not isinstance(name, str) or not 1 <= len(name) <= 32 or name != name.lower():
        return False
    return all(
        c in "-_'" or unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Mn" for c in name
    )


def check_command(path: Path, command: Json) -> None:
    """Refuse a command that Discord would refuse."""
    check_fields(path, command, COMMAND_FIELDS)
    kind = command.get("type") or CHAT_INPUT
    if kind not in MAX_BY_TYPE:
        raise invalid((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
    if kind != CHAT_INPUT:
        check_text((*path, "name"), command.get("name"), 1, 32)
        if command.get("description") or command.get("options"):
            raise invalid(
                (*path, "description"), "APPLICATION_COMMAND_MENU", "A menu command has a name alone."
            )
        return
    _check_named(path, command)
    options = objects((*path, "options"), command.get("options") or [])
    _check_options((*path, "options"), options, depth=0)
    if _text_size(command) > MAX_TEXT:
        raise invalid(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_TEXT})")


@functools.lru_cache(1024)
def _is_sound(command: bytes) -> bool:
    """Tell whether Discord takes a command; remembered, as each start of a bot tells the same ones."""
    try:
        check_command((), orjson.loads(command))
    except Refusal:
        return False
    return True


def _check_named(path: Path, item: Json) -> None:
    for name in (item.get("name"), *part(item, "name_localizations").values()):
        if not _is_name(name):
            raise invalid((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    for text in (item.get("description"), *part(item, "description_localizations").values()):
        check_text((*path, "description"), text, 1, 100)


def _check_options(path: Path, options: Sequence[Json], *, depth: int) -> None:
    if len(options) > 25:
        raise too_long(path, 25)
    names = [option.get("name") for option in options]
    if len(set(names)) != len(names):
        raise invalid(path, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    optional_seen = False
    for index, option in enumerate(options):
        where = (*path, index)
        check_fields(where, option, OPTION_FIELDS)
        _check_named(where, option)
        if option.get("required") and optional_seen:
            raise invalid(
                where,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options come before optional ones",
            )
        optional_seen = optional_seen or not option.get("required")
        _check_option(where, option, options, depth=depth)


def _check_option(path: Path, option: Json, siblings: Sequence[Json], *, depth: int) -> None:
    kind = number(option, "type")
    if kind not in range(1, 12):
        raise invalid((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of 1 to 11.")
    if kind in (SUBCOMMAND, GROUP):
        if (
            (kind == GROUP and depth)
            or depth > 1
            or any(o.get("type") not in (SUBCOMMAND, GROUP) for o in siblings)
        ):
            raise invalid((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Misplaced subcommand")
        children = objects((*path, "options"), option.get("options") or [])
        if kind == GROUP and any(child.get("type") != SUBCOMMAND for child in children):
            raise invalid(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group holds subcommands")
        _check_options((*path, "options"), children, depth=depth + 1 if kind == GROUP else 2)
        return
    choices = objects((*path, "choices"), option.get("choices") or [])
    _check_choices((*path, "choices"), choices, kind)
    if option.get("autocomplete") and (choices or kind not in (STRING, INTEGER, NUMBER)):
        raise invalid(
            (*path, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE", "Autocomplete excludes choices"
        )
    low, high = number(option, "min_length"), number(option, "max_length", 6000)
    if kind == STRING and not 0 <= low <= high <= 6000:
        raise wrong_length((*path, "max_length"), 1, 6000)


def _check_choices(path: Path, choices: Sequence[Json], kind: int) -> None:
    if len(choices) > 25:
        raise too_long(path, 25)
    for index, choice in enumerate(choices):
        check_fields((*path, index), choice, {"name", "name_localizations", "value"})
        check_text((*path, index, "name"), choice.get("name"), 1, 100)
        value = choice.get("value")
        if kind == STRING:
            check_text((*path, index, "value"), value, 1, 100)
        elif not isinstance(value, int | float):
            raise invalid((*path, index, "value"), "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')
    if len({choice["name"] for choice in choices}) != len(choices):
        raise invalid(path, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Choice name exists")


def _text_size(item: Json) -> int:
    """Count what Discord counts towards 8000: of each text its longest translation."""
    size = 0
    for key in ("name", "description"):
        texts = [item.get(key) or "", *part(item, f"{key}_localizations").values()]
        size += max(len(text) for text in texts)
    for choice in entries(item, "choices"):
        texts = [choice["name"], *part(choice, "name_localizations").values()]
        size += max(len(text) for text in texts)
        size += len(choice["value"]) if isinstance(choice["value"], str) else 0
    return size + sum(_text_size(option) for option in entries(item, "options"))


def _scope(call: Call) -> int | None:
    if call.id("application_id") != call.world.application_id:
        raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
    if "guild_id" not in call.params:
        return None
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None or not guild.has_bot:
        raise missing_access()
    return guild.id


def _in_scope(call: Call, guild_id: int | None) -> list[Command]:
    return [command for command in call.world.commands.values() if command.guild_id == guild_id]


def _list(call: Call) -> Answer:
    return [_payload(call, command) for command in _in_scope(call, _scope(call))]


def _payload(call: Call, command: Command) -> Json:
    return payloads.command(command, call.world.application_id)


def _replace_all(call: Call) -> Answer:
    guild_id = _scope(call)
    given = objects((), call.body)
    for index, command in enumerate(given):
        if not _is_sound(orjson.dumps(command)):
            check_command((index,), command)
    _check_counts(given)
    keys = [((command.get("type") or CHAT_INPUT), command["name"]) for command in given]
    if len(set(keys)) != len(keys):
        raise invalid((), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
    before = {(command.type, command.name): command for command in _in_scope(call, guild_id)}
    _count_creates(call, guild_id, len(set(keys) - before.keys()))
    for command in before.values():
        del call.world.commands[command.id]
    return [
        _payload(call, _store(call, guild_id, body, before.get(key)))
        for key, body in zip(keys, given, strict=True)
    ]


def _check_counts(given: Sequence[Json]) -> None:
    for kind, most in MAX_BY_TYPE.items():
        if sum((command.get("type") or CHAT_INPUT) == kind for command in given) > most:
            raise Refusal(400, 30032, f"Maximum number of application commands reached ({most})")


def _count_creates(call: Call, guild_id: int | None, new: int) -> None:
    now = call.world.clock.now().timestamp()
    key = guild_id or 0
    recent = [at for at in call.world.command_creates.get(key, []) if now - at < DAY_S]
    if len(recent) + new > CREATES_PER_DAY:
        raise Refusal(
            400,
            30034,
            f"Max number of daily application command creates has been reached ({CREATES_PER_DAY})",
        )
    call.world.command_creates[key] = [*recent, *([now] * new)]


def _store(call: Call, guild_id: int | None, body: Json, before: Command | None) -> Command:
    command_id = before.id if before else call.world.ids.next()
    command = Command(command_id, body["name"], body.get("type") or CHAT_INPUT, body, guild_id)
    call.world.commands[command_id] = command
    return command


def _create(call: Call) -> Answer:
    guild_id = _scope(call)
    body = call.json_object()
    check_command((), body)
    present = _in_scope(call, guild_id)
    key = (body.get("type") or CHAT_INPUT, body["name"])
    before = next((command for command in present if (command.type, command.name) == key), None)
    if before is None:
        _check_counts([*(command.payload for command in present), body])
        _count_creates(call, guild_id, 1)
    return _payload(call, _store(call, guild_id, body, before))


def _one(call: Call) -> Command:
    guild_id = _scope(call)
    command = call.world.commands.get(call.id("command_id"))
    if command is None or command.guild_id != guild_id:
        raise Refusal(404, 10063, "Unknown application command")
    return command


def _get(call: Call) -> Answer:
    return _payload(call, _one(call))


def _edit(call: Call) -> Answer:
    command = _one(call)
    body = command.payload | call.json_object()
    check_command((), body)
    return _payload(call, _store(call, command.guild_id, body, command))


def _delete(call: Call) -> Answer:
    del call.world.commands[_one(call).id]


GLOBAL = "/applications/{application_id}/commands"
GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
ENDPOINTS = tuple(
    Endpoint(method, path + suffix, act, "commands")
    for path in (GLOBAL, GUILD)
    for method, suffix, act in (
        ("GET", "", _list),
        ("PUT", "", _replace_all),
        ("POST", "", _create),
        ("GET", "/{command_id}", _get),
        ("PATCH", "/{command_id}", _edit),
        ("DELETE", "/{command_id}", _delete),
    )
)
