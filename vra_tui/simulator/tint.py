"""Colours of simulated sources: the difference between the magnitude in o and in another band."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.bands import BANDS

#: Bluer than g, sources are fainter than their colour says: line blanketing, the Balmer jump.
_MOST = 2.2


def tint(letters: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Tell how much of the colour c - o to add to a magnitude in o for one in each band (ASCII letters).

    A source's magnitudes lie on a line over 1 / wavelength, which is near enough for thermal light: 1 for c,
    0 for o, 1.3 for g, 0.3 for r, -0.4 for i.
    """
    weights = np.zeros(256, dtype=np.float32)
    cyan, orange = (1.0 / BANDS[name].wavelength_nm for name in "co")
    for name, band in BANDS.items():
        if len(name) == 1 and band.is_known:
            weights[ord(name)] = min((1.0 / band.wavelength_nm - orange) / (cyan - orange), _MOST)
    return weights[letters]
