"""Stores of older versions by SQL, with rows packed by hand: what versions 1 to 4 wrote of API objects."""

import json
import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, datetime

import numpy as np

from vra_tui.store.connection import transaction
from vra_tui.store.schema import migrate, step_after

UNITS = {"?": 0, "01a": 1, "02a": 2, "03a": 3, "04a": 4, "05r": 5}
DETECTION = np.dtype(
    [
        ("day", "<u2"), ("fraction", "<u4"), ("ra", "<u4"), ("dec", "<i4"), ("mag", "<i4"), ("magerr", "<u2"),
        ("limit", "<i2"), ("unit", "u1"), ("filter", "u1"), ("exposure", "<u2"),
    ]
)  # fmt: skip
NONDETECTION = np.dtype(
    [("day", "<u2"), ("fraction", "<u4"), ("limit", "<i2"), ("unit", "u1"), ("filter", "u1")]
)
FORCED = np.dtype(
    [
        ("day", "<u2"), ("fraction", "<u4"), ("flux", "<f4"), ("dflux", "<f4"), ("mag", "<i4"),
        ("magerr", "<u2"), ("is_limit", "u1"), ("unit", "u1"), ("filter", "u1"),
    ]
)  # fmt: skip
#: Keys of a detection that its record holds.
_HELD = {"id", "mjd", "mag", "magerr", "filter", "ra", "dec", "mag5sig", "expname"}
_RECORD = {
    "atlas_designation": "name", "other_designation": "other_name", "rb_pix": "rb_pix",
    "realbogus_factor": "realbogus_factor", "sherlockClassification": "sherlock_class",
    "detection_list_id": "detection_list_id", "current_trend": "trend", "local_comments": "comments",
}  # fmt: skip
_UNDERSTOOD = {*_RECORD, "id", "ra", "dec", "followup_flag_date", "date_modified"}
_MATCH = {
    "catalogue_object_id": "catalogue_object_id", "catalogue_table_name": "catalogue", "z": "z",
    "association_type": "association_type", "catalogue_object_type": "object_type", "photoz": "photoz",
    "separationarcsec": "separation_arcsec",
}  # fmt: skip
_REPORT = {
    "external_designation": "designation", "type": "type", "mag": "mag", "discoverer": "discoverer",
    "other_info": "internal_name", "separation": "separation_arcsec", "url": "url",
}  # fmt: skip
_SECTIONS = {
    "sherlock_crossmatches": "sherlock_matches", "sherlock_classifications": "sherlock_notes",
    "external_crossmatches": "external_matches", "tns_crossmatches": "tns_matches",
}  # fmt: skip


def older_store(path, version):
    """An open store of an older version, without alerts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = sqlite3.connect(path, isolation_level=None)
    store.row_factory = sqlite3.Row
    store.execute("PRAGMA journal_mode = WAL")
    with transaction(store):
        migrate(store, stop_before=step_after(version))
    return store


def put(store, raw, *, keys=True, extras="list"):
    """Write an API object as version 4 did. ``extras``: of detections as a `list` an exposure, one as a
    `dict` as before version 4, or `None`. ``keys``: with times of its keys.
    """
    header = raw["object"]
    alert_id = header["id"]
    seen, others = _detections(raw.get("lc") or [])
    if extras == "dict":
        seen = seen[np.diff(seen["day"] * 1e9 + seen["fraction"], prepend=0) > 0]
    missed = _packed(
        NONDETECTION,
        [
            (*_moment(row["mjd"]), round(row["mag5sig"] * 1e3), *_by(row))
            for row in raw.get("lcnondets") or []
        ],
    )
    forced = _packed(FORCED, [_forced(row) for row in raw.get("fp") or []])
    positive = [row for row in raw.get("lc") or [] if row["mag"] > 0]
    last = max((row["mjd"] for s in ("lc", "lcnondets") for row in raw.get(s) or []), default=None)
    latest = max(positive, key=lambda row: row["mjd"], default={"mjd": None, "mag": None})
    flag = header.get("followup_flag_date")
    surplus = {key: value for key, value in header.items() if key not in _UNDERSTOOD}
    row = {
        "atlas_id": alert_id,
        "ra": header["ra"],
        "dec": header["dec"],
        **{column: header.get(key) for key, column in _RECORD.items()},
        "t0_mjd": _t0(flag) if flag else int(last) + 1.0,
        "t0_is_derived": int(flag is None),
        "ebv_sfd": 0.03,
        "date_modified": header.get("date_modified"),
        "n_detections": len(seen),
        "n_nondetections": len(missed),
        "n_forced": len(forced),
        "last_mjd": last,
        "last_mag": latest["mag"],
        "last_mag_mjd": latest["mjd"],
        "ingested_at": "2026-11-01",
        "updated_at": "2026-11-02",
        "revision": 3,
        "extra": _json({"object": surplus} if surplus else {}),
    }
    if keys:
        row["key_times"] = json.dumps([header.get("date_modified") or "", last or 0.0, _unsaid(raw)])
    _insert(store, "alerts", row)
    _insert(
        store,
        "lightcurves",
        dict(
            zip(
                ("atlas_id", "detections", "nondetections", "forced"),
                (alert_id, seen.tobytes(), missed.tobytes(), forced.tobytes()),
                strict=True,
            )
        ),
    )
    if extras:
        kept = others if extras == "list" else {key: rows[-1] for key, rows in others.items()}
        packed = zlib.compress(json.dumps(kept).encode())
        _insert(store, "detection_extras", {"atlas_id": alert_id, "json_zlib": packed})
    for number, match in enumerate(raw.get("sherlock_crossmatches") or [], start=1):
        _insert(store, "sherlock_matches", {"position": number, **_columns(alert_id, match, _MATCH)})
    for note in (raw.get("sherlock_classifications") or [])[:1]:
        same = {name: name for name in ("classification", "annotation", "summary")}
        _insert(store, "sherlock_notes", _columns(alert_id, note, same))
    for number, match in enumerate(raw.get("external_crossmatches") or [], start=1):
        names = {"external_designation": "designation", "mag": "mag", "matched_list": "matched_list"}
        _insert(store, "external_matches", {"position": number, **_columns(alert_id, match, names)})
    for report in raw.get("tns_crossmatches") or []:
        values = _columns(alert_id, {k: v for k, v in report.items() if k != "disc_date"}, _REPORT)
        _insert(store, "tns_matches", {**values, "discovered_mjd": _mjd(report["disc_date"])})
    _insert(store, "standing", {"atlas_id": alert_id, "is_undecided": 1})


def _detections(rows):
    found = []
    for row in rows:
        name = row.get("expname") or ""
        record = (
            *_moment(row["mjd"]),
            *(
                round(row[key] * scale)
                for key, scale in (("ra", 1e7), ("dec", 1e7), ("mag", 1e6), ("magerr", 1e4), ("mag5sig", 1e3))
            ),
            *_by(row),
            int(name[9:-1] or 0),
        )
        found.append((record, {key: value for key, value in row.items() if key not in _HELD}))
    found.sort(key=lambda one: (one[0][:2], one[0][7], one[0]))
    others = {}
    for record, other in found:
        key = record[0] << 38 | record[1] << 8 | record[7]
        others.setdefault(str(key), []).append(other)
    return _packed(DETECTION, [record for record, _ in found]), others


def _packed(dtype, rows):
    return np.array(sorted(rows) if dtype is not DETECTION else rows, dtype)


def _forced(row):
    # Counts with the zero point of the row's own magnitude: `mag` is that of `flux`, or of the limit.
    reference = row["snrlimit"] * row["dflux"] if row["limiting_mag"] else abs(row["flux"])
    scale = 10 ** ((23.9 - abs(row["mag"])) / 2.5) / reference
    return (
        *_moment(row["mjd_obs"]),
        row["flux"] * scale,
        row["dflux"] * scale,
        round(row["mag"] * 1e6),
        round(row["dm"] * 1e4),
        int(row["limiting_mag"]),
        *_by(row),
    )


def _moment(mjd):
    return int(mjd) - 50_000, round(mjd % 1 * 1e9)


def _by(row):
    return UNITS.get((row.get("expname") or "?")[:3], 0), ord(row["filter"])


def _mjd(text):
    time = datetime.fromisoformat(text)
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()) / 86_400 + 40_587


def _t0(flag):
    mjd = _mjd(flag)
    return mjd + 1.0 if mjd == int(mjd) else mjd


def _unsaid(raw):
    header = raw["object"]
    names = {column: key in header for key, column in _RECORD.items()}
    names |= {table: raw.get(section) is not None for section, table in _SECTIONS.items()}
    names["t0_mjd"] = header.get("followup_flag_date") is not None
    return {name: None for name, is_said in names.items() if not is_said}


def _columns(alert_id, section, names):
    extra = {key: value for key, value in section.items() if key not in names}
    return {
        "atlas_id": alert_id,
        **{column: section.get(key) for key, column in names.items()},
        "extra": _json(extra),
    }


def _json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else None


def _insert(store, table, row):
    known = {found[1] for found in store.execute(f"PRAGMA table_info({table})")}
    row = {name: value for name, value in row.items() if name in known}
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    store.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


insert = _insert


def dump(store):
    """Every row of every table, by table, as sorted texts with the names of their columns."""
    tables = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: rows(store, table) for table in tables if not table.startswith("_sqlite")}


def rows(store, table):
    """The rows of a table as mappings, in the order of what they hold."""
    cursor = store.cursor()
    cursor.row_factory = sqlite3.Row
    with closing(cursor.execute(f"SELECT * FROM {table}")) as found:
        return sorted((dict(row) for row in found), key=repr)
