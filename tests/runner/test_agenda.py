"""Time left: estimates, corrected by what jobs took."""

from __future__ import annotations

from pathlib import Path

import pytest
from standin import request

from rnnbench.runner.agenda import WORKER_START_SECONDS, Agenda, batch_seconds
from rnnbench.runner.plan import Batch, plan
from rnnbench.suite.estimate import estimate_seconds


@pytest.fixture
def batches(tmp_path: Path) -> list[Batch]:
    return plan(request(tmp_path).load().cases, 0, lambda case, measurement: 0)


def test_before_anything_is_done_the_estimate_stands(batches):
    agenda = Agenda(batches)
    jobs = [job for batch in batches for job in batch.jobs]
    expected = sum(estimate_seconds(job.case, job.measurement) for job in jobs) + WORKER_START_SECONDS * len(batches)
    assert agenda.seconds_left() == pytest.approx(expected)
    assert (agenda.done, agenda.total) == (0, len(jobs))


def test_all_is_taken_to_be_off_as_what_is_done(batches):
    agenda = Agenda(batches)
    job, estimated = batches[0].jobs[0], batch_seconds(batches[0])[0]
    before = agenda.seconds_left()
    agenda.finished(job, 3 * estimated)
    assert agenda.seconds_left() == pytest.approx(3 * (before - estimated))
    assert agenda.done == 1


def test_each_measurement_is_off_in_its_own_way(batches):
    agenda = Agenda(batches)
    for batch in batches[:2]:
        for job, seconds in zip(batch.jobs, batch_seconds(batch), strict=True):
            agenda.finished(job, seconds * {"training": 10.0, "throughput": 0.5}[batch.measurement])
    throughput = 0.5 * sum(sum(batch_seconds(batch)) for batch in batches[2:4])
    done = [(sum(batch_seconds(batch)), factor) for batch, factor in zip(batches[:2], (10.0, 0.5), strict=True)]
    ratio = sum(seconds * factor for seconds, factor in done) / sum(seconds for seconds, _ in done)
    memory = ratio * sum(sum(batch_seconds(batch)) for batch in batches[4:])
    assert agenda.seconds_left() == pytest.approx(throughput + memory)


def test_dropped_jobs_leave_the_total(batches):
    agenda = Agenda(batches)
    for batch in batches:
        for job in batch.jobs:
            agenda.dropped(job)
    assert (agenda.done, agenda.total) == (0, 0)
    assert agenda.seconds_left() == pytest.approx(0)
