"""Running a suite from Python, by the runner that ``rnnbench run`` has."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnbench.errors import RnnbenchError
from rnnbench.plugins.load import load_plugins
from rnnbench.report.listener import Listener, Silence
from rnnbench.results.document import Results
from rnnbench.runner.budgets import check_budgets
from rnnbench.runner.destination import prepare
from rnnbench.runner.executor import Executor
from rnnbench.runner.local_executor import LocalExecutor
from rnnbench.runner.request import Request
from rnnbench.runner.run import DEFAULT_TIMEOUT_SECONDS, Settings
from rnnbench.runner.run import run as run_suite
from rnnbench.suite.loader import load_mapping, load_suite
from rnnbench.suite.suite import Suite


def run(
    suite: Path | str | Mapping[str, Any] | Suite,
    *,
    select: str | None = None,
    overrides: Mapping[str, Any] | Sequence[str] = (),
    device: str | None = None,
    launches: int | None = None,
    quick: bool = False,
    seed: int = 0,
    path: Path | str | None = None,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    calibrate: bool = True,
    plugins: Sequence[str] = (),
    force: bool = False,
    progress: bool = False,
    executor: Executor | None = None,
) -> Results:
    """Measure every case of a suite in worker processes, as ``rnnbench run`` does, and return the document.

    Nothing is printed unless ``progress`` is true, and nothing written unless a ``path`` is given. A case that fails
    is a status in the document, no exception.

    Parameters
    ----------
    suite
        A suite's file; a mapping of the same keys; or a suite that was loaded.
    select
        Measure the cases whose names match, as ``-k`` says.
    overrides
        Keys of the suite to set, as ``--set`` does: ``{"hidden": 64, "connectivity": ["dense", "diagonal"]}`` (a list
        is an axis) or ``["hidden=64"]``.
    device, launches, quick, seed, force
        As the options of ``rnnbench run``.
    plugins
        Modules or files with connectivities, kernels and tasks to load before, as ``--plugin`` says.
    path
        Write the document there, after every case.
    timeout_seconds
        How long one measurement of a case may take.
    calibrate
        Whether to measure what the machine can reach, if that never was.
    progress
        Whether to show on stderr how far it is.
    executor
        Where workers run; processes on this machine unless given.

    Raises
    ------
    RnnbenchError
        Something is wrong with the suite or the options (all of it, in one message), or the document cannot be written.
    rnnbench.runner.run.Interrupted
        Ctrl-C; its ``results`` hold what was measured until then.
    """
    load_plugins((plugins,) if isinstance(plugins, str) else plugins)
    written = _written(overrides)
    request = Request(
        suite=str(suite) if isinstance(suite, (str, Path)) else None,
        overrides=written,
        select=select,
        device=device,
        launches=launches,
        quick=quick,
        seed=seed,
    )
    loaded = request.shortened(_load(suite, written, device))
    if not force:
        check_budgets(loaded)
    destination = None if path is None else Path(path)
    if destination is not None:
        prepare(destination)
    settings = Settings(destination, timeout_seconds, ("rnnbench.run",), calibrate)
    with _listener(progress) as listener:
        return run_suite(loaded, request, executor or LocalExecutor(), settings, listener)


@contextlib.contextmanager
def _listener(progress: bool) -> Iterator[Listener]:
    if not progress:
        yield Silence()
        return
    from rich.console import Console

    from rnnbench.report.progress import display

    with display(Console(stderr=True)) as listener:
        yield listener


def _load(suite: Path | str | Mapping[str, Any] | Suite, overrides: tuple[str, ...], device: str | None) -> Suite:
    if isinstance(suite, (str, Path)):
        return load_suite(Path(suite), overrides, device)
    if isinstance(suite, Mapping):
        return load_mapping(suite, overrides, device)
    if overrides or device is not None:
        raise RnnbenchError(
            "overrides and device change a suite while it is read: give them to load_suite, or run its file or mapping"
        )
    return suite


def _written(overrides: Mapping[str, Any] | Sequence[str]) -> tuple[str, ...]:
    """Return overrides as ``--set`` takes them."""
    if isinstance(overrides, str):
        return (overrides,)
    if not isinstance(overrides, Mapping):
        return tuple(overrides)
    return tuple(f"{key}={_axis(value)}" for key, value in overrides.items())


def _axis(value: Any) -> str:
    from rnnbench.choice import plain_text

    return ",".join(map(plain_text, value)) if isinstance(value, (list, tuple)) else plain_text(value)
