from pathlib import Path
from textwrap import dedent

import pytest

from rnnbench.suite.loader import load_suite
from rnnbench.suite.problem import SuiteError

HEADER = "version: 1\nname: s\nmeasure: {throughput: {}}\n"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Loads the text of a suite; without ``version``, a header that measures throughput is put on top (3 lines)."""
    monkeypatch.chdir(tmp_path)

    def load_text(text, *overrides, device=None):
        text = dedent(text)
        Path("s.yaml").write_text(text if "version:" in text else HEADER + text, encoding="utf-8")
        return load_suite(Path("s.yaml"), overrides, device)

    return load_text


@pytest.fixture
def problems(load):
    """Loads the text of a suite that must be wrong; returns the lines of the message."""

    def message_of(text, *overrides, device=None):
        with pytest.raises(SuiteError) as caught:
            load(text, *overrides, device=device)
        return caught.value.message.splitlines()

    return message_of


@pytest.fixture
def names(load):
    """Loads the text of a suite; returns the names of its cases."""
    return lambda text, *overrides: [case.name for case in load(text, *overrides).cases]
