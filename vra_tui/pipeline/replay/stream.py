"""A stream ready to be replayed: light curves, records, reports, and the truth about each alert."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.distance import luminosity_distance
from vra_tui.domain.light_curve import LightCurves
from vra_tui.errors import VraError
from vra_tui.lightcurve.windows import HISTORY_DAYS
from vra_tui.pipeline.cap_inflow import NightKeys
from vra_tui.ranking.followup import FollowUpRule
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.store import Store
from vra_tui.store.curves import light_curves
from vra_tui.store.label_names import labels_taught
from vra_tui.store.listing import list_ids
from vra_tui.store.objects import names_of, of_survey
from vra_tui.store.scores import Records, latest_mjd, read_records
from vra_tui.store.truths import decided_by_people

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Days before t0 in which the first detection of an alert is looked for where its truth has no start.
_RECENT_DAYS = 15.0


class ReplayError(VraError):
    """A stream that cannot be replayed; the message says what it lacks."""


@dataclass(frozen=True, eq=False)
class AlertTruth:
    """What n alerts were, shape (n,) each.

    ``label``: good, galactic, garbage or pm; "" where nobody knows. ``kind`` of source, "" where unknown.
    ``is_fast``: good, and above half of peak flux for less than 12 days. ``is_famous``: good, and of the sort
    that follow-up is for: fast, near, or bright. ``start_mjd``: explosion, NaN where unknown.
    """

    label: NDArray[np.str_]
    kind: NDArray[np.str_]
    is_fast: Bools
    is_famous: Bools
    start_mjd: Floats

    @property
    def is_good(self) -> Bools:
        """Whether each alert is a real extragalactic transient."""
        return self.label == "good"


@dataclass(frozen=True, eq=False)
class ReplayStream:
    """n alerts in ascending order of id.

    ``first_mjd``: the first detection of what raised the alert. ``end_mjd``: the last exposure of any.
    """

    name: str
    records: Records
    curves: LightCurves
    truth: AlertTruth
    first_mjd: Floats
    end_mjd: float
    keys: NightKeys
    #: Survey and id of each alert by its number in ``records``.
    names: Mapping[int, tuple[str, str]]

    def __len__(self) -> int:
        return len(self.records.alert_id)

    @property
    def listed_mjd(self) -> Floats:
        """When TNS listed a report on each alert, else its discovery, MJD; NaN without one."""
        return self.records.tns_mjd

    def nights(self) -> Floats:
        """Tell when the list is scored and looked at: 0 h UT after each day of the stream, MJD."""
        first = np.floor(self.records.t0_mjd.min()) + 1
        return np.arange(first, np.floor(self.end_mjd) + 2)


def read_stream(
    store: Store,
    name: str,
    truth: Mapping[int, Mapping[str, str]] | None,
    survey: str = DEFAULT_SURVEY,
) -> ReplayStream:
    """The stream of a survey that a store holds.

    ``truth``: rows of ``truth.csv`` by id; without, standing labels are it.
    Raises ReplayError for a store without alerts, and one without any good among its labels.
    """
    ids = of_survey(store, list_ids(store, "all").tolist(), survey)
    if not ids:
        raise ReplayError("There are no alerts to replay.")
    records = read_records(store, ids)
    curves = light_curves(store, ids).since(records.t0_mjd - HISTORY_DAYS)
    known = _from_labels(store, ids) if truth is None else _from_table(ids, truth)
    if not known.is_good.any():
        raise ReplayError(
            "No alert is known to be good: there is nothing to lose. A replay needs a simulated stream's "
            "truth.csv, or scanners' decisions in the store."
        )
    last = latest_mjd(store, survey)
    return ReplayStream(
        name,
        records,
        curves,
        known,
        _first_detections(curves, records.t0_mjd, known.start_mjd),
        float(records.t0_mjd.max() if np.isnan(last) else last),
        NightKeys.of(store),
        names_of(store, ids),
    )


def _from_table(ids: list[int], truth: Mapping[int, Mapping[str, str]]) -> AlertTruth:
    missing = next((alert_id for alert_id in ids if alert_id not in truth), None)
    if missing is not None:
        raise ReplayError(f"The truth says nothing of alert {missing}: it belongs to another stream.")
    rows = [truth[alert_id] for alert_id in ids]

    def number(key: str) -> Floats:
        return np.array([float(row.get(key) or "nan") for row in rows])

    rule = FollowUpRule()
    label = np.array([row["label"] for row in rows], dtype=np.str_)
    fast = np.array([row.get("speed") == "fast" for row in rows], dtype=bool)
    near = luminosity_distance(number("redshift")) <= rule.nearby_mpc
    bright = number("peak_mag") <= rule.bright_mag
    is_good = label == "good"
    return AlertTruth(
        label,
        np.array([row.get("kind", "") for row in rows], dtype=np.str_),
        is_good & fast,
        is_good & (fast | near | bright),
        number("explosion_mjd"),
    )


def _from_labels(store: Store, ids: list[int]) -> AlertTruth:
    """The scanners' standing decisions as truth; what is famous is what they sent to follow-up."""
    decided = decided_by_people(store)
    lists = [decided.get(alert_id, "") for alert_id in ids]
    taught = labels_taught(store)
    label = np.array([taught.get(name, "") for name in lists], dtype=np.str_)
    return AlertTruth(
        label,
        np.full(len(ids), "", dtype="<U1"),
        np.zeros(len(ids), dtype=bool),
        np.array([name == "followup" for name in lists], dtype=bool),
        np.full(len(ids), np.nan),
    )


def _first_detections(curves: LightCurves, t0_mjd: Floats, start_mjd: Floats) -> Floats:
    """The first positive detection since the start, or in the last days before t0; t0 itself without one."""
    mjd, owner = curves.detections.mjd, curves.detection_owner
    since = np.where(np.isnan(start_mjd), t0_mjd - _RECENT_DAYS, start_mjd)
    counts = (mjd >= since[owner]) & (curves.detections.mag > 0)
    first = np.full(len(curves), np.inf)
    np.minimum.at(first, owner[counts], mjd[counts])
    return np.minimum(first, t0_mjd)
