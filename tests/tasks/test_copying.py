"""The copying-memory problem: symbols, a wait, a marker, and the symbols again."""

import numpy as np
import torch

from rnnbench.models.network import one_hot
from rnnbench.tasks import Copying


def test_symbols_wait_marker_and_the_symbols_again():
    inputs, targets = Copying(blanks=4).draw(100, np.random.default_rng(0))
    shown, asked = inputs[..., 0], targets[..., 0]
    assert shown.shape == asked.shape == (24, 100)
    assert set(np.unique(shown[:10])) == set(range(8))
    assert (shown[10:13] == 8).all()
    assert (shown[13] == 9).all()
    assert (shown[14:] == 8).all()
    assert (asked[:14] == 8).all()
    np.testing.assert_array_equal(asked[14:], shown[:10])


def test_accuracy_is_the_share_of_symbols_recalled_blanks_aside():
    task = Copying(blanks=4)
    targets = torch.from_numpy(task.draw(1, np.random.default_rng(0)).targets)
    readout = one_hot(targets.squeeze(-1), torch.zeros(1, 9))
    assert task.correct(readout, targets).item() == 1
    readout[:14] = readout[:14].flip(-1)
    assert task.correct(readout, targets).item() == 1
    readout[14] = readout[14].roll(1, dims=-1)
    torch.testing.assert_close(task.correct(readout, targets), torch.tensor([0.9]))
    assert task.solved(loss=9.0, accuracy=0.99)
    assert not task.solved(loss=0.0, accuracy=0.98)
