"""In which setting a document was measured: what all its cases have in common, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnnbench.analysis.contrast import Case, flatten, label
from rnnbench.analysis.wording import count, listing, plural
from rnnbench.choice import kind_of

_MOST_VALUES = 4
"""More values of an axis are counted, not listed."""
_SHAPED = ("throughput", "memory")
"""Measurements that are taken at ``time_steps`` and ``batch``."""
_TRAINED = ("training", "max_length", "equivalence")
_EXTENTS = {"throughput.scopes", "max_length.limits", "input", "throughput.max_seconds"}
"""What cases may differ in without being of another setting: how much is measured, or what follows from the rest."""

Flat = Mapping[str, Any]


def setting_line(cases: Sequence[Case]) -> str:
    """Return one sentence: task, cell, sizes, how it is trained, launches, budget; then what varies. Empty of no case.

    Of what varies, the values stand in their places where they are few: ``H = 16, 48 and 128``.
    """
    flat = [flatten(case["parameters"]) for case in cases]
    if not flat:
        return ""
    parts = [", ".join(_model(flat)), *_shapes(flat), *_trainings(flat), *_budget(flat), *_launches(flat)]
    axes = [axis.rpartition(".")[2] for axis in _varying(flat)]
    if axes:
        parts.append(f"cases differ in {listing(dict.fromkeys(axes))}")
    text = "; ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def shapes(cases: Sequence[Case]) -> list[str]:
    """Return at which T and B which figures are: ``times at T = 512 and B = 32``, ``trained at T = 8 and B = 1``."""
    trained = trained_shape(cases)
    return [*_shapes([flatten(case["parameters"]) for case in cases]), *([f"trained at {trained}"] if trained else [])]


def timed_shape(cases: Sequence[Case]) -> str:
    """Return ``T = 512 and B = 32``, at which times and memory of the cases were measured; empty where none says it."""
    flat = [flatten(case["parameters"]) for case in cases]
    return _shape(_counts(flat, "time_steps"), _counts(flat, "batch"))


def trained_shape(cases: Sequence[Case]) -> str:
    """Return ``T = 8 and B = 1``, at which the cases were trained, as far as it is known; empty where none was."""
    flat = [flatten(case["parameters"]) for case in cases]
    found = [training for one in flat if (training := _training(one, "training")).get("iterations")]
    return _shape(_task_steps(flat), _counts(found, "batch")) if found else ""


def _shape(steps: str, batch: str) -> str:
    return " and ".join(f"{symbol} = {size}" for symbol, size in (("T", steps), ("B", batch)) if size)


def _model(flat: Sequence[Flat]) -> Iterator[str]:
    """Yield task, cell, sizes and type, as far as the parameters say them."""
    if _values(flat, "task"):
        yield f"task {_labels(flat, 'task')}"
    if _values(flat, "cell"):
        yield f"cell {_labels(flat, 'cell')}"
    if _values(flat, "activation") and set(_values(flat, "cell")) <= {"rnn"}:
        yield f"activation {_labels(flat, 'activation')}"
    if any(layers != 1 for layers in _values(flat, "layers")):
        yield f"L = {_counts(flat, 'layers')}"
    if _values(flat, "hidden"):
        yield f"H = {_counts(flat, 'hidden')}"
    biases = _values(flat, "bias")
    if biases == [False]:
        yield "without biases"
    elif len(biases) > 1:
        yield "with and without biases"
    if _values(flat, "initialisation"):
        yield f"initialisation {_labels(flat, 'initialisation')}"
    if _values(flat, "dtype"):
        yield _labels(flat, "dtype")


def _shapes(flat: Sequence[Flat]) -> Iterator[str]:
    """Yield T and B of times and memory, where either was measured."""
    own = [one for one in flat if any(key.startswith(f"{name}.") for name in _SHAPED for key in one)]
    if own and _values(own, "time_steps") and _values(own, "batch"):
        what = [
            said
            for name, said in zip(_SHAPED, ("times", "memory"), strict=True)
            if any(key.startswith(f"{name}.") for one in own for key in one)
        ]
        yield f"{' and '.join(what)} at T = {_counts(own, 'time_steps')} and B = {_counts(own, 'batch')}"


def _trainings(flat: Sequence[Flat]) -> Iterator[str]:
    """Yield how each measurement that trains does so; settings of one may be a mapping within another."""
    for name in _TRAINED:
        found = [training for one in flat if (training := _training(one, name)).get("iterations")]
        if not found:
            continue
        optimizers = dict.fromkeys(_optimizer(training.get("optimizer")) for training in found)
        said = [
            f"trained by {listing(filter(None, optimizers))}" if any(optimizers) else "trained",
            _plural(found, "iterations"),
            f"B = {_counts(found, 'batch')}" if _values(found, "batch") else "",
            _plural(found, "replicas"),
        ]
        steps = _task_steps(flat) if name == "training" else ""
        yield ", ".join([part for part in said if part] + ([f"T = {steps}"] if steps else []))


def _plural(found: Sequence[Flat], axis: str) -> str:
    """Return ``20 replicas``, ``1 replica``; empty where there are none."""
    text = _counts(found, axis)
    return f"{text} {axis.removesuffix('s') if text == '1' else axis}" if text else ""


def _training(flat: Flat, measurement: str) -> Mapping[str, Any]:
    """Return the settings of the training that a measurement does; empty where it does none."""
    prefix = f"{measurement}."
    settings = {key.removeprefix(prefix): value for key, value in flat.items() if key.startswith(prefix)}
    nested = settings.get("training") if measurement != "training" else settings
    return nested if isinstance(nested, Mapping) else {}


def _optimizer(value: Any) -> str:
    """Return ``sgd (lr 0.1)``."""
    kind = kind_of(value)
    options = value.get(kind) if isinstance(value, Mapping) else None
    rate = options.get("lr") if isinstance(options, Mapping) else None
    return f"{kind or ''} (lr {rate:g})" if isinstance(rate, (int, float)) else str(kind or "")


def _task_steps(flat: Sequence[Flat]) -> str:
    """Return T of the sequences of the tasks, as far as this version knows them."""
    from pydantic import ValidationError

    from rnnbench.suite.schema import Parameters

    steps: dict[int, None] = {}
    for value in _values(flat, "task"):
        try:
            steps[Parameters.model_validate({"task": value}).sequence_steps] = None
        except (ValidationError, OSError):
            return ""
    return _numbers(list(steps))


def _budget(flat: Sequence[Flat]) -> Iterator[str]:
    for budget in _values(flat, "max_length.budget")[:1]:
        amount = f"{count(budget / 2**20)} MiB" if isinstance(budget, int) else f"what the {budget} has free"
        batch = f" at B = {_counts(flat, 'batch')}" if _values(flat, "batch") else ""
        yield f"memory budget {amount}{batch}"


def _launches(flat: Sequence[Flat]) -> Iterator[str]:
    launches = _values(flat, "throughput.launches")
    if len(launches) == 1 and isinstance(launches[0], int):
        yield plural(launches[0], "launch")


def _varying(flat: Sequence[Flat]) -> list[str]:
    """Return the axes in which cases differ that have them."""
    axes = dict.fromkeys(axis for one in flat for axis in one)
    return [axis for axis in axes if axis not in _EXTENTS and len(_values(flat, axis)) > 1]


def _values(flat: Sequence[Flat], axis: str) -> list[Any]:
    """Return the different values of an axis, None aside, in the order in which they appear."""
    found: list[Any] = []
    for one in flat:
        value = one.get(axis)
        if value is not None and value not in found:
            found.append(value)
    return found


def _labels(flat: Sequence[Flat], axis: str) -> str:
    texts = list(dict.fromkeys(label(axis, value) for value in _values(flat, axis)))
    return listing(texts) if len(texts) <= _MOST_VALUES else f"{texts[0]} to {texts[-1]} ({len(texts)} values)"


def _counts(flat: Sequence[Flat], axis: str) -> str:
    return _numbers([value for value in _values(flat, axis) if isinstance(value, (int, float))])


def _numbers(values: Sequence[float]) -> str:
    """Return ``16, 48 and 128``, or the ends of many; empty of none."""
    ordered = sorted(values)
    if len(ordered) > _MOST_VALUES:
        return f"{count(ordered[0])} to {count(ordered[-1])} ({len(ordered)} values)"
    return listing(map(count, ordered)) if ordered else ""
