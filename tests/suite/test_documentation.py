"""docs/suites.md says what the code does."""

import re
import shlex
from pathlib import Path

import pytest

from rnnbench.cell import CELLS
from rnnbench.choice import plain_text
from rnnbench.connectivity import CONNECTIVITIES
from rnnbench.suite.decay import DECAYS
from rnnbench.suite.initialisation import INITIALISATIONS
from rnnbench.suite.loader import load_suite
from rnnbench.suite.match import MatchParameters, MatchTime, NoMatch
from rnnbench.suite.matrix import MAX_CASES, SECTIONS
from rnnbench.suite.optimizer import OPTIMIZERS
from rnnbench.suite.recompute import Auto, Every, NoRecompute, Stream
from rnnbench.suite.schema import (
    Contrast,
    Equivalence,
    Header,
    MaxLength,
    Memory,
    Parameters,
    Storage,
    Throughput,
    Training,
)
from rnnbench.tasks import TASKS

TEXT = (Path(__file__).parents[2] / "docs" / "suites.md").read_text(encoding="utf-8")
HEADER = "version: 1\nname: example\n"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


def section(heading):
    """Return the text under a heading."""
    return re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", TEXT, re.DOTALL | re.MULTILINE).group(1)


def rows(heading):
    """Return the cells of the tables under a heading, by the name in their first column."""
    return rows_of(section(heading))


def rows_of(text):
    """Return the cells of the tables in ``text``, by the name in their first column."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {row[0].strip("`"): row for row in cells if row[0].startswith("`")}


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("Parameters", Parameters),
        ("training", Training),
        ("throughput", Throughput),
        ("memory", Memory),
        ("storage", Storage),
        ("max_length", MaxLength),
        ("equivalence", Equivalence),
        ("The contrast", Contrast),
    ],
)
def test_every_key_with_its_true_default(heading, model):
    documented = {key: row[2].strip("`") for key, row in rows(heading).items()}
    assert documented == {key: plain_text(field.default) for key, field in model.model_fields.items()}


@pytest.mark.parametrize("model", [Parameters, Training, Throughput, Memory, MaxLength, Equivalence])
def test_every_word_that_a_key_takes(model):
    schema = model.model_json_schema()["properties"]
    headings = {
        Parameters: "Parameters",
        Training: "training",
        Throughput: "throughput",
        Memory: "memory",
        MaxLength: "max_length",
        Equivalence: "equivalence",
    }
    for key, row in rows(headings[model]).items():
        words = schema[key].get("enum") or schema[key].get("items", {}).get("enum")
        if words:
            assert set(re.findall(r"`(\w+)`", row[1])) == set(words)


def test_every_cell_with_its_number_of_matrices():
    assert {name: int(row[2]) for name, row in rows("Cells").items()} == {
        name: len(cell.gates) for name, cell in CELLS.items()
    }


def test_every_key_of_a_suite():
    documented = rows("Keys of a suite")
    assert set(documented) == {*Header.model_fields, *SECTIONS}
    required = {key for key, row in documented.items() if row[2] == "required"}
    assert required == {key for key, field in Header.model_fields.items() if field.is_required()}
    assert f"{MAX_CASES:,} cases" in TEXT


def test_every_choice_with_its_options():
    tables = re.split(r"\n\n", section("Choices"))
    for family in (CONNECTIVITIES, TASKS, OPTIMIZERS, INITIALISATIONS, DECAYS):
        (documented,) = [rows_of(table) for table in tables if f"\n| `{family[-1].kind}` |" in table]
        aliases = [alias for choice in family for alias in choice.aliases]
        assert set(documented) == {choice.kind for choice in family} | set(aliases)
        for choice in family:
            options = [
                key if field.is_required() or field.default is None else f"{key}={plain_text(field.default)}"
                for key, field in choice.model_fields.items()
            ]
            assert re.findall(r"`([^`]*)`", documented[choice.kind][1]) == options


def test_every_way_to_recompute():
    documented = rows("Recomputation")
    assert {kind: re.findall(r"`([^`]*)`", row[1]) for kind, row in documented.items()} == {
        choice.kind: list(choice.model_fields) for choice in (NoRecompute, Every, Auto, Stream)
    }


def test_every_way_to_match():
    documented = {kind: re.findall(r"`([^`]*)`", row[1]) for kind, row in rows("Matching").items()}
    assert documented == {
        choice.kind: [
            key if field.default is None else f"{key}={plain_text(field.default)}"
            for key, field in choice.model_fields.items()
        ]
        for choice in (NoMatch, MatchParameters, MatchTime)
    }


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_load(tmp_path, example):
    path = tmp_path / "mine.yaml"
    measure = "" if "measure:" in example else "measure: [throughput]\n"
    path.write_text(example if "version:" in example else HEADER + measure + example, encoding="utf-8")
    assert load_suite(path).cases


def test_there_are_examples():
    assert len(EXAMPLES) >= 6
    assert any("--set" in command for command in COMMANDS)


def test_examples_make_what_their_comments_say(tmp_path):
    (example,) = [example for example in EXAMPLES if "exclude:" in example]
    path = tmp_path / "mine.yaml"
    path.write_text(HEADER + "measure: [memory]\n" + example, encoding="utf-8")
    assert [(case.name, case.parameters.layers) for case in load_suite(path).cases] == [
        ("dense/hidden=64", 1),
        ("tridiagonal/hidden=64", 1),
        ("tridiagonal/hidden=512", 1),
        ("diagonal/hidden=64", 2),
        ("diagonal/hidden=512", 2),
        ("none/hidden=64", 1),
    ]


@pytest.mark.parametrize("command", [command for command in COMMANDS if "--set" in command or "-k" in command])
def test_options_of_the_commands_work(tmp_path, command):
    path = tmp_path / "mine.yaml"
    path.write_text(EXAMPLES[0], encoding="utf-8")
    words = shlex.split(command)
    assert words == list(shlex.shlex(command, posix=True, punctuation_chars=True)), "a shell would read it otherwise"
    given = {option: [words[i + 1] for i, word in enumerate(words) if word == option] for option in ("--set", "-k")}
    suite = load_suite(path, given["--set"])
    for expression in given["-k"]:
        suite = suite.select(expression)
    assert suite.cases
