"""Which recurrent matrix measurement ``equivalence`` rewrites, as suites name it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, Tag, ValidationInfo, field_validator

from rnnbench.choice import Choice, by_name
from rnnbench.named_file import confirm_sha256, locate
from rnnbench.suite import given_matrix


class Weights(Choice):
    """Where a recurrent matrix comes from."""

    summary: ClassVar[str]
    """One line for people."""

    def identity(self) -> Any:
        """Return JSON data that tells which matrix this is, wherever a file lies."""
        return self.kind


class InitialWeights(Weights):
    """The model as it starts."""

    kind: ClassVar[str] = "initial"
    summary: ClassVar[str] = "the model as it starts"


class TrainedWeights(Weights):
    """The model after ``training``."""

    kind: ClassVar[str] = "trained"
    summary: ClassVar[str] = "the model after `training`"


class GivenWeights(Weights):
    """The matrix in the file at ``path``: U as it is, ``U[i, j]`` from unit j to unit i, as nn.RNN's ``weight_hh``.

    It is told by its ``sha256``, taken when the suite is read; one that a suite writes down must be the file's.
    """

    kind: ClassVar[str] = "given"
    summary: ClassVar[str] = "the matrix in the CSV or .npy file at `path`"

    path: str
    sha256: str | None = Field(default=None, validate_default=True)

    @field_validator("path")
    @classmethod
    def _readable(cls, path: str, info: ValidationInfo) -> str:
        """Return where the file is, if it holds a matrix."""
        return locate(path, info, lambda located: given_matrix.parse(given_matrix.read_bytes(located)))

    @field_validator("sha256")
    @classmethod
    def _of_the_matrix(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Return the hash of the file, which must be the one given."""
        return confirm_sha256(value, info, "matrix", given_matrix.read_bytes)

    def matrix(self) -> np.ndarray:
        """Return the matrix ``[H, H]``, float64.

        Raises
        ------
        ValueError
            The file is no longer what it was when the suite was read.
        """
        return given_matrix.load(self.path, self.sha256 or "")

    def identity(self) -> Any:
        """Return the hash alone."""
        return {self.kind: {"sha256": self.sha256}}

    def label(self) -> str:
        """Return ``given(PATH)``: what stands there is in the document."""
        return f"{self.kind}({self.path})"


WeightsField = Annotated[
    Annotated[InitialWeights, Tag(InitialWeights.kind)]
    | Annotated[TrainedWeights, Tag(TrainedWeights.kind)]
    | Annotated[GivenWeights, Tag(GivenWeights.kind)],
    by_name,
]
"""The type of a suite's ``equivalence.weights``."""
