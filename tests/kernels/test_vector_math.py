"""exp, tanh and sigmoid of vectors against float64, over the whole range of float32."""

import numpy as np
import pytest

from rnnbench.kernels import vector_math
from rnnbench.kernels.numba_setup import compiled
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes, load, pointer, store

PATTERNS_APART = 2_503
"""Distance between tested bit patterns: a prime, so that every exponent and all kinds of mantissas are met."""


def exact_sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1.0 + e)


EXACT = {"exp": np.exp, "tanh": np.tanh, "sigmoid": exact_sigmoid}


def elementwise(name, element):
    function, width = getattr(vector_math, name), lanes(element)

    @compiled
    def run(source, target, count):
        x, y = pointer(source, element), pointer(target, element)
        for i in range(0, count, width):
            store(y, i, count - i, function(load(x, i, count - i)))

    def apply(x):
        y = np.full_like(x, np.nan)
        run(x.ctypes.data, y.ctypes.data, x.size)
        return y

    return apply


@pytest.fixture(scope="module")
def every_kind_of_float32():
    spread = np.arange(0, 2**32, PATTERNS_APART, dtype=np.uint64).astype(np.uint32)
    where_tanh_is_worst = np.arange(0x3E800000, 0x3E820000, dtype=np.uint32)  # 0.25 and on: an ulp is smallest there
    patterns = np.concatenate([spread, where_tanh_is_worst])
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1.2e-38, 3.4e38, -3.4e38], np.float32)
    return np.concatenate([patterns.view(np.float32), special])


@pytest.mark.parametrize("name", sorted(EXACT))
def test_float32_is_within_4_ulp_and_keeps_nan(name, every_kind_of_float32):
    x = every_kind_of_float32
    with np.errstate(all="ignore"):
        exact = EXACT[name](x.astype(np.float64))
        nearest = exact.astype(np.float32)
        got = elementwise(name, FLOAT32)(x)
        np.testing.assert_array_equal(np.isnan(got), np.isnan(x))
        infinite = np.isinf(nearest)
        np.testing.assert_array_equal(got[infinite], nearest[infinite])
        finite = np.isfinite(nearest)
        ulp = np.spacing(np.abs(nearest[finite])).astype(np.float64)
        error = np.abs(got[finite].astype(np.float64) - exact[finite]) / ulp
    assert error.max() <= 4, x[finite][error.argmax()]
    if name != "exp":
        assert np.abs(got[finite]).max() <= 1


@pytest.mark.parametrize("name", sorted(EXACT))
def test_float64_is_libms(name):
    x = np.concatenate([np.linspace(-40, 40, 4001), [np.inf, -np.inf, np.nan, 5e-324, 800.0, -800.0]])
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(elementwise(name, FLOAT64)(x), EXACT[name](x), rtol=1e-15)


@pytest.mark.parametrize("count", range(1, 35))
def test_the_last_lanes_are_neither_read_nor_written(count):
    x = np.linspace(-1, 1, 40).astype(np.float32)
    y = np.full(40, 7, np.float32)
    double = elementwise("tanh", FLOAT32)
    y[:count] = double(x[:count].copy())
    np.testing.assert_allclose(y[:count], np.tanh(x[:count]), rtol=1e-6)
    assert (y[count:] == 7).all()
