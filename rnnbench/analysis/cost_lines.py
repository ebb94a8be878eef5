"""What each connectivity of a document costs, a line each: weights, time and memory, with what it learns for that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnbench.analysis.answer import answers
from rnnbench.analysis.contrast import Case, Contrast
from rnnbench.analysis.cost import Ratio
from rnnbench.analysis.kernel_contrast import DENSE, best_kernel, timed_kernels
from rnnbench.analysis.learning import learned
from rnnbench.analysis.length import length
from rnnbench.analysis.reach_line import limited
from rnnbench.analysis.weights import all_weights, recurrent_weights


@dataclass(frozen=True)
class CostLine:
    """One connectivity in one setting; what was not measured is None, or empty.

    Attributes
    ----------
    name
        The connectivity, with what sets it apart from others of its kind: ``diagonal, cell gru``.
    learns
        ``20 of 20 seeds [0.83, 1.00]``, ``T = 27``.
    recurrent, every
        Weights of U, and in all.
    fewer
        How many times fewer recurrent weights than dense it has; None for dense itself.
    time, memory
        Over dense; None for dense itself.
    fits
        ``3,309 steps``, where it was measured what fits into memory.
    """

    name: str
    is_dense: bool
    learns: str
    recurrent: float | None
    every: float | None
    fewer: float | None
    time: Ratio | None
    memory: Ratio | None
    fits: str = ""


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
        for one in answer.candidates:
            if reaching and one.case["id"] not in reaching:
                continue
            setting = f", {answer.setting}" if answer.setting and not reaching else ""
            found.append(_line(f"{one.label}{setting}", one.case, one.is_baseline, one.weights, one.time, one.memory))
    return found


def _of_kernels(contrast: Contrast) -> Iterator[CostLine]:
    key, timed = timed_kernels(contrast)
    kernel = best_kernel(timed)
    weights = {one.setting: recurrent_weights(one.case) for one in timed if one.connectivity == DENSE}
    for one in timed:
        if one.kernel != kernel or key not in one.case["metrics"]:
            continue
        own, base = recurrent_weights(one.case), weights.get(one.setting)
        ratio = Ratio(one.connectivity, one.case, own, base) if own and base else None
        name = f"{one.connectivity}{f', {one.setting}' if one.setting else ''}"
        yield _line(name, one.case, one.connectivity == DENSE, ratio, one.dense, None)


def _line(
    name: str, case: Case, is_dense: bool, weights: Ratio | None, time: Ratio | None, memory: Ratio | None
) -> CostLine:
    learnt, longest, fits = (
        learned(name, case) if "accuracy" in case["metrics"] else None,
        length(case, "max_length_task"),
        length(case, "max_length_memory"),
    )
    learns = learnt.seeds_text() if learnt else f"T = {longest}" if longest else ""
    fewer = 1 / weights.ratio if weights and not is_dense else None
    return CostLine(
        name,
        is_dense,
        learns,
        recurrent_weights(case),
        all_weights(case),
        fewer,
        None if is_dense else time,
        None if is_dense else memory,
        f"{fits} steps" if fits else "",
    )
