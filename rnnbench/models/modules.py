"""RNN, LSTM and GRU with a recurrent connectivity, to stand where nn.RNN, nn.LSTM and nn.GRU stand in a model.

Arguments, shapes, gate order, initial weights and names of weights are torch's; with connectivity ``dense`` a
state_dict passes from one to the other. Other connectivities store the recurrent matrix in their own form, under its
name: with ``tridiagonal``, ``bands_hh_l0`` ``[3, H]`` (``[G, 3, H]`` for G gates) takes the place of ``weight_hh_l0``
``[G H, H]``.

The kernel is selected at every call, for the weights' dtype and device and the shape of the input. What torch's modules
have and these have not is refused: packed sequences, ``proj_size``, TorchScript.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from rnnbench.cell import CellName
from rnnbench.models.recurrent_module import RecurrentModule, WrittenConnectivity


class RNN(RecurrentModule):
    """Elman's ``h_t = f(W x_t + b + U h_{t-1})``: called as nn.RNN, with ``U`` of a connectivity.

    Parameters
    ----------
    input_size, hidden_size, num_layers, nonlinearity, bias, batch_first, dropout, bidirectional, device, dtype
        As in nn.RNN; ``nonlinearity`` may also be ``sigmoid`` or ``identity``.
    connectivity
        Which entries of ``U`` may be non-zero, in every layer and direction: as suites write it
        (``"tridiagonal"``, ``"block_diagonal(4)"``).
    kernel
        As a suite's ``kernel``: ``auto`` takes the first that can serve.
    recompute
        A training pass keeps the state of every so-many-th step, and computes the others again backward; None keeps
        all.

    Raises
    ------
    ValueError
        There is no such connectivity, kernel or nonlinearity, or the connectivity does not exist at that hidden size.

    Examples
    --------
    >>> layer = RNN(4, 8, connectivity="banded(1,1)")
    >>> output, h_n = layer(torch.zeros(5, 2, 4))
    >>> output.shape, h_n.shape, layer.bands_hh_l0.shape
    (torch.Size([5, 2, 8]), torch.Size([1, 2, 8]), torch.Size([3, 8]))
    """

    cell: ClassVar[CellName] = "rnn"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        connectivity: WrittenConnectivity = "dense",
        kernel: str = "auto",
        recompute: int | None = None,
        device: torch.device | str | int | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            nonlinearity,
            bias,
            batch_first,
            dropout,
            bidirectional,
            connectivity,
            kernel,
            recompute,
            device,
            dtype,
        )

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (the last layer's states, the last state of every layer).

        Parameters
        ----------
        input
            ``[T, B, I]``; ``[B, T, I]`` with ``batch_first``; ``[T, I]`` for one sequence.
        hx
            The state before the first step, ``[L D, B, H]`` or ``[L D, H]``, D the number of directions; zero unless
            given.

        Returns
        -------
        tuple
            ``[T, B, D H]`` in the order of ``input``, and ``[L D, B, H]``.
        """
        output, (h_n,) = self.run(input, None if hx is None else (hx,))
        return output, h_n


class _Gated(RecurrentModule):
    """What LSTM and GRU have in common."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        connectivity: WrittenConnectivity = "dense",
        kernel: str = "auto",
        recompute: int | None = None,
        device: torch.device | str | int | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            "tanh",
            bias,
            batch_first,
            dropout,
            bidirectional,
            connectivity,
            kernel,
            recompute,
            device,
            dtype,
        )


class GRU(_Gated):
    """nn.GRU's equations, called as nn.GRU, with the recurrent matrix of every gate of a connectivity.

    Parameters are those of :class:`RNN` without ``nonlinearity``.
    """

    cell: ClassVar[CellName] = "gru"

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (the last layer's states, the last state of every layer); see :meth:`RNN.forward`."""
        output, (h_n,) = self.run(input, None if hx is None else (hx,))
        return output, h_n


class LSTM(_Gated):
    """nn.LSTM's equations, called as nn.LSTM, with the recurrent matrix of every gate of a connectivity.

    Parameters are those of :class:`RNN` without ``nonlinearity``.
    """

    cell: ClassVar[CellName] = "lstm"

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return (the last layer's h, the last (h, c) of every layer); ``hx`` is (h_0, c_0)."""
        if hx is not None and (isinstance(hx, Tensor) or len(hx) != 2):
            raise ValueError("hx of an LSTM is the pair (h_0, c_0)")
        output, (h_n, c_n) = self.run(input, hx)
        return output, (h_n, c_n)
