"""Which sweep ``fused`` runs, and why: bands are tried out where it is not plain."""

import pytest

from rnnbench.cell import CELLS
from rnnbench.kernels import agreement, fused
from rnnbench.kernels.banded_sweep import BandedSweep
from rnnbench.kernels.block_sweep import BlockSweep
from rnnbench.kernels.dense_loop_sweep import DenseLoopSweep
from rnnbench.kernels.dense_sweep import DenseSweep
from rnnbench.kernels.dispatch import KernelUnavailable, load, select
from rnnbench.kernels.gated_band_sweep import GatedBandSweep
from rnnbench.kernels.sparse_sweep import SparseSweep
from rnnbench.kernels.step_product import has_onednn
from rnnbench.kernels.tiled_block_sweep import TiledBlockSweep
from rnnbench.machine import trials
from tests.kernels.test_kernels import STRUCTURES, recurrence_of


@pytest.fixture
def tried(monkeypatch, tmp_path):
    """Let a trial end as the test says; collect the questions."""
    questions = []
    fused._choose.cache_clear()
    fused._choose_on_cpu.cache_clear()
    monkeypatch.setattr(trials, "_path", lambda: tmp_path / "trials.json")

    def outcome(**seconds):
        def stand_in(question, measure):
            questions.append(question)
            return {name.replace("_", " "): value for name, value in seconds.items()}

        monkeypatch.setattr("rnnbench.kernels.trial.tried", stand_in)
        return questions

    yield outcome
    fused._choose.cache_clear()
    fused._choose_on_cpu.cache_clear()


def wide(**changes):
    return recurrence_of("banded(30,30)", **{"hidden": 200, "scope": "layer", "dtype": "float32", **changes})


@pytest.mark.parametrize(
    ("structure", "hidden", "sweep", "why"),
    [
        ("none", 6, BandedSweep, "elementwise loops: nothing recurs"),
        ("diagonal", 6, BandedSweep, "compiled loops over 1 tap"),
        ("banded(15,16)", 600, BandedSweep, "compiled loops over 32 taps"),
        ("random(5)", 200, SparseSweep, "compiled loops over the free weights"),
        ("random(density=0.9)", 200, DenseSweep, "one GEMM a step"),
        ("dense", 128, BlockSweep, "compiled loops over blocks"),
        ("dense", 130, DenseSweep, "one GEMM a step"),
        ("block_diagonal(4)", 512, BlockSweep, "compiled loops over blocks"),
        ("block_diagonal(4)", 516, TiledBlockSweep, "compiled loops over blocks, in tiles"),
        ("permuted_band(1,1)", 200, BandedSweep, "compiled loops over 3 taps"),
        ("small_world(4,0.2)", 200, SparseSweep, "compiled loops over the free weights"),
    ],
)
def test_most_choices_are_plain(tried, structure, hidden, sweep, why):
    assert_chosen(tried(), recurrence_of(structure, hidden=hidden), sweep, why)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(
    ("structure", "hidden", "sweep", "why"),
    [
        ("none", 6, GatedBandSweep, "elementwise loops: nothing recurs"),
        ("banded(2,2)", 600, GatedBandSweep, "compiled loops over 5 taps"),
        ("random(5)", 200, DenseSweep, "one GEMM a step"),
        ("dense", 6, DenseSweep, "one GEMM a step"),
        ("block_diagonal(2)", 6, TiledBlockSweep, "compiled loops over blocks, in tiles"),
        ("block_diagonal(2)", 600, TiledBlockSweep, "compiled loops over blocks, in tiles"),
    ],
)
def test_cells_with_gates_choose_as_plainly(tried, cell, structure, hidden, sweep, why):
    assert_chosen(tried(), recurrence_of(structure, cell=cell, hidden=hidden), sweep, why)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_on_the_cpu_no_cell_and_connectivity_is_left_out(tried, cell, structure, dtype):
    ways = dict.fromkeys(("gemm", "columns", "oneDNN", "loops"), 2.0)
    tried(taps=1.0, one_GEMM_a_step=2.0, compiled_loops_over_blocks=2.0, **ways)
    for hidden in (6, 1200):
        recurrence = recurrence_of(structure, cell=cell, hidden=hidden, dtype=dtype)
        assert select(recurrence).kernel.name == "fused"
        assert load("fused").recomputes(recurrence)


def assert_chosen(questions, recurrence, sweep, why):
    """What is chosen, and said, without a trial."""
    chosen = load("fused").choose(recurrence)
    assert (type(chosen.sweep), chosen.why) == (sweep, why)
    guise = "as tridiagonal of reordered units: " if recurrence.connectivity.kind == "permuted_band" else ""
    assert select(recurrence).to_json()["remark"] == guise + why
    assert not questions


@pytest.mark.parametrize(("taps", "gemm", "sweep"), [(0.002, 0.004, BandedSweep), (0.004, 0.002, DenseSweep)])
def test_of_a_wide_band_the_faster_way_is_taken_and_both_times_are_said(tried, taps, gemm, sweep):
    tried(taps=taps, one_GEMM_a_step=gemm)
    chosen = load("fused").choose(wide())
    assert type(chosen.sweep) is sweep
    assert "16 steps took 2 ms, against 4 ms" in chosen.why
    assert "61 taps" in chosen.why
    assert "one GEMM a step" in chosen.why


def test_what_the_answer_depends_on_is_asked_and_nothing_else(tried):
    questions = tried(taps=1.0, one_GEMM_a_step=2.0)
    fused_kernel = load("fused")
    for same in ({}, {"time_steps": 9}, {"scope": "recurrence"}, {"input": 77}, {"recompute": 3}):
        fused_kernel.choose(wide(**same))
    assert len(set(questions)) == 1
    for other in ({"batch": 3}, {"hidden": 300}, {"dtype": "float64"}, {"replicas": 4}, {"gradient": False}):
        fused_kernel.choose(wide(**other))
    assert len(set(questions)) == 6


@pytest.mark.parametrize("gradient", [True, False])
def test_a_real_trial_times_both(tried, monkeypatch, gradient):
    from rnnbench.kernels import trial

    monkeypatch.setattr(trial, "tried", lambda question, measure: measure())
    why = load("fused").choose(wide(gradient=gradient, replicas=2)).why
    assert "61 taps" in why
    assert "one GEMM a step" in why


def large(structure="dense", **changes):
    return recurrence_of(structure, **{"hidden": 512, "batch": 32, "scope": "layer", "dtype": "float32", **changes})


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize(
    ("fastest", "sweep", "why"),
    [
        ("gemm", DenseSweep, "one GEMM a step"),
        pytest.param(
            "oneDNN",
            DenseSweep,
            "one GEMM a step (by oneDNN)",
            marks=pytest.mark.skipif(not has_onednn(), reason="torch has no oneDNN"),
        ),
        ("loops", DenseLoopSweep, "compiled loops over a dense matrix"),
    ],
)
def test_large_products_are_made_in_the_fastest_of_three_ways(tried, cell, fastest, sweep, why):
    questions = tried(**{**dict.fromkeys(("gemm", "oneDNN", "loops"), 0.004), fastest: 0.002})
    chosen = load("fused").choose(large(cell=cell))
    assert (type(chosen.sweep), chosen.why) == (sweep, why)
    assert len(questions) == 1


@pytest.mark.parametrize(("rows", "columns", "library"), [(0.002, 0.004, "gemm"), (0.004, 0.002, "columns")])
def test_large_matrices_that_meet_one_row_lie_in_the_faster_order(tried, rows, columns, library):
    questions = tried(gemm=rows, columns=columns, loops=0.005)
    chosen = load("fused").choose(large(batch=1, hidden=600))
    assert chosen.sweep.library == library
    assert ("by columns" in chosen.why) == (library == "columns")
    assert len(questions) == 1


@pytest.mark.parametrize("changes", [{"batch": 16}, {"dtype": "float64"}, {"replicas": 2}])
def test_onednn_is_not_tried_for_small_products_nor_for_what_it_has_not(tried, changes):
    questions = tried(gemm=0.004, loops=0.002)
    assert type(load("fused").choose(large(**changes)).sweep) is DenseLoopSweep
    assert "oneDNN" not in questions[0]


@pytest.mark.parametrize(("called", "looped", "sweep"), [(0.002, 0.004, DenseSweep), (0.004, 0.002, DenseLoopSweep)])
def test_one_row_is_multiplied_in_loops_where_calls_take_longer(tried, called, looped, sweep):
    questions = tried(gemm=called, loops=looped)
    assert type(load("fused").choose(large(batch=1, hidden=130)).sweep) is sweep
    assert len(questions) == 1


def test_what_is_small_is_not_tried(tried):
    questions = tried()
    assert load("fused").choose(large(hidden=130, batch=16)).why == "one GEMM a step"
    assert not questions


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_long_trial_ends_early(monkeypatch, seconds):
    from rnnbench.kernels import trial

    now = iter(range(10_000))
    monkeypatch.setattr(trial.time, "perf_counter", lambda: next(now) * seconds)
    runs = []
    monkeypatch.setattr(trial, "_run", lambda sweep, recurrence: lambda: runs.append(sweep))
    trial._seconds({"a": "a", "b": "b"}, large())
    rounds = trial.ROUNDS if seconds == 0 else trial.FEWEST_ROUNDS
    assert runs == ["a", "b"] * (1 + rounds)


@pytest.mark.parametrize(
    ("name", "structure"),
    [
        ("taps", "diagonal"),
        ("taps", "banded(30,30)"),
        ("taps", "banded(33,36,true)"),
        ("gemm", "banded(30,30)"),
        ("gemm", "banded(33,36,true)"),
        ("gemm", "random(5)"),
        ("taps", "permuted_band(1,2)"),
        ("gemm", "permuted_band(1,2)"),
    ],
)
def test_each_way_can_be_asked_for_by_itself(tried, name, structure):
    questions = tried()
    recurrence = recurrence_of(structure, hidden=70, scope="layer")
    selection = select(recurrence, name)
    assert selection.kernel.name == name
    assert agreement.check(selection.kernel, recurrence).ok
    assert not questions


@pytest.mark.parametrize(
    ("name", "structure", "device", "reason"),
    [
        ("taps", "dense", "cpu", "taps: takes bands, not dense"),
        ("taps", "diagonal", "mps", "taps: is for the CPU, not for mps"),
        ("gemm", "dense", "cuda:0", "gemm: is for the CPU, not for cuda:0"),
    ],
)
def test_where_it_cannot_serve_it_says_why(name, structure, device, reason):
    with pytest.raises(KernelUnavailable, match=reason):
        select(recurrence_of(structure, device=device), name)
