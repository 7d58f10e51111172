"""The sites of the ATLAS telescope units: where on Earth each one stands."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """One telescope unit's site.

    ``code``: the unit, as exposure names begin with it. ``latitude`` (north) and ``longitude`` (east) are
    geodetic degrees, -90 to 90 and -180 to 180; ``elevation`` is metres above the WGS84 ellipsoid;
    ``mpc`` the Minor Planet Center's observatory code. Raises ValueError for a place that is not on Earth.
    """

    code: str
    name: str
    latitude: float
    longitude: float
    elevation: float
    mpc: str | None = None

    def __post_init__(self) -> None:
        # Written so that NaN is refused too.
        if not (-90.0 <= self.latitude <= 90.0 and -180.0 <= self.longitude <= 180.0):
            raise ValueError(
                f"site {self.code}: latitude {self.latitude} must lie in -90 to 90 degrees, "
                f"longitude {self.longitude} in -180 to 180 (east is positive)"
            )


#: Geodetic places on WGS84, worked out from the Minor Planet Center's list of observatory codes (longitude,
#: rho cos phi', rho sin phi'; list of October 2026, six decimals, which is 6 m).
ATLAS_SITES = (
    Site("01a", "Haleakala", 20.70755, -156.25701, 3047.0, "T05"),
    Site("02a", "Mauna Loa", 19.53615, -155.57605, 3427.0, "T08"),
    Site("03a", "Sutherland", -32.38044, 20.81033, 1800.0, "M22"),
    Site("04a", "El Sauce", -30.47101, -70.76498, 1601.0, "W68"),
    Site("05r", "Teide", 28.29878, -16.51031, 2415.0, "R17"),
)


def longitudes(units: Mapping[int, str], unknown: float = 0.0) -> tuple[float, ...]:
    """Degrees east of each of 256 unit codes (``units`` names them); ``unknown`` where no site is known."""
    east = {site.code: site.longitude for site in ATLAS_SITES}
    return tuple(east.get(units.get(code, ""), unknown) for code in range(256))
