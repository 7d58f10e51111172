"""Everything that the context of one alert is written from, each number worked out once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from vra_tui.domain import host_facts
from vra_tui.domain.distance import kpc_per_arcsec, redshift_of_distance
from vra_tui.domain.extinction import extinction
from vra_tui.domain.hosts import HostKind
from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.observability import Nights
from vra_tui.lightcurve.measures import Peak, absolute_magnitude, brightest
from vra_tui.lightcurve.recent import Recent, recent, united
from vra_tui.ranking.policy import Policy
from vra_tui.store.alert_hosts import STARS, belongs_to, kinds_of
from vra_tui.store.curves import SurveyCurve
from vra_tui.store.detail import AlertDetail, HostDistance, StoredMatch, host_distance
from vra_tui.store.second_opinions import Opinion
from vra_tui.store.surroundings import Surroundings
from vra_tui.store.viewing import Viewer
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.times import ago

#: Two entries of catalogues within so many arcsec are one source, and within this share of how far it is:
#: catalogues differ in the centre of a large galaxy.
_SAME_ARCSEC, _SAME_SHARE = 1.0, 0.05
#: Times are told back from now where the last exposure is no older than this, days.
FRESH_DAYS = 60.0
#: Behind more dust, E(B-V), no colour is set right: near the plane the map is not to be trusted (Schlegel et
#: al. 1998, appendix C), and what shines there stands in front of most of it.
_MOST_EBV = 2.0


@dataclass(frozen=True, eq=False)
class AlertFacts:
    """One alert and what is known of it.

    ``now_mjd``: the time that ages on the sky are counted to, see `screen_time`; ``clock_mjd``: that of what
    people did; None where nobody says.

    ``codes`` name bands and instruments; ``around`` is what stands around it; ``nights`` are those at the
    sites from tonight on; ``viewers`` look at it on other screens; ``asked`` is what a second opinion came
    to; ``policy`` filed it; ``other_curves`` are those of other surveys of the same source.
    """

    detail: AlertDetail
    curve: LightCurve
    codes: CodeBook = field(default_factory=CodeBook)
    around: Surroundings = field(default_factory=Surroundings)
    nights: Nights | None = None
    viewers: Sequence[Viewer] = ()
    asked: Opinion | None = None
    policy: Policy = field(default_factory=Policy)
    now_mjd: float | None = None
    clock_mjd: float | None = None
    other_curves: Sequence[SurveyCurve] = ()

    @cached_property
    def is_fresh(self) -> bool:
        """Whether times are told back from now: of an archive, how long ago says nothing."""
        last = self.curve.last_mjd
        return self.now_mjd is not None and 0.0 <= self.now_mjd - last <= FRESH_DAYS

    def when(self, mjd: float) -> str:
        """When an MJD was: so long ago, of what is not fresh any more the day since t0."""
        if self.is_fresh and self.now_mjd is not None:
            return ago(mjd, self.now_mjd)
        return f"day {mjd - self.detail.row.t0_mjd:+.1f}"

    @cached_property
    def kinds(self) -> dict[int, HostKind]:
        """What each catalogued source near is, by its position among the matches."""
        return kinds_of(self.detail)

    @cached_property
    def best(self) -> StoredMatch | None:
        """The source that the alert belongs to, see `belongs_to`."""
        return belongs_to(self.detail.matches, self.kinds)

    @cached_property
    def is_star(self) -> bool:
        """Whether the source it belongs to is a star of our Galaxy."""
        return self.best is not None and self.kinds[self.best.position] in STARS

    @cached_property
    def others_near(self) -> list[StoredMatch]:
        """The other sources near, nearest first; entries of several catalogues for one source count once."""
        told = [self.best] if self.best is not None else []
        found: list[StoredMatch] = []
        for one in self.detail.matches:
            if all(one is not other and not _is_same(one, other) for other in told):
                told.append(one)
                found.append(one)
        return sorted(
            found, key=lambda one: math.inf if one.separation_arcsec is None else one.separation_arcsec
        )

    @cached_property
    def distance(self) -> HostDistance | None:
        """Distance of the host; None for a star, whatever redshift a catalogue gives it."""
        return None if self.best is None or self.is_star else host_distance(self.best)

    @cached_property
    def kpc(self) -> float | None:
        """Projected distance from the host's centre: Sherlock's, else from the host's distance."""
        best, distance = self.best, self.distance
        if best is None or self.is_star:
            return None
        if best.physical_separation_kpc is not None:
            return best.physical_separation_kpc
        if distance is None or best.separation_arcsec is None:
            return None
        z = best.z if best.z is not None and distance.source == "z" else None
        found = best.separation_arcsec * float(
            kpc_per_arcsec(redshift_of_distance(distance.mpc) if z is None else z)
        )
        return found if math.isfinite(found) else None

    @cached_property
    def magnitudes(self) -> dict[str, float]:
        """Catalogued magnitudes of the source it belongs to, by band."""
        best = self.best
        return {} if best is None else host_facts.magnitudes(best.mag, best.mag_band, best.extra)

    @cached_property
    def peak(self) -> Peak | None:
        """The brightest detection."""
        return brightest(self.curve, self.detail.row.t0_mjd, self.codes.bands)

    @cached_property
    def absolute_mag(self) -> float | None:
        """Absolute magnitude of the brightest detection, less the dust of our Galaxy where that is known."""
        if self.peak is None or self.distance is None:
            return None
        return absolute_magnitude(self.peak, self.distance.mpc, self.detail.ebv_sfd)

    @cached_property
    def peak_extinction(self) -> float | None:
        """Magnitudes of dust taken off `absolute_mag`; None where the dust is not known."""
        ebv = self.detail.ebv_sfd
        return None if ebv is None or self.peak is None else float(extinction(ebv, self.peak.band))

    @property
    def ebv_of_colours(self) -> float | None:
        """E(B-V) to take off colours; None where it is not known, or too much to be believed."""
        ebv = self.detail.ebv_sfd
        return None if ebv is None or ebv > _MOST_EBV else ebv

    @cached_property
    def recent(self) -> Recent:
        """What the last weeks of the light curve say, other surveys' included."""
        codes = {code: self.codes.band(code) for code in self.codes.bands}
        curve = united(self.curve, *(one.curve for one in self.other_curves))
        return recent(curve, codes, self.codes.longitude, self.ebv_of_colours)


def _is_same(one: StoredMatch, other: StoredMatch) -> bool:
    """Whether two entries are one source: at one place, as far as both say where."""
    if one.catalogue_object_id is not None and one.catalogue_object_id == other.catalogue_object_id:
        return True
    if None not in (one.north_arcsec, one.east_arcsec, other.north_arcsec, other.east_arcsec):
        north = (one.north_arcsec or 0.0) - (other.north_arcsec or 0.0)
        east = (one.east_arcsec or 0.0) - (other.east_arcsec or 0.0)
        far = math.hypot(one.north_arcsec or 0.0, one.east_arcsec or 0.0)
        return math.hypot(north, east) < _SAME_ARCSEC + _SAME_SHARE * far
    if one.separation_arcsec is None or other.separation_arcsec is None:
        return False
    is_here = max(one.separation_arcsec, other.separation_arcsec) < _SAME_ARCSEC
    return is_here or abs(one.separation_arcsec - other.separation_arcsec) < 0.1
