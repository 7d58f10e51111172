"""Gather from the store what a draft tells of an alert."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from vra_tui.domain.hosts import HostKind
from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.sky import galactic, separation
from vra_tui.domain.tns_numbers import TnsNumbers
from vra_tui.domain.tns_objects import RADIUS_ARCSEC, TnsObject
from vra_tui.lightcurve.onset import NIGHT_DAYS, Onset, Unseen, forced_before, last_unseen, onset
from vra_tui.ranking.lists import MACHINE
from vra_tui.store import Store
from vra_tui.store.alert_hosts import STARS, belongs_to, kinds_of
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.curves import curve_and_bad
from vra_tui.store.detail import AlertDetail, HostDistance, StoredMatch, alert_detail, host_distance
from vra_tui.store.outbox import State, items
from vra_tui.store.surroundings import Surroundings, surroundings
from vra_tui.store.tns_objects import Places, count_tns_objects, tns_list_is_of, tns_objects_of, tns_places


@dataclass(frozen=True)
class TnsNear:
    """An object of the TNS's list and how far it is from the alert, arcsec."""

    known: TnsObject
    arcsec: float


#: The kind of AT reports in the outbox, and to which server they go, as their content says it.
REPORT, SANDBOX, REAL = "tns.report", "sandbox", "real"


@dataclass(frozen=True)
class ReportSent:
    """A report of the alert that left, or may have: to which server, how far it is, and what was answered."""

    server: str
    state: State
    answer: str | None


@dataclass(frozen=True, eq=False)
class AlertFacts:
    """One alert as a draft tells of it. ``curve`` is without the epochs that scanners called bad.

    ``bands``, ``instruments``: names by the codes of the light curve. ``near``: objects of the TNS's list at
    the place, the nearest first; ``n_listed``: how many objects that list holds, and ``listed_until``
    when it was changed last, as the TNS writes it. ``title``: the survey's name
    for people; ``numbers``: by which the TNS knows its filters and instruments, None where it does not.
    ``sent``: the reports of it that left, or may have.
    ``n_bad``: how many epochs are left out.
    """

    detail: AlertDetail
    curve: LightCurve
    bands: Mapping[int, str]
    instruments: Mapping[int, str]
    around: Surroundings = field(default_factory=Surroundings)
    near: tuple[TnsNear, ...] = ()
    n_listed: int = 0
    listed_until: str | None = None
    title: str = ""
    numbers: TnsNumbers | None = None
    sent: tuple[ReportSent, ...] = ()
    n_bad: int = 0

    @property
    def name(self) -> str:
        """Its survey and its id there: `ztf:ZTF18aabeyio`."""
        return f"{self.detail.survey}:{self.detail.object_id}"

    @property
    def alert_id(self) -> int:
        """The store's number of the alert."""
        return self.detail.row.alert_id

    @property
    def decision_id(self) -> str | None:
        """The scanner's decision that stands on it: where that is taken back, a draft does not leave."""
        row = self.detail.row
        standing = [
            one.decision_id
            for one in self.detail.decisions
            if one.list is not None and one.list == row.decided_list and not one.is_reverted
        ]
        return standing[-1] if standing and row.decided_by != MACHINE else None

    @cached_property
    def onset(self) -> Onset | None:
        """Where the transient begins in the light curve; None without a detection."""
        return onset(self.curve, self.detail.row.t0_mjd)

    @cached_property
    def unseen(self) -> Unseen | None:
        """When it was last not there."""
        return None if self.onset is None else last_unseen(self.curve, self.onset)

    @cached_property
    def forced_mjd(self) -> float | None:
        """When forced photometry saw it first, where that was before the discovery."""
        return None if self.onset is None else forced_before(self.curve, self.onset)

    @cached_property
    def best(self) -> StoredMatch | None:
        """What it belongs to: a host, or a star."""
        return belongs_to(self.detail.matches, kinds_of(self.detail))

    @cached_property
    def kind(self) -> HostKind:
        """What that is."""
        return HostKind.UNKNOWN if self.best is None else kinds_of(self.detail)[self.best.position]

    @cached_property
    def host(self) -> StoredMatch | None:
        """What it belongs to, unless that is a star of our Galaxy."""
        return None if self.kind in STARS else self.best

    @cached_property
    def distance(self) -> HostDistance | None:
        """How far the host is."""
        return None if self.host is None else host_distance(self.host)

    @cached_property
    def galactic_latitude(self) -> float:
        """Degrees."""
        return float(galactic(self.detail.row.ra, self.detail.row.dec)[1])


#: Of a survey by its name: its name for people, and its numbers at the TNS.
SurveyWords = Callable[[str], tuple[str, TnsNumbers | None]]


def gather(store: Store, alert_id: int, survey: SurveyWords) -> AlertFacts:
    """All that drafts tell of an alert. Raises UnknownAlert, and ValueError for a damaged light curve."""
    detail = alert_detail(store, alert_id)
    title, numbers = survey(detail.survey)
    curve, bad = curve_and_bad(store, alert_id)
    return AlertFacts(
        detail,
        curve,
        band_names(store),
        instrument_names(store),
        surroundings(store, alert_id),
        _near(store, detail.row.ra, detail.row.dec),
        count_tns_objects(store),
        tns_list_is_of(store),
        title,
        numbers,
        tuple(
            ReportSent(str(one.content.get("server")), one.state, one.answer)
            for one in items(store, kinds=[REPORT], states=_SENT, alert_id=alert_id)
        ),
        sum(map(len, bad.sections)),
    )


#: What has not left can still be replaced.
_SENT = (State.SENDING, State.ACCEPTED)


def _near(store: Store, ra: float, dec: float) -> tuple[TnsNear, ...]:
    here = Places(np.zeros(1, np.int64), np.array([ra]), np.array([dec]))
    places = tns_places(store, here, RADIUS_ARCSEC)
    if not len(places.number):
        return ()
    apart = np.atleast_1d(separation(ra, dec, places.ra, places.dec))
    rows = np.flatnonzero(apart <= RADIUS_ARCSEC)
    known = tns_objects_of(store, places.number[rows].tolist())
    found = [TnsNear(known[int(places.number[n])], float(apart[n])) for n in rows]
    return tuple(sorted(found, key=lambda one: one.arcsec))


def told_detections(
    facts: AlertFacts, most: int, is_usable: Callable[[int], bool] = lambda band: True
) -> list[int]:
    """Indices of the detections that drafts tell: the discovery, then of each night and band one.

    Of a night and band that of the least error; at most ``most``, the earliest. ``is_usable``: which bands,
    by their codes; the discovery's is told whatever it says.
    """
    if facts.onset is None:
        return []
    seen, own = facts.curve.detections, facts.onset.own
    first = int(own[0])
    night = np.floor(seen.mjd[own] - seen.mjd[first] + NIGHT_DAYS / 2.0).astype(int).tolist()
    error = np.where(seen.magerr > 0, seen.magerr, np.inf)
    best: dict[tuple[int, int], int] = {}
    for index, day in zip(own.tolist(), night, strict=True):
        key = (day, int(seen.band[index]))
        if key not in best or error[index] < error[best[key]]:
            best[key] = index
    best.pop((0, int(seen.band[first])), None)
    later = [index for (_, band), index in best.items() if is_usable(band)]
    return [first, *sorted(later, key=lambda index: float(seen.mjd[index]))][: max(1, most)]
