"""Read what `stream-1` needs besides light curves, as known at a given time."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.hosts import NearSources
from vra_tui.store.columns import read_arrays
from vra_tui.store.id_lists import json_ids

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Facts (`domain.alert.FACTS`) that are features, or that features are made of.
FACTS = (
    "real_bogus star_score star_arcsec gaia_arcsec gaia_mag solar_arcsec solar_mag reference_arcsec "
    "reference_mag fwhm_arcsec elongation is_dipole trail_arcsec n_bad_pixels extendedness n_detections_told "
    "first_told_mjd"
).split()


@dataclass(frozen=True, eq=False)
class StreamRecords:
    """The records of n alerts in ascending order of id, and the m sources near them.

    ``facts``: columns of shape (n,), NaN where not told by then. ``context_class``: the survey's class by
    context, "" where there is none. ``looked``: whether somebody looked for sources near. ``t0_is_derived``:
    the survey did not say it. ``associated``, shape (k, 2): rows of alerts and ids of alerts of other surveys
    at their places, the nearest first.
    """

    alert_id: Ints
    ra: Floats
    dec: Floats
    ebv: Floats
    t0_mjd: Floats
    t0_is_derived: Bools
    facts: Mapping[str, Floats]
    context_class: NDArray[np.str_]
    looked: Bools
    near: NearSources
    associated: Ints

    def __len__(self) -> int:
        return len(self.alert_id)


_ALERTS = f"""
SELECT a.alert_id, a.ra, a.dec, a.ebv_sfd, a.t0_mjd, a.t0_is_derived, a.as_of,
    coalesce(a.context_class, ''), coalesce(n.classification, ''), n.alert_id IS NOT NULL,
    {", ".join(f"a.{name}" for name in FACTS)}
FROM alerts a LEFT JOIN context_notes n USING (alert_id)
WHERE a.alert_id IN (SELECT value FROM json_each(?)) ORDER BY a.alert_id
"""
# Only words that differ from the newest time stand there, and what was said to be empty.
_WORDS = """
SELECT a.alert_id, w.key, w.value FROM alerts a, json_each(a.fact_times) w
WHERE a.alert_id IN (SELECT value FROM json_each(:ids)) AND a.fact_times IS NOT NULL
    AND (a.as_of > :earliest OR w.key LIKE 'matches %')
ORDER BY a.alert_id, w.key
"""


def _magnitude(band: str) -> str:
    """SQL: a magnitude of a match, which matchers keep under keys of their own where there are several."""
    kept = ", ".join(f"m.extra ->> '$.{key}'" for key in (f"{band}_mag", f"field_{band}"))
    return f"coalesce(iif(m.mag_band = '{band}', m.mag, NULL), {kept})"


_NEAR = f"""
SELECT m.alert_id, m.source, coalesce(m.catalogue, ''), coalesce(m.association_type, ''),
    coalesce(m.object_type, ''), m.separation_arcsec, m.north_arcsec, m.east_arcsec, m.z, m.photoz,
    m.distance_mpc, m.direct_distance_mpc, m.major_axis_arcsec,
    coalesce(m.mag, {", ".join(map(_magnitude, "rigz"))}),
    {_magnitude("g")} - {_magnitude("r")}, m.star_score
FROM matches m WHERE m.alert_id IN (SELECT value FROM json_each(?)) ORDER BY m.alert_id, m.position
"""
_ASSOCIATED = """
SELECT alert_id, other_id FROM associations WHERE alert_id IN (SELECT value FROM json_each(?))
ORDER BY alert_id, separation_arcsec, other_id
"""
#: Times are kept to 1e-9 day in light curves: what was said at an epoch was known at it.
_SAME_TIME = 1e-9


def read_stream_records(
    connection: sqlite3.Connection, alert_ids: Sequence[int], at_mjd: Mapping[int, float] | float = np.inf
) -> StreamRecords:
    """The records of the named alerts; ids that the store does not hold are left out.

    ``at_mjd``: a time for all, or one by id: what was said later is not known. Of each thing the store keeps
    the newest word only: where that came later it is NaN, whatever was said before. Position, dust and t0
    are given whenever they were said.
    """
    ids = json_ids(alert_ids)
    alert_id, ra, dec, ebv, t0_mjd, t0_is_derived, as_of, from_fact, from_note, has_note, *facts = (
        read_arrays(connection, _ALERTS, (ids,), types="iffff?fOO?" + "f" * len(FACTS))
    )
    at = (
        np.full(len(alert_id), at_mjd)
        if isinstance(at_mjd, int | float)
        else np.array([at_mjd[number] for number in alert_id.tolist()], dtype=np.float64)
    )
    said = _Said.read(connection, ids, alert_id, as_of, at)
    knows_note = has_note & said.by_then("context")
    from_fact = np.where(said.by_then("context_class"), from_fact, "").astype(np.str_)
    near, was_listed = _near(connection, ids, alert_id, said)
    return StreamRecords(
        alert_id=alert_id,
        ra=ra,
        dec=dec,
        ebv=ebv,
        t0_mjd=t0_mjd,
        t0_is_derived=t0_is_derived,
        facts={
            name: np.where(said.by_then(name), column, np.nan)
            for name, column in zip(FACTS, facts, strict=True)
        },
        context_class=np.where(from_fact != "", from_fact, np.where(knows_note, from_note, "")).astype(
            np.str_
        ),
        looked=was_listed | said.was_empty_by_then("matches ") | knows_note | (from_fact != ""),
        near=near,
        associated=_associated(connection, ids, alert_id),
    )


@dataclass(frozen=True, eq=False)
class _Said:
    """When things were said of n alerts: at the newest time of each, but for ``words`` with one of their own.

    ``row``, ``name``, ``time``: of those words.
    """

    newest: Floats
    at: Floats
    row: Ints
    name: NDArray[np.str_]
    time: Floats

    @classmethod
    def read(
        cls, connection: sqlite3.Connection, ids: str, alert_id: Ints, newest: Floats, at: Floats
    ) -> "_Said":
        until = at + _SAME_TIME
        # A packet's time does not become NaN: SQL compares with numbers alone.
        earliest = float(until.min(initial=np.inf))
        owner, name, time = read_arrays(connection, _WORDS, {"ids": ids, "earliest": earliest}, types="iOf")
        return cls(newest, until, np.searchsorted(alert_id, owner), name.astype(np.str_), time)

    def time_of(self, name: str) -> Floats:
        """Tell when a thing was said of each alert, shape (n,), if it was."""
        found = self.newest.copy()
        is_it = self.name == name
        found[self.row[is_it]] = self.time[is_it]
        return found

    def by_then(self, name: str) -> Bools:
        """Tell whether the word on a thing is not of later, shape (n,)."""
        return self.time_of(name) <= self.at

    def was_empty_by_then(self, prefix: str) -> Bools:
        """Whether something of this prefix has a time of its own by then, as what is empty always has."""
        found = np.zeros(len(self.newest), dtype=bool)
        is_it = np.char.startswith(self.name, prefix) & (self.time <= self.at[self.row])
        found[self.row[is_it]] = True
        return found


def _near(connection: sqlite3.Connection, ids: str, alert_id: Ints, said: _Said) -> tuple[NearSources, Bools]:
    """The sources that were listed by then, and for which alerts there were any."""
    number, *columns = read_arrays(connection, _NEAR, (ids,), types="iOOOO" + "f" * 11)
    texts = (column.astype(np.str_) for column in columns[:4])
    near = NearSources(np.searchsorted(alert_id, number), *texts, *columns[4:])
    known = np.zeros(len(near), dtype=bool)
    for matcher in np.unique(near.matcher).tolist():
        is_his = near.matcher == matcher
        known[is_his] = said.by_then(f"matches {matcher}")[near.owner[is_his]]
    near = near[known]
    return near, np.bincount(near.owner, minlength=len(alert_id)) > 0


def _associated(connection: sqlite3.Connection, ids: str, alert_id: Ints) -> Ints:
    mine, other = read_arrays(connection, _ASSOCIATED, (ids,), types="ii")
    return np.stack([np.searchsorted(alert_id, mine), other], axis=1)
