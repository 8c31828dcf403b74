from __future__ import annotations

import errno
import io
import json
import logging

import pytest
import structlog

from bot.telemetry import logs

TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw.GabCde.abcdefghijklmnopqrstuvwxyz0123456789AB"
KEY = "plain-looking-key"


@pytest.fixture
def stream():
    """Leave logging as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logs.QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(KEY, id="a configured value"),
        pytest.param(TOKEN, id="a token's shape"),
        pytest.param("sk-or-v1-0123456789abcdef", id="a key's shape"),
        pytest.param("Bot abcdefghijklmnopqrstuvwx", id="a header's value"),
        pytest.param("https://d.com/api/v10/webhooks/42/aW50ZXJhY3Rpb24", id="an interaction's token"),
    ],
)
def test_a_secret_never_reaches_the_log(form, secret, stream):
    logs.configure(form=form, level="INFO", secrets=[KEY], stream=stream)

    logging.getLogger("discord.http").warning("sent %s", secret)
    logging.getLogger("httpx").error("headers %s", {"Authorization": secret, "url": secret})
    structlog.get_logger().info("event", value=secret, nested={"inner": [secret]}, words="a cat", raw=b"abc")
    try:
        raise ValueError(secret)
    except ValueError:
        logging.getLogger("bot").exception("broke")

    written = stream.getvalue()
    assert secret.rpartition(" ")[2].rpartition("/")[2] not in written
    assert "a cat" not in written
    assert "[3 bytes]" in written
    assert "ValueError" in written
    assert "sent" in written


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, "no room"), ValueError("closed file")])
@pytest.mark.parametrize("level", ["info", "warning", "error", "exception"])
def test_a_line_that_cannot_be_written_breaks_nothing(trouble, level, stream):
    def write(_text):
        raise trouble

    stream.write = write
    logs.configure(form="json", level="INFO", stream=stream)

    getattr(structlog.get_logger("bot"), level)("event", value=1)


def test_easel_s_own_lines_keep_to_the_level_and_name_who_says_them(stream):
    logs.configure(form="json", level="WARNING", stream=stream)

    structlog.get_logger("bot.app").info("quiet")
    structlog.get_logger("bot.app").warning("loud %s", "and clear")

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("loud and clear", "warning", "bot.app")


def test_ordinary_words_about_the_bot_stay_readable(stream):
    logs.configure(form="json", level="INFO", stream=stream)

    logging.getLogger("bot.app").info("the bot connected, authorization pending, %d servers", 3)

    (line,) = lines(stream)
    assert line["event"] == "the bot connected, authorization pending, 3 servers"
    assert line["logger"] == "bot.app"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_an_authorization_header_written_out_is_hidden(stream):
    logs.configure(form="json", level="INFO", stream=stream)

    logging.getLogger("bot").info("Authorization: abc123")

    assert lines(stream)[0]["event"] == "Authorization: [redacted]"


def test_numbers_keep_their_kind(stream):
    logs.configure(form="json", level="INFO", stream=stream)

    structlog.get_logger().info("settled", cost=1200, cached=None, share=0.5, ids={3})

    line = lines(stream)[0]
    assert (line["cost"], line["cached"], line["share"], line["ids"]) == (1200, None, 0.5, [3])


def test_libraries_that_log_bodies_stay_quiet_at_debug(stream):
    logs.configure(form="json", level="DEBUG", stream=stream)

    logging.getLogger("discord.http").debug("body")
    logging.getLogger("aiosqlite").debug("INSERT a prompt")
    logging.getLogger("httpx").info("HTTP Request")
    logging.getLogger("bot").debug("ours")

    assert [line["event"] for line in lines(stream)] == ["ours"]


def test_a_higher_level_than_a_librarys_holds(stream):
    logs.configure(form="json", level="ERROR", stream=stream)

    logging.getLogger("discord").warning("not this")

    assert stream.getvalue() == ""


def test_configuring_twice_writes_each_line_once(stream):
    logs.configure(form="json", level="INFO", stream=stream)
    logs.configure(form="json", level="INFO", stream=stream)

    logging.getLogger("bot").info("once")

    assert len(lines(stream)) == 1
