"""A matrix in a file: what is read of it, what is refused, and what of it a case's id covers."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from rnnbench.suite import given_matrix
from rnnbench.suite.case import Case
from rnnbench.suite.given_matrix import LARGEST, parse

HEADER = "version: 1\nname: s\ndefaults: {activation: identity, hidden: 3}\n"
SUITE = HEADER + "measure: {equivalence: {weights: given(matrix.csv)}}\n"
MATRIX = np.array([[0.5, -1.0, 0.25], [1e-3, 0.0, 2.0], [0.1, 0.2, 0.3]])
CSV = "0.5,-1, .25\n1e-3,0,2\n\n0.1,0.2,0.3\n"


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        ("\ufeff" + CSV.replace("\n", "\r\n")).encode(),
        npy(MATRIX),
        npy(np.asfortranarray(MATRIX)),
        npy(MATRIX.astype(">f8")),
    ],
)
def test_csv_and_npy_hold_the_same_matrix(data):
    assert np.array_equal(parse(data), MATRIX)
    assert parse(data).dtype == np.float64


def test_whole_numbers_and_narrow_ones_are_numbers():
    assert np.array_equal(parse(npy(np.eye(2, dtype=np.int8))), np.eye(2))
    assert np.array_equal(parse(npy(np.eye(2, dtype=np.float32))), np.eye(2))
    assert np.array_equal(parse(b"7\n"), [[7.0]])


def npy_promising(shape, descr="<f8"):
    """A header without the array that it announces."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue()


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("it was loaded",))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"1,2\n3,4\n5,6\n", "the matrix has 3 rows and 2 columns: a recurrent matrix is square"),
        (npy(np.zeros((2, 3))), "the matrix has 2 rows and 3 columns"),
        (b"1,2\n3\n", "line 2 has 1 numbers, the first row 2: rows are equally long"),
        (b"a,b\n1,2\n", "line 1, column 1: 'a' is no number; leave headings out"),
        (b"1,2\n3,x\n", "line 2, column 2: 'x' is no number"),
        (b"1,\n3,4\n", "line 1, column 2: a number is missing"),
        (b"1,nan\n3,4\n", "the entry in row 1, column 2 is nan: every entry must be finite"),
        (b"1,2\ninf,4\n", "the entry in row 2, column 1 is inf"),
        (npy(np.array([[1.0, np.inf], [0.0, 1.0]])), "the entry in row 1, column 2 is inf"),
        (b"\n \n", "the file has no numbers"),
        (b"\xff\xfe1,2", "this is neither CSV in UTF-8 nor .npy"),
        (pickle.dumps(Trap()), "this is neither CSV in UTF-8 nor .npy"),
        (npy(np.array([[Trap(), 1], [1, 1]], dtype=object)), "the array is of object: real numbers are needed"),
        (npy(np.eye(2, dtype=complex)), "the array is of complex128: real numbers are needed"),
        (npy(np.array([["a"]])), "real numbers are needed"),
        (npy(np.zeros(4)), "the array has 1 dimensions: a matrix has 2"),
        (npy_promising((1 << 30, 1 << 30)), f"it may have from 1 to {LARGEST} rows"),
        (npy_promising((0, 0)), f"it may have from 1 to {LARGEST} rows"),
        (npy_promising((3, 3)), "the .npy file is damaged"),
        (b"\x93NUMPY\x09\x00", "the .npy file is damaged"),
        (b"\x93NUMPY\x01\x00\x10\x00__import__('os')", "the .npy file is damaged"),
        ((b"0," * LARGEST + b"0\n"), f"larger than {LARGEST} x {LARGEST}"),
    ],
)
def test_what_is_no_matrix_is_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=reason):
        parse(data)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("matrix.csv").write_text(CSV)
    return tmp_path


def test_the_id_covers_what_the_file_holds_and_not_where_it_lies(folder, load):
    (case,) = load(SUITE).cases
    Path("deeper").mkdir()
    Path("deeper/other.csv").write_text(CSV)
    (moved,) = load(SUITE.replace("matrix.csv", "deeper/other.csv")).cases
    assert moved.id == case.id
    Path("matrix.csv").write_text(CSV.replace("0.5", "0.25"))
    (changed,) = load(SUITE).cases
    assert changed.id != case.id
    assert case.id != load(SUITE.replace("given(matrix.csv)", "initial")).cases[0].id


def test_a_document_is_read_without_the_file(folder, load):
    (case,) = load(SUITE).cases
    Path("matrix.csv").unlink()
    received = Case.from_resolved(case.name, case.resolved())
    assert received.id == case.id
    assert case.resolved()["measure"]["equivalence"]["weights"]["given"]["path"] == "matrix.csv"


def test_a_matrix_that_changed_after_the_suite_was_read_is_refused(folder, load):
    (case,) = load(SUITE).cases
    given_matrix._load.cache_clear()
    Path("matrix.csv").write_text(CSV.replace("0.5", "0.25"))
    with pytest.raises(ValueError, match="the matrix has changed: its sha256 is"):
        case.measure.equivalence.weights.matrix()


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        (
            SUITE.replace("matrix.csv", "absent.csv"),
            "s.yaml:4:34 measure.equivalence.weights.given.path: there is no such file (a path starts at the folder of "
            "the suite)",
        ),
        (
            SUITE.replace("given(matrix.csv)", "{given: {path: ., sha256: null}}"),
            "s.yaml:4:49 measure.equivalence.weights.given.path: this is a directory: name a matrix file",
        ),
        (
            SUITE.replace("given(matrix.csv)", "given"),
            "s.yaml:4:34 measure.equivalence.weights.given: given needs 'path': its options are path, sha256",
        ),
        (
            SUITE.replace("hidden: 3", "hidden: 4"),
            "s.yaml:4:34 measure.equivalence.weights: the matrix has 3 rows, hidden size is 4: use hidden 3",
        ),
        (
            SUITE.replace("hidden: 3", "hidden: 3, connectivity: tridiagonal"),
            "s.yaml:4:34 measure.equivalence.weights: a given matrix is taken as it is, which tridiagonal does not "
            "say: use `connectivity: dense`",
        ),
        (
            SUITE.replace("hidden: 3", "hidden: 3, initialisation: spectral_radius(1)"),
            "s.yaml:4:34 measure.equivalence.weights: a given matrix starts as it is: leave initialisation at fan_in, "
            "which is for the other weights",
        ),
        (
            SUITE.replace("given(matrix.csv)", "{given: {path: matrix.csv, sha256: '" + "0" * 64 + "'}}"),
            "the matrix is another one: its sha256 is",
        ),
        (
            SUITE.replace("given(matrix.csv)", "random"),
            "unknown weights 'random': did you mean 'trained'? (known: initial, trained, given)",
        ),
    ],
)
def test_what_a_suite_cannot_give_is_said_with_its_place(folder, problems, suite, message):
    assert message in problems(suite)[0]
