"""Find the alert that somebody names: by id, by survey and id, by name, or by TNS designation."""

import json
import sqlite3
from collections.abc import Sequence

from vra_tui.domain.pasted import names_in, position_in, tns_spellings, unquoted
from vra_tui.errors import VraError
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.query import near
from vra_tui.text import printable, well_formed

#: So many of the alerts that share a name are listed.
_LISTED = 20


class UnknownAlert(VraError):
    """An id or name that the store does not hold."""


class AmbiguousAlert(VraError):
    """A name that several alerts share; ``choices`` tells them apart, the first of many."""

    def __init__(self, text: str, count: int, first: Sequence[ListRow]) -> None:
        super().__init__(
            f"{count:,} alerts are called {printable(text, 60)!r}. Nothing was done; name one by its id:"
        )
        more = [f"and {count - len(first):,} more"] if count > len(first) else []
        self.choices = (*map(_choice, first), *more)


def called(survey: str, object_id: str) -> str:
    """An alert in one word, fit for a terminal, by which `find_alert` finds it: `ztf:ZTF18aabeyio`."""
    return f"{printable(survey, 40)}:{printable(object_id, 200)}"


def _choice(row: ListRow) -> str:
    rank = "-" if row.rank is None else f"{row.rank:.2f}"
    return (
        f"{called(row.survey, row.object_id)}  {printable(row.name, 30) or 'unnamed'}  "
        f"RA {row.ra:.5f}  Dec {row.dec:+.5f}  "
        f"rank {rank}  {row.list or 'unscored'}"
    )


def find_alerts(connection: sqlite3.Connection, text: str) -> list[int]:
    """The numbers of the alerts that a pasted ``text`` names, best rank first.

    An object id of any survey as it is written, else a name or a TNS designation, with or without AT or SN; a
    survey before it (`ztf:ZTF18aabeyio`, `ztf ZTF18aabeyio`) narrows both; else the address of its page, or a
    text in which its name stands (`vra_tui.domain.pasted`). None of them is unique: two alerts at one place
    share their TNS report. Raises UnknownAlert where there is none.
    """
    wanted = well_formed(unquoted(text))
    survey, rest = _survey_first(connection, wanted)
    if found := _ranked(connection, objects_called(connection, wanted)):
        return found
    names = names_in(rest) or [rest]
    called = [_survey_first(connection, name) if survey is None else (survey, name) for name in names]
    if found := _first_called(connection, called):
        return found
    raise UnknownAlert(
        f"The store holds no alert called {printable(wanted, 60)!r}. `vra list all` shows what it holds."
    )


def find_near(connection: sqlite3.Connection, text: str) -> list[int]:
    """As `find_alerts`, where ``text`` may also be a position: then the alerts there, the nearest first.

    `vra_tui.domain.position_text` says how positions are written.
    """
    wanted = well_formed(unquoted(text))
    place = position_in(wanted)
    if place is None or _ranked(connection, objects_called(connection, wanted)):
        return find_alerts(connection, text)
    if found := near(connection, *place):
        return found
    where = f"{place.radius_arcsec:g}\u2033 of RA {place.ra:.5f} Dec {place.dec:+.5f}"
    raise UnknownAlert(f"The store holds no alert within {where}.")


def find_alert(connection: sqlite3.Connection, text: str, *, by_position: bool = False) -> int:
    """The number of the one alert that ``text`` names, see `find_alerts`.

    ``by_position``: it may be a position, too (`find_near`). Not where something is decided: what is near is
    not what was meant. Raises UnknownAlert, and AmbiguousAlert with the alerts where several share the name.
    """
    found = (find_near if by_position else find_alerts)(connection, text)
    if len(found) > 1:
        raise AmbiguousAlert(text, len(found), list_rows(connection, found[:_LISTED]))
    return found[0]


def _first_called(connection: sqlite3.Connection, called: Sequence[tuple[str | None, str]]) -> list[int]:
    """The numbers of the alerts with the first of these ids or names that there is, best rank first.

    ``called``: each with its survey, or None for any.
    """
    by_id = (_ranked(connection, objects_called(connection, name, survey)) for survey, name in called)
    nothing: tuple[int, list[int]] = (len(called), [])
    place, found = next(((place, ids) for place, ids in enumerate(by_id) if ids), nothing)
    # Names have no index: those that come before are looked for all at once.
    return _ranked(connection, _first_named(connection, called[:place])) or found


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


def _first_named(connection: sqlite3.Connection, called: Sequence[tuple[str | None, str]]) -> list[int]:
    """The numbers of alerts with the first of these names that there is, theirs or the TNS's.

    Names stand in any case, and so do ids.
    """
    if not called:
        return []
    spellings = [tns_spellings(name) or [name] for _, name in called]
    rows = connection.execute(
        """SELECT o.alert_id, o.survey, word FROM objects o JOIN (
            SELECT alert_id, name AS word FROM alerts
                WHERE name COLLATE NOCASE IN (SELECT value FROM json_each(?1))
            UNION SELECT alert_id, other_name FROM alerts
                WHERE other_name COLLATE NOCASE IN (SELECT value FROM json_each(?1))
            UNION SELECT alert_id, designation FROM tns_matches
                WHERE designation COLLATE NOCASE IN (SELECT value FROM json_each(?1))
            UNION SELECT alert_id, object_id FROM objects
                WHERE object_id COLLATE NOCASE IN (SELECT value FROM json_each(?2))
        ) USING (alert_id)""",
        (json.dumps([one for some in spellings for one in some]), json.dumps([name for _, name in called])),
    ).fetchall()
    for (survey, name), some in zip(called, spellings, strict=True):
        words = {word.lower() for word in (name, *some)}
        found = {row[0] for row in rows if row[2].lower() in words and survey in (None, row[1])}
        if found:
            return sorted(found)
    return []
