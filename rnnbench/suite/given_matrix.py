"""A square matrix in a file: CSV (a row a line, numbers between commas) or NumPy's ``.npy``, never a pickle."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import numpy as np

from rnnbench.named_file import read_regular_file, sha256

MOST_BYTES = 32_000_000
LARGEST = 1024
"""Rows and columns; the eigenvectors of a larger matrix take minutes."""
_MAGIC = b"\x93NUMPY"
_NUMBERS = "fiu"
"""Kinds of a NumPy dtype that are real numbers."""


def read_bytes(path: str) -> bytes:
    """Return the content of a file that is to hold a matrix; raises ``ValueError`` with the reason if there is none."""
    return read_regular_file(path, "matrix", MOST_BYTES, f"a matrix has at most {LARGEST} rows")


def parse(data: bytes) -> np.ndarray:
    """Return the matrix ``[H, H]`` in the content of a file, float64.

    Raises
    ------
    ValueError
        It is neither CSV nor .npy, not square, too large, or an entry is no finite number; the message says where.
    """
    matrix = _npy(data) if data.startswith(_MAGIC) else _csv(data)
    rows, columns = matrix.shape
    if rows != columns:
        raise ValueError(f"the matrix has {rows} rows and {columns} columns: a recurrent matrix is square")
    wrong = np.argwhere(~np.isfinite(matrix))
    if len(wrong):
        row, column = (int(index) + 1 for index in wrong[0])
        raise ValueError(
            f"the entry in row {row}, column {column} is {matrix[row - 1, column - 1]}: every entry must be finite"
        )
    return matrix


def load(path: str, expected: str) -> np.ndarray:
    """Return the matrix in a file, read once.

    Raises
    ------
    ValueError
        As :func:`read_bytes` and :func:`parse`; or the hash is not ``expected``.
    """
    return np.array(_load(path, expected))


@lru_cache(maxsize=4)
def _load(path: str, expected: str) -> np.ndarray:
    data = read_bytes(path)
    if sha256(data) != expected:
        raise ValueError(f"the matrix has changed: its sha256 is {sha256(data)}, not {expected}")
    return parse(data)


def _csv(data: bytes) -> np.ndarray:
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError("this is neither CSV in UTF-8 nor .npy: save the matrix as one of these") from error
    rows: list[list[float]] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            rows.append([_number(entry, number, column) for column, entry in enumerate(line.split(","), 1)])
            _check_width(rows, number)
    if not rows:
        raise ValueError("the file has no numbers: write a row a line, with commas between its numbers")
    return np.array(rows)


def _check_width(rows: list[list[float]], line: int) -> None:
    """Raise ``ValueError`` if the row read last is not as long as the first, or there are too many."""
    if len(rows[-1]) != len(rows[0]):
        raise ValueError(
            f"line {line} has {len(rows[-1])} numbers, the first row {len(rows[0])}: rows are equally long"
        )
    if len(rows) > LARGEST or len(rows[0]) > LARGEST:
        raise ValueError(f"the matrix is larger than {LARGEST} x {LARGEST}: use a smaller one")


def _number(entry: str, line: int, column: int) -> float:
    try:
        return float(entry)
    except ValueError as error:
        shown = entry.strip()[:20]
        found = f"{shown!r} is no number" if shown else "a number is missing"
        hint = "; leave headings out" if line == 1 else ""
        raise ValueError(f"line {line}, column {column}: {found}{hint}") from error


def _npy(data: bytes) -> np.ndarray:
    """Return the array of an .npy file; what its header promises is looked at before anything is allocated."""
    shape, dtype = _header(data)
    if dtype.kind not in _NUMBERS:
        raise ValueError(f"the array is of {dtype}: real numbers are needed")
    if len(shape) != 2:
        raise ValueError(f"the array has {len(shape)} dimensions: a matrix has 2")
    if max(shape) > LARGEST or min(shape) < 1:
        raise ValueError(f"the matrix is {shape[0]} x {shape[1]}: it may have from 1 to {LARGEST} rows")
    try:
        array: np.ndarray = np.load(BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"the .npy file is damaged: {error}") from error
    return array.astype(np.float64)


def _header(data: bytes) -> tuple[tuple[int, ...], np.dtype]:
    """Return (shape, dtype) of the array in an .npy file, by its header alone."""
    file = BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
    except (ValueError, EOFError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"the .npy file is damaged: {error}") from error
    return shape, dtype
