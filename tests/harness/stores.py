"""Stores of any size for the benchmarks: random light curves of a realistic make, taken in as alerts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert, CatalogueMatch, ContextNote
from vra_tui.domain.epochs import pack_detections, pack_nondetections
from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store
from vra_tui.store.intake import put_alerts

#: Detections and non-detections of each alert; real alerts hold far fewer detections than this.
DETECTIONS, NONDETECTIONS = 60, 340
T0 = 60_000.0
_CHUNK = 500
_FIRST_ID = 1_000_000_000_000_000_000
_INSTRUMENTS, _BANDS = ("01a", "02a"), ("o",)


def make_store(path: Path, alerts: int, seed: int = 1, visits: int = 0) -> None:
    """A store of ``alerts`` alerts with 400 epochs each: quads of exposures every other night.

    ``visits``: how many nights after t0 there are.
    """
    rng = np.random.default_rng(seed)
    connection = open_store(path, durable=False)
    codes = Codes(connection)
    now = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    for first in range(0, alerts, _CHUNK):
        index = np.arange(first, min(first + _CHUNK, alerts))
        put_alerts(connection, list(made_alerts(rng, index, visits)), now, ebv_sfd, codes)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def make_bare_store(path: Path, places: Sequence[tuple[float, float]], survey: str = "atlas") -> list[int]:
    """A store of alerts without light curves, one at each place (RA, Dec; degrees); their numbers in it."""
    connection = open_store(path, durable=False)
    codes, now = Codes(connection), datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    made = [
        Alert(survey, str(_FIRST_ID + n), T0, {"name": f"MADE26{n}", "ra": ra, "dec": dec, "t0_mjd": T0})
        for n, (ra, dec) in enumerate(places)
    ]
    for first in range(0, len(made), _CHUNK):
        put_alerts(connection, made[first : first + _CHUNK], now, lambda ra, dec: np.zeros_like(ra), codes)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return [_FIRST_ID + n for n in range(len(made))]


def made_alerts(rng: np.random.Generator, index: NDArray[np.int64], visits: int) -> Iterator[Alert]:
    """The alerts of these numbers, see `make_store`."""
    n = len(index)
    ids = (_FIRST_ID + index * 1_000).tolist()
    epochs = DETECTIONS + NONDETECTIONS
    quad = np.arange(epochs) // 4
    nights = 2.0 * (quad - quad[-1] + visits) - 0.6
    mjd = T0 + nights + 0.01 * (np.arange(epochs) % 4) + rng.uniform(0, 0.3, (n, 1))
    # Detections stand at the end, and scattered through the history.
    is_seen = np.zeros((n, epochs), dtype=bool)
    is_seen[:, -8 - 4 * visits :] = True
    lacking = DETECTIONS - int(is_seen[0].sum())
    is_seen[:, rng.choice(epochs - 8 - 4 * visits, lacking, replace=False)] = True
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-0.8, 1, n)))
    seen_mjd, missed_mjd = mjd[is_seen].reshape(n, -1), mjd[~is_seen].reshape(n, -1)
    shape = seen_mjd.shape
    mag = rng.normal(18.5, 0.8, (n, 1)) + rng.normal(0, 0.15, shape)
    seen = pack_detections(
        {
            "mjd": seen_mjd.ravel(),
            "ra": (ra[:, None] + rng.normal(0, 1e-4, shape)).ravel() % 360,
            "dec": np.clip(dec[:, None] + rng.normal(0, 1e-4, shape), -90, 90).ravel(),
            "mag": mag.ravel().round(3),
            "magerr": rng.uniform(0.02, 0.3, shape).ravel().round(3),
            "limit": np.full(shape, 19.4).ravel(),
            "instrument": np.full(shape, 0).ravel(),
            "band": np.full(shape, 0).ravel(),
        }
    )
    missed = pack_nondetections(
        {
            "mjd": missed_mjd.ravel(),
            "limit": rng.normal(19.2, 0.4, missed_mjd.shape).ravel(),
            "instrument": np.full(missed_mjd.shape, 1).ravel(),
            "band": np.full(missed_mjd.shape, 0).ravel(),
        }
    )
    scores, factors = rng.beta(2, 1, n).tolist(), rng.beta(2, 1, n).tolist()
    away, redshifts = rng.exponential(5, n).tolist(), rng.uniform(0, 0.2, n).tolist()
    note = ContextNote("SN", "The transient is possibly associated with a galaxy.", "5 arcsec from galaxy")
    for i, number in enumerate(ids):
        yield Alert(
            survey="atlas",
            object_id=str(number),
            as_of=float(mjd[i, -1]),
            facts={
                "name": f"ATLAS26{index[i]}",
                "ra": float(ra[i]),
                "dec": float(dec[i]),
                "t0_mjd": T0,
                "real_bogus": scores[i],
                "realbogus_factor": factors[i],
                "context_class": "SN",
                "detection_list_id": 4,
                "trend_text": "rising 00.1 (o-o)",
                "date_modified": "2026-01-01T00:00:00+00:00",
            },
            light_curve=LightCurve(
                seen[i * shape[1] : (i + 1) * shape[1]],
                missed[i * missed_mjd.shape[1] : (i + 1) * missed_mjd.shape[1]],
                no_epochs().forced,
            ),
            instruments=_INSTRUMENTS,
            bands=_BANDS,
            matches=(
                CatalogueMatch(
                    catalogue_object_id=f"PS1 {number}",
                    catalogue="PS1",
                    association_type="SN",
                    object_type="galaxy",
                    separation_arcsec=away[i],
                    z=redshifts[i],
                ),
            ),
            context=note,
        )
