"""Compile the Triton kernels without a GPU, as they are launched, and write what each takes to a file, as JSON.

What the file knows already of a kernel as it stands is not compiled again.
"""

import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import re
import sys
from pathlib import Path

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from rnnbench.kernels import (
    triton_band_gradient,
    triton_banded,
    triton_blocks,
    triton_diagonal,
    triton_gated_banded,
    triton_gated_blocks,
    triton_gated_diagonal,
    triton_launch,
    triton_scan,
)
from rnnbench.kernels.triton_launch import options

TARGETS = (
    ("float32", 80, True),
    ("float32", 90, False),
    ("bfloat16", 80, False),
    ("bfloat16", 90, True),
    ("float16", 80, True),
    ("float16", 90, False),
)
"""What numbers are stored in, compute capability (A100 and H100), and whether every vector length divides the sizes:
all pairs of two of them."""
STORED = {"float32": "*fp32", "bfloat16": "*bf16", "float16": "*fp16"}
FLOAT32 = {"parts", "sums", "exchange", "start_h", "start_c", "end_h", "end_c", "carried", "carried_u", "carried_past"}
"""Sums, and what lanes, or pieces of time, tell each other: float32 whatever the rest is stored in."""
GATES = {"lstm": 4, "gru": 3}


def shipped(stored):
    """Yield (name, kernel, its compile-time arguments, warps) for rnn: the largest of each shape, and common ones."""
    for activation in ("tanh", "sigmoid"):
        for kernel in (triton_diagonal._forward, triton_diagonal._backward):
            constants = {"ACTIVATION": activation, "ELEMENTS": triton_diagonal.ELEMENTS}
            yield f"diagonal, {activation}", kernel, constants, triton_diagonal.WARPS
    for hidden, reach in ((512, 1), (2048, 32)):
        launch = triton_banded.launch_of(hidden)
        for kernel in (triton_banded._forward, triton_banded._backward):
            constants = {"LOWER": reach, "UPPER": reach, "CIRCULAR": True, "ACTIVATION": "tanh", "UNITS": launch.units}
            constants["BY_TURNS"] = stored != "float32"
            yield f"banded({reach},{reach},true) at {hidden}", kernel, constants, launch.warps
    for size in (16, 64, 128):
        launch = triton_blocks.launch_of(size)
        for kernel in (triton_blocks._forward, triton_blocks._backward):
            constants = {"ACTIVATION": "tanh", "ROWS": triton_blocks.ROWS, "PADDED": launch.padded}
            yield f"blocks of {size}", kernel, constants, launch.warps
    for kernel in (triton_scan._forward, triton_scan._backward):
        yield "scan", kernel, {"STEPS": triton_scan.STEPS, "ELEMENTS": triton_scan.ELEMENTS}, triton_scan.WARPS


def shipped_with_gates(stored):
    """Yield the same for lstm and gru."""
    for cell, gates in GATES.items():
        for kernel in (triton_gated_diagonal._forward, triton_gated_diagonal._backward):
            constants = {"GATES": gates, "ELEMENTS": triton_gated_diagonal.ELEMENTS}
            yield f"diagonal {cell}", kernel, constants, triton_gated_diagonal.WARPS
    for cell, hidden, reach in (("lstm", 512, 1), ("lstm", 2048, 32), ("gru", 2048, 32)):
        launch = triton_banded.launch_of(hidden)
        constants = {"LOWER": reach, "UPPER": reach, "CIRCULAR": True, "GATES": GATES[cell], "UNITS": launch.units}
        turns = {"BY_TURNS": stored != "float32"}
        name = f"banded({reach},{reach},true) {cell} at {hidden}"
        yield name, triton_gated_banded._forward, constants | turns, launch.warps
        yield name, triton_gated_banded._backward, constants, launch.warps
    for cell, size in (("lstm", 16), ("lstm", 64), ("gru", 64)):
        launch = triton_gated_blocks.launch_of(size)
        for kernel in (triton_gated_blocks._forward, triton_gated_blocks._backward):
            constants = {"GATES": GATES[cell], "ROWS": triton_blocks.ROWS, "PADDED": launch.padded}
            yield f"blocks of {size} {cell}", kernel, constants, launch.warps
    for gates in (1, 3):
        constants = {"LOWER": 8, "UPPER": 8, "CIRCULAR": True, "GATES": gates}
        constants |= {"ROWS": triton_band_gradient.ROWS, "UNITS": triton_band_gradient.UNITS}
        yield f"band gradient of {gates}", triton_band_gradient._by_chunk, constants, triton_band_gradient.WARPS


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
        "rounded_at_will": len(re.findall(r"\b(?:mul|add|sub)\.(?:ftz\.)?f32\b", code)),
        "rounded_once": len(re.findall(r"\bfma\.rn\.f32\b", code)),
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
    return "*fp32" if parameter.name in FLOAT32 else STORED[stored]


def everything():
    """Yield (name, the arguments of :func:`compile_for`)."""
    for stored, capability, even in TARGETS:
        for name, kernel, constants, warps in (*shipped(stored), *shipped_with_gates(stored)):
            yield name, (capability, stored, kernel, constants, warps, even)


def row_of(index):
    """Return what the kernel of that place in :func:`everything` takes."""
    name, arguments = list(everything())[index]
    return {"name": name, **compile_for(*arguments)}


def key_of(name, arguments):
    """Return a digest of all that :func:`row_of` depends on."""
    of_kernel = [each.cache_key if isinstance(each, triton.runtime.JITFunction) else each for each in arguments]
    known = [triton.__version__, Path(__file__).read_text(), Path(triton_launch.__file__).read_text(), name, of_kernel]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def set_up():
    """Have triton compile whatever it is asked to, and print registers and spills."""
    triton.knobs.nvidia.dump_ptxas_log = True
    triton.knobs.compilation.always_compile = True


def main(path):
    """Bring the rows of a file up to date."""
    known = json.loads(path.read_text()) if path.exists() else {}
    keys = [key_of(*each) for each in everything()]
    missing = [index for index, key in enumerate(keys) if key not in known]
    if missing:
        with multiprocessing.get_context("spawn").Pool(len(os.sched_getaffinity(0)), set_up) as pool:
            found = pool.map(row_of, missing)
        known |= {keys[index]: row for index, row in zip(missing, found, strict=True)}
    path.write_text(json.dumps({key: known[key] for key in keys}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
