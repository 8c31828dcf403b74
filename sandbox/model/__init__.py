"""The loopback model: a strict imitation of OpenRouter, for newcomers without a key and for end-to-end tests.

Serve it with `create_app(LoopbackModel())` from `sandbox.model.app`; the bot talks to `/api/v1`. Any key that
begins with `sk-or-` is good. Nothing is ever fetched, and nothing leaves the machine.

It refuses what OpenRouter or its providers refuse, and a little more: unknown fields, options that a model
does not list, pictures by address, words after pictures. What it charges is in `LoopbackModel.calls`.

In words it answers plainly: it echoes what was said, names the size and colours of pictures (and the prompt
of its own), reads text and simple PDFs, fills in JSON schemas from "name: value" in what came along, and
calls a tool when the first word of its name is in the request ("draw a fox" calls `draw_picture`).
"forbidden" is refused.

Told to misbehave, it does: `model.faults.add("rate_limited", times=2, retry_after=5)`. `FAULTS` names them
all. The same over HTTP, as JSON:

    GET    /control/faults    every fault by name with a sentence, and those still to happen
    POST   /control/faults    {"name": "half_png", "times": 1, "model": null, "transport": "chat", ...};
                              times null: until cleared; transport: chat, images, reads (catalogue, account)
    DELETE /control/faults    behave again
    GET    /control/calls     the provider's own record of every paid call, and what they cost together
    POST   /control/latency   {"seconds": 1.5, "paused": false}
    POST   /control/models    {"id": "openai/gpt-5-image-mini", "retired": true, "expires_on": "2026-12-10"}

Options of faults: `retry_after` (rate_limited, upstream_rate_limited, unavailable; sent verbatim), `afford`
(afford), `error_type` and `status` (typed), `seconds` (slow: extra time; slow_drip: time per byte), `code`
(stream_error).
"""

from sandbox.model.billing import RecordedCall
from sandbox.model.faults import FAULTS
from sandbox.model.loopback import LoopbackModel

__all__ = ["FAULTS", "LoopbackModel", "RecordedCall"]
