"""The three images of simulated alerts: the scene, the survey's optics, and the bytes of the packet.

    scene = imagine(optics, kinds, mags, rng)   # or a Scene of your own columns
    triplets = draw(scene, optics)              # (n, size, size) float32
    cutouts = fits_bytes(triplets, 0)           # as the survey's packets carry them

`draw` is a pure function: all that is random in a row follows from that row's seed, so the same alert has
the same bytes whatever stands beside it, and however many workers draw. docs/stamps.md compares them with
real ones.
"""

from vra_tui.simulator.stamps.draw import Triplets, draw
from vra_tui.simulator.stamps.fits import Cutouts, fits_bytes
from vra_tui.simulator.stamps.imagine import imagine
from vra_tui.simulator.stamps.optics import ATLAS, LSST, OPTICS, ZTF, Optics, StampExposures
from vra_tui.simulator.stamps.scene import Scene, StampSource, Stars

__all__ = [
    "ATLAS",
    "LSST",
    "OPTICS",
    "ZTF",
    "Cutouts",
    "Optics",
    "Scene",
    "StampExposures",
    "StampSource",
    "Stars",
    "Triplets",
    "draw",
    "fits_bytes",
    "imagine",
]
