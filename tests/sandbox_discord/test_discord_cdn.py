"""Addresses of files: signed, for a day, and what happens when the CDN misbehaves."""

import httpx
import pytest
from discord_bodies import png

from sandbox.discord.entities import Upload


@pytest.fixture
def attachment(world):
    return world.attach(world.channel("studio"), Upload("a b.png", png()))


async def test_signed_address_serves_the_file(world, api, attachment):
    response = await api.http.get(world.attachment_url(attachment))

    assert (response.status_code, response.content) == (200, png())
    assert response.headers["content-type"] == "image/png"


async def test_address_ends_after_a_day_and_a_new_one_is_given(world, api, attachment):
    url = world.attachment_url(attachment)
    world.clock.advance(86_300)
    assert (await api.http.get(url)).status_code == 200
    world.clock.advance(101)

    assert (await api.http.get(url)).status_code == 404
    assert (await api.http.get(world.attachment_url(attachment))).status_code == 200


async def test_forged_and_foreign_addresses_are_404(world, api, attachment):
    url = world.attachment_url(attachment)
    forged = (
        url.partition("?")[0],
        url.replace("hm=", "hm=0"),
        url.replace("ex=", "ex=f"),
        url.replace("ex=", "ex=z"),
        url.replace(str(attachment.id), "5"),
    )

    assert [(await api.http.get(one)).status_code for one in forged] == [404] * 5
    del world.attachments[attachment.id]
    assert (await api.http.get(url)).status_code == 404


async def test_files_of_commands_are_ephemeral(world, api, ada):
    interaction = await ada.slash("draw", {"prompt": "x"}, files={"reference": ("a.png", png())})

    (given,) = interaction.data["resolved"]["attachments"].values()
    assert given["ephemeral"] is True
    assert "/ephemeral-attachments/" in given["url"]
    assert (await api.http.get(given["url"])).content == png()


async def test_edit_signs_anew_and_takes_its_own_address_back(world, api):
    pic = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}
    _, message = await api(
        "POST", f"{api.channel()}/messages", {"flags": 1 << 15, "components": [pic]}, [(0, ("a.png", png()))]
    )
    url = message["components"][0]["items"][0]["media"]["url"]
    world.clock.advance(60)

    _, after = await api(
        "PATCH",
        f"{api.channel()}/messages/{message['id']}",
        {"components": [{"type": 12, "items": [{"media": {"url": url}}]}]},
    )

    media = after["components"][0]["items"][0]["media"]
    assert media["attachment_id"] == message["components"][0]["items"][0]["media"]["attachment_id"]
    assert media["url"] != url
    assert after["attachments"] == []


@pytest.mark.parametrize(("fault", "status"), [("not_found", 404), ("server_error", 503)])
async def test_cdn_fails_as_told(world, api, attachment, fault, status):
    world.faults.cdn = fault

    assert (await api.http.get(world.attachment_url(attachment))).status_code == status


async def test_slow_cdn_keeps_one_waiting(world, api, attachment):
    world.faults.cdn, world.faults.cdn_delay_s = "slow", 0.01

    assert (await api.http.get(world.attachment_url(attachment))).content == png()


@pytest.mark.further
async def test_lying_cdn_breaks_off_and_bomb_grows(sandbox):
    world = sandbox.world
    url = world.attachment_url(world.attach(world.channel("studio"), Upload("a.png", png())))
    async with httpx.AsyncClient() as http:
        world.faults.cdn = "lying_length"
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(url)

        world.faults.cdn = "gzip_bomb"
        async with http.stream("GET", url) as response:
            sent = [len(part) async for part in response.aiter_raw()]
            assert response.headers["content-encoding"] == "gzip"
            assert sum(sent) < 100_000


async def test_broken_answer_ends_in_the_middle(sandbox):
    from sandbox.discord.faults import Fault

    sandbox.world.faults.rest.append(Fault("GET", "/gateway$", 0))
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(f"{sandbox.url}/discord/api/v10/gateway")
        assert (await http.get(f"{sandbox.url}/discord/api/v10/gateway")).status_code == 200
