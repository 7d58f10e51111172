"""Convert values of packets to numbers, texts and ids, or refuse them by name."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Refused
from vra_tui.domain.times import mjd_of

Floats = NDArray[np.float64]
#: Texts are short; one longer than this is cut, so that a list of names can be held in memory.
MAX_TEXT = 10_000
#: Of a history longer than this the packet is refused: no survey sends so many.
MAX_ROWS = 200_000
_HUGE = 1e300
_NUMBER_TYPES = {float, int, type(None)}


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """The value as a mapping; an absent one is empty. Raises Refused."""
    if type(value) is dict:  # asking for a Mapping costs ten times as much
        return value
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Refused(f"{where} is not an object but {_kind(value)}")
    return value


def rows(value: Any, where: str) -> Sequence[Mapping[str, Any]]:
    """The value as a list of mappings; an absent one is empty. Raises Refused."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple | np.ndarray):
        raise Refused(f"{where} is not a list but {_kind(value)}")
    if len(value) > MAX_ROWS:
        raise Refused(f"{where} has {len(value):,} rows, more than {MAX_ROWS:,}")
    if not set(map(type, value)) <= {dict} and not all(isinstance(row, Mapping) for row in value):
        index = next(i for i, row in enumerate(value) if not isinstance(row, Mapping))
        raise Refused(f"{where}[{index}] is not an object but {_kind(value[index])}")
    return value  # type: ignore[return-value]


def number(value: Any) -> float | None:
    """A finite number; None for anything else. For what is worth keeping but not worth a refusal."""
    if type(value) is float:
        return value if abs(value) < _HUGE else None
    if isinstance(value, bool | str | bytes) or value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < _HUGE else None


def whole(value: Any) -> int | None:
    """A number without its fraction; None for anything else, and for what 63 bits do not hold."""
    found = number(value)
    return None if found is None or abs(found) >= 2**63 else int(found)


def column(section: Sequence[Mapping[str, Any]], key: str, where: str) -> Floats:
    """One key of all rows, NaN where absent, null or not finite, shape (n,). Raises Refused for text."""
    raw = [row.get(key) for row in section]
    values = None
    if set(map(type, raw)) <= _NUMBER_TYPES:  # numpy would read the number in a text as well
        with suppress(OverflowError):  # a whole number that no float holds
            values = np.array(raw, dtype=np.float64)
    if values is None:
        values = np.array([_checked(value, f"{where}[{i}].{key}") for i, value in enumerate(raw)])
    return np.where(np.abs(values) < _HUGE, values, np.nan)


def columns(section: Sequence[Mapping[str, Any]], keys: Sequence[str], where: str) -> Floats:
    """Several keys of all rows, shape (keys, n), each as `column` has it: at once, in a third of the time."""
    raw = [[row.get(key) for row in section] for key in keys]
    if not set().union(*(map(type, values) for values in raw)) <= _NUMBER_TYPES:
        return np.array([column(section, key, where) for key in keys])
    try:
        values = np.array(raw, dtype=np.float64)
    except OverflowError:  # a whole number that no float holds
        return np.array([column(section, key, where) for key in keys])
    return np.where(np.abs(values) < _HUGE, values, np.nan)


def _checked(value: Any, where: str) -> float:
    if value is None:
        return np.nan
    found = number(value)
    if found is None and not (isinstance(value, float) or (np.isscalar(value) and value != value)):
        raise Refused(f"{where} is not a number but {_kind(value)}")
    return np.nan if found is None else found


def within(values: Floats, low: float, high: float, where: str) -> Floats:
    """The values, of which each lies in a range or is NaN. Raises Refused, naming the first that does not."""
    bad = (values < low) | (values > high)
    if bad.any():
        index = int(np.argmax(bad))
        raise Refused(f"{where} is {values[index]:g} in row {index}, not between {low:g} and {high:g}")
    return values


def text(value: Any) -> str | None:
    """Text, cut to a sensible length; None for what is absent, empty or no text."""
    if isinstance(value, str):
        return value[:MAX_TEXT] or None
    if isinstance(value, bool) or value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return str(value) if isinstance(value, int | float) else None


def mjd_of_text(value: Any) -> float | None:
    """MJD of a calendar time in ISO 8601 (UTC where it names no zone); None for anything else."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        return mjd_of(datetime.fromisoformat(value.strip().replace(" UTC", "")))
    except ValueError:
        return None


def identity(value: Any, where: str) -> int | None:
    """An id that is a whole number; None where it is absent. Raises Refused for a float, which rounds ids."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 40:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise Refused(f"{where} is no whole number but {_kind(value)}: ids must be exact")
    if not 0 <= int(value) < 2**63:
        raise Refused(f"{where} is no id: it is {'negative' if value < 0 else 'longer than 63 bits'}")
    return int(value)


def plain(value: Any, depth: int = 0) -> Any:
    """The value as JSON holds it: without bytes, NaN and nulls, and no deeper than a few levels."""
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is str:
        return value[:MAX_TEXT]
    if kind is bool or value is None or (kind is int and abs(value) < 2**64):
        return value
    if isinstance(value, Mapping):
        if depth > 8:
            return None
        kept = {str(key)[:200]: plain(inner, depth + 1) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [plain(inner, depth + 1) for inner in value[:1000]] if depth <= 8 else None
    return plain(value.item(), depth) if isinstance(value, np.generic) else None


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", bytes: "bytes"}
    return names.get(type(value), "null" if value is None else f"a number ({str(value)[:40]})")
