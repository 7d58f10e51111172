"""Everything the store holds of one alert, for the context beside its light curve and for `vra show`."""

import json
import math
import re
import sqlite3
import statistics
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from vra_tui.domain.distance import luminosity_distance
from vra_tui.errors import VraError
from vra_tui.store.decisions import DecisionRow, history
from vra_tui.store.insights import Insight, insight
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.scores import IS_OF_THIS_T0
from vra_tui.store.teach import teach_reasons
from vra_tui.text import printable, well_formed

#: What the TNS calls a transient: the year and letters, AT before it until it is classified, then SN.
_DESIGNATION = re.compile(r"(?:(?:AT|SN)[ _]?)?(?P<bare>(?:18|19|20)\d\d[a-z]{1,5})", re.IGNORECASE)
#: So many of the alerts that share a name are listed.
_LISTED = 20


class UnknownAlert(VraError):
    """An id or name that the store does not hold."""


class AmbiguousAlert(VraError):
    """A name that several alerts share; ``choices`` tells them apart."""

    def __init__(self, text: str, rows: Sequence[ListRow]) -> None:
        super().__init__(
            f"{len(rows)} alerts are called {printable(text, 60)!r}. Nothing was done; name one by its id:"
        )
        more = [f"and {len(rows) - _LISTED} more"] if len(rows) > _LISTED else []
        self.choices = (*map(_choice, rows[:_LISTED]), *more)


def _choice(row: ListRow) -> str:
    rank = "-" if row.rank is None else f"{row.rank:.2f}"
    return (
        f"{row.survey}:{printable(row.object_id, 80)}  {printable(row.name, 30) or 'unnamed'}  RA {row.ra:.5f}  Dec {row.dec:+.5f}  "
        f"rank {rank}  {row.list or 'unscored'}"
    )


@dataclass(frozen=True)
class ScoreRow:
    """One score of an alert's history; ``visit`` counts from 1, ``mjd`` is that of the last exposure used."""

    visit: int
    day: int
    mjd: float
    stage: str
    model: str
    preal: float | None
    pgal: float | None
    pfast: float | None
    rank: float | None
    is_gal_cand: bool
    is_tns_match: bool


@dataclass(frozen=True)
class Match:
    """A catalogued source that Sherlock found near the alert; separations in arcsec, distances in Mpc.

    ``north_arcsec`` and ``east_arcsec`` lead from the alert to the source.
    """

    position: int
    catalogue_object_id: str | None
    catalogue: str | None
    association_type: str | None
    object_type: str | None
    separation_arcsec: float | None
    z: float | None
    photoz: float | None
    photoz_err: float | None
    distance_mpc: float | None
    direct_distance_mpc: float | None
    physical_separation_kpc: float | None
    north_arcsec: float | None
    east_arcsec: float | None


@dataclass(frozen=True)
class HostDistance:
    """Distance of a match in Mpc, and where it comes from: measured, catalogued, z, photo-z."""

    mpc: float
    source: str


def host_distance(match: Match) -> HostDistance | None:
    """Distance of a match: measured, else as Sherlock has it, else of its redshift; None where unknown."""
    for mpc, source in ((match.direct_distance_mpc, "measured"), (match.distance_mpc, "catalogued")):
        if mpc is not None and mpc > 0:
            return HostDistance(mpc, source)
    for z, source in ((match.z, "z"), (match.photoz, "photo-z")):
        if z is not None:
            mpc = float(luminosity_distance(z))
            return HostDistance(mpc, source) if math.isfinite(mpc) else None
    return None


@dataclass(frozen=True)
class TnsReport:
    """A report on the Transient Name Server at the alert's position."""

    designation: str
    type: str | None
    mag: float | None
    discoverer: str | None
    discovered_mjd: float | None
    separation_arcsec: float | None
    object_z: float | None


@dataclass(frozen=True)
class Note:
    """A scanner's note on the alert, apart from any decision."""

    scanner: str
    timestamp: str
    note: str


@dataclass(frozen=True)
class AlertDetail:
    """One alert with its context. Text fields are as they came: sanitise them before they are shown."""

    row: ListRow
    rb_pix: float | None
    ebv_sfd: float | None
    comments: str | None
    n_detections: int
    n_nondetections: int
    sherlock_annotation: str | None
    sherlock_summary: str | None
    matches: list[Match]
    tns: list[TnsReport]
    scores: list[ScoreRow]
    decisions: list[DecisionRow]
    notes: list[Note]
    insight: Insight | None
    psf_arcsec: float | None
    #: Distance of the best match, one for the whole program.
    host_distance: HostDistance | None
    #: Why its label would teach the model much; None where it is not on the list `teach`.
    teach: str | None

    @property
    def survey(self) -> str:
        """The survey whose alert it is."""
        return self.row.survey

    @property
    def object_id(self) -> str:
        """Its id there, as the survey writes it."""
        return self.row.object_id


#: Arcsec a pixel of the ATLAS cameras (Tonry et al. 2018): the server gives axes of the image in pixels.
_PIXEL_ARCSEC = 1.86


def alert_detail(connection: sqlite3.Connection, alert_id: int) -> AlertDetail:
    """All about one alert. Raises UnknownAlert."""
    rows = list_rows(connection, [alert_id])
    if not rows:
        raise UnknownAlert(f"The store holds no alert {alert_id}. `vra list all` shows what it holds.")
    key = (alert_id,)
    alert = connection.execute(
        """SELECT a.*, n.annotation, n.summary FROM alerts a LEFT JOIN context_notes n USING (alert_id)
        WHERE a.alert_id = ?""",
        key,
    ).fetchone()
    matches = [
        Match(*row)
        for row in connection.execute(
            f"SELECT {_names(Match)} FROM matches WHERE alert_id = ? ORDER BY position", key
        )
    ]
    tns = connection.execute(
        f"SELECT {_names(TnsReport)} FROM tns_matches WHERE alert_id = ? ORDER BY discovered_mjd", key
    )
    scores = connection.execute(
        # Scores of another t0 are stale: their days and visits are not those of now.
        f"""SELECT {_names(ScoreRow)} FROM scores WHERE score_id IN (
            SELECT max(s.score_id) FROM scores s JOIN alerts a USING (alert_id)
            WHERE {IS_OF_THIS_T0} AND s.alert_id = ? GROUP BY s.day) ORDER BY day""",
        key,
    )
    notes = connection.execute(f"SELECT {_names(Note)} FROM notes WHERE alert_id = ? ORDER BY note_id", key)
    return AlertDetail(
        row=rows[0],
        rb_pix=alert["real_bogus"],
        ebv_sfd=alert["ebv_sfd"],
        comments=alert["comments"],
        n_detections=alert["n_detections"],
        n_nondetections=alert["n_nondetections"],
        sherlock_annotation=alert["annotation"],
        sherlock_summary=alert["summary"],
        matches=matches,
        tns=[TnsReport(*row) for row in tns],
        scores=[ScoreRow(*row) for row in scores],
        decisions=history(connection, alert_id),
        notes=[Note(*row) for row in notes],
        insight=insight(connection, alert_id),
        psf_arcsec=_psf_arcsec(connection, alert_id),
        host_distance=host_distance(matches[0]) if matches else None,
        teach=teach_reasons(connection, [alert_id]).get(alert_id),
    )


def _psf_arcsec(connection: sqlite3.Connection, alert_id: int) -> float | None:
    """Median width (FWHM, arcsec) of the point-spread in the detections' images; None where unknown."""
    widths = [
        math.sqrt(extra["major"] * extra["minor"])
        for extras in detection_extra(connection, alert_id).values()
        for extra in extras
        if _is_width(extra.get("major")) and _is_width(extra.get("minor"))
    ]
    return statistics.median(widths) * _PIXEL_ARCSEC if widths else None


def detection_extra(connection: sqlite3.Connection, alert_id: int) -> dict[str, list[dict[str, Any]]]:
    """The keys of detections that their packed records do not hold: by exposure, in the order of its rows.

    Of exposures from before version 4 of the store one row is known; it stands alone.
    """
    row = connection.execute(
        "SELECT json_zlib FROM detection_extras WHERE alert_id = ?", (alert_id,)
    ).fetchone()
    stored = json.loads(zlib.decompress(row[0])) if row else {}
    return {key: rows if isinstance(rows, list) else [rows] for key, rows in stored.items()}


def _is_width(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < 1_000


def find_alerts(connection: sqlite3.Connection, text: str) -> list[int]:
    """The numbers of the alerts that ``text`` names, best rank first.

    An object id of any survey as it is written, else a name or a TNS designation, with or without AT or SN; a
    survey before it (`ztf:ZTF18aabeyio`, `ztf ZTF18aabeyio`) narrows both. None of them is unique: two alerts
    at one place share their TNS report. Raises UnknownAlert where there is none.
    """
    wanted = well_formed(text.strip())
    survey, rest = _survey_first(connection, wanted)
    found = objects_called(connection, wanted) or (
        objects_called(connection, rest, survey) if survey is not None else []
    )
    ranked = _ranked(connection, found) or _ranked(connection, _named(connection, rest, survey))
    if not ranked:
        raise UnknownAlert(
            f"The store holds no alert called {wanted[:60]!r}. `vra list all` shows what it holds."
        )
    return ranked


def find_alert(connection: sqlite3.Connection, text: str) -> int:
    """The number of the one alert that ``text`` names, see `find_alerts`.

    Raises UnknownAlert, and AmbiguousAlert with the alerts where several share the name.
    """
    found = find_alerts(connection, text)
    if len(found) > 1:
        raise AmbiguousAlert(text, list_rows(connection, found))
    return found[0]


def find_object(connection: sqlite3.Connection, text: str) -> int:
    """As `find_alert`, and of an object of which only decisions are known, which came before its alert."""
    try:
        return find_alert(connection, text)
    except UnknownAlert:
        survey, rest = _survey_first(connection, wanted := well_formed(text.strip()))
        found = objects_called(connection, wanted) or objects_called(connection, rest, survey)
        if len(found) != 1:
            raise
        return found[0]


def objects_called(connection: sqlite3.Connection, object_id: str, survey: str | None = None) -> list[int]:
    """The numbers of objects with this id, of one survey or of any; also of those with decisions alone."""
    surveys = _surveys(connection) if survey is None else [survey]
    rows = connection.execute(
        """SELECT o.alert_id FROM json_each(?) w JOIN objects o ON o.survey = w.value AND o.object_id = ?
        ORDER BY o.survey""",
        (json.dumps(surveys), object_id),
    )
    return [int(row[0]) for row in rows]


def _surveys(connection: sqlite3.Connection) -> list[str]:
    """The surveys of which the store has objects: one step in the index for each."""
    rows = connection.execute(
        """WITH RECURSIVE known (survey) AS (SELECT min(survey) FROM objects UNION ALL
            SELECT (SELECT min(survey) FROM objects o WHERE o.survey > known.survey) FROM known
            WHERE known.survey IS NOT NULL)
        SELECT survey FROM known WHERE survey IS NOT NULL"""
    )
    return [row[0] for row in rows]


def _survey_first(connection: sqlite3.Connection, text: str) -> tuple[str | None, str]:
    """The survey that stands before an id or a name, and the rest; None where there stands none."""
    first, mark, rest = text.partition(":")
    if not mark or " " in first.strip():
        first, _, rest = text.partition(" ")
    named = {survey.casefold(): survey for survey in _surveys(connection)}
    survey = named.get(first.strip().casefold())
    return (survey, rest.strip()) if survey is not None and rest.strip() else (None, text)


def _ranked(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> list[int]:
    """Those of the numbers that are alerts', best rank first."""
    rows = connection.execute(
        """SELECT a.alert_id FROM alerts a LEFT JOIN standing s USING (alert_id)
        WHERE a.alert_id IN (SELECT value FROM json_each(?)) ORDER BY s.rank DESC, a.alert_id""",
        (json.dumps(alert_ids),),
    )
    return [int(row[0]) for row in rows]


def _named(connection: sqlite3.Connection, name: str, survey: str | None) -> list[int]:
    """The numbers of alerts with this name in any case, theirs or the TNS's; ids stand in any case too."""
    of_survey, of = ("", ()) if survey is None else (" AND o.survey = ?", (survey,))
    rows = connection.execute(
        f"""SELECT o.alert_id FROM objects o JOIN (
            SELECT alert_id FROM alerts a JOIN json_each(?1) w
                ON w.value = a.name COLLATE NOCASE OR w.value = a.other_name COLLATE NOCASE
            UNION SELECT alert_id FROM tns_matches t JOIN json_each(?1) w
                ON w.value = t.designation COLLATE NOCASE
            UNION SELECT alert_id FROM objects WHERE object_id = ?2 COLLATE NOCASE
        ) USING (alert_id) WHERE 1{of_survey}""",
        (json.dumps(_spellings(name)), name, *of),
    )
    return [int(row[0]) for row in rows]


def _spellings(name: str) -> list[str]:
    """The ways in which a TNS designation is written; of any other name, itself."""
    designation = _DESIGNATION.fullmatch(name)
    if designation is None:
        return [name]
    bare = designation["bare"]
    return [bare, *(f"{prefix}{gap}{bare}" for prefix in ("AT", "SN") for gap in ("", " ", "_"))]


def _names(kind: type[Match | TnsReport | ScoreRow | Note]) -> str:
    return ", ".join(field.name for field in fields(kind))
