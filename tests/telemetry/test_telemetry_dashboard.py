"""The example dashboard asks for nothing that Easel does not count."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.telemetry.metrics import Metrics

DASHBOARD = json.loads((Path(__file__).parents[2] / "docs/dashboard.json").read_text())
TARGETS = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
QUERIES = [target["expr"] for target in TARGETS]
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def series() -> set[str]:
    """Return the names under which Prometheus knows Easel's metrics."""
    families = [family for family in Metrics().registry.collect() if family.name.startswith("easel_")]
    return {f"{family.name}{suffix}" for family in families for suffix in SUFFIXES[family.type]}


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_asks_for_what_is_counted(query: str):
    names = set(re.findall(r"\beasel_\w+", query))

    assert names
    assert names <= series()


@pytest.mark.parametrize("target", TARGETS, ids=QUERIES)
def test_every_query_groups_filters_and_names_by_labels_that_there_are(target: dict[str, str]):
    registry = Metrics().registry
    known = {"le"}
    for name in re.findall(r"\beasel_\w+", target["expr"]):
        known |= set(vars(registry._names_to_collectors[name])["_labelnames"])
    asked = {
        label for labels in re.findall(r"\bby \(([^)]*)\)", target["expr"]) for label in labels.split(", ")
    }
    asked |= set(re.findall(r"(\w+)\s*[!=]~?\s*\"", target["expr"]))
    asked |= set(re.findall(r"{{(\w+)}}", target["legendFormat"]))

    assert asked <= known


def test_everything_that_is_counted_is_shown():
    shown = set(re.findall(r"\beasel_\w+", " ".join(QUERIES)))

    missing = {
        family.name
        for family in Metrics().registry.collect()
        if family.name.startswith("easel_") and not any(name.startswith(family.name) for name in shown)
    }
    assert missing == set()


def test_it_can_be_imported_into_any_grafana():
    assert {"title", "uid", "schemaVersion", "templating", "panels"} <= set(DASHBOARD)
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    assert all(panel["datasource"]["uid"] == "${source}" for panel in DASHBOARD["panels"])
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(places) == len(set(places))
