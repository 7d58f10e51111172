"""One partition of a catalogue: from nested tables to light curves, features and ranks, without a loop."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.archive.columns import BRIGHTNESS, ColumnMap, Layout
from vra_tui.domain.bands import band
from vra_tui.domain.epochs import END_MJD, FIRST_MJD, pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.flux import LIMIT_SIGMA, magnitude, magnitude_error
from vra_tui.domain.hosts import HostKind, Hosts
from vra_tui.domain.light_curve import LightCurves
from vra_tui.domain.times import mjd_of_jd, mjd_of_tai
from vra_tui.features.stream import STREAM_1, StreamContext, stream_features
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.judges import Judge
from vra_tui.scoring.stages import DAY1, DAYN, Stage

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Many write 99, or -999, for what they did not see.
_NO_MAGNITUDE, _NO_MAGERR = 40.0, 90.0
#: Fluxes beyond this, microjansky, are errors of a catalogue: 5 mag is 4e7.
_NO_FLUX = 1e12
_MICROJANSKY = {"ujy": 1.0, "njy": 1e-3, "mjy": 1e3, "jy": 1e6}
#: Codes have one byte.
_MAX_BANDS = 64
#: What the starter and the models put out, by column.
RANK_COLUMNS = ("preal", "pgal", "pfast", "rank")


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of a partition and their light curves.

    ``object_id``: texts, shape (n,); ``ra``, ``dec`` in degrees, NaN where the catalogue has none that is a
    place; ``score``: the object's real/bogus score, NaN where there is none; ``bands``: names by code.
    ``epochs``, shape (n,): how many the catalogue holds; ``unusable``: how many of them have no time or
    brightness, or a flag.
    """

    object_id: NDArray[Any]
    ra: Floats
    dec: Floats
    score: Floats
    curves: LightCurves
    bands: Mapping[int, str]
    epochs: Ints
    unusable: Ints

    def __len__(self) -> int:
        return len(self.object_id)


def layout_of(frame: "pd.DataFrame") -> Layout:
    """The columns of a frame by what they hold; nested, Arrow's lists, or Python objects that are lists."""
    objects, lists, nested = [], [], {}
    for name, dtype in frame.dtypes.items():
        arrow = getattr(dtype, "pyarrow_dtype", None)
        fields = getattr(dtype, "column_dtypes", None)
        if fields is not None:
            nested[str(name)] = list(fields)
        elif "list" in str(arrow) or (str(dtype) == "object" and _is_list(frame[name])):
            lists.append(str(name))
        else:
            objects.append(str(name))
    return Layout(objects, lists, nested)


def objects_of(frame: "pd.DataFrame", columns: ColumnMap) -> Objects:
    """The objects of a partition, their epochs in order of time, each once.

    A flux makes an epoch of forced photometry, and a detection too from 5 sigma on; a magnitude a detection;
    a limit alone a non-detection. Raises ValueError for nested columns that do not fit together.
    """
    n = len(frame)
    start, epochs = _epochs(frame, columns)
    owner = np.repeat(np.arange(n), np.diff(start))
    for ours in ("band", "flag"):
        if ours in columns.objects:
            epochs[ours] = frame[columns.objects[ours]].take(owner)
    total = len(owner)
    mjd = _mjd(epochs)
    codes, names = _bands(epochs.get("band"), columns.bands, total)
    mag, magerr, flux, dflux = _brightness(epochs)
    limit = np.abs(_numbers(epochs["limit"])) if "limit" in epochs else np.full(total, np.nan)
    limit = np.where(limit < 30.0, limit, np.nan)
    score = _numbers(epochs["score"]) if "score" in epochs else np.full(total, np.nan)
    with np.errstate(invalid="ignore"):
        good = (mjd >= FIRST_MJD) & (mjd < END_MJD - 1)
        if "flag" in epochs:
            good &= _is_good(_numbers(epochs["flag"]), columns.flag_bits)
        measured = good & np.isfinite(flux) & (dflux > 0)
        seen = good & np.isfinite(mag) & ~(measured & (np.abs(flux) < LIMIT_SIGMA * dflux))
    missed = good & ~seen & np.isfinite(limit) & ~measured
    nowhere = np.full(total, np.nan)
    values = {"mjd": mjd, "band": codes, "instrument": np.zeros(total), "mag": mag, "magerr": magerr,
              "limit": limit, "score": score, "ra": nowhere, "dec": nowhere}  # fmt: skip
    by_flux = {"mjd": mjd, "band": codes, "instrument": np.zeros(total), "flux": flux, "dflux": dflux}
    detections, detection_start = _section(values, seen, owner, n, "mag")
    limits, limit_start = _section(values, missed, owner, n, "limit")
    forced, forced_start = _section(by_flux, measured, owner, n, "flux")
    curves = LightCurves(
        np.arange(n, dtype=np.int64),
        pack_detections(detections),
        detection_start,
        pack_nondetections(limits),
        limit_start,
        pack_forced(forced),
        forced_start,
    )
    ra, dec = (_numbers(frame[columns.objects[name]]) for name in ("ra", "dec"))
    with np.errstate(invalid="ignore"):
        placed = (ra >= -180.0) & (ra <= 360.0) & (np.abs(dec) <= 90.0)
    own = _numbers(frame[columns.objects["score"]]) if "score" in columns.objects else np.full(n, np.nan)
    return Objects(
        frame[columns.objects["object_id"]].astype(str).to_numpy(dtype=object),
        np.where(placed, ra % 360.0, np.nan),
        np.where(placed, dec, np.nan),
        own,
        curves,
        names,
        np.diff(start),
        np.bincount(owner[~(seen | missed | measured)], minlength=n).astype(np.int64),
    )


def features_of(objects: Objects) -> FeatureTable:
    """The features of ``stream-1``, all epochs counted, ages to the latest of each object.

    What a catalogue of light curves does not tell (matches, shapes, hosts) is NaN; dust is read from the map
    that comes with the program.
    """
    columns = stream_features(objects.curves, _context(objects), objects.bands)
    return FeatureTable(
        objects.curves.alert_id, STREAM_1, np.column_stack([columns[name] for name in STREAM_1])
    )


def by_stage(table: FeatureTable) -> Iterator[tuple[Stage, Bools]]:
    """The stages with the rows that each judges: day 1 objects seen within one day, day N the others."""
    is_new = ~(table.column("days_since_first") >= 1.0)
    stages: tuple[tuple[Stage, Bools], ...] = ((DAY1, is_new), (DAYN, ~is_new))
    for stage, rows in stages:
        if rows.any():
            yield stage, rows


def scores_of(judge: Judge, table: FeatureTable) -> dict[str, Floats]:
    """P(real), P(galactic), P(fast) and rank by a model or the starter, shape (n,), NaN where unknown."""
    found = {name: np.full(len(table), np.nan) for name in RANK_COLUMNS}
    for stage, rows in by_stage(table):
        part = FeatureTable(table.alert_id[rows], table.names, table.values[rows])
        scores = judge.scores(part, stage)
        for name in RANK_COLUMNS:
            found[name][rows] = getattr(scores, name)
    # Of an object without a single usable epoch nothing can be said.
    for values in found.values():
        values[np.isnan(table.column("days_since_first"))] = np.nan
    return found


def result_of(objects: Objects, judge: Judge | None) -> "pd.DataFrame":
    """A row an object, in the partition's order: id and place, with features, or with ranks by a judge."""
    import pandas as pd

    table = features_of(objects)
    found: dict[str, Any] = {"object_id": objects.object_id, "ra": objects.ra, "dec": objects.dec}
    if judge is None:
        found |= {name: table.values[:, place] for place, name in enumerate(table.names)}
    else:
        found |= scores_of(judge, table)
        found["n_detections"] = table.column("n_detections")
    return pd.DataFrame(found)


def _is_list(values: "pd.Series") -> bool:
    first = next((one for one in values if one is not None), None)
    return isinstance(first, list | tuple | np.ndarray)


def sizes_of(frame: "pd.DataFrame", columns: ColumnMap) -> Ints:
    """How many epochs each object of a frame has, shape (n,)."""
    if columns.lightcurve is not None:
        return _nested_sizes(frame[columns.lightcurve])
    return np.diff(_listed(frame[next(iter(columns.epochs.values()))])[0])


def _epochs(frame: "pd.DataFrame", columns: ColumnMap) -> tuple[Ints, dict[str, Any]]:
    """Offsets of the objects, shape (n + 1,), and the epochs' columns by our names, end to end."""
    if columns.lightcurve is not None:
        return _nested(frame[columns.lightcurve], columns.epochs)
    start: Ints | None = None
    found = {}
    for ours, theirs in columns.epochs.items():
        its_start, found[ours] = _listed(frame[theirs])
        if start is not None and not np.array_equal(start, its_start):
            raise ValueError(f"the lists of `{theirs}` are not as long as those of the other columns")
        start = its_start
    assert start is not None
    return start, found


def _nested(series: "pd.Series", names: Mapping[str, str]) -> tuple[Ints, dict[str, Any]]:
    """The same of a column of nested-pandas."""
    start = np.concatenate([[0], np.cumsum(_nested_sizes(series))])
    flat = series.nest.to_flat(list(dict.fromkeys(names.values())))
    if len(flat) != start[-1]:
        raise ValueError("the nested light curves do not fit their offsets")
    return start, {ours: flat[theirs] for ours, theirs in names.items()}


def _nested_sizes(series: "pd.Series") -> Ints:
    array: Any = series.array
    return np.asarray(array.list_lengths, dtype=np.int64)


def _listed(series: "pd.Series") -> tuple[Ints, Any]:
    """Offsets and values of a column of lists, of Arrow or of Python; no list is an empty one."""
    import pandas as pd

    if getattr(series.dtype, "pyarrow_dtype", None) is not None:
        import pyarrow as pa
        import pyarrow.compute as pc

        lists = pa.array(series.array)
        sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
        values = pc.list_flatten(lists)
        flat: Any = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([values])))
    else:
        filled = [() if one is None or one is np.nan else one for one in series.to_numpy(dtype=object)]
        sizes = np.fromiter(map(len, filled), np.int64, len(filled))
        parts = [np.asarray(one) for one in filled if len(one)]
        flat = np.concatenate(parts) if parts else np.empty(0)
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), flat


def _numbers(values: Any) -> Floats:
    import pandas as pd

    series = pd.Series(values)
    if series.dtype == object or str(series.dtype).startswith(("str", "large_string", "string")):
        series = pd.to_numeric(series, errors="coerce")
    found = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)


def _mjd(epochs: Mapping[str, Any]) -> Floats:
    if "mjd_tai" in epochs:
        return mjd_of_tai(_numbers(epochs["mjd_tai"]))
    if "jd" in epochs:
        return mjd_of_jd(_numbers(epochs["jd"]))
    return _numbers(epochs["mjd" if "mjd" in epochs else "hmjd"])


def _is_good(flag: Floats, bits: int | None) -> Bools:
    """Where a flag says nothing against an epoch: it is 0, or has none of the bits that mean so."""
    if bits is None:
        return flag == 0
    known = np.isfinite(flag)
    return known & (np.where(known, flag, 0).astype(np.int64) & bits == 0)


def _bands(values: Any, bands: Mapping[str, str], n: int) -> tuple[Ints, dict[int, str]]:
    """Codes of the epochs' bands, and names by code, sorted: codes do not depend on the order of rows."""
    if values is None:
        return np.zeros(n, np.int64), {0: "?"}
    import pandas as pd

    code, told = pd.factorize(pd.Series(values).reset_index(drop=True))
    meant = [_band_name(value, bands) for value in told.tolist()]
    names = sorted({*meant, *(["?"] if (code < 0).any() else [])}) or ["?"]
    if len(names) > _MAX_BANDS:
        raise ValueError(f"its epochs name {len(names)} bands, more than {_MAX_BANDS}")
    number = {name: place for place, name in enumerate(names)}
    lookup = np.array([*(number[name] for name in meant), number.get("?", 0)], dtype=np.int64)
    return lookup[code], dict(enumerate(names))


def _band_name(value: Any, bands: Mapping[str, str]) -> str:
    written = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    return band(bands.get(written, written)[:40]).name


def _brightness(epochs: Mapping[str, Any]) -> tuple[Floats, Floats, Floats, Floats]:
    """Magnitude with its error, flux with its error in microjansky; NaN where there is none."""
    ours = next(name for name in BRIGHTNESS if name in epochs)
    value = _numbers(epochs[ours])
    unknown = np.full(len(value), np.nan)
    error = _numbers(epochs[BRIGHTNESS[ours]]) if BRIGHTNESS[ours] in epochs else unknown
    with np.errstate(invalid="ignore"):
        if ours == "mag":
            mag = np.where(np.abs(value) < _NO_MAGNITUDE, value, np.nan)
            return mag, np.where((error < _NO_MAGERR) & (error >= 0), error, np.nan), unknown, unknown
        flux, dflux = value * _MICROJANSKY[ours], error * _MICROJANSKY[ours]
        known = (np.abs(flux) < _NO_FLUX) & (dflux > 0) & (dflux < _NO_FLUX)
    flux, dflux = np.where(known, flux, np.nan), np.where(known, dflux, np.nan)
    with np.errstate(invalid="ignore"):
        return magnitude(flux), magnitude_error(flux, dflux), flux, dflux


def _section(
    values: Mapping[str, NDArray[Any]], rows: Bools, owner: Ints, n: int, told: str
) -> tuple[dict[str, NDArray[Any]], Ints]:
    """The chosen epochs in order of objects and times; a row that is there twice stands once."""
    at = np.flatnonzero(rows)
    if not _ascend(values["mjd"][at], owner[at]):
        at = at[np.lexsort((values[told][at], values["band"][at], values["mjd"][at], owner[at]))]
        is_new = np.ones(len(at), dtype=bool)
        is_new[1:] = owner[at[1:]] != owner[at[:-1]]
        for name in ("mjd", "band", told):
            is_new[1:] |= values[name][at[1:]] != values[name][at[:-1]]
        at = at[is_new]
    start = np.searchsorted(owner[at], np.arange(n + 1))
    return {name: column[at] for name, column in values.items()}, start.astype(np.int64)


def _ascend(mjd: Floats, owner: Ints) -> bool:
    """Tell whether each object's times ascend, as most catalogues have them: then nothing is there twice."""
    return bool(((mjd[1:] > mjd[:-1]) | (owner[1:] != owner[:-1])).all())


def _context(objects: Objects) -> StreamContext:
    from vra_tui.features.dust_map import ebv_sfd

    n = len(objects)
    unknown = np.full(n, np.nan)
    placed = np.isfinite(objects.ra)
    ebv = unknown.copy()
    if placed.any():
        ebv[placed] = ebv_sfd(objects.ra[placed], objects.dec[placed])
    first = unknown.copy()
    np.fmin.at(first, objects.curves.detection_owner, objects.curves.detections.mjd)
    nothing = {name: unknown for name in StreamContext.__dataclass_fields__}
    host = {name: unknown for name in Hosts.__dataclass_fields__}
    hosts = Hosts(**{**host, "kind": np.full(n, int(HostKind.UNKNOWN))})
    told: dict[str, Any] = {
        **nothing,
        "t0_mjd": first,
        "ra": objects.ra,
        "dec": objects.dec,
        "ebv": ebv,
        "real_bogus": objects.score,
        "host": hosts,
    }
    return StreamContext(**told)
