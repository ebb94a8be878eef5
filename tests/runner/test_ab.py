"""Rounds of two arms against stand-ins: order, restarts, stages, failures, what is kept. Nothing is timed."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from standin import StandInExecutor, StandInWorker

from rnnbench.analysis.coin import order_of
from rnnbench.analysis.limits import read_limits
from rnnbench.analysis.paired_gate import paired_gate
from rnnbench.analysis.paired_integrity import check_paired_figures
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.report.listener import Silence
from rnnbench.results.figure import Figure, Observation
from rnnbench.results.paired import Paired
from rnnbench.runner.ab import AbInterrupted, AbSettings, ab
from rnnbench.runner.arm import Arm
from rnnbench.runner.executor import Place
from rnnbench.runner.job import Failure, Job
from rnnbench.suite.loader import load_suite

SUITE = """\
version: 1
name: small
defaults: {hidden: 4, time_steps: 4, batch: 2}
matrix: {connectivity: [dense, tridiagonal, diagonal]}
measure: {throughput: {passes: [forward, training]}}
"""
LIMITS = read_limits({}, (), None, "small.yaml")
Behaviour = Callable[[str, Job], "Observation | Failure | BaseException"]


class Log:
    """What both arms did, in order: (arm, worker, case, slot)."""

    def __init__(self) -> None:
        self.slots: list[tuple[str, int, str, int]] = []
        self.starts: list[str] = []
        self.waits: list[tuple[str, int]] = []
        self.closed = 0


class ArmExecutor(StandInExecutor):
    """Starts stand-ins of one arm that write into the log of both."""

    def __init__(self, arm: str, log: Log, behaviour: Behaviour, installation: dict[str, str]) -> None:
        super().__init__(lambda job: behaviour(arm, job))
        self.arm, self.log, self.installation = arm, log, installation

    def start(self, measurement: str) -> StandInWorker:
        self.log.starts.append(self.arm)
        super().start(measurement)
        self.workers[-1] = ArmWorker(self, len(self.workers) - 1)
        return self.workers[-1]


class ArmWorker(StandInWorker):
    def __init__(self, executor: ArmExecutor, number: int) -> None:
        super().__init__(executor)
        self.number = number

    def await_ready(self) -> None:
        self.executor.log.waits.append((self.executor.arm, len(self.executor.log.starts)))

    def probe(self, devices):
        there = self.executor.installation
        return Place(dict.fromkeys(devices, "cpu"), [], {}, {"torch": "2.13"}, "3.11.7", installation=there)

    def perform(self, job, timeout_seconds, advanced):
        self.executor.log.slots.append((self.executor.arm, self.number, job.case.name, job.launch))
        return super().perform(job, timeout_seconds, advanced)

    def close(self) -> None:
        self.executor.log.closed += not self.closed
        super().close()


def times(slower: float = 1.0, case: str = "", noise: float = 0.005, seed: int = 1) -> Behaviour:
    """Return the behaviour of arms that differ in ``case`` by a factor."""
    generator = np.random.default_rng(seed)

    def behaviour(arm: str, job: Job) -> Observation:
        factor = slower if arm == "head" and job.case.name == case else 1.0
        keys = ("training_time.layer", "forward_time.layer")
        figures = {key: Figure("timing", (0.01 * factor * math.exp(generator.normal(0, noise)),)) for key in keys}
        return Observation(figures, {"name": f"kernel of {arm}", "rejected": []})

    return behaviour


def installation(arm: str) -> dict[str, str]:
    return {"version": "0.1", "path": f"/nowhere/{arm}/rnnbench", "results_version": "1.0"}


def arms_of(folder: Path, behaviour: Behaviour, head: tuple[str, ...] = (), installations=None):
    (folder / "small.yaml").write_text(SUITE)
    log = Log()
    made = []
    for name, settings in (("base", ()), ("head", head)):
        there = (installations or {}).get(name, installation(name))
        executor = ArmExecutor(name, log, behaviour, there)
        suite = load_suite(folder / "small.yaml", settings)
        made.append(Arm(name, f"/{name}/bin/python", f"/{name}/bin/python", settings, suite, executor))
    return (made[0], made[1]), log


def execute(folder: Path, behaviour: Behaviour, head: tuple[str, ...] = (), installations=None, **changes):
    arms, log = arms_of(folder, behaviour, head, installations)
    settings = AbSettings(**{"path": folder / "ab.json", "seed": 5, "limits": LIMITS, **changes})
    return ab(arms, settings), log


def gate(document: Paired):
    check_paired_figures(document, "ab.json")
    return paired_gate(document, "ab.json", LIMITS)


def refused(code: ExitCode, *arguments, **more) -> str:
    with pytest.raises(RnnbenchError) as caught:
        execute(*arguments, **more)
    assert caught.value.exit_code == code
    return caught.value.message


def test_each_case_of_each_round_runs_abba_or_baab_as_the_coin_says(tmp_path):
    document, log = execute(tmp_path, times(), rounds=8)
    assert [entry["order"] for entry in document.rounds] == [order_of(5, 2, number) for number in range(8)]
    assert {entry["order"] for entry in document.rounds} == {"ABBA", "BAAB"}
    visits = [log.slots[start : start + 4] for start in range(0, len(log.slots), 4)]
    assert len(visits) == 8 * 3
    for index, visit in enumerate(visits):
        arms = "".join("A" if arm == "base" else "B" for arm, *_ in visit)
        assert arms == document.rounds[index // 3]["order"]
        assert len({case for _, _, case, _ in visit}) == 1


def test_each_round_has_fresh_workers_started_in_the_order_of_the_coin_and_ended(tmp_path):
    document, log = execute(tmp_path, times(), rounds=5)
    workers = [{(arm, worker) for arm, worker, *_ in log.slots[12 * n : 12 * n + 12]} for n in range(5)]
    assert workers == [{("base", n), ("head", n)} for n in range(5)]
    assert log.starts[::2] == ["base" if entry["order"] == "ABBA" else "head" for entry in document.rounds]
    assert log.closed == len(log.starts) == 10


def test_until_a_visit_is_done_nothing_is_said_of_the_time_that_is_left(tmp_path):
    class Told(Silence):
        left: ClassVar[list[float | None]] = []

        def started(self, job):
            self.left.append(job.seconds_left)

    arms, _ = arms_of(tmp_path, times())
    ab(arms, AbSettings(path=tmp_path / "ab.json", seed=5, limits=LIMITS, rounds=6), Told())
    first, *others = Told.left
    assert first is None
    assert all(left > 0 for left in others)


def test_both_workers_of_a_round_start_at_once(tmp_path):
    _, log = execute(tmp_path, times(), rounds=3)
    assert [arm for arm, _ in log.waits] == log.starts
    assert [begun for _, begun in log.waits] == [2, 2, 4, 4, 6, 6]


def test_cases_are_shuffled_anew_in_each_round_and_by_the_seed(tmp_path):
    orders = {}
    for seed in (5, 6):
        _, log = execute(tmp_path, times(), rounds=6, seed=seed)
        orders[seed] = [
            tuple(case for *_, case, slot in log.slots[12 * n : 12 * n + 12] if slot == 0) for n in range(6)
        ]
    assert len(set(orders[5])) > 1
    assert orders[5] != orders[6]


def test_the_document_says_arms_plan_times_and_ratios_and_is_written(tmp_path):
    document, _ = execute(tmp_path, times(1.5, "dense"), rounds=11, argv=("rnnbench", "ab"))
    assert Paired.read(tmp_path / "ab.json").data == document.data
    assert document.plan == {"screening": None, "deciding": 11, "alpha": 0.01, "limits": []}
    assert document.arms["head"]["rnnbench"] == {"version": "0.1", "path": "/nowhere/head/rnnbench"}
    dense = next(case for case in document.cases if case["name"] == "dense")
    assert dense["head"]["kernel"]["name"] == "kernel of head"
    ratios = dense["metrics"]["forward_time.layer"]["log_ratios"]
    assert len(ratios) == 11
    assert ratios == pytest.approx([math.log(1.5)] * 11, abs=0.05)
    assert {line.name for line in gate(document).lines if line.failing} == {"dense"}


def test_without_a_number_rounds_are_as_many_as_the_error_rate_takes(tmp_path):
    document, _ = execute(tmp_path, times())
    assert document.plan["deciding"] == 13  # 6 timings: 2^-10 <= 1 % / 6, and 3 to spare
    assert gate(document).lines


def test_screening_ends_it_where_nothing_is_pointed_at(tmp_path):
    document, log = execute(tmp_path, times(), screening=True)
    assert [entry["stage"] for entry in document.rounds] == [1] * 6
    assert len(log.slots) == 6 * 3 * 4
    assert gate(document).exit_code(strict=True) == ExitCode.OK


def test_only_what_screening_points_at_gets_fresh_rounds_with_coins_of_their_own(tmp_path):
    document, log = execute(tmp_path, times(1.12, "diagonal"), screening=True)
    assert [entry["stage"] for entry in document.rounds] == [1] * 6 + [2] * 11
    assert {case for _, _, case, _ in log.slots[6 * 3 * 4 :]} == {"diagonal"}
    found = gate(document)
    assert found.exit_code(strict=False) == ExitCode.REGRESSION
    assert {(line.name, line.rounds) for line in found.lines if line.failing} == {("diagonal", 11)}


def test_after_screening_there_are_never_too_few_rounds_to_decide(tmp_path):
    document, _ = execute(tmp_path, times(1.12, "diagonal"), screening=True, rounds=2)
    assert document.plan["deciding"] == 8
    assert gate(document).exit_code(strict=False) == ExitCode.REGRESSION


def test_a_case_that_fails_in_one_arm_is_left_out_with_its_reason_and_the_others_go_on(tmp_path):
    well = times()

    def behaviour(arm, job):
        crashed = arm == "head" and job.case.name == "dense" and next(slots) >= 6
        return Failure("error", "worker was killed by signal 11 (SIGSEGV)") if crashed else well(arm, job)

    slots = iter(range(1000))
    document, _ = execute(tmp_path, behaviour, rounds=10)
    statuses = {case["name"]: (case["status"], case["reason"]) for case in document.cases}
    assert statuses["dense"] == ("error", "head: worker was killed by signal 11 (SIGSEGV)")
    assert statuses["diagonal"] == ("ok", None)
    assert len(next(c for c in document.cases if c["name"] == "dense")["metrics"]["forward_time.layer"]["rounds"]) == 3
    assert gate(document).exit_code(strict=False) == ExitCode.CASE_FAILED


def test_when_every_case_has_failed_the_rounds_end(tmp_path):
    document, log = execute(tmp_path, lambda arm, job: Failure("oom", "out of memory"), rounds=10)
    assert len(document.rounds) == 1
    assert log.closed == len(log.starts)
    with pytest.raises(RnnbenchError, match="no case was measured") as caught:
        gate(document)
    assert caught.value.exit_code == ExitCode.CASE_FAILED


def test_an_arm_that_no_longer_starts_ends_it_and_keeps_the_rounds_until_then(tmp_path):
    arms, log = arms_of(tmp_path, times())
    arms[1].executor.fail_starts = {3}
    with pytest.raises(RnnbenchError) as caught:
        ab(arms, AbSettings(tmp_path / "ab.json", 5, LIMITS, rounds=10))
    assert caught.value.exit_code == ExitCode.CASE_FAILED
    assert "head (/head/bin/python): a worker process could not start" in caught.value.message
    assert str(tmp_path / "ab.json") in caught.value.message
    kept = Paired.read(tmp_path / "ab.json")
    assert len(kept.rounds) == 3
    assert kept.run["finished"] is None
    assert log.closed == len(log.starts) - 1
    with pytest.raises(RnnbenchError, match="was not finished"):
        gate(kept)


def test_ctrl_c_keeps_the_complete_rounds(tmp_path):
    well, slots = times(), iter(range(1000))
    with pytest.raises(AbInterrupted) as caught:
        execute(tmp_path, lambda arm, job: KeyboardInterrupt() if next(slots) == 30 else well(arm, job), rounds=10)
    assert len(caught.value.document.rounds) == 2
    assert Paired.read(tmp_path / "ab.json").data == caught.value.document.data
    assert caught.value.document.run["finished"] is None


def test_after_every_round_the_file_holds_all_rounds_so_far(tmp_path):
    well, seen = times(), []

    def behaviour(arm, job):
        seen.append(len(Paired.read(tmp_path / "ab.json").rounds))
        return well(arm, job)

    execute(tmp_path, behaviour, rounds=4)
    assert sorted(set(seen)) == [0, 1, 2, 3]
    assert all(after >= before for before, after in pairwise(seen))


def test_two_settings_in_one_installation_are_two_arms(tmp_path):
    same = dict.fromkeys(("base", "head"), installation("one"))
    document, _ = execute(tmp_path, times(), ("kernel=eager",), same, rounds=2)
    dense = document.cases[0]
    assert (dense["base"]["parameters"]["kernel"], dense["head"]["parameters"]["kernel"]) == ("auto", "eager")
    assert document.arms["head"]["settings"] == ["kernel=eager"]


def test_arms_that_are_the_same_are_refused_unless_that_is_wanted(tmp_path):
    same = dict.fromkeys(("base", "head"), installation("one"))
    message = refused(ExitCode.USAGE, tmp_path, times(), (), same)
    assert "are the same: both run the rnnbench in /nowhere/one/rnnbench" in message
    assert "--self-check" in message
    assert execute(tmp_path, times(), (), same, rounds=2, identical=True)[0].rounds


def test_an_older_rnnbench_and_another_results_version_cannot_be_compared(tmp_path):
    older = refused(ExitCode.NOT_COMPARABLE, tmp_path, times(), (), {"base": {}})
    assert "base (/base/bin/python): its rnnbench is older than `rnnbench ab`" in older
    other = {**installation("head"), "version": "3.0", "results_version": "2.0"}
    newer = refused(ExitCode.NOT_COMPARABLE, tmp_path, times(), (), {"head": other})
    assert "head (/head/bin/python): its rnnbench 3.0 has results version 2.0, this one has 1.0" in newer
    assert not (tmp_path / "ab.json").exists()


def test_arms_without_a_common_case_cannot_be_compared(tmp_path):
    message = refused(ExitCode.NOT_COMPARABLE, tmp_path, times(), ("connectivity=dense,none", "hidden=4,8"))
    assert "no case in common: base has dense, tridiagonal, diagonal, head has dense/" in message


def test_a_suite_without_throughput_has_nothing_to_compare(tmp_path):
    (tmp_path / "other.yaml").write_text(SUITE.replace("throughput: {passes: [forward, training]}", "memory: {}"))
    suite = load_suite(tmp_path / "other.yaml")
    arms, _ = arms_of(tmp_path, times())
    bare = tuple(Arm(arm.name, arm.label, arm.interpreter, (), suite, arm.executor) for arm in arms)
    with pytest.raises(RnnbenchError, match="measures no throughput"):
        ab(bare, AbSettings(None, 5, LIMITS))
