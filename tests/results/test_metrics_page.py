"""docs/metrics.md defines every metric as the registry does, and every flag as tables say it."""

import re
from pathlib import Path

import pytest

from rnnbench.report.columns import FLAGS
from rnnbench.results.metrics import METRICS

TEXT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", TEXT, re.DOTALL | re.MULTILINE))
DIRECTIONS = {"higher": "higher is better", "lower": "lower is better", "none": "neither direction is better"}


def test_every_metric_has_one_section_and_nothing_else_has():
    assert sorted(re.findall(r"^### `(\w+)`$", TEXT, re.MULTILINE)) == sorted(METRICS)


@pytest.mark.parametrize("kind", METRICS.values(), ids=lambda kind: kind.name)
def test_a_section_says_what_the_registry_says_and_how_and_what_not(kind):
    first, *paragraphs = SECTIONS[kind.name].strip().split("\n\n")
    summary = kind.summary[0].upper() + kind.summary[1:]
    assert " ".join(first.split()) == f"{summary}. Unit `{kind.unit}`, {DIRECTIONS[kind.better]}."
    assert [paragraph.partition(" ")[0] for paragraph in paragraphs] == ["How:", "It"]
    assert paragraphs[1].startswith("It does not ")


def test_every_flag_is_explained_in_the_words_of_tables():
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", TEXT, re.MULTILINE)) == FLAGS
