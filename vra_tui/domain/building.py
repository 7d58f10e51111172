"""Build light curves from columns with names of bands and instruments."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from vra_tui.domain.alert import Refused
from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve, no_epochs

#: Columns of equal length; ``instrument`` and ``band`` are names, all else as `pack_detections` and its
#: siblings take it.
NamedColumns = Mapping[str, Sequence[Any] | NDArray[Any]]

#: An alert whose epochs name more is refused: codes have one byte, shared by all alerts of a store.
_MAX_NAMES = 64


def build_light_curve(
    detections: NamedColumns | None = None,
    nondetections: NamedColumns | None = None,
    forced: NamedColumns | None = None,
) -> tuple[LightCurve, tuple[str, ...], tuple[str, ...]]:
    """A light curve in canonical order, and the names of its instruments and bands, in the order of codes.

    The order of rows, and rows that are there twice, make no difference. Raises Refused for a time out of
    range, a value that does not fit, or too many names.
    """
    given = [
        columns if columns and len(columns["mjd"]) else None
        for columns in (detections, nondetections, forced)
    ]
    instruments, instrument_codes = _codes([columns["instrument"] if columns else () for columns in given])
    bands, band_codes = _codes([columns["band"] if columns else () for columns in given])
    empty = no_epochs()
    try:
        seen, missed, measured = (
            columns and {**columns, "instrument": instrument_codes[i], "band": band_codes[i]}
            for i, columns in enumerate(given)
        )
        curve = LightCurve(
            pack_detections(seen) if seen else empty.detections,
            pack_nondetections(missed) if missed else empty.nondetections,
            pack_forced(measured) if measured else empty.forced,
        )
    except ValueError as error:
        raise Refused(f"its light curve cannot be kept: {error}") from None
    return TimedLightCurve.of(curve, 0.0).curve, instruments, bands


def _codes(sections: Sequence[Sequence[str] | NDArray[Any]]) -> tuple[tuple[str, ...], list[list[int]]]:
    distinct = set().union(*(set(section) for section in sections))
    # Sorted, so that pieces of one packet and the whole agree as far as they can.
    names = tuple(sorted(map(str, distinct)))
    if len(names) > _MAX_NAMES:
        raise Refused(f"its epochs name {len(names)} bands or instruments, more than {_MAX_NAMES}")
    code = {name: number for number, name in enumerate(names)}
    return names, [[code[name] for name in section] for section in sections]
