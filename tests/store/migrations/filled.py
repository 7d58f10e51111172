"""Stores of older versions with alerts, scores, labels of all kinds and derived rows in them."""

from tests.factories import FIRST_ID, api_object, detection, forced, quad, tns_report
from tests.store import older
from vra_tui.store.connection import transaction
from vra_tui.store.schema import migrate, step_after

SCORED = [(FIRST_ID, 1, 0.9), (FIRST_ID, 2, 0.95), (FIRST_ID + 1, 1, 0.8), (FIRST_ID + 3, 1, 0.1)]


def placed(rows):
    """Rows with places on the detector."""
    return [{**row, "x": 100.25 + number, "y": 2000.5} for number, row in enumerate(rows)]


def responses():
    """Objects of all shapes: doubles told apart by place or not at all, context, nulls, evenings, surplus."""
    double = placed(quad(0))
    double += [
        {**double[1], "x": 150.25, "mag": 19.9, "magerr": 0.3, "ra": 150.1002, "det": 7},
        {**double[1], "x": 151.25, "mag": -19.9, "magerr": 0.3, "det": 8},
    ]
    note = {"classification": "AGN", "annotation": "x <b>y</b>", "summary": "s", "odd": {"deep": [1]}}
    near = [{"external_designation": "ZTF23x", "matched_list": "ZTF", "mag": 18.2, "odd": 1}]
    evening = [
        detection(-0.15, number=44, expname="03a60001o0044o"),
        detection(-0.12, number=45, expname="04a60001o12345c", filter="c", x=9.0, y=8.0),
        detection(-0.6, number=46, expname="01a60000o0046o"),
    ]
    return [
        api_object(0, tns_crossmatches=[tns_report(), tns_report("2023b", other_info=None, odd=[1])]),
        api_object(1, lc=double, fp=[forced(-3), forced(-2, is_limit=True)], sherlock_classifications=[note]),
        api_object(2, lc=[*quad(0), {**quad(0)[2], "mag": 19.7, "ra": 150.1003}], header={"rb_pix": None}),
        api_object(3, lc=evening, external_crossmatches=near, sherlock_crossmatches=[]),
        {key: value for key, value in api_object(4).items() if key in ("object", "lc", "lcnondets")},
    ]


def filled(path, version=4):
    """A store of an older version with alerts, scores, labels of all kinds and derived rows in it.

    Of versions after 4: what the migration makes of version 4.
    """
    if version > 4:
        store = filled(path)
        with transaction(store):
            migrate(store, stop_before=step_after(version))
        return store
    store = older.older_store(path, version)
    with transaction(store):
        how = {} if version == 4 else {"keys": False, "extras": "dict"}
        for raw in responses():
            older.put(store, raw, **how)
        for alert_id, visit, preal in SCORED:
            score = {
                "atlas_id": alert_id,
                "visit": visit,
                "day": 0,
                "mjd": 60000.5,
                "stage": "day1",
                "model": "m",
                "preal": preal,
                "pgal": 0.1,
                "rank": 9 * preal,
                "is_gal_cand": 0,
                "is_tns_match": 0,
                "scored_at": "2026-11-02",
                "t0_mjd": 60001.0,
            }
            older.insert(store, "scores", score)
            if version > 1:
                older.insert(store, "shadow_scores", {**score, "model": "shadow"})
        store.execute(
            """UPDATE standing SET (visit, preal, pgal, rank, mjd, day, model, max_rank, mean_rank,
            pending_revision) = (SELECT visit, preal, pgal, rank, mjd, day, model, rank, rank, NULL
            FROM scores s WHERE s.atlas_id = standing.atlas_id ORDER BY visit DESC LIMIT 1)"""
        )
        store.execute("UPDATE standing SET list = 'extragalactic', filed = 'extragalactic' WHERE rank > 7")
        _label(store, version)
        source = {"source": "a.json", "position": "object 3", "reason": "it has no id", "rejected_at": "then"}
        older.insert(store, "rejected", {**source, "atlas_id": FIRST_ID + 9, "times": 2})
        older.insert(store, "rejected", {**source, "position": "object 4"})
        if version > 1:
            older.insert(store, "survey_tables", {"name": "nights", "value": "[1, 2]"})
            older.insert(
                store,
                "insights",
                {
                    "atlas_id": FIRST_ID,
                    "revision": 3,
                    "mjd": 60000.5,
                    "model": "m",
                    "reasons": "[]",
                    "anomaly": "it brightens",
                },
            )
        if version > 2:
            older.insert(store, "teach", {"atlas_id": FIRST_ID + 1, "worth": 0.5, "reason": "in doubt"})
            older.insert(
                store,
                "viewing",
                {
                    "session_id": "s",
                    "scanner": "zoe",
                    "host": "h",
                    "since": "then",
                    "atlas_id": FIRST_ID,
                    "seen_at": "then",
                },
            )
    return store


def _label(store, version):
    """Decisions, an undo and notes; from version 3 on also imported ones, on alerts that are not here."""
    decisions = [
        (FIRST_ID, "good", None, {"note": "nice", "seconds": 3.5, "tags": "odd two", "seen_mjd": 60000.5}),
        (FIRST_ID + 1, "garbage", None, {}),
        (FIRST_ID + 1, None, 1, {}),
        (FIRST_ID + 2, "possible", None, {"follows": "0"}),
    ]
    if version > 2:
        decisions += [
            (FIRST_ID + 700, "pm", None, {"import_id": "in", "scanner": "amy"}),
            (FIRST_ID + 3, "attic", None, {"import_id": "in", "scanner": "amy"}),
        ]
    ids = [f"019aa000-0000-7000-8000-00000000000{number}" for number in range(len(decisions))]
    for number, (alert_id, filed, reverts, more) in enumerate(decisions):
        row = {
            "decision_id": ids[number],
            "atlas_id": alert_id,
            "list": filed,
            "scanner": "zoe",
            "reverts": None if reverts is None else ids[reverts],
            "host": "summit",
            "batch_id": ids[number],
            "timestamp": f"2026-11-03T00:00:0{number}.000Z",
            "preal": 0.9,
            "rank": 8.25,
        }
        older.insert(store, "decisions", {**row, **more})
    for number, filed in ((0, "good"), (2, "possible"), *([(3, "attic")] if version > 2 else [])):
        decision_id = store.execute(
            "SELECT decision_id FROM decisions WHERE atlas_id = ? AND list = ?", (FIRST_ID + number, filed)
        ).fetchone()[0]
        store.execute(
            """UPDATE standing SET list = ?1, decided_list = ?1, decision_id = ?2, decided_by = 'zoe',
            is_undecided = 0 WHERE atlas_id = ?3""",
            (filed, decision_id, FIRST_ID + number),
        )
    note = {"scanner": "zoe", "host": "summit", "timestamp": "then"}
    older.insert(store, "notes", {"note_id": "n1", "atlas_id": FIRST_ID, "note": "look <b>again</b>", **note})
    if version > 2:
        older.insert(store, "notes", {"note_id": "n2", "atlas_id": FIRST_ID + 800, "note": "there", **note})
