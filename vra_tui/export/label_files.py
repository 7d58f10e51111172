"""Labels out of the store: one row a standing decision, in the formats and encodings that others read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vra_tui.ranking.rank import is_galactic_candidate, rank
from vra_tui.store import Store, epoch_marks, label_table
from vra_tui.store.label_names import encodings, labels_taught
from vra_tui.store.log import ONLY_ID, ONLY_SURVEY, HistoryQuery, history_rows

#: What every table of labels has, in this order. Where all rows are ATLAS's its id follows, as a number; in
#: an empty table too: who reads it misses nothing.
PLAIN_COLUMNS = (
    "decision_id survey object_id label list scanner timestamp note reverts preal pgal pfast rank "
    "model".split()
)
#: Names of the score table of the survey's server (DESIGN.md section 2), and the decision behind each row.
VRA_COLUMNS = (
    "transient_object_id preal pgal pfast rank is_gal_cand timestamp apiusername username "
    "decision_id list".split()
)
#: The history: the columns of labels, then what else another store needs.
HISTORY_COLUMNS = [*PLAIN_COLUMNS, *"host visit seconds tags follows seen_mjd batch_id epoch is_bad".split()]
#: The epochs that were called bad, for those who train on single detections.
EPOCH_COLUMNS = (
    "survey object_id source_id mjd band is_bad scanner timestamp reason label list decided_by section "
    "epoch".split()
)
#: What a table must have to be taken in, all of one line; the second is how versions before 5 named alerts.
#: One that also tells what each decision follows is a history.
NEEDED_COLUMNS = (
    "decision_id survey object_id list scanner timestamp".split(),
    f"decision_id {ONLY_ID} list scanner timestamp".split(),
)

#: All that people decided.
EVERYONE = HistoryQuery()


def plain_columns(store: Store, query: HistoryQuery = EVERYONE) -> list[str]:
    """The columns of `standing_labels`: `PLAIN_COLUMNS`, then `atlas_id` where all rows are ATLAS's."""
    return [*PLAIN_COLUMNS, *([ONLY_ID] if label_table.is_of_first_survey(store, query) else [])]


def history_columns(store: Store, query: HistoryQuery = EVERYONE) -> list[str]:
    """The columns of `history_labels`: `HISTORY_COLUMNS`, with `atlas_id` behind the plain ones likewise."""
    is_first = label_table.is_of_first_survey(store, query, is_history=True)
    return [*PLAIN_COLUMNS, *([ONLY_ID] if is_first else []), *HISTORY_COLUMNS[len(PLAIN_COLUMNS) :]]


def standing_labels(store: Store, query: HistoryQuery = EVERYONE) -> Iterator[dict[str, Any]]:
    """Rows of `plain_columns`, one a standing decision, in the order in which they were taken.

    The scores are those at decision time. The policies' own decisions teach a model only what it already
    believes: they are left out unless the query asks for them.
    """
    columns, taught = plain_columns(store, query), labels_taught(store)
    for row in label_table.standing_rows(store, query):
        yield _labelled(row, columns, taught)


def history_labels(store: Store, query: HistoryQuery = EVERYONE) -> Iterator[dict[str, Any]]:
    """Rows of `history_columns`: every decision, undo and note, oldest first; all that a merge needs."""
    columns, taught = history_columns(store, query), labels_taught(store)
    for row in history_rows(store, query):
        yield _labelled(row, columns, taught)


def _labelled(row: dict[str, Any], columns: list[str], taught: Mapping[str, str]) -> dict[str, Any]:
    values = {**row, "label": taught.get(row["list"], ""), ONLY_ID: _first_id(row)}
    return {name: values[name] for name in columns}


def _first_id(row: Mapping[str, Any]) -> int | None:
    """The id as its survey's server has it, a whole number; None for other surveys' alerts."""
    object_id = row["object_id"]
    is_number = row["survey"] == ONLY_SURVEY and object_id.isascii() and object_id.isdigit()
    return int(object_id) if is_number and len(object_id) <= 19 else None


def vra_encoded(store: Store, labels: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of `VRA_COLUMNS`: each decision as the survey's VRA encodes it, in place of the model's scores.

    The rank follows from the encoding where it gives both preal and pgal. Decisions that say nothing
    (eyeball) are left out, and alerts of other surveys: the table is that of ATLAS's server.
    """
    encoding = encodings(store)
    for label in labels:
        preal, pgal, pfast = encoding[label["list"]]
        atlas_id = _first_id(label)
        if preal is None or atlas_id is None:
            continue
        yield {
            "transient_object_id": atlas_id,
            "preal": preal,
            "pgal": pgal,
            "pfast": pfast,
            "rank": None if pgal is None else float(rank(preal, pgal)),
            "is_gal_cand": None if pgal is None else int(is_galactic_candidate(preal, pgal)),
            "timestamp": label["timestamp"],
            "apiusername": "vra-tui",
            "username": label["scanner"],
            "decision_id": label["decision_id"],
            "list": label["list"],
        }


def labels_elsewhere(store: Store, query: HistoryQuery = EVERYONE) -> int:
    """Tell how many standing labels are of other surveys: `vra_encoded` leaves them out."""
    among = label_table.surveys_among(store, query)
    return sum(count for survey, count in among.items() if survey != ONLY_SURVEY)


def epoch_labels(store: Store) -> Iterator[dict[str, Any]]:
    """Rows of `EPOCH_COLUMNS`, one an epoch that was ever marked, with what stands of it and its alert."""
    for row in epoch_marks.standing_rows(store):
        yield {name: row[name] for name in EPOCH_COLUMNS}


def label_counts(store: Store) -> list[dict[str, Any]]:
    """Standing decisions by list and scanner, the policies' own among them, most first."""
    taught = labels_taught(store)
    return [{**row, "label": taught[row["list"]]} for row in label_table.counts(store)]
