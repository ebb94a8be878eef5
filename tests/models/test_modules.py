"""RNN, LSTM and GRU: where torch's stand, these can stand."""

import copy
import io
import pickle

import pytest
import torch
from torch import nn

import rnnbench
from rnnbench.connectivity import Banded

CELLS = [(rnnbench.RNN, nn.RNN), (rnnbench.LSTM, nn.LSTM), (rnnbench.GRU, nn.GRU)]
CONNECTIVITIES = [
    "dense",
    "tridiagonal",
    "block_diagonal(2)",
    "random(9)",
    "none",
    "low_rank(2)",
    "circulant",
    "permuted_band(1,1)",
]
FORMS = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"num_layers": 3, "dropout": 0.4, "batch_first": True},
    {"bias": False},
    {"dtype": torch.float64},
]
I, H = 3, 6  # noqa: E741


def pair(ours, theirs, **options):
    """Return both modules with the same weights, by a state_dict that passes from torch's to ours."""
    mine, other = ours(I, H, **options), theirs(I, H, **options)
    mine.load_state_dict(other.state_dict())
    return mine, other


def state(module, batch, dtype=torch.float32):
    count = module.num_layers * (2 if module.bidirectional else 1)
    parts = [torch.randn(count, *([batch] if batch else []), H, dtype=dtype) for _ in "hc"]
    return tuple(parts) if isinstance(module, (nn.LSTM, rnnbench.LSTM)) else parts[0]


def flat(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("options", FORMS, ids=str)
@pytest.mark.parametrize(("ours", "theirs"), CELLS, ids=["rnn", "lstm", "gru"])
def test_dense_is_torchs_module_in_outputs_and_gradients(ours, theirs, options):
    torch.manual_seed(0)
    mine, other = pair(ours, theirs, **options)
    dtype = options.get("dtype", torch.float32)
    x = torch.randn(*((2, 5) if options.get("batch_first") else (5, 2)), I, dtype=dtype)
    found = []
    for module in (mine, other):
        inputs = x.clone().requires_grad_()
        torch.manual_seed(1)
        before = state(module, 2, dtype)
        leaves = [part.requires_grad_() for part in flat(before)]
        torch.manual_seed(2)  # dropout drops the same
        output, after = module(inputs, before)
        weights = torch.rand_like(output)
        ((output * weights).sum() + sum(part.sum() for part in flat(after))).backward()
        gradients = [inputs.grad, *(leaf.grad for leaf in leaves), *(weight.grad for weight in module.parameters())]
        found.append([output, *flat(after), *gradients])
    for got, expected in zip(*found, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("ours", "theirs"), CELLS, ids=["rnn", "lstm", "gru"])
def test_the_same_seed_gives_torchs_weights_and_the_state_dict_goes_back(ours, theirs):
    made = []
    for module in (ours, theirs):
        torch.manual_seed(3)
        made.append(module(I, H, num_layers=2, bidirectional=True))
    mine, other = made
    assert list(mine.state_dict()) == list(other.state_dict())
    assert all(torch.equal(weight, other.state_dict()[name]) for name, weight in mine.state_dict().items())
    other.load_state_dict(ours(I, H, num_layers=2, bidirectional=True).state_dict())


@pytest.mark.parametrize("connectivity", CONNECTIVITIES)
@pytest.mark.parametrize(("ours", "theirs"), CELLS, ids=["rnn", "lstm", "gru"])
def test_a_connectivity_is_torchs_module_with_that_matrix(ours, theirs, connectivity):
    torch.manual_seed(0)
    mine, other = ours(I, H, num_layers=2, bidirectional=True, connectivity=connectivity), None
    other = theirs(I, H, num_layers=2, bidirectional=True)
    weights = other.state_dict()
    for name, weight in mine.state_dict().items():
        if name.startswith(("weight_ih", "bias")):
            weights[name] = weight
    for layer in range(2):
        for reverse, suffix in ((False, ""), (True, "_reverse")):
            matrix = mine.recurrent_matrix(layer, reverse=reverse)
            assert matrix.shape[-2:] == (H, H)
            weights[f"weight_hh_l{layer}{suffix}"] = matrix.detach().reshape(-1, H)
    other.load_state_dict(weights)
    x = torch.randn(4, 2, I)
    torch.testing.assert_close(mine(x), other(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"batch_first": True}, {"bidirectional": True}], ids=str)
@pytest.mark.parametrize(("ours", "theirs"), CELLS, ids=["rnn", "lstm", "gru"])
def test_one_sequence_without_a_batch(ours, theirs, options):
    mine, other = pair(ours, theirs, **options)
    x = torch.randn(5, I)
    torch.manual_seed(1)
    before = state(other, None)
    torch.testing.assert_close(mine(x, before), other(x, before), rtol=1e-4, atol=1e-5)


def test_recompute_gives_the_same_gradients_bit_by_bit():
    torch.manual_seed(0)
    layer = rnnbench.LSTM(I, H, connectivity="tridiagonal")
    again = rnnbench.LSTM(I, H, connectivity="tridiagonal", recompute=4)
    again.load_state_dict(layer.state_dict())
    x = torch.randn(11, 2, I)
    for module in (layer, again):
        module(x)[0].square().sum().backward()
    for one, other in zip(layer.parameters(), again.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_it_trains_inside_a_model_with_any_optimizer():
    torch.manual_seed(0)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnnbench.RNN(1, 16, connectivity="banded(1,1)", batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, x):
            return self.head(self.rnn(x)[0])

    model = Model()
    x = torch.rand(8, 10, 1)
    target = torch.cat((torch.zeros(8, 1, 1), x[:, :-1]), dim=1)  # what it saw one step before
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(150):
        loss = nn.functional.mse_loss(model(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.02 * losses[0]


def test_copies_are_apart_and_travel():
    layer = rnnbench.GRU(I, H, connectivity={"block_diagonal": {"blocks": 3}})
    x = torch.randn(4, 2, I)
    expected = layer(x)[0]
    twin = copy.deepcopy(layer)
    with torch.no_grad():
        layer.weight_ih_l0.zero_()
    for other in (twin, pickle.loads(pickle.dumps(twin))):  # noqa: S301 - our own
        torch.testing.assert_close(other(x)[0], expected)
    stored = io.BytesIO()
    torch.save(twin.state_dict(), stored)
    stored.seek(0)
    layer.load_state_dict(torch.load(stored, weights_only=True))
    torch.testing.assert_close(layer(x)[0], expected)
    doubled = twin.to(torch.float64)
    assert doubled(x.double())[0].dtype == torch.float64
    assert twin.state_dict()["blocks_hh_l0"].shape == (3, 3, 2, 2)


def test_weights_outside_the_connectivity_stay_zero_in_training():
    layer = rnnbench.RNN(I, H, connectivity="banded(2,1)")
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, weight_decay=0.1, momentum=0.9)
    for _ in range(3):
        layer(torch.randn(5, 2, I))[0].sum().backward()
        optimizer.step()
    kept = Banded(lower=2, upper=1).from_dense(layer.recurrent_matrix().detach())["bands"]
    assert torch.equal(kept, layer.bands_hh_l0)
    assert (layer.bands_hh_l0[0, :2] == 0).all()


def test_it_says_which_kernel_serves_and_why_not_others():
    layer = rnnbench.RNN(I, H, connectivity="diagonal", device="cpu")
    selection = layer.selection(time_steps=64, batch=8)
    assert selection.kernel.name == "fused"
    assert "1 tap" in selection.remark
    halves = rnnbench.RNN(I, H, connectivity="diagonal", dtype=torch.bfloat16).selection(64, 8)
    assert halves.kernel.name == "eager"
    assert [name for name, _ in halves.rejected] == ["fused", "torch"]
    assert repr(layer) == "RNN(3, 6, connectivity=diagonal)"


def test_what_autograd_cannot_go_through_is_left_out():
    layer = rnnbench.RNN(I, H)
    for weight in layer.parameters():
        weight.requires_grad_(False)
    assert not layer(torch.randn(4, 2, I))[0].requires_grad
    with torch.no_grad():
        assert not rnnbench.RNN(I, H)(torch.randn(4, 2, I))[1].requires_grad


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"connectivity": "bandd"}, "connectivity: unknown connectivity 'bandd': did you mean 'banded'?"),
        ({"connectivity": "banded(1)"}, "banded needs 'upper'"),
        ({"connectivity": "block_diagonal(4)"}, "hidden size 6 is not divisible by 4 blocks"),
        ({"nonlinearity": "than"}, "nonlinearity: unknown value 'than': did you mean 'tanh'?"),
        ({"kernel": "fusd"}, "did you mean 'fused'"),
        ({"dropout": 1.5}, "dropout is 1.5"),
        ({"num_layers": 0}, "num_layers is 0"),
        ({"recompute": 0}, "recompute is 0"),
    ],
)
def test_arguments_that_make_no_layer(options, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        rnnbench.RNN(I, H, **options)


@pytest.mark.parametrize(
    ("inputs", "before", "message"),
    [
        (torch.zeros(4, 2, I + 1), None, r"the input is \[4, 2, 4\]: expected \[T, B, I\]"),
        (torch.zeros(4, 0, I), None, "at least one sequence of at least one step"),
        (torch.zeros(0, 2, I), None, "at least one sequence of at least one step"),
        (torch.zeros(4, 2, I, dtype=torch.float64), None, "the input is torch.float64 on cpu, the weights are"),
        (torch.zeros(4, 2, I), torch.zeros(2, 2, H), r"h_0 is \[2, 2, 6\]: expected \[1, 2, 6\]"),
        (torch.zeros(4, I), torch.zeros(1, 2, H), r"h_0 is \[1, 2, 6\]: expected \[1, 6\]"),
        (torch.zeros(4, 2, I), torch.zeros(1, 2, H).double(), "h_0 is torch.float64"),
    ],
)
def test_inputs_that_do_not_fit(inputs, before, message):
    with pytest.raises(ValueError, match=message):
        rnnbench.RNN(I, H)(inputs, before)


def test_what_is_not_served_is_refused():
    packed = nn.utils.rnn.pack_sequence([torch.zeros(3, I), torch.zeros(2, I)])
    with pytest.raises(TypeError, match="takes no PackedSequence: give it padded sequences"):
        rnnbench.RNN(I, H)(packed)
    with pytest.raises(TypeError, match="proj_size"):
        rnnbench.LSTM(I, H, proj_size=2)
    with pytest.raises(ValueError, match="pair"):
        rnnbench.LSTM(I, H)(torch.zeros(2, 1, I), torch.zeros(1, 1, H))
    inputs = torch.zeros(2, 1, I, requires_grad=True)
    output, _ = rnnbench.RNN(I, H)(inputs)
    with pytest.raises(RuntimeError, match="use kernel 'eager'"):
        torch.autograd.grad(output.sum(), inputs, create_graph=True)
