"""The answer of a document on how fast it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from rnnbench.analysis.answer import answers
from rnnbench.analysis.answer_line import SPEED, Line
from rnnbench.analysis.contrast import Contrast
from rnnbench.analysis.cost import Ratio, told_span
from rnnbench.analysis.kernel_contrast import (
    DENSE,
    TORCH,
    Timed,
    beside_torch,
    best_kernel,
    timed_by,
    timed_kernels,
    told_range,
)
from rnnbench.analysis.necessity import for_speed
from rnnbench.analysis.statistics import FEWEST_LAUNCHES
from rnnbench.analysis.weights import all_weights, recurrent_weights
from rnnbench.analysis.wording import factor, listing, plural


def kernel_line(contrast: Contrast) -> Line | None:
    """Answer how fast kernels are beside torch's layers, and what sparse recurrence saves with the fastest."""
    key, found = timed_kernels(contrast)
    kernel = best_kernel(found)
    dense = [one for one in found if one.torch and one.connectivity == DENSE]
    if not kernel:
        return None
    advice = _advice(kernel, [one for one in dense if one.kernel == kernel])
    saved = _saved([one for one in found if one.kernel == kernel])
    faster = {name: ratios for name, ratios in saved.items() if all(ratio.told_less for ratio in ratios)}
    text, cost = advice, ""
    if faster:
        names, own = list(faster), [one for one in found if one.kernel == kernel]
        text = f"{_fastest(faster, kernel, _settings(found))}{_beside_layers(names, own)}"
        cost = f"{_stored(names, own)}{_inside(contrast, key, kernel, names)}{advice}"
    launches = min(len(one.case["metrics"][key]["samples"] or []) for one in found if key in one.case["metrics"])
    intervals = "with 95 % intervals over them" if launches >= FEWEST_LAUNCHES else "too few for intervals"
    sure = f"{plural(launches, 'launch')}, {intervals}; what is learnt was not measured."
    return Line(SPEED, f"{text}.", f"{cost}." if cost else "", sure, tuple(faster), for_speed(faster, found, kernel))


def _settings(timed: Sequence[Timed]) -> str:
    """Return what several settings differ in: ``over cells rnn, lstm and gru``; empty for one."""
    cells = dict.fromkeys(one.cell for one in timed)
    if len({one.setting for one in timed}) == len(cells):
        return f" over cells {listing(cells)}" if len(cells) > 1 else ""
    return f" over {len({one.setting for one in timed})} settings"


def _fastest(faster: Mapping[str, Sequence[Ratio]], kernel: str, over: str) -> str:
    """Return ``To be fast, take diagonal: with kernel fused, diagonal takes 0.36x [0.31, 0.45] the time of dense``."""
    told_each = listing(f"{name} takes {told_span(found)}" for name, found in faster.items())
    return f"To be fast, take {' or '.join(faster)}: with kernel {kernel}, {told_each} the time of dense{over}"


def _beside_layers(names: Sequence[str], own: Sequence[Timed]) -> str:
    """Return ``, and 0.26x to 0.45x that of nn.RNN/nn.LSTM``: in place of torch's layers, which are dense."""
    beside = [one for one in own if one.connectivity in names and one.torch]
    layers = "/".join(dict.fromkeys(TORCH.get(one.cell, one.cell) for one in beside))
    return f", and {told_range([one.torch for one in beside])} that of {layers}" if beside else ""


def _stored(names: Sequence[str], own: Sequence[Timed]) -> str:
    """Return how many fewer weights the fastest have, recurrent and in all: W is as full as ever."""
    dense = {one.setting: one.case for one in own if one.connectivity == DENSE}
    pairs = [(dense[one.setting], one.case) for one in own if one.connectivity in names and one.setting in dense]
    parts = []
    for of, what in ((recurrent_weights, "recurrent weights"), (all_weights, "weights in all")):
        known = [(of(base), of(case)) for base, case in pairs]
        times = sorted(base / own for base, own in known if base and own)
        if times:
            parts.append(f"{' to '.join(dict.fromkeys(factor(value) for value in (times[0], times[-1])))} fewer {what}")
    if not parts:
        return ""
    return f"Beside dense, {listing(names)} {'has' if len(names) == 1 else 'have'} {listing(parts)}, as W stays full. "


def _inside(contrast: Contrast, key: str, kernel: str, names: Sequence[str]) -> str:
    """Return what the fastest take of the time of dense in the recurrence alone, where that was timed, too."""
    alone = timed_by(contrast, f"{key.partition('.')[0]}.recurrence")
    own = [one for one in alone if one.kernel == kernel and one.connectivity in names and one.dense]
    if not own or key.endswith(".recurrence"):
        return ""
    cells = listing(f"cell {cell}" for cell in dict.fromkeys(one.cell for one in own))
    spanned = told_span([one.dense for one in own if one.dense])
    return f"Of the recurrence alone, W x given, {'it takes' if len(names) == 1 else 'they take'} {spanned} ({cells}). "


def _advice(kernel: str, dense: Sequence[Timed]) -> str:
    """Return whether to take a kernel, for which settings it is shown to be faster, and what dense takes with it.

    Without intervals, nothing is shown.
    """
    faster = [one for one in dense if one.torch and one.torch.told_less]
    takes = f"dense takes {beside_torch(dense)}"
    if not faster:
        return f"No kernel is shown to be faster than torch's layers: with {kernel}, {takes}"
    where = "" if len(faster) == len(dense) else f" for {listing(one.setting for one in faster)}"
    return f"Take kernel {kernel}{where}: {takes}"


def _saved(timed: Sequence[Timed]) -> dict[str, list[Ratio]]:
    """Return the connectivity that is fastest beside dense, and those that cannot be told from it, with their ratios.

    Of those that were timed in as many settings as any. What overlaps with the fastest in every setting, interval by
    interval, is not told from it.
    """
    ratios: dict[str, list[Ratio]] = {}
    for one in timed:
        if one.dense:
            ratios.setdefault(one.connectivity, []).append(one.dense)
    most = max(map(len, ratios.values()), default=0)
    full = {name: found for name, found in ratios.items() if len(found) == most}
    if not full:
        return {}
    best = min(full, key=lambda name: fmean([ratio.ratio for ratio in full[name]]))
    return {name: found for name, found in full.items() if name == best or all(map(_overlap, found, full[best]))}


def _overlap(first: Ratio, second: Ratio) -> bool:
    ends = first.interval, second.interval
    return ends[0] is not None and ends[1] is not None and ends[0][0] <= ends[1][1] and ends[1][0] <= ends[0][1]


def time_line(contrast: Contrast) -> Line | None:
    """Answer which is fastest where nothing was trained and torch's layers are not there."""
    found = [answer for answer in answers(contrast) if answer.text()]
    if len(found) != 1:
        return None
    (answer,) = found
    timed = [one for one in answer.candidates if one.time and one.label != "none"]
    fastest = min(timed, key=lambda one: one.time.ratio if one.time else 1.0)
    certain = fastest.time is not None and fastest.time.interval is not None
    sure = "95 % interval over the launches." if certain else "Too few launches for an interval."
    shown = contrast.axis == "connectivity" and fastest.time is not None and fastest.time.told_less
    return Line(SPEED, answer.text(), "", sure, (fastest.label,) if shown else ())
