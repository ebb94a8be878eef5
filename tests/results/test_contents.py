"""Parts of documents that may hold anything: what readers know in them is checked, so that no reader fails."""

import copy
import io
import json

import pytest
from rich.console import Console

from rnnbench.errors import RnnbenchError
from rnnbench.report.explanation import render_explanation
from rnnbench.report.html.page import to_html
from rnnbench.report.table import render
from rnnbench.results.document import Results
from tests.documents import addition_case, calibration, document
from tests.report.drawn import limits

GONE = ...


@pytest.fixture(scope="module")
def data():
    """Return a document that has every part that readers look into."""
    trained = addition_case("tridiagonal")
    curve = {"iterations": [0, 5000, 10_000], "accuracy": [[0.1] * 20, [0.5] * 20, [1.0] * 20]}
    trained["metrics"]["accuracy"]["details"]["curve"] = curve
    trained["kernel"] = {"name": "eager", "remark": "by hand", "rejected": [{"name": "fused", "reason": "no"}]}
    cases = [trained, addition_case("dense", seed=1), limits("diagonal", 500.0, (20.0, 30.0, 40.0), 60.0)]
    made = document(cases, {"axis": "connectivity", "baseline": "dense"}).data
    return made | {"calibration": calibration()}


def changed(data, path, value):
    """Return the text of the document with another value at a path; :data:`GONE` takes the key away."""
    made = copy.deepcopy(data)
    place = made
    for key in path[:-1]:
        place = place[key]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(made)


CASE = ("cases", 0)
ACCURACY = (*CASE, "metrics", "accuracy", "details")
GRADIENT = ("cases", 2, "metrics", "max_length_gradient", "details")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((*CASE, "parameters", "time_steps"), "many", "cases[0].parameters.time_steps: expected a whole number, found"),
        ((*CASE, "parameters", "measure"), [], "cases[0].parameters.measure: expected a mapping, found []"),
        ((*CASE, "parameters", "connectivity"), 3, "parameters.connectivity: expected text, found 3"),
        ((*CASE, "parameters", "connectivity"), {"banded": {}}, "connectivity.banded: 'lower' is missing"),
        ((*CASE, "kernel"), "eager", "cases[0].kernel: expected a mapping, found 'eager'"),
        ((*CASE, "kernel", "rejected", 0), "fused", "kernel.rejected[0]: expected a mapping, found 'fused'"),
        ((*CASE, "agreement", "max_error"), "small", "agreement.max_error: expected a number, found 'small'"),
        ((*ACCURACY, "curve", "iterations"), ["a"], "accuracy.details.curve.iterations[0]: expected a number"),
        ((*ACCURACY, "curve", "accuracy", 1), {}, "accuracy.details.curve.accuracy[1]: expected a list, found {}"),
        ((*GRADIENT, "smallest_ratio"), "1e-6", "max_length_gradient.details.smallest_ratio: expected a number"),
        (("suite", "resolved", "contrast"), "connectivity", "suite.resolved.contrast: expected a mapping, found"),
        (("suite", "resolved", "contrast", "baseline"), GONE, "suite.resolved.contrast: 'baseline' is missing"),
        (("calibration", "devices", "cpu"), 5e10, "calibration.devices.cpu: expected a mapping, found"),
    ],
)
def test_a_key_that_readers_know_is_named_where_it_is_wrong(data, path, value, said):
    with pytest.raises(RnnbenchError) as caught:
        Results.from_text(changed(data, path, value), "r.json")
    assert said in caught.value.message


@pytest.mark.parametrize("path", [(*CASE, "kernel"), (*CASE, "agreement"), (*ACCURACY, "curve"), ("calibration",)])
@pytest.mark.parametrize("value", [None, GONE])
def test_what_may_be_missing_may_be_null(data, path, value):
    Results.from_text(changed(data, path, value), "r.json")


def inside(part, path):
    """Yield the path of every entry below a part; of lists, the first."""
    entries = part.items() if isinstance(part, dict) else enumerate(part[:1]) if isinstance(part, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from inside(value, (*path, key))


@pytest.mark.parametrize("value", [GONE, "text", {"a": [None]}, -1], ids=repr)
def test_whatever_such_a_part_says_it_is_refused_or_shown(data, value):
    metrics = [(*CASE, "metrics", "accuracy"), *(("cases", 2, "metrics", key) for key in data["cases"][2]["metrics"])]
    parts = [(*CASE, "parameters"), (*CASE, "kernel"), (*CASE, "agreement"), ("suite", "resolved")]
    read = 0
    for part in [*parts, *((*metric, "details") for metric in metrics)]:
        held = data
        for key in part:
            held = held[key]
        for path in inside(held, part):
            try:
                results = Results.from_text(changed(data, path, value), "r.json")
            except RnnbenchError:
                continue
            read += 1
            console = Console(file=io.StringIO(), width=100)
            assert to_html([results])
            render(results, console)
            render_explanation(results, results.cases[path[1] if path[0] == "cases" else 0], console)
    assert read > 10
