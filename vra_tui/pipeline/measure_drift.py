"""Measure drift of the store's latest nights, and keep the verdict for the screen."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.errors import VraError
from vra_tui.features.table import FeatureTable
from vra_tui.features.vra import VraContext
from vra_tui.lightcurve.windows import HISTORY_DAYS
from vra_tui.pipeline.cap_inflow import NightKeys, nights_and_units, raised_keys
from vra_tui.pipeline.feature_rows import rests_on_stream
from vra_tui.pipeline.feature_tables import context_of, features_for
from vra_tui.ranking.inflow import RECENT_NIGHTS
from vra_tui.ranking.policy import Policy
from vra_tui.scoring.drift.columns import STAGE, entry_columns
from vra_tui.scoring.drift.sentences import sentences, short_words
from vra_tui.scoring.drift.stream import EntryStream
from vra_tui.scoring.drift.training import TrainingShift, against_training
from vra_tui.scoring.drift.verdict import AlarmLimits, Assessment, assess
from vra_tui.scoring.model.trained import Model, purpose_of
from vra_tui.store import Store, drift_verdict
from vra_tui.store.connection import transaction
from vra_tui.store.curves import light_curves
from vra_tui.store.decision_ids import timestamp
from vra_tui.store.drift_verdict import StoredVerdict
from vra_tui.store.objects import of_survey
from vra_tui.store.scores import read_records

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Nights on each side of the comparison, unless more or fewer are asked for.
DAYS = 7
#: Light curves that are in memory at once.
_CHUNK = 4_000
#: t0 lies this long after the night that raised the alert, at most.
_LISTED_WITHIN = 2.5
#: The name under which a store keeps exposures without a unit, and their first night: never new.
_NO_UNIT, _LONG_AGO = "?", 0


class DriftError(VraError):
    """Drift that cannot be measured; the message says why."""


@dataclass(frozen=True, eq=False)
class DriftMeasurement:
    """A verdict with all it rests on.

    ``training``: recent alerts against the training rows, by unit ("" for all) and feature.
    """

    verdict: StoredVerdict
    assessment: Assessment
    stream: EntryStream
    training: dict[str, dict[str, TrainingShift]]


def measure_drift(
    store: Store,
    model: Model,
    *,
    clock: Callable[[], datetime],
    days: int = DAYS,
    at_mjd: float = np.inf,
    policy: Policy | None = None,
    limits: AlarmLimits | None = None,
) -> DriftMeasurement:
    """Hold the alerts of the last ``days`` nights (by ``at_mjd``) against those before. Writes nothing.

    All alerts of the model's survey are compared as they stood at their entry, by the scores of ``model``: a
    change of the model in use is no drift. Raises DriftError for a store without alerts.
    """
    policy, limits = policy or Policy(), limits or AlarmLimits()
    if rests_on_stream(model.columns(STAGE)):
        raise DriftError(
            f"{purpose_of(model)}; drift is measured on ATLAS's published features alone. Nothing was "
            "measured."
        )
    t0 = drift_verdict.latest_t0(store, at_mjd, model.survey)
    if np.isnan(t0):
        raise DriftError("The store holds no alert (by then): there is nothing to measure drift on.")
    ids = drift_verdict.entered_between(store, t0 - 2 * days - RECENT_NIGHTS - _LISTED_WITHIN, t0)
    ids = of_survey(store, ids, model.survey)
    stream = read_stream(store, model, ids, policy)
    assessment = assess(stream, int(stream.night.max()), days, limits, policy)
    verdict = StoredVerdict(
        status=assessment.status.value,
        words=short_words(assessment),
        sentences=sentences(assessment, stream, limits),
        units=sorted({f.unit for f in assessment.findings if f.unit is not None}),
        nights=sorted({f.night for f in assessment.findings if f.night is not None}),
        t0_mjd=t0,
        days=days,
        model=model.name,
        made_at=timestamp(clock()),
    )
    return DriftMeasurement(verdict, assessment, stream, _training(model, stream.between(*assessment.recent)))


def _training(model: Model, recent: EntryStream) -> dict[str, dict[str, TrainingShift]]:
    parts = {"": recent} | {name: recent.of_unit(unit) for unit, name in enumerate(recent.units)}
    return {
        name: against_training(model, STAGE, part.features, part.column("preal"))
        for name, part in parts.items()
    }


def drift_warnings(store: Store, model: Model, *, clock: Callable[[], datetime], policy: Policy) -> list[str]:
    """Return warnings for the user after scoring; measures anew only when a night has come since."""
    kept = drift_verdict.stored_verdict(store)
    t0 = drift_verdict.latest_t0(store, survey=model.survey)
    if np.isnan(t0):
        return []
    if kept is None or kept.model != model.name or np.floor(t0) != np.floor(kept.t0_mjd):
        days = DAYS if kept is None else kept.days
        found = measure_drift(store, model, clock=clock, days=days, policy=policy)
        kept = keep_verdict(store, found)
    return [f"{kept.words} (`vra drift` says more)"] if kept.words else []


def keep_verdict(store: Store, drift: DriftMeasurement) -> StoredVerdict:
    """Keep a verdict for the screen, in place of the one before."""
    with transaction(store):
        drift_verdict.put_verdict(store, drift.verdict)
    return drift.verdict


def read_stream(store: Store, model: Model, ids: list[int], policy: Policy) -> EntryStream:
    """The named alerts (ascending) at their entry, with scores by ``model``."""
    return stream_of(
        _parts(store, ids),
        NightKeys.of(store),
        model,
        policy,
        drift_verdict.decided_shares(store, ids),
    )


def _parts(store: Store, ids: list[int]) -> Iterator[tuple[LightCurves, VraContext]]:
    for first in range(0, len(ids), _CHUNK):
        records = read_records(store, ids[first : first + _CHUNK])
        curves = light_curves(store, ids[first : first + _CHUNK])
        yield curves.since(records.t0_mjd - HISTORY_DAYS), context_of(records)


def stream_of(
    parts: Iterable[tuple[LightCurves, VraContext]],
    keys: NightKeys,
    model: Model,
    policy: Policy,
    decided: Mapping[str, Floats],
) -> EntryStream:
    """A stream from the light curves and records of alerts, part by part; at least one part.

    ``decided``: see `entry_columns`.
    """
    tables, raised = [], []
    first_night = np.full(len(keys.longitude), np.iinfo(np.int64).max)
    for curves, context in parts:
        _note_first_nights(curves, keys, first_night)
        raised.append(raised_keys(curves, context.t0_mjd, keys))
        # P(fast) is no part of the rank, and its features cost more than all others.
        tables.append(features_for(model.columns_for_rank(STAGE), curves, context, context.t0_mjd))
    table = FeatureTable(
        np.concatenate([part.alert_id for part in tables]),
        tables[0].names,
        np.concatenate([part.values for part in tables]),
    )
    night, code = nights_and_units(np.concatenate(raised))
    known, unit = np.unique(code, return_inverse=True)
    columns, values = entry_columns(model, table, policy, decided)
    names = [keys.names.get(int(one), _NO_UNIT) for one in known]
    # Exposures of which the unit is not known are of none that could be new.
    first_night[[one for one in known if keys.names.get(int(one), _NO_UNIT) == _NO_UNIT]] = _LONG_AGO
    return EntryStream(night, unit, tuple(names), first_night[known], columns, values)


def _note_first_nights(curves: LightCurves, keys: NightKeys, first_night: Ints) -> None:
    """Lower ``first_night``, shape (256,), to the earliest exposure of each unit code among these."""
    for epochs in (curves.detections, curves.nondetections):
        night, unit = nights_and_units(keys.at(epochs.mjd, epochs.instrument.astype(np.int64)))
        np.minimum.at(first_night, unit, night)
