"""Compile the Triton kernels without a GPU, as they are launched, and print what each takes, as JSON."""

import contextlib
import io
import itertools
import json
import multiprocessing
import os
import re

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from rnnbench.kernels import (
    triton_band_gradient,
    triton_banded,
    triton_blocks,
    triton_diagonal,
    triton_gated_diagonal,
    triton_scan,
)
from rnnbench.kernels.triton_launch import options

CAPABILITIES = (80, 90)
"""A100 and H100."""
STORED = {"float32": "*fp32", "bfloat16": "*bf16", "float16": "*fp16"}
FLOAT32 = {"by_row", "parts", "exchange"}
"""Sums, and what lanes tell each other: float32 whatever the rest is stored in."""


def shipped(stored):
    """Yield (name, kernel, its compile-time arguments, warps): the largest of each shape, and common ones."""
    for activation in ("tanh", "sigmoid"):
        for kernel in (triton_diagonal._forward, triton_diagonal._backward):
            constants = {"ACTIVATION": activation, "ELEMENTS": triton_diagonal.ELEMENTS}
            yield f"diagonal, {activation}", kernel, constants, triton_diagonal.WARPS
    for cell, gates in (("lstm", 4), ("gru", 3)):
        for kernel in (triton_gated_diagonal._forward, triton_gated_diagonal._backward):
            constants = {"GATES": gates, "ELEMENTS": triton_gated_diagonal.ELEMENTS}
            yield f"diagonal {cell}", kernel, constants, triton_gated_diagonal.WARPS
    for hidden, reach in ((512, 1), (2048, 32)):
        launch = triton_banded.launch_of(hidden)
        for kernel in (triton_banded._forward, triton_banded._backward):
            constants = {"LOWER": reach, "UPPER": reach, "CIRCULAR": True, "ACTIVATION": "tanh", "UNITS": launch.units}
            constants["BY_TURNS"] = stored != "float32"
            yield f"banded({reach},{reach},true) at {hidden}", kernel, constants, launch.warps
    constants = {"LOWER": 8, "UPPER": 8, "CIRCULAR": True}
    constants |= {"ROWS": triton_band_gradient.ROWS, "UNITS": triton_band_gradient.UNITS}
    yield "band gradient", triton_band_gradient._by_chunk, constants, triton_band_gradient.WARPS
    for size in (16, 64, 128):
        launch = triton_blocks.launch_of(size)
        for kernel in (triton_blocks._forward, triton_blocks._backward):
            constants = {"ACTIVATION": "tanh", "ROWS": triton_blocks.ROWS, "PADDED": launch.padded}
            yield f"blocks of {size}", kernel, constants, launch.warps
    for kernel in (triton_scan._forward, triton_scan._backward):
        yield "scan", kernel, {"STEPS": triton_scan.STEPS, "ELEMENTS": triton_scan.ELEMENTS}, triton_scan.WARPS


def compile_for(capability, stored, kernel, constants, warps, even):
    """Return what one kernel takes on one target: for sizes that every vector length divides (``even``), or none."""
    signature, aligned = {}, {}
    for index, parameter in enumerate(kernel.params):
        signature[parameter.name] = kind_of(parameter, kernel, stored)
        pointer = signature[parameter.name].startswith("*")  # torch aligns what it allocates
        if pointer or (even and parameter.name in {"N", "B", "H", "SIZE"}):
            aligned[(index,)] = [["tt.divisibility", 16]]
    source = ASTSource(kernel, signature, constants, aligned)
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        compiled = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options(warps))
    code = compiled.asm["ptx"]
    return {
        "kernel": kernel.__name__,
        "stored": stored,
        "even": even,
        "capability": capability,
        "registers": int(re.search(r"Used (\d+) registers", log.getvalue()).group(1)),
        "spilled_bytes": sum(int(found) for found in re.findall(r"(\d+) bytes spill", log.getvalue())),
        "shared_bytes": compiled.metadata.shared,
        "atomics": len(re.findall(r"\b(?:atom|red)\.", code)),
        "loads_ahead": len(re.findall(r"\bcp\.async\.c[ag]\.", code)),
        "tensor_core_products": len(re.findall(r"\bmma\.sync\.", code)),
        "time_steps_specialised": "T" in kernel.arg_names
        and not kernel.params[kernel.arg_names.index("T")].do_not_specialize,
    }


def kind_of(parameter, kernel, stored):
    """Return the type of an argument as it is launched."""
    if parameter.is_constexpr or "tensor" not in parameter.annotation:
        return "constexpr" if parameter.is_constexpr else "i32"
    # A band's h_0 is read where the neighbours of later steps read.
    wide = parameter.name in FLOAT32 or (kernel is triton_banded._forward and parameter.name == "initial")
    return "*fp32" if wide else STORED[stored]


def everything():
    """Yield (name, the arguments of :func:`compile_for`)."""
    for stored, capability, even in itertools.product(STORED, CAPABILITIES, (False, True)):
        for name, kernel, constants, warps in shipped(stored):
            yield name, (capability, stored, kernel, constants, warps, even)


def row_of(index):
    """Return what the kernel of that place in :func:`everything` takes."""
    name, arguments = next(itertools.islice(everything(), index, None))
    return {"name": name, **compile_for(*arguments)}


def set_up():
    """Have triton compile whatever it is asked to, and print registers and spills."""
    triton.knobs.nvidia.dump_ptxas_log = True
    triton.knobs.compilation.always_compile = True


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(len(os.sched_getaffinity(0)), set_up) as pool:
        print(json.dumps(pool.map(row_of, range(len(list(everything()))))))  # noqa: T201
