"""Keep which epochs scanners called bad: rows are only ever added, and the latest on an epoch counts.

A mark names its alert, and the epoch as every machine does (`vra_tui.domain.epoch_identity`). Ids of marks
are those of decisions: of two marks on an epoch the one with the greater id counts, wherever both come
together. What rests on an epoch is made anew in `vra_tui.store.marked_alerts`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vra_tui.domain.epoch_identity import SECTIONS, CodeNames, EpochName, Section
from vra_tui.domain.epochs import END_MJD, FIRST_MJD
from vra_tui.domain.light_curve import LightCurve
from vra_tui.store.bad_epochs import code_names
from vra_tui.store.connection import write_all
from vra_tui.store.label_names import labels_taught
from vra_tui.store.sections import unpacked

COLUMNS = "mark_id alert_id section epoch mjd band is_bad scanner host timestamp reason".split()


@dataclass(frozen=True)
class MarkedEpoch:
    """An epoch to mark. ``mjd`` None and ``band`` "": not known, where only a source's id is told."""

    name: EpochName
    mjd: float | None = None
    band: str = ""


@dataclass(frozen=True)
class EpochMark:
    """What a scanner said of an epoch: that it is bad, or is not; why, in their words ("" for no word)."""

    mark_id: str
    alert_id: int
    section: Section
    epoch: str
    mjd: float | None
    band: str
    is_bad: bool
    scanner: str
    host: str
    timestamp: str
    reason: str

    @property
    def name(self) -> EpochName:
        """The epoch."""
        return EpochName(self.section, self.epoch)


def read_epoch(text: str) -> MarkedEpoch:
    """An epoch as a history has it: section, identity, MJD and band, "-" for what is not known.

    Raises ValueError for any other text.
    """
    words = text.split(" ", 3)
    if len(words) != 4 or words[0] not in SECTIONS or not all(words):
        raise ValueError("it is no section, identity, MJD and band of an epoch")
    section, epoch, mjd, band = words
    time = None if mjd == "-" else float(mjd)
    if time is not None and not FIRST_MJD <= time < END_MJD:
        raise ValueError(f"its MJD is not between {FIRST_MJD} and {END_MJD}")
    name = EpochName(next(one for one in SECTIONS if one == section), epoch)
    return MarkedEpoch(name, time, "" if band == "-" else band)


def insert_marks(connection: sqlite3.Connection, rows: Iterable[Sequence[object]]) -> None:
    """Append rows of `COLUMNS`. Raises StoreError where the store did not take every one."""
    values = ", ".join("?" * len(COLUMNS))
    write_all(connection, f"INSERT INTO epoch_marks ({', '.join(COLUMNS)}) VALUES ({values})", rows)


def marks_of(connection: sqlite3.Connection, alert_id: int) -> list[EpochMark]:
    """All that was said of an alert's epochs, the earliest first."""
    rows = connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM epoch_marks WHERE alert_id = ? ORDER BY mark_id", (alert_id,)
    )
    return [_mark(row) for row in rows]


def standing_marks(connection: sqlite3.Connection, alert_id: int) -> dict[EpochName, EpochMark]:
    """The latest mark on each epoch of an alert that was ever marked."""
    return {mark.name: mark for mark in marks_of(connection, alert_id)}


def _mark(row: Sequence[Any]) -> EpochMark:
    values = dict(zip(COLUMNS, tuple(row), strict=True))
    return EpochMark(**{**values, "is_bad": bool(values["is_bad"])})


_STANDING = """SELECT o.survey, o.object_id, m.section, m.epoch, m.mjd, m.band, m.is_bad, m.scanner,
    m.timestamp, m.reason, m.alert_id, s.decided_list AS list, s.decided_by
FROM epoch_marks m LEFT JOIN objects o USING (alert_id) LEFT JOIN standing s USING (alert_id)
WHERE m.mark_id = (SELECT max(l.mark_id) FROM epoch_marks l
    WHERE l.alert_id = m.alert_id AND l.section = m.section AND l.epoch = m.epoch)
ORDER BY m.mark_id"""


def standing_rows(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """One row an epoch that was ever marked: what stands of it, and the label of its alert.

    ``source_id``: the survey's id of a detection, None where it has none. Time and band are looked up in the
    light curve where the mark does not tell them, as far as the store holds it.
    """
    taught, names = labels_taught(connection), code_names(connection)
    for row in connection.execute(_STANDING):
        known = dict(row)
        if known["mjd"] is None:
            known |= _in_curve(connection, known, names)
        is_own = known["section"] == SECTIONS[0] and known["epoch"].isdigit()
        yield {
            **known,
            "source_id": known["epoch"] if is_own else None,
            "is_bad": int(known["is_bad"]),
            "label": taught.get(known["list"], ""),
        }


def _in_curve(connection: sqlite3.Connection, known: Mapping[str, Any], names: CodeNames) -> dict[str, Any]:
    row = connection.execute(
        "SELECT detections, nondetections, forced FROM lightcurves WHERE alert_id = ?", (known["alert_id"],)
    ).fetchone()
    if row is None:
        return {}
    try:
        curve = LightCurve.from_bytes(*unpacked(tuple(row)))
    except ValueError:
        return {}
    seen = curve.detections
    found = (seen.has_own_id & (seen.source_id.astype(str) == known["epoch"])).nonzero()[0]
    if not len(found):
        return {}
    at = int(found[0])
    return {"mjd": float(seen.mjd[at]), "band": names.bands.get(int(seen.band[at]), "")}
