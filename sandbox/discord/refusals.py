"""How Discord says no: an HTTP status and its JSON error."""

from collections.abc import Sequence

from sandbox.discord.entities import Json


class Refusal(Exception):
    """A request that Discord would refuse, with its status, code and message."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body: Json = {"message": message, "code": code}
        if errors is not None:
            self.body["errors"] = errors


def invalid(path: Sequence[str | int], code: str, message: str) -> Refusal:
    """Return the refusal of a body (50035), pointing at the field that is wrong."""
    errors: Json = {"_errors": [{"code": code, "message": message}]}
    for step in reversed(path):
        errors = {str(step): errors}
    return Refusal(400, 50035, "Invalid Form Body", errors)


def too_long(path: Sequence[str | int], limit: int) -> Refusal:
    """Return the refusal of a text over its limit."""
    return invalid(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


def wrong_length(path: Sequence[str | int], low: int, high: int) -> Refusal:
    """Return the refusal of a text or list outside its bounds."""
    return invalid(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")


def unknown_channel() -> Refusal:
    """Return the refusal for a channel that is not there."""
    return Refusal(404, 10003, "Unknown Channel")


def unknown_message() -> Refusal:
    """Return the refusal for a message that is not there, or that the bot cannot see by that route."""
    return Refusal(404, 10008, "Unknown Message")


def unknown_webhook() -> Refusal:
    """Return the refusal for a webhook that is not there (an interaction not answered yet has none)."""
    return Refusal(404, 10015, "Unknown Webhook")


def unknown_interaction() -> Refusal:
    """Return the refusal for an interaction that is not there, or was answered too late."""
    return Refusal(404, 10062, "Unknown interaction")


def missing_access() -> Refusal:
    """Return the refusal for a place the bot cannot see."""
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    """Return the refusal for an act the bot lacks a permission for."""
    return Refusal(403, 50013, "Missing Permissions")


def too_large() -> Refusal:
    """Return the refusal of a file or a request over the limit."""
    return Refusal(413, 40005, "Request entity too large")
