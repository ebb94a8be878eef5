"""The keys of a suite and of a case, with types, limits and defaults. Nothing is configured anywhere else."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PositiveFloat,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from rnnbench.cell import CELLS, CellName
from rnnbench.connectivity import ConnectivityField, Dense
from rnnbench.kernel_names import AUTO, KernelName
from rnnbench.suite.budget import Budget
from rnnbench.suite.decay import DecayField
from rnnbench.suite.equivalence_weights import InitialWeights, WeightsField
from rnnbench.suite.gate import Gate
from rnnbench.suite.initialisation import FanIn, InitialisationField
from rnnbench.suite.match import MatchField, NoMatch
from rnnbench.suite.optimizer import SGD, OptimizerField
from rnnbench.suite.recompute import NoRecompute, RecomputeField
from rnnbench.tasks import TaskField

VERSION = 1
"""The version of the suite format that is read."""

_LARGEST = 2**31 - 1
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_DEVICE = r"auto|cpu|cuda(:[0-9]{1,4})?|mps"


def _is_version(value: int) -> int:
    if value != VERSION:
        later = "; a later rnnbench may read it" if value > VERSION else ""
        raise PydanticCustomError(
            "suite_version",
            "version {value} is not known, this rnnbench reads version 1{later}",
            {"value": value, "later": later},
        )
    return value


def _is_name(value: str) -> str:
    if not re.fullmatch(_NAME, value):
        raise PydanticCustomError(
            "suite_name",
            "a name is made of up to 100 letters, digits, '.', '_' and '-', and starts with a letter or digit",
        )
    return value


def _is_device(value: str) -> str:
    if not re.fullmatch(_DEVICE, value):
        raise PydanticCustomError("device", "a device is auto, cpu, cuda, cuda:N (cuda:0, ...) or mps")
    return value


def _without_repeats(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("repeated", "each may be named once")
    return tuple(sorted(values))


_SOME: Any = Field(min_length=1, strict=False, json_schema_extra={"uniqueItems": True})
Count = Annotated[int, Field(ge=1, le=_LARGEST)]
Seed = Annotated[int, Field(ge=0, le=_LARGEST)]
Device = Annotated[
    str, AfterValidator(_is_device), WithJsonSchema({"type": "string", "pattern": f"^({_DEVICE})$"}, mode="validation")
]
Pass = Literal["forward", "training"]
Scope = Literal["layer", "model", "recurrence"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Training(_Strict):
    """Measurement ``training``: what a case learns of its task."""

    iterations: Count = 10_000
    """Updates of the weights."""
    batch: Count = 1
    """Sequences per update and replica."""
    replicas: Count = 20
    """Independently seeded models, trained side by side; replica r of seed s is replica 0 of seed s + r."""
    optimizer: OptimizerField = SGD(lr=0.1)
    """A class of torch.optim by name, with its options."""
    decay: DecayField | None = None
    """How the optimizer's learning rate falls."""
    clip_norm: PositiveFloat | None = None
    """Longest gradient, by the Euclidean norm over all weights of a replica; a longer one is shortened to it."""
    clip_value: PositiveFloat | None = None
    """Largest modulus of every entry of the gradient, before ``clip_norm``."""
    constraint: Literal["indrnn"] | None = None
    """What weights are held to after each update; ``indrnn`` is for cell rnn with connectivity diagonal."""
    protocol: Literal["standard", "demo"] = "standard"
    """``demo`` draws weights and data in the order of the binary-addition demo, from NumPy's legacy generator."""
    log_every: Count | None = None
    """Iterations between the points of the learning curve; a tenth of ``iterations`` unless given."""

    @property
    def log_interval(self) -> int:
        """Iterations between two points of the learning curve."""
        return self.log_every or max(1, self.iterations // 10)


class Throughput(_Strict):
    """Measurement ``throughput``: seconds per pass, and time steps per second."""

    passes: Annotated[tuple[Pass, ...], _SOME, AfterValidator(_without_repeats)] = (
        "forward",
        "training",
    )
    """``forward`` without gradients; ``training`` is forward and backward."""
    scopes: Annotated[tuple[Scope, ...], _SOME, AfterValidator(_without_repeats)] = ("layer",)
    """``recurrence``: W x given; ``layer``: W x included, as nn.RNN; ``model``: all layers, readout and loss."""
    launches: Count = 5
    """Fresh processes, the unit of replication."""
    precision: PositiveFloat = 0.01
    """Stop a timing when the 95 % interval of its median is within this fraction."""
    max_seconds: PositiveFloat = 1.0
    """Stop a timing after this many seconds of sampling."""


class Memory(_Strict):
    """Measurement ``memory``: parameters, saved activations, and the peak of one training step."""

    scope: Literal["layer", "model"] = "layer"
    """What one training step runs."""


class Storage(_Strict):
    """Measurement ``storage``: parameters, and the file that their weights are saved to."""


class MaxLength(_Strict):
    """Measurement ``max_length``: how long a sequence can be, for memory, for gradients and for what is learnt."""

    limits: Annotated[
        tuple[Literal["memory", "gradient", "task"], ...],
        _SOME,
        AfterValidator(_without_repeats),
    ] = ("gradient", "memory")
    """``memory``: one training step fits the budget; ``gradient``: a loss at the end still reaches the beginning;
    ``task``: the task is learnt."""
    budget: Budget = "device"
    """Memory for weights, inputs and one training step; ``device`` is what the device has free."""
    scope: Literal["layer", "model"] = "layer"
    """What one training step runs."""
    longest: Count = 2**20
    """No longer sequence is tried against the budget."""
    training: Training | None = None
    """How the task is learnt; its ``iterations`` are the budget of updates at every length. With it, gradients are
    followed after training, too."""
    learnt_by: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of the replicas that must solve the task for a length to count as learnt."""
    longest_learnt: Count = 4096
    """The task is not made longer than this, unless it is from the start."""


class Equivalence(_Strict):
    """Measurement ``equivalence``: a linear recurrence in real Jordan form gives the same outputs."""

    weights: WeightsField = InitialWeights()
    """Which recurrent matrix is rewritten: the model's as it starts, or after ``training``, or one in a file."""
    training: Training | None = None
    """How the model learns its task, if it does."""
    largest_condition: PositiveFloat = 1e10
    """Condition number of the eigenvectors above which the real Schur form takes the place of the Jordan form."""
    rounds: Count = 5
    """Times that both forms are timed, one after the other."""


class Measure(_Strict):
    """Which measurements a suite takes, and how; at least one."""

    training: Training | None = None
    throughput: Throughput | None = None
    memory: Memory | None = None
    storage: Storage | None = None
    max_length: MaxLength | None = None
    equivalence: Equivalence | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_names(cls, value: Any) -> Any:
        """Let ``memory:`` without options, and a list of names, mean the defaults."""
        if isinstance(value, list) and all(isinstance(name, str) for name in value):
            value = dict.fromkeys(_without_repeats(tuple(value)))
        if isinstance(value, dict):
            return {name: {} if settings is None else settings for name, settings in value.items()}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema of a mapping and of a list of names."""
        schema = handler(core_schema)
        written = handler.resolve_ref_schema(schema)
        mapping = {key: value for key, value in written.items() if key != "title"} | {"minProperties": 1}
        names = {"type": "array", "items": {"enum": list(cls.model_fields)}, "minItems": 1, "uniqueItems": True}
        written.clear()
        written.update({"description": mapping.pop("description"), "anyOf": [mapping, names]})
        return schema

    @model_validator(mode="after")
    def _at_least_one(self) -> Any:
        if not self.names():
            known = ", ".join(type(self).model_fields)
            raise PydanticCustomError("measure_empty", "name at least one measurement: {known}", {"known": known})
        return self

    def names(self) -> tuple[str, ...]:
        """Return the measurements asked for, in the order in which they run."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


MEASUREMENT_SETTINGS: dict[str, type[BaseModel]] = {
    "training": Training,
    "throughput": Throughput,
    "memory": Memory,
    "storage": Storage,
    "max_length": MaxLength,
    "equivalence": Equivalence,
}
"""The settings of each measurement, by the fields of :class:`Measure`."""


class Parameters(_Strict):
    """Everything that a case is: the model, where it runs, and the shape at which speed and memory are measured."""

    cell: CellName = "rnn"
    """``rnn`` is Elman's, ``h_t = f(W x_t + b + U h_{t-1})``; ``lstm`` and ``gru`` are torch's."""
    connectivity: ConnectivityField = Dense()
    """Which entries of ``U`` may be non-zero; in lstm and gru, of each gate's."""
    activation: Literal["tanh", "sigmoid", "relu", "identity"] = "tanh"
    """``f`` of cell ``rnn``."""
    hidden: Count = 128
    """Hidden size H, of every layer."""
    match: MatchField = NoMatch()
    """Scales `hidden` so that the case spends as much as its reference."""
    input: Count | None = None
    """Input size I; the task's if there is one, else H."""
    layers: Count = 1
    """Stacked layers L; the W x between layers is dense."""
    bias: bool = True
    """Whether layers and readout add a bias."""
    initialisation: InitialisationField = FanIn()
    """Distribution of the initial weights (``training.protocol: demo`` brings its own)."""
    forget_bias: float | None = None
    """Initial bias of lstm's forget gate, in place of a drawn one."""
    task: TaskField | None = None
    """What ``training`` learns; it also sets the input size and the readout."""
    dtype: Literal["float32", "float64", "bfloat16", "float16"] = "float32"
    """What weights and data are stored in; the 16-bit types are for CUDA devices, whose kernels compute in float32."""
    device: Device = "auto"
    """``auto`` takes cuda where there is one, then mps, then cpu."""
    kernel: KernelName = AUTO
    """``auto`` takes the first that can serve; any other is used or the case fails with the reason."""
    gradient: Literal["bptt", "rtrl"] = "bptt"
    """``rtrl`` carries the influence of every weight forward instead of going back; one diagonal layer of cell rnn."""
    recompute: RecomputeField = NoRecompute()
    """What a training pass computes again backward instead of keeping it."""
    seed: Seed = 0
    """Seed of weights and data."""
    time_steps: Count = 128
    """T at which speed and memory are measured (training takes the task's)."""
    batch: Count = 32
    """B at which speed and memory are measured (training has its own)."""

    @property
    def gates(self) -> int:
        """The number of gates G of the cell."""
        return len(CELLS[self.cell].gates)

    @property
    def input_size(self) -> int:
        """Input size I, resolved."""
        if self.input is not None:
            return self.input
        return self.task.input_size if self.task is not None else self.hidden

    @property
    def sequence_steps(self) -> int:
        """T of the sequences that the model is for: the task's, or that of speed and memory where there is no task."""
        return self.task.time_steps if self.task is not None else self.time_steps

    @property
    def output_size(self) -> int:
        """Number of readout units: the task's, else 1."""
        return self.task.output_size if self.task is not None else 1


class Contrast(_Strict):
    """Which axis the findings speak of, and against which of its values the others are held."""

    axis: str = "connectivity"
    baseline: Any = "dense"
    """Compared as a value: ``banded(1,1)`` is ``tridiagonal``."""


class Header(_Strict):
    """The keys of a suite that say what it is; ``defaults``, ``matrix``, ``include`` and ``exclude`` become cases."""

    version: Annotated[int, AfterValidator(_is_version), WithJsonSchema({"const": VERSION})]
    """The version of the format."""
    name: Annotated[str, AfterValidator(_is_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]
    """What results are called."""
    description: str = ""
    """For people."""
    measure: Measure
    """What to measure: a list of names, or a mapping with settings."""
    contrast: Contrast | None = None
    """What the findings compare."""
    gate: Gate | None = None
    """By how much figures may get worse before `rnnbench gate` fails."""
