"""The `easel` command. Rooms are imported by the command that needs them, so that --help is quick."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.errors import DatabaseDamaged, StartupError, StorageTrouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.settings import Settings

CANNOT_START = 2
"""The exit status of a StartupError; 1 is for what broke."""
NO_ROOM = "There is no room left on the disk. Make some where the database and the pictures are."
NOT_BEGUN = b"Stopped before anything had begun.\n"


class Easel(click.Group):
    """A group of commands whose StartupErrors are lines for the operator, not tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; say what the operator has to mend and leave with status 2."""
        try:
            return super().invoke(ctx)
        except StartupError as error:
            click.echo(str(error), err=True)
            if isinstance(error, DatabaseDamaged):
                click.echo(_advice(), err=True)
            ctx.exit(CANNOT_START)
        except (StorageTrouble, OSError) as error:
            from bot.storage.disk import is_full  # what `--help` need not load

            if isinstance(error, OSError) and not is_full(error):
                raise
            click.echo(NO_ROOM, err=True)
            ctx.exit(CANNOT_START)


@click.group(cls=Easel, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="easel", prog_name="easel")
def main() -> None:
    """Easel, an image studio and assistant for Discord servers."""


@main.command()
def run() -> None:
    """Run the bot until it is told to stop."""
    _when_told_to_stop(_leave_at_once)  # until the loop hears it
    gc.disable()  # until the house stands: what is imported is no garbage, and looking takes a fifth of it
    try:
        settings = _settings()
        settings.require_run()
        _log(settings)
        _upgrade(settings)
        from bot.app import run as run_bot

        asyncio.run(run_bot(settings))
    finally:
        _when_told_to_stop(signal.SIG_IGN)  # it is leaving


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def sandbox(options: tuple[str, ...]) -> None:
    """Try Easel in the browser, without Discord."""
    from importlib.util import find_spec

    if not all(find_spec(name) for name in ("sandbox", "nicegui")):
        raise StartupError("The sandbox is not installed. Type: make sandbox.")
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *options])  # noqa: S606 - our own module; signals go straight to it


@main.command()
def doctor() -> None:
    """Check what Easel needs, and say how to mend it."""
    from bot.doctor import examine
    from bot.telemetry.logs import quiet_retries

    quiet_retries()
    settings = _settings()
    logging.getLogger("bot").addHandler(logging.NullHandler())  # its findings say it better
    findings = asyncio.run(examine(settings))
    for finding in findings:
        click.echo(str(finding))
    click.get_current_context().exit(int(any(finding.is_problem for finding in findings)))


@main.command()
@click.option(
    "--days", default=14, show_default=True, type=click.IntRange(1, 366), help="How many days to show."
)
@click.option(
    "--by",
    default="day",
    show_default=True,
    type=click.Choice(["day", "server", "person", "command", "model"]),
    help="What to tell apart.",
)
@click.option("--server", type=int, help="The id of one server; 0 for direct messages.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, amounts in dollars.")
def usage(days: int, by: str, server: int | None, as_csv: bool) -> None:
    """Show what was spent, by day, server, person, command or model."""
    from bot.domain.usage import By
    from bot.usage import spending

    click.echo(asyncio.run(spending(_settings(), days, by=By(by), server=server, as_csv=as_csv)))


@main.command()
@click.argument("target", type=click.Path(path_type=Path, resolve_path=True))
def backup(target: Path) -> None:
    """Copy the database and the pictures into a new folder."""
    from bot.storage.backup import backup as back_up

    settings = _settings()
    report = asyncio.run(back_up(settings.database_url, settings.blob_url, target))
    click.echo(f"Backed up {report.files} files and the database to {target}.")
    _say_missing(report.missing)


@main.command()
@click.argument("source", type=click.Path(path_type=Path, resolve_path=True))
def restore(source: Path) -> None:
    """Bring a backup back to where there is no database yet."""
    from bot.storage.backup import restore as bring_back

    settings = _settings()
    report = asyncio.run(bring_back(source, settings.database_url, settings.blob_url))
    click.echo(f"Restored {report.files} files and the database from {source}.")
    _say_missing(report.missing)


@main.command()
def migrate() -> None:
    """Bring the database to this version's form."""
    revision = _upgrade(_settings())
    click.echo(f"The database is at revision {revision}." if revision else "The database is up to date.")


def _when_told_to_stop(do: Callable[..., None] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, do)


def _leave_at_once(*_: object) -> None:
    """End the process, wherever it is: an upgrade of the database that is under way has not happened then.

    To raise something would not do: what is imported or called back just then may swallow or print it.
    """
    with suppress(OSError):
        os.write(2, NOT_BEGUN)
    os._exit(0)


def _settings() -> Settings:
    from bot.settings import Settings

    return Settings.load()


def _log(settings: Settings) -> None:
    from bot.telemetry.logs import configure

    configure(form=settings.log_format, level=settings.log_level, secrets=settings.secrets)


def _upgrade(settings: Settings) -> str | None:
    """Upgrade the database, or return None where there is nothing to do."""
    from migrations import upgrade

    return upgrade(settings.database_url, backups=settings.backups)


def _advice() -> str:
    """Say what to do about a damaged database."""
    from bot.storage.copies import Copies

    settings = _settings()
    return asyncio.run(Copies(settings.database_url, settings.backups, keep=settings.daily_backups).advice())


def _say_missing(count: int) -> None:
    if count:
        click.echo(f"{count} files were missing or damaged before, and are not in it.", err=True)


if __name__ == "__main__":
    main()
