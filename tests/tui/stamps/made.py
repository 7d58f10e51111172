"""Stamps made for tests of the screen: simulated triplets, and what the shelf would have of them."""

from functools import cache

import numpy as np

from vra_tui.pictures.decode import Picture, decode
from vra_tui.simulator.stamps import ATLAS, LSST, ZTF, StampSource, draw, fits_bytes, imagine
from vra_tui.store.stamp_bytes import StampEpoch
from vra_tui.surveys import installed_surveys
from vra_tui.tui.stamps.shelf import AlertStamps

OPTICS = {"ztf": ZTF, "atlas": ATLAS, "lsst": LSST}
NOW = 61_000.0


def triplets(survey: str, count: int = 1, seed: int = 4) -> list[dict[str, bytes]]:
    optics = OPTICS[survey]
    drawn = draw(
        imagine(optics, [StampSource.TRANSIENT] * count, 18.0, np.random.default_rng(seed), host_mag=16.0),
        optics,
    )
    found = []
    for at in range(count):
        cutouts = fits_bytes(drawn, at)
        names = ("science", "template", "difference")
        found.append({name: getattr(cutouts, name) for name in names if getattr(cutouts, name) is not None})
    return found


@cache
def decoded(survey: str, epochs: int) -> list[dict[str, Picture]]:
    """The pictures of each epoch, drawn and decoded once: who changes which there are takes a copy."""
    frame = installed_surveys()[survey].stamp_frame
    return [
        {kind: decode(data, frame) for kind, data in triplet.items()} for triplet in triplets(survey, epochs)
    ]


def alert_stamps(survey: str, epochs: int = 1, context: Picture | None = None) -> AlertStamps:
    pictures = {at: dict(kinds) for at, kinds in enumerate(decoded(survey, epochs))}
    told = [
        StampEpoch(NOW - epochs + at, dict.fromkeys(pictures[at], at), band="gr"[at % 2], mag=18.3, sigma=9.0)
        for at in range(epochs)
    ]
    return AlertStamps(1, (3 * epochs, 0), told, context, pictures=pictures)


def field() -> Picture:
    sky = np.random.default_rng(8).normal(0, 1, (120, 120)).astype(np.float32)
    sky[55:70, 20:40] += 30
    return Picture(sky, 60, 60, 0.5)
