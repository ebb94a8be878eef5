"""What each connectivity of a document costs, a line each: weights, time and memory, with what it learns for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rnnbench.analysis.answer import answers
from rnnbench.analysis.contrast import Case, Contrast
from rnnbench.analysis.cost import Ratio, compared_time, pass_of
from rnnbench.analysis.kernel_contrast import DENSE, best_kernel, timed_kernels
from rnnbench.analysis.learning import learned
from rnnbench.analysis.length import length, seeds_at
from rnnbench.analysis.reach_line import limited
from rnnbench.analysis.weights import all_weights, recurrent_weights
from rnnbench.analysis.wording import share


@dataclass(frozen=True)
class Weights:
    """How many weights of a kind there are, and how many times fewer than dense has; None of dense itself."""

    number: float
    fewer: float | None


@dataclass(frozen=True)
class CostLine:
    """One connectivity in one setting; what was not measured is None, or empty.

    Attributes
    ----------
    name
        The connectivity, with what sets it apart from others of its kind: ``diagonal, cell gru``.
    learns
        ``20 of 20 seeds [0.83, 1.00]; accuracy 1.00``, ``T = 27 (3 of 5 seeds [0.15, 0.95])``.
    recurrent, every
        Weights of U, and in all.
    seconds
        The time of a pass.
    time, memory
        Time and peak memory over dense's; None for dense itself.
    fits
        ``3,309 steps``, where it was measured what fits into memory.
    """

    name: str
    is_dense: bool
    learns: str
    recurrent: Weights | None
    every: Weights | None
    seconds: float | None
    time: Ratio | None
    memory: Ratio | None
    fits: str


def cost_lines(contrast: Contrast) -> list[CostLine]:
    """Return a line for each connectivity that stands beside dense; nothing where dense was held against none.

    Of kernels, those of the fastest one; of ways to run the same step, the one that learnt.
    """
    if contrast.axis == "kernel":
        return list(_of_kernels(contrast))
    if contrast.axis != "connectivity" or contrast.baseline != DENSE:
        return []
    reaching = {case["id"] for case in limited(contrast).values()}
    found = []
    for answer in answers(contrast):
        dense = next(one.case for one in answer.candidates if one.is_baseline)
        for one in answer.candidates:
            if reaching and one.case["id"] not in reaching:
                continue
            setting = f", {answer.setting}" if answer.setting and not reaching else ""
            name = f"{one.label}{setting}"
            found.append(_line(name, one.case, dense, answer.time_metric, one.time, one.memory))
    return found


def timed_pass(contrast: Contrast) -> str:
    """Return of what the times are: ``time of a training pass of a layer (...), kernel fused``; empty without times."""
    if contrast.axis == "kernel":
        key, timed = timed_kernels(contrast)
        return f"time of a {pass_of(key)}, kernel {best_kernel(timed)}" if key else ""
    key = compared_time(contrast.complete())
    return f"time of a {pass_of(key)}" if key else ""


def _of_kernels(contrast: Contrast) -> Iterator[CostLine]:
    key, timed = timed_kernels(contrast)
    kernel = best_kernel(timed)
    own = [one for one in timed if one.kernel == kernel and key in one.case["metrics"]]
    dense = {one.setting: one.case for one in own if one.connectivity == DENSE}
    for one in own:
        if one.setting in dense:
            name = f"{one.connectivity}{f', {one.setting}' if one.setting else ''}"
            yield _line(name, one.case, dense[one.setting], key, one.dense, None)


def _line(name: str, case: Case, dense: Case, key: str, time: Ratio | None, memory: Ratio | None) -> CostLine:
    fits = length(case, "max_length_memory")
    return CostLine(
        name,
        case is dense,
        _learns(name, case),
        _weights(recurrent_weights, case, dense),
        _weights(all_weights, case, dense),
        case["metrics"][key]["value"] if key in case["metrics"] else None,
        time,
        memory,
        f"{fits} steps" if fits else "",
    )


def _learns(name: str, case: Case) -> str:
    """Return how many seeds solve the task, and the accuracy; or the longest length that is learnt, by how many."""
    longest = length(case, "max_length_task")
    if longest:
        seeds = seeds_at(case, "max_length_task", longest)
        return f"T = {longest} ({seeds})" if seeds else f"T = {longest}"
    found = learned(name, case)
    return f"{found.seeds_text()}; accuracy {share(found.accuracy)}" if found else ""


def _weights(of: Callable[[Case], float | None], case: Case, dense: Case) -> Weights | None:
    own, base = of(case), of(dense)
    if own is None:
        return None
    return Weights(own, base / own if base and own and case is not dense else None)
