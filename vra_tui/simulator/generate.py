"""The generator: from a scenario to batches of alerts, the same for the same seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator import schedule
from vra_tui.simulator.batch import Batch
from vra_tui.simulator.doubles import doubled
from vra_tui.simulator.draw_visits import BadNightVisits, VisitChoices
from vra_tui.simulator.instrument import Instrument
from vra_tui.simulator.kinds.spec import Explosion, Kind, Residual, shipped_kinds
from vra_tui.simulator.observe import observe
from vra_tui.simulator.record import AlertRequest, SimulatedSurvey
from vra_tui.simulator.scanner import tired_labels
from vra_tui.simulator.scenario import BATCH, Scenario, ScenarioError
from vra_tui.simulator.sky import Density, Extinction

#: Rounds of trying before a kind is called impossible.
_ROUNDS = 40


@dataclass(frozen=True, eq=False)
class Simulation:
    """A scenario made ready: the survey's exposures, and what each batch has to hold."""

    scenario: Scenario
    seed: int
    survey: SimulatedSurvey
    kinds: dict[str, Kind]
    places: VisitChoices

    def batch(self, index: int) -> Batch:
        """Batch ``index``, whatever was made before. Raises ScenarioError when a kind cannot be found."""
        size = min(BATCH, self.scenario.alerts - index * BATCH)
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, 1, index]))
        parts = []
        for request in self._requests(index, size, rng):
            parts.extend(self._filled(request, rng))
        joined = Batch.concatenate(parts)
        order = np.argsort(joined.alerts["t0_mjd"], kind="stable")
        batch = finish(joined.take(order), self.scenario, index * BATCH, index, rng, self.seed)
        own = np.random.default_rng(np.random.SeedSequence([self.seed, 3, index]))
        return doubled(batch, self.survey.instrument.doubles, own)

    def __iter__(self) -> Iterator[Batch]:
        return (self.batch(index) for index in range(self.scenario.batches))

    def _requests(self, index: int, size: int, rng: np.random.Generator) -> list[AlertRequest]:
        """Tell which kinds, how many of each; guests and bad nights are shared out over the batches."""
        scenario = self.scenario
        requests = []
        guests = scenario.own_guests
        for number, guest in enumerate(guests):
            if number * scenario.alerts // len(guests) // BATCH == index:
                requests.append(
                    AlertRequest(guest.kind, self.kinds[guest.kind], 1, self.places.guest(guest), guest)
                )
        bad: list[tuple[BadNightVisits, int]] = []
        for number, night in enumerate(scenario.bad_nights):
            total = night.alerts or round((night.share or 0.0) * scenario.alerts)
            upto = [
                int(total * min(i * BATCH, scenario.alerts) / scenario.alerts) for i in (index, index + 1)
            ]
            if upto[1] > upto[0]:
                bad.append((self.places.bad_night(number), upto[1] - upto[0]))
        ordinary = size - len(requests)
        for place, share in bad:
            night, count = scenario.bad_nights[place.number], min(share, ordinary)
            ordinary -= count
            requests.append(
                AlertRequest(night.kind, self.kinds[night.kind], count, place.place, None, night.logit)
            )
        names, shares = self.places.mixture
        for name, count in zip(names, rng.multinomial(ordinary, shares), strict=True):
            if count:
                requests.append(AlertRequest(name, self.kinds[name], int(count), self.places.of(name)))
        return requests

    def _filled(self, request: AlertRequest, rng: np.random.Generator) -> list[Batch]:
        """Batches with as many alerts of a kind as were asked for."""
        parts: list[Batch] = []
        missing, yield_rate = request.count, 0.6
        for _ in range(_ROUNDS):
            tries = int(missing / yield_rate * 1.15) + 4
            part = observe(self.survey, request, tries, rng)
            yield_rate = max(0.5 * yield_rate, len(part) / tries, 0.02)
            if len(part) > missing:
                part = part.take(np.arange(missing))
            if len(part):
                parts.append(part)
            missing -= len(part)
            if missing == 0:
                return parts
        raise ScenarioError(
            f"scenario {self.scenario.name}: no alert of kind {request.name} is found within its nights; "
            "give the stream more nights or units, or the kind another place"
        )


def prepare(scenario: Scenario, seed: int, extinction: Extinction) -> Simulation:
    """Simulate the survey's exposures for a scenario. ``extinction`` gives E(B-V) at positions."""
    instrument = Instrument.shipped(scenario.survey)
    kinds = {name: seen_by(instrument, name, kind) for name, kind in shipped_kinds().items()}
    first = scenario.first_mjd
    units = {
        unit.code: first + unit.joins if unit.joins else first - scenario.history for unit in scenario.units
    }
    exposures = schedule.build(
        instrument,
        units,
        first - scenario.history,
        first + scenario.nights + scenario.follow - 1,
        np.random.SeedSequence([seed, 0]),
    )
    survey = SimulatedSurvey(
        instrument=instrument,
        schedule=exposures,
        extinction=extinction,
        nights=(first, first + scenario.nights),
        history=float(scenario.history),
        forced="all" if instrument.detection.each_alerts else scenario.forced,
        flags=scenario.flags,
    )
    densities = {name: Density(**kind.sky.model_dump()) for name, kind in kinds.items()}
    places = VisitChoices(scenario, instrument, exposures, kinds, densities, extinction)
    return Simulation(scenario, seed, survey, kinds, places)


def seen_by(instrument: Instrument, name: str, kind: Kind) -> Kind:
    """A kind as a survey meets it: as faint as it goes, with its scores, and told every night."""
    sources = instrument.sources
    changes: dict[str, object] = {"share": sources.shares.get(name, kind.share)}
    if instrument.detection.each_alerts:
        changes["overlooked"] = 0.0
    if isinstance(kind, Residual):
        changes["magnitude"] = (kind.magnitude[0] + sources.residuals, kind.magnitude[1])
    else:
        brightest = max(kind.brightest, sources.saturates)
        changes["faintest"] = max(kind.faintest + sources.deeper, brightest + 0.5)
        changes["brightest"] = brightest
    if isinstance(kind, Explosion):
        changes["found_at"] = kind.found_at + sources.deeper
    scores = sources.scores.get(name) or sources.scores.get(kind.family)
    if scores:
        changes["scores"] = scores
    return kind.model_copy(update=changes)


def simulate(
    scenario: Scenario, seed: int, extinction: Extinction, progress: Callable[[int], None] | None = None
) -> Iterator[Batch]:
    """Batches of the scenario's alerts, each ordered by t0; ``progress`` hears how many are finished."""
    for batch in prepare(scenario, seed, extinction):
        yield batch
        if progress is not None:
            progress(len(batch))


def finish(
    batch: Batch, scenario: Scenario, first: int, index: int, rng: np.random.Generator, seed: int
) -> Batch:
    """Give the alerts their ids and names, and the labels of the tired human."""
    alerts = batch.alerts
    ra, dec = (alerts[name].astype(np.float64) for name in ("ra", "dec"))
    alerts["alert_id"] = alert_ids(ra, dec, index)
    year = (scenario.start.year - 2000) % 100
    number = np.arange(first, first + len(batch))
    match scenario.survey:
        case "atlas":
            alerts["name"] = designations(number, year)
            alerts["object_id"] = alerts["alert_id"].astype(np.str_)
        case "ztf":
            # So that two simulations do not share names, each counts on from elsewhere.
            alerts["object_id"] = designations(number + seed * 7_919_993 % 26**7, year, "ZTF", 7)
            alerts["name"] = alerts["object_id"]
        case "lsst":
            alerts["alert_id"] = lsst_ids(number, scenario.first_mjd, seed)
            alerts["object_id"] = alerts["alert_id"].astype(np.str_)
            alerts["name"] = alerts["object_id"]
    label, kind = (batch.truth[name].astype(np.str_) for name in ("label", "kind"))
    batch.truth["human"] = tired_labels(scenario.scanner, label, kind, rng)
    return batch


def alert_ids(ra: NDArray[np.float64], dec: NDArray[np.float64], index: int) -> NDArray[np.int64]:
    """19-digit ids as ATLAS makes them: 1, RA as hhmmssss, 1 north or 0 south, Dec as ddmmsss, two digits.

    The last two tell alerts of one place apart: they count equals within a batch, from its number on.
    """
    centiseconds = np.floor(ra / 15.0 * 360_000.0).astype(np.int64)
    hours, rest = np.divmod(centiseconds, 360_000)
    minutes, seconds = np.divmod(rest, 6_000)
    tenths = np.floor(np.abs(dec) * 36_000.0).astype(np.int64)
    degrees, rest_dec = np.divmod(tenths, 36_000)
    arcminutes, arcseconds = np.divmod(rest_dec, 600)
    east = hours * 1_000_000 + minutes * 10_000 + seconds
    north = degrees * 100_000 + arcminutes * 1_000 + arcseconds
    place = ((100_000_000 + east) * 10 + (dec >= 0)) * 1_000_000_0 + north
    order = np.argsort(place, kind="stable")
    same = np.concatenate([[False], place[order][1:] == place[order][:-1]])
    run = np.arange(len(place)) - np.maximum.accumulate(np.where(same, 0, np.arange(len(place))))
    twin = np.empty_like(run)
    twin[order] = run
    result: NDArray[np.int64] = place * 100 + (index + twin) % 100
    return result


def designations(
    number: NDArray[np.int64], year: int, survey: str = "ATLAS", length: int = 4
) -> NDArray[np.str_]:
    """Names as ATLAS and ZTF make them: the year and letters that count on, from aaaa."""
    letters = [(number // 26**power) % 26 for power in range(length - 1, -1, -1)]
    codes = np.stack(letters, axis=1).astype(np.uint32) + ord("a")
    text = np.ascontiguousarray(codes).view(f"<U{length}").ravel()
    return np.char.add(f"{survey}{year:02d}", text)


def lsst_ids(number: NDArray[np.int64], first_mjd: int, seed: int) -> NDArray[np.int64]:
    """18-digit ids as Rubin's are, which differ from one another, and from another seed's."""
    start = np.int64(100_000_000_000_000_000) + np.int64(first_mjd) * 1_000_000_000_000
    return start + np.int64(seed % 10_000) * 100_000_000 + number
