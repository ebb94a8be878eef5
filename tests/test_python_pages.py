"""The Python on the pages runs, block after block, as a reader would paste it into one file after another."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
SNIPPETS = [
    pytest.param(page, block, id=f"{page}-{number}")
    for page in ("python.md", "kernels.md")
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL))
]
NAMESPACE = {}


def test_there_are_snippets():
    assert len(SNIPPETS) >= 6


@pytest.mark.parametrize(("page", "block"), SNIPPETS)
def test_each_snippet_runs(page, block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if "import " in block:
        NAMESPACE.clear()  # a block that imports starts anew
    exec(compile(block, page, "exec"), NAMESPACE)  # noqa: S102 - our own pages
