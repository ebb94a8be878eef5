"""A ring of units that all listen alike: a circular convolution, which a Fourier transform takes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rnnbench.connectivity.base import Arrays, Multiply, Parameters, widened
from rnnbench.connectivity.composed import ComposedConnectivity

if TYPE_CHECKING:
    from torch import Tensor


class Circulant(ComposedConnectivity):
    """``U[i, j] = taps[(j - i) mod H]``; stored as ``taps`` ``[H]``.

    The discrete Fourier transform makes it diagonal, so that a product takes O(H log H) operations (Gray, Toeplitz and
    circulant matrices: a review, 2006).
    """

    kind: ClassVar[str] = "circulant"
    summary: ClassVar[str] = "a ring on which every unit listens to all alike, by their distance: H shared weights"
    count: ClassVar[str] = "H"
    multiplication_pays_above: ClassVar[int] = 384

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"taps": (H,)}``."""
        return {"taps": (hidden,)}

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return H."""
        return {"taps": hidden}

    def operations(self, hidden: int) -> int:
        """Return those of two real transforms, 2.5 H log2 H each, and H / 2 + 1 complex products between them."""
        transform = 5 * hidden * max(1, (hidden - 1).bit_length()) // 2
        return 2 * transform + 6 * (hidden // 2 + 1)

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return a product of spectra: ``sum over k of taps[k] h[i + k]`` is a correlation."""
        import torch

        spectrum = torch.fft.rfft(widened(parameters["taps"])).conj().unsqueeze(-2)
        return lambda h: torch.fft.irfft(spectrum * torch.fft.rfft(widened(h)), n=hidden).to(h.dtype)

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``U``: the taps at every distance."""
        taps = parameters["taps"]
        flat = taps.index_select(-1, _distances(taps, hidden).reshape(-1))
        return flat.view(*taps.shape[:-1], hidden, hidden)

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the mean at every distance: the nearest circulant matrix."""
        hidden = matrix.shape[-1]
        flat = matrix.reshape(*matrix.shape[:-2], hidden * hidden)
        sums = matrix.new_zeros(*matrix.shape[:-2], hidden)
        return {"taps": sums.index_add(-1, _distances(matrix, hidden).reshape(-1), flat) / hidden}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return the one tap of distance 0."""
        return {"taps": np.where(np.arange(hidden) == 0, scale, 0.0)}


def _distances(like: Tensor, hidden: int) -> Tensor:
    import torch

    units = torch.arange(hidden, device=like.device)
    return (units - units.unsqueeze(-1)) % hidden
