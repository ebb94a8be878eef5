"""Initialisations and constraints that a connectivity or a cell cannot have are refused, with the reason."""

import pytest

TRAINING = "version: 1\nname: s\nmeasure: {training: {}}\ndefaults: {task: adding}\n"


@pytest.mark.parametrize(
    ("connectivity", "initialisation", "reason"),
    [
        ("none", "identity", "no weights of none make U 1 times the identity: initialisation identity cannot start"),
        ("random(40)", "identity(0.5)", "no weights of random(40) make U 0.5 times the identity: initialisation "),
        ("low_rank(4)", "identity", "no weights of low_rank(4) make U 1 times the identity: initialisation identity "),
        ("companion", "identity", "no weights of companion make U 1 times the identity"),
        ("orthogonal(3)", "identity", "no weights of orthogonal(3) make U 1 times the identity"),
        ("orthogonal", "identity(0.9)", "no weights of orthogonal make U 0.9 times the identity"),
        (
            "orthogonal",
            "orthogonal(0.9)",
            "orthogonal is orthogonal whatever its weights, so that its eigenvalues have "
            "modulus 1: use gain 1, not 0.9",
        ),
        (
            "orthogonal(2)",
            "spectral_radius(2)",
            "orthogonal(2) is orthogonal whatever its weights, so that its "
            "eigenvalues have modulus 1: use radius 1, not 2",
        ),
        ("low_rank(4)", "orthogonal", "a random orthogonal matrix does not fit into low_rank(4)"),
        ("jordan(0)", "indrnn", "initialisation indrnn is for cell rnn with connectivity diagonal"),
        (
            "tridiagonal",
            "orthogonal",
            "a random orthogonal matrix does not fit into tridiagonal: initialisation orthogonal is for dense, "
            "block_diagonal and diagonal; spectral_radius(1) is for others, too",
        ),
        ("upper_triangular", "orthogonal", "a random orthogonal matrix does not fit into upper_triangular"),
        ("none", "spectral_radius(1)", "with none no unit can feed itself, not even over others"),
        ("random(1)", "spectral_radius(1)", "with random(1) no unit can feed itself, not even over others"),
        ("dense", "indrnn", "initialisation indrnn is for cell rnn with connectivity diagonal"),
    ],
)
def test_a_connectivity_that_cannot_start_so(problems, connectivity, initialisation, reason):
    suite = f"defaults: {{connectivity: '{connectivity}', initialisation: {initialisation}, hidden: 16}}"
    (line,) = problems(suite)
    place, _, message = line.partition(" defaults.initialisation: ")
    assert place.startswith("s.yaml:4:")
    assert message.startswith(reason)


@pytest.mark.parametrize(
    ("connectivity", "initialisation"),
    [
        ("tridiagonal", "identity"),
        ("random(256)", "identity"),
        ("block_diagonal(4)", "orthogonal"),
        ("diagonal", "orthogonal"),
        ("upper_triangular", "spectral_radius(1)"),
        ("random(60)", "spectral_radius(1)"),
        ("diagonal", "indrnn"),
        ("block_diagonal(16)", "indrnn"),
        ("orthogonal", "identity"),
        ("orthogonal(3)", "orthogonal"),
        ("orthogonal(3)", "spectral_radius(1)"),
        ("low_rank(16)", "identity"),
        ("companion", "spectral_radius(0.9)"),
        ("arrow", "spectral_radius(0.9)"),
    ],
)
def test_a_connectivity_that_can(load, connectivity, initialisation):
    assert load(f"defaults: {{connectivity: '{connectivity}', initialisation: {initialisation}, hidden: 16}}").cases


def test_a_structure_that_does_not_exist_is_reported_alone(problems):
    (line,) = problems("defaults: {connectivity: random(300), initialisation: spectral_radius(1), hidden: 16}")
    assert "300 non-zeros do not fit" in line


def test_indrnn_is_for_the_cell_rnn(problems):
    (line,) = problems("defaults: {connectivity: diagonal, cell: gru, initialisation: indrnn}")
    assert line.endswith("initialisation indrnn is for cell rnn with connectivity diagonal")


@pytest.mark.parametrize("wrong", ["connectivity=dense", "cell=lstm"])
def test_a_constraint_is_for_the_diagonal_of_the_cell_rnn(load, problems, wrong):
    right = TRAINING.replace("{}", "{constraint: indrnn}").replace("{task:", "{connectivity: diagonal, task:")
    assert load(right).cases
    (line,) = problems(right, wrong)
    assert (
        line == "s.yaml:3:34 measure.training.constraint: constraint indrnn is for cell rnn with connectivity diagonal"
    )


def test_a_forget_bias_is_for_lstm_with_biases(load, problems):
    assert load("defaults: {cell: lstm, forget_bias: 1}").cases[0].parameters.forget_bias == 1
    (line,) = problems("defaults: {cell: gru, forget_bias: 1}")
    assert line.endswith("only lstm has a forget gate, not gru: leave forget_bias out where the cell is gru")
    (line,) = problems("defaults: {cell: lstm, bias: false, forget_bias: 1}")
    assert line.endswith("forget_bias needs `bias: true`")


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("initialisation=identity(0)", "should be greater than 0, not 0"),
        ("initialisation=spectral_radius", "spectral_radius needs 'radius': its options are radius"),
        ("initialisation=ortogonal", "unknown initialisation 'ortogonal': did you mean 'orthogonal'?"),
        ("training.clip_norm=0", "should be greater than 0, not 0"),
        ("training.clip_value=-1", "should be greater than 0, not -1"),
        ("training.decay=cosin", "unknown decay 'cosin': did you mean 'cosine'?"),
        ("training.decay=step", "step needs 'every': its options are every, scale"),
        ("training.decay=linear(2)", "should be at most 1"),
        ("training.constraint=indrn", "unknown value 'indrn': did you mean 'indrnn'?"),
    ],
)
def test_values_out_of_range(problems, setting, complaint):
    (line,) = problems(TRAINING, setting)
    assert complaint in line
