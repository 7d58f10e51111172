"""Made-up training rows with the structure of real ones: real sources score high, pm stars come and go."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES, FeatureTable
from vra_tui.scoring.training.boosters import LabelledRows

KINDS = ("good", "galactic", "garbage", "pm")
FIRST_ID = 1_100_000_000_000_000_001


def labelled_rows(objects: int = 120, *, visits: int = 0, seed: int = 0) -> LabelledRows:
    """Rows of ``objects`` alerts with labels in turn; with ``visits``, that many rows each at day N."""
    rng = np.random.default_rng(seed)
    rows, ids, labels = [], [], []
    for number in range(objects):
        kind = KINDS[number % len(KINDS)]
        first = _first_look(kind, rng)
        for visit in range(max(visits, 1)):
            rows.append({**first, **_visit(kind, visit + 1, first, rng)})
            ids.append(FIRST_ID + number)
            labels.append(kind)
    names = DAYN_FEATURES if visits else DAY1_FEATURES
    values = np.array([[row[name] for name in names] for row in rows])
    return LabelledRows(FeatureTable(np.array(ids, dtype=np.int64), names, values), np.array(labels))


def _first_look(kind: str, rng: np.random.Generator) -> dict[str, float]:
    real = kind in ("good", "galactic")
    row = {name: float(rng.normal()) for name in DAY1_FEATURES}
    row |= {
        "rb_pix": float(rng.uniform(0.7, 1) if real else rng.uniform(0.2, 0.9)),
        "DET_Nsince_min5d": float(rng.integers(3, 12) if real else rng.integers(3, 6)),
        "NON_Nsince_min5d": float(rng.integers(0, 20)),
        "DET_mag_median_min5d": float(rng.uniform(16, 19.5)),
        "ra": float(rng.uniform(0, 360)),
        "dec": float(rng.uniform(-60, 60)),
        "z": float(rng.uniform(0.01, 0.1)) if kind == "good" and rng.random() < 0.5 else np.nan,
        "photoz": np.nan,
        "ebv_sfd": float(rng.exponential(0.05 if kind == "good" else 0.5)),
        "log10_std_ra_min5d": float(rng.normal(-3.9, 0.2)),
        "log10_std_dec_min5d": float(rng.normal(-3.9, 0.2)),
        "CV": float(kind == "galactic" and rng.random() < 0.1),
    }
    return row


def _visit(kind: str, day: int, first: dict[str, float], rng: np.random.Generator) -> dict[str, float]:
    seen = rng.random() < (0.8 if kind in ("good", "galactic") else 0.2)
    return {
        "dayN": float(day),
        "DET_mag_median": first["DET_mag_median_min5d"] if seen else np.nan,
        "DET_N_total": first["DET_Nsince_min5d"] + 3.0 * day if seen else np.nan,
        "NON_mag_median": 18.5,
        "NON_N_total": first["NON_Nsince_min5d"] + (0.0 if seen else 4.0 * day),
        "max_mag": first["DET_mag_median_min5d"],
        "max_mag_day": float(day if seen else 0),
    }


def write_tables(folder: Path, rows: LabelledRows, name: str) -> tuple[Path, Path]:
    """The rows as a feature table and a label table, in the columns of the published ones."""
    features, labels = folder / f"X_{name}.csv", folder / f"y_{name}.csv"
    table = rows.table
    body = ([str(i), *map(_cell, row)] for i, row in zip(table.alert_id, table.values.tolist(), strict=True))
    _write(features, ["ATLAS_ID", *table.names], body)
    _write(
        labels, ["ATLAS_ID", "type"], ([str(i), k] for i, k in zip(table.alert_id, rows.label, strict=True))
    )
    return features, labels


def _cell(value: float) -> str:
    return "" if np.isnan(value) else repr(value)


def _write(path: Path, header: Sequence[str], body: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(body)  # type: ignore[arg-type]
