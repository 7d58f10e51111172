"""The rows of an evaluation read from files: a feature table, its labels, the telescope units."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.csv_table import read_feature_table
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE
from vra_tui.scoring.evaluation.report import EvaluationError
from vra_tui.scoring.evaluation.sample import RELEVANT
from vra_tui.scoring.model.library import checksum
from vra_tui.scoring.model.questions import LABELS
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.table_labels import join_labels, read_labels
from vra_tui.text import printable

Note = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class ReadRows:
    """Labelled rows of a table, the table's checksum, and how many of its rows were refused."""

    rows: LabelledRows
    sha256: str
    refused: int


def read_rows(features: Path, labels: Path, columns: Sequence[str], note: Note) -> ReadRows:
    """The rows of a table that have a label; ``note`` is told what was left out.

    Raises TableError for a table without the columns, LabelError for labels that cannot be read.
    """
    with features.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        read = read_feature_table(lines, columns, source=str(features))
    for refused in read.refused:
        note(f"{features}, {refused}")
    with labels.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        joined = join_labels(read.table, read_labels(lines, source=str(labels)))
    if joined.unlabelled:
        note(f"{joined.unlabelled} rows of {features} have no label and were left out.")
    if joined.other_label:
        note(
            f"{joined.other_label} rows of {features} have a label other than {', '.join(LABELS)}; left out."
        )
    return ReadRows(joined.rows, checksum(features.read_bytes()), len(read.refused))


def read_units(path: Path, alert_id: NDArray[np.int64]) -> NDArray[np.str_]:
    """The telescope unit of each row, shape (n,), by its object's id; "" where the file names none.

    Raises TableError for a file without an id column and a column ``unit``.
    """
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        read = read_feature_table(lines, (), source=str(path), texts=("unit",))
    names = map(printable, read.texts["unit"])
    unit = dict(zip(read.table.alert_id.tolist(), names, strict=True))
    return np.array([unit.get(number, "") for number in alert_id.tolist()], dtype=np.str_)


def read_ids(paths: Iterable[Path]) -> NDArray[np.int64]:
    """The objects in these tables. Raises TableError for a file without an id column."""
    found = [np.empty(0, dtype=np.int64)]
    for path in paths:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
            found.append(read_feature_table(lines, (), source=str(path)).table.alert_id)
    return np.unique(np.concatenate(found))


def parse_mixture(text: str | None) -> Mapping[str, float]:
    """Label proportions from "good=5,galactic=7,garbage=88", made to add up to 1; the published for None.

    Raises EvaluationError for anything else.
    """
    if text is None:
        return dict(STREAM_MIXTURE)
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (piece.strip() for piece in part.partition("="))
        try:
            share = float(number)
        except ValueError:
            share = float("nan")
        if name not in LABELS or name in shares or not 0 < share < float("inf"):
            raise EvaluationError(
                f"--mixture: {part.strip()!r} is no label and its share. Write each of {', '.join(LABELS)} "
                "at most once, as in good=5,galactic=7,garbage=44,pm=44."
            )
        shares[name] = share
    if RELEVANT not in shares or len(shares) < 2:
        raise EvaluationError(f"--mixture needs the share of {RELEVANT} and of at least one other label.")
    return {name: share / sum(shares.values()) for name, share in shares.items()}
