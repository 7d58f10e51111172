"""Labels of training rows: read from CSV, and joined to the rows of a feature table by id."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

import numpy as np

from vra_tui.errors import VraError
from vra_tui.features.csv_table import ID_COLUMNS
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.questions import LABELS, QUESTIONS
from vra_tui.scoring.training.boosters import LabelledRows

LABEL_COLUMNS: tuple[str, ...] = ("type", "label")

#: Fewer objects than this on either side of a question teach it nothing that would hold elsewhere.
FEWEST_OBJECTS = 20


class LabelError(VraError):
    """Labels that cannot be used for training; the message says which, and what is needed."""


@dataclass(frozen=True)
class JoinedLabels:
    """Rows that have a usable label, and how many were left out because they have none, or another."""

    rows: LabelledRows
    unlabelled: int
    other_label: int


def read_labels(lines: TextIO, *, source: str) -> dict[int, str]:
    """Label by id. An object may be named more than once, with one and the same label.

    Raises LabelError naming ``source`` and the line for missing columns, bad ids or contradicting labels.
    """
    try:
        return _read_labels(lines, source)
    except csv.Error as error:
        raise LabelError(f"{source} is not a CSV table: {error}. Nothing was done.") from error


def _read_labels(lines: TextIO, source: str) -> dict[int, str]:
    reader = csv.DictReader(lines)
    names = [name.strip().removeprefix("\ufeff") for name in reader.fieldnames or ()]
    reader.fieldnames = names
    id_name = next((name for name in ID_COLUMNS if name in names), None)
    label_name = next((name for name in LABEL_COLUMNS if name in names), None)
    if id_name is None or label_name is None:
        raise LabelError(
            f"{source} needs an id column ({', '.join(ID_COLUMNS)}) and a label column "
            f"({' or '.join(LABEL_COLUMNS)}); it has: {', '.join(names) or 'nothing'}."
        )
    labels: dict[int, str] = {}
    for row in reader:
        where = f"{source}, line {reader.line_num}"
        text, label = (row[id_name] or "").strip(), (row[label_name] or "").strip()
        if not (text.isascii() and text.isdigit()):
            raise LabelError(f"{where}: {text!r} is not an ATLAS id (19 digits). Nothing was done.")
        if labels.setdefault(int(text), label) != label:
            raise LabelError(
                f"{where}: object {text} is labelled {label!r} here and {labels[int(text)]!r} before. "
                "Nothing was done; keep one label an object."
            )
    return labels


def join_labels(table: FeatureTable, labels: Mapping[int, str]) -> JoinedLabels:
    """The table's rows whose object has one of the labels that training knows."""
    label = np.array([labels.get(number, "") for number in table.alert_id.tolist()], dtype=np.str_)
    known = np.isin(label, LABELS)
    return JoinedLabels(
        rows=LabelledRows(table, label).where(known),
        unlabelled=int(np.sum(label == "")),
        other_label=int(np.sum(~known & (label != ""))),
    )


def shortage(rows: LabelledRows, stage: str, fewest: int = FEWEST_OBJECTS) -> str | None:
    """Describe which labels a stage has too few of, with numbers; None with enough."""
    short: dict[tuple[str, ...], int] = {}
    for side in sorted((side for q in QUESTIONS for side in (q.positive, q.negative)), key=len):
        objects = len(np.unique(rows.table.alert_id[np.isin(rows.label, side)]))
        # What lacks one label lacks all that it is asked for with.
        if objects < fewest and not any(set(known) <= set(side) for known in short):
            short[side] = objects
    if not short:
        return None
    said = ", ".join(f"{objects} objects are labelled {' or '.join(side)}" for side, objects in short.items())
    each = " of each" if len(short) > 1 else ""
    return f"Too few labels to train {stage}: {said}, at least {fewest} are needed{each}."


def require_enough(rows: LabelledRows, stage: str, fewest: int = FEWEST_OBJECTS) -> None:
    """Raise LabelError, saying how many are missing, where a question has too few objects on one side."""
    missing = shortage(rows, stage, fewest)
    if missing:
        raise LabelError(f"{missing} Nothing was done.")
