"""Looks at the model provider: the key, its credit, the models of the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.doctor.finding import ok, problem, warning
from bot.domain.money import MICRO, show
from bot.errors import AccountTrouble, ModelError, StartupError
from bot.model.backend import Backend
from bot.model.catalogue import Catalogue
from bot.model.client import OpenRouter

if TYPE_CHECKING:
    from datetime import date

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
    catalogue = Catalogue(http, backend, settings.image_models, settings.chat_models)
    return found + await _models(catalogue, settings, datetime.now(UTC))


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


async def _models(catalogue: Catalogue, settings: Settings, now: datetime) -> list[Finding]:
    """Look the models of the settings up in the provider's lists."""
    try:
        await catalogue.refresh(now)
    except ModelError:
        advice = "their list cannot be read. Check the network and OPENROUTER_BASE_URL."
        return [problem("picture models", advice), warning("chat models", advice)]
    return [*_picture_models(catalogue, settings, now.date()), *_chat_models(catalogue, settings, now.date())]


def _picture_models(catalogue: Catalogue, settings: Settings, today: date) -> list[Finding]:
    configured = settings.image_models
    usable = [model_id for model_id in configured if catalogue.model(model_id)]
    if not usable:
        return [
            problem(
                "picture models", "none of IMAGE_MODELS draws. Put a model into it that the provider lists."
            )
        ]
    said = f"{usable[0]} draws; {len(usable)} of {len(configured)} are usable."
    notices = catalogue.notices(configured, today)
    return [*(warning("picture models", one) for one in notices), ok("picture models", said)]


def _chat_models(catalogue: Catalogue, settings: Settings, today: date) -> list[Finding]:
    configured = settings.chat_models
    usable = [model_id for model_id in configured if catalogue.chat_model(model_id)]
    if not usable:
        return [
            warning(
                "chat models", "none of CHAT_MODELS is listed. Put a model into it that the provider lists."
            )
        ]
    said = f"{usable[0]} answers; {len(usable)} of {len(configured)} are usable."
    notices = catalogue.chat_notices(configured, today)
    return [*(warning("chat models", one) for one in notices), ok("chat models", said)]
