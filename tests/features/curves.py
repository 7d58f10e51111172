"""Light curves of the tests from plain epochs, and hypothesis strategies that make them."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from vra_tui.domain.epochs import pack_detections, pack_nondetections
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.vra import VraContext

START = 60_000.0


@dataclass(frozen=True)
class Epoch:
    """One exposure: detected at ``mag`` (negative: negative flux), or not, with its ``limit``."""

    mjd: float
    mag: float | None = None
    error: float = 0.1
    letter: str = "o"
    limit: float = 19.5


def quad(day: float, mag: float | None, **other) -> list[Epoch]:
    """Four exposures within half an hour of START + day."""
    return [Epoch(round(START + day + 0.007 * i, 8), mag, **other) for i in range(4)]


def light_curves(alerts: list[list[Epoch]]) -> LightCurves:
    """The alerts' epochs packed, ids counting from 0; repeated times are left out."""
    found, missed, found_size, missed_size = [], [], [], []
    for epochs in alerts:
        once = sorted({e.mjd: e for e in epochs}.values(), key=lambda e: e.mjd)
        mine = [e for e in once if e.mag is not None]
        found += mine
        found_size.append(len(mine))
        missed += [e for e in once if e.mag is None]
        missed_size.append(len(once) - len(mine))
    n = len(found)
    detections = pack_detections(
        {
            "mjd": [e.mjd for e in found], "mag": [e.mag for e in found], "magerr": [e.error for e in found],
            "ra": np.full(n, 150.0), "dec": np.zeros(n), "limit": [e.limit for e in found],
            "instrument": np.zeros(n, int), "band": [ord(e.letter) for e in found],
        }
    )  # fmt: skip
    nondetections = pack_nondetections(
        {
            "mjd": [e.mjd for e in missed], "limit": [e.limit for e in missed],
            "instrument": np.zeros(len(missed), int), "band": [ord(e.letter) for e in missed],
        }
    )  # fmt: skip
    return LightCurves(
        np.arange(len(alerts)),
        detections,
        np.concatenate([[0], np.cumsum(found_size)]).astype(np.int64),
        nondetections,
        np.concatenate([[0], np.cumsum(missed_size)]).astype(np.int64),
    )


def context(n: int, *, ebv: float = 0.0, z: float = np.nan, t0: float = START) -> VraContext:
    """The same context for n alerts."""
    fill = lambda value: np.full(n, value)  # noqa: E731
    return VraContext(
        t0_mjd=fill(t0), ra=fill(150.0), dec=fill(0.0), rb_pix=fill(0.9), z=fill(z), photoz=fill(np.nan),
        sep_arcsec=fill(1.0), ebv_sfd=fill(ebv), is_cv=np.zeros(n, dtype=bool),
    )  # fmt: skip


# Times on a grid that is not commensurable with half days, where rounding could go either way.
_TIMES = st.integers(0, 800).map(lambda k: round(START + 0.0937 * k, 8))
_MAGS = st.none() | st.floats(14, 20).map(lambda m: round(m, 3)) | st.just(-18.5)
EPOCHS = st.lists(
    st.builds(
        Epoch,
        mjd=_TIMES,
        mag=_MAGS,
        error=st.integers(1, 40).map(lambda k: k / 100),
        letter=st.sampled_from("cogrw"),
        limit=st.integers(170, 205).map(lambda k: k / 10),
    ),
    max_size=25,
    unique_by=lambda e: e.mjd,
)
