"""Record the measurements at every exposure as columns of a batch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator import detect, hosts
from vra_tui.simulator.batch import Batch, Column, Section
from vra_tui.simulator.draw_visits import VisitChoice
from vra_tui.simulator.instrument import Instrument
from vra_tui.simulator.kinds import mover
from vra_tui.simulator.kinds.draw import DrawnTruth, ExposureTimes, FindingVisits, Floats, lognormal
from vra_tui.simulator.kinds.spec import Kind, MatchFigures, Mover, Residual, ScoreFigures
from vra_tui.simulator.scenario import Guest
from vra_tui.simulator.schedule import Schedule
from vra_tui.simulator.sky import Extinction

Ints = NDArray[np.int64]
#: Photometry is forced from so many days before t0 on, for scores above that.
_FORCED_BEFORE, _PROMISING = 30.0, 0.9
#: The stamps of so many days before t0 make the real/bogus score.
_RECENT = 6.0
#: The host of a guest whose redshift the scenario gives.
_KNOWN_HOST = MatchFigures(share=1.0, sherlock="SN", catalogue="galaxy", kpc=(2.0, 0.3), spectroscopic=1.0)
#: A detection of something else lies so far away, arcsec.
_STRAY = 1.5
#: Who reports to the Transient Name Server before us, and how often.
_OTHERS = {"ZTF": 0.6, "Pan-STARRS": 0.15, "GOTO": 0.2, "BlackGEM": 0.05}
_REPORTED_BY_OTHERS = 0.45


@dataclass(frozen=True, eq=False)
class SimulatedSurvey:
    """A simulated survey. ``nights``: the first that may raise one, and the first that may not;
    ``history``: days of exposures before it.

    ``flags``: whether t0 is known to the second (``time``), or only its date, as in old records (``date``).
    """

    instrument: Instrument
    schedule: Schedule
    extinction: Extinction
    nights: tuple[int, int]
    history: float
    forced: str
    flags: str


@dataclass(frozen=True, eq=False)
class AlertRequest:
    """So many alerts of a kind at a place; ``guest`` and a bad night's scores (``logit``) set them apart."""

    name: str
    kind: Kind
    count: int
    place: VisitChoice
    guest: Guest | None = None
    logit: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class ObservedSources:
    """Sources of one kind and what every exposure of their places measured.

    ``parameters`` and ``truth`` by source; ``exposure``: index into the schedule of each of the ``epochs``.
    """

    survey: SimulatedSurvey
    request: AlertRequest
    anchor: FindingVisits
    parameters: dict[str, Floats]
    truth: DrawnTruth
    epochs: ExposureTimes
    exposure: Ints
    seen: detect.MeasuredExposures

    def images(self, epoch: Ints) -> dict[str, Column]:
        """Return what the survey notes of the exposures of the given epochs."""
        chosen, schedule = self.exposure[epoch], self.survey.schedule
        return {
            "mjd": schedule.mjd[chosen],
            "limit": np.round(schedule.limit[chosen].astype(np.float64), 2),
            "filter": schedule.filter[chosen],
            "unit": schedule.unit[chosen],
            "night": schedule.night[chosen],
            "number": schedule.number[chosen],
        }


def record(watch: ObservedSources, kept: Ints, raised: Ints, rng: np.random.Generator) -> Batch:
    """The batch of the sources ``kept``; ``raised``: the epoch that put each of them on the list."""
    n, survey, request, seen = len(kept), watch.survey, watch.request, watch.seen
    row = np.full(len(watch.anchor), -1)
    row[kept] = np.arange(n)
    owner = row[watch.epochs.owner]
    found = np.flatnonzero(seen.detected & (owner >= 0))
    missed = np.flatnonzero(~seen.detected & (owner >= 0))
    detections = Section.by_owner(owner[found], n, _detections(watch, found, rng))
    nondetections = Section.by_owner(owner[missed], n, watch.images(missed))

    listing = np.searchsorted(found, raised)
    t0 = _listed(survey, watch.epochs.mjd[raised], rng)
    scores = request.kind.scores
    if request.logit is not None:
        scores = (ScoreFigures(share=1.0, normal=request.logit),)
    ratio = np.abs(seen.flux[raised]) / seen.error[raised]
    rb_pix = hosts.real_bogus(
        scores,
        ratio.astype(np.float64),
        _recent(watch, owner, found, t0),
        rng,
        survey.instrument.sources.lowest,
    )
    ways = request.kind.matches
    if request.guest is not None and request.guest.redshift is not None:
        ways = (_KNOWN_HOST,)
    matches = hosts.matches(ways, watch.truth.redshift[kept], rng)
    wanted = _wants_forced(survey, rb_pix)
    alerts: dict[str, Column] = {
        "alert_id": np.zeros(n, dtype=np.int64),
        "name": np.full(n, "", dtype="<U20"),
        "object_id": np.full(n, "", dtype="<U20"),
        "ra": detections["ra"][listing],
        "dec": detections["dec"][listing],
        "t0_mjd": t0,
        "rb_pix": rb_pix,
        "realbogus_factor": np.round(rb_pix ** (2.0 + 2.0 * rng.random(n)), 6),
        "sherlock": matches.pop("sherlock").astype("<U8"),
        "forced": wanted,
    }
    mag = detections["mag"][listing].astype(np.float64)
    tns = _reports(request.kind, watch.epochs.mjd[raised], t0, mag, float(survey.schedule.mjd.max()), rng)
    forced = _forced(watch, owner, t0, wanted)
    return Batch(alerts, matches, tns, _truth(request, watch.truth, kept), detections, nondetections, forced)


def _recent(watch: ObservedSources, owner: Ints, found: Ints, t0: Floats) -> Ints:
    """Number of detections of each alert in the days before t0."""
    phase = watch.epochs.mjd[found] - t0[owner[found]]
    return np.bincount(owner[found][(phase < 0) & (phase > -_RECENT)], minlength=len(t0))


def _listed(survey: SimulatedSurvey, mjd: Floats, rng: np.random.Generator) -> Floats:
    """t0 of alerts raised at ``mjd``: once the night's images are reduced, to the second or to the day."""
    figures = survey.instrument.detection
    hours = lognormal((figures.ingest_hours, figures.ingest_dex), len(mjd), rng)
    t0 = np.round((mjd + hours / 24.0) * 86400.0) / 86400.0
    return np.floor(t0) + 1.0 if survey.flags == "date" else t0


def _detections(watch: ObservedSources, found: Ints, rng: np.random.Generator) -> dict[str, Column]:
    mag, magerr = detect.magnitudes(watch.seen.flux[found], watch.seen.error[found], rng)
    ra, dec = _positions(watch, found, rng)
    fwhm = watch.survey.schedule.fwhm[watch.exposure[found]]
    return {**watch.images(found), "mag": mag, "magerr": magerr, "ra": ra, "dec": dec, "fwhm": fwhm}


def _positions(watch: ObservedSources, found: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """RA and Dec of detections, degrees, to as many decimals as are delivered."""
    kind, anchor, seen, exposure = watch.request.kind, watch.anchor, watch.seen, watch.exposure[found]
    owner, figures = watch.epochs.owner[found], watch.survey.instrument.detection
    fwhm = watch.survey.schedule.fwhm[exposure]
    spread = detect.position_error(seen.flux[found], seen.error[found], fwhm, figures)
    spread[seen.chance[found]] = _STRAY
    spread = np.hypot(spread, lognormal(kind.jitter, len(anchor), rng)[owner])
    # Every exposure of a visit is guided alike badly.
    visit, of_visit = np.unique(watch.survey.schedule.visit[exposure], return_inverse=True)
    guiding = lognormal(figures.tracking_ra, len(visit), rng)[of_visit]
    east, north = rng.standard_normal((2, len(found)))
    east, north = east * np.hypot(spread, guiding), north * spread
    if isinstance(kind, Residual):
        east += watch.parameters["streak_ra"][owner] * rng.standard_normal(len(found))
        north += watch.parameters["streak_dec"][owner] * rng.standard_normal(len(found))
    elif isinstance(kind, Mover):
        along, up = mover.displacement(watch.parameters, owner, watch.epochs.mjd[found])
        near = ~seen.chance[found]
        east, north = east + along * near, north + up * near
    ra = anchor.ra[owner] + east / 3600.0 / np.cos(np.radians(anchor.dec[owner]))
    dec = np.clip(anchor.dec[owner] + north / 3600.0, -90.0, 90.0)
    return np.round(ra % 360.0, figures.decimals) % 360.0, np.round(dec, figures.decimals)


def _wants_forced(survey: SimulatedSurvey, rb_pix: Floats) -> NDArray[np.bool_]:
    """For which alerts somebody asks for forced photometry: by the score, since nobody knows the truth."""
    if survey.forced == "promising":
        return rb_pix > _PROMISING
    return np.full(len(rb_pix), survey.forced == "all")


def _forced(watch: ObservedSources, owner: Ints, t0: Floats, wanted: NDArray[np.bool_]) -> Section:
    mine = np.flatnonzero(owner >= 0)
    mine = mine[wanted[owner[mine]]]
    rows = mine[(watch.epochs.mjd[mine] >= t0[owner[mine]] - _FORCED_BEFORE) & ~watch.seen.chance[mine]]
    columns = {
        **watch.images(rows),
        "flux": np.round(watch.seen.flux[rows].astype(np.float64), 2),
        "dflux": np.round(watch.seen.error[rows].astype(np.float64), 2),
    }
    return Section.by_owner(owner[rows], len(t0), columns)


def _reports(
    kind: Kind, found: Floats, t0: Floats, mag: Floats, end: float, rng: np.random.Generator
) -> dict[str, Column]:
    """Rows of the Transient Name Server: listed some days later, by us or by others, if at all by the end."""
    n = len(t0)
    others = rng.random(n) < _REPORTED_BY_OTHERS
    discovered = np.where(others, found - rng.exponential(2.0, n), found)
    listed = t0 + lognormal(kind.tns_delay, n, rng) * np.where(others, 0.5, 1.0)
    who = np.array(list(_OTHERS), dtype="<U10")[hosts.choose(list(_OTHERS.values()), n, rng)]
    return {
        "present": (rng.random(n) < kind.tns) & (listed <= end),
        "discovered": discovered,
        "listed": listed,
        "discoverer": np.where(others, who, "ATLAS"),
        "magnitude": np.round(np.abs(mag), 2),
        "separation": np.round(np.abs(rng.standard_normal(n)) * 0.3, 4),
        "suffix": rng.integers(0, 26**3, n),
    }


def _truth(request: AlertRequest, truth: DrawnTruth, kept: Ints) -> dict[str, Column]:
    """Truth of the kept sources; speed by DESIGN.md section 3."""
    duration = truth.duration[kept]
    limits = [np.isnan(duration), duration < 12.0, duration <= 60.0]
    return {
        "kind": np.full(len(kept), request.name, dtype="<U20"),
        "label": np.full(len(kept), request.kind.label, dtype="<U8"),
        "speed": np.select(limits, ["", "fast", "normal"], default="slow").astype("<U6"),
        "peak_mag": np.round(truth.peak_mag[kept], 3),
        "peak_mjd": np.round(truth.peak_mjd[kept], 3),
        "explosion_mjd": np.round(truth.start_mjd[kept], 3),
        "duration": np.round(duration, 2),
        "peak_absolute": np.round(truth.absolute[kept], 2),
        "redshift": np.round(truth.redshift[kept], 5),
        "early_peak": truth.early_peak[kept],
    }
