"""A character language model."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from rnnbench.named_file import FOLDER, confirm_sha256, locate
from rnnbench.tasks import corpus
from rnnbench.tasks.base import BEATEN, EvaluationSet, Examples, Length, at_least
from rnnbench.tasks.classification import Classification, right

if TYPE_CHECKING:
    from torch import Tensor


class Text(Classification):
    """Predict the next character of a text (Sutskever, Martens and Hinton, 2011).

    Definition: T = ``length`` steps show characters of a window of the text at ``path``, each asks for the next one.
    Windows start anywhere in the first nine tenths of the text; state and gradient begin with the window (truncated
    backpropagation). The last tenth, cut into windows, is held out.
    Loss: bits per character. Baseline: what a table of pairs of characters gets, counted in the first nine tenths: the
    best that needs no memory. Solved: below 0.95 of that on the last tenth.
    The text is told by its ``sha256``, taken when the suite is read; one that a suite writes down must be the file's.
    """

    kind: ClassVar[str] = "text"
    summary: ClassVar[str] = "predict the next character of the text file at `path`, at every step"
    sizes: ClassVar[str] = "alphabet -> same"
    length_option: ClassVar[str] = "length"
    loss_meaning: ClassVar[str] = "bits per character"
    accuracy_meaning: ClassVar[str] = "characters predicted"
    judged_by: ClassVar[Literal["accuracy", "loss"]] = "loss"
    success_rule: ClassVar[str] = f"bits per held-out character are below {BEATEN} of the best without memory"

    path: str
    length: Annotated[Length, at_least(2, "for anything to be remembered")] = 64
    sha256: str | None = Field(default=None, validate_default=True)

    @field_validator("path")
    @classmethod
    def _readable(cls, path: str, info: ValidationInfo) -> str:
        """Return where the file is, if it is a text that can be learnt from."""
        return locate(path, info, lambda located: corpus.parse(corpus.read_bytes(located)))

    @field_validator("sha256")
    @classmethod
    def _of_the_text(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Return the hash of the text, which must be the one given."""
        return confirm_sha256(value, info, "text", corpus.read_bytes)

    @model_validator(mode="after")
    def _long_enough(self, info: ValidationInfo) -> Any:
        if info.context and FOLDER in info.context:
            try:
                self.check()
            except ValueError as error:
                raise PydanticCustomError("text_length", "{reason}", {"reason": str(error)}) from error
        return self

    def check(self) -> None:
        """Raise ``ValueError`` if the text is not the one it was, or too short for a window of this length."""
        held_out = len(self._corpus.held_out)
        if held_out <= self.length:
            raise ValueError(
                f"the text is too short: its last tenth, {held_out} characters, is to hold windows of length + 1 = "
                f"{self.length + 1}: use a longer text or a smaller length"
            )

    def identity(self) -> Any:
        """Return JSON data that tells which text this is, wherever the file lies."""
        return {self.kind: {"length": self.length, "sha256": self.sha256}}

    @property
    def _corpus(self) -> corpus.Corpus:
        return corpus.load(self.path, self.sha256)

    @property
    def input_size(self) -> int:
        """The number of distinct characters."""
        return self._corpus.distinct

    @property
    def output_size(self) -> int:
        """The number of distinct characters."""
        return self._corpus.distinct

    @property
    def time_steps(self) -> int:
        """One step per character."""
        return self.length

    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` windows that start anywhere in the part to learn from."""
        learnt = self._corpus.learnt
        return self._windows(learnt, generator.integers(len(learnt) - self.length, size=count))

    def evaluation_count(self, limit: int) -> int:
        """Return how many windows of the held-out part an evaluation takes."""
        return min(super().evaluation_count(limit), self._held_out_windows())

    def evaluation_set(self, limit: int, generator: np.random.Generator) -> EvaluationSet:
        """Return windows of the held-out part that share no answer, evenly spaced where not all are taken."""
        count, there = self.evaluation_count(limit), self._held_out_windows()
        chosen = np.arange(count) * there // count
        return EvaluationSet(self._windows(self._corpus.held_out, chosen * self.length), exhaustive=count == there)

    def _held_out_windows(self) -> int:
        return (len(self._corpus.held_out) - 1) // self.length

    def _windows(self, characters: np.ndarray, starts: np.ndarray) -> Examples:
        shown = characters[starts + np.arange(self.length + 1)[:, None]]
        return Examples(shown[:-1, :, None], shown[1:, :, None])

    def loss(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the bits per character."""
        return super().loss(readout, targets) / log(2)

    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the share of characters that are predicted."""
        return right(readout, targets).to(readout.dtype).mean(dim=0)

    def solved(self, loss: float, accuracy: float) -> bool:
        """Return whether the text is predicted clearly better than without memory."""
        return self.beats_baseline(loss)

    def baseline_loss(self) -> float:
        """Return the bits per held-out character of the best predictor without memory."""
        return self._corpus.memoryless_bits
