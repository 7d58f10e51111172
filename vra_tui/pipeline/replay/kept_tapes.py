"""Keep tapes in files, so that a stream that was simulated and scored once can be replayed again at once.

A tape is data only (numpy arrays, no pickles). Its name says of which stream, model and program it is, so
that one of others is not taken for it. Light curves are left out, since no policy looks at them.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.pipeline.cap_inflow import NightKeys
from vra_tui.pipeline.replay.stream import AlertTruth, ReplayStream
from vra_tui.pipeline.replay.tape import Tape
from vra_tui.ranking.policy import PolicyInput
from vra_tui.store.scores import Records

_FORMAT = 1
_ARRAYS = ("nights", "reached_mjd", "raised", "night", "row", "day", "key", "is_tns")
_Columns = Mapping[str, NDArray[Any]]


def tape_path(folder: Path, about: Mapping[str, Any]) -> Path:
    """The file in which a tape is kept. ``about``: its stream, model and program, as JSON takes it."""
    text = json.dumps({"format": _FORMAT, **about}, sort_keys=True, default=str)
    return folder / f"tape-{hashlib.sha256(text.encode()).hexdigest()[:20]}.npz"


def keep_tape(path: Path, tape: Tape) -> None:
    """Write a tape, whole or not at all. Raises OSError."""
    stream = tape.stream
    survey, object_id = zip(
        *(stream.names[number] for number in stream.records.alert_id.tolist()), strict=True
    )
    codes = sorted(stream.keys.names)
    columns: dict[str, NDArray[Any]] = {
        **{name: getattr(tape, name) for name in _ARRAYS},
        **_of(tape.standing, "standing"), **_of(stream.records, "record"), **_of(stream.truth, "truth"),
        "model": np.array(tape.model), "name": np.array(stream.name), "end_mjd": np.array(stream.end_mjd),
        "first_mjd": stream.first_mjd, "survey": np.array(survey), "object_id": np.array(object_id),
        "longitude": stream.keys.longitude, "unit_code": np.array(codes, dtype=np.int64),
        "unit_name": np.array([stream.keys.names[code] for code in codes], dtype=np.str_),
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **columns)
    part.replace(path)


def kept_tape(path: Path) -> Tape | None:
    """A tape that was kept; None where there is none, or what is there cannot be read whole."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return _tape({name: file[name] for name in file.files})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _tape(columns: _Columns) -> Tape:
    records = Records(**_parts(Records, columns, "record"))
    n = len(records.alert_id)
    names = zip(columns["survey"].tolist(), columns["object_id"].tolist(), strict=True)
    stream = ReplayStream(
        name=str(columns["name"]),
        records=records,
        curves=LightCurves.from_bytes(records.alert_id.tolist(), [b""] * n, [b""] * n),
        truth=AlertTruth(**_parts(AlertTruth, columns, "truth")),
        first_mjd=columns["first_mjd"],
        end_mjd=float(columns["end_mjd"]),
        keys=NightKeys(
            columns["longitude"],
            dict(zip(columns["unit_code"].tolist(), columns["unit_name"].tolist(), strict=True)),
        ),
        names=dict(zip(records.alert_id.tolist(), names, strict=True)),
    )
    return Tape(
        model=str(columns["model"]),
        stream=stream,
        standing=PolicyInput(**_parts(PolicyInput, columns, "standing")),
        **{name: columns[name] for name in _ARRAYS},
    )


def _of(part: Any, prefix: str) -> dict[str, NDArray[Any]]:
    return {f"{prefix}.{field.name}": getattr(part, field.name) for field in fields(part)}


def _parts(kind: type, columns: _Columns, prefix: str) -> dict[str, NDArray[Any]]:
    return {field.name: columns[f"{prefix}.{field.name}"] for field in fields(kind)}
