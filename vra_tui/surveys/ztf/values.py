"""Read values of ZTF packets key by key: missing ones as None, impossible ones refused."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vra_tui.domain.alert import Refused
from vra_tui.domain.epochs import END_MJD, FIRST_MJD
from vra_tui.domain.refusal import shown
from vra_tui.surveys.values import MAX_TEXT, mjd_of_text
from vra_tui.text import well_formed

Row = Mapping[str, Any]

NAN = math.nan
#: Numbers that stand for none: -999 in candidates, -99999 in `fp_hists` (in schemas 3.2 to 4.02).
_NO_NUMBER = frozenset({-999.0, -9999.0, -99999.0})
#: Texts that stand for none: of ZTF (`ssnamenr`), of Fink's tables, and of what was once a NaN.
_NO_TEXT = frozenset({"", "null", "none", "nan", "unknown", "fail", "n/a", "\ufffd"})
_MAX_DEPTH, _MAX_ITEMS = 8, 1_000
_BANDS = {1: "g", 2: "r", 3: "i", "1": "g", "2": "r", "3": "i", "g": "g", "r": "r", "i": "i"}
_SIGNS = {
    "t": 1.0, "1": 1.0, "true": 1.0, "1.0": 1.0, "f": -1.0, "0": -1.0, "false": -1.0,
    "-1": -1.0, "0.0": -1.0, "-1.0": -1.0,
}  # fmt: skip
#: JD 0 as MJD.
_JD_ZERO = 2_400_000.5
_MAX_ID = 1 << 63


def number(row: Row, key: str) -> float:
    """The number under a key; NaN where it is absent, empty or one that stands for none. Raises Refused."""
    value = row.get(key)
    if value is None:
        return NAN
    if type(value) is float and math.isfinite(value):  # by far the most
        return NAN if value in _NO_NUMBER else value
    if isinstance(value, str):
        if no_text(value):
            return NAN
        try:
            value = float(value)
        except ValueError:
            raise Refused(f"`{key}` is no number: {shown(value)}") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"`{key}` is no number: {shown(value)}")
    if value in _NO_NUMBER or value != value:
        return NAN
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Refused(f"`{key}` is not finite")
    return value


def optional(row: Row, key: str) -> float | None:
    """`number`, None where there is none."""
    value = number(row, key)
    return None if value != value else value


def positive(row: Row, key: str) -> float | None:
    """`number`, None where there is none or where 0 or less stands for it, as in Sherlock's answers."""
    value = number(row, key)
    return value if value > 0 else None


def whole(row: Row, key: str) -> int | None:
    """The whole number under a key, None where there is none. Raises Refused."""
    value = number(row, key)
    if value != value:
        return None
    if value != math.floor(value) or abs(value) >= _MAX_ID:
        raise Refused(f"`{key}` is no whole number: {shown(value)}")
    return int(value)


def text(row: Row, key: str) -> str | None:
    """The text under a key, at most 10,000 characters; None where there is none. Raises Refused."""
    value = row.get(key)
    if value is None or value != value:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_ID:
        value = str(value)
    if not isinstance(value, str):
        raise Refused(f"`{key}` is no text: {shown(value)}")
    return None if no_text(value) else well_formed(value[:MAX_TEXT])


def no_text(value: str) -> bool:
    """Tell whether a text stands for none."""
    return len(value) < 10 and value.strip().lower() in _NO_TEXT


def identity(row: Row, key: str) -> int:
    """A survey's id of a detection, 0 where there is none. Raises Refused: also for one that was rounded."""
    value = row.get(key)
    if value is None or value != value:
        return 0
    if isinstance(value, str):
        if no_text(value):
            return 0
        if not (value.isascii() and value.isdigit() and len(value) < 20):
            raise Refused(f"`{key}` is no whole number: {shown(value)}")
        value = int(value)
    if isinstance(value, float):
        raise Refused(f"`{key}` came as a floating-point number, which cannot hold an id exactly")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MAX_ID:
        raise Refused(f"`{key}` is no id of a detection: {shown(value)}")
    return value


def mjd(row: Row, jd: str = "jd", own: str = "mjd") -> float:
    """MJD of an exposure, from its ``jd`` or else its ``own``. Raises Refused where there is none."""
    value = number(row, jd) - _JD_ZERO
    key = jd
    if value != value:
        value, key = number(row, own), own
    if value != value:
        raise Refused(f"a row has no time (`{jd}`)")
    if not FIRST_MJD <= value < END_MJD:
        raise Refused(f"`{key}` is no time of this survey: {shown(row.get(key))}")
    return value


def mjd_of_jd(row: Row, key: str) -> float | None:
    """MJD of a Julian date, None where there is none or it is no time of this survey."""
    return _in_range(number(row, key) - _JD_ZERO)


def mjd_or_none(row: Row, key: str) -> float | None:
    """The MJD under a key, None where there is none or it is no time of this survey."""
    return _in_range(number(row, key))


def mjd_of_timestamp(row: Row, key: str) -> float | None:
    """MJD of a calendar time, None where there is none or it is no time of this survey."""
    value = mjd_of_text(row.get(key))
    return None if value is None else _in_range(value)


def _in_range(mjd: float) -> float | None:
    # A time far ahead would stand as the newest for ever.
    return mjd if FIRST_MJD <= mjd < END_MJD else None


def band(row: Row, key: str = "fid") -> str:
    """The band's name. Raises Refused for a filter that ZTF does not have."""
    value = row.get(key)
    name = _BANDS.get(value) if isinstance(value, (int, str, float)) and not isinstance(value, bool) else None
    if name is None:
        raise Refused(f"`{key}` is {shown(value)}, not 1 (g), 2 (r) or 3 (i)")
    return name


def sign(row: Row, key: str = "isdiffpos") -> float:
    """1 for a positive difference flux, -1 for a negative one; NaN where none is told. Raises Refused."""
    value = row.get(key)
    if value is None or value != value:
        return NAN
    found = _SIGNS.get(str(value).lower()) if isinstance(value, (str, int, float)) else None
    if found is None:
        if isinstance(value, str) and no_text(value):
            return NAN
        raise Refused(f"`{key}` is {shown(value)}, not t or f")
    return found


def position(row: Row, ra: str = "ra", dec: str = "dec") -> tuple[float, float]:
    """Right ascension and declination, degrees, NaN where there are none. Raises Refused for no place."""
    east, north = number(row, ra), number(row, dec)
    if not (east != east or 0.0 <= east <= 360.0):
        raise Refused(f"`{ra}` is no right ascension: {shown(east)}")
    if not (north != north or -90.0 <= north <= 90.0):
        raise Refused(f"`{dec}` is no declination: {shown(north)}")
    return east, north


def rows(value: Row, key: str) -> Sequence[Row]:
    """The rows under a key, none where it is absent or empty. Raises Refused."""
    found = value.get(key)
    if found is None:
        return ()
    if hasattr(found, "tolist"):
        found = found.tolist()
    if not isinstance(found, (list, tuple)) or not all(isinstance(row, Mapping) for row in found):
        raise Refused(f"`{key}` is no list of rows")
    return found


def part(value: Row, key: str) -> Row:
    """The mapping under a key, empty where it is absent or empty. Raises Refused."""
    found = value.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise Refused(f"`{key}` is {shown(found)}, not a record")
    return found


def kept(value: Row, known: frozenset[str] | set[str]) -> dict[str, Any]:
    """What a row says under other keys than the known ones, as plain values; nothing for missing ones."""
    return _plain_items(((key, inner) for key, inner in value.items() if key not in known), _MAX_DEPTH)


def _plain_items(items: Iterable[tuple[Any, Any]], depth: int) -> dict[str, Any]:
    return {
        well_formed(str(key)[:80]): plain
        for key, inner in items
        if (plain := _plain(inner, depth)) is not None
    }


def _plain(value: Any, depth: int) -> Any:
    """A value as text, number or lists and mappings of those; None for what is missing or no such."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) and value not in _NO_NUMBER else None
    if isinstance(value, int):
        return value if -_MAX_ID <= value < _MAX_ID and value not in _NO_NUMBER else None
    if isinstance(value, str):
        return None if no_text(value) else well_formed(value[:MAX_TEXT])
    if depth and isinstance(value, dict):
        return _plain_items(value.items(), depth - 1) or None
    if depth and isinstance(value, (list, tuple)):
        return [_plain(inner, depth - 1) for inner in value[:_MAX_ITEMS]]
    return None
