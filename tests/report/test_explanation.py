"""A case in sentences: every figure, where it comes from, and nothing that a damaged document could break."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from rnnbench.report.explanation import explanation, render_explanation
from rnnbench.results.document import Results
from rnnbench.results.metrics import METRICS
from tests.documents import addition, addition_case, document

COMMITTED = Results.read(Path(__file__).parents[2] / "docs" / "results" / "addition.json")


def told(results, case):
    return {one.title: " ".join(one.texts) for one in explanation(results, case)}


def test_the_kernel_and_why_others_were_passed_over():
    case = addition_case("diagonal")
    case["kernel"] = {
        "name": "eager",
        "rejected": [{"name": "fused", "reason": "no compiler"}],
        "remark": "one step at a time",
    }
    text = told(document([case]), case)["Kernel"]
    assert text == (
        "eager ran it: the first that can serve, in order of preference. How: one step at a time. "
        "fused was passed over: no compiler."
    )
    case["parameters"]["kernel"] = "eager"
    assert "as the suite asks" in told(document([case]), case)["Kernel"]
    case["kernel"] = None
    assert told(document([case]), case)["Kernel"] == "No kernel ran."


def test_the_agreement_check_with_its_figures():
    case = addition_case("dense")
    assert "deviation was 1.0e-07, within the tolerance of 1.0e-05" in told(document([case]), case)["Agreement check"]
    case["agreement"] = {"max_error": None, "tolerance": 1e-5, "worst": "states"}
    assert "was not finite, in the states, beyond" in told(document([case]), case)["Agreement check"]


def test_times_tell_of_launches_samples_and_stopping():
    case = next(one for one in COMMITTED.cases if one["name"] == "tridiagonal")
    text = told(COMMITTED, case)["Times"]
    assert "training_time.layer is 537 µs [502, 575], one forward and backward pass." in text
    assert "median over 5 launches, fresh processes, of the median in each (582, 510, 537, 511, 550)" in text
    assert "A launch has 20 to 22 blocks of 21 to 24 calls, after 161 to 767 to warm up." in text
    assert "its time was up (4 of 5), the interval of its median was narrow enough (1 of 5)" in text
    assert "It is T B = 16,384 time steps over training_time.layer" in text


def test_floor_and_bound():
    case = next(one for one in COMMITTED.cases if one["name"] == "none")
    text = told(COMMITTED, case)["Floor and bound"]
    assert "which bandwidth sets" in text
    assert re.search(r"moved and \d+ compiled steps that wait for each other", text)


def test_what_is_learnt_and_its_flags():
    case = next(one for one in COMMITTED.cases if one["name"] == "tridiagonal")
    text = told(COMMITTED, case)["What is learnt"]
    assert "The evaluation has 16,384 examples, all there are." in text
    assert "It is the mean over 20 replicas (0.191 to 0.942)." in text
    assert "steps_to_solve is null" in text
    assert "Flag not_reached: at least half of the seeds never solved the task." in text


def test_disturbed_launches_and_the_take_that_counts():
    case = addition_case("dense")
    case["launches"] = [
        {"launch": 0, "again": False, "counts": True, "disturbed": [], "conditions": {}},
        {"launch": 1, "again": False, "counts": False, "disturbed": ["guests took 9 %"], "conditions": {}},
        {"launch": 1, "again": True, "counts": True, "disturbed": [], "conditions": {}},
    ]
    assert told(document([case]), case)["Launches"] == (
        "2 were watched, 1 of them disturbed. Launch 2: guests took 9 %; another take counts."
    )
    case["launches"] = [1, {"disturbed": ["x"], "launch": "y"}]
    assert "Launch ?: x" in told(document([case]), case)["Launches"]


def test_conditions_and_warnings():
    text = told(COMMITTED, COMMITTED.cases[0])["Conditions"]
    assert "Threads: 2, denormals flushed to zero." in text
    assert "At the start: load 3.3 over the last minute" in text
    assert "The machine was busy" in text


def test_a_case_that_failed_says_why():
    case = addition_case("dense", status="ok")
    case.update(status="oom", reason="training: needs 40 GB", metrics={}, kernel=None, agreement=None)
    found = told(document([case]), case)
    assert set(found) == {"Case", "Kernel"}
    assert "oom: training: needs 40 GB." in found["Case"]


def test_what_is_in_a_file_is_told():
    case = addition_case("tridiagonal")
    record = {"value": 2406, "unit": "bytes", "better": "lower", "ci95": None, "samples": None, "flags": []}
    case["metrics"] = {"file_bytes.recurrence": {**record, "details": {"tensors": 1, "tensor_bytes": 768}}}
    assert told(document([case]), case)["Weights and memory"] == (
        "file_bytes.recurrence is 2.35 KiB, length of the file that the weights are saved to. torch.save wrote 1 "
        "tensor of the recurrent matrices to a temporary file; their numbers take 768 bytes of it."
    )


def test_every_metric_there_is_has_a_section():
    case = addition_case("dense")
    record = case["metrics"]["peak_memory"]
    case["metrics"] = dict.fromkeys(METRICS, record)
    assert "Other figures" not in told(document([case]), case)


def test_every_metric_of_a_case_is_told_of_once():
    for case in COMMITTED.cases:
        texts = [text for one in explanation(COMMITTED, case) for text in one.texts]
        for key in case["metrics"]:
            assert sum(text.startswith(f"{key} is ") for text in texts) == 1


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("details", [{}, {"launches": [1], "trials": 3, "steps": "x", "probes": {}, "examples": "y"}])
def test_details_of_any_form_are_survived(name, details):
    case = addition_case("dense")
    record = {"value": None, "unit": "s", "better": "lower", "ci95": None, "samples": None, "flags": ["odd"]}
    case["metrics"] = {f"{name}.layer": {**record, "details": details}}
    texts = [text for one in explanation(document([case]), case) for text in one.texts]
    (text,) = [text for text in texts if text.startswith(f"{name}.layer is null")]
    assert text.endswith("Flag odd: no explanation in this version.")


def test_figures_of_a_later_version_are_told_of_too():
    case = addition_case("dense")
    case["metrics"]["energy.layer"] = {**case["metrics"]["peak_memory"], "value": 12.5, "unit": "joules", "details": {}}
    assert "energy.layer is 12.5 joules." in told(document([case]), case)["Other figures"]


def test_text_of_documents_is_shown_as_text():
    results = addition(["dense"])
    results.cases[0].update(name="\x1b[2J[bold]x", reason="[/no]\x1b[2J", status="error")
    output = io.StringIO()
    console = Console(file=output, width=80, highlight=False, markup=False, emoji=False)
    render_explanation(results, results.cases[0], console)
    assert "\x1b" not in output.getvalue()
    assert "[bold]x" in output.getvalue()
