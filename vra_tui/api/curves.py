"""Light curves as long tables: one row an epoch, whatever its kind, in the order of time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.api.frames import frame
from vra_tui.domain.epochs import FORCED, Detections, ForcedPhotometry, NonDetections
from vra_tui.domain.flux import flux_error, limit_error, microjansky

if TYPE_CHECKING:
    import pandas as pd

    from vra_tui.domain.light_curve import LightCurve, LightCurves

Floats = NDArray[np.float64]
Column = NDArray[Any]

KINDS = ("detection", "limit", "forced")
_CODES = 256


def curve_frame(
    curve: "LightCurve", bands: Mapping[int, str], instruments: Mapping[int, str]
) -> "pd.DataFrame":
    """One light curve; ``bands`` and ``instruments`` by their code."""
    columns = _columns(curve.sections, bands, instruments)
    order = np.lexsort((columns["kind_number"], columns["mjd"]))
    return frame("light_curve", {name: values[order] for name, values in columns.items()})


def curves_frame(
    curves: "LightCurves",
    names: Sequence[tuple[str, str]],
    bands: Mapping[int, str],
    instruments: Mapping[int, str],
) -> "pd.DataFrame":
    """Many light curves; ``names``: survey and object id of each, in the order of the curves."""
    forced = curves.forced if curves.forced is not None else ForcedPhotometry(np.empty(0, FORCED))
    columns = _columns((curves.detections, curves.nondetections, forced), bands, instruments)
    owner = np.concatenate([curves.detection_owner, curves.nondetection_owner, curves.forced_owner])
    order = np.lexsort((columns["kind_number"], columns["mjd"], owner))
    surveys, object_ids = (np.array([name[i] for name in names], dtype=object) for i in (0, 1))
    columns |= {"survey": surveys[owner], "object_id": object_ids[owner]}
    return frame("light_curves", {name: values[order] for name, values in columns.items()})


def _columns(
    sections: tuple[Detections, NonDetections, ForcedPhotometry],
    bands: Mapping[int, str],
    instruments: Mapping[int, str],
) -> dict[str, Column]:
    """The columns of all sections, laid end to end; ``kind_number`` beside them, for the order."""
    parts = [_of_detections(sections[0]), _of_limits(sections[1]), _of_forced(sections[2])]
    band_names, instrument_names = _named(bands), _named(instruments)
    for number, (section, part) in enumerate(zip(sections, parts, strict=True)):
        instrument = instrument_names[section.instrument]
        exposures = _exposures(section.mjd, instrument)
        part |= {
            "mjd": section.mjd,
            "band": band_names[section.band],
            "instrument": instrument,
            "epoch_id": epoch_ids(section, exposures) if isinstance(section, Detections) else exposures,
            "kind": np.full(len(section), KINDS[number], dtype=object),
            "kind_number": np.full(len(section), number),
        }
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _of_detections(seen: Detections) -> dict[str, Column]:
    flux = microjansky(seen.mag)
    return {
        "flux_ujy": flux,
        "fluxerr_ujy": flux_error(flux, seen.magerr),
        "mag": seen.mag,
        "magerr": seen.magerr,
        "limit_mag": seen.limit,
        "ra": seen.ra,
        "dec": seen.dec,
        "score": seen.score,
    }


def _of_limits(missed: NonDetections) -> dict[str, Column]:
    nothing = np.full(len(missed), np.nan)
    return {
        **dict.fromkeys(("flux_ujy", "mag", "magerr", "ra", "dec", "score"), nothing),
        "fluxerr_ujy": limit_error(missed.limit),
        "limit_mag": missed.limit,
    }


def _of_forced(forced: ForcedPhotometry) -> dict[str, Column]:
    nothing = np.full(len(forced), np.nan)
    return {
        **dict.fromkeys(("ra", "dec", "score"), nothing),
        "flux_ujy": forced.flux.astype(np.float64),
        "fluxerr_ujy": forced.dflux.astype(np.float64),
        "mag": np.where(forced.is_limit, np.nan, forced.mag),
        "magerr": np.where(forced.is_limit, np.nan, forced.magerr),
        "limit_mag": np.where(forced.is_limit, np.abs(forced.mag), np.nan),
    }


def epoch_ids(seen: Detections, exposures: Column) -> Column:
    """The survey's own id of each detection as text; else its exposure, and its place there where known."""
    own = seen.source_id.astype(str).astype(object)
    place = (seen.source_id % np.uint64(1 << 63)).astype(str).astype(object)
    known = np.where(seen.source_id == 0, exposures, exposures + "/" + place)
    ids: Column = np.where(seen.has_own_id, own, known)
    return ids


def _exposures(mjd: Floats, instrument: Column) -> Column:
    """What an exposure is called: its time (to 1e-9 days, as it is kept) and its instrument."""
    return np.array([f"{time:.9f}" for time in mjd.tolist()], dtype=object) + "/" + instrument


def _named(names: Mapping[int, str]) -> Column:
    """Names by code, shape (256,); `?` where there is none."""
    return np.array([names.get(code, "?") for code in range(_CODES)], dtype=object)
