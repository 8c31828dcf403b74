"""Questions to the loopback model: with tools, forms, pictures and files."""

from __future__ import annotations

import zlib

import pybase64
from sandbox_model_kit import data_url, picture_bytes

TOOL = {
    "type": "function",
    "function": {
        "name": "draw_picture",
        "description": "Draw.",
        "parameters": {
            "type": "object",
            "properties": {"prompt": {"type": "string"}, "count": {"type": "integer"}},
            "required": ["prompt"],
        },
    },
}
QUOTA = {
    "type": "function",
    "function": {"name": "quota", "parameters": {"type": "object", "properties": {}}},
}
RECEIPT = {
    "type": "object",
    "properties": {
        "shop": {"type": "string"},
        "total": {"type": "number"},
        "tip": {"type": ["number", "null"]},
        "vat_id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "paid": {"type": "boolean"},
        "currency": {"enum": ["EUR", "USD"]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        "kind": {"const": "receipt"},
        "pages": {"type": "integer", "minimum": 1},
    },
    "required": ["shop", "total", "tip", "vat_id", "paid", "currency", "items", "kind", "pages"],
    "additionalProperties": False,
    "$defs": {
        "item": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        }
    },
}


def form(schema, name="receipt", *, strict=True):
    described = {"name": name, "strict": strict, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def says(text, *parts):
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": text}, *parts]}]}


def picture(data=None, **extra):
    return {"type": "image_url", "image_url": {"url": data_url(data or picture_bytes()), **extra}}


def file(name, data, media_type="text/plain"):
    written = f"data:{media_type};base64,{pybase64.b64encode(data).decode()}"
    return {"type": "file", "file": {"filename": name, "file_data": written}}


def pdf(*lines):
    shown = b"BT " + b" ".join(b"(%b) Tj" % line.encode() for line in lines) + b" [(Tot) 3 (al: 3.20)] TJ ET"
    packed = zlib.compress(shown)
    return b"%PDF-1.4\n<< /Type /Pages >> << /Type /Page >>\nstream\n" + packed + b"\nendstream\n%%EOF"
