"""Every setting with its default, and how they are read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from bot.domain.money import microusd
from bot.domain.quotas import Meter, Policy
from bot.domain.spoilers import Spoilers
from bot.errors import StartupError
from bot.settings.kinds import (
    Amount,
    BlobUrl,
    Categories,
    Copies,
    Count,
    Covers,
    DatabaseUrl,
    Dollars,
    File,
    Flag,
    Folder,
    Host,
    Key,
    LogForm,
    LogLevel,
    ModelName,
    Must,
    Names,
    OtherKey,
    OtherWeb,
    Part,
    Port,
    Says,
    Seconds,
    Setting,
    Socket,
    Token,
    Web,
    Zone,
    blobs_in_data_dir,
    database_in_data_dir,
    log_form,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

T = TypeVar("T")


class Settings(BaseSettings):
    """Everything that can be set, under its environment name in lower case. Frozen; `load` builds it."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    discord_token: Annotated[Token, Says("The bot's token. `easel run` needs it.", "none")] = None
    openrouter_api_key: Annotated[
        Key, Says("The key that pays for pictures. `easel run` needs it.", "none")
    ] = None
    image_models: Annotated[
        Names, Says("Models that draw, best first. When one is retired, the next takes its place.")
    ] = ("openai/gpt-5-image-mini", "openai/gpt-image-2.5-flare", "google/gemini-3.1-flash-image")
    chat_models: Annotated[Names, Says("Models that answer in words, best first.")] = (
        "openai/gpt-4o-mini",
        "openai/gpt-6-luna",
    )
    context_tokens: Annotated[
        Count, Says("Tokens of a conversation that are sent with each question; what is older is summed up.")
    ] = 24_000
    caption_results: Annotated[
        Flag,
        Says(
            "Whether a chat model writes alt text for every picture that is drawn, and a caption for those "
            "that people bring into a conversation. It costs about $0.0005 a picture."
        ),
    ] = True
    conversation_days: Annotated[
        Amount, Says("Days after which what was said to Easel is forgotten; channels may forget sooner.")
    ] = None
    removed_server_days: Annotated[
        Amount,
        Says("Days after which the data of a server is deleted that Easel was taken out of. none keeps it."),
    ] = 30
    default_images_per_day: Annotated[Amount, Says("Pictures a person may make in a server each day.")] = 20
    default_images_per_month: Annotated[
        Amount, Says("Pictures a person may make in a server each month.")
    ] = None
    default_messages_per_day: Annotated[
        Amount, Says("Messages a person may send to the model in a server each day.")
    ] = 100
    default_usd_per_day: Annotated[Dollars, Says("Dollars a person may spend in a server each day.")] = None
    default_usd_per_month: Annotated[Dollars, Says("Dollars a person may spend in a server each month.")] = (
        Decimal(5)
    )
    server_usd_per_month: Annotated[Dollars, Says("Dollars one server may spend each month.")] = None
    global_usd_per_day: Annotated[Dollars, Says("Dollars the whole bot may spend each day.")] = Decimal(25)
    global_usd_per_month: Annotated[Dollars, Says("Dollars the whole bot may spend each month.")] = None
    default_timezone: Annotated[Zone, Says("The time zone in which days and months begin.")] = "UTC"
    max_running_calls: Annotated[
        Count,
        Says("Paid requests that run at once; one model leaves an eighth, and at least one, to others."),
    ] = 32
    max_waiting_jobs: Annotated[Count, Says("Jobs that may wait, over all people.")] = 200
    max_jobs_per_server: Annotated[Count, Says("Jobs one server may have, waiting and running.")] = 100
    max_jobs_per_person: Annotated[Count, Says("Jobs one person may have, waiting and running.")] = 20
    max_running_jobs_per_person: Annotated[
        Count, Says("Jobs of one person that run at the same time; their others wait.")
    ] = 4
    drain_seconds: Annotated[Seconds, Says("How long a stop waits for running jobs.")] = 25
    spoiler_results: Annotated[
        Covers,
        Says(
            "Whether pictures on cards are covered until clicked: never, always, flagged for delicate ones, "
            "or outside_nsfw for everywhere but age-restricted channels."
        ),
    ] = Spoilers.NEVER
    blocked_words_file: Annotated[
        File,
        Says("A file of words that no server may use, one a line, as `/manage safety words` takes them."),
    ] = None
    moderation_url: Annotated[
        OtherWeb,
        Says(
            "A server that speaks OpenAI's moderation API, such as https://api.openai.com/v1. It gets "
            "people's words and pictures and what is drawn; what it flags is refused. Each server can "
            "turn it off.",
            "none",
        ),
    ] = None
    moderation_key: Annotated[OtherKey, Says("The key of that server.", "none")] = None
    moderation_model: Annotated[ModelName, Says("The moderation model that is asked.")] = (
        "omni-moderation-latest"
    )
    moderation_pictures: Annotated[Flag, Says("Whether that model looks at pictures, or at words alone.")] = (
        True
    )
    moderation_covered: Annotated[
        Categories,
        Says("Its categories, such as violence,sexual, that are let in; pictures of them are delicate."),
    ] = ()
    moderation_cover_score: Annotated[
        Part, Says("The score from which on a picture that is not flagged is delicate.")
    ] = Decimal("0.4")
    moderation_fails_open: Annotated[
        Flag,
        Says("Whether requests pass while that server is down or slow (5 s, pictures 10 s); you are told."),
    ] = True
    cooldown_after: Annotated[
        Count, Says("Refused requests within an hour after which a person takes a break in that server.")
    ] = 5
    cooldown_minutes: Annotated[
        Count, Says("Minutes that such a break lasts; it doubles each further time within a day.")
    ] = 30
    raid_accounts: Annotated[
        Amount,
        Says(
            "Accounts that ask within two minutes for a server to be slowed down for ten; "
            "one younger than a week counts as four."
        ),
    ] = 60
    review_hours: Annotated[
        Count,
        Says(
            "Hours that pictures wait for a server's moderators where they look first; then they stay back."
        ),
    ] = 24
    data_dir: Annotated[Folder, Says("Where the database and the pictures are kept.", "./data")] = Path(
        "data"
    )
    database_url: Annotated[DatabaseUrl, Says("The database. SQLite so far.", "easel.db in DATA_DIR")] = (
        Field(default_factory=database_in_data_dir)
    )
    blob_url: Annotated[
        BlobUrl, Says("Where pictures are kept: a folder, or a bucket that speaks S3.", "blobs in DATA_DIR")
    ] = Field(default_factory=blobs_in_data_dir)
    daily_backups: Annotated[
        Copies, Says("Copies of the database to keep, one made each night. 0 makes none.")
    ] = 3
    http_host: Annotated[Host, Says("Where health and metrics are served.")] = "127.0.0.1"
    http_port: Annotated[Port, Says("The port of health and metrics. 0 serves none.")] = 0
    log_format: Annotated[
        LogForm, Says("How logs are written, to standard error.", "console at a terminal, else json")
    ] = Field(default_factory=log_form)
    log_level: Annotated[LogLevel, Says("The least grave thing that is logged.")] = "INFO"
    message_content_intent: Annotated[
        Flag, Says("Whether the Message Content intent is on in the Developer Portal.")
    ] = False
    discord_api_url: Annotated[Web, Says("Discord's REST address. Only the sandbox needs another.")] = (
        "https://discord.com/api/v10"
    )
    discord_gateway_url: Annotated[
        Socket, Says("Discord's gateway address. Only the sandbox needs one.", "what Discord says")
    ] = None
    openrouter_base_url: Annotated[
        Web, Says("The model provider's address: OpenRouter, or a server that speaks its API.")
    ] = "https://openrouter.ai/api/v1"

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Trim every value; a variable that is set to nothing counts as not set, except for limits."""
        trimmed = {name: text.strip() if isinstance(text, str) else text for name, text in values.items()}
        limits = {"default_images", "default_messages", "default_usd", "server_usd", "global_usd"}
        return {
            name: text for name, text in trimmed.items() if text != "" or name.rsplit("_per_", 1)[0] in limits
        }

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment and `.env`, or `env` alone; StartupError says one line for each mistake."""
        try:
            if env is None:
                return cls()
            source = EnvSettingsSource(cls)
            source.env_vars = {name.lower(): value for name, value in env.items()}
            return cls(_build_sources=((source,), {}))  # pyright: ignore[reportCallIssue] - pydantic-settings' own parameter, hidden by the dataclass transform
        except ValidationError as error:
            raise StartupError("\n".join(_complaints(error))) from None  # the cause would show what was given
        except (OSError, UnicodeDecodeError):  # their text may hold a piece of a secret
            raise StartupError(".env cannot be read; make it a readable UTF-8 text file.") from None

    def require_discord(self) -> str:
        """Return the bot's token, or raise StartupError saying where to get one."""
        return self._require("DISCORD_TOKEN", self.discord_token)

    def require_model(self) -> str:
        """Return the provider's key, or raise StartupError saying where to get one."""
        return self._require("OPENROUTER_API_KEY", self.openrouter_api_key)

    def require_run(self) -> None:
        """Raise StartupError with a line for each secret that `easel run` misses."""
        secrets = (("DISCORD_TOKEN", self.discord_token), ("OPENROUTER_API_KEY", self.openrouter_api_key))
        missing = [_missing(name) for name, value in secrets if value is None]
        if missing:
            raise StartupError("\n".join(missing))

    @staticmethod
    def _require(name: str, value: SecretStr | None) -> str:
        if value is None:
            raise StartupError(_missing(name))
        return value.get_secret_value()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret that is set, for the log's redaction."""
        values = (self.discord_token, self.openrouter_api_key, self.moderation_key)
        return tuple(value.get_secret_value() for value in values if value is not None)

    @property
    def backups(self) -> Path:
        """Return the folder of the database's copies."""
        return self.data_dir / "backups"

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which allowances begin."""
        return ZoneInfo(self.default_timezone)

    @property
    def default_policy(self) -> Policy:
        """Return what a person may do in a server where nobody said otherwise."""
        return _policy(
            (Meter.IMAGES_PER_DAY, self.default_images_per_day),
            (Meter.IMAGES_PER_MONTH, self.default_images_per_month),
            (Meter.MESSAGES_PER_DAY, self.default_messages_per_day),
            (Meter.USD_PER_DAY, self.default_usd_per_day),
            (Meter.USD_PER_MONTH, self.default_usd_per_month),
        )

    @property
    def server_policy(self) -> Policy:
        """Return what one server may spend."""
        return _policy((Meter.USD_PER_MONTH, self.server_usd_per_month))

    @property
    def operator_policy(self) -> Policy:
        """Return what the whole bot may spend."""
        return _policy(
            (Meter.USD_PER_DAY, self.global_usd_per_day), (Meter.USD_PER_MONTH, self.global_usd_per_month)
        )


def _policy(*caps: tuple[Meter, int | Decimal | None]) -> Policy:
    """Return the policy of the caps that are set, dollars turned into micro-dollars."""
    return Policy(
        tuple(
            (meter, microusd(cap) if isinstance(cap, Decimal) else cap)
            for meter, cap in caps
            if cap is not None
        )
    )


def _missing(name: str) -> str:
    return f"{name} is not set: put {_by_name()[name].must} into the environment or into .env."


def _complaints(error: ValidationError) -> list[str]:
    """Return one sentence for each variable that cannot be used; never what was given, it may be a secret."""
    settings = _by_name()
    names = dict.fromkeys(
        str(detail["loc"][0]).upper()
        for detail in error.errors()
        if detail["type"] != "default_factory_not_called"
    )
    return [f"{name} must be {settings[name].must}." for name in names]


def _by_name() -> dict[str, Setting]:
    return {setting.name: setting for setting in described()}


def described() -> tuple[Setting, ...]:
    """Return every setting with its default and description, in the order of README."""
    return tuple(_described(name.upper(), field) for name, field in Settings.model_fields.items())


def _described(name: str, field: FieldInfo) -> Setting:
    says, must = _only(field, Says), _only(field, Must)
    example = _written(field.default) if says.default is None else ""
    return Setting(name, says.default or example, example, says.text, must.text)


def _written(default: object) -> str:
    """Return a default as it would be written into .env."""
    if isinstance(default, tuple):
        return ",".join(str(part) for part in cast("tuple[object, ...]", default)) or "none"
    return str(default).lower() if default is None or isinstance(default, bool) else str(default)


def _only(field: FieldInfo, kind: type[T]) -> T:
    """Return a field's one note of a kind."""
    (note,) = (note for note in field.metadata if isinstance(note, kind))
    return note
