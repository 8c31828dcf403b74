from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.domain.quotas import Meter, Policy
from bot.errors import StartupError
from bot.settings import Settings, described

TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw.GabCde.abcdefghijklmnopqrstuvwxyz0123456789AB"
KEY = "sk-or-v1-0123456789abcdef"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("DISCORD_TOKEN", "two words", id="a token with a space"),
        pytest.param("OPENROUTER_API_KEY", "schlüssel", id="a key that no header takes"),
        pytest.param("DISCORD_API_URL", "discord.com/api", id="an address without a scheme"),
        pytest.param("DISCORD_API_URL", "https://", id="an address without a host"),
        pytest.param("DISCORD_API_URL", "https://host:0/", id="an address with port 0"),
        pytest.param("OPENROUTER_BASE_URL", "https://host:99999", id="an address with a port too high"),
        pytest.param("OPENROUTER_BASE_URL", "https://host/v1?key=1", id="an address with a query"),
        pytest.param("DISCORD_GATEWAY_URL", "https://gateway.discord.gg", id="a gateway that is no socket"),
        pytest.param("IMAGE_MODELS", " , ", id="no model"),
        pytest.param("IMAGE_MODELS", "openai/gpt 5", id="a model with a space"),
        pytest.param("DEFAULT_IMAGES_PER_DAY", "-1", id="less than no pictures"),
        pytest.param("DEFAULT_IMAGES_PER_MONTH", "2.5", id="half a picture"),
        pytest.param("DEFAULT_USD_PER_DAY", "five", id="dollars in words"),
        pytest.param("GLOBAL_USD_PER_DAY", "NaN", id="dollars that are no number"),
        pytest.param("GLOBAL_USD_PER_MONTH", "Infinity", id="endless dollars"),
        pytest.param("SERVER_USD_PER_MONTH", "-0.01", id="less than no dollars"),
        pytest.param("DEFAULT_TIMEZONE", "Mars/Olympus", id="a zone that is not"),
        pytest.param("DEFAULT_TIMEZONE", "America", id="a folder of zones"),
        pytest.param("DEFAULT_TIMEZONE", "../etc", id="a path as zone"),
        pytest.param("DATA_DIR", "~nobody-of-that-name/easel", id="a home of nobody"),
        pytest.param("DATABASE_URL", "easel.db", id="a database without a scheme"),
        pytest.param("BLOB_URL", "/srv/blobs", id="blobs without a scheme"),
        pytest.param("HTTP_HOST", "http://0.0.0.0", id="a host with a scheme"),
        pytest.param("HTTP_PORT", "65536", id="a port too high"),
        pytest.param("LOG_FORMAT", "xml", id="a form of logs that is not"),
        pytest.param("LOG_LEVEL", "LOUD", id="a level that is not"),
        pytest.param("MESSAGE_CONTENT_INTENT", "perhaps", id="neither yes nor no"),
        pytest.param("MAX_RUNNING_CALLS", "0", id="no call at all"),
        pytest.param("SPOILER_RESULTS", "sometimes", id="neither never nor always"),
        pytest.param("DRAIN_SECONDS", "-1", id="a wait into the past"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence_without_the_value(name, value):
    with pytest.raises(StartupError) as caught:
        Settings.load({name: value})

    must = {setting.name: setting.must for setting in described()}[name]
    assert str(caught.value) == f"{name} must be {must}."
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_several_mistakes_are_said_at_once():
    with pytest.raises(StartupError) as caught:
        Settings.load({"HTTP_PORT": "x", "LOG_LEVEL": "x", "DISCORD_TOKEN": "a b"})

    names = [line.split()[0] for line in str(caught.value).splitlines()]
    assert sorted(names) == ["DISCORD_TOKEN", "HTTP_PORT", "LOG_LEVEL"]


def test_a_folder_that_cannot_be_used_is_not_blamed_on_what_lies_in_it():
    with pytest.raises(StartupError) as caught:
        Settings.load({"DATA_DIR": "~nobody-of-that-name"})

    assert str(caught.value) == "DATA_DIR must be a folder."


def test_running_needs_both_secrets_and_other_commands_none():
    settings = Settings.load({})

    with pytest.raises(StartupError) as caught:
        settings.require_run()

    first, second = str(caught.value).splitlines()
    assert first.startswith("DISCORD_TOKEN is not set: ")
    assert second.startswith("OPENROUTER_API_KEY is not set: ")


def test_each_secret_is_asked_for_by_who_needs_it():
    with pytest.raises(StartupError, match=r"^DISCORD_TOKEN is not set"):
        Settings.load({"OPENROUTER_API_KEY": KEY}).require_discord()
    with pytest.raises(StartupError, match=r"^OPENROUTER_API_KEY is not set"):
        Settings.load({"DISCORD_TOKEN": TOKEN}).require_model()

    settings = Settings.load({"DISCORD_TOKEN": f" {TOKEN}\n", "OPENROUTER_API_KEY": KEY})

    settings.require_run()
    assert settings.require_discord() == TOKEN
    assert settings.require_model() == KEY
    assert settings.secrets == (TOKEN, KEY)


def test_secrets_do_not_print():
    settings = Settings.load({"DISCORD_TOKEN": TOKEN, "OPENROUTER_API_KEY": KEY})

    for shown in (repr(settings), str(settings), settings.model_dump_json(), f"{settings.model_dump()}"):
        assert TOKEN not in shown
        assert KEY not in shown


def test_settings_cannot_be_changed():
    settings = Settings.load({})

    with pytest.raises(ValidationError, match="frozen"):
        settings.http_port = 1


def test_everything_has_a_default(folder):
    settings = Settings.load({})

    assert settings.data_dir == folder / "data"
    assert settings.database_url == f"sqlite:///{folder}/data/easel.db"
    assert settings.blob_url == f"file://{folder}/data/blobs"
    assert settings.image_models[0] == "openai/gpt-5-image-mini"
    assert settings.zone == ZoneInfo("UTC")
    assert settings.log_format == "json"
    assert not settings.message_content_intent
    assert settings.secrets == ()


def test_what_is_set_wins(folder):
    settings = Settings.load(
        {
            "data_dir": "elsewhere",
            "IMAGE_MODELS": " a/b, c/d ,a/b,",
            "DISCORD_API_URL": "http://127.0.0.1:8000/api/v10///",
            "DISCORD_GATEWAY_URL": "ws://127.0.0.1:8000/",
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "Console",
            "MESSAGE_CONTENT_INTENT": "yes",
            "HTTP_PORT": " 8080 ",
        }
    )

    assert settings.database_url == f"sqlite:///{folder}/elsewhere/easel.db"
    assert settings.image_models == ("a/b", "c/d")
    assert settings.discord_api_url == "http://127.0.0.1:8000/api/v10"
    assert settings.discord_gateway_url == "ws://127.0.0.1:8000"
    assert (settings.log_level, settings.log_format) == ("DEBUG", "console")
    assert settings.message_content_intent
    assert settings.http_port == 8080


def test_a_variable_that_is_set_to_nothing_is_not_set():
    settings = Settings.load(
        {"HTTP_PORT": "", "DISCORD_TOKEN": " ", "DISCORD_GATEWAY_URL": "", "IMAGE_MODELS": ""}
    )

    assert settings == Settings.load({})


@pytest.mark.parametrize("nothing", ["none", "None", ""], ids=["none", "None", "empty"])
def test_none_lifts_a_limit(nothing):
    settings = Settings.load(
        dict.fromkeys(
            (
                "DEFAULT_IMAGES_PER_DAY",
                "DEFAULT_MESSAGES_PER_DAY",
                "DEFAULT_USD_PER_MONTH",
                "GLOBAL_USD_PER_DAY",
            ),
            nothing,
        )
    )

    assert settings.default_policy == Policy()
    assert settings.operator_policy == Policy()


def test_zero_allows_nothing():
    settings = Settings.load({"DEFAULT_IMAGES_PER_DAY": "0", "SERVER_USD_PER_MONTH": "0"})

    assert (Meter.IMAGES_PER_DAY, 0) in settings.default_policy.caps
    assert settings.server_policy == Policy(((Meter.USD_PER_MONTH, 0),))


def test_dollars_become_micro_dollars():
    settings = Settings.load({"DEFAULT_USD_PER_DAY": "0.123456", "GLOBAL_USD_PER_MONTH": "100.10"})

    assert settings.default_usd_per_day == Decimal("0.123456")
    assert settings.default_policy == Policy(
        (
            (Meter.IMAGES_PER_DAY, 20),
            (Meter.MESSAGES_PER_DAY, 100),
            (Meter.USD_PER_DAY, 123_456),
            (Meter.USD_PER_MONTH, 5_000_000),
        )
    )
    assert settings.operator_policy == Policy(
        ((Meter.USD_PER_DAY, 25_000_000), (Meter.USD_PER_MONTH, 100_100_000))
    )


def test_the_file_is_read_and_the_environment_wins(folder, monkeypatch):
    (folder / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\nHTTP_PORT=1\nUNKNOWN=x\n")
    monkeypatch.setenv("HTTP_PORT", "2")

    settings = Settings.load()

    assert settings.require_discord() == TOKEN
    assert settings.http_port == 2


def test_a_mapping_stands_alone(folder, monkeypatch):
    (folder / ".env").write_text("HTTP_PORT=1\n")
    monkeypatch.setenv("HTTP_PORT", "2")

    assert Settings.load({}).http_port == 0


def test_a_file_that_is_not_text_is_one_sentence(folder):
    (folder / ".env").write_bytes(b"DISCORD_TOKEN=\xff\xfe")

    with pytest.raises(StartupError, match=r"^\.env cannot be read; make it a readable UTF-8 text file\.$"):
        Settings.load()


def test_logs_are_for_people_at_a_terminal(monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    assert Settings.load({}).log_format == "console"


def test_a_folder_below_home_is_found():
    assert Settings.load({"DATA_DIR": "~/easel"}).data_dir == Path.home() / "easel"
