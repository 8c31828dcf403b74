"""Modals: which are refused, and how people fill them in."""

import pytest

from sandbox.discord.people import ClientRefused

MODAL = {
    "custom_id": "form",
    "title": "Form",
    "components": [{"type": 18, "label": "L", "component": {"type": 4, "style": 1, "custom_id": "text"}}],
}


def field(**more):
    return {"type": 4, "style": 1, "custom_id": "text"} | more


def label(component, **more):
    return {"type": 18, "label": "L", "component": component} | more


def group(kind, count, **more):
    return {
        "type": kind,
        "custom_id": "g",
        "options": [{"label": f"L{n}", "value": f"{n}"} for n in range(count)],
    } | more


BAD_MODALS = {
    "six parts": {"components": [label(field(custom_id=f"c{n}")) for n in range(6)]},
    "no parts": {"components": []},
    "title of 46": {"title": "x" * 46},
    "no custom id": {"custom_id": ""},
    "unknown field": {"colour": 1},
    "label of 46": {"components": [label(field(), label="x" * 46)]},
    "description of 101": {"components": [label(field(), description="x" * 101)]},
    "placeholder of 101": {"components": [label(field(placeholder="x" * 101))]},
    "value over its own limit": {"components": [label(field(value="abc", max_length=2))]},
    "value of 4001": {"components": [label(field(value="x" * 4001))]},
    "lengths the wrong way round": {"components": [label(field(min_length=5, max_length=4))]},
    "style 3": {"components": [label(field(style=3))]},
    "one custom id twice": {"components": [label(field()), label(field())]},
    "disabled": {"components": [label(group(3, 2, disabled=True))]},
    "button": {"components": [label({"type": 2, "style": 1, "label": "x", "custom_id": "x"})]},
    "gallery": {"components": [{"type": 12, "items": []}]},
    "one radio option": {"components": [label(group(21, 1))]},
    "eleven radio options": {"components": [label(group(21, 11))]},
    "two radio defaults": {
        "components": [
            label({"type": 21, "custom_id": "g", "options": [
                {"label": "a", "value": "a", "default": True}, {"label": "b", "value": "b", "default": True},
            ]})
        ]
    },
    "eleven boxes": {"components": [label(group(22, 11))]},
    "eleven uploads": {"components": [label({"type": 19, "custom_id": "f", "max_values": 11})]},
    "26 choices": {"components": [label(group(3, 26))]},
    "label around nothing": {"components": [{"type": 18, "label": "L"}]},
    "select placeholder of 151": {"components": [label(group(3, 2, placeholder="x" * 151))]},
}  # fmt: skip


@pytest.mark.sampled(6)
@pytest.mark.parametrize("change", BAD_MODALS.values(), ids=BAD_MODALS.keys())
async def test_bad_modal_is_refused(api, world, drawn, change):
    world.schemas = type(world.schemas)(None)

    status, error = await api.respond(drawn, 9, MODAL | change)

    assert (status, error["code"]) == (400, 50035)
    assert drawn.modal is None


async def test_modal_without_data_is_refused(api, world, drawn):
    assert (await api.respond(drawn, 9))[1]["code"] == 50035


async def test_modal_of_every_kind_is_filled_in(api, world, ada, drawn):
    modal = MODAL | {
        "components": [
            {"type": 10, "content": "Read this"},
            {"type": 1, "components": [field(label="Old")]},
            label(group(22, 3, max_values=2, required=False, min_values=0)),
            label({"type": 5, "custom_id": "who"}),
            label({"type": 21, "custom_id": "r", "required": False, "options": group(21, 2)["options"]}),
        ]
    }
    assert (await api.respond(drawn, 9, modal))[0] == 200

    submitted = await ada.submit(drawn, {"text": "x", "g": ["0", "1"], "who": [world.user("Grace")]})

    data = submitted.data
    assert data["components"][1]["components"][0]["value"] == "x"
    assert data["components"][2]["component"]["values"] == ["0", "1"]
    assert data["resolved"]["users"][str(world.user("Grace").id)]["global_name"] == "Grace"
    assert data["components"][4]["component"]["value"] is None


BAD_FIELDS = {
    "required text missing": {"text": ""},
    "text too long": {"text": "x" * 11},
    "unknown": {"text": "x", "other": "x"},
    "list for a text": {"text": ["x"]},
    "text for a list": {"text": "x", "g": "0"},
    "too many": {"text": "x", "g": ["0", "1"]},
    "not among the options": {"text": "x", "g": ["9"]},
    "radio not among the options": {"text": "x", "r": "9"},
    "file missing": {"text": "x", "f": []},
    "too many files": {"text": "x", "f": [("a", b"")] * 2},
}


@pytest.mark.parametrize("fields", BAD_FIELDS.values(), ids=BAD_FIELDS.keys())
async def test_client_marks_bad_fields(api, ada, drawn, fields):
    parts = [
        label(field(max_length=10)),
        label(group(22, 2, max_values=1)),
        label({"type": 21, "custom_id": "r", "options": group(21, 2)["options"]}),
        label({"type": 19, "custom_id": "f"}),
        label({"type": 23, "custom_id": "c"}),
    ]
    await api.respond(drawn, 9, MODAL | {"components": parts})

    with pytest.raises(ClientRefused):
        await ada.submit(drawn, {"g": ["0"], "r": "0", "f": [("a", b"x")]} | fields)
    assert (await ada.submit(drawn, {"text": "x", "g": ["0"], "r": "0", "f": [("a", b"x")]})).modal is None


async def test_form_is_submitted_by_whom_it_was_opened_for(api, world, drawn):
    await api.respond(drawn, 9, MODAL)

    with pytest.raises(ClientRefused):
        await world.person("Grace").submit(drawn, {"text": "x"})


async def test_defaults_are_sent_where_nothing_is_entered(api, ada, drawn):
    chosen = [{"label": "A", "value": "a", "default": True}, {"label": "B", "value": "b"}]
    parts = [
        label(field(required=False)),
        label({"type": 3, "custom_id": "s", "options": chosen}),
        label({"type": 22, "custom_id": "boxes", "options": chosen, "required": False}),
        label({"type": 23, "custom_id": "box", "default": True}),
        label({"type": 6, "custom_id": "roles", "required": False, "min_values": 0}),
    ]
    await api.respond(drawn, 9, MODAL | {"components": parts})

    submitted = await ada.submit(drawn, {})

    fields = [part["component"] for part in submitted.data["components"]]
    assert [one.get("value", one.get("values")) for one in fields] == ["", ["a"], ["a"], True, []]


async def test_modal_that_is_no_object_is_refused(api, world, drawn):
    world.schemas = type(world.schemas)(None)

    assert (await api.respond(drawn, 9, []))[1]["code"] == 50035
