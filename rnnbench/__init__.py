"""rnnbench: benchmarks recurrent neural networks by recurrent connectivity.

The data flows along one line, which is also the folder listing::

    suite file -> Suite -> cases -> launches -> measurements -> results -> analysis -> report

As a library: :func:`run` measures a suite, :func:`load` reads results, and :class:`RNN`, :class:`LSTM` and :class:`GRU`
are modules for torch with a recurrent connectivity. Each is imported when it is first used: ``import rnnbench`` imports
nothing else.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost more than all of this
if TYPE_CHECKING:
    from rnnbench.api.load import load as load
    from rnnbench.api.run import run as run
    from rnnbench.errors import RnnbenchError as RnnbenchError
    from rnnbench.models.modules import GRU as GRU
    from rnnbench.models.modules import LSTM as LSTM
    from rnnbench.models.modules import RNN as RNN
    from rnnbench.results.document import Results as Results

__version__ = "0.1.0"

_OFFERED = {
    "run": "rnnbench.api.run",
    "load": "rnnbench.api.load",
    "Results": "rnnbench.results.document",
    "RnnbenchError": "rnnbench.errors",
    "RNN": "rnnbench.models.modules",
    "LSTM": "rnnbench.models.modules",
    "GRU": "rnnbench.models.modules",
}
"""Where each name lives."""

__all__ = ["GRU", "LSTM", "RNN", "Results", "RnnbenchError", "load", "run"]


def __getattr__(name: str) -> object:
    """Import what the library offers when it is asked for."""
    if name not in _OFFERED:
        raise AttributeError(f"module 'rnnbench' has no attribute '{name}'")
    from importlib import import_module

    found: object = getattr(import_module(_OFFERED[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the names that are offered, imported or not."""
    return sorted({*globals(), *__all__})
