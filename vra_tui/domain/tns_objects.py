"""Objects of the Transient Name Server as its lists tell them, and which of them lie at given places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.sky import separation, unit_vectors

Floats = NDArray[np.float64]

#: A report within so many arcsec is of the same transient.
RADIUS_ARCSEC = 3.0


@dataclass(frozen=True)
class TnsObject:
    """One object: its number there, its name without prefix (`2026abc`), `AT` or `SN`, place in degrees.

    ``received`` and ``modified`` are times as the TNS writes them (UTC), ``discovered_mjd`` is UTC.
    """

    objid: int
    name: str
    prefix: str
    ra: float
    dec: float
    type: str | None = None
    z: float | None = None
    mag: float | None = None
    mag_band: str | None = None
    discovered_mjd: float | None = None
    discoverer: str | None = None
    internal_names: str | None = None
    received: str | None = None
    modified: str | None = None


@dataclass(frozen=True, eq=False)
class TnsObjects:
    """What a list of the TNS holds. ``is_whole``: it is all that there is, not only what changed.

    ``radius_arcsec``: so near to an alert an object is the same transient.
    """

    objects: tuple[TnsObject, ...]
    is_whole: bool = False
    radius_arcsec: float = RADIUS_ARCSEC


@dataclass(frozen=True)
class NamedAlert:
    """An alert to which reports are added: its names, and the designations that it has already."""

    survey: str
    object_id: str
    other_name: str | None
    designations: tuple[str, ...] = ()


def pairs_within(
    ra: Floats, dec: Floats, other_ra: Floats, other_dec: Floats, radius_arcsec: float = RADIUS_ARCSEC
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """All pairs of places of two lists, shapes (n,) and (m,), degrees, that are no farther apart.

    Returns the places in either list and the separations in arcsec, the first list's in order, the nearest
    first. Chords of the unit sphere in a k-d tree: poles and the turn of right ascension are no special case.
    """
    from scipy.spatial import cKDTree

    none = np.zeros(0, dtype=np.int64)
    if not len(ra) or not len(other_ra):
        return none, none, np.zeros(0)
    # A little wider than the chord, for rounding; the exact separations decide.
    chord = 2.0 * np.sin(np.radians(radius_arcsec / 3600.0) / 2.0) * 1.001
    fewer, more = unit_vectors(ra, dec), unit_vectors(other_ra, other_dec)
    found = cKDTree(fewer).sparse_distance_matrix(cKDTree(more), chord, output_type="coo_matrix")
    mine, theirs = found.row.astype(np.int64), found.col.astype(np.int64)
    apart = np.atleast_1d(separation(ra[mine], dec[mine], other_ra[theirs], other_dec[theirs]))
    near = apart <= radius_arcsec
    mine, theirs, apart = mine[near], theirs[near], apart[near]
    order = np.lexsort((theirs, apart, mine))
    return mine[order], theirs[order], apart[order]
