"""What a light curve costs a key: CPU to draw it, and bytes to repaint what differs from the one before.

`python -m benchmarks.curve [--store FILE]`; without a store, rising sources as each survey would see them.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from rich.color import ColorSystem

from vra_tui.domain.building import build_light_curve
from vra_tui.domain.light_curve import LightCurve
from vra_tui.store.codes import band_names
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.compositor import Pen
from vra_tui.tui.curve.draw import Subject, draw_curve
from vra_tui.tui.curve.points import points_of
from vra_tui.tui.palette import styles_of
from vra_tui.tui.spans import Cells, Line, cells_of, changed_runs, to_strip

WIDTH, HEIGHT = 66, 17
T0 = 60_000.0
#: Survey, its bands, exposures a night and the nights: 60 points as of a young alert, 400 of a deep field.
_KINDS = (("ATLAS", "co", 4, 15), ("ZTF", "gri", 3, 20), ("LSST", "ugrizy", 10, 40))
_REPEATS = 60


def made(bands: str, exposures: int, nights: int, seed: int) -> LightCurve:
    """A source that rises from t0 on; before it, nothing but limits."""
    draws = np.random.default_rng(seed)
    n = exposures * nights
    phase = np.sort(
        np.repeat(np.arange(nights) * (20.0 / nights) - 8.0, exposures) + draws.uniform(0, 0.1, n)
    )
    mag = 20.5 - 1.8 * (1 - np.exp(-np.maximum(phase, 0) / 4)) + draws.normal(0, 0.1, n) + draws.uniform()
    band = draws.choice(list(bands), n)
    seen = phase >= 0
    place = {"ra": np.full(seen.sum(), 10.0), "dec": np.full(seen.sum(), 20.0)}
    curve, _, _ = build_light_curve(
        {
            "mjd": T0 + phase[seen], "mag": mag[seen], "magerr": 0.03 + draws.uniform(0, 0.2, seen.sum()),
            "limit": np.full(seen.sum(), 21.0), "instrument": ["one"] * seen.sum(), "band": band[seen],
            **place,
        },
        {
            "mjd": T0 + phase[~seen], "limit": draws.normal(20.8, 0.4, (~seen).sum()),
            "instrument": ["one"] * (~seen).sum(), "band": band[~seen],
        },
    )  # fmt: skip
    return curve


def repainted(lines: Sequence[Line], shown: dict[int, Cells], colours: ColorSystem) -> int:
    """Bytes that bring lines to the screen, where others stand; ``shown`` is what stands there."""
    pen, styles = Pen(colours), styles_of("dark")
    for y, line in enumerate(lines):
        cells = cells_of(line, WIDTH)
        runs = changed_runs(shown[y], cells) if y in shown else [(0, WIDTH)]
        shown[y] = cells
        strip = to_strip(line, WIDTH, styles) if runs else None
        for first, last in runs:
            pen.move(first, y)
            pen.write(strip.crop(first, last) if strip is not None else ())
    return len(pen.lifted().encode())


def measured(what: str, curves: Sequence[tuple[LightCurve, float]], codes: CodeBook) -> None:
    """Draw curves one after the other, and print what one costs."""
    shown: dict[int, Cells] = {}
    drawing, sending, sent = [], [], []
    for curve, t0 in islice(cycle(curves), _REPEATS):
        begin = time.process_time()
        lines = draw_curve(points_of(curve, t0), Subject(t0, codes=codes), WIDTH, HEIGHT)
        drawn = time.process_time()
        sent.append(repainted(lines, shown, ColorSystem.TRUECOLOR))
        drawing.append((drawn - begin) * 1e3)
        sending.append((time.process_time() - drawn) * 1e3)
    points = statistics.mean(sum(map(len, curve.sections[:2])) for curve, _ in curves)
    print(
        f"  {what:<12} {points:>6.0f} {statistics.mean(drawing[6:]):>10.1f} "
        f"{statistics.mean(sending[6:]):>10.1f} {statistics.mean(sent[6:]):>8.0f}"
    )


def stored(path: Path) -> Iterator[tuple[str, list[tuple[LightCurve, float]], CodeBook]]:
    """The light curves of a store, by survey; those of most points."""
    store = open_store(path)
    codes = CodeBook(bands=band_names(store))
    for (survey,) in store.execute("SELECT DISTINCT survey FROM objects ORDER BY survey").fetchall():
        rows = store.execute(
            """SELECT alert_id, t0_mjd FROM alerts JOIN objects USING (alert_id)
            JOIN lightcurves USING (alert_id) WHERE survey = ?
            ORDER BY length(detections) DESC LIMIT 6""",
            (survey,),
        )
        yield survey, [(light_curve(store, alert_id), t0) for alert_id, t0 in rows], codes
    store.close()


def main() -> None:
    """Measure, on made light curves or on those of a store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path)
    path = parser.parse_args().store
    print(
        f"A light curve of {WIDTH}x{HEIGHT} cells, a key (asked: 6 ms for 60 points, 8 for 400; 2,700 bytes)"
    )
    print(f"  {'':<12} {'points':>6} {'draw, ms':>10} {'paint, ms':>10} {'bytes':>8}")
    if path is not None:
        for survey, curves, codes in stored(path):
            measured(survey, curves, codes)
        return
    for survey, bands, exposures, nights in _KINDS:
        names = dict(enumerate(sorted(bands)))
        curves = [(made(bands, exposures, nights, seed), T0) for seed in range(6)]
        measured(survey, curves, CodeBook(bands=names))


if __name__ == "__main__":
    main()
