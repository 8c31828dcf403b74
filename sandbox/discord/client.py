"""What Discord's client offers and allows: commands, options, components. It asks the bot nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sandbox.discord.command_permissions import may_use
from sandbox.discord.entities import Channel, Command, Json, Message, Role, Upload, User
from sandbox.discord.media import walk
from sandbox.discord.permissions import Permission, may

if TYPE_CHECKING:
    from sandbox.discord.world import World

OptionValue = str | int | float | bool | User | Role | Channel
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = (3, 4, 5, 6, 7, 8, 9, 10, 11)
IN_GUILD, IN_BOT_DM = 0, 1


class ClientRefused(Exception):
    """Discord's client would not let the person do this; the message says why."""


def as_upload(file: Upload | tuple[str, bytes]) -> Upload:
    """Return a file to send, given as Upload or as name and bytes."""
    return file if isinstance(file, Upload) else Upload(*file)


def offered(world: "World", user: User, channel: Channel, kind: int) -> list[Command]:
    """Return the commands of that kind that the client offers, by name."""
    found = [c for c in world.commands.values() if c.type == kind and _is_offered(world, c, user, channel)]
    return sorted(found, key=lambda command: command.name)


def _is_offered(world: "World", command: Command, user: User, channel: Channel) -> bool:
    guild, given = channel.guild, command.payload
    if command.guild_id is not None and (guild is None or guild.id != command.guild_id):
        return False
    contexts = given.get("contexts")
    if contexts is None:
        contexts = [IN_GUILD, IN_BOT_DM] if given.get("dm_permission", True) else [IN_GUILD]
    if (IN_GUILD if guild else IN_BOT_DM) not in contexts:
        return False
    if guild is None:
        return True
    installed_by = 0 if guild.has_bot else 1
    if installed_by not in (given.get("integration_types") or [0]):
        return False
    age_restricted = channel.parent.is_nsfw if channel.parent else channel.is_nsfw
    if given.get("nsfw") and not age_restricted:
        return False
    return may_use(world, command, user, channel)


def find_command(world: "World", user: User, channel: Channel, kind: int, name: str) -> Command:
    """Return the offered command of that name (its first word), or refuse."""
    if channel.is_archived:
        raise ClientRefused("This thread is archived.")
    wanted = name.split(maxsplit=1)[0] if kind == SUBCOMMAND else name
    for command in offered(world, user, channel, kind):
        if command.name == wanted:
            return command
    raise ClientRefused(f"There is no command {name} here for {user.display_name}.")


def option_path(command: Command, name: str) -> tuple[list[Json], list[Json]]:
    """Return the subcommands on the way down `name`, and the options at its end."""
    options: list[Json] = command.payload.get("options") or []
    way: list[Json] = []
    for word in name.split()[1:]:
        step = next((o for o in options if o["name"] == word and o["type"] in (SUBCOMMAND, GROUP)), None)
        if step is None:
            raise ClientRefused(f"There is no subcommand {word}.")
        way.append(step)
        options = step.get("options") or []
    if any(option["type"] in (SUBCOMMAND, GROUP) for option in options):
        raise ClientRefused(f"Choose a subcommand of {name}.")
    return way, options


def check_given(
    options: Sequence[Json], given: Mapping[str, OptionValue], files: Mapping[str, Upload], *, is_whole: bool
) -> None:
    """Refuse unknown, missing or ill-fitting options; while typing (`is_whole` False) none is missing."""
    by_name = {option["name"]: option for option in options}
    for name in (*given, *files):
        if name not in by_name:
            raise ClientRefused(f"There is no option {name}.")
        if (by_name[name]["type"] == ATTACHMENT) != (name in files):
            raise ClientRefused(f"Option {name} takes {'no' if name in files else 'a'} file.")
    for option in options if is_whole else ():
        if option.get("required") and option["name"] not in given and option["name"] not in files:
            raise ClientRefused(f"This option is required. Specify a value: {option['name']}.")
    for name, value in given.items():
        _check_value(by_name[name], value, is_whole=is_whole)


TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (User,),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    MENTIONABLE: (User, Role),
    NUMBER: (int, float),
}


def _check_value(option: Json, value: OptionValue, *, is_whole: bool) -> None:
    name, kind = option["name"], option["type"]
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
        raise ClientRefused(f"Option {name} does not take {value!r}.")
    choices = [choice["value"] for choice in option.get("choices") or ()]
    if choices and value not in choices:
        raise ClientRefused(f"{value!r} is not a choice of {name}.")
    if not is_whole:
        return
    if isinstance(value, str) and not _is_within(
        len(value), option.get("min_length"), option.get("max_length", 6000)
    ):
        raise ClientRefused(f"The text of {name} is too short or too long.")
    bounds = (option.get("min_value"), option.get("max_value"))
    if isinstance(value, int | float) and not _is_within(value, *bounds):
        raise ClientRefused(f"{value} is out of the range of {name}.")
    kinds = option.get("channel_types")
    if isinstance(value, Channel) and kinds and value.type not in kinds:
        raise ClientRefused(f"Option {name} does not take this kind of channel.")


def _is_within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def check_uploads(user: User, channel: Channel, files: Sequence[Upload], limit: int) -> None:
    """Refuse files that the client would not send."""
    if files and not may(user, channel, Permission.ATTACH_FILES):
        raise ClientRefused("You may not attach files here.")
    if len(files) > 10:
        raise ClientRefused("You can only upload 10 files at a time!")
    if any(len(file.content) > limit for file in files):
        raise ClientRefused("Your files are too powerful.")


def check_visible(message: Message, user: User) -> None:
    """Refuse to act on a message that is not there for this person."""
    if message.is_deleted or message.ephemeral_for not in (None, user):
        raise ClientRefused("That message is not there.")
    if not may(user, message.channel, Permission.VIEW_CHANNEL):
        raise ClientRefused("That channel is not there.")


def controls(message: Message) -> Iterator[Json]:
    """Yield the buttons and selects of a message."""
    for node in walk(message.components):
        if node.get("type") in (2, 3, 5, 6, 7, 8):
            yield node


def find_button(message: Message, name: str) -> Json:
    """Return the button with that custom id, or else the one with that label."""
    buttons = [node for node in controls(message) if node["type"] == 2]
    found = [node for node in buttons if node.get("custom_id") == name]
    found = found or [node for node in buttons if node.get("label") == name]
    if not found:
        labels = [node.get("label") for node in buttons]
        raise ClientRefused(f"There is no button {name!r}; there are {labels}.")
    if found[0].get("disabled"):
        raise ClientRefused(f"The button {name!r} is disabled.")
    if "custom_id" not in found[0]:
        raise ClientRefused(f"The button {name!r} opens a link.")
    return found[0]


def find_select(message: Message, custom_id: str) -> Json:
    """Return the select with that custom id."""
    for node in controls(message):
        if node["type"] != 2 and node.get("custom_id") == custom_id:
            if node.get("disabled"):
                raise ClientRefused("This select is disabled.")
            return node
    raise ClientRefused(f"There is no select {custom_id!r}.")


def check_selected(select: Json, values: Sequence[object]) -> None:
    """Refuse too few, too many or unknown values of a select or group."""
    low = select.get("min_values")
    low = 1 if low is None else low
    if not select.get("required", True) and not values:
        return
    high = select.get("max_values")
    high = len(select.get("options") or ()) if high is None and select["type"] == 22 else high or 1
    if not low <= len(values) <= high:
        raise ClientRefused(f"Choose {low} to {high}.")
    known = [option["value"] for option in select.get("options") or ()]
    if known and not set(values) <= set(known):
        raise ClientRefused(f"Choose of {known}.")
