"""The paired gate's promise, simulated: how often it fails on identical code, and what it catches."""

import math

import numpy as np
import pytest

from rnnbench.analysis.paired import (
    MOST_ROUNDS,
    SCREENING_ROUNDS,
    flagged,
    holm_adjusted,
    judge,
    log_ratios,
    noise_of,
    rounds_to_decide,
)
from rnnbench.analysis.signed_rank import fewest_rounds
from rnnbench.analysis.statistics import binomial_interval, holm
from tests.analysis.paired_noise import MODELS, normal

ALPHA = 0.01
LIMIT = 0.05
GATES = 2_000
CASES = 10


def rounds_of(model, generator, gates, rounds, slower):
    """Return what both stages see: ``[gates, cases, rounds]`` log-ratios, head slower by ``slower [cases]``."""
    slots, workers = model(generator, gates, rounds, len(slower))
    abba = generator.random((gates, rounds)) < 0.5
    arms = np.where(abba[..., None], [0, 1, 1, 0], [1, 0, 0, 1])[..., None]
    taken = slots + np.take_along_axis(workers, arms, axis=2) + arms * np.log1p(slower)
    seconds = np.moveaxis(np.exp(taken), (2, 3), (3, 1))
    return log_ratios(seconds, np.broadcast_to(abba[:, None], (gates, len(slower), rounds)))


def run_gates(model, seed, slower, limit=LIMIT, gates=GATES):
    """Return ``[gates, cases]``, which cases regressed, by both stages of so many gates at once."""
    generator = np.random.default_rng(seed)
    limits = np.full(len(slower), limit)
    screened = rounds_of(model, generator, gates, SCREENING_ROUNDS, slower)
    worse, _ = flagged(screened, limits)
    noise = np.where(worse, noise_of(screened, limits), 0).max(axis=1)
    planned = np.array(
        [rounds_to_decide(ALPHA, max(1, count), over) for count, over in zip(worse.sum(1), noise, strict=True)]
    )
    fresh = rounds_of(model, generator, gates, int(planned.max()), slower)
    regressed = np.zeros_like(worse)
    for count, rounds in {(count, rounds) for count, rounds in zip(worse.sum(1), planned, strict=True) if count}:
        rows = (worse.sum(axis=1) == count) & (planned == rounds)
        if rows.any():
            shape = (int(rows.sum()), count)
            taken = fresh[rows][worse[rows]].reshape(*shape, -1)[..., :rounds]
            found = np.zeros((shape[0], len(slower)), dtype=bool)
            found[worse[rows]] = judge(taken, np.full(shape, limit), ALPHA).worse.ravel()
            regressed[rows] = found
    return regressed


@pytest.mark.parametrize("slower", [0.0, LIMIT], ids=["identical", "at the limit"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_false_alarms_are_no_more_frequent_than_promised(model, slower):
    """At the limit is the worst that the gate's null hypothesis allows; identical code is far inside it."""
    failed = int(run_gates(model, 1, np.full(CASES, slower)).any(axis=1).sum())
    assert binomial_interval(failed, GATES)[0] <= ALPHA


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_with_a_limit_of_zero_identical_code_is_the_worst_case_and_still_held(model):
    failed = int(run_gates(model, 2, np.zeros(CASES), limit=0.0).any(axis=1).sum())
    assert binomial_interval(failed, GATES)[0] <= ALPHA


def test_a_gate_without_second_stage_and_adjustment_would_alarm():
    """What the promise needs: p-values of one stage, unadjusted, fail at the limit many times as often."""
    generator = np.random.default_rng(3)
    rounds = rounds_of(normal, generator, GATES, 10, np.full(CASES, LIMIT))
    alone = [judge(rounds[:, [case]], np.full((GATES, 1), LIMIT), ALPHA).worse for case in range(CASES)]
    assert np.any(alone, axis=0).mean() > 3 * ALPHA


def test_workers_that_outlive_a_round_would_alarm_and_are_therefore_replaced():
    """The coin does not swap what a process was born with: rounds of one pair of workers are not independent."""
    generator = np.random.default_rng(4)
    slots = generator.normal(0, 0.01, (GATES, 10))
    pairs = generator.choice([-0.1, 0.0, 0.0, 0.1], (GATES, 2))
    shared = slots + np.repeat(pairs, 5, axis=1)
    worse = judge(shared[:, None], np.full((GATES, 1), LIMIT), ALPHA).worse
    assert worse.mean() > 3 * ALPHA


def test_a_twelve_per_cent_slowdown_at_three_per_cent_noise_is_caught_and_alone_named():
    slower = np.zeros(CASES)
    slower[3] = 0.12
    regressed = run_gates(normal, 5, slower)
    assert regressed[:, 3].mean() >= 0.8
    assert np.delete(regressed, 3, axis=1).any(axis=1).mean() <= ALPHA


def test_where_rounds_are_noisier_more_are_taken_and_as_much_is_caught():
    """6 % in every slot: by 11 rounds it would be caught in less than two thirds of gates."""

    def noisier(generator, gates, rounds, cases):
        slots, workers = normal(generator, gates, rounds, cases)
        return 2 * slots, workers

    slower = np.array([0.0, 0.0, 0.0, 0.12])
    assert run_gates(noisier, 9, slower)[:, 3].mean() >= 0.9


def test_noise_is_that_of_a_round_over_the_limit():
    rounds = np.array([[0.0, 0.1, 0.0, 0.1], [0.1, 0.1, 0.1, 0.1]])
    assert noise_of(rounds, np.array([LIMIT, LIMIT])) == pytest.approx([np.std(rounds[0], ddof=1) / np.log(1.05), 0])
    assert noise_of(rounds, np.zeros(2)).tolist() == [np.inf, 0]
    assert rounds_to_decide(ALPHA, 1, np.inf) == MOST_ROUNDS


def test_a_slowdown_of_all_cases_is_caught_in_nearly_all_of_them():
    assert run_gates(normal, 6, np.full(CASES, 0.12), gates=200).mean() >= 0.8


def test_the_datum_of_a_round_cancels_what_grows_evenly_and_has_the_sign_of_head():
    even = np.exp(0.3 * np.arange(4))
    assert log_ratios(even, np.array(True)) == pytest.approx(0, abs=1e-12)
    assert log_ratios(np.array([1.0, 2, 2, 1]), np.array(True)) == pytest.approx(math.log(2))
    assert log_ratios(np.array([2.0, 1, 1, 2]), np.array(False)) == pytest.approx(math.log(2))


def test_verdicts_follow_estimate_and_limit():
    noise = np.random.default_rng(7).normal(0, 0.005, (4, 12))
    rounds = noise + np.array([[0.2], [-0.2], [0.0], [0.05]])
    judged = judge(rounds, np.full(4, LIMIT), ALPHA)
    assert judged.worse.tolist() == [True, False, False, False]
    assert judged.better.tolist() == [False, True, False, False]
    assert judged.same.tolist() == [False, False, True, False]
    assert ((judged.low <= judged.centre) & (judged.centre <= judged.high)).all()


def test_few_rounds_decide_nothing():
    judged = judge(np.full((1, 5), 0.5), np.full(1, LIMIT), ALPHA)
    assert not judged.worse.any()
    assert not judged.same.any()


@pytest.mark.parametrize("lines", [1, 2, 3, 10, 100])
def test_the_second_stage_has_rounds_enough_for_its_share_of_alpha(lines):
    assert rounds_to_decide(ALPHA, lines) > fewest_rounds(ALPHA / lines)


def test_adjustment_is_holms():
    p = np.random.default_rng(8).random((5, 6)) ** 3
    assert holm_adjusted(p) == pytest.approx(np.array([holm(row.tolist()) for row in p]))
