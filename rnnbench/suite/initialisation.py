"""Initial weights, as suites name them.

``fan_in`` and ``uniform`` are distributions of every weight. The others say what the recurrent matrix U starts as (in
lstm and gru, each gate's), and leave W, biases and readout to ``fan_in``.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from rnnbench.cell import CellName
from rnnbench.choice import Choice, by_name
from rnnbench.connectivity import Connectivity, fan_in_bound

Factor = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Initialisation(Choice):
    """Where weights start."""

    summary: ClassVar[str]
    """One line for people."""

    def bounds(self, fan_in: float) -> tuple[float, float]:
        """Return (low, high) of the uniform distribution for a unit with ``fan_in`` inputs: +-1/sqrt(fan_in)."""
        bound = fan_in_bound(fan_in)
        return -bound, bound

    def check(self, connectivity: Connectivity, hidden: int, cell: CellName) -> None:
        """Raise ``ValueError`` with the reason if no U of this connectivity can start like that."""


class FanIn(Initialisation):
    """Uniform on +-1/sqrt(n), n the mean number of recurrent inputs of a unit: for dense, nn.RNN's own rule.

    Where U is a product, its factors are drawn so that U h has the variance that it has with a dense U.
    """

    kind: ClassVar[str] = "fan_in"
    summary: ClassVar[str] = "every weight uniform on +-1/sqrt(n), n its inputs: nn.RNN's own rule"


class Uniform(Initialisation):
    """Uniform on [low, high), every weight."""

    kind: ClassVar[str] = "uniform"
    summary: ClassVar[str] = "every weight uniform on [low, high)"

    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> Any:
        if self.low > self.high:
            raise PydanticCustomError("uniform_order", "'low' must not exceed 'high'")
        return self

    def bounds(self, fan_in: float) -> tuple[float, float]:
        """Return (low, high)."""
        return self.low, self.high


class Identity(Initialisation):
    """U = ``scale`` times the identity (Le, Jaitly and Hinton, arXiv:1504.00941, for relu)."""

    kind: ClassVar[str] = "identity"
    summary: ClassVar[str] = "U is `scale` times the identity"

    scale: Factor = 1.0

    def check(self, connectivity: Connectivity, hidden: int, cell: CellName) -> None:
        """Raise ``ValueError`` where no weights make that matrix."""
        if not connectivity.has_identity(hidden, self.scale):
            raise ValueError(
                f"no weights of {connectivity.label()} make U {self.scale:g} times the identity: "
                f"initialisation {self.label()} cannot start there"
            )


class Orthogonal(Initialisation):
    """U = ``gain`` times a random orthogonal matrix, uniform among all (Saxe et al., arXiv:1312.6120); block by block.

    A block of one unit is 1 or -1, with even odds.
    """

    kind: ClassVar[str] = "orthogonal"
    summary: ClassVar[str] = "U is `gain` times a random orthogonal matrix; for dense, block_diagonal and diagonal"

    gain: Factor = 1.0

    def check(self, connectivity: Connectivity, hidden: int, cell: CellName) -> None:
        """Raise ``ValueError`` where U does not fall into equal blocks, or has a gain of its own."""
        if connectivity.always_orthogonal:
            _refuse_factor(connectivity, "gain", self.gain)
        elif connectivity.equal_blocks(hidden) is None:
            raise ValueError(
                f"a random orthogonal matrix does not fit into {connectivity.label()}: initialisation orthogonal is "
                "for dense, block_diagonal and diagonal; spectral_radius(1) is for others, too"
            )


class SpectralRadius(Initialisation):
    """U drawn as by ``fan_in`` and scaled so that its largest eigenvalue has the modulus ``radius`` (Jaeger, 2001)."""

    kind: ClassVar[str] = "spectral_radius"
    summary: ClassVar[str] = "U as by fan_in, scaled to the spectral radius `radius`"

    radius: Factor

    def check(self, connectivity: Connectivity, hidden: int, cell: CellName) -> None:
        """Raise ``ValueError`` where the radius is another one, whatever the weights."""
        if connectivity.always_orthogonal:
            _refuse_factor(connectivity, "radius", self.radius)
        if not connectivity.has_cycle(hidden):
            raise ValueError(
                f"with {connectivity.label()} no unit can feed itself, not even over others: every eigenvalue of U is "
                "zero, and initialisation spectral_radius cannot scale it"
            )


def _refuse_factor(connectivity: Connectivity, option: str, value: float) -> None:
    if value != 1:
        raise ValueError(
            f"{connectivity.label()} is orthogonal whatever its weights, so that its eigenvalues have modulus 1: "
            f"use {option} 1, not {value:g}"
        )


class IndRNN(Initialisation):
    """IndRNN's (Li et al., arXiv:1803.04831): u uniform on [0, 2^(1/T)], in the last layer on [0.5^(1/T), 2^(1/T)].

    T is the length of the task's sequences; where there is no task, ``time_steps``.
    """

    kind: ClassVar[str] = "indrnn"
    summary: ClassVar[str] = "u uniform on [0, 2^(1/T)], in the last layer on [0.5^(1/T), 2^(1/T)]; for diagonal"

    def check(self, connectivity: Connectivity, hidden: int, cell: CellName) -> None:
        """Raise ``ValueError`` unless U is the diagonal of cell rnn."""
        if cell != "rnn" or connectivity.equal_blocks(hidden) != hidden:
            raise ValueError("initialisation indrnn is for cell rnn with connectivity diagonal")


def indrnn_bounds(time_steps: int, *, last_layer: bool) -> tuple[float, float]:
    """Return the least and the largest modulus of IndRNN's recurrent weights (arXiv:1803.04831, section 3).

    What a unit keeps over T steps is u^T: at most twice of what was there, and in the last layer at least half.
    """
    return 0.5 ** (1 / time_steps) if last_layer else 0.0, 2.0 ** (1 / time_steps)


INITIALISATIONS: tuple[type[Initialisation], ...] = (FanIn, Uniform, Identity, Orthogonal, SpectralRadius, IndRNN)

InitialisationField = Annotated[
    Annotated[FanIn, Tag(FanIn.kind)]
    | Annotated[Uniform, Tag(Uniform.kind)]
    | Annotated[Identity, Tag(Identity.kind)]
    | Annotated[Orthogonal, Tag(Orthogonal.kind)]
    | Annotated[SpectralRadius, Tag(SpectralRadius.kind)]
    | Annotated[IndRNN, Tag(IndRNN.kind)],
    by_name,
]
"""The type of a suite's ``initialisation``."""
