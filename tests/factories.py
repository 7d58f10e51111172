"""Made-up ATLAS objects for the tests, as the API would deliver them."""

from datetime import datetime, timedelta
from typing import Any

FIRST_ID = 1_100_000_000_000_000_000
#: t0 of the objects made here: the flag date 2023-02-25, of which only the date is known, plus one day.
T0 = 60_001.0
FLAG_DATE = "2023-02-25T00:00:00"

#: Names under which nobody may decide: not seen, not one line, not one form, or the policies'.
NO_NAMES = [
    "", " ", "\u200b", "\u2060\ufeff", "\u3164", "\u2800", "\u0301", "zo\u200be", "\u202eeoz", "z\x1b[31me",
    "zoe\n", "z\toe", "zoe  b", "\ue000", "vra", "VRA", "\uff56\uff52\uff41", " vra ", "z" * 101, "z\udcff",
]  # fmt: skip


class Clock:
    """A clock that advances by a second each time it is looked at."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def detection(phase: float, mag: float = 18.5, *, number: int = 1, **other: Any) -> dict[str, Any]:
    """A row of ``lc`` at a phase in days."""
    mjd = round(T0 + phase, 8)
    row = {
        "mjd": mjd,
        "mag": mag,
        "magerr": 0.1,
        "filter": "o",
        "ra": 150.1,
        "dec": 2.2,
        "mag5sig": 19.5,
        "expname": f"02a{int(mjd)}o{number:04d}o",
        "det": 0,
        "chin": 1.1,
    }
    return {**row, **other}


def nondetection(phase: float, limit: float = 19.3, *, number: int = 500, **other: Any) -> dict[str, Any]:
    """A row of ``lcnondets`` at a phase in days."""
    mjd = round(T0 + phase, 8)
    row = {"mjd": mjd, "filter": "o", "mag5sig": limit, "expname": f"01a{int(mjd)}o{number:04d}o"}
    return {**row, **other}


def forced(phase: float, mag: float = 18.6, *, is_limit: bool = False, **other: Any) -> dict[str, Any]:
    """A row of ``fp`` at a phase in days."""
    mjd = round(T0 + phase, 8)
    row = {
        "mjd_obs": mjd, "expname": f"01a{int(mjd)}o0700o", "filter": "o", "mag": mag, "dm": 0.05,
        "flux": 1000.0, "dflux": 50.0, "snrlimit": 3.0, "limiting_mag": is_limit,
    }  # fmt: skip
    return {**row, **other}


def quad(day: float, mag: float = 18.5) -> list[dict[str, Any]]:
    """Four detections within the hour that ends at a phase of ``day`` − 0.5 days."""
    return [
        detection(
            day - 0.5 + 0.01 * i, mag + 0.02 * i, number=10 + i, ra=150.1 + 2e-5 * i, dec=2.2 - 1e-5 * i**2
        )
        for i in range(-3, 1)
    ]


def missed_quad(day: float, limit: float = 19.3) -> list[dict[str, Any]]:
    """Four non-detections within the hour that ends at a phase of ``day`` − 0.5 days."""
    return [nondetection(day - 0.5 + 0.01 * i, limit, number=500 + i) for i in range(-3, 1)]


def api_object(number: int = 0, **sections: Any) -> dict[str, Any]:
    """An object with a quad of detections on the night before t0 and non-detections before that.

    ``header``: keys of section ``object`` to set; other sections replace what stands here.
    """
    header = {
        "id": FIRST_ID + number,
        "ra": 150.1,
        "dec": 2.2,
        "followup_flag_date": FLAG_DATE,
        "atlas_designation": f"ATLAS23t{number:03d}",
        "other_designation": None,
        "sherlockClassification": "SN",
        "rb_pix": 0.97,
        "realbogus_factor": 0.2,
        "detection_list_id": 4,
        "current_trend": "rising 00.21 (o-o)",
        "date_modified": "2023-02-26T08:00:00Z",
        "survey_field": "ATLAS",
        **sections.pop("header", {}),
    }
    match = {
        "catalogue_object_id": "NGC 9999", "catalogue_table_name": "NED", "association_type": "SN",
        "catalogue_object_type": "galaxy", "separationarcsec": 5.0, "z": 0.05, "photoz": None, "rank": 1,
    }  # fmt: skip
    note = {
        "classification": "SN",
        "annotation": "possibly associated with <em>NGC 9999</em>",
        "summary": '5"',
    }
    return {
        "object": header,
        "lc": quad(0),
        "lcnondets": missed_quad(-2) + missed_quad(-4),
        "fp": [],
        "sherlock_crossmatches": [match],
        "sherlock_classifications": [note],
        "tns_crossmatches": [],
        "external_crossmatches": [],
        **sections,
    }


def tns_report(designation: str = "2023abc", **other: Any) -> dict[str, Any]:
    """A row of ``tns_crossmatches``, discovered half a day before t0."""
    row = {
        "external_designation": designation, "type": None, "mag": 18.4, "discoverer": "ZTF",
        "separation": 0.4,
        "disc_date": "2023-02-25T12:00:00Z", "other_info": "ZTF23x", "url": None,
    }  # fmt: skip
    return {**row, **other}


def ingest_objects(connection: Any, objects: list[dict[str, Any]], clock: Clock) -> Any:
    """Ingest decoded objects, as if they had been read from a file."""
    from vra_tui.pipeline.ingest import ingest
    from vra_tui.surveys.base import Packet

    pieces = (Packet("test", f"object {n}", value) for n, value in enumerate(objects, start=1))
    return ingest(connection, pieces, clock=clock)


def put_alert(connection: Any, survey: str, object_id: str, clock: Clock, **said: Any) -> int:
    """Put one alert of any survey into a store, with `Alert`'s other fields or facts; its number there."""
    import numpy as np

    from vra_tui.domain.alert import FACTS, Alert
    from vra_tui.store.codes import Codes
    from vra_tui.store.intake import put_alerts
    from vra_tui.store.objects import known_numbers

    facts = {name: said.pop(name) for name in list(said) if name in FACTS}
    alert = Alert(survey, object_id, facts={"ra": 150.1, "dec": 2.2, "t0_mjd": T0, **facts}, **said)
    _, refused = put_alerts(
        connection, [alert], clock().isoformat(), lambda ra, dec: np.zeros_like(ra), Codes(connection)
    )
    assert not refused, refused
    return known_numbers(connection, [(survey, object_id)])[survey, object_id]


class FixedModel:
    """A model that gives every alert the same probabilities, or those that a function of the table gives."""

    survey = "atlas"

    def __init__(self, preal: Any = 0.9, pgal: Any = 0.1, name: str = "fixed-1") -> None:
        self.name = name
        self.preal, self.pgal = preal, pgal
        self.asked: list[tuple[str, int]] = []

    def columns(self, stage: str) -> tuple[str, ...]:
        return ()

    def scores(self, table: Any, stage: str) -> Any:
        import numpy as np

        from vra_tui.ranking.rank import is_galactic_candidate, rank
        from vra_tui.scoring.model.trained import Scores

        self.asked.append((stage, len(table)))
        preal, pgal = (
            np.broadcast_to(np.asarray(p(table) if callable(p) else p, dtype=float), len(table)).copy()
            for p in (self.preal, self.pgal)
        )
        unknown = np.full(len(table), np.nan)
        return Scores(preal, pgal, unknown, rank(preal, pgal), is_galactic_candidate(preal, pgal))


def score_all(connection: Any, clock: Clock, **model: Any) -> Any:
    """Score what is new by a `FixedModel`."""
    from vra_tui.pipeline.score import score

    return score(connection, FixedModel(**model), clock=clock, may_discard=all_in_scope)


def all_in_scope(model: Any, table: Any, stage: str) -> Any:
    """Lets the policies discard any alert."""
    import numpy as np

    return np.ones(len(table), dtype=bool)
