"""The binary-addition demo, against its published log and against the demo written out in NumPy."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnbench.measure.demo_protocol import DemoStream
from rnnbench.measure.perform import perform
from tests.cases import demo_case, ignore_progress

PUBLISHED = json.loads((Path(__file__).parent.parent / "golden" / "demo-log.json").read_text())


def numpy_demo(seed, iterations, mask):
    """The demo, step by step as published, one number at a time; ``mask`` applies to weights and updates."""
    random = np.random.RandomState(seed)
    synapse_0 = 2 * random.random_sample((2, 16)) - 1
    synapse_1 = 2 * random.random_sample((16, 1)) - 1
    synapse_h = (2 * random.random_sample((16, 16)) - 1) * mask
    errors = []
    for _ in range(iterations):
        a = random.randint(128)
        b = random.randint(128)
        states, outputs = [np.zeros(16)], []
        inputs = [np.array([(a >> t) & 1, (b >> t) & 1]) for t in range(8)]
        targets = [((a + b) >> t) & 1 for t in range(8)]
        for x in inputs:
            states.append(1 / (1 + np.exp(-(x @ synapse_0 + states[-1] @ synapse_h))))
            outputs.append(float(1 / (1 + np.exp(-(states[-1] @ synapse_1)))[0]))
        errors.append(sum(abs(target - y) for target, y in zip(targets, outputs, strict=True)))
        update_0, update_1, update_h = np.zeros((2, 16)), np.zeros((16, 1)), np.zeros((16, 16))
        future = np.zeros(16)
        for t in reversed(range(8)):
            y = outputs[t]
            output_delta = (targets[t] - y) * y * (1 - y)
            h = states[t + 1]
            delta = (future @ synapse_h.T + output_delta * synapse_1[:, 0]) * h * (1 - h)
            update_1 += h[:, None] * output_delta
            update_h += np.outer(states[t], delta)
            update_0 += np.outer(inputs[t], delta)
            future = delta
        synapse_0 += 0.1 * update_0
        synapse_1 += 0.1 * update_1
        synapse_h += 0.1 * update_h * mask
    return errors


def test_the_published_log_comes_out_to_eight_decimals():
    figure = perform("training", demo_case(iterations=10_000), ignore_progress).figures["accuracy"]
    curve = figure.details["curve"]
    assert curve["iterations"][:-1] == PUBLISHED["iterations"]
    ours = [error[0] for error in curve["absolute_error"]]
    np.testing.assert_allclose(ours, PUBLISHED["absolute_error"], rtol=0, atol=5.1e-9)
    assert figure.values == (1.0,)


def test_the_published_sums_are_drawn():
    stream = DemoStream(demo_case().parameters, replica=0)
    stream.initial_weights()
    examples = [stream.chunk() for _ in range(19)]
    inputs = np.concatenate([chunk.inputs for chunk in examples], axis=1)
    powers = 2 ** np.arange(8)
    drawn = np.einsum("t,tni->ni", powers, inputs)[:9001:1000]
    assert drawn.astype(int).tolist() == PUBLISHED["sums"]


@pytest.mark.parametrize(
    ("connectivity", "distance"),
    [("tridiagonal", 1), ("diagonal", 0), ("dense", 16), ("none", -1)],
)
def test_masked_demos_equal_the_masked_numpy_script(connectivity, distance):
    rows, columns = np.indices((16, 16))
    mask = np.abs(rows - columns) <= distance
    case = demo_case(connectivity, iterations=60, replicas=3, log_every=1)
    curve = perform("training", case, ignore_progress).figures["accuracy"].details["curve"]
    ours = np.array(curve["absolute_error"])
    for replica in range(3):
        np.testing.assert_allclose(ours[:, replica], numpy_demo(replica, 60, mask), rtol=0, atol=1e-12)


def test_drawing_in_chunks_continues_the_stream_of_single_draws():
    single, chunked = np.random.RandomState(7), np.random.RandomState(7)
    for largest in (128, 100, 1 << 20):
        singles = [single.randint(largest) for _ in range(50)]
        assert chunked.randint(largest, size=(25, 2)).ravel().tolist() == singles


def test_masks_apply_to_the_demos_initial_weights():
    weights = DemoStream(demo_case("tridiagonal").parameters, replica=0).initial_weights()
    full = DemoStream(demo_case("dense").parameters, replica=0).initial_weights()
    bands = torch.from_numpy(weights.layers[0].recurrent["bands"])
    matrix = demo_case("tridiagonal").parameters.connectivity.to_dense({"bands": bands}, 16).numpy()
    rows, columns = np.indices((16, 16))
    near = np.abs(rows - columns) <= 1
    np.testing.assert_array_equal(matrix[near], full.layers[0].recurrent["weight"][near])
    assert (matrix[~near] == 0).all()
