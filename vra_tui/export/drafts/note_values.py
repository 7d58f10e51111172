"""The values that an AstroNote's template may name: of one object, and of several together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.distance import kpc_per_arcsec, modulus_of_distance, redshift_of_distance
from vra_tui.domain.event_words import class_words, days_words, distance_words
from vra_tui.domain.extinction import extinction
from vra_tui.domain.flux import LIMIT_SIGMA
from vra_tui.export.drafts.at_report import day_text, host_name, internal_name, sexagesimal
from vra_tui.export.drafts.facts import AlertFacts, told_detections
from vra_tui.lightcurve.measures import Peak, absolute_magnitude, brightest
from vra_tui.store.detail import HostDistance
from vra_tui.text import counted, plain

#: Measurements in the table of one object's light curve; names in a row.
_MOST_ROWS, _MOST_NAMES = 40, 6
#: Tables stand in by so much, by which they stay tables in Markdown.
_INDENT = "    "

#: What a template of notes may name, and what each of them is; the first ones are of one object alone.
OF_ONE = {
    "name": "the survey's name of it",
    "object_id": "the survey's id of it",
    "tns_name": "its name at the TNS, with prefix",
    "label": "its name, and that of the TNS in brackets",
    "tns_type": "the type that the TNS has",
    "what": "`discovery of`; of what was never detected `forced photometry of` or `limits on`",
    "ra": "right ascension, hours",
    "dec": "declination, degrees",
    "discovery_date": "UTC day with fraction",
    "discovery_mjd": "MJD of the discovery",
    "discovery_mag": "magnitude with its error",
    "discovery_band": "its band",
    "discovery_absolute_mag": "absolute magnitude of the discovery",
    "limit_date": "when it was last not seen",
    "limit_mag": "to which limit",
    "limit_band": "in which band",
    "deepest_date": "of the deepest limit, where it was never detected",
    "deepest_mag": "that limit",
    "deepest_band": "its band",
    "latest_date": "of the latest detection",
    "latest_mag": "its magnitude with error",
    "latest_band": "its band",
    "peak_date": "of the brightest detection",
    "peak_mag": "its magnitude",
    "peak_band": "its band",
    "absolute_mag": "absolute magnitude of the brightest detection",
    "detections": "in how many exposures it was detected",
    "host": "name of the host",
    "host_words": "the same, or `a galaxy` where it has no name",
    "host_separation": "distance from its centre, arcsec",
    "host_offset": "the same as north and east",
    "host_kpc": "projected distance from its centre, kpc",
    "redshift": "of a spectrum of the host",
    "photometric_redshift": "where there is no other",
    "distance_mpc": "luminosity distance of the host, Mpc",
    "distance_source": "where that comes from",
    "modulus": "distance modulus",
    "extinction": "of our Galaxy in that band, taken off",
    "gw_event": "the event on whose map it lies best",
    "gw_level": "the credible level there",
    "gw_days": "its time as seen from the event",
    "gw_distance": "distance of the event in its direction",
    "gw_class": "what the event may be",
    "light_curve": "table of its measurements",
}
OF_ALL = {
    "survey": "the survey, or surveys",
    "authors": "reporters of the configuration",
    "count": "how many objects",
    "names": "their names, the first of many",
    "first_date": "the earliest discovery",
    "last_date": "the latest discovery",
    "gw_events": "events on whose maps they lie",
    "objects": "table of the objects with their TNS names",
}
FIELDS = {**OF_ONE, **OF_ALL}


@dataclass(frozen=True)
class NoteObject:
    """A row of a note's table of objects, as texts; "" where something is not known."""

    name: str
    tns_name: str
    ra: str
    dec: str
    discovery_date: str
    discovery_mag: str
    band: str
    redshift: str
    absolute_mag: str
    host: str


def values_of(facts: Sequence[AlertFacts], authors: str) -> dict[str, str]:
    """The values of all fields, "" for those without; of several objects those of one are empty."""
    rows = [object_row(one) for one in facts]
    dates = sorted(row.discovery_date for row in rows if row.discovery_date)
    names = [_label(row.name, row.tns_name) for row in rows]
    more = len(names) - _MOST_NAMES
    events = dict.fromkeys(plain(place.event, 40) for one in facts for place in one.detail.places)
    surveys = dict.fromkeys(plain(one.title, 40) for one in facts)
    return {
        **dict.fromkeys(OF_ONE, ""),
        **(_of_one(facts[0]) if len(facts) == 1 else {}),
        "survey": ", ".join(surveys),
        "authors": plain(authors, 1_000),
        "count": str(len(facts)),
        "names": _listed(names if more < 2 else [*names[:_MOST_NAMES], f"{more} more"]),
        "first_date": dates[0] if dates else "",
        "last_date": dates[-1] if dates else "",
        "gw_events": _listed([*events]),
        "objects": _objects(rows),
    }


def object_row(facts: AlertFacts) -> NoteObject:
    """An object's row of the table of objects."""
    row, one = facts.detail.row, _of_one(facts, is_short=True)
    return NoteObject(
        one["name"],
        one["tns_name"],
        *sexagesimal(row.ra, row.dec),
        one["discovery_date"],
        one["discovery_mag"],
        one["discovery_band"],
        one["redshift"] or (f"{one['photometric_redshift']}p" if one["photometric_redshift"] else ""),
        one["absolute_mag"],
        one["host"],
    )


def tns_name(facts: AlertFacts) -> str:
    """The object's name at the TNS with its prefix; "" where it has none that is known here."""
    if facts.near:
        known = facts.near[0].known
        return plain(f"{known.prefix} {known.name}", 30)
    told = [plain(one.designation, 30) for one in facts.detail.tns]
    first = next(filter(None, told), "")
    return first if not first or first[0].isalpha() else f"AT {first}"


def _name(facts: AlertFacts) -> str:
    """What the survey calls it: its name for people, else as it names objects in reports."""
    row = facts.detail.row
    return plain(row.name, 40) or (internal_name(facts) if facts.numbers else "") or plain(row.object_id, 40)


def _label(name: str, tns: str) -> str:
    return f"{name} ({tns})" if tns else name


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _of_one(facts: AlertFacts, is_short: bool = False) -> dict[str, str]:
    """The values of one object; ``is_short``: without its light curve."""
    row = facts.detail.row
    name, tns = _name(facts), tns_name(facts)
    ra, dec = sexagesimal(row.ra, row.dec)
    return {
        **dict.fromkeys(OF_ONE, ""),
        "name": name,
        "object_id": plain(row.object_id, 40),
        "tns_name": tns,
        "label": _label(name, tns),
        "tns_type": _tns_type(facts),
        "what": _what(facts),
        "ra": ra,
        "dec": dec,
        **_of_curve(facts),
        **_of_host(facts),
        **_of_event(facts),
        "light_curve": "" if is_short else _light_curve(facts),
    }


def _what(facts: AlertFacts) -> str:
    if facts.onset is not None:
        return "discovery of"
    return "forced photometry of" if len(_forced(facts)) else "limits on"


def _forced(facts: AlertFacts) -> NDArray[np.int64]:
    """Indices of forced photometry that sees the source by 5 sigma, of each night and band the surest."""
    forced = facts.curve.forced
    with np.errstate(all="ignore"):
        sigma = np.where(forced.dflux > 0, forced.flux / forced.dflux, 0.0)
    order = np.argsort(-sigma, kind="stable")
    order = order[(sigma[order] >= LIMIT_SIGMA) & np.isfinite(forced.mag[order])]
    nights = np.stack([np.floor(forced.mjd[order]), forced.band[order].astype(float)])
    _, first = np.unique(nights, axis=1, return_index=True)
    found: NDArray[np.int64] = np.sort(order[first])
    return found


def _tns_type(facts: AlertFacts) -> str:
    told = [one.known.type for one in facts.near] + [one.type for one in facts.detail.tns]
    return next((plain(one, 40) for one in told if one), "")


def _of_curve(facts: AlertFacts) -> dict[str, str]:
    found: dict[str, str] = {}
    if facts.unseen is not None:
        found |= {
            "limit_date": day_text(facts.unseen.mjd, 2), "limit_mag": f"{facts.unseen.limit:.2f}",
            "limit_band": _band(facts, facts.unseen.band),
        }  # fmt: skip
    if facts.onset is None:
        # Of what was never detected the deepest limit tells most.
        missed = facts.curve.nondetections
        if len(missed) and np.isfinite(missed.limit).any():
            best = int(np.nanargmax(missed.limit))
            found |= {
                "deepest_date": day_text(float(missed.mjd[best]), 2),
                "deepest_mag": f"{missed.limit[best]:.2f}",
                "deepest_band": _band(facts, int(missed.band[best])),
            }  # fmt: skip
        return found
    seen, own = facts.curve.detections, facts.onset.own
    first, last = int(own[0]), int(own[-1])
    found |= {
        "discovery_date": day_text(float(seen.mjd[first]), 2),
        "discovery_mjd": f"{seen.mjd[first]:.2f}",
        "discovery_mag": _magnitude(facts, first),
        "discovery_band": _band(facts, int(seen.band[first])),
        "discovery_absolute_mag": _absolute(facts, _peak_at(facts, first)),
        "detections": counted(len(own), "exposure"),
    }
    if last != first:
        found |= {
            "latest_date": day_text(float(seen.mjd[last]), 2),
            "latest_mag": _magnitude(facts, last), "latest_band": _band(facts, int(seen.band[last])),
        }  # fmt: skip
    peak = _peak(facts)
    if peak is not None:
        dust = facts.detail.ebv_sfd
        taken = math.nan if dust is None else float(extinction(dust, peak.band))
        found |= {
            "peak_date": day_text(peak.mjd, 2), "peak_mag": f"{peak.mag:.2f}",
            "peak_band": plain(peak.band, 20), "absolute_mag": _absolute(facts, peak),
        }  # fmt: skip
        if found["absolute_mag"] and math.isfinite(taken):
            found["extinction"] = f"{taken:.2f}"
    return found


def _peak(facts: AlertFacts) -> Peak | None:
    """The brightest detection, as the screen and `vra show` have it."""
    return brightest(facts.curve, facts.detail.row.t0_mjd, facts.bands)


def _peak_at(facts: AlertFacts, index: int) -> Peak:
    seen = facts.curve.detections
    return Peak(float(seen.mag[index]), _band(facts, int(seen.band[index])), float(seen.mjd[index]))


def _absolute(facts: AlertFacts, peak: Peak | None) -> str:
    if peak is None or facts.distance is None:
        return ""
    found = absolute_magnitude(peak, facts.distance.mpc, facts.detail.ebv_sfd)
    return "" if found is None else f"{found:.1f}"


def _band(facts: AlertFacts, code: int) -> str:
    return plain(facts.bands.get(code, "?"), 20)


def _magnitude(facts: AlertFacts, index: int) -> str:
    mag, error = (
        float(column[index]) for column in (facts.curve.detections.mag, facts.curve.detections.magerr)
    )
    return f"{mag:.2f} +/- {error:.2f}" if error > 0 else f"{mag:.2f}"


_SOURCES = {
    "measured": "a direct measurement", "catalogued": "a catalogue", "z": "its redshift",
    "photo-z": "its photometric redshift",
}  # fmt: skip


def _of_host(facts: AlertFacts) -> dict[str, str]:
    host, distance = facts.host, facts.distance
    if host is None:
        return {}
    name = host_name(facts)
    found = {"host": name, "host_words": name or "a galaxy"}
    if host.separation_arcsec is not None:
        found["host_separation"] = f'{host.separation_arcsec:.1f}"'
        found["host_kpc"] = _kpc(facts, distance)
    if host.north_arcsec is not None and host.east_arcsec is not None:
        # They lead from the transient to the host; a reader wants it the other way.
        north, east = -host.north_arcsec, -host.east_arcsec
        found["host_offset"] = (
            f'{abs(north):.1f}" {"N" if north >= 0 else "S"}, {abs(east):.1f}" {"E" if east >= 0 else "W"}'
        )
    if host.z is not None and 0.0 < host.z < 10.0:
        found["redshift"] = f"{host.z:.4g}"
    elif host.photoz is not None and 0.0 < host.photoz < 10.0:
        found["photometric_redshift"] = f"{host.photoz:.2f}"
    if distance is not None:
        found["distance_mpc"] = f"{distance.mpc:.0f}" if distance.mpc >= 10.0 else f"{distance.mpc:.1f}"
        found["distance_source"] = _SOURCES.get(distance.source, distance.source)
        found["modulus"] = f"{float(modulus_of_distance(distance.mpc)):.2f}"
    return found


def _kpc(facts: AlertFacts, distance: HostDistance | None) -> str:
    host = facts.host
    assert host is not None
    if host.physical_separation_kpc is not None:
        return f"{host.physical_separation_kpc:.1f}"
    if distance is None or host.separation_arcsec is None:
        return ""
    scale = float(kpc_per_arcsec(redshift_of_distance(distance.mpc)))
    return f"{host.separation_arcsec * scale:.1f}" if math.isfinite(scale) else ""


def _of_event(facts: AlertFacts) -> dict[str, str]:
    if not facts.detail.places:
        return {}
    place = facts.detail.places[0]
    return {
        "gw_event": plain(place.event, 40),
        "gw_level": f"{100.0 * place.level:.1f}%",
        "gw_days": days_words(place.days).removeprefix("t0 "),
        "gw_distance": distance_words(place.distance_mpc, place.distance_sigma_mpc).replace("±", "+/-"),
        "gw_class": class_words(place.about),
    }


def _light_curve(facts: AlertFacts) -> str:
    seen = facts.curve.detections
    chosen = told_detections(facts, _MOST_ROWS)
    rows = [["MJD", "UTC", "band", "mag", "error"]]
    if facts.unseen is not None:
        one = facts.unseen
        rows.append(
            [f"{one.mjd:.4f}", day_text(one.mjd, 4), _band(facts, one.band), f"> {one.limit:.2f}", ""]
        )
    for index in chosen:
        error = float(seen.magerr[index])
        rows.append(
            [
                f"{seen.mjd[index]:.4f}",
                day_text(float(seen.mjd[index]), 4),
                _band(facts, int(seen.band[index])),
                f"{seen.mag[index]:.2f}",
                f"{error:.2f}" if error > 0 else "",
            ]
        )
    if facts.onset is None:
        forced = facts.curve.forced
        for index in _forced(facts)[:_MOST_ROWS].tolist():
            mjd, error = float(forced.mjd[index]), float(forced.magerr[index])
            when = [f"{mjd:.4f}", day_text(mjd, 4), _band(facts, int(forced.band[index]))]
            rows.append([*when, f"{forced.mag[index]:.2f}", f"{error:.2f}" if error > 0 else ""])
    return _table(rows) if len(rows) > 1 else ""


def _objects(rows: Sequence[NoteObject]) -> str:
    header = ["Name", "TNS", "RA", "Dec", "Discovery", "mag", "band", "z", "M", "Host"]
    return _table([header, *(list(vars(row).values()) for row in rows)])


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned with blanks; a column in which nothing is known is left out."""
    kept = [n for n in range(len(rows[0])) if any(row[n] for row in rows[1:])]
    width = {n: max(len(row[n]) for row in rows) for n in kept}
    return "\n".join(
        (_INDENT + "  ".join((row[n] or "-").ljust(width[n]) for n in kept)).rstrip() for row in rows
    )
