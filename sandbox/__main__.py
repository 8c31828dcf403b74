"""`python -m sandbox`: Easel without a token or a key, with a page to try it on."""

import argparse
import asyncio
import errno
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from sandbox.server import Sandbox

MAX_PORT = 65_535
WORD_PACE_S = 0.03
"""How long the model takes for a word, so that answers are seen to stream."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8400, help="port, 0 for a free one (default %(default)s)"
    )
    parser.add_argument("--no-bot", action="store_true", help="do not start the bot")
    parser.add_argument("--no-page", action="store_true", help="serve the two services without the page")
    parser.add_argument(
        "--latency",
        type=float,
        default=1.5,
        metavar="S",
        help="seconds a picture takes (default %(default)s)",
    )
    parser.add_argument(
        "--data-dir", type=Path, default=Path("sandbox-data"), help="the bot's data (default %(default)s)"
    )
    parser.add_argument(
        "--discord-openapi", type=Path, help="Discord's OpenAPI document, to check bodies against"
    )
    parser.add_argument("--model-openapi", type=Path, help="OpenRouter's OpenAPI document, likewise")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= MAX_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {MAX_PORT}")
    return port


async def serve(options: argparse.Namespace) -> None:
    """Run the sandbox until SIGINT or SIGTERM, or until its terminal is closed."""
    sandbox = Sandbox(
        host=options.host,
        port=options.port,
        page=not options.no_page,
        latency_s=options.latency,
        data_dir=options.data_dir,
        discord_openapi=options.discord_openapi,
        model_openapi=options.model_openapi,
    )
    sandbox.model.word_pace_s = WORD_PACE_S
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, sandbox.stop)
    async with sandbox:
        print(f"The sandbox is at {sandbox.url} - Ctrl-C ends it, and its messages go with it.", flush=True)  # noqa: T201 - for the person
        if not options.no_bot:
            await sandbox.bot.start()
        await sandbox.run_until_stopped()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox; return the exit code."""
    options = parse(arguments)
    try:
        asyncio.run(serve(options))
    except OSError as error:
        print(_refusal(options, error), flush=True)  # noqa: T201 - for the person
        return 1
    return 0


def _refusal(options: argparse.Namespace, error: OSError) -> str:
    """Say in a sentence what is in the way, and what to do."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{options.host} cannot be listened on: {error.strerror}. Name another address with --host."
    advice = "Stop what uses it, or name another with --port."
    return f"Port {options.port} cannot be used: {error.strerror}. {advice}"


if __name__ == "__main__":
    raise SystemExit(main())
