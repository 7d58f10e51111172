import io

import numpy as np
import pytest

from tests.scoring.synthetic import labelled_rows
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.training.table_labels import LabelError, join_labels, read_labels, shortage

ID = 1160457911144448001


def read(text: str) -> dict[int, str]:
    return read_labels(io.StringIO(text, newline=""), source="y.csv")


@pytest.mark.parametrize(
    "header", ["ATLAS_ID,type", "atlas_id,label", "id,type", "\ufeffid,type", " id , type "]
)
def test_labels_are_read_by_exact_id(header: str) -> None:
    assert read(f"{header}\n{ID},pm\n") == {ID: "pm"}


def test_an_object_may_be_named_once_a_visit() -> None:
    assert read(f"id,type\n{ID},pm\n{ID},pm\n") == {ID: "pm"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has: nothing"),
        ("id,remark\n", "type or label"),
        ("id,type\n1.16e18,pm\n", "line 2: '1.16e18' is not an ATLAS id"),
        (f"id,type\n{ID},pm\n{ID},good\n", f"line 3: object {ID} is labelled 'good' here and 'pm' before"),
        (f"id,type\n{ID},{'x' * 200_000}\n", "not a CSV table"),
    ],
)
def test_labels_that_cannot_be_trusted_are_refused_whole(text: str, said: str) -> None:
    with pytest.raises(LabelError) as refused:
        read(text)
    assert said in str(refused.value)


def test_rows_are_joined_by_id_and_what_teaches_nothing_is_counted() -> None:
    ids = np.array([ID, ID + 1, ID, ID + 2], dtype=np.int64)
    table = FeatureTable(ids, ("rb_pix",), np.arange(4.0)[:, np.newaxis])
    joined = join_labels(table, {ID: "good", ID + 1: "possible"})
    assert joined.rows.table.values[:, 0].tolist() == [0, 2]
    assert joined.rows.label.tolist() == ["good", "good"]
    assert (joined.other_label, joined.unlabelled) == (1, 1)


def test_a_shortage_names_each_side_once_with_what_there_is_and_what_is_needed() -> None:
    rows = labelled_rows(40)
    assert shortage(rows, "day1", fewest=10) is None
    assert shortage(rows, "day1", fewest=11) == (
        "Too few labels to train day1: 10 objects are labelled good, at least 11 are needed."
    )
    none = rows.where(np.zeros(len(rows), dtype=bool))
    assert shortage(none, "dayN") == (
        "Too few labels to train dayN: 0 objects are labelled good, 0 objects are labelled garbage or pm, "
        "0 objects are labelled galactic or pm, at least 20 are needed of each."
    )
