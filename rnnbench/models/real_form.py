"""A real matrix in the basis of its own modes: real Jordan form where its eigenvectors are well apart, else Schur's.

With eigenvectors ``p + iq`` of the eigenvalues ``a + ib`` (b > 0) and the real ones as columns of P,
``U [p q] = [p q] [[a, b], [-b, a]]``, so that ``U = P J P^-1`` with J in blocks of two and one (Horn and Johnson,
Matrix Analysis, 3.4.1). Where eigenvalues repeat, or nearly do, eigenvectors may come so near to each other that P^-1
is lost to rounding, or does not exist: then ``U = Q S Q^T`` with Q orthogonal, which is never lost, and S upper
triangular but for blocks of two on its diagonal (the real Schur form; Golub and Van Loan, Matrix Computations, 7.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from rnnbench.connectivity import Arrays, Banded, Connectivity
from rnnbench.connectivity.jordan import Jordan
from rnnbench.models.weights import LayerWeights

MOST_CONDITION = 1e10
"""Of the eigenvectors: beyond, fewer than 6 of the 16 digits of float64 are left of P^-1."""


@dataclass(frozen=True)
class RealForm:
    """``U = basis form basis^-1``.

    Attributes
    ----------
    kind
        ``jordan`` or ``schur``.
    basis
        P or Q, ``[H, H]``.
    connectivity, recurrent
        What holds J or S, and its parameters.
    condition
        Condition number of the basis (2-norm).
    eigenvector_condition
        That of P, whichever form this is; infinite where there is no P.
    nonzeros
        Entries of J or S that are not zero.
    radius
        The largest modulus of an eigenvalue.
    """

    kind: Literal["jordan", "schur"]
    basis: np.ndarray
    connectivity: Connectivity
    recurrent: Arrays
    condition: float
    eigenvector_condition: float
    nonzeros: int
    radius: float

    def layer(self, weights: LayerWeights) -> LayerWeights:
        """Return W, b and U of a layer whose states are ``basis^-1 h``, if its activation is linear."""
        bias = None if weights.bias is None else np.linalg.solve(self.basis, weights.bias)
        return LayerWeights(np.linalg.solve(self.basis, weights.input), self.recurrent, bias)


def real_form(matrix: np.ndarray, most_condition: float = MOST_CONDITION) -> RealForm:
    """Return the real Jordan form of ``matrix`` ``[H, H]``, or the Schur form if P is conditioned worse than asked."""
    from scipy.linalg import eig, schur

    values, vectors = eig(matrix)
    radius = float(np.abs(values).max())
    basis, pairs, singles = _modes(values, vectors)
    condition = float(np.linalg.cond(basis))
    if condition <= most_condition:  # not where it is NaN
        recurrent = {"pairs": pairs, "singles": singles}
        nonzeros = 2 * np.count_nonzero(pairs) + np.count_nonzero(singles)
        jordan = Jordan(blocks=len(pairs))
        return RealForm("jordan", basis, jordan, recurrent, condition, condition, int(nonzeros), radius)
    form, basis = schur(matrix, output="real")
    band = Banded(lower=int(np.diagonal(form, -1).any()), upper=len(form) - 1)
    recurrent = {name: tensor.numpy() for name, tensor in band.from_dense(torch.from_numpy(form)).items()}
    own = condition if np.isfinite(condition) else np.inf
    nonzeros = int(np.count_nonzero(form))
    return RealForm("schur", basis, band, recurrent, float(np.linalg.cond(basis)), own, nonzeros, radius)


def _modes(values: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (P, a and b of each pair ``[n, 2]``, the real eigenvalues): pairs first, as their columns in P.

    An eigenvector is given but for its phase, which is chosen so that p and q are orthogonal: of all bases of their
    plane that make the same block, the best conditioned.
    """
    turning, still = values.imag > 0, values.imag == 0
    paired = vectors[:, turning]
    paired = paired * np.exp(-0.5j * np.angle((paired * paired).sum(axis=0)))
    columns = np.stack((paired.real, paired.imag), axis=-1).reshape(len(values), -1)
    pairs = np.stack((values[turning].real, values[turning].imag), axis=-1)
    return np.concatenate((columns, vectors[:, still].real), axis=1), pairs, values[still].real
