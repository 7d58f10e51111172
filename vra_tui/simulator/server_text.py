"""Texts of the server about a simulated alert: Sherlock's match and words, the report on TNS."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from vra_tui.simulator.batch import Batch

_MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
_LIGHT = 299_792.458
_CATALOGUES = {
    "galaxy": ("SDSS/PS1", "galaxy", "ps1 galaxy i angular"),
    "agn": ("MILLIQUAS", "qso", "milliquas agn"),
    "star": ("GAIA/PS1", "star", "gaia star"),
    "cv": ("ritterCV", "cv", "ritter cv"),
}
_RELATION = {
    "SN": "possibly associated with",
    "NT": "possibly associated with the nucleus of",
    "AGN": "synonymous with",
    "VS": "synonymous with",
    "CV": "synonymous with",
    "BS": "near to",
}


def iso(mjd: float, zone: str = "") -> str:
    """ISO 8601 time to the second of an MJD (UTC)."""
    time = _MJD_EPOCH + timedelta(seconds=round(mjd * 86400.0))
    return time.strftime("%Y-%m-%dT%H:%M:%S") + zone


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def match_row(batch: Batch, row: int) -> dict[str, Any] | None:
    """The first row of ``sherlock_crossmatches`` of an alert, or None when nothing matches."""
    match = {name: column[row] for name, column in batch.matches.items()}
    kind = str(match["catalogue"])
    if kind not in _CATALOGUES:
        return None
    table, source, search = _CATALOGUES[kind]
    dec = float(batch.alerts["dec"][row]) + float(match["north"]) / 3600.0
    ra = float(batch.alerts["ra"][row]) + float(match["east"]) / 3600.0 / math.cos(math.radians(dec))
    z = _number(match["z"])
    photoz = _number(match["photoz"])
    distance = _hubble(z) if z else None
    magnitude = float(match["magnitude"])
    return {
        "transient_object_id": int(batch.alerts["alert_id"][row]),
        "catalogue_object_id": f"{round((ra % 360.0) * 1e5):08d}{round((dec + 90.0) * 1e5):08d}",
        "catalogue_table_name": table,
        "catalogue_object_type": source,
        "catalogue_object_subtype": None,
        "association_type": str(batch.alerts["sherlock"][row]),
        "separationarcsec": float(match["separation"]),
        "northseparationarcsec": float(match["north"]),
        "eastseparationarcsec": float(match["east"]),
        "radeg": round(ra % 360.0, 6),
        "decdeg": round(dec, 6),
        "z": z,
        "photoz": photoz,
        "photozerr": None if photoz is None else round(0.02 * (1.0 + photoz), 6),
        "distance": None if distance is None else round(distance, 2),
        "distance_modulus": None if distance is None else round(5.0 * math.log10(distance) + 25.0, 2),
        "scale": None if distance is None or z is None else round(_kpc_per_arcsec(distance, z), 3),
        "physical_separation_kpc": (
            None
            if distance is None or z is None
            else round(float(match["separation"]) * _kpc_per_arcsec(distance, z), 2)
        ),
        "field_g": round(magnitude + 0.6, 2),
        "field_r": magnitude,
        "field_i": round(magnitude - 0.3, 2),
        "rank": 1,
        "rankscore": 1000.0 + round(float(match["separation"]), 2),
        "search_name": search,
        "catalogue_view_name": search,
        "classificationreliability": 1 if match["separation"] < 2.0 else 2,
    }


def _hubble(z: float) -> float:
    """Luminosity distance in Mpc, near enough for a catalogue's column (H0 = 70, q0 = -0.55)."""
    return _LIGHT / 70.0 * (z + 0.775 * z**2)


def _kpc_per_arcsec(distance: float, z: float) -> float:
    return distance / (1.0 + z) ** 2 * 1000.0 * math.radians(1.0 / 3600.0)


def classification_row(batch: Batch, row: int, match: dict[str, Any] | None) -> dict[str, Any]:
    """The row of ``sherlock_classifications``: class, annotation (with HTML, as the server's) and summary."""
    alert_id, sherlock = int(batch.alerts["alert_id"][row]), str(batch.alerts["sherlock"][row])
    if match is None:
        annotation = "The transient location is not matched against any known catalogued source"
        summary = "No catalogued match"
    else:
        name, source = match["catalogue_object_id"], match["catalogue_object_type"]
        north, east = match["northseparationarcsec"], match["eastseparationarcsec"]
        link = f'<a href="https://ps1images.stsci.edu/cgi-bin/ps1cutouts?pos={match["radeg"]}+{match["decdeg"]}">'
        annotation = (
            f"The transient is {_RELATION[sherlock]} <em>{link}{name}</a></em>; "
            f"a r={match['field_r']:.2f} mag {source} found in the "
            f"{match['catalogue_table_name']} catalogues. "
            f"It's located {abs(north):.2f}\" {'S' if north >= 0 else 'N'}, "
            f'{abs(east):.2f}" {"W" if east >= 0 else "E"} from the {source} centre.'
        )
        if match["z"] is not None:
            absolute = abs(float(batch.tns["magnitude"][row])) - match["distance_modulus"]
            annotation += (
                f" A host z={match['z']:.3f} implies a transient M={absolute:.2f} mag"
                f" at {match['physical_separation_kpc']} Kpc."
            )
        summary = f'{match["separationarcsec"]:.1f}" from {source} in {match["catalogue_table_name"]}'
    return {
        "transient_object_id": alert_id,
        "classification": sherlock,
        "annotation": annotation,
        "summary": summary,
    }


def tns_name(batch: Batch, row: int) -> str:
    """TNS designation: the year of discovery and three letters."""
    suffix = int(batch.tns["suffix"][row])
    letters = "".join(chr(ord("a") + suffix // 26**power % 26) for power in (2, 1, 0))
    return iso(float(batch.tns["discovered"][row]))[:4] + letters


def tns_row(batch: Batch, row: int) -> dict[str, Any] | None:
    """The row of ``tns_crossmatches`` of an alert, or None. ``date_added``: when TNS listed it."""
    if not batch.tns["present"][row]:
        return None
    name, discoverer = tns_name(batch, row), str(batch.tns["discoverer"][row])
    return {
        "id": int(batch.tns["suffix"][row]) + 600_000_000,
        "transient_object_id": int(batch.alerts["alert_id"][row]),
        "external_designation": name,
        "type": None,
        "host_galaxy": None,
        "mag": float(batch.tns["magnitude"][row]),
        "discoverer": discoverer,
        "matched_list": "Transient Name Server",
        "other_info": str(batch.alerts["name"][row]) if discoverer == "ATLAS" else None,
        "separation": float(batch.tns["separation"][row]),
        "url": f"https://wis-tns.org/object/{name}",
        "host_z": None,
        "object_z": None,
        "disc_date": iso(float(batch.tns["discovered"][row]), "Z"),
        "disc_filter": None,
        "date_added": iso(float(batch.tns["listed"][row]), "Z"),
    }
