"""Small documents of paired rounds for tests, as `rnnbench ab` writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnbench.analysis.coin import order_of
from rnnbench.analysis.paired import SCREENING_ROUNDS, flagged, log_ratios, rounds_to_decide
from rnnbench.results.paired import Paired

CASES = ("dense", "tridiagonal", "diagonal")
METRICS = ("training_time.layer", "forward_time.layer")
LIMIT = 0.05


def paired(
    slower: Mapping[str, float] | None = None,
    *,
    screening: bool = True,
    rounds: int | None = None,
    noise: float = 0.005,
    seed: int = 11,
    alpha: float = 0.01,
) -> Paired:
    """Return a document in which the cases ``slower`` take so many times as long in head.

    With ``screening`` the second stage has what the first points at; else all rounds decide.
    """
    generator = np.random.default_rng(seed)
    factors = {name: (slower or {}).get(name, 1.0) for name in CASES}
    document = _empty(seed, alpha)
    lines = [(name, key) for name in CASES for key in METRICS]
    if screening:
        _take(document, generator, 1, SCREENING_ROUNDS, lines, factors, noise)
        document.plan["screening"] = SCREENING_ROUNDS
        records = {line: _record(document, *line) for line in lines}
        ratios = np.array([records[line]["log_ratios"] for line in lines])
        worse, better = flagged(ratios, np.full(len(lines), LIMIT))
        lines = [line for line, chosen in zip(lines, worse | better, strict=True) if chosen]
    count = rounds or rounds_to_decide(alpha, max(1, len(lines)))
    if lines:
        _take(document, generator, 2, count, lines, factors, noise)
        document.plan["deciding"] = count
    return document


def _empty(seed: int, alpha: float) -> Paired:
    arm = {
        "interpreter": "python",
        "settings": [],
        "rnnbench": {"version": "0.1", "path": "/base/rnnbench"},
        "results_version": "1.0",
        "packages": {"torch": "2.13.0"},
        "python": "3.11.7",
        "worker": {"threads": 2},
        "git": None,
    }
    document = Paired.new(
        run={
            "id": f"ab-{seed}",
            "started": "2026-01-02T03:04:05+00:00",
            "finished": "2026-01-02T03:06:05+00:00",
            "argv": ["rnnbench", "ab"],
            "seed": seed,
            "rnnbench_version": "0.1",
            "request": {},
        },
        plan={"screening": None, "deciding": None, "alpha": alpha, "limits": []},
        suite={"name": "small", "path": "small.yaml", "sha256": "0" * 64, "resolved": {"name": "small"}},
        arms={
            "base": {"label": "/old/bin/python", **arm},
            "head": {"label": "/new/bin/python", **arm, "packages": {"torch": "2.14.0"}},
        },
        machine={"fingerprint": "f" * 16, "cpu": {"model": "A CPU", "physical": 2}, "os": "Linux"},
        conditions={"start": {}, "end": {}},
    )
    for name in CASES:
        side = {"id": f"id-{name}", "parameters": {"connectivity": name}, "kernel": None}
        document.cases.append(
            {"name": name, "status": "ok", "reason": None, "base": side, "head": dict(side), "metrics": {}}
        )
        for key in METRICS:
            document.cases[-1]["metrics"][key] = {
                "unit": "s",
                "better": "lower",
                "rounds": [],
                "seconds": [],
                "log_ratios": [],
            }
    return document


def _record(document: Paired, name: str, key: str) -> dict[str, Any]:
    return next(case for case in document.cases if case["name"] == name)["metrics"][key]


def _take(
    document: Paired,
    generator: np.random.Generator,
    stage: int,
    count: int,
    lines: list[tuple[str, str]],
    factors: Mapping[str, float],
    noise: float,
) -> None:
    for number in range(count):
        order = order_of(document.run["seed"], stage, number)
        document.rounds.append({"stage": stage, "order": order, "started": "2026-01-02T03:04:05", "seconds": 12.0})
        for name, key in lines:
            head = np.array([letter == "B" for letter in order])
            seconds = 0.01 * np.exp(generator.normal(0, noise, 4) + head * math.log(factors[name]))
            record = _record(document, name, key)
            record["rounds"].append(len(document.rounds) - 1)
            record["seconds"].append(seconds.tolist())
            record["log_ratios"].append(float(log_ratios(seconds, np.array(order == "ABBA"))))
