"""What a model stores: counts in closed form, and the length of a real file that holds its weights and nothing else."""

import errno
import io

import pytest
import torch

from rnnbench.measure import storage as module
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.perform import perform
from rnnbench.models.network import build
from rnnbench.models.weights import draw
from rnnbench.suite.schema import Parameters
from rnnbench.suite.size import weight_bytes
from tests.cases import ignore_progress, make_case

BESIDE = 1536
"""Bytes of an archive that holds no tensor, at most."""
EACH = 512
"""Bytes that a tensor takes beside its numbers, at most: its name, twice, its form, and up to 64 to begin at."""
STRUCTURES = [
    ("dense", 64),
    ("diagonal", 8),
    ("tridiagonal", 24),
    ("permuted_band(1,1,circular=true)", 24),
    ("block_diagonal(4)", 16),
    ("random(11)", 11),
    ("small_world(2,0.5)", 24),
    ("upper_triangular", 36),
    ("low_rank(2)", 32),
    ("none", 0),
]
"""With how many numbers U is stored at H = 8, padding of a band included."""


def figures(**parameters):
    return perform("storage", make_case({"storage": {}}, **{"hidden": 8, "input": 3, **parameters}), ignore_progress)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("connectivity", "stored"), STRUCTURES)
def test_a_file_is_as_long_as_the_numbers_and_a_little(connectivity, stored, dtype):
    found = figures(connectivity=connectivity, layers=2, dtype=dtype).figures
    size = {"float32": 4, "float64": 8}[dtype]
    alone, model = found["file_bytes.recurrence"], found["file_bytes.model"]
    parameters = Parameters(connectivity=connectivity, layers=2, dtype=dtype, hidden=8, input=3)
    assert alone.details["tensor_bytes"] == 2 * stored * size
    assert model.details["tensor_bytes"] == weight_bytes(parameters) == found["parameter_bytes"].values[0]
    for figure in (alone, model):
        beside = figure.values[0] - figure.details["tensor_bytes"]
        assert 0 < beside <= BESIDE + EACH * figure.details["tensors"]


@pytest.mark.parametrize(("cell", "connectivity"), [("rnn", "dense"), ("lstm", "tridiagonal"), ("gru", "none")])
def test_the_counts_are_those_of_memory(cell, connectivity):
    shape = {"hidden": 8, "input": 3, "time_steps": 4, "batch": 2, "cell": cell, "connectivity": connectivity}
    weighed = perform("memory", make_case({"memory": {}}, **shape), ignore_progress).figures
    found = figures(**shape).figures
    for key in ("recurrent_parameters", "total_parameters", "parameter_bytes"):
        assert found[key] == weighed[key]


def test_the_recurrent_bias_of_gru_is_no_recurrent_matrix():
    found = figures(cell="gru", connectivity="tridiagonal").figures["file_bytes.recurrence"]
    assert found.details == {"tensors": 1, "tensor_bytes": 3 * 24 * 4}


def test_a_large_file_is_the_numbers():
    found = figures(hidden=256, input=2).figures["file_bytes.recurrence"]
    assert found.values[0] == pytest.approx(256 * 256 * 4, rel=0.01)


@pytest.mark.parametrize("connectivity", ["dense", "permuted_band(1,1,circular=true)", "random(11)"])
def test_what_is_written_is_all_that_the_model_needs(connectivity, monkeypatch):
    """A model of other weights gives the same outputs once it has read the file."""
    files = []
    monkeypatch.setattr(module, "saved_bytes", lambda weights: files.append(saved(weights)) or 1)
    figures(connectivity=connectivity, layers=2, activation="sigmoid")
    _, file = files
    networks = []
    for seed in (0, 1):
        parameters = Parameters(
            connectivity=connectivity, layers=2, activation="sigmoid", hidden=8, input=3, seed=seed, kernel="reference"
        )
        networks.append(build(parameters, draw(parameters), device="cpu", time_steps=5, batch=2))
    x = torch.randn(5, 2, 3)
    written, other = networks
    assert not torch.equal(written(x), other(x))
    other.load_state_dict(torch.load(io.BytesIO(file), weights_only=True))
    assert torch.equal(written(x), other(x))


def saved(weights):
    file = io.BytesIO()
    torch.save(weights, file)
    return file.getvalue()


def test_the_file_is_on_disk_and_nothing_is_left_of_it(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen = []
    monkeypatch.setattr(
        module.torch, "save", lambda weights, file: (seen.append(file.name), file.write(b"1234567"), torch.zeros(0))
    )
    assert module.saved_bytes({"weight": torch.zeros(3)}) == 7
    assert len(seen) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("write failed")])
def test_a_full_disk_is_a_status_with_a_remedy(error, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail(weights, file):
        raise error

    monkeypatch.setattr(module.torch, "save", fail)
    with pytest.raises(
        CaseFailure, match=r"the weights, 32 bytes, cannot be written to a file in .*: make room"
    ) as found:
        figures(connectivity="diagonal")
    assert found.value.status == "error"


def test_no_kernel_is_tried_out():
    observation = figures(kernel="fused")
    assert observation.kernel is None
    assert observation.agreement is None
