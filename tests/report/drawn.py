"""Documents that have something to draw."""

from rnnbench.analysis.conclusions import concluded
from rnnbench.results.figure import Figure
from tests.documents import ADDITION, addition, calibration, case


def whole(labels=ADDITION):
    """Return a document of the suite ``addition`` as a run leaves it, with findings and calibration."""
    results = addition(labels)
    concluded(results)
    results.data["calibration"] = calibration()
    return results


def limits(name, memory_steps, gradient, learnt, **parameters):
    """Return a case with the three maximum lengths, and the curves behind them."""
    details = {"budget": 1000, "probes": [{"time_steps": t, "fits": True, "peak_bytes": 10 * t} for t in (1, 16, 256)]}
    lags = {"lags": [0, 1, 2, 4], "curve": [[1.0, 0.1, 0.01, None], [1.0, 0.3, 0.03, 1e-7]], "smallest_ratio": 1e-6}
    figures = {
        "max_length_memory": Figure("exact", (memory_steps,), () if memory_steps else ("unbounded",), details),
        "max_length_gradient": Figure(
            "censored", gradient, (), {"never": "beyond_longest_lag", "longest_lag": 4095, **lags}
        ),
        "max_length_task": Figure("trials", (learnt,), (), {"trials": []}),
    }
    return case(name, figures, measure={"memory": {}}, **parameters)
