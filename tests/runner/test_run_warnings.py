"""What a reader is warned of."""

from __future__ import annotations

from typing import Any

import pytest

from rnnbench.results.document import Results
from rnnbench.runner.warnings import warnings

QUIET = {"time": "2026-01-02T03:00:00+00:00", "load": [0.1, 0, 0], "throttle_count": 4, "steal_seconds": 1.0}
AFTER = {"time": "2026-01-02T03:01:40+00:00", "load": [2.0, 0, 0], "throttle_count": 4, "steal_seconds": 1.5}
SILENT = {"time": "2026-01-02T03:00:00+00:00", "load": None, "throttle_count": None, "steal_seconds": None}


def document(start: dict[str, Any] = QUIET, end: dict[str, Any] | None = AFTER, **more: Any) -> Results:
    return Results(
        {
            "run": {"tags": more.get("tags", []), "resumed": more.get("resumed", [])},
            "machine": {"cpu": {"logical": 4}},
            "conditions": {"start": start, "end": end},
            "cases": more.get("cases", []),
        }
    )


def timed(name: str, kernel: str, metric: str = "forward_time.layer", asked: str = "auto") -> dict[str, Any]:
    return {
        "name": name,
        "parameters": {"kernel": asked},
        "kernel": {"name": kernel, "rejected": []},
        "metrics": {metric: {}},
    }


@pytest.mark.parametrize("results", [document(), document(SILENT, SILENT), document(QUIET, None)])
def test_a_quiet_machine_and_a_silent_one_give_none(results):
    assert warnings(results) == []


def test_a_load_above_half_of_the_cores_is_busy():
    assert warnings(document({**QUIET, "load": [2.0, 0, 0]})) == []
    (warning,) = warnings(document({**QUIET, "load": [2.1, 0, 0]}))
    assert warning.startswith("The machine was busy when the run started (load 2.1 on 4 logical cores)")


def test_throttling_during_the_run_is_counted():
    (warning,) = warnings(document(end={**AFTER, "throttle_count": 7}))
    assert "slowed by heat 3 times" in warning


def test_stolen_time_above_two_percent_is_said():
    assert warnings(document(end={**AFTER, "steal_seconds": 3.0})) == []
    (warning,) = warnings(document(end={**AFTER, "steal_seconds": 3.5}))
    assert "took 2.5 s of processor time in a run of 100 s" in warning


def test_a_calibration_that_failed_or_was_disturbed_is_said():
    failed = document()
    failed.run["calibration_failure"] = "oom: no memory"
    assert "could not be measured (oom: no memory)" in warnings(failed)[0]
    disturbed = document()
    disturbed.data["calibration"] = {"devices": {"cpu": {"busy": True}}}
    assert warnings(disturbed)[0].startswith("The machine was busy when what it can reach was measured")
    disturbed.data["calibration"] = {"devices": {"cpu": {"busy": False}}}
    assert warnings(disturbed) == []


def test_counters_say_nothing_of_a_resumed_run():
    end = {**AFTER, "throttle_count": 7, "steal_seconds": 50.0}
    assert warnings(document(end=end, resumed=[{"time": "2026-01-02T03:01:00+00:00"}])) == []


def test_a_quick_run_is_no_result_to_quote():
    (warning,) = warnings(document(tags=["quick"]))
    assert "--quick" in warning


def test_different_kernels_are_named():
    cases = [timed("dense", "torch"), timed("diagonal", "eager"), timed("none", "eager"), timed("band", "eager")]
    (warning,) = warnings(document(cases=cases))
    assert "torch (dense), eager (diagonal and 2 more)" in warning


def test_kernels_of_cases_that_were_not_timed_do_not_matter():
    cases = [timed("dense", "torch"), timed("diagonal", "eager", "accuracy")]
    assert warnings(document(cases=cases)) == []


def test_kernels_that_the_suite_asks_for_by_name_are_what_it_compares():
    cases = [timed("fast", "torch", asked="torch"), timed("plain", "eager", asked="eager")]
    assert warnings(document(cases=cases)) == []
