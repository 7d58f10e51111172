"""Sites of instruments on Earth."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """Where an instrument stands: geodetic degrees (north, east positive), metres above the ellipsoid.

    Raises ValueError for a place that is not on Earth.
    """

    instrument: str
    name: str
    latitude: float
    longitude: float
    elevation: float
    mpc: str | None = None

    def __post_init__(self) -> None:
        # Written so that NaN is refused too.
        if not (-90.0 <= self.latitude <= 90.0 and -180.0 <= self.longitude <= 180.0):
            raise ValueError(
                f"site {self.instrument}: latitude {self.latitude} must lie in -90 to 90 degrees, "
                f"longitude {self.longitude} in -180 to 180 (east is positive)"
            )
