"""The least work of a pass: closed forms, by hand for small sizes, and in proportion for all."""

from __future__ import annotations

import pytest

from rnnbench.suite.schema import Parameters
from rnnbench.suite.work import work_of

T, B, H, I = 8, 2, 4, 3  # noqa: E741 - the field's name
X = T * B
DENSE, TRIDIAGONAL = H * H, 3 * H - 2


def parameters(**given) -> Parameters:
    return Parameters.model_validate({"time_steps": T, "batch": B, "hidden": H, "input": I, "bias": False, **given})


@pytest.mark.parametrize(("connectivity", "entries"), [("dense", DENSE), ("tridiagonal", TRIDIAGONAL), ("none", 0)])
@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_arithmetic_is_two_operations_for_each_entry_step_and_example(connectivity, entries, cell, gates):
    p = parameters(connectivity=connectivity, cell=cell)
    recurrent, inputs = 2 * X * gates * entries, 2 * X * gates * H * I
    assert work_of(p, "forward", "recurrence").flops == recurrent
    assert work_of(p, "training", "recurrence").flops == 3 * recurrent
    assert work_of(p, "forward", "layer").flops == recurrent + inputs
    assert work_of(p, "training", "layer").flops == 3 * recurrent + 2 * inputs


def test_the_model_has_further_layers_and_a_readout():
    p = parameters(layers=3, task={"binary_addition": {"bits": 3}}, connectivity="tridiagonal")
    first, further, readout = 2 * X * (TRIDIAGONAL + H * I), 2 * X * (TRIDIAGONAL + H * H), 2 * X * H * p.output_size
    assert work_of(p, "forward", "model").flops == first + 2 * further + readout
    training = 2 * X * (3 * TRIDIAGONAL + 2 * H * I) + 3 * (2 * further + readout)
    assert work_of(p, "training", "model").flops == training


def test_a_task_that_asks_for_the_last_step_reads_out_once():
    p = parameters(task={"adding": {"length": 20}})
    layer = work_of(p, "forward", "layer").flops
    assert work_of(p, "forward", "model").flops == layer + 2 * B * H * p.output_size


class TestBytes:
    """Counted one by one, as numbers of four bytes."""

    def test_a_recurrence_reads_z_and_the_matrix_and_writes_states(self):
        p = parameters()
        z = h = X * H
        assert work_of(p, "forward", "recurrence").bytes == 4 * (z + h + DENSE)
        back = h + h + z + DENSE + DENSE  # gradient by h, h again, gradient by z, U again, gradient by U
        assert work_of(p, "training", "recurrence").bytes == 4 * (z + h + DENSE + back)

    def test_gated_cells_have_more_z_and_need_their_gates_again(self):
        p = parameters(cell="lstm")
        z, h, U = 4 * X * H, X * H, 4 * DENSE
        assert work_of(p, "forward", "recurrence").bytes == 4 * (z + h + U)
        assert work_of(p, "training", "recurrence").bytes == 4 * (z + h + U + 2 * h + z + z + 2 * U)

    def test_a_layer_reads_inputs_in_place_of_z(self):
        p = parameters(bias=True)
        x, h, weights = X * I, X * H, H * I + DENSE + H
        assert work_of(p, "forward", "layer").bytes == 4 * (x + h + weights)
        assert work_of(p, "training", "layer").bytes == 4 * (x + h + weights + 2 * h + x + 2 * weights)

    def test_a_model_hands_states_over_and_keeps_them_for_training_unless_they_are_computed_again(self):
        p = parameters(layers=2)
        x, weights = X * I, H * I + DENSE + H * H + DENSE + H
        assert work_of(p, "forward", "model").bytes == 4 * (x + weights)
        kept = work_of(p, "training", "model").bytes
        assert kept == 4 * (2 * x + 3 * weights + 2 * 2 * X * H)
        again = work_of(parameters(layers=2, recompute={"every": 4}), "training", "model").bytes
        assert again == kept - 4 * 2 * 2 * X * H

    @pytest.mark.parametrize("scope", ["recurrence", "layer", "model"])
    @pytest.mark.parametrize(("dtype", "times"), [("float64", 2.0), ("bfloat16", 0.5), ("float16", 0.5)])
    def test_bytes_are_those_of_the_dtype_and_operations_are_not(self, scope, dtype, times):
        for run in ("forward", "training"):
            single, other = (work_of(parameters(dtype=one), run, scope) for one in ("float32", dtype))
            assert other.bytes == times * single.bytes
            assert other.flops == single.flops

    def test_padding_of_a_band_is_not_counted(self):
        wide = parameters(connectivity={"banded": {"lower": 9, "upper": 9}})
        assert work_of(wide, "forward", "recurrence") == work_of(parameters(), "forward", "recurrence")


class TestSteps:
    @pytest.mark.parametrize(
        ("given", "steps"),
        [
            ({}, T),
            ({"connectivity": "none"}, 1),
            ({"connectivity": "none", "cell": "gru"}, T),
            ({"activation": "identity"}, 3),
            ({"activation": "identity", "time_steps": 9}, 4),
            ({"activation": "identity", "time_steps": 1}, 1),
            ({"activation": "identity", "cell": "lstm"}, T),
        ],
    )
    def test_steps_that_wait_are_those_of_the_recurrence(self, given, steps):
        p = parameters(**given)
        assert work_of(p, "forward", "layer").dependent_steps == steps
        assert work_of(p, "training", "layer").dependent_steps == 2 * steps

    def test_layers_run_one_step_behind_each_other_and_a_loop_runs_them_in_turn(self):
        work = work_of(parameters(layers=3), "forward", "model")
        assert (work.dependent_steps, work.loop_steps) == (T + 2, 3 * T)
        assert work_of(parameters(layers=3), "training", "layer").loop_steps == 2 * T
