"""The ``fused`` kernel's layer without autograd: the same sweeps and projections in the same order, so the same bits as
through :mod:`rnnbench.kernels.fused_autograd`, into memory that is there already."""

from __future__ import annotations

from torch import Tensor

from rnnbench.connectivity import Parameters
from rnnbench.kernels.chunked_projection import ProjectedDriver, ProjectionGradients
from rnnbench.kernels.layer_pass import LayerGradients, LayerPass
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.run_backward import run_backward
from rnnbench.kernels.sweep import Sweep, Trace, Weights
from rnnbench.kernels.traces import Job, Kept, run_forward


class FusedPass(LayerPass):
    """Keeps the whole trace of a sequence.

    Parameters
    ----------
    recurrence
        Without ``recompute``; its shape (T, B) is nominal, tensors decide.
    """

    def __init__(
        self, sweep: Sweep, recurrence: Recurrence, input_weight: Tensor, bias: Tensor | None, parameters: Parameters
    ) -> None:
        self._sweep, self._recurrence = sweep, recurrence
        self._weight = input_weight.detach()
        self._bias = None if bias is None else bias.detach()
        ((self._name, _),) = recurrence.connectivity.parameter_shapes(recurrence.hidden).items()
        inside = parameters[RECURRENT_BIAS].detach() if recurrence.recurrent_bias else None
        self._weights = Weights(parameters[self._name].detach(), inside)
        self._job: Job | None = None
        self._room: Trace
        self._dz: Tensor
        self._x: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Return the states; see :meth:`LayerPass.forward`."""
        x = x.contiguous()
        shape = (*x.shape[1:-1], self._recurrence.hidden)
        if self._job is None or (self._job.steps, self._job.shape) != (len(x), shape):
            self._job = Job(self._sweep, self._recurrence, self._weights, None, len(x), shape, projected=True)
            self._room = self._job.room(len(x), x, len(x))
            self._dz = x.new_empty(self._job.longest_piece, *self._job.gates_shape)
        job, room = self._job, self._room
        driver = ProjectedDriver(x, self._weight, self._bias, job.chunk, room.h if room.gates is None else room.gates)
        run_forward(job, driver, room)
        self._x = x
        return room.h

    def backward(self, by_states: Tensor | None, by_last: Tensor | None, *, needs_x: bool) -> LayerGradients:
        """Return the gradients; see :meth:`LayerPass.backward`."""
        job = self._job
        assert job is not None  # noqa: S101 - forward was run
        needs = needs_x, True, self._bias is not None
        projection = ProjectionGradients(self._x, self._weight, needs, job.chunk, self._dz)
        found = run_backward(job, Kept(job, self._room), (by_states, by_last), projection.room, projection.done)
        assert projection.weight is not None  # noqa: S101 - it was asked for
        recurrent = {self._name: found.stored}
        if found.bias is not None:
            recurrent[RECURRENT_BIAS] = found.bias
        return LayerGradients(projection.x, projection.weight, projection.bias, recurrent)
