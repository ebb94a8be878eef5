"""The cells: what a step computes from ``z_t = W x_t + b`` and ``U h_{t-1}``, with torch's equations and gate order."""

from __future__ import annotations

from typing import Literal, NamedTuple

CellName = Literal["rnn", "lstm", "gru"]


class Cell(NamedTuple):
    """A cell that suites can name.

    Attributes
    ----------
    gates
        One letter for each gate, in the order in which nn.LSTM and nn.GRU stack them. Every gate has its own rows of
        W and b and its own recurrent matrix, all of one connectivity.
    recurrent_bias
        Whether one gate needs a bias inside the recurrence, beside the one in z.
    summary
        Its equations, a prime marking what is new; ``*`` is elementwise, ``s`` the logistic function.
    """

    name: CellName
    gates: tuple[str, ...]
    recurrent_bias: bool
    summary: str


CELLS: dict[CellName, Cell] = {
    cell.name: cell
    for cell in (
        Cell("rnn", ("h",), False, "Elman's: h' = f(z + U h), f the activation"),
        Cell(
            "lstm",
            ("i", "f", "g", "o"),
            False,
            "nn.LSTM: i, f, o = s(z + U h), g = tanh(z + U h), each of its own z and U\n"
            "c' = f * c + i * g\n"
            "h' = o * tanh(c')",
        ),
        Cell(
            "gru",
            ("r", "u", "n"),
            True,
            "nn.GRU: r, u = s(z + U h), n = tanh(z + r * (U h + b_n)), each of its own z and U\n"
            "h' = (1 - u) * n + u * h",
        ),
    )
}
"""By the name that suites use."""
