"""What is compiled once is found by every later process: the first call of a kernel costs no more than loading it."""

import ast
import subprocess
import sys
from pathlib import Path

import rnnbench.kernels
from rnnbench.kernels.numba_setup import SOURCES

KERNELS = Path(rnnbench.kernels.__file__).parent
EVERY_LOOP = """
import gc, sys
import rnnbench.kernels.dispatch
assert "numba" not in sys.modules
from rnnbench.cell import CELLS
from rnnbench.kernels import agreement, fused
from rnnbench.kernels.dispatch import load
from tests.kernels.test_kernels import recurrence_of
from rnnbench.kernels import block_loops, cell_steps, dense_loops, fused_banded, meeting, tile, tiled_block_loops
from numba.core.dispatcher import Dispatcher
assert not any(
    found.signatures for found in gc.get_objects()
    if isinstance(found, Dispatcher) and found.py_func.__module__.startswith("rnnbench.")
)
for cell in CELLS:
    for way in ("gemm", "loops"):
        fused._by_gemm = lambda recurrence: fused.Chosen(fused.gemm(recurrence, way), way)
        fused._choose_on_cpu.cache_clear(), fused._choose.cache_clear()
        for structure in ("dense", "block_diagonal(2)", "block_diagonal(1)", "tridiagonal", "random(200)"):
            recurrence = recurrence_of(structure, cell=cell, hidden=130, time_steps=3, batch=2, dtype="float32")
            assert agreement.check(load("fused"), recurrence).ok
from numba.core.caching import FunctionCache
kept = [found for found in gc.get_objects() if isinstance(found, Dispatcher) and type(found._cache) is FunctionCache]
hits, misses = set(), set()
for function in kept:
    name = f"{function.py_func.__module__}.{function.py_func.__qualname__}"
    hits |= {name} if function.stats.cache_hits else set()
    misses |= {name} if function.stats.cache_misses else set()
print(len(hits), *misses)
"""


def test_importing_compiles_nothing_and_a_second_process_finds_all_compiled_code():
    command = [sys.executable, "-c", EVERY_LOOP]
    subprocess.run(command, check=True, capture_output=True)
    hits, *misses = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert misses == []
    assert int(hits) >= 15


def imports_of(module: Path) -> set[str]:
    """Return the files of this folder whose code or constants a module imports."""
    nodes = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ImportFrom)]
    return {
        f"{node.module.rpartition('.')[2]}.py"
        for node in nodes
        if node.module is not None and node.module.startswith("rnnbench.kernels.")
    }


def test_the_cache_folder_is_named_after_all_code_that_compiled_functions_take_from_other_files():
    compiling = {path for path in KERNELS.glob("*.py") if "numba_setup.py" in imports_of(path)}
    assert len(compiling) > 5
    assert set().union(*map(imports_of, compiling)) <= set(SOURCES)
