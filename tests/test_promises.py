from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bot.settings import described

ROOT = Path(__file__).parents[1]


def readme_settings():
    """Return the rows of README's table of settings."""
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    return [(name, default.strip("`"), says) for name, default, says in rows]


def test_readme_documents_every_setting_and_nothing_else():
    assert readme_settings() == [(setting.name, setting.default, setting.says) for setting in described()]


def test_the_example_holds_every_setting_with_its_default():
    blocks = [f"# {setting.says}\n# {setting.name}={setting.example}\n" for setting in described()]
    for name in ("DISCORD_TOKEN", "OPENROUTER_API_KEY"):
        blocks = [block.replace(f"# {name}=", f"{name}=") for block in blocks]

    _, *written = (ROOT / ".env.example").read_text().split("\n\n")

    assert [f"{block.strip()}\n" for block in written] == blocks


def test_what_readme_shows_is_there():
    visible = re.sub(r"<!--.*?-->", "", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    shown = re.findall(r"!\[[^]]+\]\((docs/[^)]+)\)", visible)

    assert [name for name in shown if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("target", ["sandbox", "test", "chaos", "run", "check", "install", "lock", "clean"])
def test_make_keeps_its_promises(target):
    printed = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert printed.returncode == 0, printed.stderr
    assert "sudo" not in printed.stdout


def test_the_environment_is_made_without_ensurepip():
    makefile = (ROOT / "Makefile").read_text()

    assert "venv --without-pip" in makefile
    assert "--require-hashes" in makefile
    assert "-m pip --python" in makefile


def test_continuous_integration_runs_readmes_command():
    script = (ROOT / ".ci/run").read_text()

    assert "set -euo pipefail" in script
    assert script.rstrip().endswith("make test")
    assert "\nmake test\n" in (ROOT / "README.md").read_text()
    assert "make chaos" in (ROOT / ".github/workflows/chaos.yml").read_text()
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_the_image_runs_as_nobody_and_from_the_lock():
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "--require-hashes" in dockerfile
    assert re.search(r"^USER (?!root|0)", dockerfile, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", dockerfile, re.MULTILINE)
    assert re.search(r"^VOLUME /data$", dockerfile, re.MULTILINE)
