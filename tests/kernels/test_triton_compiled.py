"""The Triton kernels, compiled for real GPUs without one."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from rnnbench.kernels.triton_sweep import STORED, shared_bytes

# Not imported here: in this process the kernels are interpreted, and that is decided where triton is first imported.
pytestmark = pytest.mark.skipif(find_spec("triton") is None, reason="triton is made for Linux only")


@pytest.fixture(scope="module")
def rows(tmp_path_factory, pytestconfig):
    """What every shipped kernel takes on its targets; kernels that did not change are not compiled again."""
    known = pytestconfig.cache.mkdir("triton") / "compiled.json"
    environment = {**os.environ, "TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("cache")), "TRITON_INTERPRET": "0"}
    script = Path(__file__).with_name("compile_offline.py")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(script), str(known)],
        env={**environment, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(known.read_text()).values())


def test_no_kernel_spills_registers(rows):
    served = {(capability, stored) for capability in (80, 90) for stored in STORED}
    assert {(row["capability"], row["stored"]) for row in rows} == served
    assert [row for row in rows if row["spilled_bytes"]] == []


def test_where_a_product_and_a_sum_round_once_is_not_left_to_the_assembler(rows):
    # What says how it rounds (mul.rn) stays as it is, in every copy of a step that a compiler makes of a loop.
    assert [row for row in rows if row["rounded_at_will"]] == []
    diagonal = [row for row in rows if row["name"].startswith("diagonal")]
    assert all(row["rounded_once"] for row in diagonal)


def test_no_kernel_adds_atomically(rows):
    assert [row for row in rows if row["atomics"]] == []


def test_no_kernel_is_compiled_anew_for_another_number_of_time_steps(rows):
    assert [row for row in rows if row["time_steps_specialised"]] == []


def test_loads_run_ahead_of_the_diagonal_recurrence(rows):
    # A copy that runs ahead is of four bytes at least: two halves, where every row starts at an even place.
    diagonal = [row for row in rows if row["name"].startswith("diagonal")]
    assert all(row["loads_ahead"] > 0 for row in diagonal if row["even"] or row["stored"] == "float32")


@pytest.mark.parametrize(
    ("name", "size", "gates"),
    [
        ("blocks of 16", 16, 1),
        ("blocks of 64", 64, 1),
        ("blocks of 128", 128, 1),
        ("blocks of 16 lstm", 16, 4),
        ("blocks of 64 lstm", 64, 4),
        ("blocks of 64 gru", 64, 3),
    ],
)
def test_blocks_are_multiplied_on_tensor_cores_out_of_shared_memory_of_a_known_size(rows, name, size, gates):
    blocks = [row for row in rows if row["name"] == name]
    assert {(row["stored"], row["capability"], row["kernel"]) for row in blocks} == {
        (stored, capability, kernel)
        for stored in STORED
        for capability in (80, 90)
        for kernel in ("_forward", "_backward")
    }
    assert all(row["tensor_core_products"] > 0 for row in blocks)
    assert max(row["shared_bytes"] for row in blocks) <= shared_bytes(size, gates)
