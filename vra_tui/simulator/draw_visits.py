"""Draw the visits of the survey at which alerts of a kind are found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.instrument import Instrument
from vra_tui.simulator.kinds.spec import Kind, Label
from vra_tui.simulator.scenario import Guest, Scenario, ScenarioError
from vra_tui.simulator.schedule import Schedule
from vra_tui.simulator.sky import Density, Extinction

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Days without a visit for which sources pile up; what came before has faded, or was found by others.
_LONGEST_WAIT = 8.0


@dataclass(frozen=True, eq=False)
class VisitChoice:
    """A choice among visits, with cumulative weights; at a fixed position, or anywhere in the cell."""

    visit: Ints
    cumulative: Floats
    position: tuple[float, float] | None = None

    def draw(self, n: int, rng: np.random.Generator) -> Ints:
        """n visits."""
        at = np.searchsorted(self.cumulative, rng.random(n) * self.cumulative[-1], side="right")
        return self.visit[np.minimum(at, len(self.visit) - 1)]


@dataclass(frozen=True, eq=False)
class BadNightVisits:
    """The visits of a bad night, and its place in the scenario's list."""

    number: int
    place: VisitChoice


class VisitChoices:
    """The places of every kind in a scenario, worked out when first asked for."""

    def __init__(
        self,
        scenario: Scenario,
        instrument: Instrument,
        schedule: Schedule,
        kinds: dict[str, Kind],
        densities: dict[str, Density],
        extinction: Extinction,
    ) -> None:
        self._scenario, self._instrument, self._schedule = scenario, instrument, schedule
        self._kinds, self._densities = kinds, densities
        visits = schedule.visits
        first = scenario.first_mjd
        self._eligible = np.flatnonzero(
            (visits.count >= instrument.detection.for_an_alert)
            & (visits.night >= first)
            & (visits.night < first + scenario.nights)
        )
        if not len(self._eligible):
            raise ScenarioError(f"scenario {scenario.name}: units: nothing is observed in its nights")
        waited = np.diff(visits.mjd, prepend=-np.inf)
        same = np.diff(visits.cell, prepend=-1) == 0
        self._since = np.where(same, np.minimum(waited, _LONGEST_WAIT), _LONGEST_WAIT)
        self._center = schedule.cells.center
        self._ebv = extinction(*self._center)
        self._made: dict[str, VisitChoice] = {}

    @property
    def mixture(self) -> tuple[list[str], Floats]:
        """Names of the kinds and the share of each in the stream."""
        names, shares = [], []
        scenario = self._scenario
        weight = {name: kind.share * scenario.weights.get(name, 1.0) for name, kind in self._kinds.items()}
        totals: dict[Label, float] = {}
        for name, kind in self._kinds.items():
            totals[kind.label] = totals.get(kind.label, 0.0) + weight[name]
        for name, kind in self._kinds.items():
            share = scenario.mixture.get(kind.label, 0.0)
            if share and not totals[kind.label]:
                raise ScenarioError(f"scenario {scenario.name}: weights leave no kind of label {kind.label}")
            names.append(name)
            shares.append(share * weight[name] / totals[kind.label] if share else 0.0)
        total = np.array(shares)
        return names, total / total.sum()

    def of(self, name: str) -> VisitChoice:
        """Visits at which a kind is found: by its density, and by how much bogus a unit makes."""
        if name not in self._made:
            kind, visits = self._kinds[name], self._schedule.visits
            chosen = self._eligible
            if kind.label in self._scenario.seasons:
                low, high = (self._scenario.first_mjd + night for night in self._scenario.seasons[kind.label])
                chosen = chosen[(visits.night[chosen] >= low) & (visits.night[chosen] <= high)]
            density = self._densities[name].at(*self._center, self._ebv)
            weight = density[visits.cell[chosen]]
            fleeting = kind.family == "mover" or (kind.family == "residual" and kind.one_night)
            if not fleeting:
                # What lasts is found when one looks: as much of it as has come since the visit before.
                weight = weight * self._since[chosen]
            if kind.family == "residual":
                factor = np.ones(len(self._instrument.units))
                for unit in self._scenario.units:
                    factor[self._instrument.unit_index(unit.code)] = unit.garbage
                weight = weight * factor[visits.unit[chosen]]
            self._made[name] = self._place(chosen, weight, f"kind {name}")
        return self._made[name]

    def bad_night(self, number: int) -> BadNightVisits:
        """The visits of one unit on one night, about a centre if there is one."""
        bad = self._scenario.bad_nights[number]
        visits = self._schedule.visits
        night = self._scenario.first_mjd + bad.night
        unit = self._instrument.unit_index(bad.unit)
        chosen = self._eligible[
            (visits.night == night)[self._eligible] & (visits.unit == unit)[self._eligible]
        ]
        if not len(chosen):
            # The dome was closed that night in this seed's weather: the nearest night on which it was open.
            mine = self._eligible[visits.unit[self._eligible] == unit]
            nights = np.unique(visits.night[mine])
            if not len(nights):
                raise ScenarioError(
                    f"scenario {self._scenario.name}: bad_nights.{number}.unit: never observes"
                )
            nearest = nights[np.argmin(np.abs(nights - night))]
            chosen = mine[visits.night[mine] == nearest]
        if bad.center is not None:
            chosen = self._near(bad.center, bad.radius, unit, night, f"bad_nights.{number}.center")
        return BadNightVisits(number, self._place(chosen, np.ones(len(chosen)), f"bad_nights.{number}"))

    def _near(self, center: tuple[float, float], radius: float, unit: int, night: int, field: str) -> Ints:
        """Visits of a unit to the cells about a position, in the night nearest to the one wanted."""
        visits = self._schedule.visits
        distance = _distance(*center, *self._center)
        mine = self._eligible[visits.unit[self._eligible] == unit]
        mine = mine[distance[visits.cell[mine]] <= max(radius, 1.01 * distance.min())]
        if not len(mine):
            raise ScenarioError(f"scenario {self._scenario.name}: {field}: is not observed by that unit")
        away = np.abs(visits.night[mine] - night)
        return mine[away <= away.min() + 3]

    def guest(self, guest: Guest) -> VisitChoice:
        """Visits of the guest's place about its night; for ``conjunction``, of cells the Sun then hides."""
        visits, first = self._schedule.visits, self._scenario.first_mjd
        night = first + guest.night
        chosen, position = self._eligible, None
        if guest.conjunction:
            last = np.full(len(self._schedule.cells), -1)
            np.maximum.at(last, visits.cell, visits.night)
            chosen = chosen[np.abs(last[visits.cell[chosen]] - night) <= 3]
            chosen = chosen[np.abs(self._center[1][visits.cell[chosen]]) < 50.0]
        elif guest.ra is not None and guest.dec is not None:
            cell = self._schedule.cells.of(np.array([guest.ra]), np.array([guest.dec]))[0]
            chosen, position = chosen[visits.cell[chosen] == cell], (guest.ra, guest.dec)
        else:
            clear = self._ebv[visits.cell[chosen]] < 0.15
            chosen = chosen[clear]
        if not len(chosen):
            raise ScenarioError(
                f"scenario {self._scenario.name}: guests: the place of a {guest.kind} is not observed; "
                "choose another ra and dec, or another night"
            )
        away = np.abs(visits.night[chosen] - night)
        chosen = chosen[away == away.min()]
        return self._place(chosen, np.ones(len(chosen)), "guests", position)

    def _place(
        self, visit: Ints, weight: Floats, what: str, position: tuple[float, float] | None = None
    ) -> VisitChoice:
        cumulative = np.cumsum(weight)
        if not len(cumulative) or cumulative[-1] <= 0:
            raise ScenarioError(
                f"scenario {self._scenario.name}: {what}: its part of the sky is not observed"
            )
        return VisitChoice(visit, cumulative, position)


def _distance(ra: float, dec: float, ra2: Floats, dec2: Floats) -> Floats:
    a, d, a2, d2 = (np.radians(x) for x in (ra, dec, ra2, dec2))
    cosine = np.sin(d) * np.sin(d2) + np.cos(d) * np.cos(d2) * np.cos(a - a2)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
