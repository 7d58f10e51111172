"""Read the facts, near sources and details of a ZTF candidate."""

from collections.abc import Mapping
from typing import Any

from vra_tui.domain.alert import CatalogueMatch, Fact, detail_key
from vra_tui.surveys.ztf import history, values
from vra_tui.surveys.ztf.values import Row

#: Arcsec of a pixel of the camera (Bellm et al. 2019), in which `distnr` and `fwhm` are given.
_PIXEL = 1.012

#: Facts that are numbers of the packet, by key: what they are called, and what they are multiplied with.
_NUMBERS: Mapping[str, tuple[str, float]] = {
    "sgscore1": ("star_score", 1.0),
    "distpsnr1": ("star_arcsec", 1.0),
    "neargaia": ("gaia_arcsec", 1.0),
    "maggaia": ("gaia_mag", 1.0),
    "ssdistnr": ("solar_arcsec", 1.0),
    "ssmagnr": ("solar_mag", 1.0),
    "distnr": ("reference_arcsec", _PIXEL),
    "magnr": ("reference_mag", 1.0),
    "fwhm": ("fwhm_arcsec", _PIXEL),
    "elong": ("elongation", 1.0),
}
_COUNTS = {"nbad": "n_bad_pixels", "ndethist": "n_detections_told"}
_PS1_BANDS = ("r", "g", "i", "z")
_PS1 = frozenset(
    f"{name}{n}"
    for n in (1, 2, 3)
    for name in ("objectidps", "sgscore", "distpsnr", "sgmag", "srmag", "simag", "szmag")
)
_GAIA = frozenset({"neargaia", "maggaia", "neargaiabright", "maggaiabright"})
#: What stands in the light curve and in matches; all other keys are details of the detection.
_ELSEWHERE = _PS1 | _GAIA | {
    "jd", "fid", "candid", "isdiffpos", "ra", "dec", "magpsf", "sigmapsf", "diffmaglim", "drb", "objectId",
}  # fmt: skip


def facts_of(row: Row) -> dict[str, Fact]:
    """Facts that the row names. Raises Refused."""
    facts: dict[str, Fact] = {}
    if "ra" in row and "dec" in row:
        ra, dec = values.position(row)
        facts["ra"], facts["dec"] = _or_none(ra), _or_none(dec)
    if "drb" in row or "rb" in row:
        facts["real_bogus"] = _or_none(history.real_bogus(row))
    for key, (name, scale) in _NUMBERS.items():
        if key in row:
            value = values.optional(row, key)
            facts[name] = None if value is None else value * scale
    for key, name in _COUNTS.items():
        if key in row:
            facts[name] = values.whole(row, key)
    if "ssnamenr" in row:
        facts["solar_name"] = values.text(row, "ssnamenr")
    if "jdstarthist" in row:
        facts["first_told_mjd"] = values.mjd_of_jd(row, "jdstarthist")
    return facts


def matches_of(row: Row) -> tuple[CatalogueMatch, ...] | None:
    """The sources of PS1 and Gaia near it; None where the row does not speak of them. Raises Refused."""
    if not ("distpsnr1" in row or "neargaia" in row):
        return None
    near = [_ps1(row, n) for n in (1, 2, 3)]
    near += [_gaia(row, "neargaia", "maggaia"), _gaia(row, "neargaiabright", "maggaiabright")]
    found: list[CatalogueMatch] = []
    for match in near:
        # The nearest Gaia source may be the nearest bright one as well.
        if match is not None and match not in found:
            found.append(match)
    return tuple(found)


def _ps1(row: Row, n: int) -> CatalogueMatch | None:
    separation = values.optional(row, f"distpsnr{n}")
    if separation is None:
        return None
    mags = {band: values.optional(row, f"s{band}mag{n}") for band in _PS1_BANDS}
    shown = next((band for band in _PS1_BANDS if mags[band] is not None), None)
    identity = values.identity(row, f"objectidps{n}") if row.get(f"objectidps{n}") != -999 else 0
    return CatalogueMatch(
        source="ps1",
        catalogue="PS1",
        catalogue_object_id=str(identity) if identity else None,
        separation_arcsec=separation,
        star_score=values.optional(row, f"sgscore{n}"),
        mag=mags[shown] if shown else None,
        mag_band=shown,
        extra={f"{band}_mag": mag for band, mag in mags.items() if mag is not None and band != shown},
    )


def _gaia(row: Row, near: str, mag: str) -> CatalogueMatch | None:
    separation = values.optional(row, near)
    if separation is None:
        return None
    return CatalogueMatch(
        source="gaia",
        catalogue="Gaia DR1",
        separation_arcsec=separation,
        mag=values.optional(row, mag),
        mag_band="G",
    )


def details_of(row: Row, source_id: int) -> dict[str, dict[str, Any]]:
    """The other keys of the packet's own detection, by `detail_key`."""
    if not source_id:
        return {}
    other = values.kept(row, _ELSEWHERE)
    return {detail_key(source_id, 0): other} if other else {}


def _or_none(value: float) -> float | None:
    return None if value != value else value
