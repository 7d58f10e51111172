"""What answers of the ATLAS server say: rows of lists, whole objects, and where people filed them."""

import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import mjd_of
from vra_tui.sources.json_text import MAX_OBJECT_BYTES, decode
from vra_tui.sources.splitter import split_objects
from vra_tui.sources.wires.base import Filing, WireFault
from vra_tui.surveys.atlas.lists import DECIDED, UNDECIDED
from vra_tui.surveys.base import Packet
from vra_tui.surveys.values import mjd_of_text
from vra_tui.text import printable

#: Who filed an object where the server does not tell.
NOBODY = "atlas-server"
_EPOCHS = {"lc": "mjd", "lcnondets": "mjd", "fp": "mjd_obs"}


@dataclass(frozen=True)
class Listed:
    """An object as a list tells of it. ``changed``: MJD; ``state``: what differs once it changed."""

    object_id: str
    changed: float
    state: str | None


@dataclass(frozen=True)
class Told:
    """What came of asking for one object: a packet, or why there is none.

    ``is_done``: that is all there is to say of it until it changes. ``filing``: where the server holds it.
    """

    object_id: str
    piece: Packet | Refusal
    is_done: bool = False
    filing: Filing | None = None


def rows_of(content: bytes, key: str, name: str) -> list[Mapping[str, Any]]:
    """The rows of an answer, each of which has ``key``. Raises WireFault, ``name`` naming the answer."""
    try:
        rows = decode(content)
    except Refused as refused:
        raise WireFault(f"The answer for {name} is {refused}; it begins `{_begin(content)}`.") from None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) and key in row for row in rows):
        raise WireFault(f"The answer for {name} is no list of objects{_said(rows)}.")
    return rows


def listed(row: Mapping[str, Any]) -> Listed:
    """A row of `objectlist/`."""
    exposed = number(row.get("latest_mjd"))
    dates = [mjd_of_text(row.get(key)) or 0.0 for key in ("date_modified", "followup_flag_date")]
    told = (row.get(key) for key in ("detection_list_id", "date_modified", "latest_mjd"))
    state = "list {}, changed {}, exposed {}".format(*told)
    return Listed(str(row["id"]), max(*dates, exposed), printable(state, 120))


def left_list(state: str) -> int | None:
    """The list of what waits for a decision that an object of this state was on; None for others."""
    found = re.match(r"list (\d{1,9}),", state)
    return int(found[1]) if found and int(found[1]) in UNDECIDED else None


def objects_of(
    content: bytes, asked: Sequence[str], source: str, made: Callable[[str, bytes, Mapping[str, Any]], Told]
) -> Iterator[Told | str]:
    """What an answer of `objects/` holds of the objects that were ``asked`` for, ``made`` of id, text, value.

    Ids (texts) stand for those that it leaves out, or within which it breaks off. What was not asked for is
    passed over. Raises WireFault where it holds no objects at all.
    """
    texts = [piece.data for piece in split_objects(io.BytesIO(content).read, MAX_OBJECT_BYTES)]
    is_in_order, holds_any = len(texts) == len(asked), False
    missing = dict.fromkeys(asked)
    for place, text in enumerate(texts):
        value = _value(text)  # one at a time: decoded they take ten times the room
        if not isinstance(value, Mapping) or not isinstance(text, bytes) or "object" not in value:
            continue
        holds_any = True
        if isinstance(header := value["object"], Mapping):
            object_id = str(header.get("id"))
            if object_id in missing:
                del missing[object_id]
                yield made(object_id, text, value)
        elif is_in_order and asked[place] in missing:
            # It answers in the order of the question, and with words for what it does not know.
            del missing[asked[place]]
            yield refused(source, asked[place], f"the server does not know it{_said(header)}", is_done=True)
    if not holds_any:
        raise WireFault(f"`{source}` answered with something that holds no objects: `{_begin(content)}`.")
    yield from missing


def refused(source: str, object_id: str, reason: str, is_done: bool = False) -> Told:
    """An object of which there is no packet, with the reason."""
    return Told(object_id, Refusal(source, f"objects/ {object_id}", reason, object_id), is_done)


def filing_of(value: Mapping[str, Any], server: str, robots: Sequence[str]) -> Filing | None:
    """Where the server holds an object; None where a program filed it, or in a list that says nothing here.

    The server writes who changed an object last, and when, beside its list.
    """
    header = value["object"]
    list_id, by = header.get("detection_list_id"), header.get("updated_by")
    if not isinstance(list_id, int) or (list_id not in DECIDED and list_id not in UNDECIDED) or by in robots:
        return None
    at = _moment(header.get("date_modified"))
    return Filing(
        survey="atlas",
        object_id=str(header["id"]),
        list=DECIDED.get(list_id, "eyeball"),
        server=server,
        position=f"objects/ {header['id']}, list {list_id}",
        nobody=NOBODY,
        scanner=by if isinstance(by, str) and by else None,
        at=at,
        seen_mjd=None if at is None else _last_before(value, mjd_of(at)),
    )


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _last_before(value: Mapping[str, Any], mjd: float) -> float | None:
    """The last exposure that was there to be seen."""
    times = (
        row.get(key)
        for section, key in _EPOCHS.items()
        for row in value.get(section) or []
        if isinstance(row, Mapping)
    )
    return max((time for time in times if type(time) is float and time <= mjd), default=None)


def _value(text: object) -> Any:
    try:
        return decode(text) if isinstance(text, bytes) else None
    except Refused:
        return None


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("error", "info", "detail") if key in value), None)
    return f" ({printable(value, 160)})" if isinstance(value, str) and value else ""


def _begin(content: bytes) -> str:
    return printable(content[:120].decode("utf-8", "replace"), 80)


def number(value: Any) -> float:
    """A number; 0 for what is none."""
    try:
        found = 0.0 if value is None else float(value)
    except (TypeError, ValueError):
        return 0.0
    return found if math.isfinite(found) else 0.0
