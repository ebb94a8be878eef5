"""Compile the Triton kernels without a GPU, as they are launched, and print what each takes, as JSON."""

import contextlib
import io
import json
import re

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from rnnbench.kernels import (
    triton_band_gradient,
    triton_banded,
    triton_blocks,
    triton_diagonal,
    triton_scan,
)
from rnnbench.kernels.triton_launch import options

CAPABILITIES = (80, 90)
"""A100 and H100."""


def shipped():
    """Yield (name, kernel, its compile-time arguments, warps): the largest of each shape, and common ones."""
    for activation in ("tanh", "sigmoid"):
        for kernel in (triton_diagonal._forward, triton_diagonal._backward):
            constants = {"ACTIVATION": activation, "ELEMENTS": triton_diagonal.ELEMENTS}
            yield f"diagonal, {activation}", kernel, constants, triton_diagonal.WARPS
    for hidden, reach in ((512, 1), (2048, 32)):
        launch = triton_banded.launch_of(hidden)
        for kernel in (triton_banded._forward, triton_banded._backward):
            constants = {"LOWER": reach, "UPPER": reach, "CIRCULAR": True, "ACTIVATION": "tanh", "UNITS": launch.units}
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


def compile_for(capability, kernel, constants, warps):
    """Return what one kernel takes on one target, for sizes that no vector length divides: those take the most."""
    signature, aligned = {}, {}
    for index, parameter in enumerate(kernel.params):
        kind = "constexpr" if parameter.is_constexpr else "*fp32" if "tensor" in parameter.annotation else "i32"
        signature[parameter.name] = kind
        if kind == "*fp32":  # torch aligns what it allocates
            aligned[(index,)] = [["tt.divisibility", 16]]
    source = ASTSource(kernel, signature, constants, aligned)
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        compiled = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options(warps))
    code = compiled.asm["ptx"]
    return {
        "kernel": kernel.__name__,
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


if __name__ == "__main__":
    triton.knobs.nvidia.dump_ptxas_log = True  # printed by triton.compile: registers and spills
    triton.knobs.compilation.always_compile = True
    rows = [
        {"name": name, **compile_for(capability, kernel, constants, warps)}
        for name, kernel, constants, warps in shipped()
        for capability in CAPABILITIES
    ]
    print(json.dumps(rows))  # noqa: T201
