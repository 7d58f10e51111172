"""Queries' answers by columns and as arrays."""

import sqlite3

import numpy as np
import pytest

from vra_tui.store.columns import read_arrays, read_columns

ROWS = "SELECT 1, 0.5, 1, 'a' UNION ALL SELECT 2, NULL, 0, NULL"


@pytest.fixture
def memory():
    with sqlite3.connect(":memory:") as connection:
        yield connection


def test_columns_are_lists_of_one_length_and_empty_without_rows(memory):
    assert read_columns(memory, ROWS) == [[1, 2], [0.5, None], [1, 0], ["a", None]]
    assert read_columns(memory, "SELECT 1, 2 WHERE ?", (False,)) == [[], []]


def test_arrays_have_the_types_asked_for_and_nan_for_null(memory):
    whole, number, flag, text = read_arrays(memory, ROWS, types="if?O")
    assert [array.dtype for array in (whole, number, flag, text)] == [np.int64, np.float64, bool, object]
    np.testing.assert_array_equal(number, [0.5, np.nan])
    assert flag.tolist() == [True, False]
    assert text.tolist() == ["a", None]


def test_as_many_types_as_columns_are_needed(memory):
    with pytest.raises(ValueError, match="zip"):
        read_arrays(memory, ROWS, types="if?")
