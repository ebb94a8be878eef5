"""The gate before any figure is taken: a kernel that disagrees with the reference is never measured."""

from __future__ import annotations

from typing import Any

from rnnbench.kernels.agreement import check
from rnnbench.measure.failure import CaseFailure
from rnnbench.models.network import RecurrentLayer


def verify(layer: RecurrentLayer) -> dict[str, Any]:
    """Return the ``agreement`` section for a layer's kernel.

    Raises
    ------
    CaseFailure
        The kernel deviates from the float64 reference by more than rounding; the figures are attached.
    """
    agreement = check(layer.selection.kernel, layer.recurrence)
    if not agreement.ok:
        raise CaseFailure(
            "error",
            f"kernel '{layer.selection.kernel.name}' disagrees with the float64 reference: relative error "
            f"{agreement.max_error:.3g} in the {agreement.worst}, tolerance {agreement.tolerance:.3g}",
            agreement.to_json(),
        )
    return agreement.to_json()
