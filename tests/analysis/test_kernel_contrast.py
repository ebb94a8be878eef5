"""Kernels are held against what a user would pick instead, and sparse against dense under the same kernel."""

import pytest

from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.findings import findings
from rnnbench.analysis.kernel_contrast import timed_kernels
from tests.documents import KERNELS, kernels


def test_torchs_layers_come_first_a_loop_never_alone():
    torch, sparse, loop = (finding["text"] for finding in findings(kernels().data))
    assert torch == (
        "With fused, a dense training pass of a layer (forward and backward, W x included) takes 0.50x [0.49, "
        "0.51] the time of nn.RNN and 1.10x [1.08, 1.11] that of nn.LSTM, forward alone 0.50x [0.49, 0.50] the time of "
        "nn.RNN and 1.09x [1.09, 1.10] that of nn.LSTM; with eager (a loop over torch operations), "
        "1.25x [1.23, 1.27] the time of nn.RNN and 2.00x [1.97, 2.03] that of nn.LSTM."
    )
    assert sparse == (
        "With fused, sparse recurrence takes 0.20x to 0.50x (diagonal) the time of dense, and 0.22x to 0.25x that of "
        "nn.RNN/nn.LSTM."
    )
    assert loop == "fused takes 0.22x to 0.55x (median 0.37x) the time of eager, a loop over torch operations."


def test_each_case_stands_beside_torch_dense_and_the_baseline():
    key, timed = timed_kernels(contrast_of(kernels().data))
    assert key == "training_time.layer"
    (found,) = [one for one in timed if (one.cell, one.connectivity, one.kernel) == ("lstm", "diagonal", "fused")]
    held = [found.torch.ratio, found.dense.ratio, found.baseline.ratio]
    assert held == pytest.approx([0.22, 0.2, 0.22], rel=0.01)
    assert all(
        low <= ratio <= high for ratio, (low, high) in ((r.ratio, r.interval) for r in (found.torch, found.dense))
    )


def test_torch_itself_and_dense_are_held_against_nothing_of_themselves():
    _, timed = timed_kernels(contrast_of(kernels().data))
    (torch,) = [one for one in timed if (one.cell, one.kernel) == ("rnn", "torch")]
    assert (torch.torch, torch.dense) == (None, None)
    assert torch.baseline.ratio == pytest.approx(0.8, rel=0.01)


def test_without_torchs_layers_kernels_are_held_against_the_suites_baseline():
    results = kernels({named: seconds for named, seconds in KERNELS.items() if named[2] != "torch"})
    assert timed_kernels(contrast_of(results.data)) == ("", [])
    (text,) = (finding["text"] for finding in findings(results.data))
    assert "the time of eager" in text


def test_only_a_contrast_over_kernels_is_one():
    results = kernels()
    results.suite["resolved"]["contrast"] = {"axis": "connectivity", "baseline": "dense"}
    assert timed_kernels(contrast_of(results.data)) == ("", [])
