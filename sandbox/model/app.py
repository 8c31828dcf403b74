"""The routes of the loopback model: OpenRouter's API under /api/v1, and the controls under /control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from sandbox.model import replies
from sandbox.model.control import Control
from sandbox.model.fault_refusals import REFUSAL_FAULTS
from sandbox.model.keys import bearer, label
from sandbox.model.moderations import moderate
from sandbox.model.paid import PaidEndpoint
from sandbox.model.refusals import Refusal, refuse

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.model.loopback import LoopbackModel


def create_app(model: LoopbackModel) -> Starlette:
    """Return the ASGI application that serves a loopback model; mount it anywhere."""
    reads = Reads(model)
    api = [
        Route("/chat/completions", PaidEndpoint(model, "chat"), methods=["POST"]),
        Route("/images", PaidEndpoint(model, "images"), methods=["POST"]),
        Route("/moderations", moderate, methods=["POST"]),
        Route("/models", reads.models),
        Route("/models/{author}/{slug}/endpoints", reads.endpoints),
        Route("/images/models", reads.image_models),
        Route("/images/models/{author}/{slug}/endpoints", reads.image_endpoints),
        Route("/key", reads.key),
        Route("/credits", reads.credits),
        Route("/generation", reads.generation),
    ]
    return Starlette(
        routes=[Mount("/api/v1", routes=api), Mount("/control", routes=Control(model).routes())],
        exception_handlers={Refusal: _refused, HTTPException: _not_there},
    )


async def _refused(_: Request, error: Exception) -> Response:
    """Send a refusal."""
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this type alone
    if "html" in error.error:
        return HTMLResponse(error.error["html"], error.status)
    return JSONResponse(error.body, error.status, error.headers)


async def _not_there(_: Request, error: Exception) -> Response:
    """Answer an unknown address as OpenRouter's API does."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type alone
    return JSONResponse({"error": {"message": error.detail, "code": error.status_code}}, error.status_code)


class Reads:
    """The free requests: catalogue, account, and what a past call cost."""

    def __init__(self, model: LoopbackModel) -> None:
        self._model = model

    async def models(self, request: Request) -> Response:
        """`GET /models`: text models, unless `output_modalities` says otherwise. Needs no key."""
        self._fail_if_told()
        listed = self._model.catalogue.page(request.query_params.get("output_modalities", "text"))
        return JSONResponse({"data": listed, "total_count": len(listed)})

    async def endpoints(self, request: Request) -> Response:
        """`GET /models/{author}/{slug}/endpoints`: the one provider of a model."""
        model = self._model.catalogue.find(_model_id(request))
        listed = model.listed()
        endpoint = {
            "name": f"{model.provider} | {model.id}",
            "model_name": model.name,
            "context_length": model.context_length,
            "pricing": listed["pricing"],
            "provider_name": model.provider,
            "tag": model.provider.lower(),
            "quantization": None,
            "max_completion_tokens": model.max_completion_tokens,
            "max_prompt_tokens": None,
            "supported_parameters": listed["supported_parameters"],
            "status": 0,
            "uptime_last_30m": 100,
        }
        kept = ("id", "name", "created", "description", "architecture")
        return JSONResponse({"data": {name: listed[name] for name in kept} | {"endpoints": [endpoint]}})

    async def image_models(self, _: Request) -> Response:
        """`GET /images/models`: what the pictures endpoint serves, with capability descriptors."""
        self._fail_if_told()
        return JSONResponse({"data": self._model.catalogue.image_page()})

    async def image_endpoints(self, request: Request) -> Response:
        """`GET /images/models/{author}/{slug}/endpoints`: price lines."""
        self._fail_if_told()
        model = self._model.catalogue.find(_model_id(request))
        if not model.in_images:
            raise refuse(404, f"No image endpoints found for {model.id}")
        return JSONResponse(model.image_endpoints())

    async def key(self, request: Request) -> Response:
        """`GET /key`: the key's limit and use."""
        key = bearer(request.headers)
        self._fail_if_told()
        return JSONResponse(replies.key_page(label(key), self._model.books))

    async def credits(self, request: Request) -> Response:
        """`GET /credits`: forbidden to keys that do not manage the account."""
        if not bearer(request.headers).startswith("sk-or-management"):
            raise refuse(403, "Only management keys can fetch credits for an account")
        books = self._model.books
        data = {"total_credits": float(books.credits_usd), "total_usage": float(books.spent_usd)}
        return JSONResponse({"data": data})

    async def generation(self, request: Request) -> Response:
        """`GET /generation?id=`: what a call cost; not known in the first moments."""
        bearer(request.headers)
        self._fail_if_told()
        call_id = request.query_params.get("id", "")
        call = self._model.books.find(call_id)
        if call is None or call.finished_at is None or call.status != 200:
            raise refuse(404, f"Generation {call_id} not found")
        age_s = (self._model.clock() - call.finished_at).total_seconds()
        if age_s < self._model.generation_delay_s:
            raise refuse(404, f"Generation {call_id} not found")
        return JSONResponse(replies.generation_page(call))

    def _fail_if_told(self) -> None:
        """Refuse a read when a fault says so."""
        fault = self._model.faults.take_for_read()
        if fault is not None and fault.name in REFUSAL_FAULTS:
            raise REFUSAL_FAULTS[fault.name].make(dict(fault.options))


def _model_id(request: Request) -> str:
    """Return the model that an address names."""
    return f"{request.path_params['author']}/{request.path_params['slug']}"
