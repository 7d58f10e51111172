"""GraceDB, the public database of gravitational-wave candidates: the newest map of a superevent."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vra_tui.domain.alert import Refused
from vra_tui.sources.sky_maps import MapNotice, read_notice
from vra_tui.sources.wires.base import Edges, WireFault
from vra_tui.sources.wires.http import Http

#: A superevent's id: S by the date, TS and MS in tests and drills.
SUPEREVENT = re.compile(r"[MT]?S\d{6}[a-z]+")
_MAP = re.compile(r"(?P<name>[\w.+-]+?)(?P<form>\.multiorder\.fits|\.fits\.gz|\.fits)(,(?P<version>\d+))?")
#: Later, fuller analyses stand before the one of the first minutes.
_ANALYSES = ("bilby", "lalinference", "bayestar")
#: A flat map of the finest resolution, packed.
_MOST_BYTES = 512 << 20
#: The types of its VOEvents, as alerts by GCN call them.
_KINDS = {
    "EW": "EARLYWARNING", "PR": "PRELIMINARY", "IN": "INITIAL", "UP": "UPDATE",
    "RE": "RETRACTION", "RT": "RETRACTION",
}  # fmt: skip
_CLASSES = {"prob_bns": "BNS", "prob_nsbh": "NSBH", "prob_bbh": "BBH", "prob_terrestrial": "Terrestrial"}
_PROPERTIES = {"prob_has_ns": "HasNS", "prob_has_remnant": "HasRemnant", "prob_mass_gap": "HasMassGap"}


def newest_notice(server: str, superevent: str, edges: Edges, ca_file: str | None = None) -> MapNotice:
    """What GraceDB tells of a superevent now: its newest map, or that it was retracted.

    ``server``: its address, without a path. Raises WireFault, and Refused where there is no map.
    """
    if not SUPEREVENT.fullmatch(superevent):
        raise ValueError(f"{superevent!r} is no superevent's id")
    base = f"{server.rstrip('/')}/api/superevents/{superevent}/"
    with Http(base, edges, ca_file=ca_file) as http:
        latest = _latest(http, superevent)
        kind = _kind(latest.get("voevent_type"))
        created = str(latest.get("created") or "") or None
        if kind == "RETRACTION":
            return MapNotice(superevent, None, None, created, is_retracted=True)
        files = http.get("files/").json(f"The list of files of {superevent}")
        name = map_file(list(files) if isinstance(files, Mapping) else [], latest.get("skymap_filename"))
        if name is None:
            raise Refused(f"GraceDB holds no sky map of {superevent} yet")
        content = http.get(f"files/{name}", most_bytes=_MOST_BYTES).content
        notice = read_notice(content, f"{superevent} {name}")
        mjd = notice.event_mjd if notice.event_mjd is not None else _event_mjd(http, superevent)
    told = {
        **({"alert_type": kind} if kind else {}),
        **_numbers("classification", latest, _CLASSES),
        **_numbers("properties", latest, _PROPERTIES),
        "skymap_filename": name,
    }
    return replace(notice, event=superevent, event_mjd=mjd, created=created, about={**notice.about, **told})


def map_file(names: list[str], told: object = None) -> str | None:
    """The newest sky map among the files of a superevent; multi-order before flat. None without one.

    ``told``: the map that the newest alert named; it is taken where it is there in multi-order form.
    """
    found = {name: match for name in names if (match := _MAP.fullmatch(name))}
    if isinstance(told, str) and told in found and "multiorder" in found[told]["form"]:
        return told

    def worth(name: str) -> tuple[bool, int, bool, int]:
        match = found[name]
        analysis = next((i for i, one in enumerate(_ANALYSES) if match["name"].lower().startswith(one)), 9)
        # Without a number it is the newest of its name.
        return (
            "multiorder" not in match["form"], analysis, match["version"] is not None,
            -int(match["version"] or 0),
        )  # fmt: skip

    return min(found, key=worth, default=None)


def _latest(http: Http, superevent: str) -> Mapping[str, Any]:
    """The newest of the alerts that were sent of it; empty where there is none."""
    told = http.get("voevents/").json(f"The list of alerts of {superevent}")
    rows = told.get("voevents") if isinstance(told, Mapping) else None
    if not isinstance(rows, list):
        raise WireFault(f"The list of alerts of {superevent} is no list.")
    numbered = [row for row in rows if isinstance(row, Mapping) and isinstance(row.get("N"), int)]
    return max(numbered, key=lambda row: row["N"], default={})


def _kind(told: object) -> str:
    word = str(told or "").strip().upper()
    return _KINDS.get(word, word)


def _numbers(name: str, row: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, dict[str, float]]:
    found = {ours: float(row[key]) for key, ours in keys.items() if isinstance(row.get(key), int | float)}
    return {name: found} if found else {}


def _event_mjd(http: Http, superevent: str) -> float | None:
    """When it happened, MJD, from its GPS time."""
    told = http.get("").json(f"The record of {superevent}")
    gps = told.get("t_0") if isinstance(told, Mapping) else None
    if not isinstance(gps, int | float):
        return None
    from astropy.time import Time

    return float(Time(gps, format="gps").utc.mjd)
