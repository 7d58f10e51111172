"""Alerts whose every text is hostile, and stores that hold them."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.factories import Clock, api_object, detection, forced, nondetection, quad, score_all, tns_report
from tests.hostile.corpus import EVERYTHING, SEQUENCES, name_of_a_megabyte
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.store import decisions
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author
from vra_tui.store.intake import Intake


def hostile_object(number: int, text: str) -> dict[str, Any]:
    """An alert that has ``text`` in every field of every section that takes text, and in unknown keys."""
    unknown = {text: text, "unknown": {text: [text]}}
    header = {
        "atlas_designation": text, "other_designation": text, "sherlockClassification": text,
        "current_trend": f"rising {text}", "local_comments": text, "survey_field": text, **unknown,
    }  # fmt: skip
    match = {
        "catalogue_object_id": text, "catalogue_table_name": text, "association_type": text,
        "catalogue_object_type": text, "separationarcsec": 5.0, "z": 0.05, **unknown,
    }  # fmt: skip
    note = {"classification": text, "annotation": f"<em>{text}</em>", "summary": text, **unknown}
    report = tns_report(
        text, type=text, discoverer=text, other_info=text, host_galaxy=text, url=text, **unknown
    )
    external = {"external_designation": text, "type": text, "matched_list": text, "url": text, **unknown}
    strange = {"expname": text, "filter": text, **unknown}
    return api_object(
        number,
        header=header,
        lc=[*quad(0), detection(-0.4, number=900, **strange)],
        lcnondets=[nondetection(-2.5), nondetection(-3.5, **strange)],
        fp=[forced(-0.5, **strange)],
        sherlock_crossmatches=[match],
        sherlock_classifications=[note],
        tns_crossmatches=[report],
        external_crossmatches=[external],
        **{text or "x": text},
    )


def benign_object(number: int) -> dict[str, Any]:
    """An alert with as much text, all of it as it should be."""
    return hostile_object(number, f"ATLAS23b{number:03d}")


def hostile_texts() -> list[str]:
    """The corpus, one by one and all together."""
    return [*SEQUENCES.values(), EVERYTHING]


def hostile_objects() -> list[dict[str, Any]]:
    """An alert for each text of the corpus, and one with names of a megabyte."""
    objects = [hostile_object(number, text) for number, text in enumerate(hostile_texts())]
    name = name_of_a_megabyte()
    header = {"atlas_designation": name, "sherlockClassification": name, "local_comments": name}
    return [*objects, api_object(len(objects), header=header, tns_crossmatches=[tns_report(name)])]


def write_objects(path: Path, objects: Iterable[dict[str, Any]]) -> Path:
    """One object a line; half of a character is written as it is (the JSON of a careless server)."""
    lines = (json.dumps(found, ensure_ascii=number % 2 == 0) for number, found in enumerate(objects))
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    return path


def fill(connection: sqlite3.Connection, file: Path, clock: Clock, texts: Iterable[str]) -> Intake:
    """Ingest a file, score it, and let a scanner of each name decide and note, in words as hostile."""
    intake = ingest(connection, read_paths([file]), clock=clock)
    score_all(connection, clock)
    ids = [row[0] for row in connection.execute("SELECT alert_id FROM alerts ORDER BY alert_id")]
    for alert_id, text in zip(ids, texts, strict=False):
        said = text.encode("utf-8", "replace").decode()[:5_000]
        with transaction(connection):
            decisions.add_note(connection, alert_id, said, Author(said, said), clock())
            if alert_id % 2:
                decisions.decide(connection, alert_id, "good", Author(said, said), clock(), note=said)
    return intake
