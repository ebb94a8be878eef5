"""Models built from cases: initial weights, layers, devices, process settings."""

import numpy as np
import pytest
import torch

from rnnbench.errors import RnnbenchError
from rnnbench.models import device, runtime
from rnnbench.models.network import build
from rnnbench.models.weights import draw, stack
from tests.cases import make_case


def parameters_of(**parameters):
    return make_case({"memory": {}}, **{"hidden": 8, "input": 3, **parameters}).parameters


def network_of(parameters, replicas=None):
    drawn = draw(parameters) if replicas is None else stack([draw(parameters, r) for r in range(replicas)])
    return build(parameters, drawn, device="cpu", time_steps=5, batch=2, replicas=replicas)


@pytest.mark.parametrize("connectivity", ["dense", "tridiagonal", "block_diagonal(4)", "random(9)", "none"])
def test_fan_in_bounds_each_recurrent_weight_by_its_own_inputs(connectivity):
    parameters = parameters_of(connectivity=connectivity, hidden=64, input=5, layers=2)
    weights = draw(parameters)
    bound = 64**-0.5
    fan_in = max(1.0, parameters.connectivity.recurrent_parameters(64) / 64 if connectivity != "random(9)" else 9 / 64)
    for layer in weights.layers:
        assert np.abs(layer.input).max() <= bound
        assert np.abs(layer.bias).max() <= bound
        for recurrent in layer.recurrent.values():
            assert recurrent.size == 0 or np.abs(recurrent).max() <= fan_in**-0.5
    assert [layer.input.shape for layer in weights.layers] == [(64, 5), (64, 64)]


def test_uniform_draws_between_its_bounds():
    weights = draw(parameters_of(initialisation="uniform(2,3)", bias=False))
    for array in (weights.readout, weights.layers[0].input, weights.layers[0].recurrent["weight"]):
        assert array.min() >= 2
        assert array.max() < 3
    assert weights.layers[0].bias is None
    assert weights.readout_bias is None


def test_a_replicas_weights_depend_on_seed_plus_replica_only():
    np.testing.assert_array_equal(
        draw(parameters_of(seed=2), replica=3).layers[0].input, draw(parameters_of(seed=5)).layers[0].input
    )
    assert not np.array_equal(draw(parameters_of(), 0).readout, draw(parameters_of(), 1).readout)


@pytest.mark.parametrize(("cell", "gates"), [("lstm", 4), ("gru", 3)])
@pytest.mark.parametrize("connectivity", ["dense", "tridiagonal", "random(9)"])
def test_every_gate_has_weights_of_its_own(connectivity, cell, gates):
    parameters = parameters_of(connectivity=connectivity, cell=cell, layers=2)
    drawn = draw(parameters)
    for layer, inputs in zip(drawn.layers, (3, 8), strict=True):
        assert layer.input.shape == (gates * 8, inputs)
        assert layer.bias.shape == (gates * 8,)
        for name, shape in parameters.connectivity.parameter_shapes(8).items():
            assert layer.recurrent[name].shape == (gates, *shape)
            assert len(np.unique(layer.recurrent[name], axis=0)) == gates
    assert np.abs(drawn.layers[0].recurrent.get("bias", np.zeros(8))).max() <= 8**-0.5
    assert ("bias" in drawn.layers[0].recurrent) == (cell == "gru")
    assert "bias" not in draw(parameters_of(cell=cell, bias=False)).layers[0].recurrent
    assert network_of(parameters).first_layer().recurrent_matrix().shape == (gates, 8, 8)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("connectivity", ["dense", "diagonal", "block_diagonal(2)", "upper_triangular"])
@pytest.mark.parametrize("layers", [1, 2])
def test_replicas_compute_what_each_would_alone(connectivity, layers, cell):
    parameters = parameters_of(connectivity=connectivity, layers=layers, dtype="float64", cell=cell)
    together = network_of(parameters, replicas=3)
    x = torch.randn(5, 3, 2, 3, dtype=torch.float64)
    outputs = together(x)
    for replica in range(3):
        alone = network_of(parameters.model_copy(update={"seed": replica}))
        torch.testing.assert_close(outputs[:, replica], alone(x[:, replica]))


def test_stacked_layers_feed_each_other_densely():
    parameters = parameters_of(layers=2, connectivity="diagonal", dtype="float64")
    network = network_of(parameters)
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    h = x
    for layer in network.layers:
        state, states = torch.zeros(2, 8, dtype=torch.float64), []
        for x_t in h:
            state = torch.tanh(x_t @ layer.input_weight.T + layer.bias + layer.recurrent["bands"][0] * state)
            states.append(state)
        h = torch.stack(states)
    torch.testing.assert_close(network(x), h @ network.readout.T + network.readout_bias)


def test_nn_rnn_with_the_same_weights_gives_the_same_states():
    parameters = parameters_of(connectivity="dense", dtype="float64")
    layer = network_of(parameters).first_layer()
    module = torch.nn.RNN(3, 8, dtype=torch.float64)
    with torch.no_grad():
        module.weight_ih_l0.copy_(layer.input_weight)
        module.weight_hh_l0.copy_(layer.recurrent_matrix())
        module.bias_ih_l0.copy_(layer.bias)
        module.bias_hh_l0.zero_()
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(layer(x), module(x)[0])


def test_auto_takes_the_best_device_there_is(monkeypatch):
    for there, best in ([["cpu"], "cpu"], [["cpu", "mps"], "mps"], [["cpu", "cuda:0", "cuda:1"], "cuda:0"]):
        monkeypatch.setattr(device, "available", lambda there=there: there)
        assert device.resolve("auto") == best
        assert device.resolve("cpu") == "cpu"
    assert device.resolve("cuda") == "cuda:0"
    assert device.resolve("cuda:1") == "cuda:1"


@pytest.mark.parametrize("asked", ["cuda", "cuda:3", "mps"])
def test_an_absent_device_is_an_error_that_names_what_is_there(monkeypatch, asked):
    monkeypatch.setattr(device, "available", lambda: ["cpu"])
    with pytest.raises(RnnbenchError, match=f"device '{asked}' is not available.*offers cpu to torch") as error:
        device.resolve(asked)
    assert error.value.exit_code == 2


def test_gpus_are_listed_as_torch_describes_them(monkeypatch):
    class Properties:
        name, total_memory, major, minor = "GPU", 8 << 30, 9, 0

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: Properties())
    assert device.available()[:2] == ["cpu", "cuda:0"]
    assert device.describe_gpus() == [{"name": "GPU", "memory_bytes": 8 << 30, "capability": "9.0"}]


def test_the_process_settings_are_set_and_told():
    threads = torch.get_num_threads()
    try:
        assert runtime.prepare(1) == {"threads": 1, "flush_denormal": True}
        assert torch.get_num_threads() == 1
        assert (torch.tensor([1e-40]) * 1.0).item() == 0.0
    finally:
        runtime.prepare(threads)
        torch.set_flush_denormal(False)
