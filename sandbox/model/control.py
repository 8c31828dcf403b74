"""The control API, for the sandbox's page and for tests in another process; documented in `sandbox.model`."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.model.faults import FAULTS
from sandbox.model.refusals import invalid

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.model.billing import RecordedCall
    from sandbox.model.loopback import LoopbackModel
    from sandbox.model.refusals import Json


class Control:
    """The handlers of the control API."""

    def __init__(self, model: LoopbackModel) -> None:
        self._model = model

    def routes(self) -> list[Route]:
        """Return the routes below /control."""
        return [
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/calls", self.list_calls, methods=["GET"]),
            Route("/latency", self.set_latency, methods=["POST"]),
            Route("/models", self.change_model, methods=["POST"]),
        ]

    async def list_faults(self, _: Request) -> JSONResponse:
        """Return every fault there is, and those still to happen."""
        return JSONResponse({"known": dict(FAULTS), "pending": self._model.faults.pending()})

    async def add_fault(self, request: Request) -> JSONResponse:
        """Queue a fault."""
        body = await _body(request)
        name = body.pop("name", None)
        if name not in FAULTS:
            raise invalid(f"unknown fault: {name}")
        times: object = body.get("times", 1)
        if times is not None and not isinstance(times, int):
            raise invalid("times: Expected integer or null")
        self._model.faults.add(str(name), **body)
        return JSONResponse({"pending": self._model.faults.pending()})

    async def clear_faults(self, _: Request) -> JSONResponse:
        """Forget all queued faults."""
        self._model.faults.clear()
        return JSONResponse({"pending": []})

    async def list_calls(self, _: Request) -> JSONResponse:
        """Return what the provider recorded."""
        calls = [_shown(call) for call in self._model.calls]
        return JSONResponse({"calls": calls, "total_cost_microusd": self._model.total_cost_microusd})

    async def set_latency(self, request: Request) -> JSONResponse:
        """Set how long a call takes, and whether calls wait."""
        body = await _body(request)
        if "seconds" in body:
            seconds: object = body["seconds"]
            if not isinstance(seconds, int | float) or seconds < 0:
                raise invalid("seconds: Expected a number from 0 up")
            self._model.latency_s = float(seconds)
        if "paused" in body:
            (self._model.pause if body["paused"] else self._model.resume)()
        return JSONResponse({"seconds": self._model.latency_s, "paused": self._model.paused})

    async def change_model(self, request: Request) -> JSONResponse:
        """Retire, restore or date a model."""
        body = await _body(request)
        model_id, catalogue = str(body.get("id")), self._model.catalogue
        try:
            if "expires_on" in body:
                day = body["expires_on"]
                catalogue.set_expiry(model_id, None if day is None else date.fromisoformat(day))
            if "retired" in body:
                (catalogue.retire if body["retired"] else catalogue.restore)(model_id)
        except KeyError as error:
            raise invalid(f"unknown model: {model_id}") from error
        except ValueError as error:
            raise invalid("expires_on: Expected YYYY-MM-DD or null") from error
        return JSONResponse({"offered": [model.id for model in catalogue.offered()]})


async def _body(request: Request) -> dict[str, Any]:
    """Return a JSON object, or refuse."""
    try:
        body: object = json.loads(await request.body())
    except ValueError as error:
        raise invalid("The body is not valid JSON") from error
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object")
    return cast("dict[str, Any]", body)


def _shown(call: RecordedCall) -> Json:
    """Return a recorded call as JSON; of pictures, only their sizes."""
    return {
        "id": call.id,
        "at": call.at.isoformat(),
        "transport": call.transport,
        "model": call.model,
        "key": call.key,
        "prompt": call.prompt,
        "outcome": call.outcome,
        "status": call.status,
        "pictures": call.pictures,
        "reference_bytes": [len(reference) for reference in call.references],
        "cost_microusd": call.cost_microusd,
        "options": {
            name: value for name, value in call.body.items() if name not in ("messages", "input_references")
        },
    }
