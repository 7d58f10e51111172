"""Cap the alerts of a unit on a night that raised far more than usual.

The survey's own count decides (`ranking.inflow`). What entered on such a night waits in purgatory but for the
best ranked, until it is detected at a visit that is not part of such a night: a trailed image is not there
again, and a visit without a detection leaves many a rank high. The policies still discard it by its ranks as
they would otherwise; this rule never does.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.domain.site import Site
from vra_tui.lightcurve.windows import HISTORY_DAYS, day_number, night_number
from vra_tui.pipeline.feature_tables import host_mpc_of
from vra_tui.pipeline.visits import N_DAYS, Visits, visits_of
from vra_tui.ranking.inflow import RECENT_NIGHTS, best_of_each, is_far_from_usual, usual_inflow
from vra_tui.ranking.lists import FILED_LISTS, ListName
from vra_tui.ranking.policy import Policy, PolicyInput, file_alerts
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.store import Store, scores
from vra_tui.store.codes import instrument_names
from vra_tui.store.curves import light_curves
from vra_tui.store.entered import (
    detections_and_t0,
    entered_on,
    filed_among,
    revisions_entered_on,
    unscored_days,
)
from vra_tui.store.insight_table import put_survey_table, survey_table, survey_table_names
from vra_tui.store.objects import of_survey
from vra_tui.store.standing import file_again
from vra_tui.surveys import known_sites, longitudes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: The table of ATLAS's counts; those of another survey have its name behind a dot.
_TABLE = "inflow"
#: A night and a unit in one number: night · 256 + the unit's code.
_UNITS = 256
#: Instead of a key: nothing was detected at the visit.
_NOTHING = -2
#: Nights whose numbers are kept: those that say what is usual, for data that come late too.
_KEPT_NIGHTS = 4 * RECENT_NIGHTS
#: Alerts whose nights are remembered: 24 bytes each.
_REMEMBERED = 1_000_000
#: t0 lies this long after the night that raised the alert, at most: images are reduced by the next noon, and
#: of old records only the date is known.
_LISTED_WITHIN = 2.5


@dataclass(frozen=True)
class UnusualNight:
    """A night (MJD of its midnight, rounded) on which a unit raised far more alerts than usual."""

    night: int
    unit: str
    alerts: int
    usual: float
    shown: int = 0
    held: int = 0

    def words(self) -> str:
        """One sentence for the scanners."""
        said = (
            f"unit {self.unit}, night {self.night}: {self.alerts:,} alerts where {self.usual:,.0f} are usual"
        )
        return f"{said}; {self.shown:,} shown, {self.held:,} wait in purgatory until seen again"


@dataclass(frozen=True, eq=False)
class NightKeys:
    """Which night of which unit an exposure belongs to: nights change at the local noon of the unit.

    ``longitude``, shape (256,): of each unit code, degrees east; ``names`` of the codes.
    """

    longitude: Floats
    names: dict[int, str]

    @classmethod
    def of(cls, store: Store, sites: Sequence[Site] | None = None) -> "NightKeys":
        """For the units of a store; one of which no site is known has its nights at Greenwich.

        ``sites``: those that are known; looked for among the installed surveys without.
        """
        names = instrument_names(store)
        return cls(np.array(longitudes(names, known_sites() if sites is None else sites)), names)

    def at(self, mjd: Floats, unit: NDArray[np.integer]) -> Ints:
        """Keys of exposures, shape as given."""
        return np.asarray(night_number(mjd, self.longitude[unit]) * _UNITS + unit)


def nights_and_units(keys: Ints) -> tuple[Ints, Ints]:
    """Night and unit code of each key."""
    night, unit = np.divmod(keys, _UNITS)
    return night, unit


def raised_keys(curves: LightCurves, t0_mjd: Floats, keys: NightKeys) -> Ints:
    """The night and unit that raised each of n alerts: those of its last detection before t0.

    Without one, the night of t0 and the unit of code 0.
    """
    curves = curves.since(t0_mjd - _LISTED_WITHIN)
    mjd, owner = curves.detections.mjd, curves.detection_owner
    before = mjd <= t0_mjd[owner]
    owner, mjd, unit = owner[before], mjd[before], curves.detections.instrument[before]
    last = np.flatnonzero(np.diff(owner, append=-1))
    raised = keys.at(t0_mjd, np.zeros(len(curves), dtype=np.int64))
    raised[owner[last]] = keys.at(mjd[last], unit[last].astype(np.int64))
    return raised


def visit_keys(curves: LightCurves, t0_mjd: Floats, visits: Visits, keys: NightKeys) -> Ints:
    """Night and unit of the last exposure of each visit, shape (n, N_DAYS), -2 where nothing was detected.

    Of the entry, what raised it.
    """
    found = np.full(visits.end_mjd.shape, _NOTHING, dtype=np.int64)
    seen = np.zeros(found.shape, dtype=bool)
    for epochs, owner in (
        (curves.detections, curves.detection_owner),
        (curves.nondetections, curves.nondetection_owner),
    ):
        phase = epochs.mjd - t0_mjd[owner]
        day = np.clip(day_number(phase), 0, N_DAYS - 1).astype(np.int64)
        if epochs is curves.detections:
            counts = (epochs.mjd <= visits.end_mjd[owner, day]) & (curves.detections.mag > 0)
            seen[owner[counts], day[counts]] = True
        last = visits.end_mjd[owner, day] == epochs.mjd
        at = keys.at(epochs.mjd[last], epochs.instrument[last].astype(np.int64))
        found[owner[last], day[last]] = at
    found[~seen] = _NOTHING
    found[:, 0] = raised_keys(curves, t0_mjd, keys)
    return found


def held_visits(key_of_visit: Ints, exists: Bools, unusual: Ints) -> Bools:
    """Visits of which nothing is shown, shape (n, N_DAYS): up to the first detection on a usual night."""
    frees = exists & (key_of_visit != _NOTHING) & ~np.isin(key_of_visit, unusual)
    return np.asarray(~np.logical_or.accumulate(frees, axis=1))


def held_back(curves: LightCurves, t0_mjd: Floats, visits: Visits, inflow: "Inflow") -> Bools | None:
    """Visits of n alerts of which nothing is shown, shape (n, N_DAYS); None while all nights are as usual."""
    if not len(inflow.unusual):
        return None
    return held_visits(visit_keys(curves, t0_mjd, visits, inflow.names), visits.exists, inflow.unusual)


@dataclass(frozen=True, eq=False)
class Inflow:
    """How many alerts each night and unit raised, and which of them are far from usual."""

    key: Ints
    count: Ints
    usual: Floats
    is_unusual: Bools
    names: NightKeys

    @classmethod
    def judged(cls, key: Ints, count: Ints, names: NightKeys, policy: Policy) -> "Inflow":
        """Counts of m distinct nights and units, held against one another."""
        usual = usual_inflow(*nights_and_units(key), count)
        return cls(key, count, usual, is_far_from_usual(count, usual, policy), names)

    @property
    def unusual(self) -> Ints:
        """Keys of the nights and units far from usual."""
        return self.key[self.is_unusual]


@dataclass
class RaisedKeys:
    """The night and unit that raised each alert of one store, remembered as long as its data stay the same.

    Who scores every second would else read all alerts of the night each time. ``sites``: of the surveys at
    hand, whose nights count.
    """

    sites: tuple[Site, ...] = field(default_factory=known_sites)
    _ids: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _revisions: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _keys: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _units: dict[int, str] = field(default_factory=dict)

    def of(self, store: Store, names: NightKeys, ids: Ints, revisions: Ints) -> Ints:
        """Keys of the named alerts (ascending) at these revisions of their data; shape (n,)."""
        if names.names != self._units or len(self._ids) > _REMEMBERED:
            nothing = np.empty(0, dtype=np.int64)
            self._ids, self._revisions, self._keys = nothing, nothing, nothing
            self._units = dict(names.names)
        keys, is_known = np.empty(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=bool)
        if len(self._ids):
            place = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
            is_known = (self._ids[place] == ids) & (self._revisions[place] == revisions)
            keys[is_known] = self._keys[place[is_known]]
        if is_known.all():
            return keys
        curves, t0_mjd = detections_and_t0(store, ids[~is_known].tolist())
        found = np.searchsorted(ids, curves.alert_id)
        keys[found] = raised_keys(curves, t0_mjd, names)
        is_known[found] = True
        self._remember(ids[is_known], revisions[is_known], keys[is_known])
        return keys[is_known]

    def _remember(self, ids: Ints, revisions: Ints, keys: Ints) -> None:
        others = ~np.isin(self._ids, ids, assume_unique=True)
        all_ids = np.concatenate([self._ids[others], ids])
        order = np.argsort(all_ids)
        self._ids = all_ids[order]
        self._revisions = np.concatenate([self._revisions[others], revisions])[order]
        self._keys = np.concatenate([self._keys[others], keys])[order]


def take_stock(
    store: Store,
    ids: Sequence[int],
    at_mjd: float,
    policy: Policy,
    survey: str,
    raised: RaisedKeys | None = None,
) -> Inflow:
    """Count what the alerts of ``ids`` that were never scored add to their nights; nothing is written.

    Alerts of other surveys than this are not counted. ``raised``: what was found before of this store.

    Whole nights are counted anew from the store, so that a run that was cut off counts nothing twice.
    """
    raised = raised or RaisedKeys()
    names = NightKeys.of(store, raised.sites)
    stored = json.loads(survey_table(store, _table_of(survey)) or "{}").get("counts", [])
    counts = {int(key): int(count) for key, count in stored}
    nights = _touched_nights(store, ids, at_mjd)
    if len(nights):
        listed = revisions_entered_on(store, survey, *_about(nights, at_mjd))
        again = raised.of(store, names, *listed)
        again = again[np.isin(nights_and_units(again)[0], nights)]
        touched = set(nights.tolist())
        counts = {key: count for key, count in counts.items() if key // _UNITS not in touched}
        counts |= dict(zip(*(part.tolist() for part in np.unique(again, return_counts=True)), strict=True))
        oldest = scores.latest_mjd(store, survey) - _KEPT_NIGHTS
        counts = {key: count for key, count in counts.items() if key // _UNITS > oldest}
    key = np.array(sorted(counts), dtype=np.int64)
    return Inflow.judged(key, np.array([counts[k] for k in key.tolist()], dtype=np.int64), names, policy)


def _touched_nights(store: Store, ids: Sequence[int], at_mjd: float) -> Ints:
    """Nights that may have raised those of some alerts that were never scored, by their t0."""
    listed = np.array(unscored_days(store, ids, at_mjd), dtype=np.int64)
    return np.unique(listed[:, None] + np.arange(-int(_LISTED_WITHIN) - 1, 2))


def _listed_about(store: Store, nights: Ints, at_mjd: float) -> list[int]:
    """Alerts that some nights may have raised, by their t0, in ascending order: more than they did."""
    return entered_on(store, *_about(nights, at_mjd)) if len(nights) else []


def _about(nights: Ints, at_mjd: float) -> tuple[list[int], float, float]:
    """The days of t0 of what some nights may have raised, until when, and since when it was seen."""
    days = np.unique(nights[:, None] + np.arange(-1, int(_LISTED_WITHIN) + 1))
    # No alert's exposures end long before its t0.
    return days.tolist(), at_mjd, int(days[0]) - _LISTED_WITHIN


def cap_nights(
    store: Store, inflow: Inflow, policy: Policy, at_mjd: float, survey: str
) -> list[UnusualNight]:
    """Show the best of what each unusual night brought, let the rest wait, and keep the warning.

    For alerts that no visit has freed yet; scanners' decisions stay, and count as shown. Call inside a
    transaction. Returns the nights of which some still wait.
    """
    shown: dict[int, int] = {}
    held: dict[int, int] = {}
    if len(inflow.unusual):
        ids = _waiting(store, inflow.unusual, min(scores.latest_mjd(store, survey), at_mjd))
        ids = of_survey(store, ids, survey)
        for key, is_shown in _filed_again(store, inflow, policy, ids, at_mjd):
            side = shown if is_shown else held
            side[key] = side.get(key, 0) + 1
    nights = [
        UnusualNight(
            night=int(key // _UNITS),
            unit=inflow.names.names.get(int(key % _UNITS), "?"),
            alerts=int(count),
            usual=float(usual),
            shown=shown.get(int(key), 0),
            held=held[int(key)],
        )
        for key, count, usual in zip(inflow.key, inflow.count, inflow.usual, strict=True)
        if int(key) in held
    ]
    counts = [list(row) for row in zip(inflow.key.tolist(), inflow.count.tolist(), strict=True)]
    value = json.dumps({"counts": counts, "unusual": [asdict(night) for night in nights]})
    table = _table_of(survey)
    if value != survey_table(store, table):
        put_survey_table(store, table, value)
    return nights


def _table_of(survey: str) -> str:
    return _TABLE if survey == DEFAULT_SURVEY else f"{_TABLE}.{survey}"


def unusual_nights(store: Store) -> list[UnusualNight]:
    """The nights far from usual of which some alerts still wait, as the latest run of scoring left them."""
    tables = [_TABLE, *survey_table_names(store, f"{_TABLE}.")]
    stored = (json.loads(survey_table(store, name) or "{}").get("unusual", []) for name in tables)
    return [UnusualNight(**night) for nights in stored for night in nights]


def inflow_words(store: Store) -> str:
    """A few words for a status bar; "" while nothing is far from usual."""
    nights = unusual_nights(store)
    if not nights:
        return ""
    units = ", ".join(dict.fromkeys(night.unit for night in nights))
    return f"bad night ({units}): {sum(night.held for night in nights):,} held back"


def _waiting(store: Store, unusual: Ints, now_mjd: float) -> list[int]:
    """Scored alerts that an unusual night may have raised, as long as visits may free them."""
    nights = np.unique(nights_and_units(unusual)[0])
    found = _listed_about(store, nights[nights > now_mjd - _LISTED_WITHIN - N_DAYS], np.inf)
    return filed_among(store, found)


def _filed_again(
    store: Store, inflow: Inflow, policy: Policy, ids: list[int], at_mjd: float
) -> Iterable[tuple[int, bool]]:
    """File what still waits of unusual nights; the key of each that could be shown, and whether it is."""
    records = scores.read_records(store, ids)
    curves = light_curves(store, ids).since(records.t0_mjd - HISTORY_DAYS)
    visits = visits_of(curves, records.t0_mjd, at_mjd)
    keys = visit_keys(curves, records.t0_mjd, visits, inflow.names)
    held = held_visits(keys, visits.exists, inflow.unusual)
    latest = scores.latest_standing(store, ids)
    rows = np.flatnonzero(held[np.arange(len(ids)), np.minimum(latest.day, N_DAYS - 1)])
    lists = file_alerts(
        PolicyInput(
            visit=latest.visit[rows],
            rank=latest.rank[rows],
            max_rank=latest.max_rank[rows],
            mean_rank=latest.mean_rank[rows],
            pfast=latest.pfast[rows],
            is_gal_cand=latest.is_gal_cand[rows],
            host_mpc=host_mpc_of(records)[rows],
            may_discard=np.ones(len(rows), dtype=bool),
        ),
        policy,
    )
    could = np.isin(lists, [name.value for name in FILED_LISTS if name is not ListName.PURGATORY])
    rows, lists = rows[could], lists[could]
    raised = keys[rows, 0]
    kept = best_of_each(latest.rank[rows], raised, policy.night_cap)
    filed = np.where(kept, lists, ListName.PURGATORY.value)
    changed = np.flatnonzero(filed != latest.filed[rows])
    file_again(store, zip(filed[changed].tolist(), records.alert_id[rows][changed].tolist(), strict=True))
    return zip(raised.tolist(), kept.tolist(), strict=True)
