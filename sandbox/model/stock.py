"""The sandbox's stock of models: their entries, as the real catalogue had them in November 2026."""

from __future__ import annotations

from typing import Any

_OPENAI_QUALITIES = {"type": "enum", "values": ["auto", "low", "medium", "high"]}
_GPT_PARAMETERS = (
    "frequency_penalty",
    "include_reasoning",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "presence_penalty",
    "reasoning",
    "response_format",
    "seed",
    "stop",
    "structured_outputs",
    "temperature",
    "top_logprobs",
    "top_p",
)
_GEMINI_ASPECTS = "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:4 4:1 1:8 8:1".split()  # noqa: SIM905 - reads better
_FLUX_ASPECTS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "9:21"]


def _line(billable: str, unit: str, usd: float, variant: str | None = None) -> dict[str, Any]:
    """Return one price line of the pictures endpoint."""
    line: dict[str, Any] = {"billable": billable, "unit": unit, "cost_usd": usd}
    return line if variant is None else line | {"variant": variant}


GPT_5_IMAGE_MINI: dict[str, Any] = {
    "id": "openai/gpt-5-image-mini",
    "name": "OpenAI: GPT-5 Image Mini",
    "description": "GPT-5 Mini with GPT Image 1 Mini: talks and draws in one turn.",
    "provider": "OpenAI",
    "created": 1760624583,
    "inputs": ("file", "image", "text"),
    "outputs": ("image", "text"),
    "tokenizer": "GPT",
    "pricing": {
        "prompt": "0.0000025",
        "completion": "0.000002",
        "input_cache_read": "0.00000025",
        "web_search": "0.01",
    },
    "in_images": True,
    "context_length": 400_000,
    "max_completion_tokens": 128_000,
    "is_moderated": True,
    "chat_parameters": _GPT_PARAMETERS,
    "image_parameters": {
        "quality": _OPENAI_QUALITIES,
        "background": {"type": "enum", "values": ["auto", "transparent", "opaque"]},
        "n": {"type": "range", "min": 1, "max": 10},
        "input_references": {"type": "range", "min": 0, "max": 16},
        "output_compression": {"type": "range", "min": 0, "max": 100},
    },
    "image_prices": (
        _line("output_image", "token", 0.000008),
        _line("input_image", "token", 0.0000025),
        _line("input_text", "token", 0.000002),
    ),
    "expires_on": "2026-12-10",
}
GPT_IMAGE_FLARE: dict[str, Any] = {
    "id": "openai/gpt-image-2.5-flare",
    "name": "OpenAI: GPT Image 2.5 Flare",
    "description": "Pictures only; fast and cheap. Served by the pictures endpoint alone.",
    "provider": "OpenAI",
    "created": 1788220800,
    "inputs": ("image", "text"),
    "outputs": ("image",),
    "tokenizer": "Other",
    "pricing": {"prompt": "0", "completion": "0"},
    "in_chat": False,
    "in_images": True,
    "image_parameters": {
        "quality": {"type": "enum", "values": ["auto", "low", "medium", "high", "xhigh", "max"]},
        "aspect_ratio": {"type": "enum", "values": ["1:1", "2:3", "3:2", "9:16", "16:9"]},
        "n": {"type": "range", "min": 1, "max": 10},
        "background": {"type": "enum", "values": ["auto", "opaque"]},
        "output_format": {"type": "enum", "values": ["png", "jpeg", "webp"]},
        "output_compression": {"type": "range", "min": 0, "max": 100},
        "input_references": {"type": "range", "min": 0, "max": 16},
    },
    "image_prices": (
        _line("output_image", "image", 0.0053, "low"),
        _line("output_image", "image", 0.0168, "medium"),
        _line("output_image", "image", 0.0532, "high"),
        _line("output_image", "image", 0.094, "xhigh"),
        _line("output_image", "image", 0.141, "max"),
        _line("input_reference", "image", 0.0118),
    ),
    "streams_images": True,
}
GEMINI_FLASH_IMAGE: dict[str, Any] = {
    "id": "google/gemini-3.1-flash-image",
    "name": "Google: Gemini 3.1 Flash Image",
    "description": "Talks and draws; honours aspect ratios and seeds.",
    "provider": "Google",
    "created": 1773792000,
    "inputs": ("image", "text"),
    "outputs": ("image", "text"),
    "tokenizer": "Gemini",
    "pricing": {"prompt": "0.0000005", "completion": "0.000003", "image_output": "0.00003"},
    "in_images": True,
    "context_length": 65_536,
    "max_completion_tokens": 32_768,
    "chat_parameters": (
        "max_tokens",
        "response_format",
        "seed",
        "structured_outputs",
        "temperature",
        "top_p",
    ),
    "image_parameters": {
        "aspect_ratio": {"type": "enum", "values": _GEMINI_ASPECTS},
        "seed": {"type": "boolean"},
        "n": {"type": "range", "min": 1, "max": 1},
        "input_references": {"type": "range", "min": 0, "max": 14},
    },
    "image_prices": (
        _line("output_image", "token", 0.00003),
        _line("input_text", "token", 0.0000005),
        _line("input_image", "token", 0.0000005),
    ),
    # On the pictures endpoint this model really answers in JPEG (recorded).
    "picture_format": "jpeg",
    "honours_image_config": True,
}
FLUX_PRO: dict[str, Any] = {
    "id": "black-forest-labs/flux.2-pro",
    "name": "Black Forest Labs: FLUX.2 Pro",
    "description": "Pictures only; takes every option: shapes, seeds, backgrounds, formats.",
    "provider": "Black Forest Labs",
    "created": 1764028800,
    "inputs": ("text", "image"),
    "outputs": ("image",),
    "tokenizer": "Other",
    "pricing": {"prompt": "0", "completion": "0", "image_output": "0.00000732"},
    "in_images": True,
    "context_length": 46_864,
    "max_completion_tokens": 46_864,
    "chat_parameters": ("max_tokens", "seed"),
    "image_parameters": {
        "aspect_ratio": {"type": "enum", "values": _FLUX_ASPECTS},
        "seed": {"type": "boolean"},
        "n": {"type": "range", "min": 1, "max": 10},
        "quality": _OPENAI_QUALITIES,
        "background": {"type": "enum", "values": ["auto", "transparent", "opaque"]},
        "output_format": {"type": "enum", "values": ["png", "jpeg", "webp"]},
        "output_compression": {"type": "range", "min": 0, "max": 100},
        "input_references": {"type": "range", "min": 0, "max": 8},
    },
    "image_prices": (
        _line("output_image", "megapixel", 0.03),
        _line("input_reference", "image", 0.015),
    ),
    "honours_image_config": True,
}
GPT_4O_MINI: dict[str, Any] = {
    "id": "openai/gpt-4o-mini",
    "name": "OpenAI: GPT-4o-mini",
    "description": "A small model for text and vision.",
    "provider": "OpenAI",
    "created": 1721260800,
    "inputs": ("text", "image", "file"),
    "outputs": ("text",),
    "tokenizer": "GPT",
    "pricing": {"prompt": "0.00000015", "completion": "0.0000006", "input_cache_read": "0.000000075"},
    "is_moderated": True,
    "chat_parameters": (
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_tokens",
        "presence_penalty",
        "response_format",
        "seed",
        "stop",
        "structured_outputs",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
    ),
    "expires_on": "2027-01-14",
}
GPT_6_LUNA: dict[str, Any] = {
    "id": "openai/gpt-6-luna",
    "name": "OpenAI: GPT-6 Luna",
    "description": "The successor of the small text models.",
    "provider": "OpenAI",
    "created": 1786752000,
    "inputs": ("text", "image", "file"),
    "outputs": ("text",),
    "tokenizer": "GPT",
    "pricing": {"prompt": "0.0000002", "completion": "0.0000012", "input_cache_read": "0.00000002"},
    "context_length": 400_000,
    "max_completion_tokens": 128_000,
    "chat_parameters": (
        "include_reasoning",
        "max_tokens",
        "reasoning",
        "response_format",
        "seed",
        "structured_outputs",
        "tool_choice",
        "tools",
    ),
}
LLAMA: dict[str, Any] = {
    "id": "meta-llama/llama-3.2-3b-instruct",
    "name": "Meta: Llama 3.2 3B Instruct",
    "description": "Words alone: it sees nothing and calls no tools.",
    "provider": "DeepInfra",
    "created": 1727222400,
    "inputs": ("text",),
    "outputs": ("text",),
    "tokenizer": "Llama3",
    "pricing": {"prompt": "0.00000002", "completion": "0.00000002"},
    "context_length": 131_072,
    "chat_parameters": ("frequency_penalty", "max_tokens", "seed", "stop", "temperature", "top_k", "top_p"),
}
STOCK = (GPT_5_IMAGE_MINI, GPT_IMAGE_FLARE, GEMINI_FLASH_IMAGE, FLUX_PRO, GPT_4O_MINI, GPT_6_LUNA, LLAMA)
