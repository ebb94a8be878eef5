"""Small results documents for tests, put together from raw figures as a run does."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnnbench.analysis.aggregate import merge
from rnnbench.results.document import Results
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Measure, Parameters

ADDITION = {
    "dense": (256, 304, [1.0] * 20),
    "upper_triangular": (136, 184, [1.0] * 19 + [0.97]),
    "block_diagonal(4)": (64, 112, [1.0] * 17 + [0.99, 0.95, 0.9]),
    "banded(2,2)": (74, 122, [1.0] * 15 + [0.96, 0.9, 0.8, 0.75, 0.7]),
    "tridiagonal": (46, 94, [0.3 + 0.03 * r for r in range(20)]),
    "random(46)": (46, 94, [0.2 + 0.025 * r for r in range(20)]),
    "diagonal": (16, 64, [0.17 + 0.002 * r for r in range(20)]),
    "none": (0, 48, [0.1335] * 20),
}
"""Label: recurrent weights, all weights, accuracy of each seed; shaped like the question's experiment."""

KERNELS = {
    ("rnn", "dense", "torch"): 0.4,
    ("rnn", "dense", "eager"): 0.5,
    ("rnn", "dense", "fused"): 0.2,
    ("rnn", "diagonal", "eager"): 0.3,
    ("rnn", "diagonal", "fused"): 0.1,
    ("lstm", "dense", "torch"): 1.0,
    ("lstm", "dense", "eager"): 2.0,
    ("lstm", "dense", "fused"): 1.1,
    ("lstm", "diagonal", "eager"): 1.0,
    ("lstm", "diagonal", "fused"): 0.22,
}
"""Cell, connectivity, kernel: seconds of a training pass of a layer."""


def case(
    name: str,
    figures: dict[str, Figure] | None = None,
    *,
    measure: dict[str, Any] | None = None,
    status: str = "ok",
    reason: str | None = None,
    launches: Iterable[dict[str, Figure]] = (),
    **parameters: Any,
) -> dict[str, Any]:
    """Return a case of a document; ``figures`` come from one job, each of ``launches`` from one more."""
    made = Case(name, Parameters(**parameters), Measure.model_validate(measure or {"memory": {}}))
    metrics: dict[str, Any] = {}
    for observed in ([figures] if figures else []) + list(launches):
        metrics = merge(metrics, Observation(observed), made.resolved())
    return {
        "id": made.id,
        "name": name,
        "parameters": made.resolved(),
        "status": status,
        "reason": reason,
        "kernel": {"name": "eager", "rejected": []},
        "agreement": {"max_error": 1e-7, "tolerance": 1e-5},
        "metrics": metrics,
    }


def document(
    cases: Sequence[dict[str, Any]], contrast: dict[str, Any] | None = None, name: str = "addition"
) -> Results:
    """Return a whole document of ``cases``."""
    results = Results.new(
        run={
            "id": "20260102T030405Z-0123abcd",
            "started": "2026-01-02T03:04:05Z",
            "finished": "2026-01-02T03:06:01Z",
            "argv": ["run", f"suites/{name}.yaml"],
            "seed": 0,
            "launches": 5,
            "rnnbench_version": "0.1.0",
            "tags": [],
        },
        suite={
            "name": name,
            "path": f"suites/{name}.yaml",
            "sha256": "0" * 64,
            "resolved": {"version": 1, "name": name, "contrast": contrast},
        },
        provenance={"git": None, "packages": {"torch": "2.13.0+cpu", "numpy": "2.4.6"}, "python": "3.11.2"},
        machine={
            "fingerprint": "8c0ffee8",
            "host": "example",
            "cpu": {
                "model": "Example CPU 3000",
                "logical": 2,
                "physical": 2,
                "affinity": 2,
                "quota": None,
                "caches": {},
            },
            "memory_bytes": 8 * 2**30,
            "gpus": [],
            "os": "Linux",
            "kernel": "6.1",
        },
        conditions={"start": {}, "end": {}},
    )
    results.cases.extend(cases)
    return results


def calibration(fingerprint: str = "8c0ffee8", threads: int = 2, torch: str = "2.13.0") -> dict[str, Any]:
    """Return the section of a machine of round figures, with a CPU alone."""

    def estimate(value: float, unit: str, **details: Any) -> dict[str, Any]:
        return {"value": value, "unit": unit, "spread": 0.02, "repeats": [value] * 7, "details": details}

    return {
        "format": 2,
        "fingerprint": fingerprint,
        "threads": threads,
        "torch": torch,
        "devices": {
            "cpu": {
                "measured": "2026-01-02T03:00:00+00:00",
                "seconds": 6.0,
                "busy": False,
                "memory_bandwidth": estimate(50e9, "bytes/s", array_bytes=1 << 27, beyond_caches=True),
                "cache_bytes": 64 << 20,
                "last_cache_bandwidth": estimate(100e9, "bytes/s", array_bytes=16 << 20),
                "cache_bandwidth": estimate(200e9, "bytes/s", array_bytes=1 << 19),
                "private_cache_bytes": 16 << 20,
                "gemm_peak": {
                    "float32": estimate(100e9, "flop/s", size=2048),
                    "float64": estimate(50e9, "flop/s", size=2048),
                    "bfloat16": estimate(200e9, "flop/s", size=1024),
                },
                "dispatch_latency": estimate(1e-6, "s", operations=1000),
                "dependent_latency": estimate(1e-9, "s", additions=65536),
            }
        },
    }


def training(accuracies: Sequence[float]) -> dict[str, Figure]:
    """Return the figures of a training whose replicas reach ``accuracies``."""
    solved = [value == 1.0 for value in accuracies]
    steps = [5000.0 + 1000 * (r % 4) if right else None for r, right in enumerate(solved)]
    details = {"examples": 16384, "exhaustive": True}
    return {
        "accuracy": Figure("replicas", tuple(accuracies), (), details),
        "solved_fraction": Figure("proportion", tuple(map(float, solved)), (), details),
        "steps_to_solve": Figure("censored", tuple(steps), (), {"resolution": 1000}),
        "final_loss": Figure("replicas", tuple(0.5 * (1 - value) + 0.01 for value in accuracies), (), details),
    }


def memory(recurrent: int, total: int, peak: int = 5_000_000, saved: int = 3_145_728) -> dict[str, Figure]:
    """Return the figures of a memory measurement."""
    return {
        "recurrent_parameters": Figure("exact", (recurrent,)),
        "total_parameters": Figure("exact", (total,)),
        "parameter_bytes": Figure("exact", (4 * total,)),
        "saved_activation_bytes": Figure("exact", (saved,)),
        "peak_memory": Figure("exact", (peak,)),
    }


def throughput(
    forward: float, training: float, *, launches: int = 5, noise: float = 0.05, seed: int | None = None
) -> list[dict[str, Figure]]:
    """Return the figures of each launch; launches differ by a factor of standard deviation ``noise``."""
    generator = random.Random(f"{forward} {training}" + ("" if seed is None else f" {seed}"))  # noqa: S311 - noise

    def samples(seconds: float) -> tuple[float, ...]:
        centre = seconds * generator.lognormvariate(0, noise)
        return tuple(centre * generator.lognormvariate(0, 0.01) for _ in range(8))

    return [
        {
            "training_time.layer": Figure("timing", samples(training), (), {"time_steps_per_call": 16384}),
            "forward_time.layer": Figure("timing", samples(forward), (), {"time_steps_per_call": 16384}),
            "first_call_time.layer": Figure("timing", (3 * forward,)),
        }
        for _ in range(launches)
    ]


def addition(labels: Iterable[str] = ADDITION, baseline: str = "dense", **parameters: Any) -> Results:
    """Return a document of the suite ``addition`` with these connectivities."""
    return document(
        [addition_case(label, **parameters) for label in labels], {"axis": "connectivity", "baseline": baseline}
    )


def session(
    number: int,
    labels: Iterable[str] = ADDITION,
    slower: Mapping[str, float] | None = None,
    launches: int = 5,
    noise: float = 0.01,
) -> Results:
    """Return one of several runs of a suite on one machine: timings and memory, each session with noise of its own.

    ``slower`` has factors on the times of cases; sessions start a day apart.
    """
    cases = []
    for label in labels:
        recurrent, total, _ = ADDITION[label]
        factor = (slower or {}).get(label, 1.0) * (0.002 + 1e-7 * recurrent)
        figures = throughput(factor, 3 * factor, launches=launches, noise=noise, seed=number)
        given = {"task": "binary_addition", "hidden": 16, "connectivity": label}
        measured = {"throughput": {}, "memory": {}}
        cases.append(case(label, memory(recurrent, total), measure=measured, launches=figures, **given))
    results = document(cases, {"axis": "connectivity", "baseline": "dense"})
    results.run["id"] = f"session-{number}"
    results.run["started"] = f"2026-01-{1 + number:02d}T03:04:05Z"
    return results


def addition_case(label: str, name: str | None = None, **parameters: Any) -> dict[str, Any]:
    """Return one case of the suite ``addition``."""
    recurrent, total, accuracies = ADDITION[label]
    forward = 0.0021 + 1e-7 * recurrent
    given = {"task": "binary_addition", "hidden": 16, "activation": "sigmoid", "bias": False, "time_steps": 512}
    return case(
        name or label,
        {**training(accuracies), **memory(recurrent, total, peak=5_000_000 + 1000 * recurrent)},
        measure={"training": {"protocol": "demo"}, "throughput": {}, "memory": {}},
        launches=throughput(forward, 3.1 * forward),
        **{**given, "connectivity": label, **parameters},
    )


def kernels(seconds: Mapping[tuple[str, str, str], float] = KERNELS) -> Results:
    """Return a document of a contrast over kernels, by the seconds of a training pass."""
    made = [
        case(
            "/".join(named),
            launches=throughput(value / 3, value, launches=3, noise=1e-4),
            measure={"throughput": {}},
            cell=named[0],
            connectivity=named[1],
            kernel=named[2],
        )
        for named, value in seconds.items()
    ]
    return document(made, {"axis": "kernel", "baseline": "eager"})
