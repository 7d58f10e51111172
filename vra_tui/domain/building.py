"""Light curves from columns with names of bands and instruments, as every survey's packets give them."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from vra_tui.domain.alert import Refused
from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve

#: Columns of equal length; ``instrument`` and ``band`` are names, all else as `pack_detections` and its
#: siblings take it.
NamedColumns = Mapping[str, Sequence[Any] | NDArray[Any]]

_DETECTIONS = ("mjd", "ra", "dec", "mag", "magerr", "limit")
_NONDETECTIONS = ("mjd", "limit")
_FORCED = ("mjd", "flux", "dflux")
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
    sections = [columns or {} for columns in (detections, nondetections, forced)]
    instruments, instrument_codes = _codes([columns.get("instrument", ()) for columns in sections])
    bands, band_codes = _codes([columns.get("band", ()) for columns in sections])
    try:
        seen, missed, measured = (
            {**dict.fromkeys(names, ()), **columns, "instrument": instrument_codes[i], "band": band_codes[i]}
            for i, (names, columns) in enumerate(
                zip((_DETECTIONS, _NONDETECTIONS, _FORCED), sections, strict=True)
            )
        )
        curve = LightCurve(pack_detections(seen), pack_nondetections(missed), pack_forced(measured))
    except ValueError as error:
        raise Refused(f"its light curve cannot be kept: {error}") from None
    return TimedLightCurve.of(curve, 0.0).curve, instruments, bands


def _codes(sections: Sequence[Sequence[str] | NDArray[Any]]) -> tuple[tuple[str, ...], list[list[int]]]:
    # Sorted, so that pieces of one packet and the whole agree as far as they can.
    names = tuple(sorted({str(name) for section in sections for name in section}))
    if len(names) > _MAX_NAMES:
        raise Refused(f"its epochs name {len(names)} bands or instruments, more than {_MAX_NAMES}")
    code = {name: number for number, name in enumerate(names)}
    return names, [[code[str(name)] for name in section] for section in sections]
