"""Take alerts over from another store: what is known of them there is united with what is known here."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from vra_tui.domain.alert import Stamp, StampKind
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.store.codes import Codes, band_names, instrument_names
from vra_tui.store.id_lists import json_ids
from vra_tui.store.intake import Extinction, Intake, Said, put_said
from vra_tui.store.known_objects import read_known

#: Alerts held in memory at once.
_AT_ONCE = 250
_OBJECTS = """SELECT alert_id, survey, object_id FROM alerts JOIN objects USING (alert_id)
    WHERE alert_id > ? ORDER BY alert_id LIMIT ?"""
_STAMPS = """SELECT alert_id, kind, data, mjd, source_id FROM stamps
    WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY stamp_id"""


def take_over(
    here: sqlite3.Connection,
    there: sqlite3.Connection,
    *,
    now: str,
    extinction: Extinction,
    forced_within: Callable[[str], float] = lambda survey: 0.0,
) -> Intake:
    """Take in all alerts of another store, which was opened by `bundle.other_store` and so checked.

    In whichever order stores are taken over, the same is known in the end, as of packets
    (`domain.uniting`). Scores and decisions stay there: this store scores by its own model, and labels
    travel by themselves. ``now``: ISO 8601. ``forced_within``: of each survey, see `Alert.forced_within`.
    Call outside of a transaction. What cannot be read there raises ValueError in its kinds; whole batches
    before it are kept.
    """
    codes = _CodesOf(Codes(here), there, forced_within)
    total = Intake()
    for said in _batches(there, codes):
        total += put_said(here, said, now, extinction)[0]
    return total


def _batches(there: sqlite3.Connection, codes: "_CodesOf") -> Iterator[list[Said]]:
    after = -(1 << 63)
    while rows := there.execute(_OBJECTS, (after, _AT_ONCE)).fetchall():
        after = rows[-1][0]
        numbers = [row[0] for row in rows]
        known = read_known(there, numbers)
        stamps: dict[int, list[Stamp]] = {}
        for number, kind, data, mjd, source_id in there.execute(_STAMPS, (json_ids(numbers),)):
            stamps.setdefault(number, []).append(Stamp(StampKind(kind), data, mjd, source_id))
        said = []
        for number, survey, object_id in rows:
            one = known[number]
            known_here = replace(one, curve=codes.recoded(survey, one.curve))
            said.append(Said((survey, object_id), known_here, stamps.get(number, [])))
        yield said


class _CodesOf:
    """Codes of another store's instruments and bands, in those of this one; only what is used is entered."""

    def __init__(self, here: Codes, there: sqlite3.Connection, forced_within: Callable[[str], float]) -> None:
        self._here, self._there, self._forced_within = here, there, forced_within
        self._bands = band_names(there)
        self._instruments: dict[str, dict[int, str]] = {}

    def recoded(self, survey: str, timed: TimedLightCurve) -> TimedLightCurve:
        """The light curve of one of a survey's objects in the codes of this store."""
        if survey not in self._instruments:
            self._instruments[survey] = instrument_names(self._there, survey)
        used: dict[str, set[int]] = {
            name: {int(code) for section in timed.curve.sections for code in np.unique(section.records[name])}
            for name in ("instrument", "band")
        }
        instruments, bands = self._here.table(
            survey,
            {code: name for code, name in self._instruments[survey].items() if code in used["instrument"]},
            {code: name for code, name in self._bands.items() if code in used["band"]},
        )
        return replace(timed, forced_within=self._forced_within(survey)).recoded(instruments, bands)
