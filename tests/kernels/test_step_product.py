"""Products of one time step: the same figures from both libraries, and the same bits every time."""

import pytest
import torch

from rnnbench.kernels.step_product import has_onednn, pack, step_product

LIBRARIES = [
    "gemm",
    "columns",
    pytest.param("oneDNN", marks=pytest.mark.skipif(not has_onednn(), reason="torch has no oneDNN")),
]


def factors(rows, inputs, outputs):
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(*shape, generator=generator) for shape in ((rows, outputs), (rows, inputs), (outputs, inputs)))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("rows", "inputs", "outputs"), [(1, 1, 1), (3, 5, 7), (8, 33, 64), (32, 64, 17)])
def test_both_multiply_with_a_base_and_without(library, rows, inputs, outputs):
    base, state, transposed = factors(rows, inputs, outputs)
    product = step_product(library, pack(library, transposed, rows))
    out = torch.full_like(base, torch.nan)
    expected = state.double() @ transposed.double().mT
    torch.testing.assert_close(product(base, state, out).double(), base + expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(product(None, state, out).double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_the_bits_do_not_depend_on_where_a_state_or_the_result_begins_nor_on_what_is_run_before(library, rows):
    base, state, transposed = factors(rows, 37, 70)
    product = step_product(library, pack(library, transposed, rows))
    first = product(base, state, torch.empty_like(base)).clone()
    room = torch.empty(state.numel() + 3)
    moved = room[3:].view(state.shape).copy_(state)
    product(base, torch.full_like(state, torch.inf), torch.empty_like(base))
    assert torch.equal(product(base, moved, torch.empty_like(base)), first)
    for begin in range(16):
        place = torch.empty(base.numel() + begin)[begin:].view(base.shape)
        assert torch.equal(product(base, state, place), first), begin


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_result_may_take_the_place_of_the_base(library):
    base, state, transposed = factors(4, 6, 9)
    product = step_product(library, pack(library, transposed, 4))
    expected = product(base, state, torch.empty_like(base)).clone()
    assert torch.equal(product(base, state, base), expected)
