import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.features.csv_table import FeatureTableError, ReadTable, read_feature_table

ID = 1160457911144448000
COLUMNS = ("rb_pix", "log10_sep_arcsec", "CV")


def read(text: str, columns: tuple[str, ...] = COLUMNS) -> ReadTable:
    return read_feature_table(io.StringIO(text, newline=""), columns, source="table.csv")


def reasons(text: str) -> list[str]:
    return [str(row) for row in read(text).refused]


def test_columns_are_found_by_name_in_any_order_and_extra_ones_ignored() -> None:
    table = read(f"CV,more,rb_pix,ATLAS_ID,log10_sep_arcsec\nTrue,x,0.5,{ID},1.25\n").table
    assert table.names == COLUMNS
    assert table.values.tolist() == [[0.5, 1.25, 1.0]]


def test_welcome_columns_are_read_where_all_of_them_are_there() -> None:
    def names(header: str) -> tuple[str, ...]:
        lines = io.StringIO(f"id,rb_pix,{header}\n{ID},0.5,1,2\n")
        return read_feature_table(
            lines, ("rb_pix",), source="table.csv", welcome=("age", "rb_pix", "gain")
        ).table.names

    assert names("gain,age") == ("rb_pix", "age", "gain")
    assert names("gain,other") == ("rb_pix",)


@pytest.mark.parametrize("name", ["atlas_id", "ATLAS_ID", "id"])
def test_the_id_column_has_one_of_three_names(name: str) -> None:
    assert read(f"{name},rb_pix\n{ID},0.5\n", ("rb_pix",)).table.alert_id.tolist() == [ID]


def test_ids_keep_all_19_digits() -> None:
    odd = 1160457911144448001
    assert float(odd) == float(ID)
    assert read(f"id,rb_pix\n{odd},0.5\n", ("rb_pix",)).table.alert_id.tolist() == [odd]


@pytest.mark.parametrize(
    "bad", ["1.160457911144448e18", "116045791114444800", "", "-160457911144448000", "9" * 19]
)
def test_a_bad_id_costs_its_row_only(bad: str) -> None:
    found = read(f"id,rb_pix\n{bad},0.5\n{ID},0.6\n", ("rb_pix",))
    assert found.table.alert_id.tolist() == [ID]
    assert [(row.line, row.column) for row in found.refused] == [(2, "id")]


def test_an_empty_cell_has_no_value() -> None:
    assert np.isnan(read(f"id,rb_pix\n{ID},\n", ("rb_pix",)).table.values).all()


@pytest.mark.parametrize(
    ("cell", "value"), [("True", 1), ("False", 0), ("1", 1), ("0", 0), ("true", 1), ("0.0", 0)]
)
def test_booleans_are_written_in_words_or_digits(cell: str, value: int) -> None:
    assert read(f"id,CV\n{ID},{cell}\n", ("CV",)).table.values.tolist() == [[value]]


def test_the_logarithm_of_zero_has_no_value_but_no_other_infinity_passes() -> None:
    found = read(f"id,rb_pix,log10_sep_arcsec\n{ID},0.5,-inf\n{ID},inf,0\n", COLUMNS[:2])
    assert np.isnan(found.table.values[0, 1])
    assert [str(row) for row in found.refused] == ["line 3, column rb_pix: 'inf' is not a finite number"]


@pytest.mark.parametrize("bad", ["abc", "0,5", "1_0", "0x10", "1e999", "--1", "٣", "\udcff", "\x1b[31m"])
def test_a_bad_cell_is_refused_with_its_line_and_column_and_the_rest_is_kept(bad: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["id", "rb_pix"], [ID, 0.5], [ID, bad], [ID, 0.7]])
    found = read(out.getvalue(), ("rb_pix",))
    assert found.table.values[:, 0].tolist() == [0.5, 0.7]
    assert [(row.line, row.column) for row in found.refused] == [(3, "rb_pix")]
    assert "\x1b" not in str(found.refused[0])


def test_a_row_with_several_bad_cells_is_refused_once() -> None:
    assert len(reasons(f"id,rb_pix,log10_sep_arcsec,CV\n{ID},a,b,c\n")) == 1


def test_a_bad_cell_in_a_column_nobody_asked_for_does_not_matter() -> None:
    assert not read(f"id,rb_pix,remark\n{ID},0.5,n/a\n", ("rb_pix",)).refused


def test_a_row_of_another_length_is_refused() -> None:
    found = read(f"id,rb_pix\n{ID}\n{ID},0.5,7\n{ID},0.5\n", ("rb_pix",))
    assert [str(row) for row in found.refused] == [
        "line 2: 1 cells where the header has 2",
        "line 3: 3 cells where the header has 2",
    ]
    assert len(found.table) == 1


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = f'id,remark,rb_pix\n{ID},"two\nlines",0.5\n\n{ID},,bad\n'
    assert [row.line for row in read(text, ("rb_pix",)).refused] == [5]


def test_a_cell_too_long_for_csv_costs_its_row_only() -> None:
    found = read(f"id,rb_pix\n{ID},{'1' * 200_000}\n{ID},0.5\n", ("rb_pix",))
    assert found.table.values.tolist() == [[0.5]]
    assert [row.line for row in found.refused] == [2]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert len(read(f"\ufeffid,rb_pix\n{ID},0.5\n", ("rb_pix",)).table) == 1


def test_missing_columns_are_named() -> None:
    with pytest.raises(FeatureTableError, match=r"table\.csv lacks the columns rb_pix, CV"):
        read(f"id,log10_sep_arcsec\n{ID},0\n")


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(FeatureTableError, match="rb_pix more than once"):
        read(f"id,rb_pix,rb_pix\n{ID},0,1\n", ("rb_pix",))


@pytest.mark.parametrize("text", ["", "\n", "rb_pix\n0.5\n"])
def test_a_table_without_header_or_id_column_is_refused(text: str) -> None:
    with pytest.raises(FeatureTableError, match=r"table\.csv"):
        read(text, ("rb_pix",))


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert read("id,rb_pix\n", ("rb_pix",)).table.values.shape == (0, 1)


def test_text_columns_come_along_with_their_rows() -> None:
    text = io.StringIO(f"id,rb_pix,type\n{ID},bad,pm\n{ID},0.5, good \n", newline="")
    found = read_feature_table(text, ("rb_pix",), source="t", texts=("type",))
    assert found.texts == {"type": ("good",)}


@given(st.lists(st.tuples(st.integers(10**18, 2**63 - 1), st.none() | st.floats(-1e6, 1e6)), max_size=30))
def test_what_was_written_is_read_back(rows: list[tuple[int, float | None]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["id", "rb_pix"])
    writer.writerows([number, "" if value is None else repr(value)] for number, value in rows)
    table = read(out.getvalue(), ("rb_pix",)).table
    assert table.alert_id.tolist() == [number for number, _ in rows]
    expected = np.array([np.nan if value is None else value for _, value in rows])
    assert np.array_equal(table.values[:, 0], expected, equal_nan=True)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_a_number_is_read_to_its_last_digit(values: list[float]) -> None:
    found = read("id,rb_pix\n" + "".join(f"{ID}, {value!r} \n" for value in values), ("rb_pix",))
    assert found.table.values[:, 0].tolist() == values


def test_a_long_table_names_its_bad_rows_wherever_they_stand() -> None:
    bad = {7: "x", 4_001: "1_0", 8_500: "inf"}
    rows = [f"{ID},{bad.get(number, number)}\n" for number in range(9_000)]
    found = read("id,rb_pix\n" + "".join(rows), ("rb_pix",))
    assert [row.line for row in found.refused] == [number + 2 for number in bad]
    assert found.table.values[:, 0].tolist() == [number for number in range(9_000) if number not in bad]


@given(st.text(max_size=300))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        found = read(text, ("rb_pix",))
    except FeatureTableError:
        return
    assert np.isfinite(found.table.values[~np.isnan(found.table.values)]).all()
