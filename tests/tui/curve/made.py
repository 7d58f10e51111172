"""Light curves made for tests of their drawing."""

import numpy as np

from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.light_curve import LightCurve
from vra_tui.tui.curve.draw import CurveStyle, Subject, draw_curve
from vra_tui.tui.curve.points import points_of
from vra_tui.tui.spans import text_of

T0 = 60_000.0


def curve(detections=(), limits=(), forced=()) -> LightCurve:
    """Detections as (phase, mag, error, filter), limits as (phase, limit), forced as (phase, flux, dflux)."""
    phase, mag, error, letter = zip(*detections, strict=True) if detections else ((), (), (), ())
    n = len(phase)
    seen = pack_detections(
        {
            "mjd": T0 + np.array(phase, dtype=float), "ra": np.full(n, 10.0), "dec": np.full(n, 20.0),
            "mag": np.array(mag, dtype=float), "magerr": np.array(error, dtype=float),
            "limit": np.full(n, 19.5), "instrument": np.ones(n), "band": [ord(f) for f in letter],
                    }
    )  # fmt: skip
    days, deep, colour = zip(*((*one, "o")[:3] for one in limits), strict=True) if limits else ((), (), ())
    missed = pack_nondetections(
        {
            "mjd": T0 + np.array(days, dtype=float),
            "limit": np.array(deep, dtype=float),
            "instrument": np.ones(len(days)),
            "band": list(map(ord, colour)),
        }
    )
    at, flux, dflux = zip(*forced, strict=True) if forced else ((), (), ())
    m = len(at)
    photometry = pack_forced(
        {
            "mjd": T0 + np.array(at, dtype=float), "flux": flux, "dflux": dflux, "mag": np.full(m, np.nan),
            "magerr": np.full(m, np.nan), "is_limit": np.zeros(m), "instrument": np.ones(m),
            "band": [ord("o")] * m,
        }
    )  # fmt: skip
    return LightCurve(seen, missed, photometry)


def drawn(
    light_curve: LightCurve,
    width: int = 60,
    height: int = 18,
    look: CurveStyle | None = None,
    others: dict[str, LightCurve] | None = None,
    reading: int | None = None,
    **subject,
) -> list[str]:
    """The light curve as text; ``others``: those of other surveys at its place."""
    look, others = look or CurveStyle(), others or {}
    points = points_of(light_curve, T0, look.quantity, look.forced, others=list(others.values()))
    of = Subject(T0, **({"surveys": ["atlas", *others]} if others else {}) | subject)
    return [text_of(line) for line in draw_curve(points, of, width, height, look, reading)]
