"""Components that Discord refuses are refused, and where."""

import pytest

TEXT = {"type": 10, "content": "hello"}
V2 = 1 << 15


def button(custom_id="go", **more):
    return {"type": 2, "style": 1, "label": "Go", "custom_id": custom_id} | more


def row(*children):
    return {"type": 1, "components": list(children)}


def select(**more):
    return {"type": 3, "custom_id": "pick", "options": [{"label": "A", "value": "a"}]} | more


def gallery(*items):
    return {"type": 12, "items": list(items)}


def item(url="https://example.com/a.png", **more):
    return {"media": {"url": url}} | more


def section(*texts, accessory=None):
    return {"type": 9, "components": list(texts), "accessory": accessory or button()}


def container(*children, **more):
    return {"type": 17, "components": list(children)} | more


def options(count, **more):
    return [{"label": f"L{n}", "value": f"v{n}"} | more for n in range(count)]


GOOD = {
    "text": [TEXT],
    "everything": [
        container(
            TEXT,
            section(TEXT, accessory={"type": 11, "media": {"url": "https://example.com/a.png"}}),
            gallery(item(description="x" * 1024), item(spoiler=True)),
            {"type": 14, "divider": True, "spacing": 2},
            row(button(), {"type": 2, "style": 5, "label": "Read", "url": "https://example.com"}),
            row(select(placeholder="x" * 150)),
            row({"type": 5, "custom_id": "who", "min_values": 0, "max_values": 25}),
            accent_color=0,
        )
    ],
    "forty": [container(*[TEXT] * 39)],
    "emoji for a label": [row({"type": 2, "style": 1, "custom_id": "x", "emoji": {"name": "🎨"}})],
    "premium": [row({"type": 2, "style": 6, "sku_id": "123"})],
    "ids of its own": [TEXT | {"id": 7}, TEXT],
}


@pytest.mark.parametrize("components", GOOD.values(), ids=GOOD.keys())
async def test_good_components_are_taken_and_numbered(api, components):
    status, message = await api("POST", f"{api.channel()}/messages", {"flags": V2, "components": components})

    assert status == 200, message
    assert message["components"][0]["id"] >= 1


BAD = {
    "forty-one nested": ([container(*[TEXT] * 40)], "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    "4001 characters in all": (
        [TEXT | {"content": "x" * 2001}] * 2,
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "empty text": ([TEXT | {"content": ""}], "BASE_TYPE_BAD_LENGTH"),
    "eleven pictures": ([gallery(*[item()] * 11)], "BASE_TYPE_BAD_LENGTH"),
    "no picture": ([gallery()], "BASE_TYPE_BAD_LENGTH"),
    "alt of 1025": ([gallery(item(description="x" * 1025))], "BASE_TYPE_MAX_LENGTH"),
    "unknown field of a picture": ([gallery(item(alt="x"))], "UNKNOWN_FIELD"),
    "unknown field": ([TEXT | {"text": "x"}], "UNKNOWN_FIELD"),
    "address of a file on disk": ([gallery(item("file:///etc/passwd"))], "URL_TYPE_INVALID_SCHEME"),
    "picture without media": ([gallery({})], "URL_TYPE_INVALID_SCHEME"),
    "file by address": ([{"type": 13, "file": {"url": "https://example.com/a"}}], "URL_TYPE_INVALID_SCHEME"),
    "attachment that was not sent": (
        [gallery(item("attachment://pic.png"))],
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    "one custom id twice": ([row(button(), button())], "COMPONENT_CUSTOM_ID_DUPLICATED"),
    "one custom id twice, apart": (
        [row(button()), container(row(button()))],
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "custom id of 101": ([row(button("x" * 101))], "BASE_TYPE_MAX_LENGTH"),
    "no custom id": ([row({"type": 2, "style": 1, "label": "Go"})], "BASE_TYPE_BAD_LENGTH"),
    "label of 81": ([row(button(label="x" * 81))], "BASE_TYPE_MAX_LENGTH"),
    "neither label nor emoji": ([row({"type": 2, "style": 1, "custom_id": "x"})], "BASE_TYPE_REQUIRED"),
    "style 7": ([row(button(style=7))], "BASE_TYPE_CHOICES"),
    "link with custom id": (
        [row(button(style=5, url="https://example.com"))],
        "BUTTON_COMPONENT_CUSTOM_ID",
    ),
    "link to nowhere": (
        [row({"type": 2, "style": 5, "label": "x", "url": "nowhere"})],
        "URL_TYPE_INVALID_SCHEME",
    ),
    "address on an ordinary button": ([row(button(url="https://e.com"))], "BUTTON_COMPONENT_INVALID_URL"),
    "premium with a label": (
        [row({"type": 2, "style": 6, "sku_id": "1", "label": "x"})],
        "BUTTON_COMPONENT_PREMIUM",
    ),
    "six buttons": ([row(*(button(f"b{n}") for n in range(6)))], "BASE_TYPE_BAD_LENGTH"),
    "empty row": ([row()], "BASE_TYPE_BAD_LENGTH"),
    "select beside a button": ([row(select(), button())], "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    "twenty-six options": ([row(select(options=options(26)))], "BASE_TYPE_BAD_LENGTH"),
    "one option twice": (
        [row(select(options=[*options(1), *options(1)]))],
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "more values than options": ([row(select(max_values=2))], "NUMBER_TYPE_MAX"),
    "fewest above most": ([row(select(min_values=2, options=options(3)))], "NUMBER_TYPE_MAX"),
    "placeholder of 151": ([row(select(placeholder="x" * 151))], "BASE_TYPE_MAX_LENGTH"),
    "section of four": ([section(*[TEXT] * 4)], "BASE_TYPE_BAD_LENGTH"),
    "section without accessory": ([{"type": 9, "components": [TEXT]}], "BASE_TYPE_REQUIRED"),
    "container in a container": ([container(container(TEXT))], "UNION_TYPE_CHOICES"),
    "button on top": ([button()], "UNION_TYPE_CHOICES"),
    "modal's label in a message": ([{"type": 18, "label": "x", "component": {}}], "UNION_TYPE_CHOICES"),
    "colour beyond white": ([container(TEXT, accent_color=0x1000000)], "NUMBER_TYPE_MAX"),
    "spacing of 3": ([{"type": 14, "spacing": 3}], "BASE_TYPE_CHOICES"),
    "one id twice": ([TEXT | {"id": 3}, TEXT | {"id": 3}], "COMPONENT_ID_DUPLICATED"),
    "no components": ([], "BASE_TYPE_BAD_LENGTH"),
    "an object for a list": ({}, "LIST_TYPE_CONVERT"),
    "a text for an object": (["x"], "DICT_TYPE_CONVERT"),
}


def codes(error):
    if isinstance(error, dict):
        for key, value in error.items():
            yield from ([one["code"] for one in value] if key == "_errors" else codes(value))


@pytest.mark.parametrize(("components", "code"), BAD.values(), ids=BAD.keys())
async def test_bad_components_are_refused_by_our_own_checks(api, world, components, code):
    world.schemas = type(world.schemas)(None)

    status, error = await api("POST", f"{api.channel()}/messages", {"flags": V2, "components": components})

    assert (status, error["code"]) == (400, 50035)
    assert list(codes(error["errors"])) == [code]
    assert world.channel("studio").messages == {}


OLD = {
    "six rows": [row(button(f"b{n}")) for n in range(6)],
    "text without the flag": [TEXT],
    "container without the flag": [container(TEXT)],
}


@pytest.mark.parametrize("components", OLD.values(), ids=OLD.keys())
async def test_old_messages_take_rows_alone(api, components):
    status, error = await api("POST", f"{api.channel()}/messages", {"content": "x", "components": components})

    assert (status, error["code"]) == (400, 50035)
