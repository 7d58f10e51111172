"""Renewing insights: reasons, scope, light-curve labels, follow-up, anomalies and observing windows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.distance import modulus_of_distance
from vra_tui.domain.extinction import coefficients
from vra_tui.domain.light_curve import LightCurves
from vra_tui.domain.observability import Nights, closing, nights_at, tonight
from vra_tui.domain.site import Site
from vra_tui.lightcurve.anomaly import find_anomalies
from vra_tui.lightcurve.broad_labels import TOO_EARLY, label
from vra_tui.lightcurve.fit import Fits, fit
from vra_tui.lightcurve.flux_epochs import photometry
from vra_tui.pipeline.feature_rows import FeatureRows, rests_on_stream
from vra_tui.pipeline.feature_tables import host_mpc_of
from vra_tui.ranking.followup import FollowUpFacts, FollowUpRule, follow_up
from vra_tui.ranking.lists import ListName
from vra_tui.scoring.model.judges import Judge, reasons_by, scope_by
from vra_tui.scoring.stages import STAGES, stage_of_day
from vra_tui.store import Store, insight_table
from vra_tui.store.codes import band_names
from vra_tui.store.connection import transaction
from vra_tui.store.curves import light_curves
from vra_tui.store.insight_table import NIGHTS_TABLE, Insight
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.scores import Records, latest_mjd, read_records
from vra_tui.surveys import known_sites

Floats = NDArray[np.float64]

#: Alerts whose insights are derived and written together.
CHUNK = 500
#: Light curves are fitted from so many days before t0: what lies earlier is another event.
_FIT_FROM_DAYS = 30.0
#: Nights in a fresh table of the sites' nights, and those that must be left before it is made anew.
_NIGHTS, _NIGHTS_LEFT = 150, 75


@dataclass(frozen=True, eq=False)
class _Chunk:
    """What the steps below share, for n alerts in ascending order of id. ``score_mjd``: of their visits."""

    rows: list[ListRow]
    records: Records
    curves: LightCurves
    score_mjd: Floats
    now_mjd: float
    bands: Mapping[int, str]

    @property
    def host_mpc(self) -> Floats:
        """Distance of each alert's host."""
        return host_mpc_of(self.records)


#: Fields of `Insight` for each alert of a chunk.
Fields = Iterable[dict[str, Any]]


def renew_insights(
    store: Store,
    *judges: Judge,
    rule: FollowUpRule | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    at_once: int = CHUNK,
    sites: Sequence[Site] | None = None,
) -> int:
    """Derive insights anew where they are stale, for alerts that wait or are followed; how many.

    ``at_once``: so many are derived and written together; ``on_progress`` is called after each time.
    ``sites``: of the surveys at hand, by which windows end; looked for without.

    Reasons and scope are told for the latest score by the one of the ``judges`` that gave it: an alert last
    scored by another gets none. Light curves are fitted with all data there are.
    """
    rule = rule or FollowUpRule()
    now_mjd = latest_mjd(store)
    if np.isnan(now_mjd):
        return 0
    nights = _nights(store, now_mjd, known_sites() if sites is None else sites)
    ids = insight_table.stale_insights(store, now_mjd, rule.now_days)
    for first in range(0, len(ids), at_once):
        chunk = _read(store, ids[first : first + at_once], now_mjd)
        insights = _derive(store, chunk, judges, rule, nights)
        with transaction(store):
            insight_table.put_insights(store, insights)
        on_progress(first + len(insights), len(ids))
    return len(ids)


def _read(store: Store, ids: Sequence[int], now_mjd: float) -> _Chunk:
    records = read_records(store, ids)
    rows = list_rows(store, ids)
    score_mjd = np.array([row.score_mjd for row in rows], dtype=np.float64)
    return _Chunk(rows, records, light_curves(store, ids), score_mjd, now_mjd, band_names(store))


def _derive(
    store: Store, chunk: _Chunk, judges: Sequence[Judge], rule: FollowUpRule, nights: Nights
) -> list[Insight]:
    steps = (
        _identity(chunk),
        _reasons(store, chunk, judges),
        _labels(chunk),
        _follow_up(chunk, rule),
        _anomalies(chunk),
        _windows(chunk, nights),
    )
    return [
        Insight(**{name: value for part in parts for name, value in part.items()})
        for parts in zip(*steps, strict=True)
    ]


def _identity(chunk: _Chunk) -> Fields:
    for row, revision, mjd in zip(chunk.rows, chunk.records.revision, chunk.score_mjd, strict=True):
        yield {
            "alert_id": row.alert_id,
            "revision": int(revision),
            "mjd": float(mjd),
            "model": row.model or "",
        }


def _reasons(store: Store, chunk: _Chunk, judges: Sequence[Judge]) -> Fields:
    fields: list[dict[str, Any]] = [{"reasons": [], "scope": None, "outside": []} for _ in chunk.rows]
    for judge, stage in product(judges, STAGES):
        mine = [
            index
            for index, row in enumerate(chunk.rows)
            if (row.survey, row.model) == (judge.survey, judge.name)
            and row.day is not None
            and stage_of_day(row.day) == stage
        ]
        if not mine:
            continue
        columns = judge.columns(stage)
        read, index = FeatureRows(chunk.records, chunk.curves), np.array(mine, dtype=np.int64)
        if rests_on_stream(columns):
            read = FeatureRows.read(store, chunk.records.alert_id[index].tolist(), columns)
            index = np.arange(len(mine))
        table = read.table(columns, index, chunk.score_mjd[mine])
        reasons, where = reasons_by(judge, table, stage), scope_by(judge, table, stage)
        for row, target in enumerate(mine):
            fields[target] = {
                "reasons": [_without_nan(asdict(reason)) for reason in reasons.of(row)],
                "scope": _number(where.measure[row]),
                "outside": where.words(row),
            }
    return fields


def _labels(chunk: _Chunk) -> Fields:
    records = chunk.records
    data = photometry(chunk.curves).between(records.t0_mjd - _FIT_FROM_DAYS, np.inf)
    fits = fit(data)
    # What stands between the apparent and the absolute magnitude: distance and dust.
    between = modulus_of_distance(chunk.host_mpc) + _extinction(fits, records.ebv_sfd, chunk.bands)
    labels = label(fits, between)
    for row in range(len(chunk.rows)):
        speed = str(labels.speed[row])
        yield {
            "speed": speed,
            "luminosity": str(labels.luminosity[row]) if np.isfinite(between[row]) else None,
            "structure": str(labels.structure[row]),
            "duration_days": None if speed == TOO_EARLY else _number(fits.duration[row, 1]),
            "peak_mjd": _number(fits.peak_mjd[row]),
            "absolute_mag": _number(labels.absolute[row, 1]),
        }


def _extinction(fits: Fits, ebv: Floats, bands: Mapping[int, str]) -> Floats:
    """Extinction at peak of n fits, magnitudes, in the band in which each is brightest; NaN where unknown.

    A position without E(B-V) counts as free of dust.
    """
    if not len(fits.filters):
        return np.full(len(fits), np.nan)
    brightest = np.argmax(np.where(np.isnan(fits.peak_flux), -np.inf, fits.peak_flux), axis=1)
    of_band = coefficients(bands.get(code, "?") for code in fits.filters.tolist())
    return of_band[brightest] * np.nan_to_num(ebv)


def _follow_up(chunk: _Chunk, rule: FollowUpRule) -> Fields:
    def column(values: Iterable[float | None]) -> Floats:
        return np.array(list(values), dtype=np.float64)

    facts = FollowUpFacts(
        rank=column(row.rank for row in chunk.rows),
        pfast=column(row.pfast for row in chunk.rows),
        host_mpc=chunk.host_mpc,
        mag=column(row.last_mag for row in chunk.rows),
        age_days=chunk.now_mjd - chunk.records.t0_mjd,
    )
    answers, words = follow_up(facts, rule)
    for answer, why in zip(answers.tolist(), words, strict=True):
        yield {"follow_up": answer, "follow_up_rule": why}


def _anomalies(chunk: _Chunk) -> Fields:
    followed = [row.decided_list == ListName.FOLLOWUP for row in chunk.rows]
    reasons = np.full(len(chunk.rows), "", dtype=object)
    index = np.flatnonzero(followed)
    if len(index):
        t0 = chunk.records.t0_mjd[index]
        data = photometry(chunk.curves.take(index)).between(t0 - _FIT_FROM_DAYS, np.inf)
        reasons[index] = find_anomalies(data, t0).reason
    for reason in reasons.tolist():
        yield {"anomaly": str(reason) or None}


def _windows(chunk: _Chunk, nights: Nights) -> Fields:
    for ends in closing(nights, chunk.records.ra, chunk.records.dec).ends_mjd:
        yield {"window_ends_mjd": _number(ends)}


def _nights(store: Store, now_mjd: float, sites: Sequence[Site]) -> Nights:
    """The nights at the survey's sites from tonight on; made anew, with all windows, before they run out."""
    here = tonight(now_mjd, sites)
    stored = insight_table.survey_table(store, NIGHTS_TABLE)
    if stored is not None:
        nights = Nights.from_json(stored)
        if nights.first_night <= here <= nights.first_night + len(nights) - _NIGHTS_LEFT:
            return nights.since(here)
    nights = nights_at(sites, here, _NIGHTS)
    positions = np.array(insight_table.all_positions(store), dtype=object).reshape(-1, 3)
    ends = closing(nights, positions[:, 1].astype(float), positions[:, 2].astype(float)).ends_mjd
    with transaction(store):
        insight_table.put_survey_table(store, NIGHTS_TABLE, nights.to_json().decode())
        insight_table.put_window_ends(store, zip(map(_number, ends), positions[:, 0].tolist(), strict=True))
    return nights


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _without_nan(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in fields.items()}
