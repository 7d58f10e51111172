"""Packets changed at random are alerts fit to be kept, or refused with a reason; none ends the program."""

import copy
import json
import math
import random
from typing import Any

import numpy as np
import orjson
import pytest

from tests.factories import api_object, forced, quad, tns_report
from tests.sources.made import CSV, FORCED_TEXT, read
from tests.surveys.atlas.test_packet import packet_value as atlas_packet
from tests.surveys.lsst.made import LASAIR_DATA, LITE, OBJECT, ROW, lasair_alert, limit, packet_value
from tests.surveys.lsst.test_alerce import answer as alerce_answer
from tests.surveys.lsst.test_alerce import row as alerce_row
from tests.surveys.lsst.test_packet import FINK
from tests.surveys.nested import copied, places
from vra_tui.domain.alert import FACTS, Alert, Refused
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.domain.uniting import KnownObject
from vra_tui.surveys.atlas import Atlas
from vra_tui.surveys.base import EpochTable, Packet
from vra_tui.surveys.lsst import Lsst
from vra_tui.surveys.table import Table

pytestmark = pytest.mark.slow

MUTATIONS = 500
ODD: tuple[Any, ...] = (
    None, True, False, "", "x", "NaN", "12.5", "\x1b[2J", "y" * 20_000, "9" * 5_000, b"bytes", [], {}, [[]],
    [None], {"a": {}}, 0, 1, -1,
    0.0, -0.0, 5e-324, 1e300, -1e300, 1e308, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 2**64, 10**40, 10**400,
    math.nan, math.inf, -math.inf, 61_000.5, -99.0, -999.0, [{"mjd": 1}], np.float32(5.0),
)  # fmt: skip
#: Those that JSON can hold.
JSON = tuple(value for value in ODD if not isinstance(value, bytes | np.generic))

SEEDS: dict[str, tuple[Any, Any]] = {
    "atlas object": (Atlas(), api_object(tns_crossmatches=[tns_report()], fp=[forced(-0.5)])),
    "atlas object with doubles": (
        Atlas(),
        api_object(lc=[{**row, "x": 5.5, "y": 6.5} for row in quad(0) * 2]),
    ),
    "atlas packet": (Atlas(), atlas_packet()),
    "lsst packet": (Lsst(), packet_value(prvDiaNondetectionLimits=[limit(1)])),
    "lsst packet by fink": (Lsst(), packet_value(**FINK)),
    "lasair alert": (Lsst(), lasair_alert(annotations=LASAIR_DATA["annotations"])),
    "lasair message": (Lsst(), {**ROW, "alert": lasair_alert()}),
    "lasair row": (Lsst(), ROW),
    "lasair object": (Lsst(), {"diaObjectId": OBJECT, **lasair_alert(), "lasairData": LASAIR_DATA}),
    "lasair short form": (Lsst(), LITE),
    "alerce answer": (
        Lsst(),
        alerce_answer(
            object={"n_det": 3, "firstmjd": 60983.1, "meanra": 9.05, "meandec": -44.1},
            forced_photometry=[alerce_row(measurement_id=71)],
            probabilities=[{"classifier_name": "stamp", "class_name": "SN", "probability": 0.5}],
        ),
    ),
}


def mutated(value: Any, chance: random.Random, is_json: bool) -> Any:
    """With keys lost, values of all kinds put in, one key changed in all rows, or nested without end."""
    value = copied(value)
    for _ in range(chance.randint(1, 3)):
        found = places(value)
        if not found:
            return chance.choice(JSON)
        *path, last = chance.choice(found)
        inside = value
        for key in path:
            inside = inside[key]
        odd = copy.deepcopy(chance.choice(ODD if not is_json else JSON))
        kind = chance.random()
        if kind < 0.2:
            del inside[last]
        elif kind < 0.3 and isinstance(inside, list):
            for row in inside:
                if isinstance(row, dict) and row:
                    row[chance.choice(list(row))] = copy.deepcopy(odd)
        elif kind < 0.35:
            for _ in range(chance.choice((5, 60, 700))):
                odd = [odd] if chance.random() < 0.5 else {"k": odd}
            inside[last] = odd
        else:
            inside[last] = odd
    return value


def taken(survey: Any, packet: Packet) -> bool:
    """Whether a packet is taken in; then all of its alert must be fit to be kept."""
    known = survey.recognises(packet)
    assert known in (True, False)
    if not known:
        return False
    try:
        alert = survey.alert(packet)
    except Refused as refused:
        reason = str(refused)
        assert 0 < len(reason) < 400
        return False
    check(survey, alert)
    return True


def check(survey: Any, alert: Alert) -> None:
    assert isinstance(alert.object_id, str)
    assert alert.object_id
    assert math.isfinite(alert.as_of)
    assert set(alert.facts) <= set(FACTS)
    for fact in alert.facts.values():
        assert fact is None or type(fact) in (int, float, str, bool)
        assert not isinstance(fact, float) or math.isfinite(fact)
        assert type(fact) is not int or abs(fact) < 2**63
        assert not isinstance(fact, str) or len(fact) <= 10_000
    ra, dec = alert.facts.get("ra"), alert.facts.get("dec")
    assert ra is None or 0.0 <= ra < 360.0
    assert dec is None or -90.0 <= dec <= 90.0
    for section in alert.light_curve.sections:
        assert all(section.instrument < max(len(alert.instruments), 1))
        assert all(section.band < max(len(alert.bands), 1))
    kept = [alert.details, alert.extra, alert.matches, alert.tns, alert.annotations]
    if survey.name == "atlas":  # keys unknown to us are kept as JSON has them: whole numbers of any length
        json.dumps(kept, default=str)
    else:
        orjson.dumps(kept)
    curve = TimedLightCurve.of(alert.light_curve, alert.as_of)
    known = KnownObject.of(alert, curve)
    assert known.united(known).facts == known.facts


@pytest.mark.parametrize("name", SEEDS)
def test_a_packet_changed_at_random_is_taken_or_refused(name):
    survey, value = SEEDS[name]
    chance = random.Random(12)
    options = {"name": "N1"} if name == "lasair short form" else {}
    found = [
        taken(survey, Packet("made", "record 1", mutated(value, chance, "object" in value), options=options))
        for _ in range(MUTATIONS)
    ]
    assert any(found)
    assert not all(found)


@pytest.mark.parametrize(("survey", "text"), [(Table(), CSV + "A1,60003,99,x,\n"), (Atlas(), FORCED_TEXT)])
def test_a_table_changed_at_random_is_taken_or_refused(survey, text):
    table = read(text.encode(), ra=1.0, dec=2.0)[0][0].value
    chance = random.Random(12)
    found = []
    for _ in range(MUTATIONS):
        columns = {name: np.array(values, dtype=object) for name, values in table.columns.items()}
        for _ in range(chance.randint(1, 4)):
            name = chance.choice(list(columns))
            if chance.random() < 0.2:
                columns[chance.choice(("jd", "ujy", "njy", "flux", "zp", "limit", "score", "candid"))] = (
                    columns.pop(name)
                )
            else:
                cell = np.empty((), dtype=object)
                cell[()] = chance.choice(ODD)
                columns[name][chance.randrange(len(columns[name]))] = cell[()]
        options = chance.choice(({}, {"ra": 10.5, "dec": 5.0}, {"ra": 400.5, "dec": 5.0}))
        packet = Packet("made", "object 1", EpochTable("A1", columns, table.kind), "table", options=options)
        found.append(taken(survey, packet))
    assert any(found)
    assert not all(found)
