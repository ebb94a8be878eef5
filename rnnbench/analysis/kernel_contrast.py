"""Kernels beside torch's own layers, and sparse beside dense under the same kernel.

What a user would pick instead is nn.RNN, nn.LSTM or nn.GRU, which are dense: where a suite times them, they are what
others are held against first. A loop over torch operations stands beside them, never alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rnnbench.analysis.contrast import Case, Contrast, Group, label
from rnnbench.analysis.cost import Ratio, compared_time, pass_of, ratios, told
from rnnbench.analysis.wording import Finding, hundredths, listing, sentence, spread
from rnnbench.results.metrics import scope_of

TORCH = {"rnn": "nn.RNN", "lstm": "nn.LSTM", "gru": "nn.GRU"}
"""torch's layer of each cell."""
DENSE = "dense"
_TORCH = "torch"
_LOOPS = {"eager": "a loop over torch operations", "reference": "the plain loop"}


@dataclass(frozen=True)
class Timed:
    """One case of a contrast over kernels, with the time of a pass over others'.

    Attributes
    ----------
    setting
        What sets it apart besides connectivity and kernel: ``cell lstm``.
    torch
        Over torch's layer, which is dense, in the same setting.
    dense
        Over dense under the same kernel; None for dense itself.
    baseline
        Over the kernel that the suite names, of the same connectivity.
    """

    case: Case
    setting: str
    cell: str
    connectivity: str
    kernel: str
    torch: Ratio | None
    dense: Ratio | None
    baseline: Ratio | None


def timed_kernels(contrast: Contrast) -> tuple[str, list[Timed]]:
    """Return the time that is compared and every timed case; nothing unless torch's layers are among them."""
    settings = _by_setting(contrast)
    key = compared_time(
        [
            Group({_TORCH: cases[DENSE, _TORCH], kernel: case}, _TORCH)
            for cases in settings.values()
            if (DENSE, _TORCH) in cases
            for (_, kernel), case in cases.items()
            if kernel != _TORCH
        ]
    )
    return key, _timed(contrast, settings, key) if key else []


def timed_by(contrast: Contrast, key: str) -> list[Timed]:
    """Return every case with another time than the one that is compared: of one pass, or of the recurrence alone."""
    return _timed(contrast, _by_setting(contrast), key)


def _by_setting(contrast: Contrast) -> dict[str, dict[tuple[str, str], Case]]:
    """Return the cases of a contrast over kernels by their setting, then by connectivity and kernel."""
    if contrast.axis != "kernel":
        return {}
    settings: dict[str, dict[tuple[str, str], Case]] = {}
    for group in contrast.groups:
        where = contrast.setting(group, without=("connectivity",))
        for kernel, case in group.cases.items():
            connectivity = label("connectivity", case["parameters"].get("connectivity"))
            settings.setdefault(where, {})[connectivity, kernel] = case
    return settings


def _timed(contrast: Contrast, settings: Mapping[str, Mapping[tuple[str, str], Case]], key: str) -> list[Timed]:
    """Return every case with the time ``key`` over that of torch's layer, of dense, and of the baseline's kernel."""
    found = []
    for where, cases in settings.items():
        for (connectivity, kernel), case in cases.items():
            beside = [(DENSE, _TORCH), (DENSE, kernel), (connectivity, contrast.baseline)]
            held = [_ratio(case, cases.get(other), key, connectivity) for other in beside]
            cell = str(case["parameters"].get("cell"))
            found.append(Timed(case, where, cell, connectivity, kernel, *held))
    return found


def _ratio(case: Case, other: Case | None, key: str, name: str) -> Ratio | None:
    if other is None or other is case:
        return None
    found = ratios([Group({"other": other, name: case}, "other")], key)
    return found[0] if found else None


def kernel_findings(contrast: Contrast) -> list[Finding]:
    """Return how kernels compare with torch's layers, what sparsity saves under each, and how loops do.

    Nothing unless torch's layers were timed.
    """
    key, timed = timed_kernels(contrast)
    if not timed:
        return []
    ours = [kernel for kernel in dict.fromkeys(one.kernel for one in timed) if kernel not in (_TORCH, *_LOOPS)]
    forward, alone = (
        timed_by(contrast, other) if other != key else []
        for other in (f"forward_time.{scope_of(key)}", f"{key.partition('.')[0]}.recurrence")
    )
    found = [
        _beside_layers(key, timed, forward),
        *(_sparse(kernel, timed, alone) for kernel in ours),
        _loops(contrast, timed),
    ]
    return [finding for finding in found if finding]


def _beside_layers(key: str, timed: Sequence[Timed], forward: Sequence[Timed]) -> Finding:
    """Say how long dense takes in other kernels, beside torch's layers; also ``forward`` alone, in the first kernel."""
    dense = [one for one in timed if one.torch and one.connectivity == DENSE]
    kernels = sorted(dict.fromkeys(one.kernel for one in dense), key=lambda kernel: kernel in _LOOPS)
    first, *rest = [beside_torch([one for one in dense if one.kernel == kernel]) for kernel in kernels]
    text = f"with {_named(kernels[0])}, a dense {pass_of(key)} takes {first}"
    own = [one for one in forward if one.torch and one.connectivity == DENSE and one.kernel == kernels[0]]
    text += f", forward alone {beside_torch(own)}" if own else ""
    text += "".join(f"; with {_named(kernel)}, {told}" for kernel, told in zip(kernels[1:], rest, strict=True))
    return {"text": sentence(text), "time_metric": key, "beside_torch": _figures(timed, "torch")}


def _named(kernel: str) -> str:
    return f"{kernel} ({_LOOPS[kernel]})" if kernel in _LOOPS else kernel


def beside_torch(dense: Sequence[Timed]) -> str:
    """Return ``0.71x [0.68, 0.77] the time of nn.RNN and 0.97x [0.90, 1.01] that of nn.LSTM (not told apart)``."""
    alone = len({one.cell for one in dense}) == len(dense)
    return listing(
        f"{told(one.torch)} {'that' if index else 'the time'} of {TORCH.get(one.cell, one.cell)}"
        f"{'' if alone else f' ({one.setting})'}{' (not told apart)' if one.torch and one.torch.includes_one else ''}"
        for index, one in enumerate(dense)
    )


def _sparse(kernel: str, timed: Sequence[Timed], alone: Sequence[Timed]) -> Finding | None:
    """Say what each sparse connectivity takes beside dense under one kernel, and beside torch's layers.

    Of the recurrence ``alone``, too, where that was timed: the rest of a layer is as dense as ever.
    """
    own = [one for one in timed if one.kernel == kernel and one.dense]
    if not own:
        return None
    text = f"with {kernel}, sparse recurrence takes {_each(own)} the time of dense"
    beside = [one.torch for one in own if one.torch]
    if beside:
        layers = "/".join(dict.fromkeys(TORCH.get(one.cell, one.cell) for one in own))
        text += f", and {told_range(beside)} that of {layers}"
    inside = [one for one in alone if one.kernel == kernel and one.dense]
    if inside:
        cells = listing(f"cell {cell}" for cell in dict.fromkeys(one.cell for one in inside))
        text += f"; of the recurrence alone, W x given, {_each(inside)}, in {cells}"
    return {"text": sentence(text), "beside_dense": _figures(own, "dense")}


def best_kernel(timed: Sequence[Timed]) -> str:
    """Return the kernel in which dense takes the least time beside torch, on average; empty if none does."""
    ratios: dict[str, list[float]] = {}
    for one in timed:
        if one.torch and one.connectivity == DENSE:
            ratios.setdefault(one.kernel, []).append(one.torch.ratio)
    return min(ratios, key=lambda name: fmean(ratios[name]), default="")


def _each(own: Sequence[Timed]) -> str:
    """Return ``0.36x to 0.43x (diagonal) and 0.68x [0.64, 0.72] (block_diagonal(8))``, the fastest first."""
    ranges: dict[str, list[Ratio]] = {}
    for one in own:
        if one.dense:
            ranges.setdefault(one.connectivity, []).append(one.dense)
    ordered = sorted(ranges, key=lambda name: min(ratio.ratio for ratio in ranges[name]))
    return listing(f"{told_range(ranges[name])} ({name})" for name in ordered)


def _loops(contrast: Contrast, timed: Sequence[Timed]) -> Finding | None:
    """Say how kernels compare with the loop of the same connectivity, where that is the suite's baseline."""
    own = [one for one in timed if one.baseline and one.kernel not in (_TORCH, *_LOOPS)]
    if not own or contrast.baseline not in _LOOPS:
        return None
    kernels = listing(dict.fromkeys(one.kernel for one in own))
    amount = spread([one.baseline.ratio for one in own if one.baseline], lambda value: f"{hundredths(value)}x")
    text = f"{kernels} takes {amount} the time of {contrast.baseline}, {_LOOPS[contrast.baseline]}"
    return {"text": sentence(text), "beside_baseline": _figures(own, "baseline")}


def told_range(found: Sequence[Ratio | None]) -> str:
    """Return ``0.36x to 0.45x``, or the one ratio with its interval."""
    known = sorted((ratio for ratio in found if ratio), key=lambda ratio: ratio.ratio)
    if len(known) == 1:
        return told(known[0])
    ends = dict.fromkeys(f"{hundredths(ratio.ratio)}x" for ratio in (known[0], known[-1]))
    return " to ".join(ends)


def _figures(timed: Sequence[Timed], of: str) -> list[dict[str, object]]:
    return [ratio.figures() for one in timed if (ratio := getattr(one, of))]
