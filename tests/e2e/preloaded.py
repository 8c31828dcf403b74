"""What the process has ready that bots are forked from: imports, and each language's texts and numbers."""

from __future__ import annotations

import importlib
import pkgutil

import alembic.command
import bot_kit

import cogs
import migrations.columns
from bot import __main__, catalogues, settings, texts
from bot.app import run
from bot.telemetry import logs

USED = (__main__, alembic.command, bot_kit, logs, migrations.columns, run, settings)
for found in pkgutil.iter_modules(cogs.__path__):
    importlib.import_module(f"cogs.{found.name}")
catalogues.load()
for language in ("en-US", "de", "fr", "es-ES", "es-419", "pt-BR", "ja"):
    with texts.speaking(language):
        texts.decimal(1.5)
