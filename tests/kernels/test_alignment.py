"""Equal places in memory for equal bits of a product."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.kernels.alignment import LINE, aligned, aligned_steps


def test_what_begins_within_a_line_is_copied_and_nothing_else():
    whole = torch.arange(40.0)
    room = torch.empty(4)
    assert aligned(whole[16:20], room) is not room
    moved = aligned(whole[17:21], room)
    assert moved is room
    assert torch.equal(moved, whole[17:21])


@given(steps=st.integers(1, 100), rows=st.integers(1, 100), hidden=st.integers(1, 100), size=st.sampled_from([4, 8]))
def test_chunks_fill_whole_lines_and_are_hardly_longer(steps, rows, hidden, size):
    found = aligned_steps(steps, rows)
    assert found * rows * hidden * size % LINE == 0
    assert steps <= found < steps + 16
