"""Simulated alerts as the transient server's JSON, one object a line, compressed; and their truth as CSV."""

import csv
import gzip
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from vra_tui.domain.flux import ZERO_POINT
from vra_tui.simulator import server_text
from vra_tui.simulator.batch import Batch, Section
from vra_tui.simulator.instrument import Instrument

ALERTS_FILE, TRUTH_FILE = "alerts.jsonl.gz", "truth.csv"
TRUTH_COLUMNS = (
    "survey",
    "object_id",
    "label",
    "kind",
    "speed",
    "peak_mag",
    "peak_mjd",
    "explosion_mjd",
    "duration",
    "peak_absolute",
    "redshift",
    "early_peak",
)
_PIXEL = 1.86
_EXPOSURE = 30.0
_ZERO_POINT = {"c": 22.25, "o": 22.1}


def expnames(section: Section, codes: list[str]) -> list[str]:
    """Names of exposures: unit, night, ``o``, number, filter; as 02a59107o0520c."""
    letters = map(chr, section["filter"].tolist())
    rows = zip(
        section["unit"].tolist(), section["night"].tolist(), section["number"].tolist(), letters, strict=True
    )
    return [f"{codes[unit]}{night}o{number:04d}{letter}" for unit, night, number, letter in rows]


def objects(batch: Batch, instrument: Instrument) -> Iterator[dict[str, Any]]:
    """The alerts of a batch as the API's objects, in order."""
    codes = [unit.code for unit in instrument.units]
    sections = {
        "lc": (batch.detections.start, _detections(batch, codes)),
        "lcnondets": (batch.nondetections.start, _nondetections(batch.nondetections, codes)),
        "fp": (batch.forced.start, _forced(batch, codes)),
    }
    for row in range(len(batch)):
        match, tns = server_text.match_row(batch, row), server_text.tns_row(batch, row)
        parts = {name: rows[start[row] : start[row + 1]] for name, (start, rows) in sections.items()}
        yield {
            "object": _header(batch, row, tns),
            **parts,
            "sherlock_crossmatches": [] if match is None else [match],
            "sherlock_classifications": [server_text.classification_row(batch, row, match)],
            "tns_crossmatches": [] if tns is None else [tns],
            "external_crossmatches": [],
        }


def _header(batch: Batch, row: int, tns: dict[str, Any] | None) -> dict[str, Any]:
    alerts = batch.alerts
    flagged = server_text.iso(float(alerts["t0_mjd"][row]))
    return {
        "id": int(alerts["alert_id"][row]),
        "followup_id": None,
        "followup_flag_date": flagged,
        "ra": float(alerts["ra"][row]),
        "dec": float(alerts["dec"][row]),
        "object_classification": None,
        "sherlockClassification": str(alerts["sherlock"][row]),
        "observation_status": None,
        "date_inserted": flagged + "Z",
        "detection_list_id": 4,
        "survey_field": "ATLAS",
        "atlas_designation": str(alerts["name"][row]),
        "other_designation": tns["external_designation"] if tns else None,
        "current_trend": _trend(batch, row),
        "local_comments": None,
        "realbogus_factor": float(alerts["realbogus_factor"][row]),
        "rb_pix": float(alerts["rb_pix"][row]),
    }


def _trend(batch: Batch, row: int) -> str | None:
    """Change between the last two detections in one filter, as the server words it."""
    low, high = batch.detections.start[row], batch.detections.start[row + 1]
    letters, mags = batch.detections["filter"][low:high], batch.detections["mag"][low:high]
    is_first = batch.detections["dup"][low:high].astype(np.int64) >= 0  # one detection an exposure
    same = np.flatnonzero((letters == letters[-1]) & is_first)[-2:]
    if len(same) < 2:
        return None
    change = float(abs(mags[same[1]]) - abs(mags[same[0]]))
    letter = chr(int(letters[-1]))
    return f"{'fading' if change > 0 else 'rising'} {abs(change):05.2f} ({letter}-{letter})"


def _detections(batch: Batch, codes: list[str]) -> list[dict[str, Any]]:
    section = batch.detections
    owner = np.repeat(np.arange(len(batch)), np.diff(section.start))
    size = section["fwhm"].astype(np.float64) / _PIXEL
    # Differs from detection to detection, but not from run to run: taken from the digits of the time.
    digits = np.modf(section["mjd"].astype(np.float64) * 1e6)[0]
    columns = {
        "id": batch.alerts["alert_id"][owner].tolist(),
        "mjd": section["mjd"].tolist(),
        "mag": section["mag"].tolist(),
        "magerr": section["magerr"].tolist(),
        "ra": section["ra"].tolist(),
        "dec": section["dec"].tolist(),
        "mag5sig": section["limit"].tolist(),
        "filter": [chr(letter) for letter in section["filter"].tolist()],
        "expname": expnames(section, codes),
        "major": np.round(size * (1.0 + 0.1 * digits), 2).tolist(),
        "minor": np.round(size * (0.95 - 0.05 * digits), 2).tolist(),
        "phi": np.round(180.0 * digits, 1).tolist(),
        "dup": section["dup"].tolist(),
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row["exptime"] = _EXPOSURE
        row["zp"] = _ZERO_POINT[row["filter"]]
    return rows


def _nondetections(section: Section, codes: list[str]) -> list[dict[str, Any]]:
    columns = (section["mjd"].tolist(), section["limit"].tolist(), expnames(section, codes))
    return [
        {"mjd": mjd, "exptime": _EXPOSURE, "filter": name[-1], "expname": name, "mag5sig": limit}
        for mjd, limit, name in zip(*columns, strict=True)
    ]


def _forced(batch: Batch, codes: list[str]) -> list[dict[str, Any]]:
    section = batch.forced
    mag, magerr, is_limit = forced_magnitudes(section)
    columns = zip(
        expnames(section, codes),
        section["mjd"].tolist(),
        mag.tolist(),
        magerr.tolist(),
        section["flux"].tolist(),
        section["dflux"].tolist(),
        is_limit.tolist(),
        strict=True,
    )
    return [
        {
            "expname": name,
            "mjd_obs": mjd,
            "filter": name[-1],
            "mag": m,
            "dm": d,
            "snrlimit": 3.0,
            "uJy": f,
            "duJy": e,
            "limiting_mag": limiting,
        }
        for name, mjd, m, d, f, e, limiting in columns
    ]


def forced_magnitudes(
    section: Section,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Magnitude (negative for a negative flux), error, and whether it is a 3-sigma limit instead."""
    flux, error = section["flux"].astype(np.float64), section["dflux"].astype(np.float64)
    is_limit = np.abs(flux) < 3.0 * error
    mag = ZERO_POINT - 2.5 * np.log10(np.where(is_limit, 3.0 * error, np.abs(flux)))
    magerr = np.where(is_limit, 0.0, 1.0857 * error / np.where(is_limit, 1.0, np.abs(flux)))
    mag = np.where(~is_limit & (flux < 0), -mag, mag)
    return np.round(mag, 3), np.round(magerr, 3).astype(np.float64), is_limit


def truth_rows(batch: Batch, human: bool, survey: str = "atlas") -> list[list[object]]:
    """Rows of ``truth.csv``; with ``human``, the tired human's label last."""
    columns = [[survey] * len(batch), batch.alerts["object_id"].tolist()]
    columns += [batch.truth[name].tolist() for name in TRUTH_COLUMNS[2:]]
    if human:
        columns.append(batch.truth["human"].tolist())
    return [[_cell(value) for value in row] for row in zip(*columns, strict=True)]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return "" if isinstance(value, float) and np.isnan(value) else value


def write(batches: Iterable[Batch], folder: Path, instrument: Instrument, human: bool = False) -> int:
    """Write ``alerts.jsonl.gz`` and ``truth.csv``; the number of alerts. Both are put in place when whole.

    The same batches give the same bytes: the compressed file holds neither name nor time. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = {name: folder / f".{name}.{secrets.token_hex(8)}.part" for name in (ALERTS_FILE, TRUTH_FILE)}
    written = 0
    try:
        with (
            partial[ALERTS_FILE].open("xb") as raw,
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as lines,
            partial[TRUTH_FILE].open("x", newline="", encoding="utf-8") as text,
        ):
            table = csv.writer(text, lineterminator="\n")
            table.writerow([*TRUTH_COLUMNS, "human"] if human else TRUTH_COLUMNS)
            for batch in batches:
                for item in objects(batch, instrument):
                    lines.write(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))
                table.writerows(truth_rows(batch, human))
                written += len(batch)
        for name, path in partial.items():
            path.replace(folder / name)
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
    return written
