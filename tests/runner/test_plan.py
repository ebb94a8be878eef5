"""The order of jobs, and who shares a process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin import request

from rnnbench.runner.plan import launches, plan, shuffled
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Measure, Memory, Parameters, Storage, Throughput, Training


@pytest.fixture
def cases(tmp_path: Path) -> tuple[Case, ...]:
    return request(tmp_path).load().cases


def none_done(case: Case, measurement: str) -> int:
    return 0


def many(count: int) -> list[Case]:
    return [Case(f"h{hidden}", Parameters(hidden=hidden), Measure(memory=Memory())) for hidden in range(1, count + 1)]


def test_training_then_launches_then_memory(cases):
    batches = plan(cases, 0, none_done)
    assert [batch.measurement for batch in batches] == ["training"] + 3 * ["throughput"] + 3 * ["memory"]


def test_training_shares_a_worker_in_the_order_of_the_suite(cases):
    training = plan(cases, 0, none_done)[0]
    assert [job.case.name for job in training.jobs] == ["dense", "tridiagonal", "diagonal"]


def test_each_launch_walks_all_cases_in_one_worker(cases):
    for launch, batch in enumerate(plan(cases, 0, none_done)[1:4]):
        assert {job.launch for job in batch.jobs} == {launch}
        assert sorted(job.case.name for job in batch.jobs) == ["dense", "diagonal", "tridiagonal"]


def test_memory_has_a_process_for_each_case(cases):
    assert [[job.case.name for job in batch.jobs] for batch in plan(cases, 0, none_done)[4:]] == [
        ["dense"],
        ["tridiagonal"],
        ["diagonal"],
    ]


def test_what_is_stored_is_written_in_one_process_after_everything_timed(cases):
    stored = [replace(case, measure=case.measure.model_copy(update={"storage": Storage()})) for case in cases]
    batches = plan(stored, 0, none_done)
    assert [batch.measurement for batch in batches[1:]] == 3 * ["throughput"] + ["storage"] + 3 * ["memory"]
    assert [job.case.name for job in batches[4].jobs] == ["dense", "tridiagonal", "diagonal"]
    left = plan(stored, 0, lambda case, measurement: int(measurement == "storage" and case.name == "dense"))
    assert [job.case.name for job in left[4].jobs] == ["tridiagonal", "diagonal"]


def test_launches_and_seeds_have_orders_of_their_own():
    cases = many(12)
    orders = {tuple(case.name for case in shuffled(cases, seed, launch)) for seed in range(3) for launch in range(5)}
    assert len(orders) == 15


def test_every_case_comes_first_about_equally_often():
    first = [shuffled(many(4), 0, launch)[0].name for launch in range(400)]
    assert all(60 <= first.count(f"h{hidden}") <= 140 for hidden in range(1, 5))


def test_the_order_is_the_same_everywhere():
    assert [case.name for case in shuffled(many(6), 7, 2)] == ["h3", "h1", "h4", "h2", "h5", "h6"]


@given(st.sets(st.integers(1, 10)), st.integers(0, 5))
def test_leaving_out_cases_does_not_move_the_others(kept, launch):
    full = many(10)
    some = [case for case in full if case.parameters.hidden in kept]
    assert shuffled(some, 0, launch) == [case for case in shuffled(full, 0, launch) if case in some]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(0, 1)), min_size=3, max_size=3))
def test_what_is_left_is_the_full_plan_without_what_is_done(progress):
    measure = Measure(training=Training(), throughput=Throughput(launches=3), memory=Memory())
    cases = [replace(case, measure=measure) for case in many(3)]
    counts = {
        case.name: dict(zip(measure.names(), done, strict=True)) for case, done in zip(cases, progress, strict=True)
    }
    left = [job for batch in plan(cases, 0, lambda case, name: counts[case.name][name]) for job in batch.jobs]
    full = [job for batch in plan(cases, 0, none_done) for job in batch.jobs]
    assert left == [job for job in full if job.launch >= counts[job.case.name][job.measurement]]


def test_launches_count_only_what_is_asked_for():
    case = Case("x", Parameters(), Measure(throughput=Throughput(launches=4)))
    assert [launches(case, name) for name in ("training", "throughput", "memory")] == [0, 4, 0]
