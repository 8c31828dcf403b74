"""Lists of models as the provider gives them."""

from __future__ import annotations

from bot.model.listing import parse_models

MINI = "openai/gpt-5-image-mini"
FLARE = "openai/gpt-image-2.5-flare"
GEMINI = "google/gemini-3.1-flash-image"
FLUX = "black-forest-labs/flux.2-pro"


def listed(model_id, outputs=("image", "text"), inputs=("text", "image"), **extra):
    return {
        "id": model_id,
        "name": f"The {model_id}",
        "description": "long " * 50,
        "architecture": {"input_modalities": list(inputs), "output_modalities": list(outputs)},
        "pricing": {"prompt": "0.0000025", "completion": "0.000002"},
        "supported_parameters": ["max_tokens", "reasoning", "seed"],
        "expiration_date": None,
        **extra,
    }


def drawing(model_id, takes, inputs=("text", "image"), **extra):
    return {
        "id": model_id,
        "name": f"The {model_id}",
        "architecture": {"input_modalities": list(inputs), "output_modalities": ["image"]},
        "supported_parameters": takes,
        "supports_streaming": False,
        **extra,
    }


def enum(*values):
    return {"type": "enum", "values": list(values)}


MODELS = {
    "data": [
        listed(MINI, expiration_date="2026-12-10"),
        listed(GEMINI, pricing={"prompt": "0.0000003", "completion": "0.0000025", "image_output": "0.00003"}),
        listed(FLUX, outputs=("image",), supported_parameters=["seed"]),
        listed("openai/gpt-4o-mini", outputs=("text",)),
    ]
}
IMAGES = {
    "data": [
        drawing(
            MINI,
            {
                "quality": enum("auto", "low", "medium", "high"),
                "background": enum("auto", "transparent", "opaque"),
                "n": {"type": "range", "min": 1, "max": 10},
                "input_references": {"type": "range", "min": 0, "max": 16},
            },
        ),
        drawing(
            FLARE,
            {"output_format": enum("png", "webp", "svg"), "aspect_ratio": enum("1:1", "16:9")},
            inputs=("text",),
            supports_streaming=True,
        ),
        drawing(
            FLUX,
            {"seed": {"type": "boolean"}, "input_references": {"type": "boolean"}, "n": {"type": "range"}},
        ),
    ]
}
LINES = {
    MINI: {
        "id": MINI,
        "endpoints": [
            {
                "pricing": [
                    {"billable": "output_image", "unit": "token", "cost_usd": 0.000008},
                    {"billable": "output_image", "unit": "image", "cost_usd": 0.036, "variant": "high"},
                    {"billable": "input_image", "unit": "token", "cost_usd": 0.0000025},
                    {"billable": "input_text", "unit": "token", "cost_usd": 0.000002},
                    {"billable": "input_font", "unit": "image", "cost_usd": 9},
                    {"billable": "output_image", "unit": "image", "cost_usd": "varies"},
                ]
            },
            {"pricing": [{"billable": "input_reference", "unit": "image", "cost_usd": 0.001}]},
        ],
    }
}


def parsed(models=MODELS, images=IMAGES, endpoints=LINES):
    return parse_models(models, images, endpoints)
