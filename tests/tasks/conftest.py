"""Every task in one small size, and a text to learn from."""

import numpy as np
import pytest

from rnnbench.tasks import TASKS, Text

SMALL = {
    "binary_addition": {"bits": 6},
    "adding": {"length": 20},
    "copying": {"blanks": 5},
    "temporal_order": {"length": 20},
    "parity": {"length": 6},
    "modular_counting": {"modulus": 5, "length": 6},
    "permutation": {"group": "s3", "length": 6},
    "text": {"length": 16},
}


@pytest.fixture
def corpus_file(tmp_path):
    """A text of 40,000 characters, each uniform out of four: nothing in it can be predicted."""
    path = tmp_path / "corpus.txt"
    path.write_text("".join(np.random.default_rng(0).choice(list("abc\n"), size=40_000)), encoding="utf-8")
    return path


@pytest.fixture(params=TASKS, ids=lambda task: task.kind)
def task(request, corpus_file):
    """Each task in turn."""
    options = SMALL[request.param.kind]
    if request.param is Text:
        options = {**options, "path": str(corpus_file)}
    return request.param(**options)
