"""Features derived from other columns of a feature table.

With a thousand training rows a tree cannot discover that the galactic plane runs slantwise through (ra, dec),
that a degree of RA shrinks towards the poles, or that a count means little without the number of visits.
These columns say so outright. They need nothing beyond the published features, so any table of those can be
scored, and a feature that has no value stays NaN.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable

Column = NDArray[np.float64]

# J2000 equatorial direction of the north galactic pole (Hipparcos catalogue, ESA SP-1200, section 1.5.3).
_POLE_RA = np.radians(192.85948)
_POLE_DEC = np.radians(27.12825)

# Hubble law with a first-order deceleration term (q0 = -0.55); good to 2 % below z = 0.3, and a host's
# redshift does not deserve more here.
_HUBBLE_DISTANCE_MPC = 299792.458 / 70.0

# A / E(B-V) of Sloan r at R_V = 3.1 (Schlafly & Finkbeiner 2011, table 6: 2.285); ATLAS orange lies near it.
_ORANGE_EXTINCTION = 2.3

_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Derived:
    """How one column is computed: ``compute`` gets the columns ``needs`` names, each of shape (n,)."""

    needs: tuple[str, ...]
    compute: Callable[..., Column]
    words: str


def _abs_galactic_latitude(ra: Column, dec: Column) -> Column:
    ra, dec = np.radians(ra), np.radians(dec)
    sine = np.sin(dec) * np.sin(_POLE_DEC) + np.cos(dec) * np.cos(_POLE_DEC) * np.cos(ra - _POLE_RA)
    return np.abs(np.degrees(np.arcsin(np.clip(sine, -1, 1))))


def _ra_scatter(log10_std_ra: Column, dec: Column) -> Column:
    return log10_std_ra + np.log10(np.cos(np.radians(dec)) * 3600)


def _scatter(log10_std_ra: Column, log10_std_dec: Column, dec: Column) -> Column:
    return np.log10(np.hypot(10 ** _ra_scatter(log10_std_ra, dec), 10**log10_std_dec * 3600))


def _distance_mpc(z: Column, photoz: Column) -> Column:
    redshift = np.where(np.isnan(z), photoz, z)
    redshift = np.where(redshift > 0, redshift, np.nan)
    return _HUBBLE_DISTANCE_MPC * redshift * (1 + 0.775 * redshift)


def _host_offset_kpc(log10_sep: Column, z: Column, photoz: Column) -> Column:
    return log10_sep + np.log10(_distance_mpc(z, photoz) / 206.265)


def _absolute_magnitude(mag: Column, z: Column, photoz: Column) -> Column:
    return np.abs(mag) - 5 * np.log10(_distance_mpc(z, photoz)) - 25


def _unreddened(mag: Column, ebv: Column) -> Column:
    return np.abs(mag) - _ORANGE_EXTINCTION * ebv


def _share(part: Column, rest: Column) -> Column:
    return part / np.where(part + rest > 0, part + rest, np.nan)


def _since(total: Column, before: Column) -> Column:
    return np.maximum(total - before, 0)


def _share_since(det: Column, det_before: Column, non: Column, non_before: Column) -> Column:
    seen, missed = _since(det, det_before), _since(non, non_before)
    # A day with no non-detection delivers no count of them; half a visit each way keeps one night from
    # counting as certainty.
    return (seen + 0.5) / (seen + np.where(np.isnan(missed), 0, missed) + 1)


DERIVED: Mapping[str, Derived] = MappingProxyType(
    {
        "abs_gal_lat": Derived(
            ("ra", "dec"),
            _abs_galactic_latitude,
            "degrees from the galactic plane",
        ),
        "log10_std_ra_arcsec": Derived(
            ("log10_std_ra_min5d", "dec"), _ra_scatter, "scatter in RA on the sky"
        ),
        "log10_scatter_arcsec": Derived(
            ("log10_std_ra_min5d", "log10_std_dec_min5d", "dec"), _scatter, "scatter of the position"
        ),
        "det_share_min5d": Derived(
            ("DET_Nsince_min5d", "NON_Nsince_min5d"),
            _share,
            "share of exposures with a detection before the alert",
        ),
        "log10_host_offset_kpc": Derived(
            ("log10_sep_arcsec", "z", "photoz"), _host_offset_kpc, "distance from the host in kpc"
        ),
        "host_abs_mag": Derived(
            ("DET_mag_median_min5d", "z", "photoz"),
            _absolute_magnitude,
            "absolute magnitude at the host's distance",
        ),
        "mag_unreddened": Derived(
            ("DET_mag_median_min5d", "ebv_sfd"), _unreddened, "magnitude without the dust in front of it"
        ),
        "det_share_visits": Derived(
            ("DET_N_total", "NON_N_total"), _share, "share of exposures with a detection up to this visit"
        ),
        "det_share_since": Derived(
            ("DET_N_total", "DET_Nsince_min5d", "NON_N_total", "NON_Nsince_min5d"),
            _share_since,
            "share of exposures with a detection since the alert",
        ),
        "det_since": Derived(("DET_N_total", "DET_Nsince_min5d"), _since, "detections since the alert"),
        "non_since": Derived(("NON_N_total", "NON_Nsince_min5d"), _since, "non-detections since the alert"),
        "fading": Derived(("DET_mag_median", "max_mag"), np.subtract, "magnitudes below its brightest day"),
        "brightening": Derived(
            ("DET_mag_median_min5d", "max_mag"), np.subtract, "magnitudes gained since before the alert"
        ),
        "limit_below_peak": Derived(
            ("NON_mag_median", "max_mag"), np.subtract, "how far below its brightest day it would be missed"
        ),
        "detected_today": Derived(
            ("DET_N_total",), lambda total: np.isfinite(total).astype(np.float64), "detected at this visit"
        ),
        "days_since_max": Derived(("dayN", "max_mag_day"), np.subtract, "days since its brightest day"),
    }
)


def columns_needed(names: Sequence[str]) -> tuple[str, ...]:
    """The table columns from which the named features, derived or not, are made; each once, in order."""
    needed = [column for name in names for column in (DERIVED[name].needs if name in DERIVED else (name,))]
    return tuple(dict.fromkeys(needed))


def feature_matrix(table: FeatureTable, names: Sequence[str]) -> NDArray[np.float64]:
    """The named features, derived or not, shape (n, len(names)); every value NaN or finite as a float32.

    What comes out infinite (the logarithm of a separation of zero) has no value and becomes NaN, as in the
    feature table itself; so does what XGBoost, which counts in float32, would refuse with the whole table
    (a redshift of 1e300). Raises KeyError naming the table's missing columns.
    """
    missing = [column for column in columns_needed(names) if column not in table.names]
    if missing:
        raise KeyError(", ".join(missing))
    matrix = np.empty((len(table), len(names)))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for position, name in enumerate(names):
            if name in DERIVED:
                columns = [table.column(column) for column in DERIVED[name].needs]
                matrix[:, position] = DERIVED[name].compute(*columns)
            else:
                matrix[:, position] = table.column(name)
    matrix[~(np.abs(matrix) < _LARGEST)] = np.nan
    return matrix
