"""Cases that spend as much as another one: ``match`` of a suite, which chooses the hidden size.

The other one, the *reference*, is the case itself with connectivity ``dense`` and the hidden size that the suite gives;
options of ``match`` name another connectivity, or another cell. It need not be a case of the suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Tag

from rnnbench.cell import CellName
from rnnbench.choice import Choice, by_name
from rnnbench.connectivity import Connectivity, ConnectivityField, Dense
from rnnbench.suite.initialisation import FanIn

if TYPE_CHECKING:
    from rnnbench.suite.schema import Parameters


class Match(Choice):
    """What a case is to have in common with its reference."""

    summary: ClassVar[str]
    """One line for people."""

    @property
    def chooses(self) -> bool:
        """Whether the hidden size is chosen, not given."""
        return False

    def reference_of(self, connectivity: Connectivity, cell: CellName) -> tuple[Connectivity, CellName]:
        """Return the connectivity and the cell of the reference of a case with these."""
        return connectivity, cell


class NoMatch(Match):
    """Nothing: the hidden size is the one that the suite gives."""

    kind: ClassVar[str] = "none"
    summary: ClassVar[str] = "the hidden size is as given"


class _Scaled(Match):
    connectivity: ConnectivityField = Dense()
    cell: CellName | None = None

    @property
    def chooses(self) -> bool:
        """Whether the hidden size is chosen: it is."""
        return True

    def reference_of(self, connectivity: Connectivity, cell: CellName) -> tuple[Connectivity, CellName]:
        """Return the connectivity and the cell of the reference of a case with these."""
        return self.connectivity, self.cell or cell


class MatchParameters(_Scaled):
    """As many parameters in all as the reference, input weights, biases and readout included."""

    kind: ClassVar[str] = "parameters"
    summary: ClassVar[str] = "as many parameters in all as the reference"


class MatchTime(_Scaled):
    """As long an iteration of training as the reference's; ``rnnbench run`` measures which hidden size that is."""

    kind: ClassVar[str] = "time"
    summary: ClassVar[str] = "as long an iteration of training as the reference, measured before anything else"


MatchField = Annotated[
    Annotated[NoMatch, Tag(NoMatch.kind)]
    | Annotated[MatchParameters, Tag(MatchParameters.kind)]
    | Annotated[MatchTime, Tag(MatchTime.kind)],
    by_name,
]
"""The type of a suite's ``match``."""


def reference(parameters: Parameters) -> Parameters:
    """Return the reference of a case whose hidden size is the one that the suite gives.

    Where its weights start decides neither their number nor the time of an iteration, and may not fit: it is left out.
    """
    connectivity, cell = parameters.match.reference_of(parameters.connectivity, parameters.cell)
    changes = {"match": NoMatch(), "connectivity": connectivity, "cell": cell, "initialisation": FanIn()}
    return parameters.model_copy(update={**changes, "forget_bias": None})


def is_reference(parameters: Parameters) -> bool:
    """Return whether a case that is to be matched is its own reference."""
    return parameters.match.chooses and parameters.match.reference_of(parameters.connectivity, parameters.cell) == (
        parameters.connectivity,
        parameters.cell,
    )
