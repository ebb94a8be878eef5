"""The schema of results says what the reader takes."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results
from rnnbench.results.json_schema import results_schema
from tests.documents import addition

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft7Validator(results_schema())


def reads(data):
    try:
        Results.from_text(json.dumps(data), "x.json")
    except RnnbenchError:
        return False
    return True


def test_it_is_a_schema_and_real_documents_are_valid():
    Draft7Validator.check_schema(results_schema())
    for path in sorted((ROOT / "docs" / "results").glob("*.json")):
        assert VALIDATOR.is_valid(json.loads(path.read_text())), path
    assert VALIDATOR.is_valid(addition(["dense"]).data)


def changed(path, value):
    """Return a document with another value at a path; ``...`` takes the key away."""
    data = copy.deepcopy(addition(["dense"]).data)
    place = data
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


METRIC = ("cases", 0, "metrics", "accuracy")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("new section",), [1]),
        (("schema", "version"), "1.7"),
        ((*METRIC, "value"), None),
        ((*METRIC, "ci95"), None),
        ((*METRIC, "samples"), [[1, None, 0.5], []]),
        ((*METRIC, "unit"), "joules"),
        (("cases",), []),
        (("calibration",), ...),
    ],
)
def test_what_may_be_may_be_to_both(path, value):
    data = changed(path, value)
    assert reads(data)
    assert VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), ...),
        (("schema", "name"), "rnnbench.ab"),
        (("schema", "version"), "2.0"),
        (("schema", "version"), 1.0),
        (("run", "id"), ...),
        (("suite", "resolved"), "x"),
        (("cases",), {}),
        (("cases", 0, "reason"), 3),
        ((*METRIC, "value"), "1"),
        ((*METRIC, "value"), True),
        ((*METRIC, "ci95"), [1]),
        ((*METRIC, "samples"), [["1"]]),
        ((*METRIC, "flags"), [1]),
        ((*METRIC, "details"), None),
        (("findings",), [{}]),
        (("warnings",), ["a", 1]),
    ],
)
def test_what_may_not_be_may_not_be_to_both(path, value):
    data = changed(path, value)
    assert not reads(data)
    assert not VALIDATOR.is_valid(data)
