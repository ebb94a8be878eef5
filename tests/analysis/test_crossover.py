"""Where a wide band is better run on its dense view: read off courses whose crossing is known."""

import math

import pytest

from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.crossover import crossing, crossover_finding
from rnnbench.analysis.findings import findings
from rnnbench.results.figure import Figure
from tests.documents import case, document

KERNEL = {"axis": "kernel", "baseline": "gemm"}
THROUGHPUT = {"throughput": {"scopes": ["recurrence"], "passes": ["training"]}}


def timed(side, kernel, seconds, **parameters):
    launches = [{"training_time.recurrence": Figure("timing", (value,))} for value in seconds]
    name = f"banded({side},{side})"
    return case(
        f"{name}/{kernel}", launches=launches, measure=THROUGHPUT, connectivity=name, kernel=kernel, **parameters
    )


def bands(sides, launches=(1.0,) * 5, crossing_at=65.0, power=1.0, **parameters):
    """A document in which taps cost a power of their number, and as much as the GEMM at ``crossing_at``."""
    cases = []
    for side in sides:
        taps = [noise * ((2 * side + 1) / crossing_at) ** power for noise in launches]
        cases += [timed(side, "taps", taps, **parameters), timed(side, "gemm", [1.0] * len(launches), **parameters)]
    return document(cases, KERNEL)


def found(results):
    return crossover_finding(contrast_of(results.data))


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_power_law_is_read_off_exactly(power):
    finding = found(bands([4, 8, 16, 64, 100], power=power))
    assert finding["crossover"] == pytest.approx(65)
    assert finding["ci95"] == pytest.approx([65, 65])
    assert finding["text"] == "Bands of more than 65 [65, 65] diagonals run faster by gemm than by taps."
    assert finding["taps"] == [9, 17, 33, 129, 201]
    assert finding["ratios"] == pytest.approx([(taps / 65) ** power for taps in finding["taps"]])


def test_launches_make_the_interval():
    noise = [0.9, 0.95, 1.0, 1.05, 1.1]
    finding = found(bands([4, 8, 16, 64, 100], launches=noise))
    low, high = finding["ci95"]
    assert low < 65 < high
    # time in proportion to the taps: each launch crosses at 65 / its own factor
    assert finding["crossover"] == pytest.approx(65)
    assert math.log(high / low) == pytest.approx(2 * 2.776 * math.log(1.1 / 0.9) / 2.55 / math.sqrt(5), rel=0.05)


def test_it_is_one_of_the_findings():
    texts = [finding["text"] for finding in findings(bands([4, 8, 16, 64, 100]).data)]
    assert any("Bands of more than 65" in text for text in texts)


def test_two_launches_give_no_interval_and_say_so():
    finding = found(bands([4, 8, 16, 64], launches=[1.0, 1.0]))
    assert finding["ci95"] is None
    assert finding["text"].endswith(
        "diagonals run faster by gemm than by taps (no interval from fewer than 3 launches)."
    )


@pytest.mark.parametrize(
    ("crossing_at", "said"),
    [
        (1000.0, "taps is faster over bands of 9 to 129 diagonals; no crossover was reached."),
        (1.0, "gemm is faster over bands of 9 to 129 diagonals; no crossover was reached."),
    ],
)
def test_no_crossover_is_no_figure(crossing_at, said):
    finding = found(bands([4, 8, 16, 64], crossing_at=crossing_at))
    assert (finding["crossover"], finding["ci95"], finding["text"]) == (None, None, said)


def test_launches_that_do_not_agree_are_no_figure():
    finding = found(bands([4, 8, 16, 32], launches=[1.0, 1.0, 0.5, 1.0, 1.0], crossing_at=64.0))
    assert finding["crossover"] is None
    assert finding["text"] == "The times of taps and gemm do not cross in every launch over bands of 9 to 65 diagonals."


@pytest.mark.parametrize(
    "results",
    [
        bands([4, 8]),
        document([timed(4, "taps", [1.0] * 3), timed(8, "gemm", [1.0] * 3)], KERNEL),
        document(
            [
                timed(side, kernel, [1.0] * 3, hidden=hidden)
                for side, hidden in [(4, 300), (8, 301), (16, 302)]
                for kernel in ("taps", "gemm")
            ],
            KERNEL,
        ),
        document(
            [timed(side, "taps", [1.0] * 3) for side in (4, 8, 16)]
            + [timed(side, "gemm", [1.0] * launches) for side, launches in ((4, 3), (8, 3), (16, 2))],
            KERNEL,
        ),
    ],
    ids=["two widths", "no pairs", "other sizes", "a launch is missing"],
)
def test_where_there_is_no_course_nothing_is_said(results):
    assert found(results) is None


@pytest.mark.parametrize(
    ("ratios", "at"),
    [
        ([0.5, 2.0, 0.5, 2.0], math.sqrt(40 * 80)),
        ([2.0, 0.5, 0.5, 0.5], None),
        ([1.0, 2.0, 3.0, 4.0], 10.0),
        ([0.5, 0.5, 0.5, 1.0], None),
    ],
)
def test_the_last_crossing_counts(ratios, at):
    assert crossing([10, 20, 40, 80], ratios) == (None if at is None else pytest.approx(at))
