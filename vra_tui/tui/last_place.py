"""Keep the open list and the alert under the cursor from one start to the next."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.private import make_private
from vra_tui.store.objects import Name
from vra_tui.store.query import ListQuery, is_order, parse_filter
from vra_tui.tui.tabs import LISTS


@dataclass(frozen=True)
class LastPlace:
    """A query and an alert in it, by survey and object id."""

    query: ListQuery
    alert: Name | None


class LastPlaceFile:
    """Places by store and scanner in one small file. Losing it loses nothing but the place."""

    def __init__(self, path: Path | None, store: Path, scanner: str) -> None:
        self._path = path
        self._key = f"{store.resolve()} {scanner}"
        self._kept: LastPlace | None = None

    def read(self) -> LastPlace | None:
        """The place kept last; None when there is none that can be understood."""
        try:
            entry = self._all()[self._key]
            query = ListQuery(str(entry["list"]), str(entry["sort"]), str(entry["words"]))
            parse_filter(query.words)
            if query.list_name not in LISTS or not is_order(query.sort):
                return None
            return LastPlace(query, _alert_of(entry))
        except (OSError, KeyError, TypeError, ValueError, VraError):
            return None  # a lost place keeps nobody from the list

    def keep(self, place: LastPlace) -> None:
        """Write a place down, unless it is the one written last. A file that cannot be written is let be."""
        if self._path is None or place == self._kept:
            return
        self._kept = place
        query = asdict(place.query)
        survey, object_id = place.alert or (None, None)
        entry = {"list": query["list_name"], "sort": query["sort"], "words": query["words"]}
        entry |= {"survey": survey, "object_id": object_id}
        with suppress(OSError, ValueError):
            everything = {**self._all(), self._key: entry}
            make_private(self._path.parent)
            beside = self._path.with_suffix(f".{os.getpid()}")
            beside.write_text(json.dumps(everything, indent=1), encoding="utf-8")
            beside.replace(self._path)

    def _all(self) -> dict[str, dict[str, object]]:
        if self._path is None or not self._path.exists():
            return {}
        content = json.loads(self._path.read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}


def _alert_of(entry: dict[str, object]) -> Name | None:
    if entry.get("atlas_id") is not None:  # as it was written when all alerts were ATLAS's
        return ("atlas", str(entry["atlas_id"]))
    named = (entry.get("survey"), entry.get("object_id"))
    return (str(named[0]), str(named[1])) if None not in named else None
