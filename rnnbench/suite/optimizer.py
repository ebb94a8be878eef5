"""Optimizers, as suites name them: classes of torch.optim with their options.

Only optimizers that update each weight from its own history are offered: with them, replicas that share a tensor
train exactly as they would alone.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from rnnbench.choice import Choice, by_name

Rate = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
_FRACTION = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
Betas = Annotated[
    tuple[Fraction, Fraction],
    Field(strict=False),
    WithJsonSchema({"type": "array", "items": _FRACTION, "minItems": 2, "maxItems": 2}),
]


class Optimizer(Choice):
    """A class of ``torch.optim``; the fields are its keyword arguments, the defaults torch's."""

    torch_name: ClassVar[str]
    """Name of the class in ``torch.optim``."""

    lr: Rate


class SGD(Optimizer):
    """Stochastic gradient descent."""

    kind: ClassVar[str] = "sgd"
    torch_name: ClassVar[str] = "SGD"

    lr: Rate = 1e-3
    momentum: Fraction = 0.0
    weight_decay: Rate = 0.0
    nesterov: bool = False

    @model_validator(mode="after")
    def _nesterov_has_momentum(self) -> Any:
        if self.nesterov and not self.momentum:
            raise PydanticCustomError("sgd_nesterov", "'nesterov' needs a 'momentum' above 0")
        return self


class Adam(Optimizer):
    """Adam."""

    kind: ClassVar[str] = "adam"
    torch_name: ClassVar[str] = "Adam"

    lr: Rate = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: Rate = 1e-8
    weight_decay: Rate = 0.0
    amsgrad: bool = False


class AdamW(Optimizer):
    """Adam with decoupled weight decay."""

    kind: ClassVar[str] = "adamw"
    torch_name: ClassVar[str] = "AdamW"

    lr: Rate = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: Rate = 1e-8
    weight_decay: Rate = 1e-2
    amsgrad: bool = False


class RMSprop(Optimizer):
    """RMSprop."""

    kind: ClassVar[str] = "rmsprop"
    torch_name: ClassVar[str] = "RMSprop"

    lr: Rate = 1e-2
    alpha: Fraction = 0.99
    eps: Rate = 1e-8
    weight_decay: Rate = 0.0
    momentum: Fraction = 0.0
    centered: bool = False


class Adagrad(Optimizer):
    """Adagrad."""

    kind: ClassVar[str] = "adagrad"
    torch_name: ClassVar[str] = "Adagrad"

    lr: Rate = 1e-2
    lr_decay: Rate = 0.0
    weight_decay: Rate = 0.0
    eps: Rate = 1e-10


class NAdam(Optimizer):
    """Adam with Nesterov momentum."""

    kind: ClassVar[str] = "nadam"
    torch_name: ClassVar[str] = "NAdam"

    lr: Rate = 2e-3
    betas: Betas = (0.9, 0.999)
    eps: Rate = 1e-8
    weight_decay: Rate = 0.0
    momentum_decay: Rate = 4e-3


OPTIMIZERS: tuple[type[Optimizer], ...] = (SGD, Adam, AdamW, RMSprop, Adagrad, NAdam)

OptimizerField = Annotated[
    Annotated[SGD, Tag(SGD.kind)]
    | Annotated[Adam, Tag(Adam.kind)]
    | Annotated[AdamW, Tag(AdamW.kind)]
    | Annotated[RMSprop, Tag(RMSprop.kind)]
    | Annotated[Adagrad, Tag(Adagrad.kind)]
    | Annotated[NAdam, Tag(NAdam.kind)],
    by_name,
]
"""The type of a suite's ``training.optimizer``."""
