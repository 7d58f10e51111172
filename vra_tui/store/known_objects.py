"""Read and write objects as `KnownObject` and back to rows: read and written for many at a time."""

import json
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from vra_tui.domain.alert import FACTS, CatalogueMatch, ContextNote, ExternalMatch, TnsReport
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.domain.uniting import KnownObject, Word, annotation_of_text
from vra_tui.store.id_lists import json_ids
from vra_tui.store.sections import unpacked

#: Facts that are columns of `alerts`; t0 stands there whether it was said or derived.
FACT_COLUMNS = tuple(name for name in FACTS if name != "t0_mjd")
_MATCH = tuple(f.name for f in fields(CatalogueMatch) if f.name != "extra")
_NOTE = tuple(f.name for f in fields(ContextNote) if f.name != "extra")
_REPORT = tuple(f.name for f in fields(TnsReport) if f.name not in ("extra", "designation"))
_EXTERNAL = tuple(f.name for f in fields(ExternalMatch) if f.name != "extra")


def read_known(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> dict[int, KnownObject]:
    """Return what is known of each alert that the store holds."""
    ids = json_ids(alert_ids)
    where = "WHERE alert_id IN (SELECT value FROM json_each(?))"
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    matches = _by_alert(cursor.execute(f"SELECT * FROM matches {where} ORDER BY position", (ids,)))
    external = _by_alert(cursor.execute(f"SELECT * FROM external_matches {where} ORDER BY position", (ids,)))
    notes = _by_alert(cursor.execute(f"SELECT * FROM context_notes {where}", (ids,)))
    reports = _by_alert(cursor.execute(f"SELECT * FROM tns_matches {where}", (ids,)))
    answers = _by_alert(cursor.execute(f"SELECT alert_id, said FROM annotations {where}", (ids,)))
    alerts = cursor.execute(
        f"""SELECT a.*, l.detections, l.nondetections, l.forced, l.times, e.json_zlib
        FROM alerts a JOIN lightcurves l USING (alert_id) LEFT JOIN detection_extras e USING (alert_id)
        {where.replace("alert_id", "a.alert_id", 1)}""",
        (ids,),
    )
    return {
        row["alert_id"]: _known(
            row,
            matches[row["alert_id"]],
            notes[row["alert_id"]],
            external[row["alert_id"]],
            reports[row["alert_id"]],
            answers[row["alert_id"]],
        )
        for row in alerts
    }


def _by_alert(rows: Iterable[sqlite3.Row]) -> defaultdict[int, list[sqlite3.Row]]:
    found: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        found[row["alert_id"]].append(row)
    return found


def _known(
    row: sqlite3.Row,
    matches: list[sqlite3.Row],
    notes: list[sqlite3.Row],
    external: list[sqlite3.Row],
    reports: list[sqlite3.Row],
    answers: list[sqlite3.Row],
) -> KnownObject:
    times = _Times(row["as_of"], json.loads(row["fact_times"]) if row["fact_times"] else {})
    facts = {name: (times.of(name), row[name]) for name in FACT_COLUMNS if times.was_said(name, row[name])}
    if not row["t0_is_derived"]:
        facts["t0_mjd"] = (times.of("t0_mjd"), row["t0_mjd"])
    extra = json.loads(row["extra"]) if row["extra"] else {}
    note = ContextNote(**_section(notes[0], _NOTE)) if notes else ContextNote()
    return KnownObject(
        facts=facts,
        curve=TimedLightCurve.from_bytes(
            unpacked((row["detections"], row["nondetections"], row["forced"])), row["times"]
        ),
        matches=_by_source(times, [CatalogueMatch(**_section(match, _MATCH)) for match in matches]),
        context=times.section("context", note, bool(notes)),
        external=times.section(
            "external", tuple(ExternalMatch(**_section(match, _EXTERNAL)) for match in external)
        ),
        tns={
            report["designation"]: (
                times.of(f"tns {report['designation']}"),
                TnsReport(designation=_designation(report), **_section(report, _REPORT)),
            )
            for report in reports
        },
        annotations=frozenset(answer["said"] for answer in answers),
        details=json.loads(zlib.decompress(row["json_zlib"])) if row["json_zlib"] else {},
        extra={name: (times.of(f"extra {name}"), value) for name, value in extra.items()},
    )


def _by_source(times: "_Times", matches: list[CatalogueMatch]) -> dict[str, Word]:
    sources = dict.fromkeys([*(match.source for match in matches), *times.empty("matches ")])
    return {
        source: (times.of(f"matches {source}"), tuple(one for one in matches if one.source == source))
        for source in sources
    }


def _designation(row: sqlite3.Row) -> str | None:
    name: str = row["designation"]
    return None if name.startswith("unnamed ") else name


def _section(row: sqlite3.Row, names: Sequence[str]) -> dict[str, Any]:
    extra = json.loads(row["extra"]) if row["extra"] else {}
    return {**{name: row[name] for name in names}, "extra": extra}


class _Times:
    """When each thing was said: ``as_of`` unless it stands among ``others``.

    What is empty and stands there was said to be empty; what is empty and does not was never spoken of.
    """

    def __init__(self, as_of: float, others: Mapping[str, float]) -> None:
        self._as_of, self._others = as_of, others

    def of(self, name: str) -> float:
        return self._others.get(name, self._as_of)

    def was_said(self, name: str, value: object) -> bool:
        return value is not None or name in self._others

    def empty(self, prefix: str) -> list[str]:
        """Return what follows the prefix in the names of things that have times of their own."""
        return [name.removeprefix(prefix) for name in self._others if name.startswith(prefix)]

    def section(self, name: str, value: Any, is_there: bool | None = None) -> Word | None:
        has_rows = bool(value) if is_there is None else is_there
        return (self.of(name), value) if has_rows or name in self._others else None


def said_times(known: KnownObject) -> tuple[float, str | None]:
    """The newest time of anything said, and as JSON the times that do not follow from it, see `_Times`."""
    words: dict[str, tuple[float, bool]] = {
        name: (time, value is None) for name, (time, value) in known.facts.items()
    }
    words |= {f"extra {name}": (time, False) for name, (time, _) in known.extra.items()}
    words |= {f"tns {name}": (time, False) for name, (time, _) in known.tns.items()}
    words |= {f"matches {source}": (time, not found) for source, (time, found) in known.matches.items()}
    for name, word, is_empty in (
        ("external", known.external, known.external is not None and not known.external[1]),
        ("context", known.context, known.context is not None and known.context[1] == ContextNote()),
    ):
        if word is not None:
            words[name] = (word[0], is_empty)
    as_of = max((time for time, _ in words.values()), default=0.0)
    others = {name: time for name, (time, is_empty) in words.items() if is_empty or time != as_of}
    return as_of, json.dumps(others, sort_keys=True, separators=(",", ":")) if others else None


def section_rows(alert_id: int, known: KnownObject) -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables that belong to an alert and are replaced as a whole."""
    # Sherlock knows most of hosts: what others found stands behind its matches.
    sources = sorted(known.matches, key=lambda source: (source != "sherlock", source))
    matches = [match for source in sources for match in known.matches[source][1]]
    external = known.external[1] if known.external else ()
    note = known.context[1] if known.context else ContextNote()
    return {
        "matches": [_row(alert_id, match, _MATCH, position=i) for i, match in enumerate(matches, start=1)],
        "external_matches": [
            _row(alert_id, match, _EXTERNAL, position=i) for i, match in enumerate(external, start=1)
        ],
        "context_notes": [_row(alert_id, note, _NOTE)] if note != ContextNote() else [],
        "tns_matches": [
            {**_row(alert_id, report, _REPORT), "designation": name}
            for name, (_, report) in sorted(known.tns.items())
        ],
        "annotations": [_annotation_row(alert_id, said) for said in sorted(known.annotations)],
    }


def _annotation_row(alert_id: int, said: str) -> dict[str, Any]:
    annotation = annotation_of_text(said)
    return {
        "alert_id": alert_id,
        "said": said,
        "topic": annotation.topic,
        "classification": annotation.classification,
        "mjd": annotation.mjd,
    }


def packed_details(known: KnownObject) -> bytes | None:
    """The other keys of detections, compressed; None where there are none."""
    if not known.details:
        return None
    return zlib.compress(json.dumps(known.details, sort_keys=True, separators=(",", ":")).encode(), 6)


def _row(alert_id: int, section: Any, names: Sequence[str], **more: Any) -> dict[str, Any]:
    values = {name: getattr(section, name) for name in names}
    return {"alert_id": alert_id, **more, **values, "extra": to_json(section.extra)}


def to_json(value: Mapping[str, Any]) -> str | None:
    """A mapping as canonical JSON; None for an empty one."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else None
