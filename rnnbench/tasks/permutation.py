"""Following how things are permuted."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations
from typing import ClassVar, Literal

import numpy as np

from rnnbench.tasks.state_tracking import StateTracking, TrackedLength

Group = Literal["s3", "a5"]


class Permutation(StateTracking):
    """The word problem of a group of permutations: each step shows one and asks for the product of all so far.

    Definition, loss, success and baseline are those of state tracking. ``s3`` has the 6 permutations of 3 things and
    is the smallest group in which order matters; ``a5`` has the 60 even permutations of 5, and is not solvable:
    products in it are complete for NC1 (Barrington, 1989), beyond what a linear recurrence with a diagonal matrix can
    compute.
    Source: Merrill, Petty and Sabharwal (arXiv:2404.08819).
    """

    kind: ClassVar[str] = "permutation"
    summary: ClassVar[str] = "the product of the permutations so far, at every step; `group` is s3 or a5"
    sizes: ClassVar[str] = "order -> same"

    group: Group = "s3"
    length: TrackedLength = 16

    def products(self) -> np.ndarray:
        """Return the table of ``i after j``."""
        return _products(self.group)


@lru_cache
def _products(group: Group) -> np.ndarray:
    things = 3 if group == "s3" else 5
    elements = [element for element in permutations(range(things)) if group == "s3" or is_even(element)]
    number = {element: index for index, element in enumerate(elements)}
    table = [[number[tuple(first[thing] for thing in second)] for second in elements] for first in elements]
    made = np.array(table, dtype=np.uint8)
    made.setflags(write=False)
    return made


def is_even(permutation: tuple[int, ...]) -> bool:
    """Return whether a permutation swaps an even number of pairs."""
    pairs = ((i, j) for j in range(len(permutation)) for i in range(j))
    return sum(permutation[i] > permutation[j] for i, j in pairs) % 2 == 0
