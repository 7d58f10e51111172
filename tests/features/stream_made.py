"""Made-up alerts of several surveys' manners, as light curves and contexts for the tests of `stream-1`."""

from dataclasses import fields, replace

import numpy as np

from tests.features.stream_reference import Row, features
from vra_tui.domain.bands import band
from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.hosts import Hosts
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.stream import STREAM_1, StreamContext

#: Codes of a store in no order of wavelength; two are one band, one is unknown to everybody.
BANDS = {99: "c", 111: "o", 1: "g", 2: "ZTF_r", 8: "r", 3: "i", 4: "z", 5: "y", 6: "u", 7: "mystery", 9: "w"}
#: Manners: bands, detections and nights at most, limits, forced points, what is never told.
MANNERS = (
    ([99, 111], 16, 8, 20, 0, ("score",)),
    ([1, 2, 3], 20, 30, 12, 10, ()),
    ([6, 1, 8, 3, 4, 5], 40, 50, 0, 30, ("limit",)),
    ([7, 9, 2], 10, 90, 5, 3, ("ra", "dec")),
    ([1], 3, 1, 3, 0, ()),
    ([1, 8], 0, 5, 4, 6, ()),
    ([1, 2], 2, 300, 1, 20, ("magerr", "limit", "score")),
    ([99, 111, 7], 24, 2, 6, 0, ()),
)
NOW = 60_300.0


def made(rng: np.random.Generator, n: int = 12) -> LightCurves:
    """Light curves of n alerts with gaps in every column, negative fluxes, and several rows an exposure."""
    sections = ([], [], [])
    for _ in range(n):
        manner = MANNERS[rng.integers(len(MANNERS))]
        for section, one in zip(sections, _alert(rng, *manner), strict=True):
            section.append(one.records.tobytes())
    return LightCurves.from_bytes(range(n), *sections)


def _alert(rng, bands, detections, n_nights, limits, forced, never):
    ra, dec = rng.choice([0.0, 180.0, 359.9999, rng.uniform(0, 360)]), rng.uniform(-80, 80)

    def epochs(most: int, repeats: float):
        size = int(rng.integers(0, most + 1))
        mjd = NOW - rng.integers(0, n_nights, size) + rng.uniform(-0.3, 0.3, size)
        mjd = np.sort(np.where(rng.random(size) < repeats, np.roll(mjd, 1), mjd))
        return {"mjd": mjd, "band": rng.choice(bands, size), "instrument": rng.integers(0, 2, size)}

    def gappy(values, share=0.1):
        return np.where(rng.random(len(values)) < share, np.nan, values)

    seen, missed, measured = epochs(detections, 0.2), epochs(limits, 0.0), epochs(forced, 0.0)
    size = len(seen["mjd"])
    drift = rng.choice([0.0, 1e-4]) * (seen["mjd"] - NOW)
    seen |= {
        "ra": gappy((ra + rng.normal(0, 5e-5, size) + drift) % 360.0),
        "dec": gappy(dec + rng.normal(0, 5e-5, size)),
        "mag": gappy(rng.normal(18, 1, size) * rng.choice([1, 1, 1, -1], size), 0.05),
        "magerr": np.where(rng.random(size) < 0.1, 0.0, gappy(rng.uniform(0.01, 0.3, size))),
        "limit": gappy(rng.uniform(18, 21, size)),
        "score": gappy(rng.random(size)),
        "source_id": rng.integers(0, 2**40, size),
    }
    seen |= {name: np.full(size, np.nan) for name in never}
    missed["limit"] = gappy(rng.uniform(17, 21, len(missed["mjd"])))
    count = len(measured["mjd"])
    measured |= {
        "flux": gappy(rng.normal(0, 40, count)),
        "dflux": rng.choice([0.0, 8.0, 20.0, np.nan], count),
    }
    return pack_detections(seen), pack_nondetections(missed), pack_forced(measured)


def context(rng: np.random.Generator, n: int) -> StreamContext:
    def columns(kind: type) -> dict[str, np.ndarray]:
        return {
            one.name: np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0, 3, n))
            for one in fields(kind)
            if one.name not in ("host", "kind")
        }

    host = columns(Hosts) | {
        "kind": rng.integers(0, 6, n),
        "z": rng.choice([np.nan, -0.001, 0.05, 0.3], n),
    }
    times = {
        "t0_mjd": np.where(rng.random(n) < 0.1, np.nan, NOW - rng.uniform(-3, 20, n)),
        "first_told_mjd": np.where(rng.random(n) < 0.5, np.nan, NOW - rng.uniform(-10, 100, n)),
    }
    return StreamContext(**columns(StreamContext) | times, host=Hosts(**host))


def blank_context(n: int = 1, **known: float) -> StreamContext:
    """A context of which nothing is known but ``known``; a host's columns by ``host_`` and their name."""
    nothing = np.full(n, np.nan)

    def column(name: str, empty: float = np.nan):
        return np.full(n, known[name]) if name in known else np.full(n, empty)

    host = {one.name: column(f"host_{one.name}") for one in fields(Hosts)}
    host["kind"] = column("host_kind", 0.0).astype(np.int64)
    names = [one.name for one in fields(StreamContext) if one.name != "host"]
    unknown = set(known) - set(names) - {f"host_{name}" for name in host}
    assert not unknown, unknown
    return replace(
        StreamContext(**dict.fromkeys(names, nothing), host=Hosts(**host)),
        **{name: column(name) for name in names},
    )


def taken(about: StreamContext, rows: np.ndarray) -> StreamContext:
    """The context of some of the alerts."""
    host = Hosts(**{one.name: getattr(about.host, one.name)[rows] for one in fields(Hosts)})
    names = [one.name for one in fields(StreamContext) if one.name != "host"]
    return StreamContext(**{name: getattr(about, name)[rows] for name in names}, host=host)


def by_reference(
    curves: LightCurves, about: StreamContext, band_names: dict[int, str], at: np.ndarray
) -> dict[str, np.ndarray]:
    """What the plain reference says of each alert."""
    found = []
    columns = ("mjd", "mag", "magerr", "limit", "score", "ra", "dec", "flux", "dflux")
    for i in range(len(curves)):
        one = curves.part(i, i + 1)
        sections = [
            [
                Row(
                    band=band(band_names[int(code)]).name,
                    **{
                        name: float(getattr(section, name)[row])
                        for name in columns
                        if name not in ("mag", "magerr") or section is not one.forced
                        if hasattr(section, name)
                    },
                )
                for row, code in enumerate(section.band)
            ]
            for section in (one.detections, one.nondetections, one.forced)
        ]
        about_it = {
            name.name: float(getattr(about, name.name)[i]) for name in fields(about) if name.name != "host"
        }
        host = {name.name: float(getattr(about.host, name.name)[i]) for name in fields(about.host)}
        found.append(features(*sections, about_it, host, float(at[i])))
    return {name: np.array([one[name] for one in found], dtype=np.float64) for name in STREAM_1}
