"""A folder of results documents as a store: every one that is there, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results


def stored(paths: Sequence[Path]) -> Iterator[tuple[Path, Results | RnnbenchError]]:
    """Yield each document in files and folders of files, or the error of a file in a folder that is none.

    Folders are read by name, not those within them.

    Raises
    ------
    RnnbenchError
        A path that is not there, or a file that is given by its name and is no results document.
    """
    for path in paths:
        if not path.is_dir():
            yield path, Results.read(path)
            continue
        for file in sorted(path.glob("*.json")):
            try:
                yield file, Results.read(file)
            except RnnbenchError as error:
                yield file, error
