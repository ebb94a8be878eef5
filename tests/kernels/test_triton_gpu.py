"""The Triton kernels on a device, where there is one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device"),
]

AGREEMENT = """
import itertools
from tests.kernels.test_kernels import recurrence_of
from rnnbench.kernels import agreement, dispatch
structures = ["diagonal", "tridiagonal", "banded(8,8)", "banded(1,2,true)", "block_diagonal(2)", "dense"]
for structure, f, H in itertools.product(structures, ["tanh", "sigmoid", "relu", "identity"], [6, 128]):
    for replicas, scope in [(None, "layer"), (3, "recurrence")]:
        recurrence = recurrence_of(structure, activation=f, hidden=H, replicas=replicas, scope=scope, dtype="float32",
                                   device="cuda:0")
        kernel = dispatch.select(recurrence, "fused").kernel
        found = agreement.check(kernel, recurrence)
        assert found.ok, (recurrence, found)
gated = itertools.product(["lstm", "gru"], structures, [6, 64], ["float32", "bfloat16", "float16"])
for cell, structure, H, dtype in gated:
    for replicas, scope in [(None, "layer"), (3, "recurrence")]:
        recurrence = recurrence_of(structure, cell=cell, hidden=H, replicas=replicas, scope=scope, dtype=dtype,
                                   device="cuda:0")
        found = agreement.check(dispatch.select(recurrence, "fused").kernel, recurrence)
        assert found.ok, (recurrence, found)
"""


def run(*command):
    """Run in another process: in this one, the kernels may be interpreted."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_every_kernel_agrees_with_the_reference_on_the_device():
    done = run("-c", AGREEMENT)
    assert done.returncode == 0, done.stderr


def test_the_suite_for_gpus_runs(tmp_path):
    done = run("-m", "rnnbench", "run", "suites/gpu.yaml", "--quick", "-o", str(tmp_path / "gpu.json"))
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "gpu.json").read_text())
    assert {case["status"] for case in document["cases"]} == {"ok"}
