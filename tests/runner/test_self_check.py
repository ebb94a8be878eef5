"""The rate of false alarms on identical arms, against stand-ins."""

import pytest

from rnnbench.analysis.statistics import binomial_interval
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.report.listener import Silence
from rnnbench.runner.ab import AbSettings
from rnnbench.runner.job import Failure
from rnnbench.runner.self_check import self_check
from tests.runner.test_ab import LIMITS, arms_of, installation, times


def check(folder, behaviour, repeats):
    arms, log = arms_of(folder, behaviour, (), dict.fromkeys(("base", "head"), installation("one")))
    told = []
    found = self_check(
        arms, AbSettings(None, 7, LIMITS), repeats, Silence(), lambda done, failed: told.append((done, failed))
    )
    return found, told, log


def test_equal_arms_pass_and_the_interval_is_exact(tmp_path):
    found, told, log = check(tmp_path, times(), 4)
    assert (found.gates, found.alarms, found.rate, found.kept) == (4, {}, 0.0, True)
    assert found.interval == binomial_interval(0, 4)
    assert told == [(1, 0), (2, 0), (3, 0), (4, 0)]
    assert len(log.starts) == 4 * 6 * 2


def test_the_gates_have_seeds_of_their_own(tmp_path):
    _, _, log = check(tmp_path, times(), 2)
    half = len(log.slots) // 2
    assert [arm for arm, *_ in log.slots[:half]] != [arm for arm, *_ in log.slots[half:]]


def test_arms_that_something_tells_apart_break_the_promise_and_say_which_line(tmp_path):
    found, _, _ = check(tmp_path, times(1.2, "diagonal"), 3)
    assert (found.rate, found.kept) == (1.0, False)
    assert {line.name for lines in found.alarms.values() for line in lines} == {"diagonal"}


def test_a_case_that_fails_ends_it(tmp_path):
    with pytest.raises(RnnbenchError, match="leave it out with -k") as caught:
        check(tmp_path, lambda arm, job: Failure("oom", "out of memory"), 2)
    assert caught.value.exit_code == ExitCode.CASE_FAILED
