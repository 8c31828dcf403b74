"""What tests send: pictures, and messages with files."""

from io import BytesIO

from PIL import Image

V2 = 1 << 15
TEXT = {"type": 10, "content": "hello"}
PIC = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}, "description": "a"}]}


def png(width=8, height=6):
    """Return a small picture."""
    out = BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


async def post(api, body, files=(), channel="studio"):
    """Post a message as the bot."""
    return await api("POST", f"{api.channel(channel)}/messages", body, files)
