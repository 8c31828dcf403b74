"""REST of an interaction's webhook: its answer and its follow-ups, for fifteen minutes."""

from collections.abc import Callable

from sandbox.discord.answers import answer_permissions, new_answer
from sandbox.discord.body_checks import EDIT, WEBHOOK
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.composing import Rules, compose
from sandbox.discord.entities import Json, Message, MessageFlag
from sandbox.discord.interaction import TOKEN_LIFE, Interaction
from sandbox.discord.mentions import ANY, USERS_ONLY
from sandbox.discord.reading import number
from sandbox.discord.refusals import Refusal, unknown_message, unknown_webhook
from sandbox.discord.rendering import message_payload

USER_INSTALLED_FOLLOWUPS = 5


def _interaction(call: Call) -> Interaction:
    if call.id("webhook_id") != call.world.application_id:
        raise unknown_webhook()
    interaction = call.world.interaction_of(call.params["webhook_token"])
    if interaction is None or call.world.clock.now() - interaction.created_at > TOKEN_LIFE:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    if interaction.response is None:
        raise unknown_webhook()
    return interaction


def _original(interaction: Interaction) -> Message:
    message = interaction.original
    if message is None or message.is_deleted:
        raise unknown_message()
    return message


def _message(call: Call, interaction: Interaction) -> Message:
    message_id = call.id("message_id")
    known = [*interaction.followups, *([interaction.original] if interaction.original else [])]
    message = next((one for one in known if one.id == message_id and not one.is_deleted), None)
    if message is None:
        raise unknown_message()
    return message


def _follow_up(call: Call) -> Answer:
    interaction = _interaction(call)
    original = interaction.original
    if original is not None and original.is_thinking and not original.is_deleted:
        # The placeholder becomes the first follow-up, and stays as visible as it was deferred.
        return _change(call, interaction, original, call.json_object(), WEBHOOK)
    if interaction.is_user_installed and len(interaction.followups) >= USER_INSTALLED_FOLLOWUPS:
        raise Refusal(400, 40094, "Maximum number of follow-up messages for this interaction reached (5)")
    body = call.json_object()
    is_ephemeral = bool(number(body, "flags") & MessageFlag.EPHEMERAL)
    message = new_answer(call.world, interaction, is_ephemeral=is_ephemeral)
    rules = Rules(WEBHOOK, answer_permissions(interaction), USERS_ONLY)
    compose(call.world, message, body, call.files, rules)
    interaction.followups.append(message)
    call.world.post(message)
    return message_payload(call.world, message)


def _change(call: Call, interaction: Interaction, message: Message, body: Json, known: set[str]) -> Answer:
    """Edit a message of the interaction; the placeholder thereby becomes the answer."""
    was_thinking = message.is_thinking
    mentions = USERS_ONLY if was_thinking else ANY
    rules = Rules(known, answer_permissions(interaction), mentions, is_edit=True)
    compose(call.world, message, body, call.files, rules)
    message.flags &= ~MessageFlag.LOADING
    message.edited_at = None if was_thinking else call.world.clock.now()
    call.world.announce_edit(message)
    return message_payload(call.world, message)


def _get_original(call: Call) -> Answer:
    return message_payload(call.world, _original(_interaction(call)))


def _edit_original(call: Call) -> Answer:
    interaction = _interaction(call)
    return _change(call, interaction, _original(interaction), call.json_object(), EDIT)


def _delete_original(call: Call) -> Answer:
    call.world.remove(_original(_interaction(call)))


def _get(call: Call) -> Answer:
    return message_payload(call.world, _message(call, _interaction(call)))


def _edit(call: Call) -> Answer:
    interaction = _interaction(call)
    return _change(call, interaction, _message(call, interaction), call.json_object(), EDIT)


def _delete(call: Call) -> Answer:
    call.world.remove(_message(call, _interaction(call)))


WEBHOOK_PATH = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = WEBHOOK_PATH + "/messages/@original"
ONE = WEBHOOK_PATH + "/messages/{message_id}"


def _endpoint(method: str, path: str, act: Callable[[Call], Answer]) -> Endpoint:
    return Endpoint(method, path, act, "webhook", "webhook_token", needs_token=False)


ENDPOINTS = (
    _endpoint("POST", WEBHOOK_PATH, _follow_up),
    _endpoint("GET", ORIGINAL, _get_original),
    _endpoint("PATCH", ORIGINAL, _edit_original),
    _endpoint("DELETE", ORIGINAL, _delete_original),
    _endpoint("GET", ONE, _get),
    _endpoint("PATCH", ONE, _edit),
    _endpoint("DELETE", ONE, _delete),
)
