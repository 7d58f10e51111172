"""Read all that the store holds of one alert, for the screen's context and for `vra show`."""

import json
import math
import sqlite3
import statistics
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from vra_tui.domain.alert import Annotation
from vra_tui.domain.distance import luminosity_distance
from vra_tui.domain.uniting import annotation_of_text
from vra_tui.store.decisions import DecisionRow, history
from vra_tui.store.finding import UnknownAlert
from vra_tui.store.insight_table import Insight, insight
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.requests import Request, requests_of
from vra_tui.store.scores import latest_of_each_night
from vra_tui.store.sky_maps import MapPlace, places_of
from vra_tui.store.teach_list import teach_reasons


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
    pfollow: float | None
    rank: float | None
    is_gal_cand: bool
    is_tns_match: bool


@dataclass(frozen=True)
class StoredMatch:
    """A catalogued source near the alert; separations in arcsec, distances in Mpc, magnitude as catalogued.

    ``source`` says who matched it (sherlock, ps1, gaia). ``north_arcsec`` and ``east_arcsec`` lead from the
    alert to the source; ``ra``, ``dec`` in degrees. ``star_score``: 0 galaxy to 1 star.
    ``major_axis_arcsec``: half of the longest diameter, as Sherlock has it. ``extra``: what else its
    catalogue says, by the catalogue's own keys.
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
    source: str
    mag: float | None
    mag_band: str | None
    star_score: float | None
    major_axis_arcsec: float | None = None
    ra: float | None = None
    dec: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HeldStamp:
    """A cutout that the store holds: of which image and exposure (MJD), of how many bytes, since when."""

    kind: str
    mjd: float
    size: int
    taken_in: str


@dataclass(frozen=True)
class Association:
    """An alert of another survey at the same place, and where it stands there."""

    survey: str
    object_id: str
    name: str | None
    separation_arcsec: float
    rank: float | None
    list: str | None


@dataclass(frozen=True)
class HostDistance:
    """Distance of a match in Mpc, and where it comes from: measured, catalogued, z, photo-z."""

    mpc: float
    source: str


def host_distance(match: StoredMatch) -> HostDistance | None:
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
class StoredTnsReport:
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
    matches: list[StoredMatch]
    tns: list[StoredTnsReport]
    scores: list[ScoreRow]
    decisions: list[DecisionRow]
    notes: list[Note]
    insight: Insight | None
    psf_arcsec: float | None
    #: Distance of the best match, one for the whole program.
    host_distance: HostDistance | None
    #: Why its label would teach the model much; None where it is not on the list `teach`.
    teach: str | None
    #: What classifiers said, the latest first; those without a time last.
    annotations: list[Annotation]
    #: The latest exposure first.
    stamps: list[HeldStamp]
    #: Alerts of other surveys at this place, the nearest first.
    associations: list[Association]
    #: Events on whose maps it lies within the credible level looked at, the most credible first.
    places: list[MapPlace]
    #: What sources were asked for it, and what came, the latest last.
    requests: list[Request]

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
        raise UnknownAlert(
            "The store does not hold this alert (any more). `vra list all` shows what it holds."
        )
    key = (alert_id,)
    alert = connection.execute(
        """SELECT a.*, n.annotation, n.summary FROM alerts a LEFT JOIN context_notes n USING (alert_id)
        WHERE a.alert_id = ?""",
        key,
    ).fetchone()
    matches = [
        StoredMatch(*row[:-1], _mapping(row[-1]))  # type: ignore[call-arg]
        for row in connection.execute(
            f"SELECT {_names(StoredMatch)} FROM matches WHERE alert_id = ? ORDER BY position", key
        )
    ]
    scores = connection.execute(
        f"""SELECT {_names(ScoreRow)} FROM scores
        WHERE score_id IN ({latest_of_each_night("s.alert_id = ?")}) ORDER BY day""",
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
        tns=_tns(connection, alert_id),
        scores=[ScoreRow(*row) for row in scores],
        decisions=history(connection, alert_id),
        notes=[Note(*row) for row in notes],
        insight=insight(connection, alert_id),
        psf_arcsec=_psf_arcsec(connection, alert_id),
        host_distance=host_distance(matches[0]) if matches else None,
        teach=teach_reasons(connection, [alert_id]).get(alert_id),
        annotations=_annotations(connection, alert_id),
        stamps=_stamps(connection, alert_id),
        associations=associations_of(connection, alert_id),
        places=_places(connection, rows[0]),
        requests=requests_of(connection, alert_id),
    )


def _tns(connection: sqlite3.Connection, alert_id: int) -> list[StoredTnsReport]:
    """Reports on the alert; where there is none, those on other surveys' alerts at its place.

    The separation of these is from the other alert, and left out.
    """
    sql = f"SELECT {_names(StoredTnsReport)} FROM tns_matches WHERE alert_id {{}} ORDER BY discovered_mjd"
    own = [StoredTnsReport(*row) for row in connection.execute(sql.format("= ?"), (alert_id,))]
    if own:
        return own
    at_place = "IN (SELECT other_id FROM associations WHERE alert_id = ?)"
    told = (StoredTnsReport(*row) for row in connection.execute(sql.format(at_place), (alert_id,)))
    return [*{one.designation: replace(one, separation_arcsec=None) for one in told}.values()]


def _mapping(text: str | None) -> Mapping[str, Any]:
    """A JSON object that the store holds; empty where it holds none."""
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _annotations(connection: sqlite3.Connection, alert_id: int) -> list[Annotation]:
    rows = connection.execute(
        "SELECT said FROM annotations WHERE alert_id = ? ORDER BY mjd DESC, topic, said", (alert_id,)
    )
    return [annotation_of_text(row[0]) for row in rows]


def _stamps(connection: sqlite3.Connection, alert_id: int) -> list[HeldStamp]:
    rows = connection.execute(
        """SELECT kind, mjd, length(data), taken_in FROM stamps WHERE alert_id = ?
        ORDER BY mjd DESC, source_id, stamp_id""",
        (alert_id,),
    )
    return [HeldStamp(*row) for row in rows]


def associations_of(connection: sqlite3.Connection, alert_id: int) -> list[Association]:
    """The alerts of other surveys at an alert's place, the nearest first."""
    rows = connection.execute(
        """SELECT o.survey, o.object_id, a.name, n.separation_arcsec, s.rank, s.list
        FROM associations n JOIN objects o ON o.alert_id = n.other_id JOIN alerts a ON a.alert_id = n.other_id
        LEFT JOIN standing s ON s.alert_id = n.other_id
        WHERE n.alert_id = ? ORDER BY n.separation_arcsec, o.survey, o.object_id""",
        (alert_id,),
    )
    return [Association(*row) for row in rows]


def _places(connection: sqlite3.Connection, row: ListRow) -> list[MapPlace]:
    if row.gw_level is None:
        return []
    return [place for place in places_of(connection, row.alert_id) if place.is_within]


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


def _names(kind: type[StoredMatch | StoredTnsReport | ScoreRow | Note]) -> str:
    return ", ".join(one.name for one in fields(kind))
