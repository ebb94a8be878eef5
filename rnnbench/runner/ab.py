"""Both arms of a comparison on one machine, round by round.

A round starts a fresh worker for each arm, visits every case in a shuffle of its own, and runs four slots of each:
ABBA or BAAB, as a seeded coin says, which also says whose worker starts first. Only one worker runs at a time; the
other sleeps on its queue. What a process is born with is then no more shared by two rounds than by two launches of
`rnnbench run`, and rounds are independent (:mod:`rnnbench.analysis.paired`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnbench.analysis.coin import order_of
from rnnbench.analysis.limits import Limits
from rnnbench.analysis.paired import SCREENING_ROUNDS, rounds_to_decide
from rnnbench.analysis.paired_integrity import DECIDES, SCREENS
from rnnbench.analysis.paired_screen import pointed_at
from rnnbench.analysis.signed_rank import fewest_rounds
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.measure.catalogue import SLOT
from rnnbench.report.listener import Listener, Silence, Started
from rnnbench.results.figure import Observation
from rnnbench.results.paired import Paired
from rnnbench.runner.arm import Arm, Arms, CasePair, check_places, pair_cases
from rnnbench.runner.executor import Place, Worker
from rnnbench.runner.interruption import Interruption
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.match import require_sizes
from rnnbench.runner.paired_record import PairedRecord, Visit, new_document, now
from rnnbench.runner.plan import shuffled

SLOT_TIMEOUT_SECONDS = 600.0
LETTERS = "AB"


class AbInterrupted(Exception):  # noqa: N818 - no error: the user's wish
    """The rounds were stopped; ``document`` holds those that were complete, and is written."""

    def __init__(self, document: Paired) -> None:
        super().__init__("interrupted")
        self.document = document


@dataclass(frozen=True)
class AbSettings:
    """How to compare.

    Attributes
    ----------
    path
        Where the document is written; None keeps it in memory.
    seed
        Of coin and shuffles.
    limits, limit_options
        What the gate will hold timings to, and the ``--limit`` that are part of it.
    rounds
        How many rounds decide; None takes as many as the error rate needs.
    screening
        Whether a first stage screens all cases, and only what it points at is decided.
    identical
        Whether arms may be equal in all that is known of them.
    argv, request
        For the record: the command line, and what it asks for.
    """

    path: Path | None
    seed: int
    limits: Limits
    limit_options: tuple[str, ...] = ()
    rounds: int | None = None
    screening: bool = False
    identical: bool = False
    timeout_seconds: float = SLOT_TIMEOUT_SECONDS
    argv: tuple[str, ...] = ()
    request: Mapping[str, Any] | None = None


def ab(arms: Arms, settings: AbSettings, listener: Listener | None = None) -> Paired:
    """Take all rounds and return the document, written after every round.

    A case that fails in an arm is left out from then on, with its reason.

    Raises
    ------
    RnnbenchError
        The arms cannot be compared, or a worker does not start; in the midst of it, the document is kept unfinished.
    AbInterrupted
        Ctrl-C or SIGTERM, once rounds had begun.
    """
    for arm in arms:
        require_sizes(arm.suite, "rnnbench ab")
    pairs = pair_cases(arms)
    with Interruption() as interruption:
        bench = _Bench(arms, interruption, settings, listener or Silence())
        try:
            record = bench.begin(pairs)
            try:
                bench.take(record, pairs)
            except KeyboardInterrupt:
                record.finish("interrupted")
                raise AbInterrupted(record.document) from None
            except RnnbenchError as error:
                record.finish(error.message)
                kept = f"\nThe rounds until then are kept, unfinished, in {settings.path}" if settings.path else ""
                raise RnnbenchError(f"{error.message}{kept}", ExitCode.CASE_FAILED) from error
        finally:
            bench.close()
        record.finish(None)
    return record.document


class _Bench:
    """Two workers at a time, one of each arm, and the rounds that they run."""

    def __init__(self, arms: Arms, interruption: Interruption, settings: AbSettings, listener: Listener) -> None:
        self._arms = arms
        self._interruption = interruption
        self._settings = settings
        self._listener = listener
        self._workers: dict[str, Worker] = {}
        self._visits_left = 0
        self._visits_done = 0
        self._began = time.monotonic()

    def begin(self, pairs: Sequence[CasePair]) -> PairedRecord:
        """Start the first round's workers, see that they can be compared, and write a document without rounds."""
        first = SCREENS if self._settings.screening else DECIDES
        self._start_both(order_of(self._settings.seed, first, 0))
        places = [self._probe(arm) for arm in self._arms]
        if not self._settings.identical:
            check_places(self._arms, places, pairs)
        settings = self._settings
        run = {"argv": list(settings.argv), "seed": settings.seed, "request": dict(settings.request or {})}
        plan = {
            "screening": SCREENING_ROUNDS if settings.screening else None,
            "deciding": None,
            "alpha": settings.limits.alpha,
            "limits": list(settings.limit_options),
        }
        record = PairedRecord(new_document(self._arms, places, pairs, run, plan), settings.path)
        record.write()
        self._began = time.monotonic()
        return record

    def take(self, record: PairedRecord, pairs: Sequence[CasePair]) -> None:
        """Take the rounds of both stages, or of the second alone."""
        plan, settings = record.document.plan, self._settings
        chosen = list(pairs)
        if settings.screening:
            self._stage(record, SCREENS, SCREENING_ROUNDS, chosen)
            pointed = pointed_at(record.document, settings.limits)
            chosen = [pair for pair in pairs if pair[0].name in pointed.cases]
            timings, noise = pointed.timings, pointed.noise
        else:
            timings, noise = self._timings(pairs), 0.0
        if not chosen:
            return
        fewest = fewest_rounds(settings.limits.alpha / max(1, timings))
        asked = settings.rounds
        if asked is None:
            plan["deciding"] = rounds_to_decide(settings.limits.alpha, max(1, timings), noise)
        else:
            # After a screening nothing is left to choose: too few rounds could not decide anything.
            plan["deciding"] = max(asked, fewest) if settings.screening else asked
        self._stage(record, DECIDES, plan["deciding"], chosen)

    def close(self) -> None:
        """End both workers."""
        for worker in self._workers.values():
            worker.close()
        self._workers = {}

    def _timings(self, pairs: Sequence[CasePair]) -> int:
        """Return how many gated timings the suite asks for."""
        keys = [
            (f"{name}_time.{scope}", case.name)
            for case, _ in pairs
            if case.measure.throughput is not None
            for scope in case.measure.throughput.scopes
            for name in case.measure.throughput.passes
        ]
        return sum(self._settings.limits.limit(key, name) is not None for key, name in keys)

    def _stage(self, record: PairedRecord, stage: int, rounds: int, pairs: Sequence[CasePair]) -> None:
        self._visits_left = rounds * len(record.living(pairs))
        for number in range(rounds):
            living = record.living(pairs)
            if not living:
                self.close()
                return
            self._round(record, stage, number, rounds, living)

    def _round(self, record: PairedRecord, stage: int, number: int, rounds: int, pairs: Sequence[CasePair]) -> None:
        """Take one round of all cases with workers of its own."""
        order = order_of(self._settings.seed, stage, number)
        started = now()
        if not self._workers:
            self._start_both(order)
        by_name = {pair[0].name: pair for pair in pairs}
        visits: dict[str, Visit] = {}
        for case in shuffled([pair[0] for pair in pairs], self._settings.seed, len(record.document.rounds)):
            self._tell(case.name, stage, number, rounds)
            outcome = self._visit(by_name[case.name], order)
            self._visits_left, self._visits_done = self._visits_left - 1, self._visits_done + 1
            if isinstance(outcome, Visit):
                visits[case.name] = outcome
                self._listener.finished("ok", None, case_over=False)
            else:
                arm, failure = outcome
                record.failed(case.name, arm, failure)
                self._listener.finished(failure.status, f"{arm}: {failure.reason}", case_over=True)
        self.close()
        record.add(stage, order, started, visits)

    def _visit(self, pair: CasePair, order: str) -> Visit | tuple[str, Failure]:
        """Run the four slots of a case; return what they gave, or in which arm it failed and how."""
        slots: list[Observation] = []
        for letter in order:
            side = LETTERS.index(letter)
            outcome = self._slot(self._arms[side], Job(pair[side], SLOT, len(slots)))
            if isinstance(outcome, Failure):
                return self._arms[side].name, outcome
            slots.append(outcome)
        return Visit.of(order, slots)

    def _slot(self, arm: Arm, job: Job) -> Observation | Failure:
        if not self._workers[arm.name].usable:
            self._workers[arm.name].close()
            self._start([arm])
        with self._interruption.allowed():
            return self._workers[arm.name].perform(job, self._settings.timeout_seconds, self._listener.advanced)

    def _start_both(self, order: str) -> None:
        """Start both workers at once, first the one that runs first: nothing is timed while they import."""
        self._start([self._arms[LETTERS.index(letter)] for letter in order[:2]])

    def _start(self, arms: Sequence[Arm]) -> None:
        for arm in arms:
            with self._naming(arm):
                self._workers[arm.name] = arm.executor.begin(SLOT)
        for arm in arms:
            with self._naming(arm):
                self._workers[arm.name].await_ready()

    @contextmanager
    def _naming(self, arm: Arm) -> Iterator[None]:
        """Wait for a worker of an arm; say whose it is where it does not start."""
        try:
            with self._interruption.allowed():
                yield
        except RnnbenchError as error:
            remedy = f"\nInstall rnnbench there: {arm.interpreter} -m pip install rnnbench"
            lacking = "No module named" in error.message
            raise RnnbenchError(
                f"{arm.name} ({arm.label}): {error.message}{remedy if lacking else ''}",
                ExitCode.USAGE if lacking else error.exit_code,
            ) from error

    def _probe(self, arm: Arm) -> Place:
        devices = sorted({case.parameters.device for case in arm.suite.cases})
        try:
            with self._interruption.allowed():
                return self._workers[arm.name].probe(devices)
        except RnnbenchError as error:
            raise RnnbenchError(f"{arm.name} ({arm.label}): {error.message}", error.exit_code) from error

    def _tell(self, case: str, stage: int, number: int, rounds: int) -> None:
        """Say which case of which round begins."""
        each = (time.monotonic() - self._began) / self._visits_done if self._visits_done else None
        kind = "screening" if stage == SCREENS else "deciding"
        self._listener.started(
            Started(
                case,
                f"{kind} round {number + 1} of {rounds}",
                1,
                1,
                done=self._visits_done,
                total=self._visits_done + self._visits_left,
                seconds_left=None if each is None else each * self._visits_left,
            )
        )
