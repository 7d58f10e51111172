"""Observing: alerts of one kind, from the place where they are to be found to the columns of a batch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.survey.simulator import detect, hosts
from vra_tui.survey.simulator.batch import Batch, Column, Section
from vra_tui.survey.simulator.instrument import Instrument
from vra_tui.survey.simulator.kinds import explosion, mover, outburst, residual, variable
from vra_tui.survey.simulator.kinds.draw import Anchor, Epochs, Floats, Truth, lognormal
from vra_tui.survey.simulator.kinds.spec import Explosion, Kind, Mover, Outburst, Residual, Score, Variable
from vra_tui.survey.simulator.places import Place
from vra_tui.survey.simulator.scenario import Guest
from vra_tui.survey.simulator.schedule import CYAN, Schedule
from vra_tui.survey.simulator.sky import Extinction

Ints = NDArray[np.int64]
#: Steps by which the alert night of a residual is made worse until three of its exposures show it.
_WORSE = (0.0, 0.5, 0.9, 1.3, 1.7, 2.1, 2.5, 3.0)
_FORCED_BEFORE = 30.0


@dataclass(frozen=True, eq=False)
class Survey:
    """What all alerts have in common. ``stream``: MJD between which t0 may lie; ``history``: days before it.

    ``flags``: whether t0 is known to the second (``time``), or only its date, as in old records (``date``).
    """

    instrument: Instrument
    schedule: Schedule
    extinction: Extinction
    stream: tuple[float, float]
    history: float
    forced: str
    flags: str


@dataclass(frozen=True, eq=False)
class Request:
    """So many alerts of a kind at a place; a guest, or a bad night's scores, set apart from the kind's own."""

    name: str
    kind: Kind
    count: int
    place: Place
    guest: Guest | None = None
    logit: tuple[float, float] | None = None


def observe(survey: Survey, request: Request, tries: int, rng: np.random.Generator) -> Batch:
    """Simulate ``tries`` sources; the batch holds those that become alerts within the stream."""
    anchor, visit = _anchor(survey, request.place, tries, rng)
    parameters, truth = _draw(request.kind, anchor, rng)
    if request.guest is not None:
        _as_told(request.guest, parameters, truth)
    epochs, exposure = _epochs(survey, anchor)
    flux = _flux(request.kind, parameters, epochs, rng)
    error = detect.flux_error(survey.schedule.limit[exposure])
    seen = detect.look(flux, error, survey.instrument.detection, rng)
    of_visit = survey.schedule.visit[exposure] == visit[epochs.owner]
    if isinstance(request.kind, Residual):
        _insist(survey, parameters, epochs, of_visit, seen, rng)
    counted = rng.random(epochs.nights) >= request.kind.overlooked
    counted[epochs.night[of_visit]] = True
    raised = detect.first_alert(seen.detected & (seen.flux > 0), epochs.owner, epochs.night, counted, tries)
    low, high = survey.stream
    listed = np.where(raised >= 0, epochs.mjd[raised], -np.inf)
    kept = np.flatnonzero((listed >= low) & (listed < high))
    return _columns(survey, request, anchor, parameters, truth, epochs, exposure, seen, raised, kept, rng)


def _anchor(survey: Survey, place: Place, n: int, rng: np.random.Generator) -> tuple[Anchor, Ints]:
    visit = place.draw(n, rng)
    visits = survey.schedule.visits
    ra, dec = survey.schedule.cells.draw(visits.cell[visit], rng)
    if place.position is not None:
        ra, dec = (np.full(n, value) for value in place.position)
    ebv = survey.extinction(ra, dec)
    return Anchor(ra, dec, ebv, visits.mjd[visit], survey.stream), visit


def _draw(kind: Kind, anchor: Anchor, rng: np.random.Generator) -> tuple[dict[str, Floats], Truth]:
    if isinstance(kind, Explosion):
        return explosion.draw(kind, anchor, rng)
    if isinstance(kind, Outburst):
        return outburst.draw(kind, anchor, rng)
    if isinstance(kind, Variable):
        return variable.draw(kind, anchor, rng)
    if isinstance(kind, Residual):
        return residual.draw(kind, anchor, rng)
    return mover.draw(kind, anchor, rng)


def _flux(
    kind: Kind, parameters: dict[str, Floats], epochs: Epochs, rng: np.random.Generator
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


def _as_told(guest: Guest, parameters: dict[str, Floats], truth: Truth) -> None:
    """Make an explosion the guest that the scenario tells of."""
    if guest.peak_mag is not None:
        parameters["peak"][:] = truth.peak_mag[:] = guest.peak_mag
    if guest.redshift is not None:
        truth.redshift[:] = guest.redshift
    if guest.again:
        parameters["again"][:] = guest.again
        parameters["again_after"][:] = guest.again_after


def _epochs(survey: Survey, anchor: Anchor) -> tuple[Epochs, Ints]:
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
    epochs = Epochs(
        schedule.mjd[exposure], owner, night, nights, schedule.filter[exposure] == CYAN, schedule.unit[exposure]
    )
    return epochs, exposure


def _insist(
    survey: Survey,
    parameters: dict[str, Floats],
    epochs: Epochs,
    of_visit: NDArray[np.bool_],
    seen: detect.Seen,
    rng: np.random.Generator,
) -> None:
    """Redraw the night of the alert, worse each time, for the residuals that it does not show three times."""
    n = len(parameters["magnitude"])
    pool = np.flatnonzero(of_visit)
    for worse in _WORSE:
        found = np.bincount(epochs.owner[pool], weights=seen.detected[pool], minlength=n)
        again = pool[found[epochs.owner[pool]] < detect.DETECTIONS_FOR_AN_ALERT]
        if not len(again):
            return
        part = epochs.select(again)
        pushed = {**parameters, "magnitude": parameters["magnitude"] - worse * parameters["nightly"]}
        flux = residual.flux(pushed, part, rng)
        fresh = detect.look(flux, seen.error[again], survey.instrument.detection, rng)
        seen.flux[again], seen.detected[again] = fresh.flux, fresh.detected
        seen.chance[again] = fresh.chance


def _columns(
    survey: Survey,
    request: Request,
    anchor: Anchor,
    parameters: dict[str, Floats],
    truth: Truth,
    epochs: Epochs,
    exposure: Ints,
    seen: detect.Seen,
    raised: Ints,
    kept: Ints,
    rng: np.random.Generator,
) -> Batch:
    """The batch of the sources that were kept."""
    n = len(kept)
    row = np.full(len(anchor), -1)
    row[kept] = np.arange(n)
    owner = row[epochs.owner]
    schedule, figures = survey.schedule, survey.instrument.detection
    found = np.flatnonzero(seen.detected & (owner >= 0))
    missed = np.flatnonzero(~seen.detected & (owner >= 0))
    ra, dec = _positions(request.kind, survey, anchor, parameters, epochs, exposure, seen, found, rng)
    mag, magerr = detect.magnitudes(seen.flux[found], seen.error[found], rng)

    def about(rows: Ints) -> dict[str, Column]:
        chosen = exposure[rows]
        return {
            "mjd": schedule.mjd[chosen],
            "limit": np.round(schedule.limit[chosen].astype(np.float64), 2),
            "filter": schedule.filter[chosen],
            "unit": schedule.unit[chosen],
            "night": schedule.night[chosen],
            "number": schedule.number[chosen],
        }

    measured = {"mag": mag, "magerr": magerr, "ra": ra, "dec": dec, "fwhm": schedule.fwhm[exposure[found]]}
    detections = Section.by_owner(owner[found], n, {**about(found), **measured})
    listing = np.searchsorted(found, raised[kept])
    hours = lognormal((figures.ingest_hours, figures.ingest_dex), n, rng)
    t0 = np.round((epochs.mjd[raised[kept]] + hours / 24.0) * 86400.0) / 86400.0
    if survey.flags == "date":
        t0 = np.floor(t0) + 1.0
    ratio = np.abs(seen.flux[raised[kept]]) / seen.error[raised[kept]]
    scores = request.kind.scores
    if request.logit is not None:
        scores = (Score(share=1.0, normal=request.logit),)
    rb_pix = hosts.real_bogus(scores, ratio.astype(np.float64), rng)
    matches = hosts.matches(request.kind.matches, truth.redshift[kept], truth.peak_mag[kept], rng)
    forced, is_forced = _forced(survey, epochs, exposure, owner, seen, t0, rb_pix, request.kind, n)
    alerts: dict[str, Column] = {
        "atlas_id": np.zeros(n, dtype=np.int64),
        "name": np.full(n, "", dtype="<U11"),
        "ra": ra[listing],
        "dec": dec[listing],
        "t0_mjd": t0,
        "rb_pix": rb_pix,
        "realbogus_factor": np.round(rb_pix ** (2.0 + 2.0 * rng.random(n)), 6),
        "sherlock": matches.pop("sherlock").astype("<U8"),
        "forced": is_forced,
    }
    matches["catalogue"] = matches["catalogue"].astype("<U6")
    tns = _tns(request.kind, epochs.mjd[raised[kept]], t0, mag[listing], float(schedule.mjd.max()), rng)
    return Batch(
        alerts, matches, tns, _truth(request, truth, kept, n), detections, _missed(missed, owner, n, about), forced
    )


def _missed(missed: Ints, owner: Ints, n: int, about) -> Section:  # type: ignore[no-untyped-def]
    return Section.by_owner(owner[missed], n, about(missed))


def _positions(
    kind: Kind,
    survey: Survey,
    anchor: Anchor,
    parameters: dict[str, Floats],
    epochs: Epochs,
    exposure: Ints,
    seen: detect.Seen,
    found: Ints,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """RA and Dec of detections, degrees to five decimals."""
    owner = epochs.owner[found]
    spread = detect.position_error(
        seen.flux[found], seen.error[found], survey.schedule.fwhm[exposure[found]], survey.instrument.detection
    )
    spread[seen.chance[found]] = 1.5
    spread = np.hypot(spread, lognormal(kind.jitter, len(anchor), rng)[owner])
    # Every exposure of a visit is guided alike badly.
    visit, of_visit = np.unique(survey.schedule.visit[exposure[found]], return_inverse=True)
    guiding = lognormal(survey.instrument.detection.tracking_ra, len(visit), rng)[of_visit]
    east, north = rng.standard_normal((2, len(found)))
    east, north = east * np.hypot(spread, guiding), north * spread
    if isinstance(kind, Residual):
        east += parameters["streak_ra"][owner] * rng.standard_normal(len(found))
        north += parameters["streak_dec"][owner] * rng.standard_normal(len(found))
    elif isinstance(kind, Mover):
        along, up = mover.displacement(parameters, owner, epochs.mjd[found])
        near = ~seen.chance[found]
        east, north = east + along * near, north + up * near
    ra = anchor.ra[owner] + east / 3600.0 / np.cos(np.radians(anchor.dec[owner]))
    dec = np.clip(anchor.dec[owner] + north / 3600.0, -90.0, 90.0)
    return np.round(ra % 360.0, 5) % 360.0, np.round(dec, 5)


def _forced(
    survey: Survey,
    epochs: Epochs,
    exposure: Ints,
    owner: Ints,
    seen: detect.Seen,
    t0: Floats,
    rb_pix: Floats,
    kind: Kind,
    n: int,
) -> tuple[Section, NDArray[np.bool_]]:
    """Photometry forced from a month before t0 on, for the alerts that somebody asked it for."""
    if survey.forced == "all":
        wanted = np.ones(n, dtype=bool)
    elif survey.forced == "promising":
        wanted = (rb_pix > 0.9) & np.full(n, kind.label in ("good", "galactic"))
    else:
        wanted = np.zeros(n, dtype=bool)
    if not wanted.any():
        rows = np.zeros(0, dtype=np.int64)
    else:
        mine = np.flatnonzero(owner >= 0)
        mine = mine[wanted[owner[mine]]]
        rows = mine[(epochs.mjd[mine] >= t0[owner[mine]] - _FORCED_BEFORE) & ~seen.chance[mine]]
    chosen = exposure[rows]
    schedule = survey.schedule
    columns: dict[str, Column] = {
        "mjd": schedule.mjd[chosen],
        "flux": np.round(seen.flux[rows].astype(np.float64), 2),
        "dflux": np.round(seen.error[rows].astype(np.float64), 2),
        "limit": np.round(schedule.limit[chosen].astype(np.float64), 2),
        "filter": schedule.filter[chosen],
        "unit": schedule.unit[chosen],
        "night": schedule.night[chosen],
        "number": schedule.number[chosen],
    }
    return Section.by_owner(owner[rows], n, columns), wanted


def _tns(
    kind: Kind, found: Floats, t0: Floats, mag: Floats, end: float, rng: np.random.Generator
) -> dict[str, Column]:
    """Rows of the Transient Name Server: listed some days later, by us or by others, if at all by the end."""
    n = len(t0)
    others = rng.random(n) < 0.45
    discovered = np.where(others, found - rng.exponential(2.0, n), found)
    listed = t0 + lognormal(kind.tns_delay, n, rng) * np.where(others, 0.5, 1.0)
    present = (rng.random(n) < kind.tns) & (listed <= end)
    who = np.array(["ATLAS", "ZTF", "Pan-STARRS", "GOTO", "BlackGEM"])
    by = np.where(others, who[1 + hosts.choose([0.6, 0.15, 0.2, 0.05], n, rng)], who[0])
    return {
        "present": present,
        "discovered": discovered,
        "listed": listed,
        "discoverer": by.astype("<U10"),
        "magnitude": np.round(np.abs(mag), 2),
        "separation": np.round(np.abs(rng.standard_normal(n)) * 0.3, 4),
        "suffix": rng.integers(0, 26**3, n),
    }


def _truth(request: Request, truth: Truth, kept: Ints, n: int) -> dict[str, Column]:
    duration = truth.duration[kept]
    speed = np.select(
        [np.isnan(duration), duration < 12.0, duration <= 60.0], ["", "fast", "normal"], default="slow"
    ).astype("<U6")
    return {
        "kind": np.full(n, request.name, dtype="<U20"),
        "label": np.full(n, request.kind.label, dtype="<U8"),
        "speed": speed,
        "peak_mag": np.round(truth.peak_mag[kept], 3),
        "peak_mjd": np.round(truth.peak_mjd[kept], 3),
        "explosion_mjd": np.round(truth.start_mjd[kept], 3),
        "duration": np.round(duration, 2),
        "peak_absolute": np.round(truth.absolute[kept], 2),
        "redshift": np.round(truth.redshift[kept], 5),
        "early_peak": truth.early_peak[kept],
    }
