"""The house: imports run downward only, and light rooms stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "rnnbench"

BELOW = {
    "cli": {
        "runner",
        "plugins",
        "report",
        "analysis",
        "results",
        "suite",
        "machine",
        "measure",
        "kernels",
        "connectivity",
        "tasks",
    },
    "api": {"runner", "plugins", "report", "analysis", "results", "suite"},
    "runner": {"measure", "plugins", "models", "analysis", "results", "suite", "machine", "report"},
    "measure": {"plugins", "machine", "models", "kernels", "connectivity", "tasks", "results", "suite"},
    "models": {"kernels", "connectivity", "tasks", "suite"},
    "plugins": {"kernels", "connectivity", "tasks"},
    "report": {"analysis", "results"},
    "analysis": {"results", "suite"},
    "suite": {"connectivity", "results", "tasks"},
    "kernels": {"connectivity", "machine"},
    "machine": set(),
    "results": set(),
    "tasks": set(),
    "connectivity": set(),
}
"""Which rooms a room may import from. Suites name tasks as they name connectivities, so ``suite`` stands above both.
Kernels choose between themselves by what was tried out on this machine, so ``kernels`` stands above ``machine``.
The files beside the rooms (errors, choice, ...) are open to all."""


def rooms_imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("rnnbench."):
            yield node.module.split(".")[1], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module == "rnnbench":
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                (alias.name.split(".")[1], node.lineno) for alias in node.names if alias.name.startswith("rnnbench.")
            )


@pytest.mark.parametrize("room", sorted(BELOW))
def test_imports_run_downward_only(room):
    upward = [
        f"{path.relative_to(PACKAGE)}:{line} imports {other}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for other, line in rooms_imported(path)
        if other in BELOW and other != room and other not in BELOW[room]
    ]
    assert upward == []


def test_every_room_is_in_the_list():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(BELOW)


@pytest.mark.parametrize(
    "module",
    [
        "cli",
        "results.document",
        "results.json_schema",
        "report.table",
        "report.html.page",
        "report.plot",
        "report.explanation",
        "report.profile_table",
        "suite.loader",
        "suite.json_schema",
        "suite.starter",
        "analysis.conclusions",
        "analysis.series",
        "plugins.load",
    ],
)
def test_light_rooms_import_neither_torch_nor_numba_nor_scipy(module):
    code = f"import sys, rnnbench.{module}; print(*{{'torch', 'numba', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_the_library_offers_its_names_and_imports_only_what_is_asked_for():
    code = (
        "import sys, rnnbench; assert set(rnnbench.__all__) <= set(dir(rnnbench)); rnnbench.load; rnnbench.Results; "
        "print('torch' in sys.modules); rnnbench.RNN, rnnbench.run; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


def test_what_the_library_offers_is_what_it_says():
    import rnnbench

    for name in rnnbench.__all__:
        assert getattr(rnnbench, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'RNM'"):
        rnnbench.RNM  # noqa: B018


def test_importing_rnnbench_costs_nothing():
    code = "import sys; before = set(sys.modules); import rnnbench; print(len(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(done.stdout) == 1
