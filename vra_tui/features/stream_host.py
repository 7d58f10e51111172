"""Host and distance features: a part of `stream-1`."""

import numpy as np

from vra_tui.domain import distance
from vra_tui.domain.host_facts import NUCLEAR_ARCSEC, NUCLEAR_SHARE
from vra_tui.domain.hosts import HostKind, Hosts
from vra_tui.features.stream_sums import Floats


def host_columns(
    host: Hosts, fwhm_arcsec: Floats, position_error: Floats, peak_mag: Floats, peak_extinction: Floats
) -> dict[str, Floats]:
    """Kind, separation in three units, colour, redshift and luminosities; all arguments of shape (n,)."""
    apart = np.where(
        np.isnan(host.separation_arcsec),
        np.hypot(host.north_arcsec, host.east_arcsec),
        host.separation_arcsec,
    )
    redshift, cosmological = _redshifts(host)
    modulus = distance.distance_modulus(cosmological)
    centre = np.fmax(np.fmax(NUCLEAR_ARCSEC, NUCLEAR_SHARE * fwhm_arcsec), position_error)
    size = np.where(host.major_axis_arcsec > 0, host.major_axis_arcsec, np.nan)
    looked = np.where(host.kind == HostKind.UNKNOWN, np.nan, 0.0)
    kinds = (HostKind.GALAXY, HostKind.STAR, HostKind.AGN, HostKind.CV)
    return {
        **{f"host_is_{kind.name.lower()}": (host.kind == kind) + looked for kind in kinds},
        "host_separation_arcsec": apart,
        "host_separation_kpc": apart * distance.kpc_per_arcsec(cosmological),
        "host_separation_in_sizes": apart / size,
        "host_is_nuclear": np.where(np.isnan(apart), np.nan, apart < centre),
        "host_mag": host.mag,
        "host_colour_mag": host.colour,
        "host_redshift": redshift,
        "host_absolute_mag": distance.absolute_magnitude(host.mag, modulus),
        "peak_absolute_mag": distance.absolute_magnitude(peak_mag, modulus, peak_extinction),
        "peak_less_host_mag": peak_mag - host.mag,
        "n_other_matches_near": host.n_other_near,
    }


def _redshifts(host: Hosts) -> tuple[Floats, Floats]:
    """The best redshift, and the one that distances are reckoned with.

    Measured before photometric before what a distance implies. A distance measured directly comes first for
    luminosities and sizes: near by, galaxies' own motions spoil the redshift as a distance.
    """
    direct, implied = (_of_distance(one) for one in (host.direct_distance_mpc, host.distance_mpc))
    spectroscopic, photometric = (np.where(z > 0, z, np.nan) for z in (host.z, host.photoz))
    return (
        _first_known(spectroscopic, photometric, direct, implied),
        _first_known(direct, spectroscopic, photometric, implied),
    )


def _of_distance(mpc: Floats) -> Floats:
    """Redshifts of distances; only where there is one, since each takes a search."""
    found = np.full(len(mpc), np.nan)
    known = np.isfinite(mpc)
    found[known] = distance.redshift_of_distance(mpc[known])
    return found


def _first_known(*columns: Floats) -> Floats:
    found = columns[0]
    for column in columns[1:]:
        found = np.where(np.isnan(found), column, found)
    return found
