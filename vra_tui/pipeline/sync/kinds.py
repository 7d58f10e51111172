"""The kinds of rows that two stores bring to the same: labels, and what classifiers said."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.features.dust_map import DustMap
from vra_tui.pipeline.sync.differences import KeySet
from vra_tui.store import Store
from vra_tui.store.objects import Name
from vra_tui.store.travelling import (
    alert_names,
    annotation_keys,
    label_keys,
    label_rows,
    put_annotations,
)

Row = dict[str, Any]
#: Rows that travel in one message.
AT_ONCE = 2_000
#: Refused rows of one message that are told one by one.
_TOLD = 20
_NAME_BYTES = 8


@dataclass
class Took:
    """What became of rows: counts by what they are, and why some were refused."""

    counts: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    reasons: list[str] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Count a row that was refused."""
        self.refused += 1
        if len(self.reasons) < _TOLD:
            self.reasons.append(f"{refusal.position}: {refusal.reason}")

    def add(self, other: "Took") -> None:
        """Count what became of others too."""
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        self.refused += other.refused
        self.reasons = (self.reasons + other.reasons)[:_TOLD]


class Kind(Protocol):
    """Rows of one kind in a store."""

    def keys(self) -> KeySet:
        """The keys of all rows, as they are now."""
        ...

    def wanted(self, keys: Sequence[bytes]) -> list[bytes]:
        """Those of the keys of others' rows that this store would take."""
        ...

    def rows(self, keys: Sequence[bytes]) -> list[Row]:
        """The rows behind keys."""
        ...

    def take(self, rows: Iterable[object]) -> Took:
        """Take others' rows in, each checked; any order, any number of times."""
        ...


@dataclass(frozen=True)
class Labels:
    """Decisions, undos, notes and marks on epochs. ``import_id``: by which all that comes is undone."""

    store: Store
    clock: Callable[[], datetime]
    import_id: str

    def keys(self) -> KeySet:
        """See `Kind`."""
        return KeySet(label_keys(self.store))

    def wanted(self, keys: Sequence[bytes]) -> list[bytes]:
        """See `Kind`: all; alerts may come later than their labels."""
        return list(keys)

    def rows(self, keys: Sequence[bytes]) -> list[Row]:
        """See `Kind`."""
        return label_rows(self.store, keys)

    def take(self, rows: Iterable[object]) -> Took:
        """See `Kind`."""
        # Checking takes pydantic: a fifth of a second that a round with nothing new does not spend.
        from vra_tui.store.merge import merge

        took = Took()
        pieces = [InputPiece("sync", f"decision {_id_of(row)}", row) for row in rows]
        merged = merge(self.store, pieces, took.refuse, now=self.clock(), import_id=self.import_id)
        took.counts = {name: getattr(merged, name) for name in ("decisions", "undos", "notes", "marks")}
        took.counts["waiting"] = merged.waiting
        return took


def _id_of(row: object) -> str:
    return str(row.get("decision_id", "")) if isinstance(row, Mapping) else ""


class Annotations:
    """What classifiers said of alerts that both stores hold."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock, self._dust = store, clock, DustMap()
        self._found: dict[bytes, tuple[Name, str]] = {}
        self._held: dict[bytes, Name] = {}

    def keys(self) -> KeySet:
        """See `Kind`. What `rows` and `wanted` answer is as of then."""
        self._found, self._held = annotation_keys(self._store), alert_names(self._store)
        return KeySet(self._found)

    def wanted(self, keys: Sequence[bytes]) -> list[bytes]:
        """See `Kind`: those of alerts that are here."""
        return [key for key in keys if key[:_NAME_BYTES] in self._held]

    def rows(self, keys: Sequence[bytes]) -> list[Row]:
        """See `Kind`."""
        held = (self._found[key] for key in keys if key in self._found)
        return [{"survey": name[0], "object_id": name[1], "said": said} for name, said in held]

    def take(self, rows: Iterable[object]) -> Took:
        """See `Kind`."""
        took, sound = Took(), []
        for place, row in enumerate(rows, start=1):
            try:
                sound.append(_answer(row))
            except (ValueError, TypeError, KeyError) as error:
                took.refuse(Refusal("sync", f"annotation {place}", f"it is no annotation: {error}"))
        put_annotations(self._store, sound, self._clock(), self._dust)
        took.counts["annotations"] = len(sound)
        return took


def _answer(row: Any) -> Row:
    """The row, checked. Raises ValueError, TypeError or KeyError."""
    from vra_tui.domain.uniting import annotation_of_text, annotation_text

    survey, object_id, said = (row[name] for name in ("survey", "object_id", "said"))
    annotation = annotation_of_text(said)
    texts = (annotation.classification, annotation.version, annotation.explanation, annotation.url)
    numbers = (annotation.mjd, *annotation.numbers.values())
    if not all(isinstance(text, str) for text in (survey, object_id, annotation.topic)):
        raise ValueError("a name is no text")
    if not all(text is None or isinstance(text, str) for text in texts):
        raise ValueError("it holds no text where one belongs")
    if not all(number is None or isinstance(number, int | float) for number in numbers):
        raise ValueError("it holds no number where one belongs")
    if annotation_text(annotation) != said:
        raise ValueError("it is written otherwise than this vra writes it")
    return {"survey": survey, "object_id": object_id, "said": said}


def kinds_of(store: Store, clock: Callable[[], datetime], import_id: str) -> dict[str, Kind]:
    """All kinds by name, in the order in which they are exchanged."""
    return {
        "labels": Labels(store, clock, import_id),
        "annotations": Annotations(store, clock),
    }
