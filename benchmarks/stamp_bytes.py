"""How many bytes three stamps beside the list take, and how long they take to prepare.

    python -m benchmarks.stamp_bytes [--side 15|21|31] [--count 54]

With VRA_REAL_DATA set, of the real ZTF triplets in its folder `ztf_alerts`, else of simulated ones. Bytes
are those of the escape sequences that the screen writes: of whole pictures, and of the cells that differ
from the pictures before. The line of captions is not counted.
"""

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from rich.color import ColorSystem
from rich.segment import Segment

from vra_tui.pictures.decode import decode
from vra_tui.store.stamp_bytes import StampEpoch
from vra_tui.surveys.ztf import Ztf
from vra_tui.tui.compositor import Pen
from vra_tui.tui.spans import changed_runs
from vra_tui.tui.stamps.cells import Cells
from vra_tui.tui.stamps.compose import compose
from vra_tui.tui.stamps.frame import Screen
from vra_tui.tui.stamps.look import Look
from vra_tui.tui.stamps.paint import Painter, frame_rows
from vra_tui.tui.stamps.shelf import AlertStamps

Triplet = Mapping[str, bytes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=21, choices=(15, 21, 31))
    parser.add_argument("--count", type=int, default=54, help="how many simulated triplets")
    parser.add_argument("--theme", default="dark")
    asked = parser.parse_args()
    folder = os.environ.get("VRA_REAL_DATA")
    triplets = list(real_triplets(Path(folder)) if folder else simulated_triplets(asked.count))
    screen = Screen(3 * asked.side + 2, (asked.side + 1) // 2 + 1)
    painter = Painter(asked.theme)
    whole, changed, times, before = [], [], [], None
    for triplet in triplets:
        start = time.perf_counter()
        cells = cells_of(triplet, screen)
        whole.append(written(painter, None, cells))
        times.append(time.perf_counter() - start)
        if before is not None:
            changed.append(written(painter, before, cells))
        before = cells
    print(
        f"{len(triplets)} triplets ({'real' if folder else 'simulated'} ZTF), "
        f"{asked.side} pixels, {asked.theme}"
    )
    for name, figures in (("whole pictures", whole), ("only changed cells", changed)):
        print(f"{name:<20} mean {statistics.mean(figures):>6,.0f} bytes, max {max(figures):>6,}")
    print(f"prepared and written in {1e3 * statistics.median(times):.1f} ms (median)")


def real_triplets(folder: Path) -> Iterator[Triplet]:
    """The stamps of the first packet of each object that has three, in the order of files."""
    import vra_tui as vra

    seen = set()
    with warnings.catch_warnings(action="ignore"):
        for packet in vra.read(folder / "ztf_alerts"):
            stamps = {one.kind.value: one.data for one in packet.alert.stamps}
            if len(stamps) == 3 and packet.object_id not in seen:
                seen.add(packet.object_id)
                yield stamps


def simulated_triplets(count: int) -> Iterator[Triplet]:
    """Stamps of simulated alerts of all kinds."""
    from vra_tui.simulator.stamps import ZTF, StampSource, draw, fits_bytes, imagine

    kinds = [list(StampSource)[at % len(StampSource)] for at in range(count)]
    drawn = draw(imagine(ZTF, kinds, 18.5, np.random.default_rng(1)), ZTF)
    for at in range(count):
        cutouts = fits_bytes(drawn, at)
        yield {name: getattr(cutouts, name) for name in ("science", "template", "difference")}


def cells_of(triplet: Triplet, screen: Screen) -> Cells:
    """The cells of a pane that shows a triplet."""
    frame = Ztf.stamp_frame
    pictures = {kind: decode(data, frame) for kind, data in triplet.items()}
    stamps = AlertStamps(1, (3, 0), [StampEpoch(0.0)], pictures={0: pictures})
    return compose(stamps, 0, Look(), screen).cells


def written(painter: Painter, before: Cells | None, cells: Cells) -> int:
    """Bytes of the sequences that paint the cells that differ from those before."""
    pen, colours = Pen(ColorSystem.TRUECOLOR), (-1, -1)
    for y, row in enumerate(frame_rows(cells)[:-1]):
        runs = [(0, len(row))] if before is None else changed_runs(before[y], cells[y])
        for first, last in runs:
            segments: list[Segment]
            segments, colours = painter.row(row[first:last], colours)
            pen.move(first, y)
            pen.write(segments)
    return len(pen.lifted().encode())


if __name__ == "__main__":
    main()
