"""The fingerprint is the same exactly where timings can be compared."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.machine.fingerprint import GIB, fingerprint, machine, memory_class

THIS = {
    "host": "a",
    "cpu": {"model": "X 3000", "logical": 16, "physical": 8, "affinity": 16, "quota": None, "caches": {"L2": 1 << 20}},
    "memory_bytes": 31 * GIB,
    "gpus": [{"name": "G 100", "memory_bytes": 80 * GIB, "driver": "550.54.15"}],
    "os": "Linux",
    "kernel": "6.1.0",
}


def changed(path: str, value: object) -> dict:
    """Return THIS with the value at a dotted path changed."""
    other = copy.deepcopy(THIS)
    *folders, last = path.split(".")
    part = other
    for folder in folders:
        part = part[int(folder)] if isinstance(part, list) else part[folder]
    part[last] = value
    return other


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("host", "b"),
        ("kernel", "6.2.0"),
        ("memory_bytes", 33 * GIB),
        ("cpu.caches", {}),
        ("gpus.0.driver", "550.90.07"),
        ("gpus.0.memory_bytes", 79 * GIB),
    ],
)
def test_what_does_not_change_timings_does_not_change_it(path, value):
    assert fingerprint(changed(path, value)) == fingerprint(THIS)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cpu.model", "X 4000"),
        ("cpu.design", "family 25, model 17, AVX2"),
        ("cpu.logical", 8),
        ("cpu.physical", 4),
        ("cpu.affinity", 2),
        ("cpu.quota", 2.0),
        ("memory_bytes", 64 * GIB),
        ("gpus.0.name", "G 200"),
        ("gpus.0.driver", "560.28.03"),
        ("gpus", []),
        ("os", "Darwin"),
    ],
)
def test_what_changes_timings_changes_it(path, value):
    assert fingerprint(changed(path, value)) != fingerprint(THIS)


def test_a_system_that_says_no_design_has_the_fingerprint_that_it_had_before_designs_were_asked_for():
    assert fingerprint(changed("cpu.design", None)) == fingerprint(THIS)


@given(st.integers(0, 1 << 50))
def test_the_memory_class_is_the_nearest_power_of_two(memory_bytes):
    gib = memory_class(memory_bytes)
    assert gib & (gib - 1) == 0
    assert gib == 1 or gib / 2**0.5 <= memory_bytes / GIB <= gib * 2**0.5


def test_this_machine_is_described_in_json_and_always_alike():
    described = machine()
    assert json.loads(json.dumps(described)) == described
    assert re.fullmatch("[0-9a-f]{16}", described["fingerprint"])
    assert described["cpu"]["model"]
    assert described["cpu"]["logical"] >= described["cpu"]["affinity"] >= 1
    assert described["memory_bytes"] > 1 << 28
    assert machine()["fingerprint"] == described["fingerprint"]


def test_the_workers_gpus_get_a_driver():
    (gpu,) = machine([{"name": "G", "memory_bytes": GIB}])["gpus"]
    assert gpu["name"] == "G"
    assert "driver" in gpu


def test_torch_is_not_imported():
    code = (
        "import sys, rnnbench.machine.fingerprint as f, rnnbench.machine.conditions as c; f.machine(); c.conditions()"
    )
    code += "; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
