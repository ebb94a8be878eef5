"""The id of a case names what is measured, however it is written."""

import pytest

from rnnbench.suite.case import Case
from tests.cases import make_case

BASE = make_case({"throughput": {}}, connectivity="tridiagonal", hidden=32)


@pytest.mark.parametrize(
    "same",
    [
        make_case({"throughput": {}}, hidden=32, connectivity={"banded": {"upper": 1, "lower": 1, "circular": False}}),
        make_case({"throughput": {"passes": ["training", "forward"]}}, connectivity="tridiagonal", hidden=32, layers=1),
        make_case({"throughput": {"launches": 2, "max_seconds": 9}}, connectivity="tridiagonal", hidden=32),
        make_case({"throughput": {"precision": 0.1}}, connectivity="tridiagonal", hidden=32),
        make_case({"throughput": {}}, name="other", connectivity="tridiagonal", hidden=32, input=32),
    ],
)  # fmt: skip
def test_the_same_measured_otherwise_written(same):
    assert same.id == BASE.id


@pytest.mark.parametrize(
    "other",
    [
        make_case({"throughput": {}}, connectivity="tridiagonal", hidden=33),
        make_case({"throughput": {}}, connectivity="diagonal", hidden=32),
        make_case({"throughput": {"passes": ["forward"]}}, connectivity="tridiagonal", hidden=32),
        make_case({"throughput": {}, "memory": {}}, connectivity="tridiagonal", hidden=32),
        make_case({"throughput": {}}, connectivity="tridiagonal", hidden=32, input=2),
    ],
)
def test_something_else_is_measured(other):
    assert other.id != BASE.id


def test_ids_stay_the_same_from_version_to_version():
    assert BASE.id == "1ec60f6fe1e0992c"


def test_a_case_crosses_to_a_worker_as_json():
    received = Case.from_resolved(BASE.name, BASE.resolved())
    assert received.resolved() == BASE.resolved()
    assert received.id == BASE.id
