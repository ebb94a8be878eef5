"""``rnnbench gate AB.json``: exit codes of real processes, and what a user mixes up."""

import json
import re

import pytest

from tests.cli.test_show import rnnbench
from tests.documents import session
from tests.paired_documents import paired


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("paired")
    paired().write(made / "same.json")
    paired({"dense": 1.12}).write(made / "slower.json")
    paired(noise=0.08, seed=16).write(made / "noisy.json")
    paired(screening=False, rounds=6).write(made / "few.json")
    session(1).write(made / "results.json")
    return made


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("same.json", ["--strict"], 0),
        ("slower.json", [], 3),
        ("slower.json", ["--limit", "0.5"], 0),
        ("noisy.json", [], 0),
        ("noisy.json", ["--strict"], 4),
        ("few.json", [], 2),
        ("few.json", ["--alpha", "0.2"], 0),
    ],
)
def test_exit_codes(folder, name, options, code):
    done = rnnbench("gate", folder / name, *options)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda text: text[:-300], 2, "the document ends in the middle"),
        (lambda text: text.replace('"version": "1.0"', '"version": "2.0"', 1), 6, "update rnnbench"),
        (lambda text: text.replace('"log_ratios": [', '"log_ratios": [0.7, ', 1), 2, "damaged"),
        (lambda text: re.sub(r'"finished": "[^"]*"', '"finished": null', text, count=1), 5, "was not finished"),
    ],
    ids=["truncated", "schema", "tampered", "unfinished"],
)
def test_a_document_that_cannot_be_trusted_is_one_message_and_an_exit_code(folder, change, code, said):
    (folder / "spoilt.json").write_text(change((folder / "same.json").read_text()))
    done = rnnbench("gate", folder / "spoilt.json")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_replayed_command_says_the_same(folder):
    first = rnnbench("gate", folder / "slower.json", "--limit", "0.06", "-k", "dense", COLUMNS="1000")
    (replay,) = [line for line in first.stdout.splitlines() if line.startswith("Replay: rnnbench ")]
    second = rnnbench(*replay.split()[2:], COLUMNS="1000")
    assert (second.returncode, second.stdout) == (3, first.stdout)


def test_json_and_junit(folder, tmp_path):
    done = rnnbench("gate", folder / "slower.json", "--json", "--junit", tmp_path / "gate.xml")
    assert json.loads(done.stdout)["exit_code"] == done.returncode == 3
    assert "REGRESSED" in (tmp_path / "gate.xml").read_text()


def test_documents_of_both_kinds_are_not_mixed(folder):
    alone = rnnbench("gate", folder / "results.json")
    assert alone.returncode == 2
    assert "a gate takes two results documents, BASE and NEW, or one document of `rnnbench ab`" in alone.stderr
    beside = rnnbench("gate", folder / "results.json", folder / "same.json")
    assert beside.returncode == 2
    assert "`rnnbench ab` wrote it: give it to `rnnbench gate`, alone" in beside.stderr
    earlier = rnnbench("gate", folder / "same.json", "--earlier", folder)
    assert earlier.returncode == 2
    assert "--earlier goes with BASE and NEW" in earlier.stderr
