"""What a task offers: data, loss and a success rule."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from rnnbench.choice import Choice, plain_text

if TYPE_CHECKING:
    from torch import Tensor
    from typing_extensions import Self

EVALUATION_LIMIT = 65_536
"""A model is evaluated on at most so many examples."""
EVALUATION_STEPS = 2**17
"""Held-out examples hold about so many time steps altogether, so that an evaluation of long sequences stays short."""
FEWEST_HELD_OUT = 1_024
"""But never fewer sequences than these: a share of 0.99 is then known to a third of a per cent."""
LONGEST = 2**20
"""Time steps that a sequence can be given."""
BEATEN = 0.95
"""A loss below so much of the baseline's is better than it: held-out sequences tell a few per cent, not less."""


class Examples(NamedTuple):
    """Sequences of a task, time-major, N of them side by side.

    Symbols and classes are whole numbers with a last dimension of 1. A network sees a symbol as a one-hot vector,
    which is made when it is needed.
    """

    inputs: np.ndarray
    """``[T, N, I]``, float32; or symbols below I, ``[T, N, 1]``, integers."""
    targets: np.ndarray
    """``[A, N, O]``, float32; or classes below O, ``[A, N, 1]``, integers. A steps are asked for: all T, or
    the last alone (:attr:`Task.last_only`)."""


class EvaluationSet(NamedTuple):
    """Held-out (or exhaustive) examples."""

    examples: Examples
    exhaustive: bool
    """Whether these are all there are, or a random sample."""


class Task(Choice):
    """A sequence task, generated on the fly from seeded generators."""

    summary: ClassVar[str]
    """One line for people."""
    sizes: ClassVar[str]
    """Inputs and outputs, for people."""
    length_option: ClassVar[str]
    """The option that sets how long sequences are."""
    last_only: ClassVar[bool] = False
    """Whether only the last step is asked for."""
    loss_meaning: ClassVar[str]
    """What :meth:`loss` is."""
    accuracy_meaning: ClassVar[str]
    """What the mean of :meth:`correct` over sequences is the share of."""
    judged_by: ClassVar[Literal["accuracy", "loss"]] = "accuracy"
    """Which of the two :meth:`solved` looks at."""
    success_rule: ClassVar[str]
    """When :meth:`solved` holds."""

    @property
    @abstractmethod
    def input_size(self) -> int:
        """Size I of an input."""

    @property
    @abstractmethod
    def output_size(self) -> int:
        """Size O of an answer."""

    @property
    @abstractmethod
    def time_steps(self) -> int:
        """Length T of a sequence."""

    def at_length(self, length: int) -> Self:
        """Return this task with :attr:`length_option` at ``length``.

        Raises
        ------
        ValueError
            There is no such task: sequences would be too short, or too long.
        """
        changed = type(self).model_validate({**dict(self), self.length_option: length})
        changed.check()
        return changed

    def label(self) -> str:
        """Return compact notation with every option up to the length, which is worth telling where others differ."""
        options = list(type(self).model_fields)
        told = options[: options.index(self.length_option) + 1]
        return f"{self.kind}({','.join(plain_text(getattr(self, option)) for option in told)})"

    def check(self) -> None:
        """Raise ``ValueError`` with the reason if the task's data is not there as it was when the suite was read."""

    def identity(self) -> Any:
        """Return JSON data that tells which task this is, wherever its data lies; options at their defaults are out."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @abstractmethod
    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` random training examples."""

    def evaluation_count(self, limit: int) -> int:
        """Return how many examples an evaluation takes where it may take ``limit``."""
        return min(limit, max(FEWEST_HELD_OUT, EVALUATION_STEPS // self.time_steps))

    def evaluation_set(self, limit: int, generator: np.random.Generator) -> EvaluationSet:
        """Return :meth:`evaluation_count` random examples, or all there are."""
        return EvaluationSet(self.draw(self.evaluation_count(limit), generator), exhaustive=False)

    @abstractmethod
    def loss(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of each sequence: readout ``[A, *, O]``, targets as in :class:`Examples`, to ``[*]``."""

    def loss_gradient(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the gradient of :meth:`loss`, mean over B, each replica's by itself, by ``readout`` ``[A, *, B, O]``.

        This way through autograd serves any loss; a task that overrides it gives the same figures faster.
        """
        import torch

        with torch.inference_mode(False), torch.enable_grad():
            leaf = readout.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(self.loss(leaf, targets).mean(dim=-1).sum(), leaf)
        return gradient

    @abstractmethod
    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return what share of each sequence is answered right, bool or 0 to 1: ``[A, *, O]`` to ``[*]``."""

    @abstractmethod
    def solved(self, loss: float, accuracy: float) -> bool:
        """Return whether a model with these means over the evaluation set has learnt the task; never for NaN."""

    @abstractmethod
    def baseline_loss(self) -> float:
        """Return the expected loss of answers that use no memory of earlier inputs; the task says which."""

    def beats_baseline(self, loss: float) -> bool:
        """Return whether a mean loss over the evaluation set is clearly below the baseline's; never for NaN."""
        return loss < BEATEN * self.baseline_loss()

    def absolute_error(self, readout: Tensor, targets: Tensor) -> Tensor | None:
        """Return ``sum |target - answer|`` of each sequence, ``[*]``; None where answers are classes."""
        return None

    def targets_like(self, readout: Tensor) -> Tensor:
        """Return targets that fit ``readout`` ``[A, *, O]``, to time and weigh a loss that nobody learns from."""
        return (readout > 0).to(readout.dtype)


Length = Annotated[int, Field(le=LONGEST)]
"""The type of an option that sets a length; :func:`at_least` says how short it may be."""


def at_least(shortest: int, why: str) -> AfterValidator:
    """Return the validator of a length that the task cannot do with less of."""

    def check(value: int) -> int:
        if value < shortest:
            raise PydanticCustomError(
                "too_short_task",
                "{value} is too short {why}: use {shortest} or more",
                {"value": value, "why": why, "shortest": shortest},
            )
        return value

    return AfterValidator(check)
