"""Rules across parameters, reported at the value that breaks them; and the contrast."""

import pytest

TRAINING = "version: 1\nname: s\nmeasure: {training: {}}\n"
DEMO = """\
version: 1
name: s
measure: {training: {protocol: demo, optimizer: {sgd: {lr: 0.1}}}}
defaults: {task: binary_addition, activation: sigmoid, bias: false}
"""


def test_a_structure_that_does_not_exist_at_a_hidden_size(problems):
    assert problems("matrix: {connectivity: [dense, block_diagonal(3)], hidden: [15, 16, 17]}") == [
        "s.yaml:4:32 matrix.connectivity[1]: hidden size 16 is not divisible by 3 blocks: use hidden 15 or 18, "
        "or 2 or 4 blocks",
        "s.yaml:4:32 matrix.connectivity[1]: hidden size 17 is not divisible by 3 blocks: use hidden 15 or 18, "
        "or 1 or 17 blocks",
        "2 problems in s.yaml",
    ]  # fmt: skip


def test_a_default_that_breaks_a_rule_is_reported_once(problems):
    assert problems("defaults: {connectivity: block_diagonal(3)}\nmatrix: {seed: [1, 2, 3]}") == [
        "s.yaml:4:26 defaults.connectivity: hidden size 128 is not divisible by 3 blocks: use hidden 126 or 129, "
        "or 2 or 4 blocks"
    ]


def test_an_override_that_breaks_a_rule(problems):
    (line,) = problems("defaults: {hidden: 15}", "connectivity=block_diagonal(4)")
    assert line.startswith(
        "--set connectivity=block_diagonal(4) connectivity: hidden size 15 is not divisible by 4 blocks"
    )


def test_training_needs_a_task(problems):
    message = "training needs a task: add one to defaults, such as `task: binary_addition`"
    assert problems(TRAINING) == [f"s.yaml:3:11 measure.training: {message}"]
    assert problems(TRAINING + "matrix: {task: [null, binary_addition]}") == [f"s.yaml:4:17 matrix.task[0]: {message}"]
    assert problems("version: 1\nname: s\nmeasure: [training]") == [f"s.yaml:3:1 measure: {message}"]


def test_the_input_size_is_the_tasks(load, problems):
    assert problems(TRAINING + "defaults: {task: binary_addition, input: 3}") == [
        "s.yaml:4:42 defaults.input: input size 3 is not that of the task: binary_addition has 2, remove 'input'"
    ]
    assert load(TRAINING + "defaults: {task: binary_addition, input: 2}").cases
    assert load("defaults: {task: binary_addition, input: 3}").cases, "nothing is trained"


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("cell", "gru", "cell: rnn"),
        ("layers", "2", "layers: 1"),
        ("bias", "true", "bias: false"),
        ("activation", "tanh", "activation: sigmoid"),
        ("training.batch", "2", "training.batch: 1"),
        ("training.optimizer", "adam", "training.optimizer: sgd, with no option but lr"),
        ("initialisation", "uniform(-1,1)", "no initialisation: the protocol brings its own"),
        (
            "connectivity",
            "butterfly",
            "a connectivity whose weights can be read off the demo's dense matrix, not butterfly",
        ),
    ],
)
def test_the_demo_is_what_it_is(load, problems, key, value, remedy):
    assert load(DEMO).cases
    (line,) = problems(DEMO, f"{key}={value}")
    assert line == f"--set {key}={value} {key}: `training.protocol: demo` needs {remedy}"


def test_an_activation_is_for_the_cell_rnn(load, problems):
    message = (
        "'relu' is for cell rnn: lstm has sigmoid and tanh of its own, "
        "leave activation at 'tanh' where the cell is lstm"
    )
    assert problems("defaults: {cell: lstm, activation: relu}") == [f"s.yaml:4:36 defaults.activation: {message}"]
    axes = "matrix: {cell: [rnn, lstm], activation: [tanh, relu]}"
    assert problems(axes) == [f"s.yaml:4:48 matrix.activation[1]: {message}"]
    assert len(load(f"{axes}\nexclude: [{{cell: lstm, activation: relu}}]").cases) == 3
    assert load("defaults: {cell: gru, activation: tanh}").cases


@pytest.mark.parametrize("option", ["momentum: 0.9", "weight_decay: 0.1"])
def test_the_demo_takes_plain_gradient_steps(load, problems, option):
    assert "sgd, with no option but lr" in problems(DEMO.replace("lr: 0.1", option))[0]


def test_the_demo_varies_in_size_and_seed(load):
    overrides = [
        "hidden=5",
        "connectivity=none",
        "seed=3",
        "dtype=float64",
        "task=binary_addition(5)",
        "training.replicas=3",
    ]
    assert load(DEMO, *overrides).cases


ON_THE_CPU = (
    "bfloat16 is for CUDA devices, the kernels for cpu compute in what they store: use float32 on cpu, or a CUDA device"
)


def test_sixteen_bits_are_for_cuda(load, problems):
    assert problems("defaults: {device: cpu, dtype: bfloat16}") == [f"s.yaml:4:32 defaults.dtype: {ON_THE_CPU}"]
    axis = "defaults: {device: cuda}\nmatrix: {dtype: [float32, bfloat16, float16]}"
    assert len(load(axis).cases) == 3
    assert [line.partition(": ")[0] for line in problems(f"{axis}\n", "device=mps")] == [
        "s.yaml:5:27 matrix.dtype[1]",
        "s.yaml:5:37 matrix.dtype[2]",
        "2 problems in s.yaml",
    ]  # fmt: skip
    assert load("defaults: {device: auto, dtype: bfloat16}").cases, "what auto is shows where it runs"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            TRAINING + "defaults: {task: parity, device: cuda, dtype: float16}",
            "4:47 defaults.dtype",
            "training would hold the weights themselves in float16, where small updates round away: "
            "train in float32 or float64",
        ),
        (
            "version: 1\nname: s\nmeasure: [memory]\n"
            "defaults: {connectivity: diagonal, gradient: rtrl, device: cuda, dtype: bfloat16}",
            "4:73 defaults.dtype",
            "rtrl adds up over all time steps what it carries along, and bfloat16 would round it away: "
            "use float32 or float64",
        ),
    ],
)
def test_what_sixteen_bits_are_too_few_for(problems, text, place, message):
    assert problems(text) == [f"s.yaml:{place}: {message}"]


def test_a_contrast(load):
    suite = load("matrix: {hidden: [16, 32]}\ncontrast: {axis: hidden, baseline: 32}")
    assert (suite.contrast.axis, suite.contrast.baseline) == ("hidden", 32)
    assert suite.resolved["contrast"] == {"axis": "hidden", "baseline": 32}


def test_an_axis_of_include_entries_can_be_contrasted(load):
    assert load("include: [{connectivity: dense}, {connectivity: none}]\ncontrast: {}").contrast.baseline == "dense"


@pytest.mark.parametrize(
    ("contrast", "complaint"),
    [
        (
            "{axis: conectivity}",
            "4:18 contrast.axis: 'conectivity' is no axis of this suite: did you mean 'connectivity'",
        ),
        ("{axis: seed}", "4:18 contrast.axis: 'seed' is no axis of this suite; known: connectivity, hidden"),
        ("{axis: hidden, baseline: 16}", "4:18 contrast.axis: 'hidden' has one value only, 16"),
        ("{axis: hidden}", "4:11 contrast.baseline: the key 'baseline' is missing"),
        ("{baseline: bandd}", "4:22 contrast.baseline: unknown connectivity 'bandd': did you mean 'banded'?"),
        (
            "{baseline: diagonal}",
            "4:22 contrast.baseline: the baseline 'diagonal' is no value of 'connectivity' in this",
        ),
        ("{base: dense}", "4:12 contrast.base: unknown key 'base': did you mean 'baseline'?"),
    ],
)
def test_a_contrast_without_meaning(problems, contrast, complaint):
    matrix = "matrix: {connectivity: [dense, none], hidden: [16]}"
    (line,) = problems(f"version: 1\nname: s\nmeasure: [memory]\ncontrast: {contrast}\n{matrix}")
    assert line.startswith(f"s.yaml:{complaint}")


def test_an_override_may_leave_nothing_to_contrast(load):
    text = "matrix: {connectivity: [dense, none]}\ncontrast: {baseline: dense}"
    assert load(text).contrast is not None
    assert load(text, "connectivity=dense").contrast is None
    assert load(text, "connectivity=none,diagonal").contrast is None
    assert load(text, "connectivity=dense,diagonal").contrast is not None


MAX_LENGTH = (
    "version: 1\nname: s\ndefaults: {task: adding(20), connectivity: diagonal%s}\nmeasure: {max_length: {%s}}\n"
)


@pytest.mark.parametrize(
    ("defaults", "settings", "said"),
    [
        ("", "limits: [task]", "limit task needs to know how it is learnt: add `training`"),
        (", recompute: stream", "limits: [task], training: {}", "stream has the same gradients as without"),
        (", gradient: rtrl", "training: {}", "rtrl has the same gradients as without"),
        ("", "limits: [task], training: {protocol: demo}", "the demo has one length: leave out protocol"),
        (
            ", cell: lstm",
            "limits: [task], training: {constraint: indrnn}",
            "constraint indrnn is for cell rnn with connectivity diagonal",
        ),
    ],
)
def test_lengths_that_cannot_be_learnt(defaults, settings, said, problems):
    (line,) = problems(MAX_LENGTH % (defaults, settings))
    assert said in line


def test_a_length_is_learnt_of_a_task(problems):
    (line,) = problems("version: 1\nname: s\nmeasure: {max_length: {limits: [task], training: {}}}")
    assert "training needs a task: add one, such as `task: adding(50)`" in line


EQUIVALENCE = "version: 1\nname: s\ndefaults: {hidden: 8, activation: identity%s}\nmeasure: {equivalence: {%s}}\n"


@pytest.mark.parametrize(
    ("defaults", "settings", "said"),
    [
        (", activation: tanh", "", "only a linear recurrence has an equal in another basis, not tanh: use `cell: rnn`"),
        (", activation: tanh, cell: gru", "", "only a linear recurrence has an equal in another basis, not gru"),
        (", layers: 2", "", "equivalence is of one layer, not of 2: use `layers: 1`"),
        (", task: adding(9)", "weights: trained", "trained weights need to know how they are learnt: add `training`"),
        ("", "weights: trained, training: {}", "training needs a task: add one, such as `task: adding(50)`"),
        (", task: adding(9)", "weights: trained, training: {protocol: demo}", "the demo is not linear"),
        ("", "largest_condition: 0", "should be greater than 0"),
    ],
)
def test_what_has_no_equal_in_another_basis(problems, defaults, settings, said):
    (line,) = problems((EQUIVALENCE % (defaults, settings)).replace("activation: identity, activation", "activation"))
    assert said in line


def test_a_linear_layer_has_an_equal_in_another_basis(load):
    for defaults, settings in [
        ("", ""),
        (", dtype: float64, connectivity: butterfly", "rounds: 2"),
        (", task: adding(9)", "weights: trained, training: {iterations: 5}"),
    ]:
        assert load(EQUIVALENCE % (defaults, settings)).cases


def test_memory_alone_does_not_mind_how_others_train(load):
    assert load(MAX_LENGTH % (", recompute: stream", "limits: [memory], training: {}")).cases


BUDGETED = "version: 1\nname: s\ndefaults: {%s}\nmeasure: {max_length: {limits: [memory], budget: %s}}\n"


def test_a_budget_below_the_weights_is_no_budget(load, problems):
    # W and U of 16 x 16, b, and a readout of 16 weights and a bias, of 4 bytes each.
    weights = 4 * (16 * 16 + 16 * 16 + 16 + 16 + 1)
    assert load(BUDGETED % ("hidden: 16", weights)).cases
    assert problems(BUDGETED % ("hidden: 16", weights - 1)) == [
        f"s.yaml:4:50 measure.max_length.budget: {weights - 1:,} bytes are fewer than the weights alone take, "
        f"{weights:,}: give a larger budget"
    ]


@pytest.mark.parametrize(
    ("defaults", "found"),
    [
        ("gradient: rtrl, connectivity: diagonal, layers: 2", "2 layers"),
        ("gradient: rtrl, connectivity: tridiagonal", "rnn, tridiagonal"),
        ("gradient: rtrl, connectivity: diagonal, cell: gru", "gru, diagonal"),
    ],
)
def test_rtrl_is_for_one_diagonal_layer(problems, defaults, found):
    (line,) = problems(BUDGETED % (defaults, "1GiB"))
    assert line == (
        f"s.yaml:3:22 defaults.gradient: rtrl is for one diagonal layer of cell rnn, not for {found}: elsewhere every "
        "weight touches every unit, and what is carried along is as large as H times all weights"
    )
