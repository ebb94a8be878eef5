"""The schema of suites says what the loader takes: what ships and is documented is valid, mistakes are not."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from rnnbench.suite.json_schema import suite_schema
from rnnbench.suite.loader import load_suite
from rnnbench.suite.problem import SuiteError
from rnnbench.suite.starter import starter
from rnnbench.suite.yaml_positions import plain, read_yaml

ROOT = Path(__file__).parents[2]
SUITES = sorted((ROOT / "suites").glob("*.yaml"))
SCHEMA = suite_schema()
VALIDATOR = Draft7Validator(SCHEMA)
HEAD = "version: 1\nname: x\n"
DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "suites.md").read_text(), re.DOTALL)


def is_valid(text):
    return VALIDATOR.is_valid(plain(read_yaml(text, "x.yaml")[0]))


def loads(text, folder):
    (folder / "x.yaml").write_text(text)
    try:
        return bool(load_suite(folder / "x.yaml").cases)
    except SuiteError:
        return False


def test_it_is_a_schema():
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_shipped_suites_are_valid_and_begin_with_the_line_that_editors_read(path):
    first, _, text = path.read_text().partition("\n")
    assert is_valid(text)
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)[1]
    assert json.loads((path.parent / named).read_text()) == SCHEMA, "write it anew: rnnbench schema suite"


@pytest.mark.parametrize("example", DOCUMENTED)
def test_documented_examples_are_valid(example):
    measure = "" if "measure:" in example else "measure: [memory]\n"
    assert is_valid(example if "version:" in example else HEAD + measure + example)


@pytest.mark.parametrize(
    "written",
    [
        "dense",
        "dense()",
        "{dense: null}",
        "tridiagonal",
        "{banded: {lower: 1, upper: 0}}",
        "banded(1, 1, circular=true)",
        "{block_diagonal: 4}",
        "block_diagonal(blocks=4)",
        "{random: {density: 0.1}}",
    ],
)
def test_every_notation_of_a_choice_is_valid_and_loads(written, tmp_path):
    text = f"{HEAD}measure: [memory]\nmatrix:\n  connectivity:\n    - {written}\n"
    assert is_valid(text)
    assert loads(text, tmp_path)


@pytest.mark.parametrize(
    "written",
    [
        "hidden: {pow2: [3, 5]}",
        "hidden: [4, {geom: [8, 32, 2]}, 1e2]",
        "training.iterations: [10, {pow2: [4, 5]}]",
        "throughput.passes: [[forward], [training, forward]]",
        "training.optimizer: [sgd(0.1), {adam: 0.01}, {adam: {betas: [0.8, 0.9]}}]",
        "device: [cpu, 'cuda:0']",
        "max_length.budget: [device, 1GiB, 512 mb, 1000000]",
        "task: [parity, {adding: 50}, {modular_counting: {modulus: 5, length: 9}}]",
        "training.decay: [null, cosine, {step: {every: 10}}]",
    ],
)
def test_axes_are_valid_and_load(written, tmp_path):
    measure = "{throughput: null, memory: {}, training: {}, max_length: {limits: [gradient]}}"
    text = f"{HEAD}measure: {measure}\ndefaults: {{task: parity, time_steps: 8}}\nmatrix: {{{written}}}\n"
    assert is_valid(text)
    if "parity" in written or "decay" in written or "hidden" in written or "optimizer" in written:
        assert loads(text, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "name: x\nmeasure: [memory]",
        "version: 2\nname: x\nmeasure: [memory]",
        "version: 1\nname: a/b\nmeasure: [memory]",
        HEAD,
        f"{HEAD}measure: []",
        f"{HEAD}measure: {{}}",
        f"{HEAD}measure: [memory, memory]",
        f"{HEAD}measure: [speed]",
        f"{HEAD}measure: [memory]\nmatrx: {{hidden: [1]}}",
        f"{HEAD}measure: [memory]\ndefaults: {{hiden: 1}}",
        f"{HEAD}measure: [memory]\ndefaults: {{hidden: 0}}",
        f"{HEAD}measure: [memory]\ndefaults: {{hidden: '16'}}",
        f"{HEAD}measure: [memory]\ndefaults: {{hidden: true}}",
        f"{HEAD}measure: [memory]\ndefaults: {{bias: yes}}",
        f"{HEAD}measure: [memory]\ndefaults: {{connectivity: bandd}}",
        f"{HEAD}measure: [memory]\ndefaults: {{connectivity: banded}}",
        f"{HEAD}measure: [memory]\ndefaults: {{connectivity: {{banded: 1}}}}",
        f"{HEAD}measure: [memory]\ndefaults: {{connectivity: {{banded: {{lower: 1, uper: 1}}}}}}",
        f"{HEAD}measure: [memory]\ndefaults: {{connectivity: {{tridiagonal: {{}}}}}}",
        f"{HEAD}measure: [memory]\ndefaults: {{connectivity: dense(1)}}",
        f"{HEAD}measure: [memory]\nmatrix: {{}}",
        f"{HEAD}measure: [memory]\nmatrix: {{hidden: []}}",
        f"{HEAD}measure: [memory]\nmatrix: {{hidden: 16}}",
        f"{HEAD}measure: [memory]\nmatrix: {{hidden: [16, 16]}}",
        f"{HEAD}measure: [memory]\nmatrix: {{hidden: {{pow2: [3]}}}}",
        f"{HEAD}measure: [memory]\nmatrix: {{hidden: {{geom: [1, 8]}}}}",
        f"{HEAD}measure: [memory]\nmatrix: {{cell: {{pow2: [1, 2]}}}}",
        f"{HEAD}measure: [memory]\ninclude: [{{}}]",
        f"{HEAD}measure: [memory]\ndefaults: {{device: gpu}}",
        f"{HEAD}measure: {{max_length: {{budget: much}}}}",
        f"{HEAD}measure: {{throughput: {{passes: [forward, forward]}}}}",
        f"{HEAD}measure: {{training: {{optimizer: {{adam: {{betas: [0.9]}}}}}}}}\ndefaults: {{task: parity}}",
        f"{HEAD}measure: [memory]\ngate: {{limits: [{{metric: speed, limit: 0.1}}]}}",
    ],
)
def test_mistakes_are_mistakes_to_both(text, tmp_path):
    assert not loads(text, tmp_path)
    assert not is_valid(text)


def test_keys_say_what_they_mean_and_their_defaults():
    hidden = SCHEMA["$defs"]["Parameters"]["properties"]["hidden"]
    assert hidden["description"] == "Hidden size H, of every layer."
    assert hidden["default"] == 128
    assert SCHEMA["$defs"]["Banded"]["description"].startswith("banded: units feed their") or "banded: units" in str(
        SCHEMA["$defs"]["Banded"]["description"]
    )
    described = [SCHEMA["properties"], *(SCHEMA["$defs"][name]["properties"] for name in ("Parameters", "Training"))]
    assert [key for properties in described for key, value in properties.items() if "description" not in value] == []


@pytest.mark.parametrize("file", ["suite.yaml", "my study.yml", "_.yaml", "päckchen.yaml"])
def test_the_starter_is_a_suite_whose_comments_can_be_taken_off(file, tmp_path):
    text = starter(file)
    assert is_valid(text)
    assert loads(text, tmp_path)
    for name in ("hidden: [32, 64, 128]", "exclude:", "  - {connectivity: dense, hidden: 128}", "include:"):
        assert f"# {name}" in text
    uncommented = re.sub(
        r"^( *)# ((?:hidden: \[|exclude:|include:|gate:|  limits:|  - |    - ).*)$", r"\1\2", text, flags=re.MULTILINE
    )
    assert loads(uncommented, tmp_path)
    assert is_valid(uncommented)
    assert len(load_suite(tmp_path / "x.yaml").cases) == 12
