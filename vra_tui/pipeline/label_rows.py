"""Training rows from the labels of a store: features of each alert at the time of its decision.

The data that count for an alert end with the last exposure that the score on the scanner's screen was
computed from. Where the store does not hold that score, they end with the visit whose number the decision
names; where it names none, with the exposures taken before the decision. Nothing later is looked at: the
light curves are cut there before anything is computed.

- *day1* rows: one an alert, the features at its entry, from the data up to t0.
- *dayN* rows: one for each visit after the entry, up to the one on screen, each from the data of then.

What has no history in the store stands as it is now: position, rb_pix, host, extinction. Exposures taken
before the decision and brought in, or corrected, after it count too. Of columns of `stream-1` the last visit
is the one on screen, however long after t0.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.table import DAYN_FEATURES, FeatureTable
from vra_tui.pipeline.feature_rows import FeatureRows, rests_on_stream
from vra_tui.pipeline.visits import visits_of
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.store import Store
from vra_tui.store.labelled_alerts import LabelledAlerts, labelled_alerts, unit_names, unknown_alerts
from vra_tui.store.objects import of_survey

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Alerts read at once: bounds memory (some 400 epochs each).
_CHUNK = 2_000


@dataclass(frozen=True, eq=False)
class LabelRows:
    """Feature rows of one stage with what is known of each label; shape (n,) each.

    ``day``, ``visit``: dayN and running number of the visit that the row shows; ``mjd``: its last exposure.
    ``listed``: the list that it was decided to, which says more than the label: good ones worth following.
    ``unit``: the telescope unit that took most exposures of that night. ``decision_id, scanner,
    decided_mjd``: the standing decision that the label comes from.
    """

    rows: LabelledRows
    day: Ints
    visit: Ints
    mjd: Floats
    unit: NDArray[np.str_]
    decision_id: NDArray[np.str_]
    scanner: NDArray[np.str_]
    decided_mjd: Floats
    listed: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def alert_id(self) -> Ints:
        """The alert of each row."""
        return self.rows.table.alert_id

    @property
    def label(self) -> NDArray[np.str_]:
        """good, galactic, garbage or pm."""
        return self.rows.label

    def where(self, chosen: NDArray[np.bool_]) -> "LabelRows":
        """The chosen rows."""
        names = [field.name for field in fields(self) if field.name != "rows"]
        return LabelRows(self.rows.where(chosen), *(getattr(self, name)[chosen] for name in names))


@dataclass(frozen=True, eq=False)
class StoreLabels:
    """What the labels of a store teach at each stage.

    ``contested``: alerts that another scanner labelled otherwise; they count as what stands.
    ``without_data``: labelled alerts that the store has no detection of from before the decision, left out.
    ``unknown``: alerts that were decided elsewhere and that the store does not hold.
    """

    day1: LabelRows
    dayN: LabelRows
    contested: int
    without_data: int
    unknown: int

    @property
    def alerts(self) -> int:
        """How many labelled alerts there are rows of."""
        return len(self.day1)


@dataclass(frozen=True)
class LabelChoice:
    """Which labels of a store count: given from ``since_mjd`` on, by these scanners; all without any."""

    since_mjd: float = -np.inf
    scanners: tuple[str, ...] = ()


ALL_LABELS = LabelChoice()


def label_rows(
    store: Store,
    *,
    choice: LabelChoice = ALL_LABELS,
    columns: Collection[str] = DAYN_FEATURES,
    survey: str = DEFAULT_SURVEY,
) -> StoreLabels:
    """The rows that a store's labels on alerts of a survey teach, in ascending order of alert and visit.

    ``columns``: the features asked for, see `pipeline.feature_rows`.
    """
    known = labelled_alerts(store)
    chosen = known.decided_mjd >= choice.since_mjd
    chosen &= np.isin(known.alert_id, of_survey(store, known.alert_id.tolist(), survey))
    if choice.scanners:
        chosen &= np.isin(known.scanner, list(choice.scanners))
    known = known.where(chosen)
    names = unit_names(store)
    day1, visits, without_data = [], [], 0
    for first in range(0, max(len(known), 1), _CHUNK):
        chunk = _read(store, known.where(slice(first, first + _CHUNK)), columns)
        entered = np.flatnonzero(chunk.exists[:, 0])
        without_data += len(chunk.known) - len(entered)
        day1.append(_rows(chunk, entered, np.zeros_like(entered), columns, names))
        alert, day = np.nonzero(chunk.exists[:, 1:])
        visits.append(_rows(chunk, alert, day + 1, columns, names))
    return StoreLabels(
        _concatenated(day1),
        _concatenated(visits),
        int(known.is_contested.sum()),
        without_data,
        unknown_alerts(store),
    )


@dataclass(frozen=True, eq=False)
class _Chunk:
    """Labelled alerts with their light curves up to the decision, and the visits up to then.

    ``end_mjd``: the last exposure of each visit, shape (n, N_DAYS), NaN where there is none.
    """

    known: LabelledAlerts
    features: FeatureRows
    curves: LightCurves
    end_mjd: Floats
    number: Ints

    @property
    def exists(self) -> NDArray[np.bool_]:
        """Whether there is a visit that counts on each day, shape (n, N_DAYS)."""
        return ~np.isnan(self.end_mjd)


def _read(store: Store, known: LabelledAlerts, columns: Collection[str]) -> _Chunk:
    ids = known.alert_id.tolist()
    # What was called bad after the decision was on the scanner's screen as any other epoch.
    by_then = dict(zip(ids, known.decision_id.tolist(), strict=True))
    features = FeatureRows.read(store, ids, columns, known_by=by_then)
    cut_mjd = np.where(np.isnan(known.seen_mjd), known.decided_mjd, known.seen_mjd)
    curves = features.curves.until(cut_mjd)
    visits = visits_of(curves, features.records.t0_mjd, is_open_ended=rests_on_stream(columns))
    # Where the score on screen is not known, the visit's number says what was not yet there.
    is_numbered = np.isnan(known.seen_mjd) & (known.visit > 0)
    is_later = is_numbered[:, np.newaxis] & (visits.number > known.visit[:, np.newaxis])
    has_data = np.diff(curves.detection_start) > 0
    end_mjd = np.where(is_later | ~has_data[:, np.newaxis], np.nan, visits.end_mjd)
    return _Chunk(known, features, curves, end_mjd, visits.number)


def _rows(
    chunk: _Chunk, alert: Ints, day: Ints, columns: Collection[str], names: NDArray[np.str_]
) -> LabelRows:
    """The rows of the visits on ``day`` of the alerts with these indices, both of shape (n,)."""
    mjd = chunk.end_mjd[alert, day]
    curves = chunk.curves.take(alert)
    known = chunk.known
    return LabelRows(
        LabelledRows(chunk.features.table(columns, alert, mjd), known.label[alert]),
        day,
        chunk.number[alert, day],
        mjd,
        names[main_unit(curves, mjd)],
        known.decision_id[alert],
        known.scanner[alert],
        known.decided_mjd[alert],
        known.listed[alert],
    )


def main_unit(curves: LightCurves, mjd: Floats) -> NDArray[np.uint8]:
    """Code of the telescope unit that took most of each light curve's exposures in the day up to ``mjd``.

    Shape (n,); the smallest code of several, 0 without an exposure.
    """
    taken = np.zeros(len(curves) * 256, dtype=np.int64)
    for epochs, owner in (
        (curves.detections, curves.detection_owner),
        (curves.nondetections, curves.nondetection_owner),
    ):
        is_tonight = (epochs.mjd <= mjd[owner]) & (epochs.mjd > mjd[owner] - 1)
        cell = owner[is_tonight] * 256 + epochs.instrument[is_tonight]
        taken += np.bincount(cell, minlength=len(taken))
    return np.argmax(taken.reshape(-1, 256), axis=1).astype(np.uint8)


def _concatenated(parts: Sequence[LabelRows]) -> LabelRows:
    """The rows of one part or more, one after the other."""
    tables = [part.rows.table for part in parts]
    table = FeatureTable(
        np.concatenate([table.alert_id for table in tables]),
        tables[0].names,
        np.concatenate([table.values for table in tables]),
    )
    label = np.concatenate([part.label for part in parts])
    names = [field.name for field in fields(LabelRows) if field.name != "rows"]
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
    return LabelRows(LabelledRows(table, label), *columns)
