"""Optimizers over one tensor: torch's own steps, to the bit."""

import pytest
import torch
from torch import nn

from rnnbench.measure.optimizer import optimizer
from rnnbench.suite.optimizer import SGD, Adam, RMSprop


@pytest.mark.parametrize(
    "chosen",
    [
        SGD(lr=0.1),
        SGD(lr=0.1, weight_decay=0.01),
        SGD(lr=0.1, momentum=0.9),
        SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
        Adam(lr=0.01),
        RMSprop(lr=0.01, momentum=0.5),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_steps_are_those_of_torch(chosen, dtype):
    generator = torch.Generator().manual_seed(0)
    ours = nn.Parameter(torch.randn(37, generator=generator, dtype=dtype))
    theirs = nn.Parameter(ours.detach().clone())
    options = {name: getattr(chosen, name) for name in type(chosen).model_fields}
    torchs = getattr(torch.optim, chosen.torch_name)([theirs], **options)
    step = optimizer(chosen, ours)
    for rate in (chosen.lr, chosen.lr, chosen.lr / 2):
        ours.grad = torch.randn(37, generator=generator, dtype=dtype)
        theirs.grad = ours.grad.clone()
        torchs.param_groups[0]["lr"] = rate
        torchs.step()
        step(rate)
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
