"""A case of a document explained: which kernel and why, whether it is right, how every figure came about, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnbench.report.explain_figure import amount, explain_figure
from rnnbench.report.header import header
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable
from rnnbench.results.document import Results

if TYPE_CHECKING:
    from rich.console import Console

Case = Mapping[str, Any]

_GROUPS = {
    "Matched": ("matched_hidden", "match_ratio", "iteration_time", "reference_iteration_time"),
    "What is learnt": ("accuracy", "solved_fraction", "steps_to_solve", "final_loss"),
    "Times": ("forward_time", "training_time", "forward_throughput", "training_throughput", "first_call_time"),
    "Floor and bound": ("flops_fraction", "bandwidth_fraction"),
    "Weights and memory": (
        "recurrent_parameters",
        "total_parameters",
        "parameter_bytes",
        "file_bytes",
        "saved_activation_bytes",
        "peak_memory",
    ),
    "How far back": (
        "max_length_memory",
        "max_length_gradient",
        "max_length_gradient_trained",
        "max_length_task",
        "bytes_per_time_step",
        "fixed_memory",
    ),
    "In Jordan form": (
        "equivalence_error",
        "equivalence_error_tanh",
        "basis_condition",
        "form_nonzeros",
        "form_parameters",
        "form_speedup",
    ),
}


@dataclass(frozen=True)
class Section:
    """Sentences under a title."""

    title: str
    texts: tuple[str, ...]


def explanation(results: Results, case: Case) -> list[Section]:
    """Return everything there is to say of a case, sections without anything left out."""
    sections = [
        Section("Case", tuple(_case(case))),
        Section("Kernel", tuple(_kernel(case))),
        Section("Agreement check", tuple(_agreement(case))),
        *(Section(title, tuple(_figures(case, names))) for title, names in _GROUPS.items()),
        Section("Other figures", tuple(_unknown(case))),
        Section("Launches", tuple(_launches(case))),
        Section("Conditions", tuple(_conditions(results))),
    ]
    return [one for one in sections if one.texts]


def render_explanation(results: Results, case: Case, console: Console) -> None:
    """Print the explanation of a case, what it is of above it."""
    paragraph(console, header(results))
    for one in explanation(results, case):
        section(console, one.title, one.texts)


def _case(case: Case) -> Iterator[str]:
    reason = f": {case['reason']}" if case["reason"] else ""
    yield f"{case['name']}, id {case['id']}: {case['status']}{reason}."
    parameters = {key: value for key, value in case["parameters"].items() if key != "measure" and value is not None}
    yield "Parameters: " + ", ".join(f"{key} {_written(value)}" for key, value in parameters.items()) + "."


def _kernel(case: Case) -> Iterator[str]:
    kernel = case.get("kernel")
    if not isinstance(kernel, Mapping):
        yield "No kernel ran."
        return
    asked = case["parameters"].get("kernel", "auto")
    why = "the first that can serve, in order of preference" if asked == "auto" else "as the suite asks"
    yield f"{kernel.get('name')} ran it: {why}."
    if kernel.get("remark"):
        yield f"How: {kernel['remark']}."
    for passed in kernel.get("rejected") or []:
        if isinstance(passed, Mapping):
            yield f"{passed.get('name')} was passed over: {passed.get('reason')}."


def _agreement(case: Case) -> Iterator[str]:
    check = case.get("agreement")
    if not isinstance(check, Mapping) or not isinstance(check.get("tolerance"), (int, float)):
        return
    error = check.get("max_error")
    found = "was not finite" if error is None else f"was {error:.1e}"
    where = f", in the {check['worst']}" if check.get("worst") else ""
    held = "within" if error is not None and error <= check["tolerance"] else "beyond"
    yield (
        "Before anything was measured, states and every gradient were held against a plain float64 loop on a shortened "
        f"case: the largest relative deviation {found}{where}, {held} the tolerance of {check['tolerance']:.1e}."
    )


def _figures(case: Case, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        for key, record in case["metrics"].items():
            if key.partition(".")[0] == name:
                yield explain_figure(key, record)


def _unknown(case: Case) -> Iterator[str]:
    known = {name for names in _GROUPS.values() for name in names}
    for key, record in case["metrics"].items():
        if key.partition(".")[0] not in known:
            yield explain_figure(key, record)


def _launches(case: Case) -> Iterator[str]:
    """Tell of launches that were disturbed, and which take counts."""
    taken = case.get("launches")
    entries = [entry for entry in taken if isinstance(entry, Mapping)] if isinstance(taken, list) else []
    first = [entry for entry in entries if not entry.get("again")]
    if first:
        disturbed = sum(bool(entry.get("disturbed")) for entry in first)
        yield f"{len(first)} were watched, {disturbed or 'none'} of them disturbed."
    for entry in entries:
        why = entry.get("disturbed")
        if isinstance(why, list) and why:
            launch = entry.get("launch")
            number = launch + 1 if isinstance(launch, int) else "?"
            take = ", second take" if entry.get("again") else ""
            counts = "it counts" if entry.get("counts") else "another take counts"
            yield f"Launch {number}{take}: {', '.join(map(str, why))}; {counts}."


def _conditions(results: Results) -> Iterator[str]:
    run = results.run
    settings = run.get("settings")
    if isinstance(settings, Mapping) and isinstance(settings.get("threads"), int):
        denormals = ", denormals flushed to zero" if settings.get("flush_denormal") else ""
        yield f"Threads: {settings['threads']}{denormals}."
    for when, text in (("start", "At the start"), ("end", "At the end")):
        found = results.data["conditions"].get(when)
        if isinstance(found, Mapping) and (said := ", ".join(_condition(found))):
            yield f"{text}: {said}."
    yield from results.warnings


def _condition(found: Mapping[str, Any]) -> Iterator[str]:
    load = found.get("load")
    if isinstance(load, list) and load and isinstance(load[0], (int, float)):
        yield f"load {load[0]:.2g} over the last minute"
    if isinstance(found.get("frequency_hz"), (int, float)):
        yield f"{found['frequency_hz'] / 1e9:.2f} GHz"
    if isinstance(found.get("throttle_count"), (int, float)):
        yield f"slowed by heat {found['throttle_count']:,} times since boot"
    if isinstance(found.get("available_memory_bytes"), (int, float)):
        yield f"{amount(found['available_memory_bytes'], 'bytes')} of memory free"


def _written(value: Any) -> str:
    """Return a parameter as suites write it: ``tridiagonal``, ``binary_addition(8)``."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, options),) = value.items()
        if isinstance(options, Mapping):
            inner = ", ".join(f"{key}={_written(one)}" for key, one in options.items())
            return f"{name}({inner})"
    if isinstance(value, bool):
        return str(value).lower()
    return printable(value)
