"""Observe sources of one kind, from their positions to the alerts that they raise."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator import detect
from vra_tui.simulator.batch import Batch
from vra_tui.simulator.draw_visits import VisitChoice
from vra_tui.simulator.kinds import explosion, mover, outburst, residual, variable
from vra_tui.simulator.kinds.draw import DrawnTruth, ExposureTimes, FindingVisits, Floats
from vra_tui.simulator.kinds.spec import Explosion, Kind, Outburst, Residual, Variable
from vra_tui.simulator.record import AlertRequest, ObservedSources, SimulatedSurvey, record
from vra_tui.simulator.tint import tint

Ints = NDArray[np.int64]
#: Steps by which the alert night of a residual is made worse until three of its exposures show it.
_WORSE = (0.0, 0.5, 0.9, 1.3, 1.7, 2.1, 2.5, 3.0)


def observe(survey: SimulatedSurvey, request: AlertRequest, tries: int, rng: np.random.Generator) -> Batch:
    """Simulate ``tries`` sources; the batch holds those that become alerts within the stream."""
    anchor, visit = _anchor(survey, request.place, tries, rng)
    parameters, truth = _draw(request, anchor, survey.nights[0], rng)
    epochs, exposure = _epochs(survey, anchor)
    flux = _flux(request.kind, parameters, epochs, rng)
    error = detect.flux_error(survey.schedule.limit[exposure])
    seen = detect.look(flux, error, survey.instrument.detection, rng)
    of_visit = survey.schedule.visit[exposure] == visit[epochs.owner]
    if isinstance(request.kind, Residual):
        _insist(survey, parameters, epochs, of_visit, seen, rng)
    counted = rng.random(epochs.nights) >= request.kind.overlooked
    if isinstance(request.kind, Residual | Variable):
        counted[epochs.night[of_visit]] = True
    low, high = survey.nights
    figures = survey.instrument.detection
    alerting = seen.detected & (seen.flux > 0)
    if figures.each_alerts:
        # Whatever is detected while the stream lasts is sent, known before or not.
        of_exposure = survey.schedule.night[exposure]
        alerting = seen.detected & (of_exposure >= low) & (of_exposure < high)
    raised = detect.first_alert(alerting, epochs.owner, epochs.night, counted, tries, figures.for_an_alert)
    night = survey.schedule.night[exposure[raised]]
    kept = np.flatnonzero((raised >= 0) & (night >= low) & (night < high))
    watch = ObservedSources(survey, request, anchor, parameters, truth, epochs, exposure, seen)
    return record(watch, kept, raised[kept], rng)


def _anchor(
    survey: SimulatedSurvey, place: VisitChoice, n: int, rng: np.random.Generator
) -> tuple[FindingVisits, Ints]:
    visit = place.draw(n, rng)
    visits = survey.schedule.visits
    ra, dec = survey.schedule.cells.draw(visits.cell[visit], rng)
    if place.position is not None:
        ra, dec = (np.full(n, value) for value in place.position)
    ebv = survey.extinction(ra, dec)
    return FindingVisits(ra, dec, ebv, visits.mjd[visit]), visit


def _draw(
    request: AlertRequest, anchor: FindingVisits, first_mjd: int, rng: np.random.Generator
) -> tuple[dict[str, Floats], DrawnTruth]:
    kind = request.kind
    if isinstance(kind, Explosion):
        if request.guest is not None and request.guest.seed is not None:
            return explosion.draw_shared(kind, anchor, request.guest, first_mjd)
        return explosion.draw(kind, anchor, rng, request.guest)
    if isinstance(kind, Outburst):
        return outburst.draw(kind, anchor, rng)
    if isinstance(kind, Variable):
        return variable.draw(kind, anchor, rng)
    if isinstance(kind, Residual):
        return residual.draw(kind, anchor, rng)
    return mover.draw(kind, anchor, rng)


def _flux(
    kind: Kind, parameters: dict[str, Floats], epochs: ExposureTimes, rng: np.random.Generator
) -> NDArray[np.float32]:
    if isinstance(kind, Explosion):
        return explosion.flux(parameters, epochs)
    if isinstance(kind, Outburst):
        return outburst.flux(parameters, epochs, rng)
    if isinstance(kind, Variable):
        return variable.flux(parameters, epochs)
    if isinstance(kind, Residual):
        return residual.flux(parameters, epochs, rng)
    return mover.flux(parameters, epochs)


def _epochs(survey: SimulatedSurvey, anchor: FindingVisits) -> tuple[ExposureTimes, Ints]:
    """All exposures of each place from the start of its history on, and which exposures they are."""
    schedule = survey.schedule
    cell = schedule.cells.of(anchor.ra, anchor.dec)
    end = np.full(len(anchor), np.inf)
    first, last = schedule.window(cell, anchor.mjd - survey.history, end)
    sizes = last - first
    start = np.concatenate([[0], np.cumsum(sizes)])
    owner = np.repeat(np.arange(len(anchor), dtype=np.int32), sizes)
    exposure = np.arange(start[-1]) + np.repeat(first - start[:-1], sizes)
    visit = schedule.visit[exposure]
    new = np.ones(len(owner), dtype=bool)
    new[1:] = (visit[1:] != visit[:-1]) | (owner[1:] != owner[:-1])
    night = np.cumsum(new, dtype=np.int32) - np.int32(1)
    nights = int(night[-1]) + 1 if len(night) else 0
    epochs = ExposureTimes(
        schedule.mjd[exposure],
        owner,
        night,
        nights,
        tint(schedule.filter[exposure]),
        schedule.unit[exposure],
    )
    return epochs, exposure


def _insist(
    survey: SimulatedSurvey,
    parameters: dict[str, Floats],
    epochs: ExposureTimes,
    of_visit: NDArray[np.bool_],
    seen: detect.MeasuredExposures,
    rng: np.random.Generator,
) -> None:
    """Redraw the night of the alert, worse each time, for the residuals that it does not show three times."""
    n = len(parameters["magnitude"])
    pool = np.flatnonzero(of_visit)
    for worse in _WORSE:
        found = np.bincount(epochs.owner[pool], weights=seen.detected[pool], minlength=n)
        again = pool[found[epochs.owner[pool]] < survey.instrument.detection.for_an_alert]
        if not len(again):
            return
        part = epochs.select(again)
        pushed = {**parameters, "magnitude": parameters["magnitude"] - worse * parameters["nightly"]}
        flux = residual.flux(pushed, part, rng)
        fresh = detect.look(flux, seen.error[again], survey.instrument.detection, rng)
        seen.flux[again], seen.detected[again] = fresh.flux, fresh.detected
        seen.chance[again] = fresh.chance
