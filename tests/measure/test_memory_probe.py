"""The probe of a step's memory on a CUDA device, with stand-ins for torch's functions."""

from types import SimpleNamespace

import pytest
import torch

from rnnbench.measure import memory_limit, memory_probe

GIB = 1 << 30


@pytest.fixture
def log(monkeypatch):
    """Let a step take 3 GiB on a device of 8 GiB of which 1 GiB is taken; return what happens, in order."""
    said = []
    monkeypatch.setattr(memory_probe, "_step", lambda request, time_steps: said.append(("step", time_steps)))
    device = SimpleNamespace(total_memory=8 * GIB)
    stand_ins = {
        "empty_cache": lambda: said.append("empty"),
        "memory_allocated": {"cuda:1": GIB}.__getitem__,
        "get_device_properties": {"cuda:1": device}.__getitem__,
        "set_per_process_memory_fraction": lambda fraction, device: said.append((fraction, device)),
        "reset_peak_memory_stats": lambda device: said.append(f"reset {device}"),
        "synchronize": lambda device: said.append(f"wait for {device}"),
        "max_memory_allocated": {"cuda:1": 4 * GIB}.__getitem__,
        "mem_get_info": {"cuda:1": (5 * GIB, 8 * GIB)}.__getitem__,
    }
    for name, function in stand_ins.items():
        monkeypatch.setattr(torch.cuda, name, function)
    return said


def request(budget):
    return SimpleNamespace(device="cuda:1", budget=budget, time_steps=500)


def test_the_peak_is_the_allocators_which_may_take_the_budget_beside_what_was_there(log):
    assert memory_probe._weigh(request(3 * GIB)) == 3 * GIB
    limited = (0.5, "cuda:1")
    assert log == [("step", 2), "empty", limited, "reset cuda:1", ("step", 500), "wait for cuda:1"]


def test_a_budget_beyond_the_device_is_all_of_it(log):
    memory_probe._weigh(request(100 * GIB))
    assert (1.0, "cuda:1") in log


def test_what_a_device_has_free_is_what_it_says(log):
    assert memory_limit.free_bytes("cuda:1") == 5 * GIB
