"""A text file as a sequence of characters, numbered in the order of their code points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from rnnbench.named_file import read_regular_file, sha256

MAX_BYTES = 100_000_000
MAX_DISTINCT = 4_096
"""Inputs and readout have so many units at most."""
HELD_OUT = 10
"""One part in so many, the end of the text, is held out."""
_CODE_POINTS = 0x110000


@dataclass(frozen=True, eq=False)
class Corpus:
    """The characters of a text.

    Attributes
    ----------
    characters
        Numbers below ``distinct``, ``[n]``.
    distinct
        How many different characters there are.
    """

    characters: np.ndarray
    distinct: int

    @property
    def learnt(self) -> np.ndarray:
        """The part to learn from."""
        return self.characters[: self._split]

    @property
    def held_out(self) -> np.ndarray:
        """The part to be judged on."""
        return self.characters[self._split :]

    @property
    def _split(self) -> int:
        return len(self.characters) - len(self.characters) // HELD_OUT

    @cached_property
    def memoryless_bits(self) -> float:
        """Bits per held-out character of the best predictor that knows the preceding character alone.

        Its probabilities are the frequencies of pairs in the part to learn from, one added to each.
        """
        pairs = _pairs(self.learnt, self.distinct) + 1.0
        seen = _pairs(self.held_out, self.distinct)
        probabilities = pairs / pairs.sum(axis=1, keepdims=True)
        return float(-(seen * np.log2(probabilities)).sum() / seen.sum())


def _pairs(characters: np.ndarray, distinct: int) -> np.ndarray:
    """Return how often each character is followed by each, ``[distinct, distinct]``."""
    numbers = characters[:-1].astype(np.int64) * distinct + characters[1:]
    return np.bincount(numbers, minlength=distinct * distinct).reshape(distinct, distinct)


def read_bytes(path: str) -> bytes:
    """Return the content of a text's file; raises ``ValueError`` as :func:`read_regular_file`."""
    return read_regular_file(path, "text", MAX_BYTES, "use a part of it")


def parse(data: bytes) -> Corpus:
    """Return the characters of a text in UTF-8.

    Raises
    ------
    ValueError
        It is not UTF-8, or has a single distinct character, or more than :data:`MAX_DISTINCT`.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"byte 0x{data[error.start]:02x} in line {line} is not UTF-8: save the file in that encoding"
        ) from error
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    used = np.zeros(_CODE_POINTS, dtype=bool)
    used[points] = True
    distinct = int(used.sum())
    if distinct < 2:
        raise ValueError("the text has one distinct character: there is nothing to predict")
    if distinct > MAX_DISTINCT:
        raise ValueError(f"the text has {distinct:,} distinct characters: use one with at most {MAX_DISTINCT:,}")
    numbers = (np.cumsum(used) - 1).astype(np.uint8 if distinct <= 256 else np.int32)
    return Corpus(numbers[points], distinct)


def load(path: str, expected: str | None) -> Corpus:
    """Return the text in a file; one of a known hash is read once.

    Raises
    ------
    ValueError
        As :func:`read_bytes` and :func:`parse`; or the hash is not ``expected``.
    """
    return parse(read_bytes(path)) if expected is None else _load(path, expected)


@lru_cache(maxsize=2)
def _load(path: str, expected: str) -> Corpus:
    data = read_bytes(path)
    if sha256(data) != expected:
        raise ValueError(f"the text has changed: its sha256 is {sha256(data)}, not {expected}")
    return parse(data)
