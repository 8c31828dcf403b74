"""Looks at the model provider: the key, its credit, the models of the settings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot.doctor.finding import ok, problem, warning
from bot.domain.money import MICRO, show
from bot.errors import AccountTrouble, ModelError, StartupError
from bot.model.backend import Backend
from bot.model.catalogue import NOTICE, Catalogue
from bot.model.client import OpenRouter
from bot.model.listing import entries
from bot.model.reads import ReadFailed, read_json
from bot.model.shapes import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from bot.doctor.finding import Finding
    from bot.settings import Settings

LITTLE_MICROUSD = MICRO
"""About twenty pictures."""


async def examine_provider(settings: Settings, http: httpx.AsyncClient) -> list[Finding]:
    """Return what was found of the provider; the lists of models need no key."""
    try:
        key = settings.require_model()
        backend = Backend(settings.openrouter_base_url, key)
        found = [await _key(OpenRouter(http, backend))]
    except StartupError as error:
        backend = Backend(settings.openrouter_base_url, "")
        found = [problem("key", str(error))]
    today = datetime.now(UTC)
    found += await _picture_models(
        Catalogue(http, backend, settings.image_models), settings.image_models, today
    )
    found += await _chat_models(http, backend, settings.chat_models, today.date())
    return found


async def _key(provider: OpenRouter) -> Finding:
    """Ask what the key may still spend."""
    try:
        status = await provider.key()
    except AccountTrouble:
        return problem("key", "the provider does not accept OPENROUTER_API_KEY. Make a new key and copy it.")
    except ModelError:
        return warning(
            "key", "the provider did not say what is left on it. Check OPENROUTER_BASE_URL if this stays."
        )
    used = f"{show(status.used_this_month_microusd)} spent this month"
    left = status.remaining_microusd
    if left is None:
        return ok("key", f"accepted; {used}; it has no limit of its own.")
    if left == 0:
        return problem(
            "key", f"nothing is left on it; {used}. Raise its limit or buy credit at the provider."
        )
    if left < LITTLE_MICROUSD:
        return warning("key", f"only {show(left)} is left on it; {used}. Raise its limit or buy credit.")
    return ok("key", f"accepted; {show(left)} left; {used}.")


async def _picture_models(catalogue: Catalogue, configured: Sequence[str], now: datetime) -> list[Finding]:
    """Look the models that draw up in the provider's lists."""
    try:
        await catalogue.refresh(now)
    except ModelError:
        return [
            problem("picture models", "their list cannot be read. Check the network and OPENROUTER_BASE_URL.")
        ]
    usable = [model_id for model_id in configured if catalogue.model(model_id)]
    notices = [warning("picture models", notice) for notice in catalogue.notices(configured, now.date())]
    if not usable:
        return [
            problem(
                "picture models", "none of IMAGE_MODELS draws. Put a model into it that the provider lists."
            )
        ]
    return [
        *notices,
        ok("picture models", f"{usable[0]} draws; {len(usable)} of {len(configured)} are usable."),
    ]


async def _chat_models(
    http: httpx.AsyncClient, backend: Backend, configured: Sequence[str], today: date
) -> list[Finding]:
    """Look the models that answer in words up in the provider's list."""
    try:
        listed = {
            text(entry.get("id")): entry for entry in entries(await read_json(http, backend, "/models"))
        }
    except ReadFailed:
        return [
            warning("chat models", "their list cannot be read. Check the network and OPENROUTER_BASE_URL.")
        ]
    usable = [model_id for model_id in configured if model_id in listed]
    if not usable:
        return [
            warning(
                "chat models", "none of CHAT_MODELS is listed. Put a model into it that the provider lists."
            )
        ]
    found = [
        warning("chat models", f"{model_id} is not listed by the provider; the next one is used.")
        for model_id in configured
        if model_id not in listed
    ]
    for model_id in usable:
        ends_on = _ends_on(listed[model_id].get("expiration_date"))
        if ends_on is not None and ends_on - today <= NOTICE:
            found.append(
                warning(
                    "chat models",
                    f"{model_id} ends on {ends_on.isoformat()}; put a successor into CHAT_MODELS.",
                )
            )
    return [*found, ok("chat models", f"{usable[0]} answers; {len(usable)} of {len(configured)} are usable.")]


def _ends_on(value: object) -> date | None:
    """Read an end date; one that cannot be read is none."""
    try:
        return date.fromisoformat(text(value)[:10])
    except ValueError:
        return None
