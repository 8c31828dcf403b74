"""Pictures and data URLs for the tests of the loopback model."""

from __future__ import annotations

import io

import pybase64
from PIL import Image


def picture_bytes(image_format: str = "PNG", colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (48, 32), colour).save(file, image_format)
    return file.getvalue()


def data_url(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{pybase64.b64encode(data).decode()}"
