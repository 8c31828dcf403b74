"""REST of first responses: within three seconds, once, of a type that fits the interaction."""

import copy

from sandbox.discord.answers import answer_permissions, new_answer
from sandbox.discord.body_checks import CALLBACK
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.component_checks import check_fields, check_text, number_components, objects
from sandbox.discord.composing import Rules, compose
from sandbox.discord.entities import Json, Message, MessageFlag
from sandbox.discord.interaction import (
    FIRST_RESPONSE,
    Interaction,
    InteractionType,
    Response,
    ResponseType,
)
from sandbox.discord.mentions import USERS_ONLY
from sandbox.discord.modal_checks import check_modal
from sandbox.discord.reading import number, part
from sandbox.discord.refusals import Refusal, invalid, too_long, unknown_interaction
from sandbox.discord.rendering import message_payload

WITH_MESSAGE = (ResponseType.MESSAGE, ResponseType.DEFER_MESSAGE)
UPDATES = (ResponseType.DEFER_UPDATE, ResponseType.UPDATE_MESSAGE)


def _respond(call: Call) -> Answer:
    interaction = _interaction(call)
    body = call.json_object()
    check_fields((), body, {"type", "data"})
    kind = body.get("type")
    _check_type(interaction, kind)
    data = part(body, "data")
    response = _make(call, interaction, int(kind or 0), data)
    interaction.response = response
    if response.message is not None:
        interaction.original = response.message
    elif kind == ResponseType.DEFER_UPDATE:
        interaction.original = interaction.source
    interaction.acknowledged.set()
    call.world.changed.notify()
    return _report(call, interaction, response) if call.flag("with_response") else None


def _interaction(call: Call) -> Interaction:
    interaction = call.world.interactions.get(call.id("interaction_id"))
    if interaction is None or interaction.token != call.params["interaction_token"]:
        raise unknown_interaction()
    if interaction.response is not None:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    if call.world.clock.now() - interaction.created_at > FIRST_RESPONSE:
        raise unknown_interaction()
    return interaction


def _check_type(interaction: Interaction, kind: object) -> None:
    if interaction.type == InteractionType.AUTOCOMPLETE:
        allowed = {ResponseType.AUTOCOMPLETE}
    else:
        allowed = {*WITH_MESSAGE}
        if interaction.source is not None:
            allowed |= {*UPDATES}
        if interaction.type != InteractionType.MODAL_SUBMIT:
            allowed.add(ResponseType.MODAL)
    if kind not in allowed:
        raise invalid(("type",), "INTERACTION_CALLBACK_TYPE", f"Value must be one of {sorted(allowed)} here.")


def _make(call: Call, interaction: Interaction, kind: int, data: Json) -> Response:
    if kind == ResponseType.AUTOCOMPLETE:
        return Response(kind, choices=_choices(data))
    if kind == ResponseType.MODAL:
        modal = copy.deepcopy(check_modal(data))
        number_components(modal["components"])
        return Response(kind, modal=modal)
    if kind == ResponseType.MESSAGE:
        return Response(kind, message=_message(call, interaction, data))
    if kind == ResponseType.DEFER_MESSAGE:
        return Response(kind, message=_placeholder(call, interaction, data))
    if kind == ResponseType.UPDATE_MESSAGE:
        return Response(kind, message=_update(call, interaction, data))
    return Response(kind)


def _choices(data: Json) -> list[Json]:
    check_fields(("data",), data, {"choices"})
    choices = objects(("data", "choices"), data.get("choices"))
    if len(choices) > 25:
        raise too_long(("data", "choices"), 25)
    for index, choice in enumerate(choices):
        path = ("data", "choices", index)
        check_fields(path, choice, {"name", "name_localizations", "value"})
        check_text((*path, "name"), choice.get("name"), 1, 100)
        value = choice.get("value")
        if isinstance(value, str):
            check_text((*path, "value"), value, 1, 100)
        elif not isinstance(value, int | float) or isinstance(value, bool):
            raise invalid((*path, "value"), "BASE_TYPE_REQUIRED", "This field is required")
    return choices


def _message(call: Call, interaction: Interaction, data: Json) -> Message:
    flags = number(data, "flags")
    message = new_answer(call.world, interaction, is_ephemeral=bool(flags & MessageFlag.EPHEMERAL))
    rules = Rules(CALLBACK, answer_permissions(interaction), USERS_ONLY)
    compose(call.world, message, data, call.files, rules)
    call.world.post(message)
    return message


def _placeholder(call: Call, interaction: Interaction, data: Json) -> Message:
    check_fields(("data",), data, {"flags"})
    flags = number(data, "flags")
    if flags & ~MessageFlag.EPHEMERAL:
        raise invalid(
            ("data", "flags"), "BITFIELD_FLAGS", "A deferred answer can be ephemeral, nothing else."
        )
    message = new_answer(call.world, interaction, is_ephemeral=bool(flags))
    message.flags |= MessageFlag.LOADING
    call.world.post(message)
    return message


def _update(call: Call, interaction: Interaction, data: Json) -> Message:
    message = interaction.source
    if message is None or message.is_deleted:
        raise unknown_interaction()
    rules = Rules(CALLBACK, answer_permissions(interaction), USERS_ONLY, is_edit=True)
    compose(call.world, message, data, call.files, rules)
    message.edited_at = call.world.clock.now()
    call.world.announce_edit(message)
    return message


def _report(call: Call, interaction: Interaction, response: Response) -> Json:
    kind, message = response.type, response.message
    report: Json = {
        "id": str(interaction.id),
        "type": interaction.type,
        "channel_id": str(interaction.channel.id),
    }
    if interaction.channel.guild:
        report["guild_id"] = str(interaction.channel.guild.id)
    if message is None:
        return {"interaction": report}
    report |= {
        "response_message_id": str(message.id),
        "response_message_loading": message.is_thinking,
        "response_message_ephemeral": message.is_ephemeral,
    }
    if kind == ResponseType.DEFER_MESSAGE:
        return {"interaction": report}
    resource: Json = {"type": kind, "message": message_payload(call.world, message)}
    return {"interaction": report, "resource": resource}


ENDPOINTS = (
    Endpoint(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        _respond,
        "callback",
        "interaction_token",
        needs_token=False,
    ),
)
