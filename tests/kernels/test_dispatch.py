"""Which kernel is chosen, and that a kernel that cannot serve is never replaced in silence."""

import subprocess
import sys

import pytest

from rnnbench.kernels.dispatch import KernelUnavailable, load, select
from tests.kernels.test_kernels import recurrence_of


@pytest.mark.parametrize(("cell", "first"), [("rnn", "fused"), ("lstm", "fused"), ("gru", "fused")])
def test_auto_takes_the_first_that_can_serve(cell, first):
    assert select(recurrence_of("dense", cell=cell, scope="layer")).kernel.name == first


@pytest.mark.parametrize(
    ("structure", "changes", "reason"),
    [
        ("diagonal", {}, "nn.RNN is dense, not diagonal"),
        ("dense", {"activation": "sigmoid"}, "nn.RNN has tanh and relu, not sigmoid"),
        ("dense", {"scope": "recurrence"}, "nn.RNN always computes W x: it has no scope 'recurrence'"),
        ("dense", {"replicas": 2}, "nn.RNN has no replica dimension"),
        ("tridiagonal", {"cell": "lstm"}, "nn.LSTM is dense, not tridiagonal"),
        ("dense", {"cell": "lstm", "scope": "recurrence"}, "nn.LSTM always computes W x: it has no scope 'recurrence'"),
        ("none", {"cell": "gru"}, "nn.GRU is dense, not none"),
        ("dense", {"cell": "gru", "replicas": 2}, "nn.GRU has no replica dimension"),
    ],
)
def test_nn_rnn_says_why_it_cannot_serve(structure, changes, reason):
    assert load("torch").supports(recurrence_of(structure, **{"scope": "layer", **changes})) == (False, reason)


def test_auto_says_why_others_were_passed_over():
    recurrence = recurrence_of("tridiagonal", cell="lstm", dtype="float16", scope="layer")
    assert select(recurrence).to_json() == {
        "name": "eager",
        "rejected": [
            {"name": "fused", "reason": "compiled for float32 and float64 on the CPU, not for float16"},
            {"name": "torch", "reason": "nn.LSTM is dense, not tridiagonal"},
        ],
    }


def test_asking_for_a_kernel_that_cannot_serve_is_an_error_with_the_reason():
    with pytest.raises(KernelUnavailable, match=r"kernel 'torch' cannot serve .*nn\.RNN is dense, not tridiagonal"):
        select(recurrence_of("tridiagonal", scope="layer"), "torch")


@pytest.mark.parametrize("name", ["eager", "reference"])
def test_a_kernel_that_is_asked_for_is_used(name):
    assert select(recurrence_of("dense", scope="layer"), name).kernel.name == name


def test_the_catalogue_imports_no_torch():
    code = "import sys, rnnbench.kernels.catalogue, rnnbench.measure.catalogue; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
